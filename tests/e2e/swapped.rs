//! Tokens and endpoints that were swapped between environments: nothing is written with them.

use serde_json::json;

use crate::environments::Two;
use crate::support::{Api, both};

const CLUB: &str = "  club:
    type: rental
    title: Club
    price: 12.00
    url: https://club.tv/club
    period: 48
";

/// `shop` was applied to its account, `market` never to any; then both have the account of `shop`.
fn swapped(api: Api) -> Two {
    let two = Two::of(api);
    two.shop.offers(CLUB);
    two.shop.run("apply -y -e shop").exits(0);
    two.configure([&two.shop, &two.shop], ["", ""]);
    two.writes();
    two
}

/// Expects that neither `plan` nor `apply` goes on, that the other environment is named, and that nobody is written to.
#[track_caller]
fn refused(two: &Two, environment: &str, other: &str) {
    let before = [&two.shop, &two.market].map(|shop| shop.emulator().offers());
    let files = two.shop.files();
    let line = format!("plan -e {environment} --format json");
    let plan = two.shop.run(&line).exits(3).json();
    let refusals = plan["refusals"].as_array().unwrap();
    let code = "account-of-another-environment";
    let found = refusals.iter().find(|refusal| refusal["code"] == code);
    let found = found.unwrap_or_else(|| panic!("{plan:#}"));
    let message = found["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("environment `{other}`")),
        "{message}"
    );
    assert!(found["help"].as_str().unwrap().contains("not swapped"));
    two.shop.run(&format!("apply -y -e {environment}")).exits(3);
    assert_eq!(two.writes(), 0);
    let after = [&two.shop, &two.market].map(|shop| shop.emulator().offers());
    assert_eq!(after, before);
    let state = format!(".offerctl/{environment}/state.json");
    let state = two.shop.path(&state);
    assert_eq!(two.shop.files().get(&state), files.get(&state));
}

#[test]
fn the_first_apply_with_the_token_of_another_environment_is_refused() {
    let two = swapped(Api::JsonRpc);
    refused(&two, "market", "shop");
    let run = two.shop.run("apply -y -e market").exits(3);
    assert!(run.out.contains("shop@club.example"), "{run:?}");
}

#[test]
fn an_account_that_offerctl_yaml_gives_to_another_is_refused() {
    let two = Two::new();
    two.shop.offers(CLUB);
    two.shop.make_by_hand("shop");
    two.market.make_by_hand("market");
    let market = "    account: {publisherEmail: market@club.example}\n";
    two.configure([&two.market, &two.shop], ["", market]);
    two.writes();
    refused(&two, "shop", "market");
    // The other one knows by itself that the account is wrong.
    let run = two.shop.run("apply -y -e market").exits(3);
    assert!(
        run.out.contains("offerctl.yaml says market@club.example"),
        "{run:?}"
    );
    assert_eq!(two.writes(), 0);
}

both!(an_account_with_the_offers_of_another_is_refused);

fn an_account_with_the_offers_of_another_is_refused(api: Api) {
    let two = swapped(api);
    let path = ".offerctl/shop/state.json";
    let mut state: serde_json::Value = serde_json::from_str(&two.shop.read(path)).unwrap();
    state["account"] = json!({});
    two.shop.write(path, &state.to_string());
    refused(&two, "market", "shop");
    let run = two.shop.run("plan -e market").exits(3);
    assert!(run.out.contains("1 of the 1 offers"), "{run:?}");
}

#[test]
fn a_saved_plan_and_an_adoption_are_refused_as_well() {
    let two = swapped(Api::JsonRpc);
    two.shop.run("plan -e market --out plan.json").exits(3);
    two.shop.run("apply plan.json -e market").exits(3);
    let id = two.shop.id("Club");
    let adopted = two
        .shop
        .run(&format!("state adopt club {id} -e market"))
        .exits(3);
    assert!(adopted.err.contains("environment `shop`"), "{adopted:?}");
    let before = two.shop.files();
    for line in [
        "import -e market --into offers/new",
        "import -e market --adopt --into offers/new",
        "state rebuild -e market -y",
    ] {
        let run = two.shop.run(line).exits(3);
        assert!(run.err.contains("environment `shop`"), "{run:?}");
    }
    let manifests = |files: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| {
        let paths = files
            .keys()
            .filter(|path| path.extension().is_some_and(|found| found == "yaml"));
        paths.cloned().collect::<Vec<_>>()
    };
    assert_eq!(manifests(&two.shop.files()), manifests(&before));
    let doctor = two.shop.run("doctor -e market").exits(1);
    assert!(doctor.out.contains("environment `shop`"), "{doctor:?}");
    two.shop.run("diff -e shop -e market").exits(1);
    assert_eq!(two.writes(), 0);
}

#[test]
fn who_means_it_says_whose_account_it_is() {
    let two = swapped(Api::JsonRpc);
    let same = "    account: {publisherEmail: shop@club.example}\n";
    two.configure([&two.shop, &two.shop], ["", same]);
    two.shop.run("apply -y -e market").exits(0);
    assert_eq!(two.writes(), 0, "it was adopted");
}

both!(a_state_that_two_environments_share_is_no_other);

fn a_state_that_two_environments_share_is_no_other(api: Api) {
    let two = swapped(api);
    let shared = "    state: .offerctl/shop\n";
    two.configure([&two.shop, &two.shop], ["", shared]);
    let run = two.shop.run("plan -e market");
    assert!(!run.out.contains("account-of-another"), "{run:?}");
}

#[test]
fn a_state_of_another_environment_that_cannot_be_read_keeps_nobody_from_working() {
    let two = swapped(Api::JsonRpc);
    two.shop.write(".offerctl/shop/state.json", "{");
    two.shop.run("plan -e market").exits(0);
    let nowhere = "    state: s3://nowhere/offers\n";
    two.configure([&two.shop, &two.shop], [nowhere, ""]);
    let run = two.shop.run("plan -e market -vv").exits(0);
    assert!(run.err.contains("the state of shop"), "{run:?}");
}

#[test]
fn environments_with_accounts_of_their_own_do_not_know_of_each_other() {
    let two = Two::new();
    two.shop.offers(CLUB);
    for name in ["shop", "market", "shop", "market"] {
        two.shop.run(&format!("apply -y -e {name}")).exits(0);
    }
}
