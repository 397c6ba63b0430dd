//! The service as the engine sees it: [`RemoteRead`] and [`RemoteWrite`], in the words of core.
//!
//! Getting and writing are one HTTP request each. What goes on above, repeating, pacing, waiting, is not its business.
//! Reading the whole catalogue is many requests, and each generation has a way of its own to be sure that it is whole.

mod allowance;
mod fetch_error;

use std::collections::BTreeMap;

use offerctl_model::content::{Content, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::{Live, Row, View};

use crate::budget::Budget;
use crate::store::Probe;

pub use self::allowance::Allowance;
pub use self::fetch_error::FetchError;
pub use crate::answer::{Answers, Refusal, RemoteError, Retry};

pub(crate) use self::fetch_error::READS;

/// How a list is asked for active or inactive offers (docs/cleeng-api.md §9).
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
    /// How many rows the whole list has, as the service claims: a hint, and nothing is set aside for it.
    pub total: u64,
    /// How long the answer is, in bytes.
    pub bytes: u64,
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
        /// The country in which the offer itself is sold, if the others are localizations of it.
        home: Option<Country>,
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
    /// Does something about one country of an offer.
    Country {
        /// Its type.
        offer_type: OfferType,
        /// Its id.
        id: OfferId,
        /// The country.
        country: Country,
        /// What is done.
        change: CountryChange,
    },
    /// Lets an offer be bought again.
    Activate {
        /// Its type.
        offer_type: OfferType,
        /// Its id.
        id: OfferId,
    },
    /// Takes an offer out of the shop.
    Deactivate {
        /// Its type.
        offer_type: OfferType,
        /// Its id.
        id: OfferId,
    },
}

impl WriteCall {
    /// The type of the offer.
    pub fn offer_type(&self) -> OfferType {
        match self {
            Self::Create { offer_type, .. }
            | Self::Update { offer_type, .. }
            | Self::Country { offer_type, .. }
            | Self::Activate { offer_type, .. }
            | Self::Deactivate { offer_type, .. } => *offer_type,
        }
    }

    /// Whether it makes a new offer.
    pub fn is_create(&self) -> bool {
        self.id().is_none()
    }

    /// The offer, if it is there already.
    pub fn id(&self) -> Option<&OfferId> {
        match self {
            Self::Create { .. } => None,
            Self::Update { id, .. }
            | Self::Country { id, .. }
            | Self::Activate { id, .. }
            | Self::Deactivate { id, .. } => Some(id),
        }
    }
}

/// What is done about one country of an offer.
#[derive(Debug, Clone, PartialEq)]
pub enum CountryChange {
    /// It is sold there from now on.
    Add(Localization),
    /// What it says there changes.
    Update(Fields),
    /// It is sold there again.
    Activate,
    /// It is no longer sold there.
    Deactivate,
}

/// An offer as an answer shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownOffer {
    /// The rows; never empty. Where the answer has the whole offer, the offer itself is the first of them, and among the
    /// others are those that are not sold.
    pub rows: Vec<ShownRow>,
    /// The country of the first row, if that is the offer itself.
    pub home: Option<Country>,
}

impl ShownOffer {
    /// An answer with rows of which none is known to be the offer itself.
    pub fn of_rows(rows: Vec<ShownRow>) -> Self {
        Self { rows, home: None }
    }

    /// The offer as the answer shows it.
    pub(crate) fn view(&self) -> View {
        let rows = self.rows.iter().map(|shown| shown.row.clone());
        View {
            home: self.home,
            ..View::of_rows(true, rows.collect())
        }
    }

    /// Returns the answer if all of it is about this offer.
    pub(crate) fn identified(self, id: &OfferId) -> Result<Self, RemoteError> {
        let mut rows = self.rows.iter();
        match rows.find(|shown| !shown.row.id.same_offer(id)) {
            Some(other) => Err(RemoteError::about_another(id, &other.row.id)),
            None => Ok(self),
        }
    }
}

/// What the catalogue is read with.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The request budget.
    pub budget: &'a Budget,
    /// Calls in a request.
    pub batch: usize,
    /// How many offers and bytes this reading may come to.
    pub allowance: &'a Allowance,
}

/// What a reading of the catalogue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// For a plan: what is written later is written to the offers as they are now. These offers have to be there.
    Plan(&'a [OfferId]),
    /// To find out what became of a write.
    Evidence,
}

/// What only reads. Nothing that plans holds more than this, and whoever has no more cannot write:
///
/// ```
/// # use offerctl_engine::remote::{RemoteWrite, WriteCall};
/// async fn fetch<R: RemoteWrite>(remote: &R, calls: &[WriteCall]) {
///     let _answers = RemoteWrite::write(remote, calls).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use offerctl_engine::remote::{RemoteRead, RemoteWrite, WriteCall};
/// async fn fetch<R: RemoteRead>(remote: &R, calls: &[WriteCall]) {
///     let _answers = RemoteWrite::write(remote, calls).await;
/// }
/// ```
pub trait RemoteRead: Send + Sync {
    /// Reads every offer of some types, active and inactive, to completeness.
    fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        purpose: Purpose<'_>,
    ) -> impl Future<Output = Result<Live, FetchError>>;

    /// Whether the answer about an offer shows all of its rows, with whether each is sold.
    fn shows_whole_offers(&self) -> bool {
        false
    }

    /// Reads offers by themselves, in one request.
    fn get(&self, calls: &[GetCall]) -> impl Future<Output = Answers<ShownOffer>> + Send;
}

/// Reads offers by themselves, in one request; an answer that is about another offer is none.
pub(crate) async fn get<R: RemoteRead>(remote: &R, calls: &[GetCall]) -> Answers<ShownOffer> {
    let answers = remote.get(calls).await.into_iter();
    answers
        .zip(calls)
        .map(|(answer, call)| answer.and_then(|shown| shown.identified(&call.id)))
        .collect()
}

/// What reads by a reader that it has: all that writes.
pub(crate) trait HasReader: Send + Sync {
    /// The reader.
    type Reader: RemoteRead;

    /// Borrows the reader.
    fn reader(&self) -> &Self::Reader;
}

impl<W: HasReader> RemoteRead for W {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        self.reader().read(means, types, purpose).await
    }

    fn shows_whole_offers(&self) -> bool {
        self.reader().shows_whole_offers()
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        self.reader().get(calls).await
    }
}

/// What lists offers of one type, page by page, with their number.
pub trait RemoteLists: Send + Sync {
    /// Lists pages, in one request.
    fn list(&self, calls: &[ListCall]) -> impl Future<Output = Answers<ListPage>> + Send;
}

/// What also writes.
pub trait RemoteWrite: RemoteRead {
    /// Sends writes, in one request.
    fn write(&self, calls: &[WriteCall]) -> impl Future<Output = Answers<ShownOffer>> + Send;

    /// Lets writes leave from now on only as long as a lock is held: asked in the moment before each is written. What sends
    /// nothing needs not know.
    fn guard(&self, _probe: &Probe) {}

    /// Hears that a write whose answer was lost had been done, as a get showed. What has no versions needs not know.
    fn found_done(&self, _id: &OfferId) {}
}
