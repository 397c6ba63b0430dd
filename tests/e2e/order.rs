//! What goes first, and what waits.

use serde_json::json;

use crate::support::{Api, Draft, Shop, both};

// Over REST nothing comes with an event.
#[test]
fn an_event_is_made_before_the_vod_that_comes_with_it_and_goes_after_it() {
    let shop = Shop::new();
    let event = Draft::new("event", "zz-final");
    let vod = Draft::new("vod", "aa-replay").with("eventAssociation", "[zz-final]");
    shop.declare(&[event.clone(), vod.clone()]);
    let _run = shop.apply();
    assert_eq!(shop.written(), ["createEventOffer", "createVodOffer"]);
    let event_id = shop.id("Title of zz-final");
    let vod_row = &shop.active("Title of aa-replay")[0];
    let association = vod_row.get(cleeng_emulator::Field::EventAssociation);
    assert!(
        format!("{association:?}").contains(event_id.as_str()),
        "{association:?}"
    );
    shop.expect_no_changes();
    shop.declare(&[]);
    shop.write("offers/other.yaml", "version: 1\noffers:\n  stays: {type: single, title: Stays, url: \"https://club.tv/s\", price: 1}\n");
    shop.run("apply -y --allow-deactivations 2").exits(0);
    assert_eq!(
        shop.written(),
        [
            "createSingleOffer",
            "deactivateVodOffer",
            "cancelEventOffer"
        ]
    );
}

both!(one_request_never_holds_an_offer_and_what_it_waits_for);

fn one_request_never_holds_an_offer_and_what_it_waits_for(api: Api) {
    let shop = Shop::of(api);
    let drafts: Vec<Draft> = (0..6)
        .map(|index| {
            let draft = Draft::new("single", &format!("step-{index}"));
            match index {
                0 => draft,
                index => draft.with("dependsOn", &format!("[step-{}]", index - 1)),
            }
        })
        .rev()
        .collect();
    shop.declare(&drafts);
    shop.requests();
    let _run = shop.apply();
    let requests = shop.requests();
    let creates: Vec<Vec<String>> = requests
        .iter()
        .map(|request| {
            request
                .calls
                .iter()
                .filter(|call| call.is_write())
                .map(|call| call.method.clone())
                .collect()
        })
        .filter(|calls: &Vec<String>| !calls.is_empty())
        .collect();
    assert_eq!(creates, vec![[api.call("createSingleOffer")]; 6]);
    let names: Vec<String> = shop
        .emulator()
        .offers()
        .iter()
        .map(|offer| {
            offer
                .text(cleeng_emulator::Field::Title)
                .unwrap()
                .to_owned()
        })
        .collect();
    let mut expected: Vec<String> = (0..6)
        .map(|index| format!("Title of step-{index}"))
        .collect();
    if names.first() != expected.first() {
        expected.reverse();
    }
    assert_eq!(names, expected);
}

both!(a_failed_step_skips_what_hangs_on_it_and_nothing_else);

fn a_failed_step_skips_what_hangs_on_it_and_nothing_else(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[
        Draft::new("pass", "broken"),
        Draft::new("single", "child").with("dependsOn", "[broken]"),
        Draft::new("single", "grandchild").with("dependsOn", "[child]"),
        Draft::new("single", "other"),
    ]);
    let refused = match api {
        Api::JsonRpc => "createPassOffer=error:8",
        // Of what can go at once, singles come before passes.
        Api::Rest => {
            shop.one_by_one();
            "createOffer#2=error:422"
        }
    };
    shop.fault(refused);
    let run = shop.run("apply -y --format json").exits(5);
    let outcomes: Vec<_> = run.json()["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| (outcome["name"].clone(), outcome["outcome"].clone()))
        .collect();
    assert_eq!(
        json!(outcomes),
        json!([
            ["broken", "failed"],
            ["child", "skipped"],
            ["grandchild", "skipped"],
            ["other", "succeeded"]
        ])
    );
    let bindings = shop.state()["offers"].as_object().unwrap().clone();
    assert_eq!(bindings.keys().collect::<Vec<_>>(), ["other"]);
}

both!(a_new_name_with_moved_from_keeps_the_offer);

fn a_new_name_with_moved_from_keeps_the_offer(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("single", "before")]);
    let _run = shop.apply();
    let id = shop.id("Title of before");
    shop.declare(&[Draft::new("single", "before")
        .named("after")
        .with("movedFrom", "before")]);
    shop.requests();
    shop.run("apply -y").exits(0);
    // The marker says the name.
    assert_eq!(shop.writes(), u64::from(api == Api::Rest));
    assert_eq!(shop.state()["offers"]["after"]["id"], id.as_str());
    assert_eq!(shop.state()["offers"]["before"], json!(null));
}
