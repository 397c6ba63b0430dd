//! All offers, in order and by id: [`Store`].
//!
//! Offers are never removed (docs/cleeng-api.md §7), so that each keeps its slot for good. Beside the slots stand one map by id
//! and, for each type and activity, one list of slots from the oldest to the newest: a page of a list is a slice of it,
//! and a new offer goes to its end.
//!
//! A fault may make a change show late. Such changes are true at once (a later write builds on them); only what lists,
//! or lists and gets, show lags behind. See [`late`].

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::mem;
use std::time::Instant;

use crate::field::Field;
use crate::id::OfferId;
use crate::kind::Kind;
use crate::offer::Offer;

pub(crate) mod another;
pub(crate) mod late;

use late::{Late, Lateness};

/// The offers of the account.
#[derive(Debug, Default)]
pub(crate) struct Store {
    offers: Vec<Offer>,
    slots: BTreeMap<OfferId, usize>,
    lists: BTreeMap<(Kind, bool), Vec<usize>>,
    late: Late,
    touched: Vec<usize>,
    order: Option<Vec<Listed>>,
}

/// An offer, which may be many rows, as a list of all types has it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) stem: String,
    pub(crate) is_active: bool,
}

/// Which offers of a type a list asks for.
#[derive(Clone, Debug)]
pub(crate) struct Query<'a> {
    /// The types listed together, each with the letter that its ids must have, if that matters.
    pub(crate) kinds: Vec<(Kind, Option<char>)>,
    /// Active or inactive ones.
    pub(crate) active: bool,
    /// Only those with this video id.
    pub(crate) video_id: Option<&'a str>,
    /// Only those of this associate.
    pub(crate) associate_email: Option<&'a str>,
}

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The offers of the page, newest first.
    pub(crate) offers: Vec<&'a Offer>,
    /// How many the whole list has.
    pub(crate) total: usize,
}

impl Query<'_> {
    fn wants(&self, offer: &Offer) -> bool {
        offer.is_active() == self.active
            && self.kinds.iter().any(|(kind, letter)| {
                *kind == offer.kind() && letter.is_none_or(|letter| letter == offer.id().letter())
            })
            && self
                .video_id
                .is_none_or(|id| offer.text(Field::VideoId) == Some(id))
            && self
                .associate_email
                .is_none_or(|email| offer.text(Field::AssociateEmail) == Some(email))
    }
}

impl Store {
    /// Returns the offer of that id as it truly is.
    pub(crate) fn get(&self, id: &str) -> Option<&Offer> {
        let id: OfferId = id.parse().ok()?;
        self.slots.get(&id).map(|slot| &self.offers[*slot])
    }

    /// Returns the offer of that id as a get shows it.
    pub(crate) fn seen(&self, id: &str, now: Instant) -> Option<&Offer> {
        self.late.shown_by_get(self.get(id)?, now)
    }

    /// Returns the newest offer of that type and video id as a get shows it, an active one if there is one.
    pub(crate) fn seen_by_video(&self, kind: Kind, video_id: &str, now: Instant) -> Option<&Offer> {
        [true, false].into_iter().find_map(|active| {
            let slots = self.lists.get(&(kind, active))?;
            slots
                .iter()
                .rev()
                .map(|slot| &self.offers[*slot])
                .filter(|offer| offer.text(Field::VideoId) == Some(video_id))
                .find_map(|offer| self.seen(offer.id().as_str(), now))
        })
    }

    /// Returns all rows under a stem, by country, as they truly are.
    pub(crate) fn rows(&self, stem: &str) -> Vec<&Offer> {
        self.under_stem(stem).collect()
    }

    /// Returns all rows under a stem, by country, as a get shows them.
    pub(crate) fn rows_seen(&self, stem: &str, now: Instant) -> Vec<&Offer> {
        self.under_stem(stem)
            .filter_map(|offer| self.late.shown_by_get(offer, now))
            .collect()
    }

