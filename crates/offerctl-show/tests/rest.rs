//! What is planned over REST: the countries one by one, what cannot be changed, and our marker.

use std::collections::BTreeSet;

use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::conflict::ConflictCode;
use offerctl_reconcile::import::{Request, import};
use offerctl_reconcile::plan::{Action, Operation, Plan};
use offerctl_show::render::{Page, Style, steps_text};

use crate::support::desired::{Options, project};
use crate::support::world::{Texts, declared};

/// The conflicts that only this generation has.
pub(crate) const CONFLICTS: [ConflictCode; 2] =
    [ConflictCode::HomeUnknown, ConflictCode::AdoptImmutable];

const NEWS: &str =
    "news: {type: subscription, title: News, url: 'https://club.tv/news', period: month}";
const HOME: &str =
    "subscription S100000001_US title=News url=https://club.tv/news price=12 period=month";
const BOUND: &str = "news subscription S100000001 applied";

/// `NEWS` with more in it.
fn news(words: &str) -> String {
    NEWS.replace('}', &format!(", {words}}}"))
}

fn localized(rows: &str) -> String {
    news(&format!("localizations: {{{rows}}}"))
}

/// A country of the live offer.
fn row(country: &str, words: &str) -> String {
    let row = HOME.replace("_US", &format!("_{country}"));
    format!("{row} {words}").replace("price=12 ", "")
}

fn live(rows: &[String]) -> String {
    let mut lines = vec![HOME.to_owned()];
    lines.extend_from_slice(rows);
    lines.join("\n")
}

fn rest<'a>(desired: &'a str, live: &'a str) -> Texts<'a> {
    declared(desired).rest().live(live).state(BOUND)
}

fn steps(plan: &Plan) -> Vec<String> {
    let text = steps_text(plan, Page::new(Style::Plain));
    let lines = text.lines().skip(1).map(|line| line.trim().to_owned());
    lines.collect()
}

#[track_caller]
fn check(texts: Texts<'_>, expect: &[&str]) -> Plan {
    let plan = texts.plan();
    assert_eq!(plan.conflicts, []);
    assert_eq!(steps(&plan), expect, "{:#?}", plan.changes);
    plan
}

/// The fields that change, each with its two values as JSON.
fn fields(plan: &Plan) -> Vec<String> {
    let fields = plan.changes.iter().flat_map(|change| &change.fields);
    let words = |value: &Option<offerctl_model::value::Value>| {
        value.as_ref().map_or_else(
            || "-".to_owned(),
            |value| offerctl_model::value::json_value(value).to_string(),
        )
    };
    let fields = fields.map(|field| {
        let (before, after) = (words(&field.before), words(&field.after));
        format!("{}: {before} to {after}", field.path)
    });
    fields.collect()
}

#[test]
fn the_offer_itself_takes_the_values_at_the_top() {
    let texts = localized("FR: {currency: EUR, price: 9.00}").replace("price: 9.00", "price: 8.00");
    let texts = texts.replace("title: News,", "title: News, price: 11.00,");
    let rows = live(&[row("FR", "price=9 currency=EUR")]);
    let plan = check(
        rest(&texts, &rows),
        &[
            "1. update news (subscription) S100000001",
            "2. update news (subscription) S100000001 in FR; needs 1",
        ],
    );
    assert_eq!(
        fields(&plan),
        [
            "price: \"12\" to \"11\"",
            "localizations.FR.price: \"9\" to \"8\""
        ]
    );
    let Operation::Update { base, .. } = &plan.steps[0].operation else {
        panic!("the offer itself is changed first");
    };
    assert_eq!(base.len(), 1, "{base:?}");
}

