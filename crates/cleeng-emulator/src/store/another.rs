//! Another offer than the one that is asked for: [`Store::another`].

use std::cmp::Reverse;

use crate::id::OfferId;
use crate::offer::Offer;
use crate::store::Store;

/// Which of the other offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Youngest,
    Oldest,
    /// The one with this stem.
    Stem(String),
}

impl Which {
    /// Returns the offer of that id, which may go without its country.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        stem_of(id).map(Self::Stem)
    }
}

/// Returns the stem of an id with or without its country.
pub(crate) fn stem_of(id: &str) -> Option<String> {
    let with_country = if id.contains('_') {
        id.to_owned()
    } else {
        format!("{id}_AA")
    };
    let id: OfferId = with_country.parse().ok()?;
    Some(id.stem().to_owned())
}

impl Store {
    /// Returns another offer than the one with that stem, as it truly is: of those that are most alike, an active one if
    /// there is one, and of those the youngest or the oldest. Of an offer with localizations it is any row.
    pub(crate) fn another<Likeness: Ord>(
        &self,
        which: &Which,
        than: Option<&str>,
        likeness: impl Fn(&Offer) -> Likeness,
    ) -> Option<&Offer> {
        let others = self.offers.iter().enumerate();
        let others = others.filter(|(_, offer)| than != Some(offer.id().stem()));
        let rank = |offer: &Offer| (likeness(offer), offer.is_active());
        // Of offers made in the same second, the one that came in later is the younger.
        let found = match which {
            Which::Youngest => {
                others.max_by_key(|(slot, offer)| (rank(offer), offer.created_at(), *slot))
            }
            Which::Oldest => others.max_by_key(|(slot, offer)| {
                (rank(offer), Reverse(offer.created_at()), Reverse(*slot))
            }),
            Which::Stem(stem) => return self.under_stem(stem).next(),
        };
        found.map(|(_, offer)| offer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn offer(id: &str, kind: Kind, made_at: i64) -> Offer {
        Offer::new(id.parse().unwrap(), kind).made_at(made_at)
    }

    fn store() -> Store {
        [
            offer("P100000001_US", Kind::Pass, 5),
            offer("P100000002_US", Kind::Pass, 3),
            offer("P100000003_US", Kind::Pass, 9).inactive(),
            offer("S100000004_US", Kind::Subscription, 7),
            offer("P100000005_US", Kind::Pass, 5),
        ]
        .into_iter()
        .collect()
    }

    #[track_caller]
    fn check(which: &Which, than: Option<&str>, kind: Kind, expected: Option<&str>) {
        let store = store();
        let found = store.another(which, than, |offer| offer.kind() == kind);
        assert_eq!(found.map(|offer| offer.id().stem()), expected);
    }

    #[test]
    fn youngest_and_oldest_of_the_same_type_are_found() {
        let pass = Kind::Pass;
        check(&Which::Youngest, None, pass, Some("P100000005"));
        check(
            &Which::Youngest,
            Some("P100000005"),
            pass,
            Some("P100000001"),
        );
        check(&Which::Oldest, None, pass, Some("P100000002"));
        check(&Which::Oldest, Some("P100000002"), pass, Some("P100000001"));
    }

    #[test]
    fn offer_of_another_type_does_where_there_is_no_other() {
        let subscription = Kind::Subscription;
        check(&Which::Youngest, None, subscription, Some("S100000004"));
        let than = Some("S100000004");
        check(&Which::Youngest, than, subscription, Some("P100000005"));
        check(&Which::Youngest, than, Kind::Event, Some("P100000005"));
    }

    #[test]
    fn named_offer_is_found_by_either_form_of_its_id() {
        for id in ["P100000003", "P100000003_US", "P100000003_FR"] {
            let which = Which::from_id(id).unwrap();
            check(&which, None, Kind::Event, Some("P100000003"));
        }
        let unknown = Which::from_id("P999999999").unwrap();
        check(&unknown, None, Kind::Pass, None);
        assert_eq!(Which::from_id("eldest"), None);
    }
}
