//! Where the offers of a reading are kept, and what is known of each list: [`Shelf`] and [`List`]; and why it ends: [`Stop`].

use std::cell::{Cell, RefCell};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};

use crate::remote::{Allowance, FetchError};
use crate::rest::pages::{ListedOffer, OfferPage};

/// Why a reading ends before it is whole.
#[derive(Debug)]
pub(super) enum Stop {
    /// The list does not add up, and may if it is read again.
    Problem(String),
    /// There is no sense in reading it again.
    Failed(FetchError),
}

impl From<FetchError> for Stop {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}

impl Stop {
    pub(super) fn problem<T>(reason: impl Into<String>) -> Result<T, Self> {
        Err(Self::Problem(reason.into()))
    }
}

/// The offers of all lists of a reading. An offer that two lists show is kept once.
pub(super) struct Shelf<'a> {
    allowance: &'a Allowance,
    offers: RefCell<BTreeMap<Box<str>, ListedOffer>>,
    /// An offer that one list shows as active and another one as inactive.
    conflict: RefCell<Option<Box<str>>>,
    /// The most offers that any page had.
    longest: Cell<usize>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(allowance: &'a Allowance) -> Self {
        Self {
            allowance,
            offers: RefCell::default(),
            conflict: RefCell::default(),
            longest: Cell::new(0),
        }
    }

    /// What the reading may come to.
    pub(super) fn allowance(&self) -> &'a Allowance {
        self.allowance
    }

    /// Keeps an offer.
    fn put(&self, mut offer: ListedOffer) -> Result<(), FetchError> {
        let mut offers = self.offers.borrow_mut();
        match offers.entry(std::mem::take(&mut offer.stem)) {
            Entry::Occupied(known) => {
                self.allowance.release(offer.weight);
                if known.get().active != offer.active {
                    let _before = self.conflict.replace(Some(known.key().clone()));
                }
            }
            Entry::Vacant(place) => {
                place.insert(offer);
            }
        }
        self.allowance.check_offers(offers.len())
    }

    /// Notes how long a page is.
    pub(super) fn note_length(&self, offers: usize) {
        self.longest.set(self.longest.get().max(offers));
    }

    /// The most offers that any page had.
    pub(super) fn longest(&self) -> usize {
        self.longest.get()
    }

    /// Lets go of a page that was only looked at.
    pub(super) fn discard<L>(&self, page: OfferPage<L>) {
        let weights = page.offers.into_iter().map(|offer| offer.weight);
        self.allowance.release(weights.sum());
    }

    /// Returns all offers, if no two lists contradict each other.
    pub(super) fn into_offers(self) -> Result<BTreeMap<Box<str>, ListedOffer>, Stop> {
        match self.conflict.into_inner() {
            Some(id) => Stop::problem(format!("{id} is both active and inactive")),
            None => Ok(self.offers.into_inner()),
        }
    }
}

/// What is known of one list, beside its offers.
pub(super) struct List<'a> {
    shelf: &'a Shelf<'a>,
    stems: HashSet<Box<str>>,
    bytes: u64,
    are_all_active: bool,
    is_proven: bool,
    /// How many offers the page has that the service shows whichever is asked for, if it may be only a part of them.
    page_size: Option<usize>,
    /// The pages that were read, as hashes.
    visited: HashSet<u64>,
    hasher: RandomState,
}

impl<'a> List<'a> {
    pub(super) fn new(shelf: &'a Shelf<'a>) -> Self {
        Self {
            shelf,
            stems: HashSet::new(),
            bytes: 0,
            are_all_active: true,
            is_proven: false,
            page_size: None,
            visited: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Takes a page in.
    pub(super) fn take_in<L>(&mut self, page: OfferPage<L>) -> Result<(), Stop> {
        self.bytes = self.bytes.saturating_add(page.bytes);
        self.shelf.allowance.check_bytes(self.bytes)?;
        for offer in page.offers {
            if !self.stems.insert(offer.stem.clone()) {
                return Stop::problem(format!("{} is on it twice", offer.stem));
            }
            self.are_all_active &= offer.is_active();
            self.shelf.put(offer)?;
        }
        Ok(())
    }

    /// Notes that a page is read; returns whether it is for the first time.
    pub(super) fn visit(&mut self, page: &impl Hash) -> bool {
        self.visited.insert(self.hasher.hash_one(page))
    }

    /// How many offers it has.
    pub(super) fn len(&self) -> usize {
        self.stems.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stems.is_empty()
    }

    /// Whether it has an offer.
    pub(super) fn has(&self, stem: &str) -> bool {
        self.stems.contains(stem)
    }

    /// Whether no offer is known to be inactive.
    pub(super) fn are_all_active(&self) -> bool {
        self.are_all_active
    }

    /// Whether these are certainly all.
    pub(super) fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// How many offers the page has that the service shows whichever is asked for, if it may be only a part of them.
    pub(super) fn page_size(&self) -> Option<usize> {
        self.page_size
    }

    /// The list, if it is as long as its total.
    pub(super) fn ended(mut self, total: Option<u64>) -> Result<Self, Stop> {
        let count = self.len();
        if let Some(total) = total.filter(|total| count as u64 != *total) {
            return Stop::problem(format!("it shows {count} offers, and its total is {total}"));
        }
        self.is_proven = total.is_some();
        Ok(self)
    }

    /// The list, if it may be only one page of so many offers.
    pub(super) fn perhaps_a_page(mut self, size: usize) -> Self {
        self.page_size = Some(size);
        self
    }
}
