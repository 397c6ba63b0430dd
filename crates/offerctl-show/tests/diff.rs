//! What differs between git, the account and what was last applied: causes, equalities, what is sent.

use offerctl_model::content::Fields;
use offerctl_model::value::Value;
use offerctl_model::words::value_text;
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::plan::{Note, Operation, Plan};

use crate::support::world::{Texts, declared};

fn value(change: &FieldChange, value: Option<&Value>) -> String {
    value.map_or_else(
        || "nothing".to_owned(),
        |value| value_text(change.path.field, value, change.currency),
    )
}

fn field_line(change: &FieldChange) -> String {
    let cause = match change.cause {
        Cause::Edited => "edited",
        Cause::Drifted => "drifted",
        Cause::Both => "both",
        Cause::Adopted => "adopted",
        Cause::Undeclared => "undeclared",
    };
    let readable = if change.readable { "" } else { ", unreadable" };
    format!(
        "{}: {} → {} ({cause}{readable})",
        change.path,
        value(change, change.before.as_ref()),
        value(change, change.after.as_ref())
    )
}

fn names(fields: &Fields) -> String {
    let names: Vec<&str> = fields.iter().map(|(field, _)| field.name()).collect();
    names.join(" ")
}

/// One line per field that differs, per update that is sent, and per field that is released.
pub(crate) fn lines(plan: &Plan) -> Vec<String> {
    assert_eq!(plan.conflicts, []);
    let mut lines: Vec<String> = plan
        .changes
        .iter()
        .flat_map(|change| &change.fields)
        .map(field_line)
        .collect();
    for step in &plan.steps {
        if let Operation::Update {
            base,
            rows,
            localized,
            ..
        } = &step.operation
        {
            assert_eq!(
                *localized,
                step.record
                    .as_ref()
                    .and_then(|record| record.applied.as_ref())
                    .unwrap()
                    .is_localized()
            );
            let rows = rows
                .iter()
                .map(|(country, fields)| format!(", {country}: {}", names(fields)));
            lines.push(format!("sent: {}{}", names(base), rows.collect::<String>()));
        }
    }
    for note in &plan.notes {
        if let Note::Released { path, .. } = note {
            lines.push(format!("released: {path}"));
        }
    }
    lines
}

#[track_caller]
pub(crate) fn check(texts: Texts<'_>, expected: &[&str]) {
    assert_eq!(lines(&texts.plan()), expected);
}

const PASS: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}";
const LIVE: &str = "pass P100000001_US title=News url=https://club.tv/news period=month";
const BOUND: &str = "news pass P100000001_US applied";

/// A bound pass whose price is declared, was applied, and is live as given; empty if it is not.
#[track_caller]
fn prices(declared_price: &str, applied: &str, live: &str, expected: &[&str]) {
    let say = |price: &str| PASS.replace("period", &format!("price: {price}, period"));
    check(
        declared(&say(declared_price))
            .applied(&say(applied))
            .live(&format!("{LIVE} price={live}"))
            .state(BOUND),
        expected,
    );
}

#[test]
fn the_cause_follows_from_what_moved() {
    prices("12.00", "12.00", "12.00", &[]);
    prices(
        "13.00",
        "12.00",
        "12.00",
        &["price: 12.00 USD → 13.00 USD (edited)", "sent: price"],
    );
    prices(
        "12.00",
        "12.00",
        "11.00",
        &["price: 11.00 USD → 12.00 USD (drifted)", "sent: price"],
    );
    prices(
        "13.00",
        "12.00",
        "11.00",
        &["price: 11.00 USD → 13.00 USD (both)", "sent: price"],
    );
    prices("13.00", "12.00", "13.00", &[]);
}

#[test]
fn the_same_price_in_another_spelling_is_no_difference() {
    prices("12", "12.0", "12.00", &[]);
    prices("'12.00'", "12", "12.0000", &[]);
}

#[test]
fn what_was_never_applied_is_adopted() {
    let live = format!("{LIVE} price=12 description=Old");
    let said = PASS.replace("period", "description: More, period");
    let expected = [
        "description: \"Old\" → \"More\" (adopted)",
        "sent: description",
    ];
    check(
        declared(&said).live(&live).state("news pass P100000001_US"),
        &expected,
    );
    let named = said.replace("period", "ids: {local: P100000001_US}, period");
    check(declared(&named).live(&live), &expected);
}

