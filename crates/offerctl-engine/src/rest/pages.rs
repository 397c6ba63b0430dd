//! Pages of the list of REST, and what is kept of their offers: [`RemotePages`] and [`Intake`].
//!
//! An offer becomes the rows that core knows while its page is being read, so that a page never takes the memory of what
//! the wire says beside that of what is kept.

use std::cell::{Cell, OnceCell};
use std::hash::Hash;

use cleeng_client::Member;
use cleeng_client::rest::{ListQuery, NextPage, Offer, Reader};
use offerctl_model::offer_type::OfferType;

use super::kept::Kept;
use super::row::{self, offer_type};
use crate::remote::{Allowance, FetchError, RemoteError};
use crate::wire::remote_error;

/// What lists offers page by page, and perhaps with their number or with links.
pub trait RemotePages: Send + Sync {
    /// The address of a page: two that are equal lead to the same one.
    type Link: Clone + Hash + Send + Sync;

    /// Reads a page. Each of its offers goes through the intake.
    fn page(
        &self,
        wanted: &Wanted<Self::Link>,
        intake: &Intake<'_>,
    ) -> impl Future<Output = Result<OfferPage<Self::Link>, RemoteError>>;
}

/// A page to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted<L> {
    /// The one that is asked for.
    Asked(Asked),
    /// The one that another page names as the next.
    Linked(L),
}

/// What a page is asked for with. A service may ignore any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Only active or only inactive offers, if this is said.
    pub active: Option<bool>,
    /// Where the page begins.
    pub place: Place,
    /// How many offers it may have, if this is said.
    pub limit: Option<u64>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the beginning of the list.
    First,
    /// After so many offers.
    Offset(u64),
    /// At the page of this number, counted from 1.
    Number(u64),
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct OfferPage<L> {
    /// Its offers.
    pub offers: Vec<ListedOffer>,
    /// How many offers the whole list has, as the service claims: a hint, and nothing is set aside for it.
    pub total: Option<u64>,
    /// The next page, if this one names it.
    pub next: Option<L>,
    /// The address of this page.
    pub here: L,
    /// How long the answer is, in bytes.
    pub bytes: u64,
}

/// What is kept of an offer of a list.
#[derive(Debug, Clone)]
pub struct ListedOffer {
    /// The id without a country.
    pub(super) stem: Box<str>,
    /// Whether it is sold; `None` if neither the answer nor what was asked for says it.
    pub(super) active: Option<bool>,
    pub(super) version: Option<i64>,
    /// The offer as each of the types that are wanted and that it may be.
    pub(super) kept: Kept,
    /// Its type, if that is not known.
    pub(super) unknown_type: Option<Box<str>>,
    /// How much memory it takes.
    pub(super) weight: u64,
}

impl ListedOffer {
    /// Whether it is sold, as far as that is known.
    pub(super) fn is_active(&self) -> bool {
        self.active != Some(false)
    }
}

/// Takes offers of a page in, as long as that is allowed.
#[derive(Debug)]
pub struct Intake<'a> {
    types: &'a [OfferType],
    active: Option<bool>,
    allowance: &'a Allowance,
    kept: Cell<u64>,
    refusal: OnceCell<FetchError>,
}

impl<'a> Intake<'a> {
    /// Makes the intake of a page of which these types are wanted, and which was asked for with this filter.
    pub(super) fn new(
        types: &'a [OfferType],
        active: Option<bool>,
        allowance: &'a Allowance,
    ) -> Self {
        Self {
            types,
            active,
            allowance,
            kept: Cell::new(0),
            refusal: OnceCell::new(),
        }
    }

