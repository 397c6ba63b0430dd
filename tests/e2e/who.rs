//! Which live offer is meant: adoptions are shown, asked for and listed, nothing is adopted unasked that would change, an
//! offer can be declared to be another one, and what another project manages stays its own.

use cleeng_emulator::{Field, FieldValue, Kind, Offer, OfferId};
use serde_json::Value as Json;

use crate::support::{Api, Draft, Shop, both};

const TITLE: &str = "Title of film";

fn film() -> Draft {
    Draft::new("single", "film")
}

fn other() -> Draft {
    Draft::new("single", "other")
}

fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop.requests();
    shop
}

/// An offer that somebody made by hand, as the draft `film` would be.
fn by_hand(shop: &Shop, price: &str) -> OfferId {
    let id: OfferId = "A700000001_US".parse().unwrap();
    let offer = Offer::new(id.clone(), Kind::Single)
        .with(Field::Title, TITLE)
        .with(Field::Url, "https://club.tv/film")
        .with(
            Field::Price,
            price.parse::<rust_decimal::Decimal>().unwrap(),
        );
    shop.emulator().seed_offers(vec![offer]).unwrap();
    id
}

/// The one conflict of a plan, which an apply refuses as well, without a write.
#[track_caller]
fn conflict(shop: &Shop) -> Json {
    shop.requests();
    let plan = shop.run("plan --format json").exits(3).json();
    shop.fits("plan", &plan);
    let conflicts = plan["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1, "{plan:#}");
    shop.run("apply -y").exits(3);
    assert_eq!(shop.writes(), 0);
    let found = conflicts[0].clone();
    assert_eq!(found["file"], "offers/all.yaml");
    found
}

#[track_caller]
fn is(conflict: &Json, code: &str) {
    assert_eq!(conflict["code"], code, "{conflict:#}");
}

both!(an_adoption_that_would_change_the_offer_is_asked_for);

fn an_adoption_that_would_change_the_offer_is_asked_for(api: Api) {
    let shop = applied(api, &[other()]);
    let id = by_hand(&shop, "9.00");
    shop.declare(&[film(), other()]);
    let found = conflict(&shop);
    is(&found, "adopt-changes");
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("would change its `price`"), "{message}");
    // `ids` says that it is this one.
    let ids = format!("{{shop: {id}}}");
    shop.declare(&[film().with("ids", &ids), other()]);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.active(TITLE).len(), 1);
}

both!(state_adopt_shows_what_changes_and_needs_a_yes);

fn state_adopt_shows_what_changes_and_needs_a_yes(api: Api) {
    let shop = applied(api, &[other()]);
    let id = by_hand(&shop, "9.00");
    shop.declare(&[film(), other()]);
    let before = shop.state()["offers"].clone();
    let line = format!("state adopt film {id}");
    let run = shop
        .run(&line)
        .exits(64)
        .says("9.00 → 10.00 USD")
        .complains("nobody to ask");
    // The hint is a whole command.
    let hint = format!("offerctl {line} --yes -C ");
    assert!(
        run.err.contains(&hint) || run.err.contains(&format!("offerctl {line} --yes -e shop")),
        "{run:?}"
    );
    assert_eq!(shop.state()["offers"], before);
    let run = shop.run(&format!("{line} --yes --format json")).exits(0);
    assert!(run.out.is_empty(), "{run:?}");
    assert!(run.err.contains("9.00 → 10.00 USD"), "{run:?}");
    assert_eq!(shop.writes(), 0);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.id(TITLE), id);
}

both!(state_adopt_of_what_is_not_declared_says_what_comes_of_it);

fn state_adopt_of_what_is_not_declared_says_what_comes_of_it(api: Api) {
    let shop = applied(api, &[other()]);
    let id = by_hand(&shop, "9.00");
    shop.run(&format!("state adopt film {id}"))
        .exits(64)
        .says("deactivate film");
}

both!(adoptions_are_listed_even_where_nothing_is_sent);

fn adoptions_are_listed_even_where_nothing_is_sent(api: Api) {
    let shop = Shop::of(api);
    shop.configure("    markers: false\n");
    shop.declare(&[film(), other()]);
    let _run = shop.apply();
    let id = shop.id(TITLE);
    shop.run("state forget film").exits(0);
    shop.requests();
    shop.run("plan")
        .exits(0)
        .says("→ adopt film")
        .says(id.as_str())
        .says("1 to adopt");
    shop.run("plan --format markdown")
        .exits(0)
        .says("adopt film")
        .says("1 to adopt");
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], 1, "{plan:#}");
    assert_eq!(plan["changes"][0]["action"], "adopt", "{plan:#}");
    assert_eq!(plan["changes"][0]["id"], id.as_str(), "{plan:#}");
    let report = shop.run("apply -y --format json").exits(0).json();
    assert_eq!(report["outcomes"][0]["name"], "film", "{report:#}");
    assert_eq!(shop.writes(), 0);
    shop.run("state forget film").exits(0);
    shop.run("apply -y").exits(0).says("film").says(id.as_str());
    assert_eq!(shop.writes(), 0);
}

