//! What an apply would do: actions, and steps in their order.

use offerctl_reconcile::plan::{Action, Plan};
use offerctl_show::document::PlanSummary;
use offerctl_show::render::{Page, Style, steps_text};

use crate::support::world::{Texts, declared};

/// The steps as they are printed, without the headline and without what is about ids.
fn steps(plan: &Plan) -> Vec<String> {
    let page = Page {
        style: Style::Plain,
        width: 200,
    };
    let text = steps_text(plan, page);
    let lines = text.lines().skip(1).map(str::trim);
    lines.map(str::to_owned).collect()
}

#[track_caller]
fn check(texts: Texts<'_>, expected: &[&str]) {
    let plan = texts.plan();
    assert_eq!(plan.conflicts, []);
    assert_eq!(steps(&plan), expected);
}

fn pass(name: &str, words: &str) -> String {
    format!(
        "{name}: {{type: pass, title: {name}, url: 'https://club.tv/{name}', period: month{words}}}\n"
    )
}

fn single(name: &str, words: &str) -> String {
    format!("{name}: {{type: single, title: {name}, url: 'https://club.tv/{name}'{words}}}\n")
}

fn event(name: &str, words: &str) -> String {
    format!("{name}: {{type: event, title: {name}, url: 'https://club.tv/{name}'{words}}}\n")
}

fn vod(name: &str, words: &str) -> String {
    format!("{name}: {{type: vod, title: {name}, url: 'https://club.tv/{name}'{words}}}\n")
}

fn live(offer_type: &str, id: &str, name: &str, words: &str) -> String {
    let needed = match offer_type {
        "pass" | "subscription" => "period=month",
        "event" => "startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo",
        _ => "",
    };
    format!("{offer_type} {id} title={name} url=https://club.tv/{name} price=12 {needed} {words}\n")
}

#[test]
fn a_new_offer_is_created() {
    let news = pass("news", "");
    let plan = declared(&news).plan();
    assert_eq!(plan.changes[0].action, Action::Create);
    assert_eq!(plan.changes[0].id, None);
    check(declared(&news), &["1. create news (pass)"]);
}

#[test]
fn an_offer_that_is_as_it_should_be_stays() {
    let news = pass("news", "");
    let rows = live("pass", "P100000001_US", "news", "");
    let plan = declared(&news)
        .live(&rows)
        .state("news pass P100000001_US applied")
        .plan();
    assert!(plan.is_empty() && plan.steps.is_empty() && plan.refresh.is_empty());
    assert_eq!(plan.facts.unchanged, 1);
}

#[test]
fn an_equal_offer_is_bound_and_nothing_is_sent() {
    let news = pass("news", "");
    let rows = live("pass", "P100000001_US", "news", "");
    let plan = declared(&news).live(&rows).plan();
    assert_eq!(plan.changes[0].action, Action::Adopt);
    assert!(!plan.steps[0].operation.is_sent());
    check(
        declared(&news).live(&rows),
        &["1. bind news (pass) P100000001_US"],
    );
}

#[test]
fn an_offer_that_is_adopted_and_changed_is_bound_first() {
    let news = pass("news", ", description: x, ids: {local: P100000001_US}");
    let rows = live("pass", "P100000001_US", "news", "");
    let texts = declared(&news).live(&rows);
    let plan = texts.plan();
    assert_eq!(plan.changes[0].action, Action::Update);
    assert!(plan.changes[0].adopted.is_some());
    assert_eq!(
        plan.steps[0].record.as_ref().unwrap().applied,
        None,
        "the update records it"
    );
    check(
        texts,
        &[
            "1. bind news (pass) P100000001_US",
            "2. update news (pass) P100000001_US; needs 1",
        ],
    );
}

#[test]
fn an_offer_that_is_no_longer_declared_is_deactivated() {
    let rows =
        live("pass", "P100000001_US", "news", "") + &live("pass", "P100000002_US", "sport", "");
    let sport = pass("sport", "");
    let all = pass("news", "") + &sport;
    check(
        declared(&sport)
            .applied(&all)
            .live(&rows)
            .state("news pass P100000001_US applied\nsport pass P100000002_US applied"),
        &["1. deactivate news (pass) P100000001_US"],
    );
}

