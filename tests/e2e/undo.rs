//! What git no longer says is undone: the plan, the requests, and what is refused.

use std::path::Path;

use cleeng_emulator::{Field, FieldValue, PriceRule};
use serde_json::json;

use crate::lock::{start, until, until_written};
use crate::support::{Api, Draft, Run, STATE, Shop, both, offerctl};

fn described(text: &str) -> Draft {
    Draft::new("pass", "news").with("description", text)
}

fn description(shop: &Shop) -> String {
    let offers = shop.active("Title of news");
    offers[0]
        .text(Field::Description)
        .unwrap_or_default()
        .to_owned()
}

both!(a_field_that_is_taken_out_goes_back_to_its_empty_value);

fn a_field_that_is_taken_out_goes_back_to_its_empty_value(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("pass", "news")]).apply();
    shop.declare(&[described("More")]).apply();
    assert_eq!(description(&shop), "More");
    shop.declare(&[Draft::new("pass", "news")]);
    let plan = shop.plan();
    let field = &plan["changes"][0]["fields"][0];
    assert_eq!(
        (&field["path"], &field["cause"]),
        (&json!("description"), &json!("undeclared")),
        "{plan:#}"
    );
    shop.fits("plan", &plan);
    shop.run("plan --detailed-exitcode")
        .exits(2)
        .says("no longer declared");
    shop.requests();
    shop.apply();
    assert_eq!(shop.writes(), 1);
    assert_eq!(description(&shop), "");
    shop.expect_no_changes();
    shop.run("drift").exits(0);
}

both!(an_edit_that_was_under_way_at_a_kill_is_undone_by_its_revert);

fn an_edit_that_was_under_way_at_a_kill_is_undone_by_its_revert(api: Api) {
    let method = api.call("updatePassOffer");
    for tries_again in [false, true] {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("pass", "news")]).apply();
        shop.declare(&[described("Wrong text")]);
        shop.requests();
        shop.fault(&format!("{method}#1=delay:30000,after"));
        let going = start(&shop, "apply -y");
        until_written(&shop, 1);
        going.kill();
        shop.emulator().clear_faults();
        assert_eq!(description(&shop), "Wrong text");
        shop.run("drift").exits(0);
        if tries_again {
            shop.apply();
        }
        shop.declare(&[Draft::new("pass", "news")]);
        shop.run("plan --detailed-exitcode")
            .exits(2)
            .says("no longer declared");
        shop.apply();
        assert_eq!(description(&shop), "");
        shop.expect_no_changes();
        shop.run("drift").exits(0);
    }
}

/// What a run has noted so far.
fn journal(shop: &Shop) -> String {
    let folder = shop.path(STATE).with_file_name("journal");
    let notes = std::fs::read_dir(folder).into_iter().flatten();
    let texts = notes.map(|note| std::fs::read_to_string(note.unwrap().path()).unwrap_or_default());
    texts.collect()
}

both!(what_never_arrived_before_a_kill_clears_nothing);

fn what_never_arrived_before_a_kill_clears_nothing(api: Api) {
    let method = api.call("updatePassOffer");
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("pass", "news")]).apply();
    shop.edit("Title of news", |offer| {
        offer.set(Field::Description, "By hand");
    });
    shop.declare(&[described("Wrong text")]);
    shop.requests();
    shop.fault(&format!("{method}#1=delay:30000"));
    let going = start(&shop, "apply -y");
    until("the state notes what is about to be sent", || {
        journal(&shop).contains("Wrong text")
    });
    going.kill();
    shop.emulator().clear_faults();
    shop.declare(&[Draft::new("pass", "news")]);
    shop.expect_no_changes();
    assert_eq!(description(&shop), "By hand");
}

both!(a_free_trial_in_another_unit_is_another_trial);

fn a_free_trial_in_another_unit_is_another_trial(api: Api) {
    let shop = Shop::of(api);
    let club = |days: &str| Draft::new("subscription", "club").with("freeDays", days);
    let by_hand = || {
        shop.edit("Title of club", |offer| {
            offer.set(Field::FreeDays, FieldValue::Integer(0));
            offer.set(Field::FreePeriods, FieldValue::Integer(1));
        });
    };
    let trial = || {
        let offers = shop.active("Title of club");
        let of = |field| match offers[0].get(field) {
            Some(FieldValue::Integer(number)) => *number,
            _ => 0,
        };
        (of(Field::FreeDays), of(Field::FreePeriods))
    };
    shop.declare(&[club("7")]).apply();
    by_hand();
    assert_eq!(trial(), (0, 1));
    shop.run("drift").exits(2).says("freeDays");
    shop.run("plan --detailed-exitcode").exits(2);
    shop.apply();
    assert_eq!(trial(), (7, 0));
    shop.expect_no_changes();
    // No free days are no free trial.
    for days in ["0", "null"] {
        shop.declare(&[club(days)]).apply();
        by_hand();
        shop.run("plan --detailed-exitcode").exits(2);
        shop.apply();
        assert_eq!(trial(), (0, 0));
        shop.expect_no_changes();
        shop.run("drift").exits(0);
    }
}

