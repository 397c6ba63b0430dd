//! Laws of settling: evidence decides, and what it cannot decide is said so.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{Content, Localization, Localizations};
use offerctl_model::field::{Field, Visibility};
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{Moment, Value};
use offerctl_reconcile::live::{Live, LiveOffer, Row};
use offerctl_reconcile::settle::{Verdict, candidates, settle};
use offerctl_reconcile::state::{Binding, Gone, Intent, IntentId, Run, State};
use proptest::prelude::*;

use super::config;
use crate::support::catalogue::country;
use crate::support::rows::{Show, rows};

/// What of a sent offer shows up besides what is equal to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Near {
    Nothing,
    Title,
    Url,
    /// Equal as far as it goes, but a country is missing; of a plain offer, the price differs.
    Incomplete,
}

/// Intents that say the same, and what the lists show of them.
#[derive(Debug, Clone)]
struct Group {
    /// How many were sent.
    sent: usize,
    /// How many equal offers are there that were not there before.
    found: usize,
    near: Near,
    localized: bool,
    description: bool,
    /// Which title it shares with other groups; 0 shares with none.
    title: u8,
    /// A field that nobody can read back.
    associate: u8,
}

/// Offers that have nothing to do with the intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Stranger,
    /// Equal to what the first group sent, but there before.
    InBaseline,
    /// Equal, and bound to a name.
    Bound,
    /// Equal, and buried.
    Buried,
    /// Equal, and of another type.
    Retyped,
}

#[derive(Debug, Clone)]
struct Case {
    groups: Vec<Group>,
    others: Vec<Other>,
    reversed: bool,
}

fn group(alike: bool) -> impl Strategy<Value = Group> {
    let near = prop_oneof![
        3 => Just(Near::Nothing),
        1 => Just(Near::Title),
        1 => Just(Near::Url),
        1 => Just(Near::Incomplete),
    ];
    let (titles, associates) = if alike { (2_u8, 3_u8) } else { (1, 1) };
    (
        (1..4_usize, 0..4_usize),
        near,
        any::<bool>(),
        any::<bool>(),
        (0..titles, 0..associates),
    )
        .prop_map(
            |((sent, found), near, localized, description, (title, associate))| Group {
                sent,
                found,
                near,
                localized,
                description,
                title,
                associate,
            },
        )
}

fn case(alike: bool) -> impl Strategy<Value = Case> {
    let other = proptest::sample::select(
        &[
            Other::Stranger,
            Other::InBaseline,
            Other::Bound,
            Other::Buried,
            Other::Retyped,
        ][..],
    );
    (
        proptest::collection::vec(group(alike), 1..4),
        proptest::collection::vec(other, 0..4),
        any::<bool>(),
    )
        .prop_map(|(groups, others, reversed)| Case {
            groups,
            others,
            reversed,
        })
}

const TYPE: OfferType = OfferType::Subscription;

impl Case {
    fn content(&self, index: usize) -> Content {
        let group = &self.groups[index];
        // Groups that share a title are alike in everything that can be read.
        let text = if group.title == 0 {
            format!("own-{index}")
        } else {
            "shared".to_owned()
        };
        let mut content = Content::default();
        let mut set = |field, value| content.fields.set(field, value);
        set(Field::Title, Value::text(text.as_str()));
        set(Field::Url, Value::text(format!("https://club.tv/{text}")));
        set(Field::Price, Value::Amount("12".parse().unwrap()));
        set(Field::Period, Value::text("month"));
        if group.description {
            set(Field::Description, Value::text("An evening"));
        }
        if group.associate > 0 {
            let email = format!("{}@club.tv", group.associate);
            set(Field::AssociateEmail, Value::text(email));
        }
        if group.localized {
            let row = |currency: &str| Localization {
                currency: Currency::new(currency).unwrap(),
                fields: [(Field::Price, Value::Amount("9.5".parse().unwrap()))]
                    .into_iter()
                    .collect(),
            };
            content.localizations = Some(Localizations::from_iter([
                (country("FR"), row("EUR")),
                (country("US"), row("USD")),
            ]));
        }
        content
    }

    fn intent_id(group: usize, number: usize) -> IntentId {
        IntentId(format!("intent-{group}-{number}"))
    }

    /// The name of an intent; the order of names is not that of intents.
    fn name(group: usize, number: usize) -> Name {
        format!("offer-{group}-{}", 9 - number).parse().unwrap()
    }

