//! Every guard: what it refuses, that nothing is written, and that its way out is one.

use cleeng_emulator::{Account, Config, Field, Token};
use serde_json::{Value as Json, json};

use crate::support::{Api, Draft, STATE, Shop, TOKEN, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

/// Offers `film-0`, `film-1` and so on.
fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|index| single(&format!("film-{index}")))
        .collect()
}

/// A shop with offers applied.
fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop
}

/// Expects that the plan and the apply are refused for a reason and write nothing; returns the refusal.
#[track_caller]
fn refused(shop: &Shop, code: &str, flags: &str) -> Json {
    let before = shop.emulator().offers();
    shop.requests();
    let find = |document: &Json| {
        let refusals = document["refusals"].as_array().unwrap();
        let found = refusals.iter().find(|refusal| refusal["code"] == code);
        found
            .unwrap_or_else(|| panic!("no {code} in {document:#}"))
            .clone()
    };
    if flags.is_empty() {
        let planned = shop.run("plan --format json").exits(3);
        find(&planned.json());
        shop.run("plan").exits(3).says("!");
    }
    let run = shop
        .run(&format!("apply --auto-approve --format json {flags}"))
        .exits(3);
    let refusal = find(&run.json());
    shop.fits("report", &run.json());
    assert_eq!(shop.writes(), 0, "{run:?}");
    assert_eq!(shop.emulator().offers(), before);
    for word in ["message", "help"] {
        assert!(
            refusal[word].as_str().is_some_and(|text| !text.is_empty()),
            "{refusal:#}"
        );
    }
    refusal
}

/// What a refusal says to write into `lifecycle`, with the blanks filled in.
#[track_caller]
fn pasted(refusal: &Json, until: &str) -> String {
    let help = refusal["help"].as_str().unwrap();
    let (_, paste) = help
        .split_once("`lifecycle`: ")
        .unwrap_or_else(|| panic!("nothing to paste in {help}"));
    let filled = paste
        .replace('…', "licence ended")
        .replace("YYYY-MM-DD", until);
    format!("{{{filled}}}")
}

/// The command line flag that a refusal names.
#[track_caller]
fn flag(refusal: &Json) -> String {
    let help = refusal["help"].as_str().unwrap();
    let start = help
        .find("--")
        .unwrap_or_else(|| panic!("no flag in {help}"));
    help[start..].trim_end_matches('.').to_owned()
}

fn today() -> jiff::civil::Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

const LATER: &str = "2099-12-31";

both!(no_file_with_manifests);

fn no_file_with_manifests(api: Api) {
    let shop = applied(api, &[single("film")]);
    std::fs::rename(shop.path("offers"), shop.path("catalogue")).unwrap();
    let refusal = refused(&shop, "no-manifests", "");
    assert!(
        refusal["help"].as_str().unwrap().contains("`manifests`"),
        "{refusal:#}"
    );
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &format!("{config}manifests: [\"catalogue/*.yaml\"]\n"),
    );
    shop.run("apply --auto-approve").exits(0);
    assert_eq!(shop.active("Title of film").len(), 1);
}

both!(no_file_with_manifests_in_a_new_project);

fn no_file_with_manifests_in_a_new_project(api: Api) {
    let shop = Shop::of(api);
    let _refusal = refused(&shop, "no-manifests", "");
}

both!(manifests_without_an_offer);

fn manifests_without_an_offer(api: Api) {
    let shop = applied(api, &[single("film")]);
    shop.declare(&[]);
    let _refusal = refused(&shop, "no-offers", "");
    let _refusal = refused(&shop, "no-offers", "--allow-deactivations 1");
    shop.write("offers/all.yaml", "version: 1\noffers:\n");
    let _refusal = refused(&shop, "no-offers", "--allow-deactivations 1");
}

both!(no_offer_is_left_after_only);