    /// Returns all rows of all offers by id, as lists show them; those with the same stem follow each other.
    pub(crate) fn rows_listed(&self, now: Instant) -> impl Iterator<Item = &Offer> {
        self.slots
            .values()
            .filter_map(move |slot| self.late.shown_by_list(&self.offers[*slot], now))
    }

    /// Whether lists show all rows as they truly are.
    pub(crate) fn is_up_to_date(&self, now: Instant) -> bool {
        !self.late.is_any_at(now)
    }

    /// Returns all offers in the order of a list, if it was kept since the last change. Putting a large catalogue in order
    /// for each page anew would take a time that grows with the square of its size.
    pub(crate) fn order(&self) -> Option<&[Listed]> {
        self.order.as_deref()
    }

    /// Keeps the order of all offers until the next change.
    pub(crate) fn keep_order(&mut self, order: Vec<Listed>) {
        self.order = Some(order);
    }

    /// Returns all rows under a stem, by country, if there are localizations among them.
    pub(crate) fn localized_rows(&self, stem: &str) -> Vec<&Offer> {
        let rows = self.rows(stem);
        if rows.iter().any(|offer| offer.is_localized()) {
            rows
        } else {
            Vec::new()
        }
    }

    /// Whether any offer has that stem.
    pub(crate) fn has_stem(&self, stem: &str) -> bool {
        self.under_stem(stem).next().is_some()
    }

    fn under_stem(&self, stem: &str) -> impl Iterator<Item = &Offer> {
        let first: Option<OfferId> = format!("{stem}_AA").parse().ok();
        first
            .into_iter()
            .flat_map(|first| self.slots.range(first..))
            .take_while(move |(id, _)| id.stem() == stem)
            .map(|(_, slot)| &self.offers[*slot])
    }