    fn rows(&self, stem: &str, index: usize) -> Vec<Row> {
        rows(
            Api::JsonRpc,
            &self.content(index),
            stem,
            Show::Everything,
            &|_| None,
        )
    }

    fn near(&self, index: usize) -> Vec<Row> {
        let stem = format!("S{}", 400_000_000 + index);
        let mut found = self.rows(&stem, index);
        let set = |found: &mut Vec<Row>, field: Field, value: Value| {
            for row in found {
                row.fields.set(field, value.clone());
            }
        };
        match self.groups[index].near {
            Near::Nothing => found.clear(),
            Near::Title => set(&mut found, Field::Url, Value::text("https://club.tv/else")),
            Near::Url => set(&mut found, Field::Title, Value::text("else")),
            Near::Incomplete if found.len() > 1 => found.truncate(1),
            Near::Incomplete => {
                set(
                    &mut found,
                    Field::Price,
                    Value::Amount("13".parse().unwrap()),
                );
            }
        }
        found
    }

    fn state_and_live(&self, with_others: bool) -> (State, Live) {
        let mut state = State::default();
        let mut listed: Vec<(OfferType, Row)> = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            for number in 0..group.sent {
                let intent = Intent {
                    record: offerctl_reconcile::state::Record::default(),
                    run: "run".to_owned(),
                    name: Self::name(index, number),
                    offer_type: TYPE,
                    content: self.content(index),
                    uses: Vec::new(),
                    since: Moment::EPOCH,
                };
                state.intents.insert(Self::intent_id(index, number), intent);
            }
            for number in 0..group.found {
                let stem = format!("S{}", 300_000_000 + 10 * index + number);
                listed.extend(self.rows(&stem, index).into_iter().map(|row| (TYPE, row)));
            }
            listed.extend(self.near(index).into_iter().map(|row| (TYPE, row)));
        }
        let mut baseline = BTreeSet::new();
        let others = self.others.iter().enumerate().filter(|_| with_others);
        for (number, other) in others {
            let stem = format!("S{}", 100_000_000 + number);
            let id = OfferId::new(&stem);
            let mut found = self.rows(&stem, 0);
            if self.groups.iter().any(|group| group.near == Near::Url) {
                // An address that others have as well is no evidence: that has tests of its own.
                for row in &mut found {
                    row.fields
                        .set(Field::Url, Value::text("https://club.tv/other"));
                }
            }
            let mut offer_type = TYPE;
            match other {
                Other::Stranger => {
                    for row in &mut found {
                        row.fields.set(Field::Title, Value::text("stranger"));
                        row.fields
                            .set(Field::Url, Value::text("https://club.tv/stranger"));
                    }
                }
                Other::InBaseline => {
                    baseline.insert(id);
                }
                Other::Bound => {
                    let binding = Binding {
                        id,
                        offer_type: TYPE,
                        protect: false,
                        needs: BTreeSet::new(),
                        applied: None,
                        sent: None,
                        leftovers: Vec::new(),
                        retiring: Vec::new(),
                    };
                    state.bind(format!("bound-{number}").parse().unwrap(), binding);
                }
                Other::Buried => state.bury(&"gone".parse().unwrap(), &id, TYPE, Gone::Deactivated),
                Other::Retyped => offer_type = OfferType::Pass,
            }
            listed.extend(found.into_iter().map(|row| (offer_type, row)));
        }
        let run = Run {
            since: Moment::EPOCH,
            baseline: BTreeMap::from([(TYPE, baseline)]),
        };
        state.runs.insert("run".to_owned(), run);
        if self.reversed {
            listed.reverse();
        }
        let mut live = Live::new();
        for (offer_type, row) in listed {
            live.add(offer_type, true, row);
        }
        (state, live)
    }

    fn verdicts(&self, with_others: bool) -> BTreeMap<IntentId, Verdict> {
        let (state, live) = self.state_and_live(with_others);
        settle(Api::JsonRpc, TYPE, &live, &state)
    }

    /// The verdicts of a group, in the order of names.
    fn of_group(verdicts: &BTreeMap<IntentId, Verdict>, index: usize, sent: usize) -> Vec<Verdict> {
        let mut numbers: Vec<usize> = (0..sent).collect();
        numbers.sort_by_key(|number| Self::name(index, *number));
        numbers
            .into_iter()
            .map(|number| verdicts[&Self::intent_id(index, number)].clone())
            .collect()
    }
}

