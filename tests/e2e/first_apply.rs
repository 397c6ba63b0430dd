//! The first apply to an environment: whoever lost the state right after an apply gets no second offer.

use crate::support::{Api, Draft, Shop, both};

/// A shop whose new offers show in the lists after 1.5 s, and whose runs know that it may take 2 s.
fn late(api: Api) -> Shop {
    let shop = Shop::of(api);
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace("settleSeconds: 0.2", "settleSeconds: 2"),
    );
    shop.declare(&[Draft::new("pass", "news"), Draft::new("single", "film")]);
    shop.fault("create*=late:1500");
    shop
}

fn lose_state(shop: &Shop) {
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
}

#[track_caller]
fn expect_each_once(shop: &Shop) {
    assert_eq!(shop.emulator().offers().len(), 2);
}

both!(a_state_that_is_lost_right_after_an_apply_leads_to_no_second_offer);

fn a_state_that_is_lost_right_after_an_apply_leads_to_no_second_offer(api: Api) {
    let shop = late(api);
    let run = shop.run("apply -y").exits(0);
    let said = "no earlier apply to `shop` is known: reading its offers a second time in 2 s";
    assert!(run.err.contains(said), "{run:?}");
    lose_state(&shop);
    let run = shop.run("apply -y").exits(0);
    assert!(run.err.contains(said), "{run:?}");
    expect_each_once(&shop);
    // From then on nobody waits.
    shop.declare(&[
        Draft::new("pass", "news"),
        Draft::new("single", "film"),
        Draft::new("pass", "sport"),
    ]);
    shop.emulator().clear_faults();
    let run = shop.run("apply -y").exits(0);
    assert!(!run.err.contains("a second time"), "{run:?}");
    assert_eq!(shop.emulator().offers().len(), 3);
}

both!(a_saved_plan_reads_twice_as_well);

fn a_saved_plan_reads_twice_as_well(api: Api) {
    let shop = late(api);
    shop.run("plan --out plan.json").exits(0);
    shop.run("apply plan.json -y").exits(0);
    lose_state(&shop);
    shop.run("apply plan.json -y").exits(4);
    expect_each_once(&shop);
}

both!(an_apply_that_makes_nothing_waits_for_nothing);

fn an_apply_that_makes_nothing_waits_for_nothing(api: Api) {
    let shop = late(api);
    shop.emulator().clear_faults();
    shop.run("apply -y").exits(0);
    lose_state(&shop);
    let run = shop.run("apply -y").exits(0);
    assert!(!run.err.contains("a second time"), "{run:?}");
    expect_each_once(&shop);
}
