//! The six types of offer: [`OfferType`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the six types of offer that Cleeng sells (docs/cleeng-api.md §2).
///
/// The order of the variants is the order in which offers are listed for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OfferType {
    /// Recurring access, billed every period.
    Subscription,
    /// Access for a period, or until a date, paid once.
    Pass,
    /// One piece of content, bought for good.
    Single,
    /// One piece of content for a number of hours.
    Rental,
    /// A live event.
    Event,
    /// A video on demand, bought or rented, possibly together with an event.
    Vod,
}

impl OfferType {
    /// Every type, in the order of the declaration.
    pub const ALL: [Self; 6] = [
        Self::Subscription,
        Self::Pass,
        Self::Single,
        Self::Rental,
        Self::Event,
        Self::Vod,
    ];

    /// The word that manifests and documents use, such as `subscription`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Pass => "pass",
            Self::Single => "single",
            Self::Rental => "rental",
            Self::Event => "event",
            Self::Vod => "vod",
        }
    }

    /// The word with its article, such as `an event`.
    pub fn with_article(self) -> String {
        let article = if self == Self::Event { "an" } else { "a" };
        format!("{article} {self}")
    }

    /// Returns the type with this name, exactly as manifests write it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|offer_type| offer_type.as_str() == name)
    }

    /// The letters with which ids of this type begin, the usual one first (docs/cleeng-api.md §2.0).
    ///
    /// `A` and `R` do not tell a VOD from a single or a rental offer, and over REST, where the three are one type, no two of
    /// them: which letter an offer gets there is documented nowhere.
    pub fn id_letters(self, api: Api) -> &'static [char] {
        match (self, api) {
            (Self::Subscription, _) => &['S'],
            (Self::Pass, _) => &['P'],
            (Self::Event, _) => &['E'],
            (Self::Single, Api::JsonRpc) => &['A'],
            (Self::Rental, Api::JsonRpc) => &['R'],
            (Self::Rental, Api::Rest) => &['R', 'A'],
            (Self::Single, Api::Rest) | (Self::Vod, _) => &['A', 'R'],
        }
    }

    /// The types whose lists may show offers of this one, itself included: what is new in their lists is told apart
    /// only once none of them is being made (docs/cleeng-api.md §2.0).
    pub fn kin(self) -> &'static [Self] {
        match self {
            Self::Subscription => &[Self::Subscription],
            Self::Pass => &[Self::Pass],
            Self::Event => &[Self::Event],
            Self::Single | Self::Rental | Self::Vod => &[Self::Single, Self::Rental, Self::Vod],
        }
    }

    /// Whether an offer can go from one type to the other and stay the same live offer: over REST singles, rentals and
    /// VODs are all one type (docs/cleeng-api.md §5.6).
    pub fn can_become(self, api: Api, other: Self) -> bool {
        self == other || api == Api::Rest && self.kin().contains(&other)
    }

    /// Whether the type gives access to content by tags (docs/cleeng-api.md §7).
    pub fn gives_access(self) -> bool {
        matches!(self, Self::Subscription | Self::Pass)
    }
}

impl fmt::Display for OfferType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A generation of Cleeng's API (docs/cleeng-api.md §0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// JSON-RPC 3.0: one method per type and verb.
    JsonRpc,
    /// Core API 3.1: REST resources.
    Rest,
}

impl Api {
    /// Both generations.
    pub const ALL: [Self; 2] = [Self::JsonRpc, Self::Rest];

    /// The word that `offerctl.yaml` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonRpc => "json-rpc",
            Self::Rest => "rest",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
