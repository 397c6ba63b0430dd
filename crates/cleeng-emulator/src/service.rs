//! What the calls of both generations work on: [`Service`].

use std::time::Instant;

use crate::account::Account;
use crate::clock::Clock;
use crate::config::Profile;
use crate::fault::action::{Part, WriteFault};
use crate::fault::list::ListFault;
use crate::id::IdSource;
use crate::offer::Offer;
use crate::quirk::Quirks;
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
}

/// How a call is to go wrong while it is carried out: as a list or as a write, whichever it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tampering<'a> {
    pub(crate) lists: &'a [ListFault],
    pub(crate) writes: &'a [WriteFault],
}

impl Service {
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
