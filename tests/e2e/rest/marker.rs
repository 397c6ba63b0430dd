//! Our marker: it stands beside what others wrote, it finds our offers again, and it keeps those of others from us.

use std::collections::BTreeMap;

use cleeng_emulator::{Field, Kind, Offer, OfferId};

use super::{
    amount, applied, conflict, expect_writes, film, lose_state, map, nothing_is_left, other,
    properties, settles,
};
use crate::support::{Api, Draft, Shop};

const TITLE: &str = "Title of film";

#[test]
fn the_marker_says_the_project_and_the_name() {
    let shop = applied(&[film()]);
    assert_eq!(properties(&shop, TITLE), map(&[("offerctl", "test/film")]));
    nothing_is_left(&shop);
}

#[test]
fn texts_that_the_manifest_does_not_say_stay_beside_the_marker() {
    let shop = applied(&[film()]);
    shop.edit(TITLE, |offer| {
        offer.set(
            Field::ExternalProperties,
            map(&[("crm", "7"), ("offerctl", "test/film")]),
        );
    });
    nothing_is_left(&shop);
    // The map is replaced whole where the marker moves.
    shop.declare(&[film().named("movie").with("movedFrom", "film")]);
    settles(&shop);
    assert_eq!(
        properties(&shop, TITLE),
        map(&[("crm", "7"), ("offerctl", "test/movie")])
    );
}

#[test]
fn a_marker_that_somebody_took_off_is_drift_and_put_back() {
    let shop = applied(&[film()]);
    shop.edit(TITLE, |offer| {
        offer.set(Field::ExternalProperties, map(&[("crm", "7")]));
    });
    shop.run("drift")
        .exits(2)
        .says("externalProperties.offerctl");
    settles(&shop);
    assert_eq!(
        properties(&shop, TITLE),
        map(&[("crm", "7"), ("offerctl", "test/film")])
    );
}

#[test]
fn texts_of_the_manifest_stand_beside_the_marker() {
    let shop = applied(&[film().with("externalProperties", "{crm: \"7\"}")]);
    for (said, expected) in [
        ("{crm: \"8\", erp: x}", &[("crm", "8"), ("erp", "x")][..]),
        ("{}", &[]),
        ("{crm: \"9\"}", &[("crm", "9")]),
        ("null", &[]),
    ] {
        shop.declare(&[film().with("externalProperties", said)]);
        settles(&shop);
        let mut expected = map(expected);
        expected.insert("offerctl".to_owned(), "test/film".to_owned());
        assert_eq!(properties(&shop, TITLE), expected, "{said}");
    }
}

#[test]
fn without_markers_nothing_is_written_on_offers() {
    let shop = Shop::of(Api::Rest);
    shop.configure("    markers: false\n");
    shop.declare(&[film(), Draft::new("subscription", "world").localized()]);
    settles(&shop);
    assert_eq!(properties(&shop, TITLE), BTreeMap::new());
    // A lost state is made good by what the offers say.
    lose_state(&shop);
    shop.requests();
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], 2, "{plan:#}");
    let _run = shop.apply();
    expect_writes(&shop, &[]);
}

/// An offer that somebody made, with a marker on it.
fn marked(shop: &Shop, number: u32, marker: &str) -> OfferId {
    let id: OfferId = format!("A7{number:08}_US").parse().unwrap();
    let offer = Offer::new(id.clone(), Kind::Rental)
        .with(Field::Title, TITLE)
        .with(Field::Url, "https://club.tv/film")
        .with(Field::Price, amount("10.00"))
        .with(Field::Period, 48_i64)
        .with(Field::ExternalProperties, map(&[("offerctl", marker)]));
    shop.emulator().seed_offers(vec![offer]).unwrap();
    id
}

fn rental() -> Draft {
    Draft::new("rental", "film")
}

#[test]
fn an_offer_with_the_marker_of_others_is_never_adopted() {
    for marker in ["other/film", "test/movie", "test", "test/Film!"] {
        let shop = applied(&[other()]);
        let _id = marked(&shop, 1, marker);
        shop.declare(&[rental(), other()]);
        let expected = if marker.starts_with("other") {
            "other-project"
        } else {
            "near-match"
        };
        assert_eq!(conflict(&shop), expected, "{marker}");
    }
}