#[test]
fn an_inactive_offer_that_is_no_longer_declared_is_forgotten() {
    let rows = live("pass", "P100000001_US", "news", "inactive");
    let sport = pass("sport", "");
    check(
        declared(&sport)
            .live(&rows)
            .state("news pass P100000001_US"),
        &[
            "1. create sport (pass)",
            "2. forget news (pass) P100000001_US",
        ],
    );
}

#[test]
fn over_rest_an_inactive_offer_is_changed_and_then_revived() {
    let news = pass("news", ", description: x");
    let rows = live("pass", "P100000001_US", "news", "inactive");
    let texts = declared(&news)
        .rest()
        .live(&rows)
        .state("news pass P100000001_US");
    assert_eq!(texts.plan().changes[0].action, Action::Activate);
    check(
        texts,
        &[
            "1. update news (pass) P100000001_US",
            "2. activate news (pass) P100000001_US; needs 1",
        ],
    );
    check(
        declared(&news)
            .rest()
            .live(&rows)
            .state("deactivated news pass P100000001_US"),
        &[
            "1. bind news (pass) P100000001_US",
            "2. update news (pass) P100000001_US; needs 1",
            "3. activate news (pass) P100000001_US; needs 2",
        ],
    );
}

#[test]
fn a_name_that_changes_its_type_is_replaced_the_new_one_first() {
    let single = single("news", "");
    let rows = live("pass", "P100000001_US", "news", "");
    let texts = declared(&single)
        .applied(&single)
        .live(&rows)
        .state("news pass P100000001_US");
    let plan = texts.plan();
    assert_eq!(plan.changes[0].action, Action::Replace);
    assert_eq!(plan.steps[0].record.as_ref().unwrap().retiring.len(), 1);
    check(
        texts,
        &[
            "1. create news (single)",
            "2. deactivate news (pass) P100000001_US; needs 1",
        ],
    );
}

#[test]
fn what_an_interrupted_replacement_left_is_deactivated() {
    let news = pass("news", "");
    let rows =
        live("pass", "P100000001_US", "news", "") + &live("single", "A100000001_US", "news", "");
    let texts = declared(&news)
        .live(&rows)
        .state("news pass P100000001_US applied retiring=single:A100000001_US");
    let plan = texts.plan();
    assert_eq!(plan.changes[0].action, Action::Deactivate);
    assert_eq!(plan.facts.unchanged, 0);
    check(texts, &["1. deactivate news (single) A100000001_US"]);
}

#[test]
fn what_an_interrupted_replacement_left_does_not_hide_what_the_state_has_to_learn() {
    let sport = pass("sport", "");
    let news = pass("news", ", dependsOn: [sport]");
    let rows = live("pass", "P100000001_US", "news", "")
        + &live("single", "A100000001_US", "news", "")
        + &live("pass", "P100000002_US", "sport", "");
    let plan = declared(&format!("{news}\n{sport}"))
        .live(&rows)
        .state("news pass P100000001_US applied retiring=single:A100000001_US\nsport pass P100000002_US applied")
        .plan();
    assert_eq!(plan.refresh.len(), 1);
    assert_eq!(steps(&plan), ["1. deactivate news (single) A100000001_US"]);
}

#[test]
fn what_is_replaced_goes_after_what_is_replaced_and_needed_it() {
    let offers = format!("{}\n{}", single("news", ""), single("sport", ""));
    let rows =
        live("pass", "P100000001_US", "news", "") + &live("pass", "P100000002_US", "sport", "");
    check(
        declared(&offers)
            .live(&rows)
            .state("news pass P100000001_US\nsport pass P100000002_US needs=news"),
        &[
            "1. create news (single)",
            "2. create sport (single)",
            "3. deactivate sport (pass) P100000002_US; needs 2",
            "4. deactivate news (pass) P100000001_US; needs 1, 3",
        ],
    );
}

#[test]
fn what_an_interrupted_replacement_left_goes_after_an_edit_of_the_new_one() {
    let news = pass("news", ", description: x");
    let rows =
        live("pass", "P100000001_US", "news", "") + &live("single", "A100000001_US", "news", "");
    check(
        declared(&news)
            .applied(&pass("news", ""))
            .live(&rows)
            .state("news pass P100000001_US applied retiring=single:A100000001_US"),
        &[
            "1. update news (pass) P100000001_US",
            "2. deactivate news (single) A100000001_US; needs 1",
        ],
    );
}