#[test]
fn what_was_deactivated_and_is_declared_again_names_its_former_offer() {
    for (api, words) in [
        (
            Api::JsonRpc,
            "was deactivated, and JSON-RPC cannot put it back on sale",
        ),
        (Api::Rest, "it was ours before"),
    ] {
        let shop = applied(api, &[film(), other()]);
        let id = shop.active("Title of film")[0].id().to_string();
        let id = id.split('_').next().unwrap().to_owned();
        shop.declare(&[other()]).apply();
        shop.declare(&[film(), other()]);
        let run = shop.run("plan").exits(0).says(words);
        assert!(run.out.contains(&id), "{run:?}");
        shop.apply();
        shop.expect_no_changes();
    }
}

both!(an_offer_can_be_declared_to_be_another_one);

fn an_offer_can_be_declared_to_be_another_one(api: Api) {
    for price in ["9.00", "10.00"] {
        let shop = applied(api, &[other()]);
        let id = by_hand(&shop, price);
        let distinct = format!("{{distinctFrom: [{}]}}", id.stem());
        shop.declare(&[film().with("lifecycle", &distinct), other()]);
        shop.run("plan --out plan.json").exits(0);
        shop.run("apply plan.json").exits(0);
        shop.expect_no_changes();
        assert_eq!(shop.active(TITLE).len(), 2);
        // It is not adopted by accident either.
        shop.run("state forget film").exits(0);
        shop.run(&format!("state adopt film {id} -y"))
            .exits(3)
            .complains("distinctFrom");
    }
}

both!(an_address_of_all_offers_is_no_evidence);

fn an_address_of_all_offers_is_no_evidence(api: Api) {
    let plans = "https://club.tv/plans";
    let shop = applied(api, &[other().with("url", plans)]);
    let id: OfferId = "A700000009_US".parse().unwrap();
    let offer = Offer::new(id.clone(), Kind::Single)
        .with(Field::Title, "Something else")
        .with(Field::Url, plans)
        .with(
            Field::Price,
            "3.00".parse::<rust_decimal::Decimal>().unwrap(),
        );
    shop.emulator().seed_offers(vec![offer.clone()]).unwrap();
    shop.declare(&[film().with("url", plans), other().with("url", plans)]);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.active(TITLE).len(), 1);
    assert_eq!(shop.active("Something else").len(), 1);
}

both!(a_lost_state_is_to_be_rebuilt_first);

fn a_lost_state_is_to_be_rebuilt_first(api: Api) {
    let shop = applied(api, &[film(), other()]);
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
    let run = shop.run("plan").exits(0).complains("state rebuild");
    assert!(
        run.err.contains("2 declared offers have a live match"),
        "{run:?}"
    );
    assert!(run.err.contains(" -e shop\n"), "{run:?}");
    shop.run("state rebuild -y").exits(0);
    let run = shop.run("plan").exits(0);
    assert!(!run.err.contains("state rebuild"), "{run:?}");
    shop.expect_no_changes();
}

#[test]
fn a_lost_state_knows_offers_again_in_other_spellings() {
    let shop = applied(Api::JsonRpc, &[film(), other()]);
    let id = shop.edit(TITLE, |offer| {
        offer.set(Field::Title, "TITLE of  film\u{200b} ");
        offer.set(Field::Url, "https://CLUB.tv/film/");
    });
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
    let found = conflict(&shop);
    is(&found, "adopt-changes");
    let message = found["message"].as_str().unwrap();
    assert!(message.contains(id.as_str()), "{message}");
    assert_eq!(shop.emulator().offers().len(), 2);
}

/// Two projects in one account: `test`, which has a film, and `theirs`, which declares it as well.
fn two_projects() -> (Shop, Shop) {
    let ours = applied(Api::Rest, &[film()]);
    let theirs = Shop::of(Api::Rest);
    let config = ours.read("offerctl.yaml");
    theirs.write(
        "offerctl.yaml",
        &config.replace("project: test", "project: theirs"),
    );
    theirs.declare(&[film()]);
    (ours, theirs)
}

