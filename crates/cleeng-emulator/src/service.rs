//! What the calls of both generations work on: [`Service`].

use std::time::Instant;

use crate::account::Account;
use crate::clock::Clock;
use crate::code::{Country, Currency};
use crate::config::Profile;
use crate::fault::action::{Part, WriteFault};
use crate::fault::list::ListFault;
use crate::id::{IdSource, OfferId};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::Quirks;
use crate::season::{SeasonGroupId, SeasonGroups};
use crate::store::Store;
use crate::store::late::Lateness;

/// The account with its offers, and how it is to be played.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) account: Account,
    pub(crate) quirks: Quirks,
    pub(crate) profile: Profile,
    pub(crate) clock: Clock,
    pub(crate) ids: IdSource,
    pub(crate) store: Store,
    pub(crate) season_groups: SeasonGroups,
}

/// How a call is to go wrong while it is carried out: as a list or as a write, whichever it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tampering<'a> {
    pub(crate) lists: &'a [ListFault],
    pub(crate) writes: &'a [WriteFault],
}

/// What a call made.
#[derive(Debug)]
pub(crate) struct Written<Answer> {
    /// What it is answered with.
    pub(crate) answer: Answer,
    /// The ids of the rows that it created or changed.
    pub(crate) ids: Vec<OfferId>,
    /// The id of the group of seasons that it created, changed or deleted.
    pub(crate) season_group: Option<SeasonGroupId>,
}

impl<Answer> Written<Answer> {
    /// Returns the answer of a call that made nothing.
    pub(crate) fn nothing(answer: Answer) -> Self {
        Self::rows(answer, Vec::new())
    }

    /// Returns the answer of a call that created or changed the rows with these ids.
    pub(crate) fn rows(answer: Answer, ids: Vec<OfferId>) -> Self {
        Self {
            answer,
            ids,
            season_group: None,
        }
    }
}

impl Service {
    /// Returns the stem of a new offer, which begins with that letter.
    pub(crate) fn new_stem(&mut self, letter: char) -> String {
        self.ids.stem(letter, |stem| self.store.has_stem(stem))
    }

    /// Returns a row made now, without any field, to be put under that stem.
    pub(crate) fn new_row(
        &self,
        (stem, country): (&str, &Country),
        kind: Kind,
        currency: Currency,
    ) -> Offer {
        let id = OfferId::in_country(stem, country).expect("a stem and a country make an id");
        Offer::new(id, kind)
            .in_currency(currency)
            .made_at(self.clock.now())
    }

    /// Stores the rows of one write, late if a fault says so. The first of several may be spared.
    pub(crate) fn put(&mut self, rows: Vec<Offer>, faults: &[WriteFault]) {
        let (mut lateness, mut part) = (None, Part::All);
        for fault in faults {
            match fault {
                WriteFault::Late {
                    delay,
                    scope,
                    part: late,
                } => {
                    let until = Instant::now() + *delay;
                    lateness = Some(Lateness {
                        until,
                        scope: *scope,
                    });
                    part = *late;
                }
                WriteFault::Ignore(_) | WriteFault::Store { .. } | WriteFault::Answer { .. } => {}
            }
        }
        let spares_first = rows.len() > 1 && part == Part::Others;
        let rows = rows.into_iter().enumerate().map(|(index, row)| {
            let is_spared = index == 0 && spares_first;
            (row, lateness.filter(|_| !is_spared))
        });
        self.store.put_together(rows.collect());
    }
}