#[test]
fn a_localization_of_the_country_of_the_account_is_the_offer_itself() {
    let rows = live(&[row("FR", "price=9 currency=EUR")]);
    let same = localized("US: {currency: USD, price: 12.00}, FR: {currency: EUR, price: 9.00}");
    check(rest(&same, &rows), &[]);
    let other = localized("US: {currency: USD, price: 13.00}, FR: {currency: EUR, price: 9.00}");
    let plan = check(
        rest(&other, &rows),
        &["1. update news (subscription) S100000001"],
    );
    assert_eq!(fields(&plan), ["localizations.US.price: \"12\" to \"13\""]);
}

#[test]
fn countries_come_and_go_one_by_one() {
    let rows = live(&[
        row("FR", "price=9 currency=EUR"),
        row("NO", "price=99 currency=NOK dormant"),
        row("SE", "price=89 currency=SEK"),
    ]);
    let desired = localized(
        "DE: {currency: EUR, price: 10.00}, FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 95.00}",
    );
    let plan = check(
        rest(&desired, &rows),
        &[
            "1. update news (subscription) S100000001 in NO",
            "2. deactivate news (subscription) S100000001 in SE; needs 1",
            "3. localize news (subscription) S100000001 in DE; needs 2",
            "4. activate news (subscription) S100000001 in NO; needs 3",
        ],
    );
    let change = &plan.changes[0];
    let lost: Vec<_> = change
        .lost
        .iter()
        .flat_map(|lost| &lost.countries)
        .collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    let found = fields(&plan);
    for expected in [
        "localizations.DE.price: - to \"10\"",
        "localizations.NO.price: - to \"95\"",
        "localizations.SE.price: \"89\" to -",
    ] {
        assert!(found.iter().any(|field| field == expected), "{found:?}");
    }
    // The state learns of it once all of it is done.
    let recorded = plan.steps.iter().map(|step| step.record.is_some());
    assert_eq!(recorded.collect::<Vec<_>>(), [false, false, false, true]);
}

#[test]
fn a_country_that_rests_with_the_right_values_is_only_taken_up() {
    let desired = localized("NO: {currency: NOK, price: 99.00}");
    let rows = live(&[row("NO", "price=99 currency=NOK dormant")]);
    check(
        rest(&desired, &rows),
        &["1. activate news (subscription) S100000001_US in NO"],
    );
}

#[test]
fn an_offer_is_back_on_sale_before_its_countries_and_after_its_values() {
    let desired =
        localized("NO: {currency: NOK, price: 99.00}").replace("title: News", "title: New");
    let rows =
        live(&[row("NO", "price=98 currency=NOK dormant")]).replacen("month", "month inactive", 1);
    check(
        rest(&desired, &rows),
        &[
            "1. update news (subscription) S100000001_US",
            "2. update news (subscription) S100000001_US in NO; needs 1",
            "3. activate news (subscription) S100000001_US; needs 2",
            "4. activate news (subscription) S100000001_US in NO; needs 3",
        ],
    );
}

#[test]
fn localizations_that_nobody_declares_are_a_conflict() {
    let rows = live(&[row("FR", "price=9 currency=EUR")]);
    let plan = rest(NEWS, &rows).plan();
    let codes: Vec<_> = plan
        .conflicts
        .iter()
        .map(|conflict| conflict.code)
        .collect();
    assert_eq!(codes, [ConflictCode::LocalizationsUndeclared]);
}

#[test]
fn who_does_not_know_the_country_of_the_account_is_asked() {
    let desired = localized("FR: {currency: EUR, price: 9.00}");
    let plan = declared(&desired).rest().without_country().plan();
    let codes: Vec<_> = plan
        .conflicts
        .iter()
        .map(|conflict| conflict.code)
        .collect();
    assert_eq!(codes, [ConflictCode::HomeUnknown]);
    assert!(plan.steps.is_empty());
    // Any other offer shows it.
    let other = "pass P100000001_US title=Other url=https://club.tv/other price=1 period=month";
    let plan = declared(&desired)
        .rest()
        .without_country()
        .live(other)
        .plan();
    assert_eq!(plan.conflicts, []);
    let Operation::Create { home, .. } = &plan.steps[0].operation else {
        panic!("it is made");
    };
    assert_eq!(home.map(|home| home.to_string()).as_deref(), Some("US"));
}

