//! The independent look at a plan: a good plan has no violation, and each bad one has its own.

use std::sync::Arc;

use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;
use offerctl_reconcile::check::check;
use offerctl_reconcile::plan::{Group, GroupId, Operation, Plan, Step, StepId};

use crate::support::world::{World, declared};

const OFFERS: &str =
    "create: {type: pass, title: create, url: 'https://club.tv/create', period: month}
update: {type: pass, title: update, url: 'https://club.tv/update', period: month, description: x}
replace: {type: single, title: replace, url: 'https://club.tv/replace'}
adopt: {type: pass, title: adopt, url: 'https://club.tv/adopt', period: month}
final: {type: event, title: final, url: 'https://club.tv/final'}
again: {type: vod, title: again, url: 'https://club.tv/again', eventAssociation: [final]}
french: {type: subscription, title: french, url: 'https://club.tv/french', period: month, \
    localizations: {FR: {currency: EUR}, US: {currency: USD, title: american}}}";

const LIVE: &str = "pass P100000001_US title=update url=https://club.tv/update price=12 period=month
pass P100000002_US title=replace url=https://club.tv/replace price=12 period=month
pass P100000003_US title=adopt url=https://club.tv/adopt price=12 period=month
pass P100000004_US title=gone url=https://club.tv/gone price=12 period=month
pass P100000005_US title=forgotten url=https://club.tv/forgotten price=12 period=month inactive
pass P100000006_US title=nobody url=https://club.tv/nobody price=12 period=month
pass P100000007_US title=dependent url=https://club.tv/dependent price=12 period=month
subscription S100000001_FR title=old url=https://club.tv/french price=12 period=month currency=EUR
subscription S100000001_US title=american url=https://club.tv/french price=12 period=month
event E100000009_US title=past url=https://club.tv/past price=12 startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo
vod A100000009_US title=later url=https://club.tv/later price=12 eventAssociation=id:E100000009_US";

const STATE: &str = "update pass P100000001_US
replace pass P100000002_US
gone pass P100000004_US
forgotten pass P100000005_US
dependent pass P100000007_US needs=gone
french subscription S100000001
past event E100000009_US
later vod A100000009_US";

/// `later` lets go of `past`, which goes.
const LATER: &str =
    "later: {type: vod, title: later, url: 'https://club.tv/later', eventAssociation: []}";

fn world() -> World {
    let offers = format!("{OFFERS}\n{LATER}");
    declared(&offers).live(LIVE).state(STATE).world()
}

fn index(plan: &Plan, name: &str, verb: &str) -> usize {
    let found = |step: &Step| step.name.as_str() == name && step.operation.verb() == verb;
    plan.steps
        .iter()
        .position(found)
        .expect("the plan has the step")
}

fn step<'p>(plan: &'p mut Plan, name: &str, verb: &str) -> &'p mut Step {
    let index = index(plan, name, verb);
    &mut plan.steps[index]
}

/// Spoils the good plan, and checks that its checker says so.
#[track_caller]
fn bad(spoil: impl Fn(&mut Plan, &mut World), problem: &str) {
    let mut world = world();
    let mut plan = world.plan();
    spoil(&mut plan, &mut world);
    let violations = check(&plan, &world.desired, &world.live, &world.state);
    let found: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(
        found.iter().any(|found| found.contains(problem)),
        "{problem}: {found:#?}"
    );
}

#[test]
fn the_plan_that_is_spoilt_below_is_good() {
    let plan = world().plan();
    let verbs: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{} {}", step.operation.verb(), step.name))
        .collect();
    assert_eq!(
        verbs,
        [
            "bind adopt",
            "create final",
            "create replace",
            "create again",
            "update later",
            "update french",
            "create create",
            "update update",
            "deactivate dependent",
            "deactivate gone",
            "deactivate replace",
            "deactivate past",
            "forget forgotten",
        ]
    );
}

#[test]
fn a_violation_names_step_verb_and_offer() {
    let mut world = world();
    let plan = world.plan();
    world.state.bindings.clear();
    let violations = check(&plan, &world.desired, &world.live, &world.state);
    let text = violations
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        text.contains("(deactivate `gone`) touches P100000004_US, which belongs to nobody"),
        "{text}"
    );
}

