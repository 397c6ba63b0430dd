//! Writes whose answers are lost: what became of them is found out, and nothing is made twice.

use crate::support::{Api, Draft, Run, STATE, Shop, TYPES, both};

/// Every way to lose the answer of a write without proof that nothing was done, after it took effect or before.
const LOSSES: [&str; 12] = [
    "cut",
    "cut,after",
    "garbage",
    "garbage,after",
    "truncate",
    "truncate,after",
    "bare-error,after",
    "status:500",
    "status:502,after",
    "status:408,after",
    "missing",
    "missing,before",
];

/// How many offers are on sale under the title of a name.
fn count(shop: &Shop, name: &str) -> usize {
    shop.active(&format!("Title of {name}")).len()
}

fn create_method(api: Api, kind: &str) -> String {
    let mut word = kind.to_owned();
    word[..1].make_ascii_uppercase();
    api.call(&format!("create{word}Offer"))
}

both!(a_create_whose_answer_is_lost_is_found_or_made_once_more);

fn a_create_whose_answer_is_lost_is_found_or_made_once_more(api: Api) {
    let losses = LOSSES.into_iter().filter(|loss| api.knows(loss));
    for (loss, lost) in losses.zip(TYPES.into_iter().cycle()) {
        let shop = Shop::of(api);
        let drafts = TYPES.map(|kind| Draft::new(kind, &format!("the-{kind}")));
        shop.declare(&drafts);
        shop.fault(&format!("{}#1={loss}", create_method(api, lost)));
        let _run = shop.apply();
        for kind in TYPES {
            assert_eq!(count(&shop, &format!("the-{kind}")), 1, "{loss} {kind}");
        }
        shop.expect_no_changes();
        assert_eq!(shop.state()["intents"], serde_json::Value::Null);
    }
}

both!(a_localized_create_is_found_with_all_its_countries);

fn a_localized_create_is_found_with_all_its_countries(api: Api) {
    for loss in [
        "cut",
        "cut,after",
        "cut,after,late:100,rows",
        "cut,after,late:150,gets",
    ] {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("subscription", "tv").localized()]);
        shop.fault(&format!("create*#1={loss}"));
        let _run = shop.apply();
        assert_eq!(count(&shop, "tv"), 3, "{loss}");
        shop.expect_no_changes();
    }
}

both!(what_took_effect_and_shows_late_is_not_made_again);

fn what_took_effect_and_shows_late_is_not_made_again(api: Api) {
    for kind in TYPES {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new(kind, "late")]);
        shop.fault(&format!(
            "{}#1=cut,after,late:150",
            create_method(api, kind)
        ));
        let _run = shop.apply();
        let requests = shop.requests();
        assert_eq!(requests.calls_of(&create_method(api, kind)).count(), 1);
        assert_eq!(count(&shop, "late"), 1);
    }
}

both!(equal_offers_get_one_live_offer_each);