#[test]
fn what_no_api_can_change_is_made_anew() {
    for (desired, rows, words) in [
        (
            NEWS.replace("month", "year"),
            live(&[]),
            "billing cycle from",
        ),
        (
            news("sessionsLimit: 3"),
            live(&[]),
            "limit of sessions from nothing to 3",
        ),
        (
            news("pause: {maxBillingCycles: 2}"),
            live(&[]),
            "pause from nothing",
        ),
        (news("currency: EUR"), live(&[]), "currency from USD to EUR"),
        (
            localized("FR: {currency: CHF, price: 9.00}"),
            live(&[row("FR", "price=9 currency=EUR")]),
            "currency of FR from EUR to CHF",
        ),
    ] {
        let plan = rest(&desired, &rows).plan();
        assert_eq!(plan.conflicts, []);
        let change = &plan.changes[0];
        assert_eq!(change.action, Action::Replace, "{words}");
        let reason = change.reason.as_deref().unwrap();
        assert!(reason.contains(words), "{reason}");
        let verbs: Vec<&str> = plan
            .steps
            .iter()
            .map(|step| step.operation.verb())
            .collect();
        assert_eq!(verbs, ["create", "deactivate"], "{words}");
        assert_eq!(plan.steps[1].needs.len(), 1, "the new one comes first");
    }
}

#[test]
fn a_replacement_whose_create_is_not_settled_is_not_planned_again() {
    let desired = NEWS.replace("month", "year");
    let unmarked = HOME.replace("S100000001", "S100000002");
    let unmarked = unmarked.replace("month", "year");
    for live in [HOME.to_owned(), format!("{HOME}\n{unmarked}")] {
        let state = format!("{BOUND}\nintent news subscription");
        let plan = declared(&desired).rest().live(&live).state(&state).plan();
        assert_eq!(plan.conflicts, []);
        assert!(plan.steps.is_empty(), "{:?}", steps(&plan));
        let pending: Vec<&str> = plan.pending.keys().map(Name::as_str).collect();
        assert_eq!(pending, ["news"]);
    }
}

#[test]
fn an_offer_of_nobodys_is_not_adopted_to_be_replaced() {
    let desired = NEWS.replace("month", "year");
    let plan = declared(&desired).rest().live(HOME).plan();
    let codes: Vec<_> = plan
        .conflicts
        .iter()
        .map(|conflict| conflict.code)
        .collect();
    assert_eq!(codes, [ConflictCode::AdoptChanges]);
    assert!(plan.steps.is_empty());
}

#[test]
fn the_period_of_a_pass_is_no_billing_cycle() {
    let desired = "day: {type: pass, title: Day, url: 'https://club.tv/day', period: month}";
    let live = "pass P100000001_US title=Day url=https://club.tv/day price=12 period=week";
    check(
        declared(desired)
            .rest()
            .live(live)
            .state("day pass P100000001_US"),
        &["1. update day (pass) P100000001_US"],
    );
}

#[test]
fn singles_rentals_and_vods_are_one_type() {
    let desired = "film: {type: vod, title: Film, url: 'https://club.tv/film', rentalPeriod: 48}";
    let fields = "title=Film url=https://club.tv/film price=12 tags= period=48";
    let live = format!(
        "rental R100000001_US {fields}\nvod R100000001_US {}",
        fields.replace("period", "rentalPeriod")
    );
    let plan = check(
        declared(desired)
            .rest()
            .live(&live)
            .state("film rental R100000001_US"),
        &[],
    );
    assert_eq!(plan.refresh.len(), 1, "the state learns of the type");
    let over_json_rpc = declared(desired)
        .live(&live)
        .state("film rental R100000001_US");
    assert_eq!(over_json_rpc.plan().changes[0].action, Action::Replace);
}