#[test]
fn what_was_replaced_and_is_gone_already_needs_nothing() {
    let news = pass("news", "");
    for left in ["", &live("single", "A100000001_US", "news", "inactive")] {
        let rows = live("pass", "P100000001_US", "news", "") + left;
        let plan = declared(&news)
            .live(&rows)
            .state("news pass P100000001_US applied retiring=single:A100000001_US")
            .plan();
        assert!(plan.is_empty(), "{plan:?}");
        let orphan = declared(&pass("sport", ""))
            .live(&rows)
            .state("news pass P100000001_US retiring=single:A100000001_US")
            .plan();
        assert_eq!(
            steps(&orphan)[1..],
            ["2. deactivate news (pass) P100000001_US"]
        );
    }
}

#[test]
fn an_orphan_takes_what_it_replaced_with_it() {
    let rows =
        live("pass", "P100000001_US", "news", "") + &live("single", "A100000001_US", "news", "");
    check(
        declared(&pass("sport", ""))
            .live(&rows)
            .state("news pass P100000001_US retiring=single:A100000001_US"),
        &[
            "1. create sport (pass)",
            "2. deactivate news (pass) P100000001_US",
            "3. deactivate news (single) A100000001_US",
        ],
    );
}

#[test]
fn a_moved_name_sends_nothing() {
    let moved = pass("news", "")
        .replace("news:", "monthly:")
        .replace('}', ", movedFrom: news}");
    let rows = live("pass", "P100000001_US", "news", "");
    let plan = declared(&moved)
        .applied(&pass("news", ""))
        .live(&rows)
        .state("news pass P100000001_US applied")
        .plan();
    assert!(plan.is_empty());
    assert_eq!(plan.moves.len(), 1);
}

#[test]
fn what_the_state_has_to_learn_is_no_change() {
    let news = pass("news", ", lifecycle: {protect: true}");
    let rows = live("pass", "P100000001_US", "news", "");
    let plan = declared(&news)
        .live(&rows)
        .state("news pass P100000001_US applied")
        .plan();
    assert!(plan.is_empty() && plan.steps.is_empty());
    let refreshed = plan
        .refresh
        .values()
        .next()
        .expect("protection is remembered");
    assert!(refreshed.protect);
}

#[test]
fn the_summary_counts_offers_by_action() {
    let declared_offers = pass("create", "")
        + &pass("update", ", description: x")
        + &single("replace", "")
        + &pass("adopt", "")
        + &pass("stay", "");
    let rows = live("pass", "P100000001_US", "update", "")
        + &live("pass", "P100000002_US", "replace", "")
        + &live("pass", "P100000003_US", "adopt", "")
        + &live("pass", "P100000004_US", "stay", "")
        + &live("pass", "P100000005_US", "gone", "");
    let plan = declared(&declared_offers)
        .live(&rows)
        .state(
            "update pass P100000001_US
            replace pass P100000002_US
            stay pass P100000004_US applied
            gone pass P100000005_US",
        )
        .plan();
    let expected = PlanSummary {
        create: 1,
        update: 1,
        replace: 1,
        deactivate: 1,
        activate: 0,
        adopt: 1,
        unchanged: 1,
        conflicts: 0,
    };
    assert_eq!(PlanSummary::of(&plan), expected);
}

#[test]
fn a_video_waits_for_its_event() {
    let two = vod("again", ", eventAssociation: [final]") + &event("final", "");
    check(
        declared(&two),
        &["1. create final (event)", "2. create again (vod); needs 1"],
    );
}

#[test]
fn an_offer_waits_for_what_it_depends_on_whatever_the_types() {
    let three = single("a", ", dependsOn: [b]") + &pass("b", ", dependsOn: [c]") + &vod("c", "");
    check(
        declared(&three),
        &[
            "1. create c (vod)",
            "2. create b (pass); needs 1",
            "3. create a (single); needs 2",
        ],
    );
}

#[test]
fn an_offer_waits_only_for_what_changes() {
    let two = single("a", ", dependsOn: [b]") + &pass("b", "");
    let rows = live("pass", "P100000001_US", "b", "");
    check(
        declared(&two)
            .live(&rows)
            .state("b pass P100000001_US applied"),
        &["1. create a (single)"],
    );
    check(
        declared(&(single("a", ", dependsOn: [b]") + &pass("b", ", description: x")))
            .live(&rows)
            .state("b pass P100000001_US"),
        &[
            "1. update b (pass) P100000001_US",
            "2. create a (single); needs 1",
        ],
    );
}

