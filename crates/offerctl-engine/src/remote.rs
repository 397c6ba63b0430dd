//! The service as the engine sees it: [`RemoteRead`] and [`RemoteWrite`], in the words of core.
//!
//! Each method is one HTTP request. What goes on above, repeating, pacing, waiting, is not its business.

use std::time::Duration;

use offerctl_core::content::{Content, Fields};
use offerctl_core::country::Country;
use offerctl_core::live::Row;
use offerctl_core::name::OfferId;
use offerctl_core::offer_type::OfferType;
use std::collections::BTreeMap;

/// How a list is asked for active or inactive offers (API sheet §9.17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActiveForm {
    /// As a boolean.
    Boolean,
    /// As `"true"` or `"false"`.
    Word,
    /// As `"1"` or `"0"`.
    Digit,
}

/// One page of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCall {
    /// The type whose offers are listed.
    pub offer_type: OfferType,
    /// Whether active or inactive ones are.
    pub active: bool,
    /// How that is said.
    pub form: ActiveForm,
    /// How many offers come before the page.
    pub offset: u32,
    /// How many offers the page may have.
    pub limit: u32,
}

/// A row, and whether the answer calls it active.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRow {
    /// The row.
    pub row: Row,
    /// Whether it is active; `None` if the answer does not say.
    pub active: Option<bool>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// Its rows.
    pub rows: Vec<ShownRow>,
    /// How many rows the whole list has.
    pub total: u64,
}

/// One offer to be read by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GetCall {
    /// Its type.
    pub offer_type: OfferType,
    /// The id of a row.
    pub id: OfferId,
}

/// One write. References to other offers are ids by now.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteCall {
    /// Makes an offer.
    Create {
        /// Its type.
        offer_type: OfferType,
        /// What it says.
        content: Content,
    },
    /// Changes an offer.
    Update {
        /// Its type.
        offer_type: OfferType,
        /// Its id.
        id: OfferId,
        /// Whether it is localized.
        localized: bool,
        /// The values to send once.
        base: Fields,
        /// The values to send per country.
        rows: BTreeMap<Country, Fields>,
    },
    /// Takes an offer out of the shop.
    Deactivate {
        /// Its type.
        offer_type: OfferType,
        /// Its id.
        id: OfferId,
    },
}

/// What a write answered: the rows of the offer as they are now.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The rows; never empty.
    pub rows: Vec<ShownRow>,
}

/// Why a call brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RemoteError {
    /// What happened, with its causes.
    pub message: String,
    /// Whether the service is proven not to have acted on it.
    pub proven_refused: bool,
    /// Whether the same call may well succeed a little later.
    pub retryable: bool,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
}

impl RemoteError {
    /// An error for calls that a generation of the API does not have.
    pub fn unsupported(what: &str) -> Self {
        Self {
            message: what.to_owned(),
            proven_refused: true,
            retryable: false,
            retry_after: None,
        }
    }
}

/// One result per call, in their order.
pub type Answers<T> = Vec<Result<T, RemoteError>>;

/// What only reads. Nothing that plans holds more than this.
pub trait RemoteRead: Send + Sync {
    /// Lists pages, in one request.
    fn list(&self, calls: &[ListCall]) -> impl Future<Output = Answers<ListPage>> + Send;

    /// Reads offers by themselves, in one request.
    fn get(&self, calls: &[GetCall]) -> impl Future<Output = Answers<ShownRow>> + Send;
}

/// What also writes.
pub trait RemoteWrite: RemoteRead {
    /// Sends writes, in one request.
    fn write(&self, calls: &[WriteCall]) -> impl Future<Output = Answers<Written>> + Send;
}