#[test]
fn an_offer_without_our_marker_gets_it_and_nothing_else() {
    let plan = check(
        rest(NEWS, HOME).marked(),
        &["1. update news (subscription) S100000001_US"],
    );
    assert_eq!(
        fields(&plan),
        ["externalProperties.offerctl: - to \"club-tv/news\""]
    );
    let marked = format!("{HOME} marker=news");
    check(rest(NEWS, &marked).marked(), &[]);
}

#[test]
fn texts_of_ones_own_travel_with_the_marker() {
    let live = format!("{HOME} externalProperties={{\"color\":\"red\"}}");
    let plan = rest(NEWS, &live).marked().plan();
    let Operation::Update { base, .. } = &plan.steps[0].operation else {
        panic!("the marker is set");
    };
    let sent: Vec<&str> = base.iter().map(|(field, _)| field.name()).collect();
    assert_eq!(sent, ["externalProperties", "externalProperties.offerctl"]);
}

#[test]
fn an_offer_of_another_project_is_never_adopted_by_its_looks() {
    let foreign = format!("{HOME} marker=other-tv/news");
    let plan = declared(NEWS).marked().live(&foreign).plan();
    let codes: Vec<_> = plan
        .conflicts
        .iter()
        .map(|conflict| conflict.code)
        .collect();
    assert_eq!(codes, [ConflictCode::OtherProject]);
    assert!(plan.steps.is_empty());
}

#[test]
fn of_two_offers_with_our_marker_the_one_on_sale_is_ours() {
    let old = format!("{HOME} marker=news inactive");
    let new = old
        .replace("S100000001", "S100000002")
        .replace(" inactive", "");
    let live = format!("{old}\n{new}");
    let found = declared(NEWS).marked().live(&live).matching();
    assert_eq!(found, "news = subscription S100000002_US by marker\n");
}

/// The text of the one file that an import writes.
#[track_caller]
fn imported(live: &str) -> String {
    let world = declared("").marked().live(live).world();
    let project = project(Options {
        markers: true,
        ..Options::from(Api::Rest)
    });
    let request = Request {
        take_over_from: &std::collections::BTreeSet::new(),
        live: &world.live,
        state: &world.state,
        project: &project,
        environment: &project.environments["local"],
        declared: &[],
        inactive: false,
        folder: "offers",
        taken: &BTreeSet::new(),
        schema: None,
    };
    let imported = import(request).unwrap();
    assert_eq!(imported.left, []);
    let [file] = imported.files.as_slice() else {
        panic!("{imported:?}");
    };
    file.text.clone()
}

#[test]
fn an_import_says_prices_for_a_time_beside_the_price() {
    let rule = r#"{"from":1900000000,"to":1900003600,"amount":"AMOUNT","name":"NAME"}"#;
    let rules = |amount: &str, name: &str| {
        let rule = rule.replace("AMOUNT", amount).replace("NAME", name);
        format!("price.rules=[{rule}]")
    };
    let home = format!("{HOME} {}", rules("9", "WinterSale"));
    let french = row(
        "FR",
        &format!("price=10 currency=EUR {}", rules("8", "SoldesDHiver")),
    );
    let text = imported(&format!("{home}\n{french}"));
    let expected = "    price:
      amount: 12.00
      rules:
        - {from: 2030-03-17T17:46:40Z, to: 2030-03-17T18:46:40Z, amount: 9.00, name: WinterSale}
    period: month
    localizations:
      FR:
        currency: EUR
        price:
          amount: 10.00
          rules:
            - from: 2030-03-17T17:46:40Z
              to: 2030-03-17T18:46:40Z
              amount: 8.00
              name: SoldesDHiver
      US: {currency: USD}
";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn an_import_takes_names_from_our_markers_and_leaves_the_markers_out() {
    let text = imported(&format!("{HOME} marker=the-news"));
    assert!(text.contains("\n  the-news:\n"), "{text}");
    assert!(!text.contains("offerctl:"), "{text}");
}