#[test]
fn a_free_trial_in_another_unit_is_not_accepted_as_none() {
    let shop = Shop::of(Api::Rest);
    let club = Draft::new("subscription", "club").with("freeDays", "7");
    shop.declare(&[club]).apply();
    shop.edit("Title of club", |offer| {
        offer.set(Field::FreeDays, FieldValue::Integer(0));
        offer.set(Field::FreePeriods, FieldValue::Integer(1));
    });
    let before = shop.read("offers/all.yaml");
    let run = shop.run("drift --accept club").exits(3);
    assert!(
        run.err.contains("the free trial is in another unit"),
        "{run:?}"
    );
    assert_eq!(shop.read("offers/all.yaml"), before);
}

both!(what_was_only_found_stays);

fn what_was_only_found_stays(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("pass", "news")]).apply();
    shop.edit("Title of news", |offer| {
        offer.set(Field::Description, "By hand");
    });
    shop.declare(&[described("By hand")]).apply();
    shop.declare(&[Draft::new("pass", "news")]);
    shop.requests();
    shop.apply();
    assert_eq!(shop.writes(), 0);
    assert_eq!(description(&shop), "By hand");
    // Once an apply has sent another value, it is ours.
    shop.declare(&[described("Ours")]).apply();
    shop.declare(&[Draft::new("pass", "news")]).apply();
    assert_eq!(description(&shop), "");
}

both!(what_sells_more_or_to_nobody_is_refused_until_git_says_what_is_intended);

fn what_sells_more_or_to_nobody_is_refused_until_git_says_what_is_intended(api: Api) {
    let shop = Shop::of(api);
    let pass = Draft::new("pass", "news");
    shop.declare(&[pass.clone().with("accessToTags", "[films]")])
        .apply();
    shop.declare(std::slice::from_ref(&pass));
    shop.requests();
    let run = shop.run("apply --auto-approve").exits(3);
    assert!(run.out.contains("field-removed"), "{run:?}");
    assert!(run.out.contains("accessToTags: null"), "{run:?}");
    assert_eq!(shop.writes(), 0);
    shop.declare(&[pass.clone().with("lifecycle", "{ignore: [accessToTags]}")])
        .apply();
    assert_eq!(shop.writes(), 0);
    shop.declare(&[pass.with("accessToTags", "null")]).apply();
    assert_eq!(shop.writes(), 1);
}

