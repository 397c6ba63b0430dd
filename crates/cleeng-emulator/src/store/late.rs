//! Changes that show late: [`Late`].
//!
//! For each change it keeps until when which earlier version is shown instead; for a new offer there is none. A second
//! change in the meantime keeps the earliest version and the longest time.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::id::OfferId;
use crate::offer::Offer;

/// The changes that do not show yet.
#[derive(Debug, Default)]
pub(crate) struct Late(BTreeMap<OfferId, Delayed>);

/// For how long and for whom a change does not show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lateness {
    pub(crate) until: Instant,
    pub(crate) scope: Scope,
}

/// Which methods show a change late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The lists; a get shows it at once.
    Lists,
    /// The lists and the gets.
    Everywhere,
}

#[derive(Debug)]
struct Delayed {
    before: Option<Offer>,
    lateness: Lateness,
}

impl Late {
    /// Lets a change show late; `before` is the version that it replaced.
    pub(crate) fn delay(&mut self, id: OfferId, before: Option<Offer>, lateness: Lateness) {
        let now = Instant::now();
        self.0.retain(|_, delayed| delayed.lateness.until > now);
        let delayed = self.0.entry(id).or_insert(Delayed { before, lateness });
        delayed.lateness.until = delayed.lateness.until.max(lateness.until);
        delayed.lateness.scope = delayed.lateness.scope.max(lateness.scope);
    }

    /// Whether any change is late at that time.
    pub(crate) fn is_any_at(&self, now: Instant) -> bool {
        self.0.values().any(|delayed| delayed.lateness.until > now)
    }

    /// Whether lists do not show the true version of that offer yet.
    pub(crate) fn is_late_in_lists(&self, id: &OfferId, now: Instant) -> bool {
        self.0
            .get(id)
            .is_some_and(|delayed| delayed.lateness.until > now)
    }

    /// Returns what a get shows of an offer: the true version, or while that is late an earlier one or nothing.
    pub(crate) fn shown_by_get<'a>(&'a self, offer: &'a Offer, now: Instant) -> Option<&'a Offer> {
        match self.0.get(offer.id()) {
            Some(Delayed { before, lateness })
                if lateness.until > now && lateness.scope == Scope::Everywhere =>
            {
                before.as_ref()
            }
            Some(_) | None => Some(offer),
        }
    }

    /// Returns what a list shows of an offer: the true version, or while that is late an earlier one or nothing.
    pub(crate) fn shown_by_list<'a>(&'a self, offer: &'a Offer, now: Instant) -> Option<&'a Offer> {
        match self.0.get(offer.id()) {
            Some(Delayed { before, lateness }) if lateness.until > now => before.as_ref(),
            Some(_) | None => Some(offer),
        }
    }

    /// Returns the versions that lists show instead of the true ones.
    pub(crate) fn earlier_versions(&self, now: Instant) -> impl Iterator<Item = &Offer> {
        self.0
            .values()
            .filter(move |delayed| delayed.lateness.until > now)
            .filter_map(|delayed| delayed.before.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::kind::Kind;

    fn lateness(minutes: u64, scope: Scope) -> Lateness {
        Lateness {
            until: Instant::now() + Duration::from_mins(minutes),
            scope,
        }
    }

    fn offer() -> Offer {
        Offer::new("P123456789_US".parse().unwrap(), Kind::Pass)
    }

    #[test]
    fn second_change_keeps_the_earliest_version_the_longest_time_and_the_widest_scope() {
        for (first, second) in [
            (lateness(5, Scope::Lists), lateness(1, Scope::Everywhere)),
            (lateness(1, Scope::Everywhere), lateness(5, Scope::Lists)),
        ] {
            let mut late = Late::default();
            let id = offer().id().clone();
            late.delay(id.clone(), Some(offer().made_at(1)), first);
            late.delay(id, Some(offer().made_at(2)), second);
            let now = offer().made_at(3);
            let soon = Instant::now() + Duration::from_mins(3);
            let later = Instant::now() + Duration::from_mins(9);
            let shown = |at| late.shown_by_get(&now, at).map(Offer::created_at);
            assert_eq!((shown(soon), shown(later)), (Some(1), Some(3)));
            assert_eq!((late.is_any_at(soon), late.is_any_at(later)), (true, false));
        }
    }

    #[test]
    fn change_after_the_time_starts_anew() {
        let mut late = Late::default();
        let id = offer().id().clone();
        late.delay(id.clone(), None, lateness(0, Scope::Everywhere));
        late.delay(id, Some(offer().made_at(2)), lateness(5, Scope::Everywhere));
        let now = offer().made_at(3);
        let shown = late.shown_by_get(&now, Instant::now());
        assert_eq!(shown.map(Offer::created_at), Some(2));
    }
}