fn no_offer_is_left_after_only(api: Api) {
    let shop = applied(api, &[single("film")]);
    shop.configure("  other: {endpoint: emulator}\n");
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &format!("{config}defaultEnvironment: shop\n"),
    );
    shop.declare(&[single("film").with("only", "[other]")]);
    let _refusal = refused(&shop, "no-offers", "--allow-deactivations 1");
    shop.declare(&[single("film").with("only", "[other, shop]")]);
    shop.expect_no_changes();
}

both!(account_that_shows_no_offer_at_all);

fn account_that_shows_no_offer_at_all(api: Api) {
    // Without a total nobody knows that there are none, and what is bound is asked for by its id.
    let shop = Shop::of(api);
    shop.declare(&films(2));
    let _run = shop.apply();
    shop.fault("list*=empty");
    if api == Api::Rest {
        // An offer that is there when it is asked for by its id shows that the list lies.
        shop.run("plan").exits(1);
        shop.fault("getOffer=error:404");
    }
    let _refusal = refused(&shop, "account-empty", "");
    // With what is bound no longer declared there is no conflict that would refuse it as well.
    shop.declare(&[single("other")]);
    let _refusal = refused(&shop, "account-empty", "");
    let _refusal = refused(&shop, "account-empty", "--allow-deactivations 2");
    shop.emulator().clear_faults();
    shop.declare(&films(2));
    shop.expect_no_changes();
}

both!(account_that_shows_none_of_the_bound_offers);

fn account_that_shows_none_of_the_bound_offers(api: Api) {
    let shop = applied(api, &films(2));
    let stranger = applied(api, &[Draft::new("pass", "news")]);
    let config = shop.read("offerctl.yaml");
    let swapped = config.replace(&shop.emulator().url(), &stranger.emulator().url());
    shop.write("offerctl.yaml", &swapped);
    stranger.requests();
    let _refusal = refused(&shop, "account-unfamiliar", "");
    shop.declare(&[single("other")]);
    let _refusal = refused(&shop, "account-unfamiliar", "");
    assert_eq!(stranger.writes(), 0);
    shop.write("offerctl.yaml", &config).declare(&films(2));
    shop.expect_no_changes();
}

fn shop_of(email: &str) -> Shop {
    Shop::with_emulator(Config {
        account: Account {
            publisher_email: email.to_owned(),
            ..Account::default()
        },
        ..Config::default()
    })
}

// Over REST no offer shows the account's e-mail.
#[test]
fn token_of_another_account_than_at_the_first_apply() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    let other = shop_of("other@example.com");
    other.declare(&[single("film")]);
    let _run = other.apply();
    // Both accounts have the offer under one id, as a sandbox copied from production would.
    let state = other.read(STATE);
    let ours = shop.read(STATE);
    let email = shop.emulator().account().publisher_email;
    assert!(
        ours.contains(&email),
        "the state remembers whose it is: {ours}"
    );
    shop.write(STATE, &state.replace("other@example.com", &email));
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace(&shop.emulator().url(), &other.emulator().url()),
    );
    shop.declare(&[single("film").with("price", "11.00")]);
    other.requests();
    let refusal = refused(&shop, "account-mismatch", "");
    let message = refusal["message"].as_str().unwrap();
    assert!(
        message.contains("other@example.com") && message.contains(&email),
        "{message}"
    );
    assert_eq!(other.writes(), 0);
}

both!(account_is_not_the_one_that_the_environment_says);

fn account_is_not_the_one_that_the_environment_says(api: Api) {
    let shop = applied(api, &[single("film")]);
    shop.declare(&[single("film"), single("new")]);
    let email = (
        "{publisherEmail: sales@club.tv}",
        "{publisherEmail: publisher@example.com}",
    );
    let country = ("{country: NO}", "{country: US}");
    let currency = ("{currency: EUR}", "{currency: USD}");
    let shown = match api {
        Api::JsonRpc => &[email, country, currency][..],
        // There no offer shows the account's e-mail, and any may have another currency.
        Api::Rest => &[country],
    };
    for (said, right) in shown {
        shop.configure(&format!("    account: {said}\n"));
        let _refusal = refused(&shop, "account-mismatch", "");
        shop.configure(&format!("    account: {right}\n"));
        shop.run("plan").exits(0);
    }
}

