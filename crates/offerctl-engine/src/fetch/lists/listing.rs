//! One list, as its pages come: [`Listing`].

use std::collections::HashSet;

use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;

use crate::fetch::weight::weight;
use crate::remote::{ListCall, ListPage, ShownRow};

/// The most rows of a page (docs/cleeng-api.md §3).
pub(super) const PAGE: u32 = 200;

/// The ids of a list.
pub(super) type Ids = HashSet<OfferId>;

/// Why a type has to be read again.
pub(super) struct Problem {
    pub(super) reason: String,
    /// Whether the service seems not to have heard which offers were asked for.
    pub(super) deaf: bool,
}

impl Problem {
    pub(super) fn new(reason: String) -> Self {
        Self {
            reason,
            deaf: false,
        }
    }
}

/// The active or the inactive offers of one type, as far as they have come.
pub(super) struct Listing {
    /// The call for the first page.
    first: ListCall,
    total: u64,
    /// How many rows a page has.
    step: u32,
    /// The offset of the page to ask for next; `None` if no further page is asked for.
    next: Option<u32>,
    rows: Vec<ShownRow>,
    ids: Ids,
    bytes: u64,
    kept: u64,
    problem: Option<Problem>,
}

impl Listing {
    /// Begins with the first page, which is still to be taken in.
    pub(super) fn new(first: ListCall, page: &ListPage) -> Self {
        // A service that gives fewer rows than asked for has a smaller page.
        let got = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let step = got.min(PAGE);
        Self {
            first,
            total: page.total,
            step,
            next: (u64::from(got) < page.total && step > 0).then_some(step),
            rows: Vec::new(),
            ids: Ids::new(),
            bytes: 0,
            kept: 0,
            problem: None,
        }
    }

    /// The type, and whether these are the active ones.
    pub(super) fn list(&self) -> (OfferType, bool) {
        (self.first.offer_type, self.first.active)
    }

    /// How many pages the total promises beside those that were asked for.
    pub(super) fn promised(&self) -> u64 {
        let Some(next) = self.next else { return 0 };
        let left = self.total.saturating_sub(u64::from(next));
        left.div_ceil(u64::from(self.step.max(1)))
    }

    /// The call for the next page, if there is one to be asked for.
    pub(super) fn next_call(&mut self) -> Option<ListCall> {
        let offset = self.next?;
        let after = offset.checked_add(self.step);
        self.next = after.filter(|after| u64::from(*after) < self.total);
        Some(ListCall {
            offset,
            limit: self.step,
            ..self.first
        })
    }

    /// Takes a page in, and returns how much memory it takes. A list that cannot add up any more is asked for no further
    /// page.
    pub(super) fn take_in(&mut self, page: ListPage) -> u64 {
        self.bytes = self.bytes.saturating_add(page.bytes);
        if self.problem.is_some() {
            return 0;
        }
        if page.total != self.total {
            let (total, other) = (self.total, page.total);
            self.fail(format!(
                "its total is {total} on one page and {other} on another"
            ));
            return 0;
        }
        if page.rows.is_empty() {
            // Nothing comes after an empty page, whatever the total is.
            self.next = None;
        }
        let mut kept = 0;
        for shown in page.rows {
            if !self.ids.insert(shown.row.id.clone()) {
                self.fail(format!("{} is on it twice", shown.row.id));
                break;
            }
            kept += weight(&shown.row);
            self.rows.push(shown);
        }
        if self.rows.len() as u64 > self.total {
            self.next = None;
        }
        self.kept += kept;
        kept
    }

    fn fail(&mut self, reason: String) {
        self.next = None;
        self.problem = Some(Problem::new(reason));
    }

    /// The bytes of its answers.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The memory of its rows.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// The rows that came last.
    pub(super) fn rows_from(&self, index: usize) -> &[ShownRow] {
        self.rows.get(index..).unwrap_or_default()
    }

    /// How many rows have come.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the rows and their ids, if they are all.
    pub(super) fn complete(self) -> Result<(Vec<ShownRow>, Ids), Problem> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let (count, total) = (self.rows.len(), self.total);
        if count as u64 != total {
            return Err(Problem::new(format!(
                "it shows {count} offers, and its total is {total}"
            )));
        }
        Ok((self.rows, self.ids))
    }
}
