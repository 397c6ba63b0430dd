//! Where an offer is sold: [`GeoRestriction`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::country::Country;

/// In which countries an offer is sold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeoRestriction {
    /// Whether the countries are the only ones or the excluded ones.
    #[serde(rename = "type")]
    pub mode: GeoMode,
    /// The countries.
    pub countries: BTreeSet<Country>,
}

/// What the countries of a [`GeoRestriction`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum GeoMode {
    /// The only ones where the offer is sold.
    Whitelist,
    /// The ones where it is not sold.
    Blacklist,
}

impl GeoMode {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whitelist => "whitelist",
            Self::Blacklist => "blacklist",
        }
    }
}