// Over REST no offer shows the account's e-mail.
#[test]
fn account_of_another_owner_is_noticed_after_the_first_create_at_the_latest() {
    // An account without offers does not show whose it is before something is made.
    let shop = shop_of("other@example.com");
    shop.configure("    account: {publisherEmail: sales@club.tv}\n");
    let drafts: Vec<Draft> = (0..4)
        .map(|index| match index {
            0 => single("film-0"),
            _ => {
                single(&format!("film-{index}")).with("dependsOn", &format!("[film-{}]", index - 1))
            }
        })
        .collect();
    shop.declare(&drafts);
    let run = shop.run("apply --auto-approve --format json");
    assert!([1, 3, 5].contains(&run.code), "{run:?}");
    assert!(shop.writes() <= 1, "{run:?}");
}

both!(more_deactivations_than_allowed);

fn more_deactivations_than_allowed(api: Api) {
    let shop = applied(api, &films(12));
    shop.declare(&films(9));
    let refusal = refused(&shop, "deactivations", "");
    assert_eq!(flag(&refusal), "--allow-deactivations 3");
    for wrong in ["0", "1", "2", "4", "12", "1000000"] {
        let refusal = refused(
            &shop,
            "deactivations-count",
            &format!("--allow-deactivations {wrong}"),
        );
        assert_eq!(flag(&refusal), "--allow-deactivations 3");
    }
    let line = format!("apply --auto-approve {}", flag(&refusal));
    shop.run(&line).exits(0);
    assert_eq!(shop.written(), vec![api.call("deactivateSingleOffer"); 3]);
    shop.expect_no_changes();
}

both!(a_dry_run_knows_the_number_of_deactivations_that_was_typed);

fn a_dry_run_knows_the_number_of_deactivations_that_was_typed(api: Api) {
    let shop = applied(api, &films(4));
    shop.declare(&films(2));
    shop.requests();
    shop.run("apply --dry-run").exits(3);
    shop.run("apply --dry-run --allow-deactivations 2").exits(0);
    shop.run("apply --dry-run --allow-deactivations 1").exits(3);
    assert_eq!(shop.writes(), 0);
}

both!(a_number_of_deactivations_that_does_not_happen_is_refused_too);

fn a_number_of_deactivations_that_does_not_happen_is_refused_too(api: Api) {
    let shop = applied(api, &films(2));
    let _refusal = refused(&shop, "deactivations-count", "--allow-deactivations 1");
    shop.run("apply -y --allow-deactivations 0").exits(0);
}

both!(a_tenth_of_the_managed_offers_may_go_and_one_always);

fn a_tenth_of_the_managed_offers_may_go_and_one_always(api: Api) {
    for (managed, goes, passes) in [
        (1 + 9, 1, true),
        (19, 1, true),
        (19, 2, false),
        (20, 2, true),
        (20, 3, false),
    ] {
        let shop = applied(api, &films(managed));
        shop.declare(&films(managed - goes));
        if passes {
            shop.run("apply --auto-approve").exits(0);
        } else {
            let _refusal = refused(&shop, "deactivations", "");
        }
    }
}

both!(the_environment_says_how_many_offers_may_go);

fn the_environment_says_how_many_offers_may_go(api: Api) {
    let shop = applied(api, &films(4));
    shop.declare(&films(3));
    shop.configure("    guards: {maxDeactivations: 0}\n");
    let _refusal = refused(&shop, "deactivations", "");
    shop.declare(&films(1));
    shop.configure("    guards: {maxDeactivations: 3}\n");
    shop.run("apply --auto-approve").exits(0);
}

const REPLACE: &str = "{onImmutableChange: replace}";

both!(replacements_count_as_deactivations);

fn replacements_count_as_deactivations(api: Api) {
    let shop = applied(api, &films(3));
    let replaced: Vec<Draft> = films(3)
        .into_iter()
        .map(|draft| {
            draft
                .with("type", "pass")
                .with("period", "month")
                .with("lifecycle", REPLACE)
        })
        .collect();
    shop.declare(&replaced);
    let refusal = refused(&shop, "deactivations", "");
    assert_eq!(flag(&refusal), "--allow-deactivations 3");
    shop.run("apply -y --allow-deactivations 3").exits(0);
    shop.expect_no_changes();
    let active = shop.emulator().offers();
    assert_eq!(active.iter().filter(|offer| offer.is_active()).count(), 3);
}