    /// Turns an offer into what is kept of it, or says why it is not kept.
    pub fn take(&self, mut offer: Offer) -> Result<ListedOffer, String> {
        // An offer that does not say whether it is sold is what was asked for.
        if let (None, Some(active)) = (offer.active.value(), self.active) {
            offer.active = Member::Value(active);
        }
        let types = row::types_of(offer_type(&offer));
        let unknown_type = types.is_empty().then(|| offer_type(&offer).into());
        let wanted = types.iter().filter(|of_type| self.types.contains(of_type));
        let wanted: Vec<OfferType> = wanted.copied().collect();
        // Each localization has the texts of the offer: a long one must not become hundreds before it is weighed.
        let foreseen = row::length_of_rows(&offer, wanted.len());
        self.keep(foreseen)?;
        self.release(foreseen);
        let kept = Kept::new(row::views(&offer, &wanted));
        let stem: Box<str> = offer.id.stem().into();
        let weight = WEIGHT + kept.weight();
        self.keep(weight)?;
        Ok(ListedOffer {
            stem,
            active: offer.active.value().copied(),
            version: offer.version.value().copied(),
            kept,
            unknown_type,
            weight,
        })
    }

    fn keep(&self, bytes: u64) -> Result<(), String> {
        self.allowance.keep(bytes).map_err(|error| {
            let message = error.to_string();
            // The first reason counts.
            let _first = self.refusal.set(error);
            message
        })?;
        self.kept.set(self.kept.get() + bytes);
        Ok(())
    }

    fn release(&self, bytes: u64) {
        self.allowance.release(bytes);
        self.kept.set(self.kept.get() - bytes);
    }

    /// Gives the memory of a page back that is not kept; returns why the intake refused an offer, if it did.
    pub(super) fn give_up(self) -> Option<FetchError> {
        self.allowance.release(self.kept.get());
        self.refusal.into_inner()
    }
}

/// What an offer takes beside its rows: its places in the list and in the catalogue, with the room that those leave.
const WEIGHT: u64 = 2 * (size_of::<ListedOffer>() + 4 * size_of::<Box<str>>()) as u64;

impl RemotePages for Reader {
    type Link = NextPage;

    async fn page(
        &self,
        wanted: &Wanted<NextPage>,
        intake: &Intake<'_>,
    ) -> Result<OfferPage<NextPage>, RemoteError> {
        let address = address(self, wanted)?;
        let read = self.list_into(&address, |offer| intake.take(offer)).await;
        read.map(OfferPage::from)
            .map_err(|error| remote_error(&error))
    }
}

/// The address of a page.
pub fn address(reader: &Reader, wanted: &Wanted<NextPage>) -> Result<NextPage, RemoteError> {
    let asked = match wanted {
        Wanted::Linked(link) => return Ok(link.clone()),
        Wanted::Asked(asked) => asked,
    };
    let mut query = ListQuery::new();
    if let Some(active) = asked.active {
        query = query.active(active);
    }
    if let Some(limit) = asked.limit {
        query = query.limit(limit);
    }
    query = match asked.place {
        Place::First => query,
        Place::Offset(offset) => query.offset(offset),
        Place::Number(number) => query.page(number),
    };
    reader.address(&query).map_err(|error| remote_error(&error))
}

/// Reads a body and headers as the answer that a page came with. Nothing is sent: this is for answers that come from
/// elsewhere.
pub fn read_page(
    reader: &Reader,
    wanted: &Wanted<NextPage>,
    (headers, body): (&[(&str, &str)], Vec<u8>),
    intake: &Intake<'_>,
) -> Result<OfferPage<NextPage>, RemoteError> {
    let address = address(reader, wanted)?;
    let read = reader.read_page(&address, (headers, body), |offer| intake.take(offer));
    read.map(OfferPage::from)
        .map_err(|error| remote_error(&error))
}

impl From<cleeng_client::rest::Page<ListedOffer>> for OfferPage<NextPage> {
    fn from(page: cleeng_client::rest::Page<ListedOffer>) -> Self {
        Self {
            total: page.total,
            next: page.next,
            here: page.here,
            bytes: page.bytes as u64,
            offers: page.items,
        }
    }
}