#[test]
fn two_with_one_marker_are_for_a_person_to_tell() {
    let shop = applied(&[other()]);
    let (first, _second) = (marked(&shop, 1, "test/film"), marked(&shop, 2, "test/film"));
    shop.declare(&[rental(), other()]);
    assert_eq!(conflict(&shop), "marker-twice");
    shop.run(&format!("state adopt film {first} -y")).exits(0);
    let _run = shop.apply();
    nothing_is_left(&shop);
}

#[test]
fn a_lost_state_is_made_good_by_the_markers_and_nothing_is_made() {
    let world = || Draft::new("subscription", "world").localized();
    let shop = applied(&[film(), other(), world()]);
    let mut before = shop.state()["offers"].clone();
    // Of what is found again nobody knows whether it was sent.
    for offer in before.as_object_mut().unwrap().values_mut() {
        offer.as_object_mut().unwrap().remove("sent");
    }
    lose_state(&shop);
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], 3, "{plan:#}");
    let _run = shop.apply();
    expect_writes(&shop, &[]);
    assert_eq!(shop.state()["offers"], before);
}

#[test]
fn a_lost_state_finds_offers_that_nobody_would_know_again() {
    let shop = applied(&[film(), other()]);
    let id = shop.edit(TITLE, |offer| {
        offer.set(Field::Title, "Something else");
        offer.set(Field::Url, "https://elsewhere.example/x");
        offer.set(Field::Price, amount("11.00"));
    });
    lose_state(&shop);
    let plan = shop.plan();
    let summary = &plan["summary"];
    assert_eq!(
        (&summary["create"], &summary["update"]),
        (&0.into(), &1.into()),
        "{plan:#}"
    );
    settles(&shop);
    assert_eq!(shop.id(TITLE), id);
    assert_eq!(shop.emulator().offers().len(), 2);
}

#[test]
fn a_lost_state_finds_what_was_deactivated_by_hand() {
    let shop = applied(&[film(), other()]);
    let id = shop.edit(TITLE, |offer| offer.set_active(false));
    lose_state(&shop);
    let plan = shop.plan();
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    settles(&shop);
    assert_eq!(shop.id(TITLE), id);
}

#[test]
fn two_projects_in_one_account_leave_each_other_alone() {
    let ours = applied(&[film(), other()]);
    let theirs = Shop::of(Api::Rest);
    let config = ours.read("offerctl.yaml");
    theirs.write(
        "offerctl.yaml",
        &config.replace("project: test", "project: theirs"),
    );
    // The same name, and another offer.
    let draft = film()
        .with("title", "Their film")
        .with("url", "https://their.example/film");
    theirs.declare(std::slice::from_ref(&draft));
    let _run = theirs.apply();
    theirs.expect_no_changes();
    ours.expect_no_changes();
    assert_eq!(
        properties(&ours, "Their film"),
        map(&[("offerctl", "theirs/film")])
    );
    for (shop, unmanaged) in [(&ours, 1), (&theirs, 2)] {
        lose_state(shop);
        let plan = shop.plan();
        assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
        assert_eq!(plan["unmanaged"].as_array().unwrap().len(), unmanaged);
        let _run = shop.apply();
    }
    assert_eq!(ours.emulator().offers().len(), 3);
    // Whoever declares what the others have gets a question, not an offer.
    theirs.declare(&[draft, other()]);
    let plan = theirs.run("plan --format json").exits(3).json();
    assert_eq!(plan["conflicts"][0]["name"], "other", "{plan:#}");
}

#[test]
fn ids_name_the_offer_that_a_single_is_bound_to() {
    let shop = applied(&[film()]);
    let id = shop.id(TITLE);
    shop.declare(&[film().with("ids", &format!("{{shop: {id}}}"))]);
    nothing_is_left(&shop);
}

#[test]
fn a_marker_is_no_difference_between_a_name_and_its_new_one() {
    for renamed in [
        film().named("movie"),
        film().named("movie").with("price", "12.00"),
        film().named("movie").with("url", "https://club.tv/movie"),
    ] {
        let shop = applied(&[film(), other()]);
        shop.declare(&[renamed, other()]);
        assert_eq!(conflict(&shop), "renamed");
    }
}