both!(a_protected_offer_is_not_deactivated);

fn a_protected_offer_is_not_deactivated(api: Api) {
    let shop = applied(
        api,
        &[
            single("film").with("lifecycle", "{protect: true}"),
            single("other"),
        ],
    );
    shop.declare(&[single("other")]);
    let _refusal = refused(&shop, "protected", "");
    let _refusal = refused(&shop, "protected", "--allow-deactivations 1");
    // As the help says: declare it again without protection, apply, then remove it.
    shop.declare(&[
        single("film").with("lifecycle", "{protect: false}"),
        single("other"),
    ]);
    shop.run("apply --auto-approve").exits(0);
    shop.declare(&[single("other")]);
    shop.run("apply --auto-approve").exits(0);
    assert_eq!(shop.active("Title of film").len(), 0);
}

both!(protection_holds_from_the_moment_it_was_applied);

fn protection_holds_from_the_moment_it_was_applied(api: Api) {
    // It only changes the state: an offer may be protected without a write.
    let shop = applied(api, &[single("film"), single("other")]);
    shop.declare(&[
        single("film").with("lifecycle", "{protect: true}"),
        single("other"),
    ]);
    shop.run("apply --auto-approve").exits(0);
    shop.declare(&[single("other")]);
    let _refusal = refused(&shop, "protected", "");
}

both!(a_protected_offer_is_not_replaced);

fn a_protected_offer_is_not_replaced(api: Api) {
    let shop = applied(api, &[single("film").with("lifecycle", "{protect: true}")]);
    let pass = Draft::new("pass", "film");
    shop.declare(&[pass
        .clone()
        .with("lifecycle", "{protect: true, onImmutableChange: replace}")]);
    let _refusal = refused(&shop, "protected", "");
    // As the help says: a change with `protect: false` first.
    shop.declare(&[single("film").with("lifecycle", "{protect: false}")]);
    shop.run("apply --auto-approve").exits(0);
    shop.declare(&[pass.with("lifecycle", REPLACE)]);
    shop.run("apply --auto-approve").exits(0);
    assert_eq!(
        shop.written().last().unwrap(),
        &api.call("deactivateSingleOffer")
    );
}

both!(taking_protection_away_and_replacing_in_one_go_is_refused);

fn taking_protection_away_and_replacing_in_one_go_is_refused(api: Api) {
    let shop = applied(api, &[single("film").with("lifecycle", "{protect: true}")]);
    shop.declare(&[Draft::new("pass", "film").with("lifecycle", REPLACE)]);
    shop.requests();
    let run = shop.run("apply --auto-approve");
    assert!(run.code == 3 && shop.writes() == 0, "{run:?}");
}

both!(a_replacement_is_said_in_the_manifest);

fn a_replacement_is_said_in_the_manifest(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    let pass = Draft::new("pass", "film");
    shop.declare(&[pass.clone(), single("other")]);
    let refusal = refused(&shop, "replacement", "");
    let help = refusal["help"].as_str().unwrap();
    assert!(help.contains("`onImmutableChange: replace`"), "{help}");
    let refuse = pass
        .clone()
        .with("lifecycle", "{onImmutableChange: refuse}");
    shop.declare(&[refuse, single("other")]);
    let _refusal = refused(&shop, "replacement", "");
    shop.declare(&[pass.with("lifecycle", REPLACE), single("other")]);
    shop.requests();
    shop.run("apply --auto-approve").exits(0);
    let calls = ["createPassOffer", "deactivateSingleOffer"];
    assert_eq!(shop.written(), calls.map(|call| api.call(call)));
    shop.expect_no_changes();
}

