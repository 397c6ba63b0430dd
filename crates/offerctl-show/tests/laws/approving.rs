//! The law of approvals: none is used twice for one offer and country, outside its file, after its day, in another environment,
//! or beyond what it says. The witness below knows prices as cents and shares no code with the guards.

mod kinds;

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::manifest::{Approval, Approved, Date, Direction, Lifecycle};
use offerctl_manifest::project::{Account, Endpoint, Environment, GuardPolicy, Project};
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Amount;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{Moment, Value};
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::guard::{Findings, Granted, Policy, review};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Action, Change, Plan, plan};
use offerctl_reconcile::state::{Entry, State};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::config;

/// An entry, as the witness knows it.
#[derive(Debug, Clone)]
struct Written {
    /// Offers by number; all of them, if empty.
    offers: Vec<usize>,
    /// The number of its file; `None` for offerctl.yaml.
    file: Option<usize>,
    percent: u64,
    /// Whether prices may rise, and whether they may fall.
    goes: (bool, bool),
    /// Countries by number; all prices, if `None`.
    countries: Option<Vec<usize>>,
    here: bool,
    day: u32,
    reason: usize,
}

/// A price of an offer in a run: offer, country (0 for the offer itself), cents after, and whether the step succeeds.
type Move = (usize, usize, u64, bool);

const COUNTRIES: [&str; 2] = ["FR", "NO"];

fn written() -> impl Strategy<Value = Written> {
    let goes = prop_oneof![Just((true, false)), Just((false, true)), Just((true, true))];
    (
        prop::collection::vec(0..4_usize, 0..3),
        prop::option::of(0..2_usize),
        prop_oneof![Just(60_u64), Just(80), Just(200)],
        goes,
        prop::option::of(prop::collection::vec(1..3_usize, 1..3)),
        prop::bool::weighted(0.8),
        1..8_u32,
        0..2_usize,
    )
        .prop_map(
            |(offers, file, percent, goes, countries, here, day, reason)| Written {
                offers,
                file,
                percent,
                goes,
                countries,
                here,
                day,
                reason,
            },
        )
}

fn run() -> impl Strategy<Value = (u32, Vec<Move>)> {
    let price = prop_oneof![
        Just(0_u64),
        Just(100),
        Just(160),
        Just(256),
        Just(400),
        100..500_u64
    ];
    let moved = (0..4_usize, 0..3_usize, price, any::<bool>());
    (1..8_u32, prop::collection::vec(moved, 1..8))
}

fn country(number: usize) -> Option<Country> {
    number
        .checked_sub(1)
        .and_then(|index| Country::new(COUNTRIES[index]))
}

fn file(number: usize) -> Arc<Foreign> {
    Arc::new(format!("offers/{number}.yaml").into())
}

fn name(offer: usize) -> String {
    format!("offer-{offer}")
}

/// Offers 0 and 1 are of file 0, 2 and 3 of file 1.
fn file_of(offer: usize) -> usize {
    offer / 2
}

fn day(day: u32) -> Date {
    format!("2026-06-{day:02}").parse().unwrap()
}

impl Written {
    fn approval(&self) -> Approval {
        let all = ["*".parse().unwrap()];
        let named = self
            .offers
            .iter()
            .map(|offer| name(*offer).parse().unwrap());
        let environments = [if self.here { "here" } else { "there" }.to_owned()];
        Approval {
            what: Approved::PriceChange {
                max: Amount::new(self.percent.into()),
                direction: match self.goes {
                    (true, false) => Some(Direction::Up),
                    (false, _) => Some(Direction::Down),
                    (true, true) => None,
                },
                countries: self
                    .countries
                    .as_ref()
                    .map(|all| all.iter().filter_map(|number| country(*number)).collect()),
            },
            offers: if self.offers.is_empty() {
                all.to_vec()
            } else {
                named.collect()
            },
            environments: Some(environments.into()),
            reason: format!("reason {}", self.reason).into(),
            until: day(self.day),
            file: self
                .file
                .map_or_else(|| Arc::new("offerctl.yaml".into()), file),
            line: 1,
            everywhere: self.file.is_none(),
            place: Span {
                file: FileId(0),
                start: 0,
                length: 0,
            },
        }
    }

    /// What tells whether two entries are one.
    fn says(&self) -> (u64, (bool, bool), u32, usize) {
        (self.percent, self.goes, self.day, self.reason)
    }

    /// Whether the entry allows a move, but for what was used before.
    fn allows(
        &self,
        (offer, country, after): (usize, usize, u64),
        before: u64,
        today: u32,
    ) -> bool {
        let moved = before.abs_diff(after);
        let (up, down) = self.goes;
        (self.offers.is_empty() || self.offers.contains(&offer))
            && self.file.is_none_or(|file| file == file_of(offer))
            && self.here
            && today <= self.day
            && self
                .countries
                .as_ref()
                .is_none_or(|all| all.contains(&country))
            && before != 0
            && after != 0
            && moved * 100 <= before * self.percent
            && (if after > before { up } else { down })
    }
}

fn cents(cents: u64) -> Value {
    Value::Amount(Amount::new(Decimal::new(i64::try_from(cents).unwrap(), 2)))
}