#[test]
fn a_video_lets_go_of_an_event_before_the_event_goes() {
    let before = vod("again", ", eventAssociation: [final]") + &event("final", "");
    let rows = live("event", "E100000001_US", "final", "")
        + &live(
            "vod",
            "A100000001_US",
            "again",
            "eventAssociation=id:E100000001_US",
        );
    check(
        declared(&vod("again", ", eventAssociation: []"))
            .applied(&before)
            .live(&rows)
            .state(
                "final event E100000001_US applied\nagain vod A100000001_US applied needs=final",
            ),
        &[
            "1. update again (vod) A100000001_US",
            "2. deactivate final (event) E100000001_US; needs 1",
        ],
    );
}

#[test]
fn a_video_goes_before_its_event_goes() {
    let before =
        vod("again", ", eventAssociation: [final]") + &event("final", "") + &pass("stay", "");
    let rows = live("event", "E100000001_US", "final", "")
        + &live(
            "vod",
            "A100000001_US",
            "again",
            "eventAssociation=id:E100000001_US",
        )
        + &live("pass", "P100000001_US", "stay", "");
    let bound = "final event E100000001_US applied\nstay pass P100000001_US applied\nagain vod A100000001_US applied";
    for needs in [" needs=final", ""] {
        let named = if needs.is_empty() {
            before.replace("[final]", "['id:E100000001_US']")
        } else {
            before.clone()
        };
        check(
            declared(&pass("stay", ""))
                .applied(&named)
                .live(&rows)
                .state(&format!("{bound}{needs}")),
            &[
                "1. deactivate again (vod) A100000001_US",
                "2. deactivate final (event) E100000001_US; needs 1",
            ],
        );
    }
}

#[test]
fn dependents_go_before_what_they_depended_on() {
    let before = pass("a", ", dependsOn: [b]")
        + &single("b", ", dependsOn: [c]")
        + &pass("c", "")
        + &pass("stay", "");
    let rows = live("pass", "P100000001_US", "a", "")
        + &live("single", "A100000001_US", "b", "")
        + &live("pass", "P100000003_US", "c", "")
        + &live("pass", "P100000004_US", "stay", "");
    check(
        declared(&pass("stay", "")).applied(&before).live(&rows).state(
            "a pass P100000001_US needs=b\nb single A100000001_US needs=c\nc pass P100000003_US\nstay pass P100000004_US applied",
        ),
        &[
            "1. deactivate a (pass) P100000001_US",
            "2. deactivate b (single) A100000001_US; needs 1",
            "3. deactivate c (pass) P100000003_US; needs 2",
        ],
    );
}

#[test]
fn a_dependent_goes_over_to_the_new_offer_before_the_replaced_one_goes() {
    let two = single("a", ", dependsOn: [b]") + &pass("b", "");
    let rows = live("vod", "A100000001_US", "b", "");
    check(
        declared(&two).live(&rows).state("b vod A100000001_US"),
        &[
            "1. create b (pass)",
            "2. create a (single); needs 1",
            "3. deactivate b (vod) A100000001_US; needs 1, 2",
        ],
    );
}

#[test]
fn access_comes_after_the_content_with_its_tags() {
    let offers = pass("all", ", accessToTags: ['(all)']")
        + &pass("sport", ", accessToTags: [sport]")
        + &single("news", ", tags: [news]")
        + &vod("match", ", tags: [sport]")
        + &pass("other", ", accessToTags: [nothing]");
    check(
        declared(&offers),
        &[
            "1. create news (single)",
            "2. create match (vod)",
            "3. create all (pass); after all with `(all)`",
            "4. create other (pass)",
            "5. create sport (pass); after all with `sport`",
        ],
    );
}

#[test]
fn content_goes_after_the_access_to_it() {
    let before = pass("sport", ", accessToTags: [sport]")
        + &pass("all", ", accessToTags: ['(all)']")
        + &single("match", ", tags: [sport]")
        + &pass("stay", "");
    let rows = live("pass", "P100000001_US", "sport", "")
        + &live("pass", "P100000002_US", "all", "")
        + &live("single", "A100000001_US", "match", "")
        + &live("pass", "P100000004_US", "stay", "");
    let plan = declared(&pass("stay", ""))
        .applied(&before)
        .live(&rows)
        .state("sport pass P100000001_US applied\nall pass P100000002_US applied\nmatch single A100000001_US applied\nstay pass P100000004_US applied")
        .plan();
    assert_eq!(
        steps(&plan),
        [
            "1. deactivate all (pass) P100000002_US",
            "2. deactivate sport (pass) P100000001_US",
            "3. deactivate match (single) A100000001_US; after all with `sport`; after all with `(all)`",
        ]
    );
}