#[test]
fn edges_lead_backwards() {
    bad(
        |plan, _| step(plan, "final", "create").needs.push(StepId(5)),
        "(create `final`) needs a step that does not come before it",
    );
    bad(
        |plan, _| {
            let own = index(plan, "final", "create");
            plan.steps[own]
                .needs
                .push(StepId(u32::try_from(own).unwrap()));
        },
        "needs a step that does not come before it",
    );
    bad(
        |plan, _| {
            let members = vec![StepId(0), StepId(9)];
            plan.groups.push(Group {
                tag: "a".into(),
                members,
            });
            let group = GroupId(u32::try_from(plan.groups.len() - 1).unwrap());
            step(plan, "final", "create").after.push(group);
        },
        "waits for a group that does not come before it",
    );
    bad(
        |plan, _| step(plan, "final", "create").after.push(GroupId(99)),
        "waits for a group that does not come before it",
    );
}

#[test]
fn a_create_makes_what_is_declared_once() {
    bad(
        |plan, _| step(plan, "create", "create").name = "nobody".parse().unwrap(),
        "makes an offer that is not declared",
    );
    bad(
        |plan, _| {
            let operation = Operation::Create {
                content: Arc::default(),
                home: None,
            };
            step(plan, "create", "create").operation = operation;
        },
        "makes something else than what is declared",
    );
    bad(
        |plan, _| step(plan, "create", "create").offer_type = OfferType::Subscription,
        "makes something else than what is declared",
    );
    bad(
        |plan, _| {
            let again = step(plan, "create", "create").clone();
            plan.steps.push(again);
        },
        "makes the offer a second time",
    );
}

#[test]
fn a_create_makes_nothing_that_may_be_there() {
    bad(
        |_, world| {
            let text = "intent create pass";
            world.state.intents = crate::support::state::state(text, &world.desired).intents;
        },
        "makes an offer whose earlier create is not settled",
    );
    bad(
        |_, world| {
            let text = "create pass P100000006_US";
            let bound = crate::support::state::state(text, &world.desired).bindings;
            world.state.bindings.extend(bound);
        },
        "makes an offer that is bound already",
    );
    bad(
        |_, world| {
            let row = "pass P100000008_US title=create url=https://club.tv/create";
            crate::support::live::add(&mut world.live, row);
        },
        "makes an offer beside P100000008_US, which has its title and url",
    );
    bad(
        |plan, _| {
            let event = index(plan, "final", "create");
            plan.steps[event].name = "other".parse().unwrap();
        },
        "names the event `final`, which no earlier step makes",
    );
}

#[test]
fn a_binding_takes_what_is_there_and_nobodys() {
    let bind = |plan: &mut Plan, id: &str| {
        step(plan, "adopt", "bind").operation = Operation::Bind {
            id: OfferId::new(id),
        };
    };
    bad(
        |plan, _| bind(plan, "P999999999_US"),
        "touches P999999999_US, which the account does not list",
    );
    bad(
        |plan, _| bind(plan, "P100000001_US"),
        "binds P100000001_US, which belongs to `update`",
    );
    bad(
        |plan, _| {
            let again = step(plan, "adopt", "bind").clone();
            plan.steps.insert(
                0,
                Step {
                    name: "create".parse().unwrap(),
                    ..again
                },
            );
        },
        "which belongs to `create`",
    );
    bad(
        |plan, _| step(plan, "adopt", "bind").name = "nobody".parse().unwrap(),
        "binds an offer that is not declared",
    );
}

/// Changes what an update sends.
#[test]
fn a_video_whose_event_is_undecided_is_no_violation() {
    let event = "final: {type: event, title: final, url: 'https://club.tv/final'}";
    let video =
        "again: {type: vod, title: again, url: 'https://club.tv/again', eventAssociation: [final]}";
    let offers = format!("{event}\n{video}");
    let near = "event E100000001_US title=final url=https://club.tv/else price=12";
    let blocked = declared(&offers).live(near).plan();
    assert_eq!(blocked.conflicts.len(), 1);
    let pending = declared(&offers).state("intent final event").plan();
    assert_eq!(pending.pending.len(), 1);
}

fn send(plan: &mut Plan, name: &str, values: impl Fn(&mut OfferId, &mut Fields, &mut Fields)) {
    let Operation::Update { id, base, rows, .. } = &mut step(plan, name, "update").operation else {
        panic!("an update");
    };
    let mut row = Fields::new();
    values(id, base, &mut row);
    if !row.is_empty() {
        rows.insert(Country::new("FR").unwrap(), row);
    }
}

