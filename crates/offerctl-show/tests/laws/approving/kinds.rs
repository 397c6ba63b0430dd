//! The same law for what is about no move of a price: offers and countries that go, replacements, cleared fields, and prices
//! out of range.

use offerctl_manifest::project::PriceRange;
use offerctl_model::money::Currency;
use offerctl_reconcile::plan::LostCountries;

use super::*;

/// What an entry approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Deactivations,
    Replacements,
    Clears,
    RemoveCountries,
    PriceRange,
}

const KINDS: [Kind; 5] = [
    Kind::Deactivations,
    Kind::Replacements,
    Kind::Clears,
    Kind::RemoveCountries,
    Kind::PriceRange,
];

/// An entry, as the witness knows it; what it says beside its kind is [`Written`].
type OfKind = (Kind, Written);

/// What would be refused of an offer: its kind, and the countries that go.
type Doing = (usize, Kind, BTreeSet<usize>, bool);

/// A thing that an entry is used for once.
type Once = (Kind, usize, usize);

fn run() -> impl Strategy<Value = (u32, Vec<Doing>)> {
    let countries = prop::collection::btree_set(1..3_usize, 1..3);
    let doing = (
        0..4_usize,
        prop::sample::select(&KINDS[..]),
        countries,
        any::<bool>(),
    );
    (1..8_u32, prop::collection::vec(doing, 1..5))
}

fn approval((kind, written): &OfKind) -> Approval {
    let what = match kind {
        Kind::Deactivations => Approved::Deactivations,
        Kind::Replacements => Approved::Replacements,
        Kind::Clears => Approved::Clears {
            field: Field::Description,
        },
        Kind::RemoveCountries => {
            let countries = written.countries.iter().flatten();
            Approved::RemoveCountries {
                countries: countries.filter_map(|number| country(*number)).collect(),
                every_other: false,
            }
        }
        Kind::PriceRange => Approved::PriceRange {
            countries: None,
            currency: Currency::new("USD").unwrap(),
            min: None,
            max: Some(Amount::new(500.into())),
        },
    };
    Approval {
        what,
        ..written.approval()
    }
}

/// Whether an entry allows something, but for what was used before.
fn allows((of, written): &OfKind, (kind, offer, number): Once, today: u32) -> bool {
    *of == kind
        && (written.offers.is_empty() || written.offers.contains(&offer))
        && written.file.is_none_or(|file| file == file_of(offer))
        && written.here
        && today <= written.day
        && (kind != Kind::RemoveCountries
            || written.countries.iter().flatten().any(|one| *one == number))
}

/// What tells whether two entries are one.
fn says((kind, written): &OfKind) -> (Kind, u32, usize) {
    (*kind, written.day, written.reason)
}

fn changed((offer, kind, countries, _): &Doing) -> Change {
    let plain = change(*offer, &[]);
    let field = |field, before, after, cause| FieldChange {
        path: FieldPath::top(field),
        before,
        after,
        applied: None,
        currency: Currency::new("USD"),
        cause,
        readable: true,
    };
    match kind {
        Kind::Deactivations => Change {
            action: Action::Deactivate,
            ..plain
        },
        Kind::Replacements => Change {
            action: Action::Replace,
            ..plain
        },
        Kind::Clears => Change {
            fields: vec![field(
                Field::Description,
                Some(Value::text("Text")),
                Some(Value::text("")),
                Cause::Undeclared,
            )],
            ..plain
        },
        Kind::RemoveCountries => Change {
            lost: vec![LostCountries {
                row: None,
                countries: countries
                    .iter()
                    .filter_map(|number| country(*number))
                    .collect(),
                every_other: false,
            }],
            ..plain
        },
        Kind::PriceRange => Change {
            fields: vec![field(
                Field::Price,
                Some(cents(10_000)),
                Some(cents(20_000)),
                Cause::Edited,
            )],
            ..plain
        },
    }
}