/// Applies one price and then plans another; whether that passes.
#[track_caller]
fn moves(api: Api, config: &str, before: &str, after: &str) -> bool {
    let shop = Shop::of(api);
    shop.configure(config);
    let news = || Draft::new("pass", "news");
    shop.declare(&[news().with("price", before)]);
    let _run = shop.apply();
    shop.declare(&[news().with("price", after)]);
    let run = shop.run("plan");
    assert!([0, 3].contains(&run.code), "{run:?}");
    run.code == 0
}

both!(half_of_the_price_may_move_and_not_a_cent_more);

fn half_of_the_price_may_move_and_not_a_cent_more(api: Api) {
    assert!(moves(api, "", "10.00", "15.00"));
    assert!(moves(api, "", "10.00", "5.00"));
    assert!(!moves(api, "", "10.00", "15.01"));
    assert!(!moves(api, "", "10.00", "4.99"));
    assert!(
        !moves(api, "", "10.00", "1000"),
        "a comma in the wrong place"
    );
    let third = "    guards: {maxPriceChange: 30%}\n";
    assert!(moves(api, third, "10.00", "13.00"));
    assert!(moves(api, third, "10.00", "7.00"));
    assert!(!moves(api, third, "10.00", "13.01"));
    assert!(!moves(
        api,
        "    guards: {maxPriceChange: 0%}\n",
        "10.00",
        "10.01"
    ));
}

both!(a_price_never_moves_from_nothing_by_itself);