#[test]
fn an_update_changes_what_is_declared_on_an_offer_of_its_own() {
    bad(
        |plan, _| {
            send(plan, "update", |id, _, _| {
                *id = OfferId::new("P999999999_US");
            });
        },
        "touches P999999999_US, which the account does not list",
    );
    bad(
        |plan, _| {
            send(plan, "update", |id, _, _| {
                *id = OfferId::new("P100000004_US");
            });
        },
        "touches P100000004_US, which belongs to `gone`",
    );
    bad(
        |plan, _| {
            send(plan, "update", |id, _, _| {
                *id = OfferId::new("P100000006_US");
            });
        },
        "touches P100000006_US, which belongs to nobody",
    );
    bad(
        |plan, _| step(plan, "update", "update").name = "nobody".parse().unwrap(),
        "changes an offer that is not declared",
    );
    bad(
        |plan, _| send(plan, "update", |_, base, _| *base = Fields::new()),
        "changes nothing",
    );
    bad(
        |plan, _| {
            send(plan, "update", |_, base, _| {
                base.set(Field::Title, Value::text("another"));
            });
        },
        "sets `title` to a value that nobody declared",
    );
    bad(
        |plan, _| {
            send(plan, "french", |_, _, row| {
                row.set(Field::Title, Value::text("american"));
            });
        },
        "sets `title` of FR to a value that nobody declared",
    );
    bad(
        |plan, _| {
            send(plan, "update", |_, base, _| {
                base.set(
                    Field::Currency,
                    Value::Currency(Currency::new("EUR").unwrap()),
                );
            });
        },
        "changes a currency",
    );
}

#[test]
fn only_a_declared_offer_of_its_own_is_revived() {
    let revive = |plan: &mut Plan, name: &str, id: &str| {
        let activate = step(plan, "update", "update");
        activate.operation = Operation::Activate {
            id: OfferId::new(id),
        };
        activate.name = name.parse().unwrap();
    };
    bad(
        |plan, _| revive(plan, "update", "P999999999_US"),
        "which the account does not list",
    );
    bad(
        |plan, _| revive(plan, "update", "P100000006_US"),
        "which belongs to nobody",
    );
    bad(
        |plan, _| revive(plan, "gone", "P100000004_US"),
        "revives an offer that is not declared",
    );
}

#[test]
fn only_an_offer_of_its_own_that_nobody_wants_goes() {
    let lower = |plan: &mut Plan, name: &str, id: &str| {
        let id = OfferId::new(id);
        step(plan, "gone", "deactivate").operation = Operation::Deactivate {
            id,
            replaced: false,
        };
        step(plan, "gone", "deactivate").name = name.parse().unwrap();
    };
    bad(
        |plan, _| lower(plan, "gone", "P999999999_US"),
        "which the account does not list",
    );
    bad(
        |plan, _| lower(plan, "gone", "P100000006_US"),
        "which belongs to nobody",
    );
    bad(
        |plan, _| lower(plan, "gone", "P100000001_US"),
        "which belongs to `update`",
    );
    bad(
        |plan, _| lower(plan, "update", "P100000001_US"),
        "takes P100000001_US out of the shop, which is declared",
    );
    bad(
        |plan, _| {
            let deactivate = step(plan, "replace", "deactivate");
            deactivate.needs.clear();
        },
        "does not wait for the offer that takes its place",
    );
    bad(
        |plan, _| {
            let id = OfferId::new("P100000001_US");
            let mut own = step(plan, "replace", "deactivate").clone();
            own.name = "update".parse().unwrap();
            own.operation = Operation::Deactivate { id, replaced: true };
            plan.steps.push(own);
        },
        "takes P100000001_US out of the shop, which is declared",
    );
}

#[test]
fn only_an_offer_of_its_own_that_nobody_declares_is_forgotten() {
    let forget = |plan: &mut Plan, name: &str, id: &str| {
        let step = step(plan, "forgotten", "forget");
        step.operation = Operation::Forget {
            id: OfferId::new(id),
        };
        step.name = name.parse().unwrap();
    };
    bad(
        |plan, _| forget(plan, "forgotten", "P100000006_US"),
        "which belongs to nobody",
    );
    bad(
        |plan, _| forget(plan, "update", "P100000001_US"),
        "forgets an offer that is declared",
    );
}

#[test]
fn what_is_needed_is_waited_for() {
    bad(
        |plan, _| step(plan, "again", "create").needs.clear(),
        "(create `again`) does not wait for `final`",
    );
    bad(
        |plan, _| step(plan, "gone", "deactivate").needs.clear(),
        "(deactivate `gone`) goes before `dependent`, which needs it",
    );
    bad(
        |plan, _| step(plan, "past", "deactivate").needs.clear(),
        "(deactivate `past`) goes before `later` lets go of it",
    );
}
