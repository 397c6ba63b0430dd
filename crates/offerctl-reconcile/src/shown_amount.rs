//! Prices as a service shows them, in files of ours: they are read back whatever they are, though no manifest could say them.

use offerctl_model::money::Amount;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads a price that is there.
pub(crate) fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Amount>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.parse::<Decimal>().map_err(D::Error::custom)?;
    Ok(Some(Amount::new(number)))
}