fn equal_offers_get_one_live_offer_each(api: Api) {
    let shop = Shop::of(api);
    let twin = |name: &str| {
        Draft::new("single", name)
            .with("title", "Twin")
            .with("url", "https://club.tv/twin")
    };
    shop.declare(&[twin("a"), twin("b"), twin("c")]);
    // One batch; the second call took effect and its answer is missing.
    shop.fault("create*#2=cut,after");
    let _run = shop.apply();
    assert_eq!(shop.active("Twin").len(), 3);
    let mut ids: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|name| {
            shop.state()["offers"][name]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    shop.expect_no_changes();
}

// Over REST our marker tells which offer is ours, whatever is near.
#[test]
fn what_is_near_and_not_equal_is_left_to_a_person() {
    let shop = Shop::new();
    shop.declare(&[
        Draft::new("single", "film"),
        Draft::new("single", "other").with("dependsOn", "[news]"),
        Draft::new("pass", "news"),
    ]);
    shop.fault("createSingleOffer#1=cut");
    // Somebody makes an offer with that title by hand meanwhile.
    let before = shop.run("plan --format json").exits(0).json();
    assert_eq!(before["summary"]["create"], 3);
    shop.fault("createPassOffer#1=delay:150");
    let mut child = shop
        .command("apply -y --format json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while shop.state_intents() == 0 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let by_hand = shop.make_by_hand("film");
    let output = child.wait_with_output().unwrap();
    let run = Run::from_output(&output, "apply -y --format json").exits(6);
    let report = run.json();
    let film = &report["outcomes"].as_array().unwrap()[0];
    assert_eq!(
        (&film["name"], &film["outcome"]),
        (&"film".into(), &"unknown".into())
    );
    let adopt = format!("offerctl state adopt film {by_hand}");
    assert_eq!(
        film["commands"],
        serde_json::json!([adopt, "offerctl state forget film"])
    );
    shop.fits("report", &report);
    // Nothing more of its type was made, all else was.
    assert_eq!((count(&shop, "news"), count(&shop, "other")), (1, 0));
    // A later apply says the same, and makes nothing of the type either.
    shop.run("apply -y").exits(6).says(&adopt);
    assert_eq!((count(&shop, "film"), count(&shop, "other")), (1, 0));
    shop.run("state pending")
        .exits(0)
        .says("film")
        .says(by_hand.as_str());
    // Either command settles it.
    shop.run("state forget film").exits(0);
    shop.run(&format!("state adopt film {by_hand} -y")).exits(0);
    // What was made by hand costs much more.
    shop.configure("    guards: {maxPriceChange: 90%}\n");
    shop.run("apply -y").exits(0);
    assert_eq!((count(&shop, "film"), count(&shop, "other")), (1, 1));
    shop.expect_no_changes();
}

both!(a_killed_apply_is_settled_by_the_next_one);

fn a_killed_apply_is_settled_by_the_next_one(api: Api) {
    for kind in TYPES {
        let shop = Shop::of(api);
        if api == Api::Rest {
            shop.one_by_one();
        }
        // What comes after the delay in the same request has to show inside the window.
        let project = shop.read("offerctl.yaml");
        let longer = project.replace("settleSeconds: 0.2", "settleSeconds: 1");
        shop.write("offerctl.yaml", &longer);
        shop.declare(&[Draft::new(kind, "one"), Draft::new("pass", "two")]);
        shop.fault(&format!("{}#1=delay:400,after", create_method(api, kind)));
        let mut child = shop
            .command("apply -y")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while count(&shop, "one") == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{kind}");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().unwrap();
        let _status = child.wait().unwrap();
        shop.run("plan").exits(0).says("?");
        let run = shop.apply();
        assert!(
            run.err
                .contains("The create of one by an earlier apply made "),
            "{run:?}"
        );
        assert_eq!((count(&shop, "one"), count(&shop, "two")), (1, 1), "{kind}");
        shop.expect_no_changes();
    }
}

both!(lost_updates_and_deactivations_are_read_back_and_repeated_only_if_needed);

fn lost_updates_and_deactivations_are_read_back_and_repeated_only_if_needed(api: Api) {
    for (loss, calls) in [
        ("cut", 2),
        ("cut,after", 1),
        ("status:503", 2),
        ("missing", 1),
    ]
    .into_iter()
    .filter(|(loss, _)| api.knows(loss))
    {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("single", "film"), Draft::new("pass", "old")]);
        let _run = shop.apply();
        let film = Draft::new("single", "film").with("price", "12.00");
        for (drafts, method) in [
            (
                vec![film.clone(), Draft::new("pass", "old")],
                api.call("updateSingleOffer"),
            ),
            (vec![film], api.call("deactivatePassOffer")),
        ] {
            shop.declare(&drafts).fault(&format!("{method}#1={loss}"));
            shop.requests();
            let _run = shop.apply();
            let found = shop.requests().calls_of(&method).count();
            assert_eq!(found, calls, "{method} {loss}");
            shop.expect_no_changes();
        }
        assert_eq!(count(&shop, "old"), 0);
    }
}

both!(an_offer_that_was_made_twice_is_pointed_out);

fn an_offer_that_was_made_twice_is_pointed_out(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("single", "film")]);
    // It takes effect, and shows long after the window.
    shop.fault("create*#1=cut,after,late:1200,gets");
    let _run = shop.apply();
    std::thread::sleep(std::time::Duration::from_millis(1300));
    let plan = shop.run("plan --format json").exits(3).json();
    assert_eq!(plan["conflicts"][0]["code"], "made-twice", "{plan:#}");
    shop.fits("plan", &plan);
    // It is settled by taking the surplus one out of the shop by hand.
    let bound = shop.state()["offers"]["film"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for offer in shop.active("Title of film") {
        if offer.id().as_str() != bound {
            let _offer = shop
                .emulator()
                .edit(offer.id(), |offer| offer.set_active(false))
                .unwrap();
        }
    }
    shop.expect_no_changes();
}

both!(what_was_looked_out_for_long_enough_goes_from_the_state);

fn what_was_looked_out_for_long_enough_goes_from_the_state(api: Api) {
    for line in ["apply -y", "apply plan.json", "state forget news"] {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("single", "film"), Draft::new("pass", "news")]);
        shop.fault("create*#1=cut");
        let _run = shop.apply();
        let _run = shop.apply();
        let mut state = shop.state();
        let watched = state["watched"].as_object_mut().unwrap();
        assert!(!watched.is_empty(), "a day is not over");
        for intent in watched.values_mut() {
            intent["since"] = 0.into();
        }
        shop.write(STATE, &state.to_string());
        shop.run("plan --out plan.json").exits(0);
        shop.run(line).exits(0);
        let state = shop.state();
        assert_eq!(state["watched"], serde_json::Value::Null, "{line}");
        assert_eq!(state["runs"], serde_json::Value::Null, "{line}");
    }
}

both!(an_offer_that_was_just_made_and_does_not_show_yet_is_waited_for);

fn an_offer_that_was_just_made_and_does_not_show_yet_is_waited_for(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[
        Draft::new("single", "film"),
        Draft::new("subscription", "tv").localized(),
    ]);
    shop.fault("create*#1=late:150,gets");
    shop.fault("create*#2=late:150,gets,rows");
    let _run = shop.apply();
    shop.expect_no_changes();
}

both!(what_needs_an_offer_that_nobody_knows_of_waits);

fn what_needs_an_offer_that_nobody_knows_of_waits(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[
        Draft::new("single", "film").localized(),
        Draft::new("pass", "extra").with("dependsOn", "[film]"),
    ]);
    shop.lose_create(1);
    shop.run("apply -y").exits(6);
    // Also in a later run, whose plan has no step for the offer that is needed.
    shop.run("apply -y").exits(6).says("extra");
    assert_eq!(count(&shop, "extra"), 0);
}