#[test]
fn a_field_that_is_declared_for_the_first_time_is_edited() {
    let said = PASS.replace("period", "description: More, period");
    let live = format!("{LIVE} price=12 description=Old");
    check(
        declared(&said).applied(PASS).live(&live).state(BOUND),
        &[
            "description: \"Old\" → \"More\" (edited)",
            "sent: description",
        ],
    );
}

#[test]
fn a_field_that_is_no_longer_declared_is_released_and_stays() {
    let said = PASS.replace("period", "description: More, accessToTags: [a], period");
    let live = format!("{LIVE} price=12 description=Changed accessToTags=b");
    check(
        declared(PASS).applied(&said).live(&live).state(BOUND),
        &["released: description", "released: accessToTags"],
    );
}

#[test]
fn a_field_that_nobody_declares_is_not_looked_at() {
    let live = format!("{LIVE} price=12 description=Anything accessToTags=a,b");
    check(declared(PASS).live(&live).state(BOUND), &[]);
}

#[test]
fn a_listed_field_that_the_answer_lacks_has_no_value() {
    let said = PASS.replace("period", "description: More, period");
    let live = format!("{LIVE} price=12");
    check(
        declared(&said).live(&live).state(BOUND),
        &[
            "description: nothing → \"More\" (drifted)",
            "sent: description",
        ],
    );
    let cleared = PASS.replace(
        "period",
        "description: null, accessToTags: null, geoRestriction: null, period",
    );
    check(declared(&cleared).live(&live).state(BOUND), &[]);
    check(declared(&cleared).live(&live), &[]);
}

#[test]
fn tags_are_a_set() {
    let said = PASS.replace("period", "accessToTags: [b, a], period");
    let live = format!("{LIVE} price=12 accessToTags=a,b");
    check(declared(&said).live(&live).state(BOUND), &[]);
    check(
        declared(&said)
            .live(&live.replace("a,b", "a,c"))
            .state(BOUND),
        &[
            "accessToTags: [a, c] → [a, b] (drifted)",
            "sent: accessToTags",
        ],
    );
    check(
        declared(&PASS.replace("period", "accessToTags: [], period"))
            .live(&live)
            .state(BOUND),
        &["accessToTags: [a, b] → [] (drifted)", "sent: accessToTags"],
    );
}

