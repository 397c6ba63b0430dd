//! What changes an offer or a localization: [`PatchOffer`] and [`PatchLocalization`].

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::data::{FreeTrialData, GeoRestrictionData, PeriodData, PriceRuleData, body};
use crate::member::Member;

body! {
    /// Changes to an offer: all that can change at all (docs/cleeng-api.md §5.5).
    ///
    /// What is not set stays as it is; `Member::Null` clears. Lists and maps are replaced whole.
    /// Type, billing cycle, currency, limit of sessions and pause cannot be changed, whether the
    /// offer is active only by `Writer::activate` and its counterpart.
    ///
    /// ```
    /// use cleeng_client::{Decimal, Member, rest::{PatchOffer, PatchPrice}};
    ///
    /// let patch = PatchOffer {
    ///     geo_restriction: Member::Null,
    ///     ..PatchOffer::default()
    ///         .title("Everything")
    ///         .price(PatchPrice::default().amount(Decimal::new(1999, 2)))
    /// };
    /// ```
    PatchOffer {
        /// The title, 1 to 255 characters.
        title: Option<String>,
        /// The description, at most 255 characters.
        description: Option<String>,
        /// The tags, the whole list.
        tags: Option<Vec<String>>,
        /// The address of the content, at most 200 characters; `http`, `https` or `ftp`.
        url: Member<String>,
        /// The address of a picture, at most 255 characters.
        image_url: Member<String>,
        /// The price, without its currency.
        price: Option<PatchPrice>,
        /// The countries that the offer is limited to, or closed to.
        geo_restriction: Member<GeoRestrictionData>,
        /// How long access lasts (passes and VOD).
        entitlement: Option<PatchEntitlement>,
        /// When the event takes place (live offers).
        event: Option<PatchEvent>,
        /// The trial (subscriptions).
        free_trial: Member<FreeTrialData>,
        /// The publisher's own texts by own keys, the whole map.
        external_properties: Member<BTreeMap<String, String>>,
        /// The ids of the same product in app stores. Stores that do not change are to be
        /// repeated.
        app_store_product_ids: Member<BTreeMap<String, String>>,
        /// The group of seasons, a UUID (seasonal subscriptions).
        season_group_id: Option<String>,
        /// Whether the offer can be given as a present.
        giftable: Option<bool>,
    }
}

body! {
    /// Changes to an offer in one country: all that can change there (docs/cleeng-api.md §5.5).
    ///
    /// What is not set stays as it is; `Member::Null` clears.
    PatchLocalization {
        /// The title, 1 to 255 characters.
        title: Option<String>,
        /// The description, at most 255 characters.
        description: Option<String>,
        /// The price, without its currency.
        price: Option<PatchPrice>,
        /// The countries that it is limited to, or closed to.
        geo_restriction: Member<GeoRestrictionData>,
        /// The trial (subscriptions).
        free_trial: Member<FreeTrialData>,
    }
}

body! {
    /// Changes to a price. The currency cannot be changed (docs/cleeng-api.md §5.5).
    PatchPrice {
        /// The amount, from 0.
        #[serde(serialize_with = "crate::number::serialize")]
        amount: Option<Decimal>,
        /// Other amounts that hold for a time, the whole list.
        rules: Option<Vec<PriceRuleData>>,
    }
}

body! {
    /// Changes to the times of an event (docs/cleeng-api.md §5.5).
    PatchEvent {
        /// When it begins, in unix seconds.
        starts_at: Option<i64>,
        /// When it ends, in unix seconds.
        ends_at: Option<i64>,
        /// The time zone, an IANA name.
        timezone: Option<String>,
    }
}

/// How long access lasts, changed: without a policy, which is none of the members that can be
/// changed (docs/cleeng-api.md §5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchEntitlement {
    /// Until another date, in unix seconds.
    FixedDate(i64),
    /// For another time after the purchase.
    Duration(PeriodData),
}

impl Serialize for PatchEntitlement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entitlement = serializer.serialize_struct("PatchEntitlement", 1)?;
        match self {
            Self::FixedDate(expires_at) => entitlement.serialize_field("expiresAt", expires_at)?,
            Self::Duration(duration) => entitlement.serialize_field("duration", duration)?,
        }
        entitlement.end()
    }
}
