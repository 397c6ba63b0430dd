//! What differs per country: the localized data of requests, and [`MultiCurrencyOffer`] as answer.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::data::request_data;
use crate::offer_id::MultiCurrencyOfferId;
use crate::wire;

/// Declares the localized data of a type of offer: what all types have, and what it has besides.
macro_rules! localized_data {
    ($(#[$about:meta])* $name:ident { $($more:tt)* }) => {
        request_data! {
            $(#[$about])*
            ///
            /// A create needs country, currency, price, title and url (for rentals the url is
            /// optional); in an update the country says which version is meant, and everything
            /// else is optional.
            $name {
                /// The country, ISO 3166-1 alpha-2.
                country: String,
                /// The currency, one of USD, EUR, GBP, CAD, AUD, NZD, SEK, DKK, NOK, TRL, ZAR and
                /// XOF. It cannot be changed by an update.
                currency: String,
                /// The price in the currency, from 0.14 to 99.99.
                #[serde(serialize_with = "crate::number::serialize")]
                price: Decimal,
                /// The title, at most 70 characters.
                title: String,
                /// The address of the content.
                url: String,
                /// The description, at most 110 characters.
                description: String,
                /// Whether the offer is limited to some countries, or closed to some.
                geo_restriction_enabled: bool,
                /// `whitelist` or `blacklist`.
                geo_restriction_type: String,
                /// The countries of the list, ISO 3166-1 alpha-2.
                geo_restriction_countries: Vec<String>,
                $($more)*
            }
        }

        impl $name {
            /// Begins the data for one country.
            pub fn new(country: impl Into<String>) -> Self {
                Self::default().country(country)
            }
        }
    };
}

localized_data! {
    /// A single offer in one country (docs/cleeng-api.md §4).
    LocalizedSingleData {
        /// The publisher's own id of the video.
        video_id: String,
        /// For the publisher's own use, at most 50 characters.
        content_external_id: String,
        /// For the publisher's own use, at most 4 kB.
        content_external_data: String,
    }
}

localized_data! {
    /// A rental in one country (docs/cleeng-api.md §4).
    LocalizedRentalData {
        /// The publisher's own id of the video.
        video_id: String,
        /// For the publisher's own use, at most 50 characters.
        content_external_id: String,
        /// For the publisher's own use, at most 4 kB.
        content_external_data: String,
    }
}

localized_data! {
    /// A subscription in one country (docs/cleeng-api.md §4).
    LocalizedSubscriptionData {
        /// The billing period: `week`, `month`, `3months`, `6months` or `year`.
        period: String,
        /// The trial, in billing periods.
        free_periods: u32,
        /// The trial, in days.
        free_days: u32,
        /// The tags of the content that it opens.
        access_to_tags: Vec<String>,
    }
}

localized_data! {
    /// A pass in one country (docs/cleeng-api.md §4).
    LocalizedPassData {}
}

/// The offers of a multi-currency offer, one per country (docs/cleeng-api.md §4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultiCurrencyOffer<T> {
    /// The stem that the ids of the offers share.
    pub multi_currency_offer_id: MultiCurrencyOfferId,
    /// One whole offer per country, in no particular order.
    pub offers: Vec<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for MultiCurrencyOffer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members<T> {
            #[serde(deserialize_with = "wire::required")]
            multi_currency_offer_id: MultiCurrencyOfferId,
            offers: Vec<T>,
        }

        let Members {
            multi_currency_offer_id,
            offers,
        } = wire::object(deserializer)?;
        Ok(Self {
            multi_currency_offer_id,
            offers,
        })
    }
}
