//! Offers behind the end of a list: [`filling`].

use rust_decimal::Decimal;

use crate::account::Account;
use crate::fault::list::{Cut, ListFault, Rows, rows_behind_the_end};
use crate::field::Field;
use crate::id::OfferId;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::service::Service;
use crate::store::Store;

/// Most rows that are added to a page: as many as the longest page can have. A list that comes as one page would never
/// end otherwise.
pub(crate) const MOST_ADDED: usize = 200;

/// How many made-up offers each list has before their ids begin again.
const DIFFERENT: usize = 50_000_000;

/// When the first of them was made, each of the others a second earlier: lists show the newest first.
const NEWEST: i64 = 1_300_000_000;

/// What fills a page.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    pub(crate) made_up: Vec<Offer>,
    /// The places in the list of those that show again.
    pub(crate) again: Vec<usize>,
}

/// Returns what fills the page of a list of that type and activity, of which so many offers are there.
pub(crate) fn filling(
    faults: &[ListFault],
    list: (Kind, bool),
    (cut, shown): (Cut, usize),
    service: &Service,
) -> Filling {
    let Some(rows) = rows_behind_the_end(faults) else {
        return Filling::default();
    };
    let first = cut.offset.saturating_add(shown).saturating_sub(cut.total);
    let missing = cut.limit.saturating_sub(shown).min(MOST_ADDED);
    let places = (0..missing).map(|index| first.saturating_add(index));
    let made_up = |place| made_up(list, place, &service.store, &service.account);
    match rows {
        Rows::MadeUp => Filling {
            made_up: places.map(made_up).collect(),
            again: Vec::new(),
        },
        // Of a list without offers there is nothing but what is made up.
        Rows::Same if cut.total == 0 => Filling {
            made_up: places.map(|_| made_up(0)).collect(),
            again: Vec::new(),
        },
        Rows::Same => Filling {
            made_up: Vec::new(),
            again: places.map(|place| place % cut.total).collect(),
        },
    }
}

/// Returns the offer of that place, counted from 0, behind the end of the list of that type and activity.
///
/// It is valid, but in no store. The same place always has the same one, and no two lists share an id.
fn made_up(
    (kind, is_active): (Kind, bool),
    place: usize,
    store: &Store,
    account: &Account,
) -> Offer {
    let place = place % DIFFERENT;
    let letter = kind.letter(false);
    // The first digits tell lists apart whose ids have the same letter; the other half is for ids that are taken.
    let first = match (kind, is_active) {
        (Kind::Vod, true) => 600_000_000,
        (Kind::Vod, false) => 700_000_000,
        (_, true) => 900_000_000,
        (_, false) => 800_000_000,
    };
    let number = u32::try_from(first + place).unwrap_or(u32::MAX);
    let is_taken = store.has_stem(&format!("{letter}{number}"));
    let number = if is_taken {
        number.saturating_add(u32::try_from(DIFFERENT).unwrap_or(0))
    } else {
        number
    };
    let id = OfferId::new(letter, number, &account.country).expect("nine digits make an id");
    let made_at = NEWEST.saturating_sub(i64::try_from(place).unwrap_or(0));
    let offer = with_fields(Offer::new(id, kind), kind)
        .with(Field::Title, format!("Made up {place}"))
        .with(Field::Url, format!("https://made-up.invalid/{place}"))
        .with(Field::Price, Decimal::new(499, 2))
        .in_currency(account.currency.clone())
        .made_at(made_at);
    if is_active { offer } else { offer.inactive() }
}

/// Returns the offer with what its type needs beside title, url and price.
fn with_fields(offer: Offer, kind: Kind) -> Offer {
    match kind {
        Kind::Single | Kind::Vod => offer,
        Kind::Rental => offer.with(Field::Period, 48),
        Kind::Subscription | Kind::Pass => offer.with(Field::Period, "month"),
        Kind::Event => offer
            .with(Field::StartTime, 1_999_999_000)
            .with(Field::EndTime, 1_999_999_999)
            .with(Field::TimeZone, "UTC"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::field::Fields;
    use crate::json_rpc::change;

    #[test]
    fn made_up_offers_are_valid_and_each_has_an_id_of_its_own() {
        let account = Account::default();
        let taken = made_up((Kind::Pass, true), 2, &Store::default(), &account);
        let store: Store = [taken].into_iter().collect();
        let mut ids = BTreeSet::new();
        for kind in Kind::ALL {
            for is_active in [true, false] {
                for place in 0..5 {
                    let offer = made_up((kind, is_active), place, &store, &account);
                    assert_eq!((offer.kind(), offer.is_active()), (kind, is_active));
                    change::check(kind, &Fields::new(), offer.fields()).unwrap();
                    assert!(!store.has_stem(offer.id().stem()));
                    assert!(ids.insert(offer.id().clone()), "{}", offer.id());
                }
            }
        }
    }

    #[test]
    fn same_place_has_the_same_offer() {
        let offer = |place| {
            let account = Account::default();
            made_up((Kind::Event, true), place, &Store::default(), &account)
        };
        assert_eq!(offer(7), offer(7));
        assert_eq!(offer(7), offer(7 + DIFFERENT));
        assert_ne!(offer(7), offer(8));
        offer(usize::MAX);
    }
}