fn marker(shop: &Shop) -> String {
    let offers = shop.active(TITLE);
    let Some(FieldValue::Map(texts)) = offers[0].get(Field::ExternalProperties) else {
        panic!("no texts on {:?}", offers[0]);
    };
    texts["offerctl"].clone()
}

#[test]
fn what_another_project_manages_is_not_taken_over() {
    let (ours, theirs) = two_projects();
    let id = ours.id(TITLE);
    let named = film().with("ids", &format!("{{shop: {id}}}"));
    for draft in [film(), named] {
        theirs.declare(&[draft]);
        theirs
            .run("plan")
            .exits(3)
            .says("other-project")
            .says("`test`")
            .says("--take-over-from test");
        theirs.run("apply -y").exits(3);
        theirs.run("apply -y --take-over-from elsewhere").exits(3);
        theirs.run("state rebuild -y").exits(3);
        theirs.run("import --adopt").exits(5);
    }
    theirs
        .run(&format!("state adopt film {id} -y"))
        .exits(3)
        .complains("`test`")
        .complains(&format!("state adopt film {id} --take-over-from test"));
    assert_eq!(ours.writes(), 0);
    assert_eq!(marker(&ours), "test/film");
    ours.expect_no_changes();
    // Its own offers are no other project's.
    ours.run("plan --take-over-from test")
        .exits(64)
        .complains("this project");
}

#[test]
fn what_is_taken_over_is_a_conflict_for_the_project_that_had_it() {
    let (ours, theirs) = two_projects();
    theirs.run("apply -y --take-over-from test").exits(0);
    assert_eq!(marker(&ours), "theirs/film");
    theirs.expect_no_changes();
    ours.requests();
    let run = ours.run("plan").exits(3).says("other-project");
    assert!(run.out.contains("theirs"), "{run:?}");
    ours.run("apply -y").exits(3);
    ours.run("drift")
        .exits(2)
        .says("theirs/film")
        .says("--take-over-from");
    // No longer declared, it is not taken out of the shop either.
    ours.declare(&[other()]);
    ours.run("apply -y").exits(3);
    assert_eq!(ours.writes(), 0);
    ours.run("state forget film").exits(0);
    let _run = ours.apply();
    assert_eq!(marker(&ours), "theirs/film");
    theirs.expect_no_changes();
}

#[test]
fn a_saved_plan_carries_what_it_takes_over() {
    let (ours, theirs) = two_projects();
    theirs
        .run("plan --out plan.json --take-over-from test")
        .exits(0);
    theirs
        .run("apply plan.json --take-over-from test")
        .exits(64)
        .complains("saved plan");
    theirs.run("apply plan.json").exits(0);
    assert_eq!(marker(&ours), "theirs/film");
}

#[test]
fn an_adoption_that_takes_over_says_what_sets_the_marker() {
    let (ours, theirs) = two_projects();
    let id = ours.id(TITLE);
    theirs
        .run(&format!("state adopt film {id} -y --take-over-from test"))
        .exits(0)
        .complains("apply --take-over-from test");
    theirs.run("apply -y").exits(3);
    theirs.run("apply -y --take-over-from test").exits(0);
    assert_eq!(marker(&ours), "theirs/film");
}

#[test]
fn an_import_leaves_what_another_project_manages() {
    let (ours, theirs) = two_projects();
    std::fs::remove_dir_all(theirs.path("offers")).unwrap();
    theirs
        .run("import")
        .exits(0)
        .says("the project `test` manages it");
    let list = theirs.run("state list --format json").exits(0).json();
    assert_eq!(list["offers"], serde_json::json!([]));
    assert_eq!(marker(&ours), "test/film");
}

#[test]
fn what_was_replaced_once_and_removed_is_activated_again() {
    let draft = |trial: &str| {
        Draft::new("subscription", "news")
            .with("period", trial)
            .with("lifecycle", "{onImmutableChange: replace}")
    };
    let shop = applied(Api::Rest, &[draft("month"), other()]);
    let first = shop.id("Title of news");
    shop.declare(&[draft("year"), other()]);
    shop.run("apply -y --allow-deactivations 1").exits(0);
    let second = shop.id("Title of news");
    assert_ne!(first, second);
    shop.declare(&[other()]);
    shop.run("apply -y --allow-deactivations 1").exits(0);
    assert!(shop.active("Title of news").is_empty());
    shop.declare(&[draft("year"), other()]);
    let _run = shop.apply();
    assert_eq!(shop.id("Title of news"), second);
    shop.expect_no_changes();
}
