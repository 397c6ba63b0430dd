//! The objects inside of what requests say of an offer.
//!
//! Bodies hold the documented members and no others: the service refuses unknown ones, also in
//! prices (docs/cleeng-api.md §5.5).

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::member::Member;

/// A member of a body that need not be sent.
pub(super) trait Unset {
    /// Returns whether it stays out of the body.
    fn is_unset(&self) -> bool;
}

impl<T> Unset for Option<T> {
    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

impl<T> Unset for Member<T> {
    fn is_unset(&self) -> bool {
        self.is_absent()
    }
}

/// Declares a body of a request in the service's spelling. In round brackets: what a create needs,
/// which a private function `begin` takes. In braces: what need not be sent, each with a method
/// that sets it. Without round brackets it is a change, which may hold nothing at all.
macro_rules! body {
    (
        $(#[$about:meta])* $name:ident
        { $($(#[$meta:meta])* $field:ident: $kind:ident<$type:ty>,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[$meta])*
                #[serde(skip_serializing_if = "crate::rest::data::Unset::is_unset")]
                pub $field: $kind<$type>,
            )*
        }

        $crate::rest::data::setters!($name { $($field: $kind<$type>,)* });

        impl $name {
            /// Returns whether nothing is set. The service wants at least one member.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
    (
        $(#[$about:meta])* $name:ident
        ($($(#[$needed_meta:meta])* $needed:ident: $needed_type:ty,)+)
        { $($(#[$meta:meta])* $field:ident: $kind:ident<$type:ty>,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$needed_meta])* pub $needed: $needed_type,)+
            $(
                $(#[$meta])*
                #[serde(skip_serializing_if = "crate::rest::data::Unset::is_unset")]
                pub $field: $kind<$type>,
            )*
        }

        $crate::rest::data::setters!($name { $($field: $kind<$type>,)* });

        impl $name {
            fn begin($($needed: $needed_type),+) -> Self {
                Self { $($needed,)+ $($field: Default::default(),)* }
            }
        }
    };
}

/// Declares a method that sets a member, for each.
macro_rules! setters {
    ($name:ident { $($field:ident: $kind:ident<$type:ty>,)* }) => {
        impl $name {
            $(
                #[doc = concat!("Sets [`Self::", stringify!($field), "`].")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$type>) -> Self {
                    let value: $type = value.into();
                    self.$field = $kind::from(value);
                    self
                }
            )*
        }
    };
}

pub(super) use {body, setters};

body! {
    /// The price of a new offer or localization (docs/cleeng-api.md §5.4).
    PriceData (
        /// The amount, from 0; above 0, a minimum that is not published holds.
        #[serde(serialize_with = "crate::number::serialize_some")]
        amount: Decimal,
    )
    {
        /// The currency, ISO 4217. A localization needs it; whether a new offer may have one is
        /// not documented, without it the offer gets the account's (docs/cleeng-api.md §5.4). It cannot be
        /// changed later.
        currency: Option<String>,
        /// Other amounts that hold for a time.
        rules: Option<Vec<PriceRuleData>>,
    }
}

impl PriceData {
    /// Begins a price.
    pub fn new(amount: impl Into<Decimal>) -> Self {
        Self::begin(amount.into())
    }
}

/// A price that holds for a time, such as an early bird (docs/cleeng-api.md §5.3, §5.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceRuleData {
    /// When it begins, in unix seconds.
    pub from: i64,
    /// When it ends, in unix seconds.
    pub to: i64,
    /// The amount, above 0, in the currency of the price.
    #[serde(serialize_with = "crate::number::serialize_some")]
    pub amount: Decimal,
    /// What it is called.
    pub name: String,
}

/// A length of time: a billing cycle, or how long access lasts (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeriodData {
    /// `day`, `week`, `month` or `year`; a billing cycle also `season`, a duration also `hour`.
    pub period_unit: String,
    /// How many of them.
    pub amount: u32,
}

impl PeriodData {
    /// Makes a period: `PeriodData::new(3, "month")`.
    pub fn new(amount: u32, period_unit: impl Into<String>) -> Self {
        Self {
            period_unit: period_unit.into(),
            amount,
        }
    }
}

/// How long access lasts, of a new pass or VOD offer (docs/cleeng-api.md §5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntitlementData {
    /// Until a date, in unix seconds.
    FixedDate(i64),
    /// For a time after the purchase.
    Duration(PeriodData),
}

impl Serialize for EntitlementData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entitlement = serializer.serialize_struct("EntitlementData", 2)?;
        match self {
            Self::FixedDate(expires_at) => {
                entitlement.serialize_field("expirationPolicy", "fixed-date")?;
                entitlement.serialize_field("expiresAt", expires_at)?;
            }
            Self::Duration(duration) => {
                entitlement.serialize_field("expirationPolicy", "duration")?;
                entitlement.serialize_field("duration", duration)?;
            }
        }
        entitlement.end()
    }
}

/// When an event takes place (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventData {
    /// When it begins, in unix seconds.
    pub starts_at: i64,
    /// When it ends, in unix seconds.
    pub ends_at: i64,
    /// The time zone, an IANA name.
    pub timezone: String,
}

/// A trial (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreeTrialData {
    /// `day`, or `period` for billing cycles.
    #[serde(rename = "type")]
    pub trial_type: String,
    /// How many of them.
    pub duration: u32,
}

impl FreeTrialData {
    /// Makes a trial of some days.
    pub fn days(duration: u32) -> Self {
        Self {
            trial_type: "day".to_owned(),
            duration,
        }
    }

    /// Makes a trial of some billing cycles.
    pub fn periods(duration: u32) -> Self {
        Self {
            trial_type: "period".to_owned(),
            duration,
        }
    }
}

/// The countries that an offer is limited to, or closed to (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GeoRestrictionData {
    /// `whitelist` or `blacklist`.
    #[serde(rename = "type")]
    pub restriction_type: String,
    /// The countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
}

impl GeoRestrictionData {
    /// Limits an offer to some countries.
    pub fn whitelist(countries: impl Into<Vec<String>>) -> Self {
        Self {
            restriction_type: "whitelist".to_owned(),
            countries: countries.into(),
        }
    }

    /// Closes an offer to some countries.
    pub fn blacklist(countries: impl Into<Vec<String>>) -> Self {
        Self {
            restriction_type: "blacklist".to_owned(),
            countries: countries.into(),
        }
    }
}

/// For how long customers may pause (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PauseData {
    /// The most billing cycles.
    pub max_billing_cycles: u32,
}
