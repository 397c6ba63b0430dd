//! What makes an offer or a localization: [`CreateOffer`] and [`CreateLocalization`].

use std::collections::BTreeMap;

use super::data::{
    EntitlementData, EventData, FreeTrialData, GeoRestrictionData, PauseData, PeriodData,
    PriceData, body,
};
use crate::member::Member;

body! {
    /// Data of a new offer (docs/cleeng-api.md §5.4). Each type has a function that begins it with what it needs.
    ///
    /// What is `None` is not sent. No field says that the offer is active: a new one presumably is.
    ///
    /// ```
    /// use cleeng_client::{
    ///     Decimal,
    ///     rest::{CreateOffer, FreeTrialData, PeriodData, PriceData},
    /// };
    ///
    /// let price = PriceData::new(Decimal::new(1999, 2));
    /// let offer = CreateOffer::subscription("Everything", price, PeriodData::new(1, "month"))
    ///     .url("https://club.tv/all")
    ///     .free_trial(FreeTrialData::days(7))
    ///     .tags(["sport".to_owned()]);
    /// ```
    CreateOffer (
        /// `subscription`, `pass`, `live` or `vod`. It cannot be changed later.
        #[serde(rename = "type")]
        offer_type: String,
        /// The title, at most 70 characters (255 when it is changed).
        title: String,
        /// The price.
        price: PriceData,
    )
    {
        /// The description, at most 255 characters.
        description: Option<String>,
        /// The address of the content, at most 200 characters.
        url: Option<String>,
        /// The address of a picture, at most 255 characters.
        image_url: Option<String>,
        /// The tags of the content that it opens, or that open it: each at most 64 characters of
        /// `[a-zA-Z0-9_\-: ]`, none twice.
        tags: Option<Vec<String>>,
        /// The time between two payments; a subscription needs it. It cannot be changed later.
        billing_cycle: Option<PeriodData>,
        /// How long access lasts; passes and VOD need it.
        entitlement: Option<EntitlementData>,
        /// When the event takes place; live offers need it.
        event: Option<EventData>,
        /// The trial, for subscriptions only.
        free_trial: Option<FreeTrialData>,
        /// The countries that the offer is limited to, or closed to.
        geo_restriction: Option<GeoRestrictionData>,
        /// The publisher's own texts by own keys.
        external_properties: Option<BTreeMap<String, String>>,
        /// The ids of the same product in app stores: `apple`, `amazon`, `android`, `roku`,
        /// `samsung`, `vizio`.
        app_store_product_ids: Option<BTreeMap<String, String>>,
        /// Whether the offer can be given as a present. The stored page ends before it would say
        /// whether a create takes it.
        giftable: Option<bool>,
        /// For how long customers may pause. The stored page ends before it would say whether a
        /// create takes it. It cannot be changed later.
        pause: Option<PauseData>,
        /// The group of seasons, a UUID; needed if the billing cycle is a season.
        season_group_id: Option<String>,
        /// How many sessions may run at once, from 1. It cannot be changed later.
        sessions_limit: Option<u32>,
        /// What differs in other countries.
        localizations: Option<Vec<CreateLocalization>>,
    }
}

impl CreateOffer {
    /// Begins a subscription, which is paid again every billing cycle.
    pub fn subscription(
        title: impl Into<String>,
        price: PriceData,
        billing_cycle: PeriodData,
    ) -> Self {
        Self::begin("subscription".to_owned(), title.into(), price).billing_cycle(billing_cycle)
    }

    /// Begins a pass, which is paid once and ends.
    pub fn pass(title: impl Into<String>, price: PriceData, entitlement: EntitlementData) -> Self {
        Self::begin("pass".to_owned(), title.into(), price).entitlement(entitlement)
    }

    /// Begins a live event.
    pub fn live(title: impl Into<String>, price: PriceData, event: EventData) -> Self {
        Self::begin("live".to_owned(), title.into(), price).event(event)
    }

    /// Begins a one-time purchase: over JSON-RPC a single offer, a rental or a VOD offer.
    pub fn vod(title: impl Into<String>, price: PriceData, entitlement: EntitlementData) -> Self {
        Self::begin("vod".to_owned(), title.into(), price).entitlement(entitlement)
    }
}

body! {
    /// Data of an offer in one more country (docs/cleeng-api.md §5.2, §5.5).
    ///
    /// What is not set is not sent, and `Member::Null` says that there is none: a country may take what it does not say from
    /// the offer. The service refuses a country that the offer has, active or not.
    CreateLocalization (
        /// The country, ISO 3166-1 alpha-2.
        country_code: String,
        /// The title, at most 255 characters.
        title: String,
        /// The price, with its currency.
        price: PriceData,
    )
    {
        /// The description, at most 255 characters.
        description: Option<String>,
        /// The countries that it is limited to, or closed to.
        geo_restriction: Member<GeoRestrictionData>,
        /// The trial, for subscriptions only.
        free_trial: Member<FreeTrialData>,
    }
}

impl CreateLocalization {
    /// Begins the data for one country. The price needs its currency.
    pub fn new(
        country_code: impl Into<String>,
        title: impl Into<String>,
        price: PriceData,
    ) -> Self {
        Self::begin(country_code.into(), title.into(), price)
    }
}
