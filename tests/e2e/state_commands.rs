//! `state mv`, `state rebuild` and `state export`.

use crate::drift::amount;
use crate::support::{Api, Draft, STATE, Shop, both};

fn drafts(api: Api) -> [Draft; 5] {
    let replay = Draft::new("vod", "replay");
    [
        Draft::new("pass", "news"),
        Draft::new("single", "film"),
        Draft::new("subscription", "club").localized(),
        Draft::new("event", "gala"),
        // Over REST nothing comes with an event.
        match api {
            Api::JsonRpc => replay.with("eventAssociation", "[gala]"),
            Api::Rest => replay.with("dependsOn", "[gala]"),
        },
    ]
}

fn shop(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&drafts(api));
    let _run = shop.apply();
    shop.requests();
    shop
}

fn lose_state(shop: &Shop) {
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
}

both!(a_binding_goes_on_under_another_name);

fn a_binding_goes_on_under_another_name(api: Api) {
    let shop = shop(api);
    shop.run("state mv news newspaper")
        .exits(0)
        .complains("news goes on as newspaper.");
    assert!(shop.state()["offers"]["newspaper"]["id"].is_string());
    let mut renamed = drafts(api);
    renamed[0] = Draft::new("pass", "news").named("newspaper");
    shop.declare(&renamed);
    if api == Api::Rest {
        // The marker says the name.
        let plan = shop.plan();
        let fields = plan["changes"][0]["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 1, "{plan:#}");
        let _run = shop.apply();
    }
    shop.expect_no_changes();
    let before = shop.read(STATE);
    shop.run("state mv nobody other")
        .exits(1)
        .complains("`nobody` is not bound");
    shop.run("state mv film club")
        .exits(3)
        .complains("`club` is bound to S")
        .complains("offerctl state forget club");
    shop.run("state mv film Film").exits(64);
    shop.run("state mv film film")
        .exits(64)
        .complains("is the name that it has");
    assert_eq!(shop.read(STATE), before);
    assert_eq!(shop.writes(), 0);
}

both!(a_lost_state_is_rebuilt_with_its_evidence);

fn a_lost_state_is_rebuilt_with_its_evidence(api: Api) {
    let shop = shop(api);
    let before = shop.state();
    lose_state(&shop);
    let run = shop
        .run("state rebuild --dry-run")
        .exits(0)
        .says("→ bind news to P")
        .says("Rebuilt: 0 known, 5 found, 0 open, 0 absent.\n");
    assert!(!shop.path(STATE).exists(), "{run:?}");
    shop.run("state rebuild").exits(64).complains("-y");
    assert!(!shop.path(STATE).exists());
    shop.run("state rebuild -y").exits(0);
    assert_eq!(found(&shop.state()), found(&before));
    let email = |state: &serde_json::Value| state["account"]["publisherEmail"].clone();
    assert_eq!(email(&shop.state()), email(&before));
    shop.expect_no_changes();
    shop.run("drift").exits(0);
    let document = shop.run("state rebuild -y --format json").exits(0).json();
    assert_eq!(document["known"].as_array().unwrap().len(), 5);
    assert_eq!(document["found"], serde_json::json!([]));
    assert_eq!(shop.writes(), 0);
}

// Over REST our marker tells which one it is.
#[test]
fn what_cannot_be_decided_is_listed_and_the_rest_is_bound() {
    let shop = shop(Api::JsonRpc);
    lose_state(&shop);
    let _twin = shop.make_by_hand("film");
    shop.edit("Title of news", |offer| {
        offer.set(cleeng_emulator::Field::Price, amount("11.00"));
    });
    let run = shop.run("state rebuild -y").exits(3).says("! open news:");
    assert!(run.out.contains("→ bind film to A"), "{run:?}");
    let news = shop.id("Title of news");
    shop.run(&format!("state adopt news {news} -y")).exits(0);
    let plan = shop.plan();
    assert_eq!(plan["summary"]["update"], 1, "news");
    lose_state(&shop);
    // Now both films are equal, so that nobody can tell which one it was.
    shop.emulator()
        .edit(&"A999000111_US".parse().unwrap(), |offer| {
            offer.set(cleeng_emulator::Field::Url, "https://club.tv/film");
            offer.set(cleeng_emulator::Field::Price, amount("10.00"));
        })
        .unwrap();
    let run = shop
        .run("state rebuild -y")
        .exits(3)
        .says("! open film:")
        .says("offerctl state adopt film ")
        .says("3 found, 2 open, 0 absent.\n");
    assert!(!run.out.contains("bind film"), "{run:?}");
    assert!(shop.state()["offers"]["film"].is_null());
    assert_eq!(shop.writes(), 0);
}

both!(an_export_is_the_state);

fn an_export_is_the_state(api: Api) {
    let shop = shop(api);
    let document = shop.run("state export").exits(0).json();
    let mut stored = shop.state();
    stored["serial"] = document["serial"].clone();
    assert_eq!(document, stored);
    lose_state(&shop);
    let document = shop.run("state export").exits(0).json();
    assert_eq!(document["offers"], serde_json::json!({}));
}

both!(a_damaged_state_has_a_way_out);

fn a_damaged_state_has_a_way_out(api: Api) {
    let shop = shop(api);
    let before = shop.state();
    shop.write(STATE, "{\"formatVersion\":1");
    for line in ["state list", "plan", "state rebuild -y", "import"] {
        let _run = shop
            .run(line)
            .exits(1)
            .complains("`offerctl state rebuild`");
    }
    std::fs::remove_file(shop.path(STATE)).unwrap();
    shop.run("state rebuild -y").exits(0);
    assert_eq!(found(&shop.state()), found(&before));
}

/// The offers of a state as they are once nobody knows any more what was sent to them.
fn found(state: &serde_json::Value) -> serde_json::Value {
    let mut offers = state["offers"].clone();
    for offer in offers.as_object_mut().unwrap().values_mut() {
        offer.as_object_mut().unwrap().remove("sent");
    }
    offers
}
