//! Between which prices the vendor documents an offer: [`price_bounds`].

use offerctl_model::money::Amount;
use offerctl_model::offer_type::{Api, OfferType};

/// The lowest and the highest price, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceBounds {
    /// The lowest.
    pub min: Amount,
    /// The highest, where one is documented.
    pub max: Option<Amount>,
}

/// Returns the bounds that the vendor documents (docs/cleeng-api.md §2.1 to §2.8, §5.4).
///
/// | offer over JSON-RPC | bounds | documented on |
/// |---|---|---|
/// | event | 5 to 99.99 | its create page |
/// | single, VOD, every localized offer | 0.14 to 99.99 | their create pages |
/// | rental | 0.14 to 99.99 | its multi-currency page (an older page says 0.15) |
/// | subscription | 0.14 to 99.99 | its update page: what cannot be updated later is not created |
/// | pass | from 0.14 | no bound on its own pages; the least price of all other types |
///
/// REST takes any price from 0; its minimum per type and currency is not published.
pub fn price_bounds(api: Api, offer_type: OfferType, localized: bool) -> PriceBounds {
    let amount = |cents: i64| Amount::new(rust_decimal::Decimal::new(cents, 2));
    match (api, offer_type) {
        (Api::Rest, _) => PriceBounds {
            min: Amount::ZERO,
            max: None,
        },
        (Api::JsonRpc, OfferType::Event) => PriceBounds {
            min: amount(500),
            max: Some(amount(9999)),
        },
        (Api::JsonRpc, OfferType::Pass) if !localized => PriceBounds {
            min: amount(14),
            max: None,
        },
        (Api::JsonRpc, _) => PriceBounds {
            min: amount(14),
            max: Some(amount(9999)),
        },
    }
}

impl PriceBounds {
    /// Whether a price is within the bounds.
    pub fn contain(self, price: Amount) -> bool {
        self.min <= price && self.max.is_none_or(|max| price <= max)
    }

    /// The bounds in words.
    pub fn describe(self) -> String {
        match self.max {
            Some(max) => format!(
                "from {} to {}",
                self.min.in_digits_of(None),
                max.in_digits_of(None)
            ),
            None => format!("from {}", self.min.in_digits_of(None)),
        }
    }
}