#[test]
fn countries_are_a_set() {
    let said = PASS.replace(
        "period",
        "geoRestriction: {type: blacklist, countries: [SE, NO]}, period",
    );
    let live = |geo: &str| {
        format!(
            "pass P100000001_US title=News url=https://club.tv/news price=12 period=month geoRestriction={geo}"
        )
    };
    check(
        declared(&said)
            .live(&live(r#"{"type":"blacklist","countries":["NO","SE"]}"#))
            .state(BOUND),
        &[],
    );
    check(
        declared(&said).live(&live("none")).state(BOUND),
        &[
            "geoRestriction: sold everywhere → blacklist [NO, SE] (drifted)",
            "sent: geoRestriction",
        ],
    );
    let off = PASS.replace("period", "geoRestriction: null, period");
    check(
        declared(&off)
            .applied(&said)
            .live(&live(r#"{"type":"blacklist","countries":["NO"]}"#))
            .state(BOUND),
        &[
            "geoRestriction: blacklist [NO] → sold everywhere (both)",
            "sent: geoRestriction",
        ],
    );
}

const EVENT: &str = "final: {type: event, title: Final, url: 'https://club.tv/final', \
    teaser: Now, backgroundImageUrl: 'https://club.tv/a.png', associateEmail: a@club.tv}";
const LIVE_EVENT: &str = "event E100000001_US title=Final url=https://club.tv/final price=12 startTime=1900000000 \
    endTime=1900003600 timeZone=Europe/Oslo";
const BOUND_EVENT: &str = "final event E100000001_US applied";

#[test]
fn a_write_only_field_is_compared_with_what_was_last_applied() {
    let live = format!("{LIVE_EVENT} teaser=Now");
    check(declared(EVENT).live(&live).state(BOUND_EVENT), &[]);
    check(
        declared(&EVENT.replace("a.png", "b.png"))
            .applied(EVENT)
            .live(&live)
            .state(BOUND_EVENT),
        &[
            "backgroundImageUrl: \"https://club.tv/a.png\" → \"https://club.tv/b.png\" (edited, unreadable)",
            "sent: backgroundImageUrl",
        ],
    );
    check(
        declared(EVENT)
            .applied(&EVENT.replace(", associateEmail: a@club.tv", ""))
            .live(&live)
            .state(BOUND_EVENT),
        &[
            "associateEmail: nothing → \"a@club.tv\" (edited, unreadable)",
            "sent: associateEmail",
        ],
    );
    check(
        declared(EVENT)
            .live(&live)
            .state("final event E100000001_US"),
        &[
            "backgroundImageUrl: nothing → \"https://club.tv/a.png\" (adopted, unreadable)",
            "associateEmail: nothing → \"a@club.tv\" (adopted, unreadable)",
            "sent: backgroundImageUrl associateEmail",
        ],
    );
}

#[test]
fn a_write_only_field_that_comes_back_in_another_form_is_not_compared_with_it() {
    let live = format!("{LIVE_EVENT} teaser=Now backgroundImageUrl=https://cdn.cleeng.com/1.png");
    check(declared(EVENT).live(&live).state(BOUND_EVENT), &[]);
}

#[test]
fn a_detail_that_was_not_read_is_compared_with_what_was_last_applied() {
    check(declared(EVENT).live(LIVE_EVENT).state(BOUND_EVENT), &[]);
    check(
        declared(&EVENT.replace("Now", "Soon"))
            .applied(EVENT)
            .live(LIVE_EVENT)
            .state(BOUND_EVENT),
        &[
            "teaser: \"Now\" → \"Soon\" (edited, unreadable)",
            "sent: teaser",
        ],
    );
    check(
        declared(&EVENT.replace("teaser: Now", "teaser: null"))
            .applied(&EVENT.replace("teaser: Now, ", ""))
            .live(LIVE_EVENT)
            .state(BOUND_EVENT),
        &[],
    );
}

#[test]
fn a_detail_that_was_read_is_compared() {
    check(
        declared(EVENT)
            .live(&format!("{LIVE_EVENT} teaser=Then"))
            .state(BOUND_EVENT),
        &["teaser: \"Then\" → \"Now\" (drifted)", "sent: teaser"],
    );
}

#[test]
fn the_net_price_of_a_vod_is_the_declared_one() {
    let vod = "again: {type: vod, title: Again, url: 'https://club.tv/again', price: 13}";
    let live = |words: &str| {
        format!("vod A100000001_US title=Again url=https://club.tv/again currency=none {words}")
    };
    let state = "again vod A100000001_US applied";
    for words in [
        "price=10.5691 tax=0.23",
        "price=10.5691",
        "price=13 tax=0.23",
        "price=13",
    ] {
        check(declared(vod).live(&live(words)).state(state), &[]);
        check(declared(vod).live(&live(words)), &[]);
    }
    check(
        declared(vod)
            .live(&live("price=10.5691 tax=0.19"))
            .state(state),
        &["price: 10.5691 → 13.00 (drifted)", "sent: price"],
    );
    check(
        declared(&vod.replace("13", "14"))
            .applied(vod)
            .live(&live("price=10.5691 tax=0.23"))
            .state(state),
        &["price: 10.5691 → 14.00 (edited)", "sent: price"],
    );
}

#[test]
fn the_net_price_of_another_type_is_another_price() {
    prices(
        "13",
        "13",
        "10.5691",
        &["price: 10.5691 USD → 13.00 USD (drifted)", "sent: price"],
    );
}

#[test]
fn an_external_id_of_zero_is_none() {
    let single =
        "report: {type: single, title: Report, url: 'https://club.tv/r', contentExternalId: null}";
    let live =
        "single A100000001_US title=Report url=https://club.tv/r price=12 contentExternalId=0";
    check(
        declared(single)
            .live(live)
            .state("report single A100000001_US applied"),
        &[],
    );
}

const VOD: &str = "final: {type: event, title: Final, url: 'https://club.tv/final'}
again: {type: vod, title: Again, url: 'https://club.tv/again', eventAssociation: [final]}";
const BOUND_VOD: &str =
    "final event E100000001_US applied\nagain vod A100000001_US applied needs=final";

fn live_vod(events: &str) -> String {
    format!(
        "{LIVE_EVENT}\nvod A100000001_US title=Again url=https://club.tv/again price=12 eventAssociation={events}"
    )
}

#[test]
fn an_event_is_the_same_by_name_by_id_and_by_stem() {
    for events in ["id:E100000001_US", "id:E100000001", "id:E100000001_PL"] {
        for named in ["final", "'id:E100000001_US'", "'id:E100000001'"] {
            let texts = VOD.replace("[final]", &format!("[{named}]"));
            let state = BOUND_VOD;
            check(
                declared(&texts)
                    .applied(VOD)
                    .live(&live_vod(events))
                    .state(state),
                &[],
            );
        }
    }
}

#[test]
fn another_event_is_a_difference() {
    check(
        declared(VOD)
            .live(&live_vod("id:E100000009_US"))
            .state(BOUND_VOD),
        &[
            "eventAssociation: [id:E100000009_US] → [final] (drifted)",
            "sent: eventAssociation",
        ],
    );
    check(
        declared(VOD).live(&live_vod("")).state(BOUND_VOD),
        &[
            "eventAssociation: [] → [final] (drifted)",
            "sent: eventAssociation",
        ],
    );
}

#[test]
fn an_event_that_goes_was_taken_out_in_git() {
    let without =
        "again: {type: vod, title: Again, url: 'https://club.tv/again', eventAssociation: []}";
    let video = live_vod("id:E100000001");
    let (_, only_video) = video.split_once('\n').unwrap();
    let expected = [
        "eventAssociation: [id:E100000001] → [] (edited)",
        "sent: eventAssociation",
    ];
    let bound = "again vod A100000001_US applied needs=final";
    for (live, state) in [
        // It is about to go.
        (video.as_str(), BOUND_VOD.to_owned()),
        // It went, or belongs to nobody any more.
        (
            only_video,
            format!("{bound}\ndeactivated final event E100000001_US"),
        ),
        (
            video.as_str(),
            format!("{bound}\nforgotten final event E100000001_US"),
        ),
    ] {
        let texts = declared(without).applied(VOD).live(live).state(&state);
        check(texts, &expected);
    }
    // Somebody was faster.
    let gone = live_vod("");
    check(
        declared(without).applied(VOD).live(&gone).state(BOUND_VOD),
        &[],
    );
    // Somebody wrote something else.
    check(
        declared(without)
            .applied(VOD)
            .live(&live_vod("id:E100000009_US"))
            .state(BOUND_VOD),
        &[
            "eventAssociation: [id:E100000009_US] → [] (both)",
            "sent: eventAssociation",
        ],
    );
}

#[test]
fn an_event_that_is_named_otherwise_now_was_changed_by_hand_only() {
    let by_id = VOD.replace("[final]", "['id:E100000001_US']");
    for (before, after) in [(VOD, by_id.as_str()), (by_id.as_str(), VOD)] {
        let lines = lines(
            &declared(after)
                .applied(before)
                .live(&live_vod(""))
                .state(BOUND_VOD)
                .plan(),
        );
        assert!(lines[0].ends_with("(drifted)"), "{lines:?}");
    }
    let renamed = VOD
        .replace("final: {", "last: {movedFrom: final, ")
        .replace("[final]", "[last]");
    let live = live_vod("id:E100000009_US");
    let texts = declared(&renamed).applied(VOD).live(&live).state(BOUND_VOD);
    check(
        texts,
        &[
            "eventAssociation: [id:E100000009_US] → [last] (drifted)",
            "sent: eventAssociation",
        ],
    );
}

#[test]
fn an_event_that_is_new_is_a_difference() {
    let live = "vod A100000001_US title=Again url=https://club.tv/again price=12 eventAssociation=id:E100000009_US";
    let plan = declared(VOD)
        .applied(VOD)
        .live(live)
        .state("again vod A100000001_US applied")
        .plan();
    let again = plan
        .changes
        .iter()
        .find(|change| change.name.as_str() == "again")
        .unwrap();
    let lines: Vec<String> = again.fields.iter().map(field_line).collect();
    assert_eq!(
        lines,
        ["eventAssociation: [id:E100000009_US] → [final] (drifted)"]
    );
    assert_eq!(
        plan.steps[1].needs.len(),
        1,
        "the video waits for its event"
    );
}

const LOCALIZED: &str = "all: {type: subscription, title: All, url: 'https://club.tv/all', period: month, \
    accessToTags: [a], localizations: {FR: {currency: EUR, price: 9.00, title: Tout}, US: {currency: USD}}}";
const BOUND_LOCALIZED: &str = "all subscription S100000001 applied";

fn rows(french: &str, american: &str) -> String {
    format!(
        "subscription S100000001_FR url=https://club.tv/all period=month accessToTags=a currency=EUR {french}
        subscription S100000001_US url=https://club.tv/all period=month accessToTags=a {american}"
    )
}

#[test]
fn each_row_is_compared_with_its_own_value_or_that_of_the_top() {
    let live = rows("title=Tout price=9", "title=All price=12");
    check(declared(LOCALIZED).live(&live).state(BOUND_LOCALIZED), &[]);
    check(
        declared(LOCALIZED)
            .live(&rows("title=Tous price=9", "title=All price=11"))
            .state(BOUND_LOCALIZED),
        &[
            "localizations.FR.title: \"Tous\" → \"Tout\" (drifted)",
            "localizations.US.price: 11.00 USD → 12.00 USD (drifted)",
            "sent: , FR: title, US: price",
        ],
    );
}

#[test]
fn a_value_of_the_top_that_changes_in_every_row_is_shown_once() {
    let live = rows("title=Tout price=9", "title=All price=12");
    check(
        declared(&LOCALIZED.replace("month", "year"))
            .applied(LOCALIZED)
            .live(&live)
            .state(BOUND_LOCALIZED),
        &[
            "period: \"month\" → \"year\" (edited)",
            "sent: , FR: period, US: period",
        ],
    );
    check(
        declared(&LOCALIZED.replace("title: All", "title: Everything"))
            .applied(LOCALIZED)
            .live(&live)
            .state(BOUND_LOCALIZED),
        &[
            "localizations.US.title: \"All\" → \"Everything\" (edited)",
            "sent: , US: title",
        ],
    );
}

#[test]
fn a_value_that_only_the_base_takes_is_sent_once() {
    let pass = LOCALIZED.replace("subscription", "pass");
    let live = rows("title=Tout price=9", "title=All price=12")
        .replace("subscription S", "pass P")
        .replace("accessToTags=a", "accessToTags=b");
    check(
        declared(&pass)
            .live(&live)
            .state("all pass P100000001 applied"),
        &["accessToTags: [b] → [a] (drifted)", "sent: accessToTags"],
    );
}

#[test]
fn prices_of_countries_are_shown_one_by_one() {
    let live = rows("title=Tout price=9", "title=All price=12");
    let cheaper = LOCALIZED
        .replace("price: 9.00, ", "")
        .replace("type:", "price: 10.00, type:");
    check(
        declared(&cheaper)
            .applied(LOCALIZED)
            .live(&live)
            .state(BOUND_LOCALIZED),
        &[
            "localizations.FR.price: 9.00 EUR → 10.00 EUR (edited)",
            "localizations.US.price: 12.00 USD → 10.00 USD (edited)",
            "sent: , FR: price, US: price",
        ],
    );
}

#[test]
fn a_localized_field_that_is_no_longer_declared_is_released() {
    let said = LOCALIZED.replace("title: Tout", "title: Tout, description: Plus");
    let live = rows("title=Tout price=9 description=Plus", "title=All price=12");
    check(
        declared(LOCALIZED)
            .applied(&said)
            .live(&live)
            .state(BOUND_LOCALIZED),
        &["released: localizations.FR.description"],
    );
}

#[test]
fn records_and_texts_by_keys_are_compared_as_a_whole() {
    let all = "all: {type: subscription, title: All, url: 'https://club.tv/all', \
        billingCycle: {amount: 3, periodUnit: month}, externalProperties: {b: '2', a: '1'}, freeTrial: null}";
    let live = r#"subscription S100000001_US title=All url=https://club.tv/all price=12 billingCycle={"periodUnit":"month","amount":3} externalProperties={"a":"1","b":"2"}"#;
    let state = "all subscription S100000001_US applied";
    check(declared(all).rest().live(live).state(state), &[]);
    check(
        declared(&all.replace("a: '1'", "a: '7'"))
            .rest()
            .applied(all)
            .live(live)
            .state(state),
        &[
            "externalProperties: [a: \"1\", b: \"2\"] → [a: \"7\", b: \"2\"] (edited)",
            "sent: externalProperties",
        ],
    );
}
