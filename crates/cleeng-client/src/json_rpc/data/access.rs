//! Data of the offers that open tagged content: subscriptions and passes.

use super::declaration::{offer_data, request_data};

offer_data! {
    /// Data of a subscription (docs/cleeng-api.md §2.3). A create needs price, period, title and url.
    ///
    /// ```
    /// use cleeng_client::{Decimal, json_rpc::SubscriptionOfferData};
    ///
    /// let data = SubscriptionOfferData::default()
    ///     .price(Decimal::new(1999, 2))
    ///     .period("month")
    ///     .title("Everything")
    ///     .url("https://club.tv/all")
    ///     .access_to_tags(["(all)".to_owned()]);
    /// ```
    SubscriptionOfferData {
        /// The billing period: `week`, `month`, `3months`, `6months` or `year`; an old page also
        /// has `day` and `2weeks` (docs/cleeng-api.md §2.7).
        period: String,
        /// The trial, in billing periods. How it goes together with `free_days` is not documented.
        free_periods: u32,
        /// The trial, in days.
        free_days: u32,
        /// The tags of the content that it opens; one match is enough. `(all)` opens everything.
        access_to_tags: Vec<String>,
        /// Whether the offer is limited to some countries, or closed to some.
        geo_restriction_enabled: bool,
        /// `whitelist` or `blacklist`.
        geo_restriction_type: String,
        /// The countries of the list, ISO 3166-1 alpha-2.
        geo_restriction_countries: Vec<String>,
    }
}

offer_data! {
    /// Data of a pass (docs/cleeng-api.md §2.4). A create needs price, title, url and either period or
    /// expiry; with both the service refuses it (code 8).
    PassOfferData {
        /// How long it lasts: `day`, `week`, `2weeks`, `month`, `3months`, `6months` or `year`
        /// (`day` is not on every page, docs/cleeng-api.md §2.7).
        period: String,
        /// When it ends, in unix seconds. Not for multi-currency offers.
        expires_at: i64,
        /// The tags of the content that it opens; one match is enough. `(all)` opens everything.
        access_to_tags: Vec<String>,
        /// Whether the offer is limited to some countries, or closed to some.
        geo_restriction_enabled: bool,
        /// `whitelist` or `blacklist`.
        geo_restriction_type: String,
        /// The countries of the list, ISO 3166-1 alpha-2.
        geo_restriction_countries: Vec<String>,
    }
}