#[test]
fn a_soft_edge_yields_to_a_hard_one() {
    let two = pass("sport", ", accessToTags: [sport]")
        + &single("match", ", tags: [sport], dependsOn: [sport]");
    check(
        declared(&two),
        &[
            "1. create sport (pass)",
            "2. create match (single); needs 1",
        ],
    );
}

#[test]
fn a_soft_edge_that_yields_still_waits_for_what_is_no_circle() {
    let three = pass("sport", ", accessToTags: [sport]")
        + &single("match", ", tags: [sport], dependsOn: [sport]")
        + &single("news", ", tags: [sport]");
    let plan = declared(&three).plan();
    assert_eq!(
        steps(&plan),
        [
            "1. create news (single)",
            "2. create sport (pass); after all with `sport`",
            "3. create match (single); needs 2",
        ]
    );
    let waited = &plan.groups[plan.steps[1].after[0].0 as usize];
    assert_eq!(waited.members.len(), 1, "only what comes before it");
}

#[test]
fn many_circles_of_soft_edges_all_yield() {
    let offers: String = (0..40)
        .map(|index| {
            pass(&format!("p{index}"), ", accessToTags: [a, '(all)']")
                + &single(
                    &format!("s{index}"),
                    &format!(", tags: [a], dependsOn: [p{index}]"),
                )
        })
        .collect();
    assert_eq!(declared(&offers).plan().steps.len(), 80);
}

#[test]
fn bindings_come_first_and_departures_last() {
    let offers = pass("create", "") + &pass("adopt", "");
    let rows = live("pass", "P100000001_US", "adopt", "")
        + &live("pass", "P100000002_US", "gone", "")
        + &live("pass", "P100000003_US", "forgotten", "inactive");
    check(
        declared(&offers)
            .live(&rows)
            .state("gone pass P100000002_US\nforgotten pass P100000003_US"),
        &[
            "1. bind adopt (pass) P100000001_US",
            "2. create create (pass)",
            "3. deactivate gone (pass) P100000002_US",
            "4. forget forgotten (pass) P100000003_US",
        ],
    );
}

#[test]
fn contradicting_needs_of_former_states_do_not_keep_offers_from_going() {
    let rows = live("pass", "P100000001_US", "a", "") + &live("pass", "P100000002_US", "b", "");
    let plan = declared(&pass("stay", ""))
        .live(&rows)
        .state("a pass P100000001_US needs=b\nb pass P100000002_US needs=a")
        .plan();
    assert_eq!(plan.count(Action::Deactivate), 2);
    assert_eq!(plan.steps.len(), 3);
}

#[test]
fn a_new_video_may_name_an_event_that_was_only_renamed() {
    let two = event("finale", ", movedFrom: final")
        .replace("title: finale", "title: final")
        .replace("tv/finale", "tv/final")
        + &vod("again", ", eventAssociation: [finale]");
    let rows = live("event", "E100000001_US", "final", "");
    check(
        declared(&two)
            .applied(&event("final", ""))
            .live(&rows)
            .state("final event E100000001_US applied"),
        &["1. create again (vod)"],
    );
}

#[test]
fn an_account_that_nobody_manages_is_left_alone() {
    let rows = live("pass", "P100000001_US", "other", "");
    let plan = declared(&pass("news", "")).live(&rows).plan();
    assert_eq!(plan.unmanaged.len(), 1);
    assert_eq!(plan.unmanaged[0].title.raw(), "other");
    assert!(plan.steps.iter().all(|step| step.operation.id().is_none()));
}

#[test]
fn a_price_whose_answer_names_no_currency_is_in_that_of_the_account() {
    let offers = pass("stay", "")
        + "again: {type: vod, title: Again, url: 'https://club.tv/again', price: 14}";
    let rows = "pass P100000001_US title=stay url=https://club.tv/stay period=month price=12\n\
                vod A100000001_US title=Again url=https://club.tv/again price=12 currency=none";
    let state = "stay pass P100000001_US\nagain vod A100000001_US";
    let plan = declared(&offers).live(rows).state(state).plan();
    let currency = plan.changes[0].fields[0].currency.unwrap();
    assert_eq!(currency.as_str(), "USD");
}