    /// Returns one page of the list that the query asks for, newest first and then by id.
    pub(crate) fn page(
        &self,
        query: &Query<'_>,
        offset: usize,
        limit: usize,
        now: Instant,
    ) -> Page<'_> {
        let plain = query.video_id.is_none()
            && query.associate_email.is_none()
            && !self.late.is_any_at(now);
        match query.kinds.as_slice() {
            [(kind, None)] if plain => self.slice(*kind, query.active, offset, limit),
            _ => self.sift(query, offset, limit, now),
        }
    }

    fn slice(&self, kind: Kind, active: bool, offset: usize, limit: usize) -> Page<'_> {
        let slots = self
            .lists
            .get(&(kind, active))
            .map_or(&[][..], Vec::as_slice);
        let offers = slots
            .iter()
            .rev()
            .skip(offset)
            .take(limit)
            .map(|slot| &self.offers[*slot])
            .collect();
        Page {
            offers,
            total: slots.len(),
        }
    }

    /// The page of a list that no index holds: filtered, merged from several types, or with late changes in it.
    fn sift(&self, query: &Query<'_>, offset: usize, limit: usize, now: Instant) -> Page<'_> {
        let truly = query
            .kinds
            .iter()
            .filter_map(|(kind, _)| self.lists.get(&(*kind, query.active)))
            .flatten()
            .map(|slot| &self.offers[*slot])
            .filter(|offer| !self.late.is_late_in_lists(offer.id(), now));
        let mut offers: Vec<&Offer> = truly
            .chain(self.late.earlier_versions(now))
            .filter(|offer| query.wants(offer))
            .collect();
        offers.sort_unstable_by(|left, right| by_age(right, left));
        Page {
            total: offers.len(),
            offers: offers.into_iter().skip(offset).take(limit).collect(),
        }
    }

    /// Puts in rows that one write makes or changes, and lets each show at once or late.
    ///
    /// Those with the same stem get the same version, which is higher than any under that stem so far; a row that is
    /// what it was keeps its own.
    pub(crate) fn put_together(&mut self, rows: Vec<(Offer, Option<Lateness>)>) {
        let mut versions = BTreeMap::new();
        for (row, _) in &rows {
            let stem = row.id().stem();
            if !versions.contains_key(stem) {
                let newest = self.under_stem(stem).map(Offer::version).max();
                versions.insert(stem.to_owned(), newest.unwrap_or(0).saturating_add(1));
            }
        }
        for (row, lateness) in rows {
            let is_unchanged = self.get(row.id().as_str()) == Some(&row);
            let row = match versions.get(row.id().stem()) {
                Some(version) if !is_unchanged => row.in_version(*version),
                Some(_) | None => row,
            };
            self.put(row, lateness);
        }
    }

    /// Puts in a new row, or the next version of one that is there, with the number that it has.
    fn put(&mut self, offer: Offer, lateness: Option<Lateness>) {
        self.order = None;
        let before = if let Some(slot) = self.slots.get(offer.id()).copied() {
            self.unlist(slot);
            let before = mem::replace(&mut self.offers[slot], offer);
            self.list(slot);
            self.touched.push(slot);
            Some(before)
        } else {
            let slot = self.offers.len();
            self.slots.insert(offer.id().clone(), slot);
            self.offers.push(offer);
            self.list(slot);
            self.touched.push(slot);
            None
        };
        if let Some(lateness) = lateness {
            let slot = self.touched[self.touched.len() - 1];
            self.late
                .delay(self.offers[slot].id().clone(), before, lateness);
        }
    }

    fn list(&mut self, slot: usize) {
        let offer = &self.offers[slot];
        let slots = self
            .lists
            .entry((offer.kind(), offer.is_active()))
            .or_default();
        let place = slots.partition_point(|other| by_age(&self.offers[*other], offer).is_lt());
        slots.insert(place, slot);
    }

    fn unlist(&mut self, slot: usize) {
        let offer = &self.offers[slot];
        if let Some(slots) = self.lists.get_mut(&(offer.kind(), offer.is_active())) {
            let place = slots.partition_point(|other| by_age(&self.offers[*other], offer).is_lt());
            if slots.get(place) == Some(&slot) {
                slots.remove(place);
            }
        }
    }

    /// Returns every offer as it truly is, in the order in which they came in.
    pub(crate) fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Returns the offers changed since this was last asked, each once.
    pub(crate) fn take_touched(&mut self) -> Vec<&Offer> {
        let mut slots = mem::take(&mut self.touched);
        slots.sort_unstable();
        slots.dedup();
        slots.into_iter().map(|slot| &self.offers[slot]).collect()
    }
}

impl FromIterator<Offer> for Store {
    /// Returns a store of these offers, a later version of one replacing the earlier; none counts as changed.
    fn from_iter<T: IntoIterator<Item = Offer>>(offers: T) -> Self {
        let mut store = Self::default();
        for offer in offers {
            store.put(offer, None);
        }
        store.touched.clear();
        store
    }
}