fn a_price_never_moves_from_nothing_by_itself(api: Api) {
    let shop = Shop::of(api);
    shop.configure("    guards: {maxPriceChange: 100000%}\n");
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    let nothing = rust_decimal::Decimal::ZERO;
    shop.edit("Title of film", |offer| offer.set(Field::Price, nothing));
    let moved = single("film").with("price", "12.00");
    shop.declare(std::slice::from_ref(&moved));
    let refusal = refused(&shop, "price-change", "");
    shop.declare(&[moved.with("lifecycle", &pasted(&refusal, LATER))]);
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

both!(a_price_that_moves_too_far_needs_the_very_target);

fn a_price_that_moves_too_far_needs_the_very_target(api: Api) {
    let shop = applied(api, &[single("film")]);
    let moved = single("film").with("price", "4.99");
    shop.declare(std::slice::from_ref(&moved));
    let refusal = refused(&shop, "price-change", "");
    for wrong in [
        "{priceChange: {to: 5.00, reason: sale, until: 2099-12-31}}",
        "{priceChange: {to: 4.98, reason: sale, until: 2099-12-31}}",
        "{priceChange: {to: 4.99, country: FR, reason: sale, until: 2099-12-31}}",
    ] {
        shop.declare(&[moved.clone().with("lifecycle", wrong)]);
        shop.requests();
        let run = shop.run("apply --auto-approve");
        assert!([3, 65].contains(&run.code), "{run:?}");
        assert_eq!(shop.writes(), 0);
    }
    shop.declare(&[moved.with("lifecycle", &pasted(&refusal, LATER))]);
    shop.run("apply --auto-approve").exits(0);
    assert_eq!(
        shop.active("Title of film")[0].get(Field::Price),
        Some(&"4.99".parse::<rust_decimal::Decimal>().unwrap().into())
    );
    shop.expect_no_changes();
}

both!(an_override_holds_through_its_last_day_and_matters_only_while_the_change_is_pending);

fn an_override_holds_through_its_last_day_and_matters_only_while_the_change_is_pending(api: Api) {
    let shop = applied(api, &[single("film")]);
    let today = today();
    let yesterday = today.yesterday().unwrap();
    let of = |until: &str| {
        let lifecycle = format!("{{priceChange: {{to: 4.99, reason: sale, until: {until}}}}}");
        single("film")
            .with("price", "4.99")
            .with("lifecycle", &lifecycle)
    };
    shop.declare(&[of(&yesterday.to_string())]);
    let refusal = refused(&shop, "override-expired", "");
    let help = refusal["help"].as_str().unwrap();
    assert!(help.contains("`until`"), "{help}");
    // Tomorrow, in case midnight passes between two lines of this test.
    shop.declare(&[of(&today.to_string())]);
    let run = shop.run("plan");
    assert!(run.code == 0 || self::today() != today, "{run:?}");
    shop.declare(&[of(&today.tomorrow().unwrap().to_string())]);
    shop.run("apply --auto-approve").exits(0);
    shop.declare(&[of("2020-01-01")]);
    shop.expect_no_changes();
}

both!(a_price_moves_back_to_what_was_applied_last);

fn a_price_moves_back_to_what_was_applied_last(api: Api) {
    let shop = applied(api, &[single("film")]);
    let far: rust_decimal::Decimal = "100.00".parse().unwrap();
    shop.edit("Title of film", |offer| offer.set(Field::Price, far));
    shop.run("plan").exits(0).says("10.00");
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

both!(a_price_out_of_the_range_of_its_currency);

fn a_price_out_of_the_range_of_its_currency(api: Api) {
    let shop = Shop::of(api);
    shop.configure("    guards: {maxPriceChange: 1000%, price: {USD: {min: 0.99, max: 19.99}}}\n    account: {currency: USD}\n");
    for price in ["0.98", "20.00"] {
        let draft = single("film").with("price", price);
        shop.declare(std::slice::from_ref(&draft));
        let _refusal = refused(&shop, "price-range", "");
    }
    for price in ["0.99", "19.99"] {
        shop.declare(&[single("film").with("price", price)]);
        shop.run("plan").exits(0);
    }
    let _run = shop.apply();
    let high = single("film").with("price", "29.99");
    shop.declare(std::slice::from_ref(&high));
    let refusal = refused(&shop, "price-range", "");
    shop.declare(&[high.with("lifecycle", &pasted(&refusal, LATER))]);
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

both!(a_range_holds_for_the_prices_of_countries_in_its_currency);

fn a_range_holds_for_the_prices_of_countries_in_its_currency(api: Api) {
    let shop = Shop::of(api);
    shop.configure("    guards: {price: {EUR: {max: 8.99}}}\n");
    let film = single("film").localized();
    shop.declare(std::slice::from_ref(&film));
    let refusal = refused(&shop, "price-range", "");
    let lifecycle = pasted(&refusal, LATER);
    assert!(lifecycle.contains("FR"), "{lifecycle}");
    shop.declare(&[film.with("lifecycle", &lifecycle)]);
    shop.run("apply --auto-approve").exits(0);
}

both!(a_decimal_point_in_the_wrong_place_is_a_warning_or_in_a_strict_environment_a_refusal);

fn a_decimal_point_in_the_wrong_place_is_a_warning_or_in_a_strict_environment_a_refusal(api: Api) {
    let prices = "{US: {currency: USD}, FR: {currency: EUR, price: 90.00}, NO: {currency: NOK, price: 99.00}}";
    let film = single("film").with("localizations", prices);
    let shop = Shop::of(api);
    shop.declare(std::slice::from_ref(&film));
    let run = shop.run("plan --format json").exits(0);
    shop.fits("plan", &run.json());
    let warning = run.json()["warnings"][0].clone();
    assert_eq!(warning["code"], "decimal-point");
    assert_eq!(warning["name"], "film");
    assert!(warning["line"].as_u64().is_some(), "{warning:#}");
    assert!(warning["message"].as_str().unwrap().contains("90.00 EUR"));
    shop.run("plan").exits(0).says("! warning decimal-point");
    shop.configure("    guards: {strict: true}\n");
    let refusal = refused(&shop, "decimal-point", "");
    assert_eq!(refusal["message"], warning["message"]);
    shop.configure("    guards: {strict: true, exchangeRates: {EUR: 9}}\n");
    shop.run("plan").exits(0);
    shop.configure("    guards: {strict: true}\n");
    shop.declare(&[film.with("lifecycle", &pasted(&refusal, LATER))]);
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

both!(a_localized_price_that_moves_too_far_names_its_country);

fn a_localized_price_that_moves_too_far_names_its_country(api: Api) {
    let shop = applied(api, &[single("film").localized()]);
    let moved = single("film").with(
        "localizations",
        "{US: {currency: USD}, FR: {currency: EUR, price: 19.00}, NO: {currency: NOK, price: 99.00}}",
    );
    shop.declare(std::slice::from_ref(&moved));
    let refusal = refused(&shop, "price-change", "");
    let without_country = "{priceChange: {to: 19.00, reason: sale, until: 2099-12-31}}";
    shop.declare(&[moved.clone().with("lifecycle", without_country)]);
    shop.requests();
    let run = shop.run("apply --auto-approve");
    assert!([3, 65].contains(&run.code), "{run:?}");
    assert_eq!(shop.writes(), 0);
    shop.declare(&[moved.with("lifecycle", &pasted(&refusal, LATER))]);
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

const GEO: &str = "geoRestriction";

fn restricted(mode: &str, countries: &str) -> Draft {
    let restriction = format!("{{type: {mode}, countries: [{countries}]}}");
    single("film").with(GEO, &restriction)
}

/// Expects that a change of the restriction is refused until the countries are named.
#[track_caller]
fn loses(api: Api, before: Draft, after: Draft, named: &str) {
    let shop = applied(api, &[before]);
    shop.declare(std::slice::from_ref(&after));
    let refusal = refused(&shop, "country-lost", "");
    let expired = pasted(&refusal, "2020-01-01");
    shop.declare(&[after.clone().with("lifecycle", &expired)]);
    let _refusal = refused(&shop, "override-expired", "");
    let meant = pasted(&refusal, LATER);
    assert!(meant.contains(&format!("countries: [{named}]")), "{meant}");
    shop.declare(&[after.with("lifecycle", &meant)]);
    shop.run("apply --auto-approve").exits(0);
    shop.expect_no_changes();
}

both!(a_country_that_leaves_a_whitelist_is_named);

fn a_country_that_leaves_a_whitelist_is_named(api: Api) {
    loses(
        api,
        restricted("whitelist", "US, NO, SE"),
        restricted("whitelist", "US"),
        "NO, SE",
    );
}

both!(a_country_that_comes_onto_a_blacklist_is_named);

fn a_country_that_comes_onto_a_blacklist_is_named(api: Api) {
    loses(
        api,
        restricted("blacklist", "SE"),
        restricted("blacklist", "SE, DK"),
        "DK",
    );
    loses(api, single("film"), restricted("blacklist", "DK"), "DK");
}

both!(a_first_whitelist_closes_all_other_countries);

fn a_first_whitelist_closes_all_other_countries(api: Api) {
    loses(api, single("film"), restricted("whitelist", "US"), "\"*\"");
    loses(
        api,
        restricted("blacklist", "SE"),
        restricted("whitelist", "US"),
        "\"*\"",
    );
}

both!(naming_some_of_the_lost_countries_is_not_enough);

fn naming_some_of_the_lost_countries_is_not_enough(api: Api) {
    let shop = applied(api, &[restricted("whitelist", "US, NO, SE")]);
    shop.declare(&[restricted("whitelist", "US").with(
        "lifecycle",
        "{removeCountries: {countries: [SE], reason: x, until: 2099-12-31}}",
    )]);
    let refusal = refused(&shop, "country-lost", "");
    let message = refusal["message"].as_str().unwrap();
    assert!(
        message.contains("NO") && !message.contains("SE"),
        "{message}"
    );
}

both!(more_countries_pass);

fn more_countries_pass(api: Api) {
    for (before, after) in [
        (
            restricted("whitelist", "US"),
            restricted("whitelist", "US, NO"),
        ),
        (
            restricted("whitelist", "US"),
            single("film").with(GEO, "null"),
        ),
        (
            restricted("blacklist", "SE, NO"),
            restricted("blacklist", "SE"),
        ),
    ] {
        let shop = applied(api, &[before]);
        shop.declare(&[after]);
        shop.run("apply --auto-approve").exits(0);
        shop.expect_no_changes();
    }
}

both!(a_localized_price_that_goes_is_a_lost_country);

fn a_localized_price_that_goes_is_a_lost_country(api: Api) {
    let shop = applied(api, &[single("film").localized()]);
    shop.declare(&[single("film").with(
        "localizations",
        "{US: {currency: USD}, FR: {currency: EUR, price: 9.00}}",
    )]);
    let refusal = refused(&shop, "country-lost", "");
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains("NO"), "{message}");
}

both!(every_refusal_of_a_plan_is_told_at_once);

fn every_refusal_of_a_plan_is_told_at_once(api: Api) {
    let shop = applied(
        api,
        &[
            single("price"),
            restricted("whitelist", "US, NO"),
            single("gone").with("lifecycle", "{protect: true}"),
            single("type"),
        ],
    );
    shop.declare(&[
        single("price").with("price", "1.00"),
        restricted("whitelist", "US"),
        Draft::new("pass", "type"),
    ]);
    let run = shop.run("plan --format json").exits(3);
    let codes: Vec<Json> = run.json()["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refusal| refusal["code"].clone())
        .collect();
    for code in [
        "price-change",
        "country-lost",
        "protected",
        "replacement",
        "deactivations",
    ] {
        assert!(codes.contains(&json!(code)), "no {code} in {codes:?}");
    }
}

both!(a_refused_plan_writes_its_output_files);

fn a_refused_plan_writes_its_output_files(api: Api) {
    let shop = applied(api, &[single("film")]);
    shop.declare(&[single("film").with("price", "1.00")]);
    shop.run("plan --out plan.json --json-into plan.v1.json")
        .exits(3);
    let document: Json = serde_json::from_str(&shop.read("plan.v1.json")).unwrap();
    assert_eq!(document["refusals"][0]["code"], "price-change");
    shop.requests();
    shop.run("apply plan.json").exits(3);
    assert_eq!(shop.writes(), 0);
}

both!(a_token_that_is_not_accepted_writes_nothing);

fn a_token_that_is_not_accepted_writes_nothing(api: Api) {
    let shop = Shop::of_emulator(
        api,
        Config {
            account: Account {
                token: Some(Token::new(format!("not-{TOKEN}"))),
                ..Account::default()
            },
            ..Config::default()
        },
    );
    shop.declare(&[single("film")]);
    shop.run("apply --auto-approve").exits(1);
    assert_eq!(shop.writes(), 0);
}

both!(an_adoption_and_a_replacement_move_prices_too);

fn an_adoption_and_a_replacement_move_prices_too(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    let ids = format!("{{shop: {}}}", shop.id("Title of film"));
    shop.run("state forget film").exits(0);
    let cheap = single("film").with("price", "1.00").with("ids", &ids);
    shop.declare(&[cheap, single("other")]);
    let _refusal = refused(&shop, "price-change", "");
    let shop = applied(api, &[single("film"), single("other")]);
    shop.declare(&[
        Draft::new("pass", "film")
            .with("price", "1.00")
            .with("lifecycle", REPLACE),
        single("other"),
    ]);
    let _refusal = refused(&shop, "price-change", "");
}

both!(protection_moves_along_with_a_new_name);

fn protection_moves_along_with_a_new_name(api: Api) {
    let shop = applied(
        api,
        &[
            single("film").with("lifecycle", "{protect: true}"),
            single("other"),
        ],
    );
    shop.declare(&[
        Draft::new("pass", "movie")
            .with("movedFrom", "film")
            .with("lifecycle", REPLACE),
        single("other"),
    ]);
    let _refusal = refused(&shop, "protected", "");
}

// Over REST no offer shows the account's e-mail.
#[test]
fn nothing_of_another_account_is_adopted_by_hand() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    let other = shop_of("other@example.com");
    other.declare(&[single("film"), single("stranger")]);
    let _run = other.apply();
    let id = other.id("Title of stranger");
    let before = shop.read(STATE);
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace(&shop.emulator().url(), &other.emulator().url()),
    );
    shop.run(&format!("state adopt stranger {id}"))
        .exits(3)
        .complains("other@example.com");
    assert_eq!(shop.read(STATE), before);
}
