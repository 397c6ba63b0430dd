//! What answers say of an offer: [`Offer`] and the objects inside.
//!
//! Members that no documentation knows are passed over; all but the id may be missing, and a
//! [`Member`](crate::Member) tells that from "no value". An empty text is a value.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::etag::ETag;
use super::object::answer;
use crate::offer_id::OfferId;

answer! {
    /// An offer, as the service describes it (docs/cleeng-api.md §5.3).
    Offer, "an offer"
    (
        /// The offer's id without a country, `S123456789`. An answer without one is an error.
        id: OfferId = "id"
    )
    [
        /// The version for `If-Match`, from the answer's header. Only an answer to a request that
        /// had one or asked for one has it; the offers of a list never do.
        etag: Option<ETag>
    ]
    {
        /// The id with the account's country, `S123456789_US`.
        long_id: OfferId = "longId",
        /// `subscription`, `pass`, `live` or `vod`.
        offer_type: String = "type",
        /// The title.
        title: String = "title",
        /// The description.
        description: String = "description",
        /// The address of the content.
        url: String = "url",
        /// The address of a picture.
        image_url: String = "imageUrl",
        /// The tags of the content that it opens, or that open it: REST has one field for both.
        tags: Vec<String> = "tags",
        /// Whether the offer is on sale.
        active: bool = "active",
        /// The price in the account's country.
        price: Price = "price",
        /// The time between two payments (subscriptions).
        billing_cycle: Period = "billingCycle",
        /// How long access lasts (passes and VOD).
        entitlement: Entitlement = "entitlement",
        /// When the event takes place (live offers).
        event: EventTimes = "event",
        /// The trial (subscriptions).
        free_trial: FreeTrial = "freeTrial",
        /// The countries that the offer is limited to, or closed to.
        geo_restriction: GeoRestriction = "geoRestriction",
        /// The publisher's own texts by own keys ("custom parameters" in the dashboard).
        external_properties: BTreeMap<String, String> = "externalProperties",
        /// The ids of the same product in app stores: `apple`, `amazon`, `android`, `roku`,
        /// `samsung`, `vizio`.
        app_store_product_ids: BTreeMap<String, String> = "appStoreProductIds",
        /// Whether the offer can be given as a present.
        giftable: bool = "giftable",
        /// For how long customers may pause.
        pause: Pause = "pause",
        /// The group of seasons that a seasonal subscription belongs to, a UUID.
        season_group_id: String = "seasonGroupId",
        /// How many sessions may run at once.
        sessions_limit: i64 = "sessionsLimit",
        /// Whether the offer has a page of its own. Nobody can set it.
        has_landing_page: bool = "hasLandingPage",
        /// What differs in other countries.
        localizations: Vec<Localization> = "localizations",
        /// When it was created, in unix seconds.
        created_at: i64 = "createdAt",
        /// When it was last changed, in unix seconds.
        updated_at: i64 = "updatedAt",
        /// Counts the changes. Presumably what the [`ETag`] is made of (docs/cleeng-api.md §5.1).
        version: i64 = "version",
    }
}

answer! {
    /// An offer in one country (docs/cleeng-api.md §5.3).
    Localization, "a localization" {
        /// The id with the country, `S123456789_FR`.
        id: OfferId = "id",
        /// The country, ISO 3166-1 alpha-2.
        country_code: String = "countryCode",
        /// The title.
        title: String = "title",
        /// The description.
        description: String = "description",
        /// The price in the country's currency.
        price: Price = "price",
        /// Whether it is on sale in the country.
        active: bool = "active",
        /// The countries that it is limited to, or closed to.
        geo_restriction: GeoRestriction = "geoRestriction",
        /// The trial (subscriptions).
        free_trial: FreeTrial = "freeTrial",
    }
}

answer! {
    /// A price (docs/cleeng-api.md §5.3).
    Price, "a price" {
        /// The amount, as it is written.
        amount: Decimal = "amount",
        /// The currency, ISO 4217.
        currency: String = "currency",
        /// Whether tax is in the amount.
        tax_included: bool = "taxIncluded",
        /// Other amounts that hold for a time.
        rules: Vec<PriceRule> = "rules",
    }
}

answer! {
    /// A price that holds for a time, such as an early bird (docs/cleeng-api.md §5.3).
    PriceRule, "a price rule" {
        /// When it begins, in unix seconds.
        from: i64 = "from",
        /// When it ends, in unix seconds.
        to: i64 = "to",
        /// The amount, in the currency of the price.
        amount: Decimal = "amount",
        /// What it is called.
        name: String = "name",
    }
}

answer! {
    /// A length of time: a billing cycle, or how long access lasts (docs/cleeng-api.md §5.3).
    Period, "a period" {
        /// `day`, `week`, `month` or `year`; a billing cycle also `season`, a duration also `hour`.
        period_unit: String = "periodUnit",
        /// How many of them.
        amount: i64 = "amount",
    }
}

answer! {
    /// How long access lasts (docs/cleeng-api.md §5.3).
    Entitlement, "an entitlement" {
        /// `fixed-date` or `duration`.
        expiration_policy: String = "expirationPolicy",
        /// When it ends, in unix seconds, if at a fixed date.
        expires_at: i64 = "expiresAt",
        /// How long it lasts after the purchase, if not.
        duration: Period = "duration",
    }
}

answer! {
    /// When an event takes place (docs/cleeng-api.md §5.3).
    EventTimes, "the times of an event" {
        /// When it begins, in unix seconds.
        starts_at: i64 = "startsAt",
        /// When it ends, in unix seconds.
        ends_at: i64 = "endsAt",
        /// The time zone, an IANA name.
        timezone: String = "timezone",
    }
}

answer! {
    /// A trial (docs/cleeng-api.md §5.3).
    FreeTrial, "a free trial" {
        /// `day`, or `period` for billing cycles.
        trial_type: String = "type",
        /// How many of them.
        duration: i64 = "duration",
    }
}

answer! {
    /// A list of countries (docs/cleeng-api.md §5.3).
    GeoRestriction, "a geo restriction" {
        /// `whitelist` or `blacklist`.
        restriction_type: String = "type",
        /// The countries, ISO 3166-1 alpha-2.
        countries: Vec<String> = "countries",
    }
}

answer! {
    /// For how long customers may pause (docs/cleeng-api.md §5.3).
    Pause, "a pause" {
        /// The most billing cycles.
        max_billing_cycles: i64 = "maxBillingCycles",
    }
}