/// The change of an offer whose price moves, in one country or at its top.
fn change(offer: usize, moves: &[(usize, u64, u64)]) -> Change {
    let field = |(number, before, after): &(usize, u64, u64)| FieldChange {
        path: FieldPath {
            country: country(*number),
            field: Field::Price,
        },
        before: Some(cents(*before)),
        after: Some(cents(*after)),
        applied: None,
        currency: None,
        cause: Cause::Edited,
        readable: true,
    };
    Change {
        name: name(offer).parse().unwrap(),
        offer_type: OfferType::Pass,
        action: Action::Update,
        adopted: None,
        id: None,
        fields: moves.iter().map(field).collect(),
        reason: None,
        lifecycle: Lifecycle::default(),
        applied: None,
        lost: Vec::new(),
        file: Some(file(file_of(offer))),
        sold: None,
        span: None,
    }
}

fn plan_with(approvals: Vec<Approval>) -> Plan {
    let here = Environment::new("here", Endpoint::Emulator);
    let there = Environment::new("there", Endpoint::Emulator);
    let project = Project {
        approvals,
        environments: [
            ("here".to_owned(), here.clone()),
            ("there".to_owned(), there),
        ]
        .into(),
        ..Project::default()
    };
    let (desired, diagnostics) = resolve(&[], &project, &here);
    assert!(diagnostics.is_empty());
    let mut plan = plan(
        &Desired::for_api(Api::Rest),
        &Live::new(),
        &State::default(),
    );
    plan.approvals = desired.approvals;
    plan.facts.declared = 4;
    plan
}

fn reviewed(plan: &Plan, (guards, state): (&GuardPolicy, &State), today: u32) -> Findings {
    let account = Account::default();
    let policy = Policy {
        guards,
        account: &account,
        account_of_another: None,
        today: day(today),
        allow_deactivations: None,
        uses: &state.approvals,
        found_manifests: Some(true),
    };
    review(plan, &policy)
}

/// The offer and the country of a use, by their numbers.
fn place(granted: &Granted) -> (usize, usize) {
    let offer = (0..4).find(|offer| name(*offer) == granted.offer.as_str());
    let number = (0..3).find(|number| country(*number) == granted.country);
    (offer.unwrap(), number.unwrap())
}

/// Lets the state learn that a request is sent, and that its step has succeeded, if it has.
fn send(state: &mut State, (granted, plan): (&Granted, &Plan), succeeds: bool) {
    let since = Moment::from_unix(0).unwrap();
    for done in [Some(false), succeeds.then_some(true)]
        .into_iter()
        .flatten()
    {
        let used = granted.to_use(plan, (since, done)).unwrap();
        state.apply(Entry::Approved { used });
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_approval_is_used_once_where_when_and_as_far_as_it_says(
        written in prop::collection::vec(written(), 0..5),
        runs in prop::collection::vec(run(), 1..6),
    ) {
        let mut prices = [[100_u64; 3]; 4];
        let mut used = BTreeSet::new();
        let mut state = State::default();
        let guards = GuardPolicy::default();
        // Days only go on.
        let mut today = 0;
        for (at, moves) in runs {
            today = at.max(today);
            let mut plan = plan_with(written.iter().map(Written::approval).collect());
            let mut wanted: Vec<Vec<(usize, u64, u64)>> = vec![Vec::new(); 4];
            let mut succeeds = BTreeSet::new();
            for (offer, number, after, success) in moves {
                let before = prices[offer][number];
                let is_known = wanted[offer].iter().any(|(known, _, _)| *known == number);
                if before != after && !is_known {
                    wanted[offer].push((number, before, after));
                    if success {
                        succeeds.insert((offer, number));
                    }
                }
            }
            for (offer, moves) in wanted.iter().enumerate().filter(|(_, moves)| !moves.is_empty()) {
                plan.changes.push(change(offer, moves));
            }
            let found = reviewed(&plan, (&guards, &state), today);
            // What the witness says: how many moves are refused, and which need an entry.
            let mut refused = 0;
            let mut needed = BTreeSet::new();
            for (offer, moves) in wanted.iter().enumerate() {
                for (number, before, after) in moves {
                    let small = *before != 0 && *after != 0
                        && before.abs_diff(*after) * 100 <= before * 50;
                    if small {
                        continue;
                    }
                    let allowed = written.iter().any(|entry| {
                        entry.allows((offer, *number, *after), *before, today)
                            && !used.contains(&(entry.says(), offer, *number))
                    });
                    refused += usize::from(!allowed);
                    if allowed {
                        needed.insert((offer, *number));
                    }
                }
            }
            prop_assert_eq!(found.refusals.len(), refused, "{:?}", found.refusals);
            let granted: BTreeSet<(usize, usize)> = found.approved.iter().map(place).collect();
            prop_assert_eq!(&granted, &needed);
            if refused > 0 {
                continue;
            }
            // Some steps succeed, and use up what they needed; what was sent and failed does not.
            for granted in &found.approved {
                let (offer, number) = place(granted);
                let done = succeeds.contains(&(offer, number));
                let approval = &plan.approvals[granted.approval];
                let entry = written
                    .iter()
                    .find(|entry| entry.here && entry.approval() == *approval)
                    .unwrap();
                prop_assert!(entry.allows(
                    (offer, number, wanted[offer].iter().find(|(known, _, _)| *known == number).unwrap().2),
                    prices[offer][number],
                    today,
                ));
                if done {
                    prop_assert!(used.insert((entry.says(), offer, number)), "used twice");
                }
                send(&mut state, (granted, &plan), done);
            }
            for (offer, moves) in wanted.iter().enumerate() {
                for (number, _, after) in moves {
                    if succeeds.contains(&(offer, *number)) {
                        prices[offer][*number] = *after;
                    }
                }
            }
        }
    }
}