#[test]
fn a_line_that_is_lost_from_defaults_is_refused() {
    let shop = Shop::new();
    let offers = |defaults: &str| {
        let drafts: String = (0..3)
            .map(|index| Draft::new("pass", &format!("p{index}")).yaml())
            .collect();
        format!("version: 1\ndefaults: {{{defaults}}}\noffers:\n{drafts}")
    };
    shop.write("offers/a.yaml", &offers("description: Common"));
    shop.apply();
    shop.write("offers/a.yaml", &offers("geoRestriction: null"));
    shop.requests();
    let run = shop.run("apply --auto-approve").exits(3);
    assert!(run.out.contains("clears"), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

fn sale() -> FieldValue {
    FieldValue::Rules(vec![PriceRule {
        from: 1_700_000_000,
        to: 1_930_000_000,
        amount: "0.10".parse().unwrap(),
        name: "Sale".to_owned(),
    }])
}

#[test]
fn a_sale_that_nobody_declares_is_drift_and_ends() {
    let shop = Shop::of(Api::Rest);
    shop.declare(&[Draft::new("pass", "news")]).apply();
    shop.edit("Title of news", |offer| {
        offer.set(Field::PriceRules, sale());
    });
    shop.run("drift").exits(2).says("name \"Sale\"");
    shop.run("plan --detailed-exitcode").exits(2);
    shop.apply();
    let rules = shop.active("Title of news")[0]
        .get(Field::PriceRules)
        .cloned();
    assert!(!matches!(rules, Some(FieldValue::Rules(rules)) if !rules.is_empty()));
    shop.run("drift").exits(0);
}

#[test]
fn a_sale_can_be_left_to_the_dashboard() {
    let shop = Shop::of(Api::Rest);
    let news = |price: &str| {
        let draft = Draft::new("pass", "news").with("price", price);
        draft.with("lifecycle", "{ignore: [price.rules]}")
    };
    shop.declare(&[news("10.00")]).apply();
    shop.edit("Title of news", |offer| {
        offer.set(Field::PriceRules, sale());
    });
    shop.run("drift").exits(0);
    shop.expect_no_changes();
    shop.declare(&[news("11.00")]).apply();
    let rules = shop.active("Title of news")[0]
        .get(Field::PriceRules)
        .cloned();
    assert_eq!(rules, Some(sale()), "a new price leaves it as well");
}

#[test]
fn rules_that_are_taken_out_end_the_sale() {
    let shop = Shop::of(Api::Rest);
    let rules = "{amount: 10.00, rules: [{from: 2031-01-01T00:00:00Z, to: 2031-02-01T00:00:00Z, amount: 8.00, name: Sale}]}";
    shop.declare(&[Draft::new("pass", "news").with("price", rules)])
        .apply();
    shop.declare(&[Draft::new("pass", "news")]);
    shop.run("plan").exits(0).says("no longer declared");
    shop.apply();
    shop.expect_no_changes();
}

/// A run that is cut off between the offer and its country leaves a value that only it knows of.
#[test]
fn what_a_run_sent_before_it_failed_is_undone_by_a_revert() {
    let shop = Shop::of(Api::Rest);
    let news = |more: &str, country: &str| {
        let rows = format!("{{FR: {{currency: EUR, price: 9.00{country}}}}}");
        let draft = Draft::new("pass", "news").with("localizations", &rows);
        if more.is_empty() {
            draft
        } else {
            draft.with("imageUrl", more)
        }
    };
    shop.declare(&[news("", "")]).apply();
    shop.declare(&[news("https://club.tv/1.png", ", description: Bonjour")]);
    shop.fault("patchLocalization=error:422");
    shop.run("apply --auto-approve").exits(5);
    shop.emulator().clear_faults();
    let image = |shop: &Shop| {
        let offers = shop.active("Title of news");
        let home = offers
            .iter()
            .find(|offer| offer.id().country() == "US")
            .unwrap();
        home.text(Field::ImageUrl).unwrap_or_default().to_owned()
    };
    assert_eq!(image(&shop), "https://club.tv/1.png");
    shop.declare(&[news("", "")]).apply();
    assert_eq!(image(&shop), "");
    shop.expect_no_changes();
}

#[test]
fn days_and_periods_of_a_trial_take_turns() {
    let shop = Shop::new();
    let club = Draft::new("subscription", "club");
    shop.declare(&[club.clone().with("freeDays", "7")]).apply();
    shop.declare(&[club.with("freePeriods", "1")]).apply();
    let offer = &shop.active("Title of club")[0];
    let number = |field| match offer.get(field) {
        Some(FieldValue::Integer(number)) => *number,
        _ => 0,
    };
    assert_eq!(
        (number(Field::FreeDays), number(Field::FreePeriods)),
        (0, 1)
    );
    shop.expect_no_changes();
}

/// What offerctl left of an account with 300 offers before it remembered what was sent: half of the descriptions were applied
/// once and then taken out of the manifests.
fn former_account(api: &str) -> tempfile::TempDir {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/state-v1");
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".offerctl/shop");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::create_dir(folder.path().join("offers")).unwrap();
    for (from, to) in [
        ("offerctl.yaml", "offerctl.yaml"),
        ("offers/a.yaml", "offers/a.yaml"),
        ("state.json", ".offerctl/shop/state.json"),
        ("emulator.jsonl", ".offerctl/shop/emulator.jsonl"),
    ] {
        std::fs::copy(fixtures.join(api).join(from), folder.path().join(to)).unwrap();
    }
    folder
}

#[test]
fn a_state_of_the_former_format_plans_nothing_and_clears_nothing() {
    for api in ["json-rpc", "rest"] {
        let folder = former_account(api);
        let run = |line: &str| {
            let mut command = offerctl(folder.path());
            Run::of(command.args(line.split_whitespace()), line)
        };
        let account =
            || std::fs::read(folder.path().join(".offerctl/shop/emulator.jsonl")).unwrap();
        let before = account();
        let state = || {
            let path = folder.path().join(".offerctl/shop/state.json");
            std::fs::read_to_string(path).unwrap()
        };
        assert!(state().contains("\"formatVersion\": 1"));
        run("plan --detailed-exitcode").exits(0).says("No changes.");
        run("drift").exits(0);
        run("apply --auto-approve").exits(0);
        // Now the other half of the descriptions goes as well: they were applied, but nobody knows whether they were sent.
        let path = folder.path().join("offers/a.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.contains("description:"));
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, text).unwrap();
        run("plan --detailed-exitcode").exits(0).says("No changes.");
        run("apply --auto-approve").exits(0);
        assert!(account() == before, "{api}: something was written");
        assert!(state().contains("\"formatVersion\": 2"));
        assert!(!state().contains("\"sent\""), "{api}: nothing was sent");
    }
}