/// Oldest first; offers of the same second by descending id, so that the reverse is "newest first, then by id".
fn by_age(left: &Offer, right: &Offer) -> Ordering {
    (left.created_at(), Reverse(left.id())).cmp(&(right.created_at(), Reverse(right.id())))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::late::Scope;
    use super::*;

    fn pass(number: u32, made_at: i64) -> Offer {
        let country = "US".parse().unwrap();
        Offer::new(OfferId::new('P', number, &country).unwrap(), Kind::Pass).made_at(made_at)
    }

    fn query(active: bool) -> Query<'static> {
        Query {
            kinds: vec![(Kind::Pass, None)],
            active,
            video_id: None,
            associate_email: None,
        }
    }

    #[track_caller]
    fn check_list(store: &Store, query: &Query<'_>, expected: &[&str]) {
        let page = store.page(query, 0, 100, Instant::now());
        let ids: Vec<_> = page.offers.iter().map(|offer| offer.id().stem()).collect();
        assert_eq!(ids, expected);
        assert_eq!(page.total, expected.len());
    }

    #[test]
    fn list_is_newest_first_then_by_id() {
        let store: Store = [
            pass(100_000_002, 5),
            pass(100_000_003, 9),
            pass(100_000_001, 5),
        ]
        .into_iter()
        .collect();
        let ordered = ["P100000003", "P100000001", "P100000002"];
        check_list(&store, &query(true), &ordered);
        let filtered = Query {
            kinds: vec![(Kind::Pass, Some('P'))],
            ..query(true)
        };
        check_list(&store, &filtered, &ordered);
    }

    #[test]
    fn deactivated_offer_moves_to_the_other_list() {
        let mut store: Store = [pass(100_000_001, 1), pass(100_000_002, 2)]
            .into_iter()
            .collect();
        store.put(pass(100_000_001, 1).inactive(), None);
        check_list(&store, &query(true), &["P100000002"]);
        check_list(&store, &query(false), &["P100000001"]);
    }

    #[test]
    fn rows_of_an_offer_come_by_country() {
        let rows = ["S740060915_US", "S740060915_FR", "S740060916_US"].map(|id| {
            Offer::new(id.parse().unwrap(), Kind::Subscription)
                .localized()
                .made_at(1)
        });
        let store: Store = rows.into_iter().collect();
        let ids: Vec<_> = store
            .localized_rows("S740060915")
            .iter()
            .map(|offer| offer.id().country())
            .collect();
        assert_eq!(ids, ["FR", "US"]);
        assert!(store.localized_rows("S740060917").is_empty());
        assert!(!store.has_stem("S740060917"));
        assert!(!store.has_stem("S7400609"));
    }

    #[test]
    fn late_creation_is_listed_only_in_time() {
        let mut store = Store::default();
        let until = Instant::now() + Duration::from_mins(1);
        store.put(
            pass(100_000_001, 1),
            Some(Lateness {
                until,
                scope: Scope::Lists,
            }),
        );
        check_list(&store, &query(true), &[]);
        assert!(store.seen("P100000001_US", Instant::now()).is_some());
        assert_eq!(store.page(&query(true), 0, 9, until).total, 1);
    }

    #[test]
    fn late_change_shows_the_version_before() {
        let mut store: Store = [pass(100_000_001, 1)].into_iter().collect();
        let until = Instant::now() + Duration::from_mins(1);
        store.put(
            pass(100_000_001, 1).inactive(),
            Some(Lateness {
                until,
                scope: Scope::Everywhere,
            }),
        );
        check_list(&store, &query(true), &["P100000001"]);
        check_list(&store, &query(false), &[]);
        let seen = |at| store.seen("P100000001_US", at).unwrap().is_active();
        assert!(seen(Instant::now()));
        assert!(!seen(until));
    }

    #[test]
    fn rows_of_a_write_share_a_version_that_is_new() {
        let row = |country: &str| {
            let id = format!("P100000001_{country}");
            Offer::new(id.parse().unwrap(), Kind::Pass).localized()
        };
        let mut store = Store::default();
        store.put_together(vec![(row("US"), None), (row("FR"), None)]);
        store.put_together(vec![(row("US").inactive(), None), (row("FR"), None)]);
        store.put_together(vec![(row("GB"), None)]);
        let versions: Vec<_> = store
            .rows("P100000001")
            .iter()
            .map(|row| (row.id().country(), row.version()))
            .collect();
        assert_eq!(versions, [("FR", 1), ("GB", 3), ("US", 2)]);
    }

    #[test]
    fn touched_offers_are_told_once() {
        let mut store = Store::default();
        store.put(pass(100_000_001, 1), None);
        store.put(pass(100_000_001, 1).inactive(), None);
        assert_eq!(store.take_touched().len(), 1);
        assert!(store.take_touched().is_empty());
    }
}
