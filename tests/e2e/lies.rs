//! Answers to creates that are well formed and wrong: whatever the service says, no offer is made twice and none that was
//! there before is changed.

use std::collections::BTreeMap;

use cleeng_emulator::{Field, FieldValue, Kind, Offer, OfferId};

use crate::support::{Api, Draft, Run, Shop, both};

/// A live offer that nobody declares, and that no run may touch.
const STRANGER: &str = "P999000222_US";

/// The offers of a moment.
type Offers = BTreeMap<OfferId, Offer>;

fn live(shop: &Shop) -> Offers {
    let offers = shop.emulator().offers().into_iter();
    offers.map(|offer| (offer.id().clone(), offer)).collect()
}

/// A shop with an old pass that was applied and a pass of a stranger.
fn shop(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("pass", "old")]);
    let _run = shop.apply();
    let stranger = Offer::new(STRANGER.parse().unwrap(), Kind::Pass)
        .with(Field::Title, "Made by a stranger")
        .with(Field::Url, "https://elsewhere.example/stranger")
        .with(Field::Price, FieldValue::Amount("77.00".parse().unwrap()))
        .with(Field::Period, "month");
    shop.emulator().seed_offers(vec![stranger]).unwrap();
    shop
}

/// Declares new passes beside the old one, each at a price of its own.
fn declare(shop: &Shop, names: &[&str]) {
    let new = names.iter().zip(11..).map(|(name, price)| {
        let draft = Draft::new("pass", name).with("price", &format!("{price}.00"));
        draft.with("description", &format!("About {name}"))
    });
    let drafts: Vec<_> = [Draft::new("pass", "old")].into_iter().chain(new).collect();
    shop.declare(&drafts);
}

/// Expects that these offers are as they were.
#[track_caller]
fn expect_unchanged(shop: &Shop, offers: &Offers, (run, why): (&Run, &str)) {
    for (id, offer) in offers {
        let now = shop.emulator().offer(id);
        assert_eq!(now.as_ref(), Some(offer), "{why}: {run:?}");
    }
}

/// Expects that no offer is there twice and that those of before are as they were.
#[track_caller]
fn expect_no_harm(shop: &Shop, before: &Offers, names: &[&str], (run, why): (&Run, &str)) {
    expect_unchanged(shop, before, (run, why));
    for name in names {
        let count = shop.active(&format!("Title of {name}")).len();
        assert!(count <= 1, "{why}: {name} is there {count} times: {run:?}");
    }
    let made = shop.emulator().offers().len() - before.len();
    assert!(made <= names.len(), "{why}: {run:?}");
}

/// Applies under a lie and once more without it, and returns the first run.
#[track_caller]
fn apply_under(api: Api, lie: &str, names: &[&str]) -> Run {
    let shop = shop(api);
    let before = live(&shop);
    declare(&shop, names);
    shop.fault(lie);
    let first = shop.run("apply -y");
    assert!([0, 5, 6].contains(&first.code), "{lie}: {first:?}");
    expect_no_harm(&shop, &before, names, (&first, lie));

    shop.emulator().clear_faults();
    let meanwhile = live(&shop);
    let second = shop.run("apply -y");
    expect_no_harm(&shop, &before, names, (&second, lie));
    // What the first run made stays what it is: a name that is bound to the wrong offer would rewrite it.
    expect_unchanged(&shop, &meanwhile, (&second, lie));
    match second.code {
        0 => {
            // Each is there once: no plan is empty otherwise.
            shop.expect_no_changes();
            let made = shop.emulator().offers().len() - before.len();
            assert_eq!(made, names.len(), "{lie}: {second:?}");
        }
        3 | 6 => {
            let all = [second.out.as_str(), second.err.as_str()].concat();
            let has_way_out = all.contains("offerctl state ");
            assert!(has_way_out, "{lie}: no way out in {second:?}");
        }
        _ => panic!("{lie}: {second:?}"),
    }
    first
}

both!(answer_with_another_offers_body_binds_nothing);

fn answer_with_another_offers_body_binds_nothing(api: Api) {
    let of_stranger = format!("body-of:{}", &STRANGER[..10]);
    for lie in ["body-of-another", "body-of:oldest", &of_stranger] {
        for names in [&["new-1"][..], &["new-1", "new-2", "new-3"]] {
            apply_under(api, &format!("create*#1={lie}"), names);
            apply_under(api, &format!("create*={lie}"), names);
        }
        let before = format!("create*#1={lie},before");
        apply_under(api, &before, &["new-1"]);
    }
}