/// Whether an offer shows every readable field of a content in every country: compared value by value.
fn says_all(content: &Content, offer: &LiveOffer) -> bool {
    let view = offer.view(TYPE).unwrap();
    let countries: Vec<_> = match &content.localizations {
        None => vec![country("US")],
        Some(rows) => rows.keys().copied().collect(),
    };
    view.rows.len() == countries.len()
        && countries.iter().all(|country| {
            let row = view.row(*country).unwrap();
            content.row_fields(*country).into_iter().all(|field| {
                field.visibility() == Visibility::WriteOnly
                    || row.fields.get(field) == content.effective(*country, field)
            })
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_intent_has_a_verdict_and_no_offer_two_names(case in case(true)) {
        let (state, live) = case.state_and_live(true);
        let verdicts = settle(Api::JsonRpc, TYPE, &live, &state);
        let intents: Vec<&IntentId> = state.intents.keys().collect();
        prop_assert_eq!(verdicts.keys().collect::<Vec<_>>(), intents);
        let made: Vec<&OfferId> = verdicts
            .values()
            .filter_map(|verdict| match verdict {
                Verdict::Made(id) => Some(id),
                Verdict::NotMade | Verdict::Undecidable(_) => None,
            })
            .collect();
        let stems: BTreeSet<OfferId> = made.iter().map(|id| id.to_stem()).collect();
        prop_assert_eq!(stems.len(), made.len(), "{:?}", verdicts);
        for id in stems {
            prop_assert!(!state.runs["run"].baseline[&TYPE].contains(&id));
            prop_assert!(state.name_of(&id).is_none());
            prop_assert!(!state.tombstones.contains_key(&id));
        }
    }

    #[test]
    fn what_is_ours_says_all_that_was_sent(case in case(true)) {
        let (state, live) = case.state_and_live(true);
        for (intent, verdict) in settle(Api::JsonRpc, TYPE, &live, &state) {
            if let Verdict::Made(id) = verdict {
                let content = &state.intents[&intent].content;
                prop_assert!(says_all(content, live.get(&id).unwrap()), "{:?}", id);
            }
        }
    }

    #[test]
    fn as_many_names_as_equal_offers_get_one_and_the_first_do(case in case(false)) {
        let verdicts = case.verdicts(true);
        for (index, group) in case.groups.iter().enumerate() {
            let of_group = Case::of_group(&verdicts, index, group.sent);
            if group.found > group.sent {
                let undecidable = of_group.iter().all(|verdict| {
                    matches!(verdict, Verdict::Undecidable(ids) if ids.len() == group.found)
                });
                prop_assert!(undecidable, "{:?}", of_group);
                continue;
            }
            let (made, rest) = of_group.split_at(group.found);
            let ids: Vec<&OfferId> = made
                .iter()
                .filter_map(|verdict| match verdict {
                    Verdict::Made(id) => Some(id),
                    Verdict::NotMade | Verdict::Undecidable(_) => None,
                })
                .collect();
            prop_assert_eq!(ids.len(), group.found);
            prop_assert!(ids.is_sorted());
            for verdict in rest {
                let near = matches!(verdict, Verdict::Undecidable(_));
                prop_assert_eq!(near, group.near != Near::Nothing, "{:?}", verdict);
                prop_assert_eq!(!near, *verdict == Verdict::NotMade);
            }
        }
    }

    #[test]
    fn offers_that_have_nothing_to_do_with_it_change_no_verdict(case in case(true)) {
        prop_assert_eq!(case.verdicts(true), case.verdicts(false));
    }

    #[test]
    fn the_order_of_lists_changes_no_verdict(case in case(true)) {
        let other = Case { reversed: !case.reversed, ..case.clone() };
        prop_assert_eq!(case.verdicts(true), other.verdicts(true));
    }

    #[test]
    fn what_may_be_ours_is_read_by_itself_first(case in case(true)) {
        let (state, live) = case.state_and_live(true);
        let read: BTreeSet<OfferId> = candidates(Api::JsonRpc, TYPE, &live, &state)
            .into_iter()
            .map(|(_, id)| id.to_stem())
            .collect();
        for verdict in settle(Api::JsonRpc, TYPE, &live, &state).into_values() {
            let ids = match verdict {
                Verdict::Made(id) => vec![id],
                Verdict::Undecidable(ids) => ids,
                Verdict::NotMade => Vec::new(),
            };
            for id in ids {
                prop_assert!(read.contains(&id.to_stem()), "{}", id);
            }
        }
    }
}