/// What of a change needs an entry: an offer that is replaced needs one to be replaced, or one to go and a word in its
/// lifecycle, which these have not.
fn needed((offer, kind, countries, _): &Doing) -> Vec<Once> {
    if *kind == Kind::RemoveCountries {
        return countries
            .iter()
            .map(|number| (*kind, *offer, *number))
            .collect();
    }
    vec![(*kind, *offer, 0)]
}

fn guards() -> GuardPolicy {
    let range = PriceRange {
        min: None,
        max: Some(Amount::new(150.into())),
    };
    GuardPolicy {
        max_deactivations: Some(0),
        max_price_change: Amount::new(1000.into()),
        price: [(Currency::new("USD").unwrap(), range)].into(),
        ..GuardPolicy::default()
    }
}

fn once(granted: &Granted, kind: Kind) -> Once {
    let (offer, number) = place(granted);
    (kind, offer, number)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_approval_of_any_kind_is_used_once_where_and_when_it_says(
        written in prop::collection::vec((prop::sample::select(&KINDS[..]), super::written()), 0..6),
        runs in prop::collection::vec(run(), 1..6),
    ) {
        let written: Vec<OfKind> = written;
        let mut used = BTreeSet::new();
        let mut state = State::default();
        let guards = guards();
        let mut today = 0;
        for (at, mut doings) in runs {
            today = at.max(today);
            let mut seen = BTreeSet::new();
            doings.retain(|(offer, ..)| seen.insert(*offer));
            doings.sort_by_key(|(offer, ..)| *offer);
            let mut plan = plan_with(written.iter().map(approval).collect());
            (plan.facts.managed, plan.facts.found, plan.facts.live) = (4, 4, 4);
            plan.changes = doings.iter().map(changed).collect();
            let found = reviewed(&plan, (&guards, &state), today);
            // What the witness says.
            let is_free = |once: Once| {
                let mut entries = written.iter().filter(|entry| allows(entry, once, today));
                entries.any(|entry| !used.contains(&(says(entry), once)))
            };
            let mut expected = BTreeSet::new();
            let (mut refused, mut going, mut cleared) = (0, 0, 0);
            for doing in &doings {
                let (free, open): (Vec<Once>, Vec<Once>) =
                    needed(doing).into_iter().partition(|once| is_free(*once));
                expected.extend(free);
                match doing.1 {
                    Kind::Deactivations => going += open.len(),
                    Kind::Clears => cleared += open.len(),
                    Kind::RemoveCountries | Kind::PriceRange => refused += usize::from(!open.is_empty()),
                    Kind::Replacements => {
                        refused += open.len();
                        let goes = (Kind::Deactivations, doing.0, 0);
                        match open.is_empty() {
                            false if is_free(goes) => {
                                expected.insert(goes);
                            }
                            false => going += 1,
                            true => {}
                        }
                    }
                }
            }
            refused += usize::from(going > 0) + usize::from(cleared > 1);
            prop_assert_eq!(found.refusals.len(), refused, "{:?}", found.refusals);
            let entry_of = |granted: &Granted| {
                let approved = &plan.approvals[granted.approval];
                let mut entries = written.iter().filter(|entry| entry.1.here);
                entries.find(|entry| approval(entry) == *approved).unwrap()
            };
            let granted: BTreeSet<Once> = found
                .approved
                .iter()
                .map(|granted| once(granted, entry_of(granted).0))
                .collect();
            prop_assert_eq!(&granted, &expected);
            if refused > 0 {
                continue;
            }
            for granted in &found.approved {
                let entry = entry_of(granted);
                let once = once(granted, entry.0);
                prop_assert!(allows(entry, once, today));
                let done = doings.iter().any(|doing| doing.0 == once.1 && doing.3);
                if done {
                    prop_assert!(used.insert((says(entry), once)), "used twice");
                }
                send(&mut state, (granted, &plan), done);
            }
        }
    }
}