both!(answer_with_the_id_of_another_offer_binds_nothing);

fn answer_with_the_id_of_another_offer_binds_nothing(api: Api) {
    for lie in ["body-of-another", "body-of:oldest"] {
        let lie = format!("create*#1={lie},answer-only:id");
        apply_under(api, &lie, &["new-1", "new-2"]);
    }
}

both!(answer_with_nothing_but_its_own_id_is_enough);

fn answer_with_nothing_but_its_own_id_is_enough(api: Api) {
    let names = ["new-1", "new-2"];
    let run = apply_under(api, "create*=answer-only:id", &names);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn exchanged_results_of_a_batch_bind_no_name_to_another_offer() {
    for lie in [
        "create*#1=rotated",
        "create*#1=rotated:all",
        "create*#2=answered-as-first",
        "create*#2-3=answered-as-first",
    ] {
        for names in [&["new-1", "new-2"][..], &["new-1", "new-2", "new-3"]] {
            apply_under(Api::JsonRpc, lie, names);
        }
    }
}

#[test]
fn refusal_of_a_batch_that_took_effect_makes_nothing_twice() {
    let names = ["new-1", "new-2", "new-3"];
    for status in [
        "429",
        "429,retry-after:1",
        "400",
        "403",
        "404",
        "413",
        "422",
    ] {
        for calls in ["#1", "#3", "#1-3"] {
            let lie = format!("create*{calls}=status:{status},after:all");
            apply_under(Api::JsonRpc, &lie, &names);
        }
    }
}

#[test]
fn refusal_of_a_batch_that_took_effect_in_part_makes_nothing_twice() {
    let names = ["new-1", "new-2", "new-3"];
    for status in ["429", "400", "422"] {
        let lie = format!("create*#2=status:{status},after,late:100");
        apply_under(Api::JsonRpc, &lie, &names);
    }
}

both!(a_single_create_that_was_refused_and_made_all_the_same_is_said_to_be_made_twice);

/// It is assumed of a service that this does not happen. If it does, nobody has to find out by chance.
fn a_single_create_that_was_refused_and_made_all_the_same_is_said_to_be_made_twice(api: Api) {
    for status in ["429", "422"] {
        let shop = shop(api);
        declare(&shop, &["new-1"]);
        shop.fault(&format!("create*#1=status:{status},after"));
        let first = shop.run("apply -y");
        assert_eq!(first.code, i32::from(status != "429"), "{first:?}");
        shop.emulator().clear_faults();
        if status == "422" {
            // It was made once, and is found by its looks or its marker.
            let _second = shop.run("apply -y").exits(0);
            assert_eq!(shop.active("Title of new-1").len(), 1);
            continue;
        }
        assert_eq!(shop.active("Title of new-1").len(), 2);
        let run = shop.run("plan").exits(3);
        assert!(run.out.contains("made-twice"), "{run:?}");
    }
}

#[test]
fn create_without_its_marker_behind_a_lost_answer_is_left_to_a_person() {
    value_is_lost_behind_a_lost_answer(Api::Rest, "externalProperties");
}

#[test]
fn create_without_its_description_behind_a_lost_answer_is_left_to_a_person() {
    value_is_lost_behind_a_lost_answer(Api::JsonRpc, "description");
}

fn value_is_lost_behind_a_lost_answer(api: Api, field: &str) {
    for loss in [
        "cut,after",
        "status:503,after",
        "garbage,after",
        "truncate,after",
    ] {
        for late in ["", ",late:100", ",late:100,gets"] {
            let lie = format!("create*#1={loss},ignore:{field}{late}");
            let run = apply_under(api, &lie, &["new-1"]);
            assert_eq!(run.code, 6, "{lie}: {run:?}");
        }
    }
}

#[test]
fn create_with_the_marker_of_another_project_behind_a_lost_answer_makes_nothing_twice() {
    let lie = "createOffer#1=cut,after,store:externalProperties={\"offerctl\":\"other/new-1\"}";
    apply_under(Api::Rest, lie, &["new-1"]);
}