#[test]
fn an_import_says_each_length_of_time_once() {
    let live = "pass P100000001_US title=Day url=https://club.tv/day price=12 period=week \
        entitlement={\"duration\":{\"periodUnit\":\"week\",\"amount\":1}}";
    let text = imported(live);
    assert!(text.contains("period: week"), "{text}");
    assert!(!text.contains("entitlement"), "{text}");
    let odd = live
        .replace("week", "day")
        .replace("period=day", "period=days");
    let text = imported(&odd.replace("\"amount\":1", "\"amount\":10"));
    assert!(
        text.contains("entitlement: {duration: {periodUnit: day, amount: 10}}"),
        "{text}"
    );
}

/// The fields that the updates of a plan send, by step.
fn sent(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().filter_map(|step| {
        let (Operation::Update { base: fields, .. } | Operation::UpdateCountry { fields, .. }) =
            &step.operation
        else {
            return None;
        };
        let value = offerctl_model::value::json_value;
        let fields = fields
            .iter()
            .map(|(field, found)| format!("{field}={}", value(found)));
        Some(fields.collect::<Vec<_>>().join(" "))
    });
    steps.collect()
}

#[test]
fn the_times_of_an_event_are_sent_together() {
    let event = "match: {type: event, title: Final, url: 'https://club.tv/final', startTime: 1900000000, endTime: 1900007200, timeZone: Europe/Oslo}";
    let live = "event E100000001_US title=Final url=https://club.tv/final price=12 startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo";
    let state = "match event E100000001_US applied";
    let plan = declared(event).rest().live(live).state(state).plan();
    assert_eq!(plan.conflicts, []);
    assert_eq!(
        sent(&plan),
        ["startTime=1900000000 endTime=1900007200 timeZone=\"Europe/Oslo\""]
    );
    assert_eq!(fields(&plan), ["endTime: 1900003600 to 1900007200"]);
}

#[test]
fn a_price_is_sent_with_its_rules_and_rules_with_their_price() {
    let rule = r#"[{"from":1900000000,"to":1900003600,"amount":"8","name":"Sale"}]"#;
    let home = format!("{HOME} price.rules={rule}");
    // Rules that are left to the dashboard stay.
    let left_alone = "lifecycle: {ignore: [price.rules]}";
    let plan = rest(&news(&format!("price: 11.00, {left_alone}")), &home).plan();
    assert_eq!(plan.conflicts, []);
    let [base] = &sent(&plan)[..] else {
        panic!("{plan:?}");
    };
    assert!(
        base.starts_with("price=\"11\"") && base.contains("Sale"),
        "{base}"
    );
    // Otherwise a price without rules says that there are none.
    let plan = rest(&news("price: 11.00"), &home).plan();
    assert_eq!(sent(&plan), ["price=\"11\" price.rules=[]"]);
    // In a country as well.
    let french = row("FR", &format!("price=9 currency=EUR price.rules={rule}"));
    let texts = localized("FR: {currency: EUR, price: 8.00}");
    let texts = texts.replace("localizations", &format!("{left_alone}, localizations"));
    let plan = rest(&texts, &live(&[french])).plan();
    assert_eq!(plan.conflicts, []);
    let [country] = &sent(&plan)[..] else {
        panic!("{plan:?}");
    };
    assert!(
        country.contains("Sale") && country.contains("\"8\""),
        "{country}"
    );
    // Without rules there is nothing to add.
    let plan = rest(&news("price: 11.00"), HOME).plan();
    assert_eq!(sent(&plan), ["price=\"11\""]);
    // Rules that are declared bring the price.
    let rules = "price: {amount: 12.00, rules: [{from: 2030-03-17T17:46:40Z, to: 2030-03-17T18:46:40Z, amount: 8.00, name: Sale}]}";
    let plan = rest(&news(rules), HOME).plan();
    let [base] = &sent(&plan)[..] else {
        panic!("{plan:?}");
    };
    assert!(base.starts_with("price=\"12\""), "{base}");
}
