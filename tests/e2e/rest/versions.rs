//! Writes are bound to the version that the plan saw: what somebody else changed meanwhile is never written over.

use cleeng_emulator::Field;

use super::{applied, film, lose_state, nothing_is_left, other};
use crate::lock::{start, until_written};
use crate::support::{Draft, Shop};

/// An offer that is changed first, which gives the time to edit another.
fn first() -> Draft {
    Draft::new("event", "first")
}

fn countries(rows: &str) -> Draft {
    Draft::new("subscription", "world").with(
        "localizations",
        &format!("{{US: {{currency: USD}}, FR: {{currency: EUR, price: 9.00}}{rows}}}"),
    )
}

/// Applies a change of `first` and another one, and lets somebody edit the other offer in between; expects that the
/// other step fails, that the edit stays, and that a new plan brings both together.
#[track_caller]
fn edited_in_between(title: &str, before: Draft, after: Option<Draft>) {
    let mut drafts = vec![first(), before];
    let shop = applied(&drafts);
    drafts.pop();
    drafts.extend(after);
    drafts[0] = first().with("description", "New");
    shop.declare(&drafts);
    meanwhile(&shop, title);
    let _run = shop.apply();
    nothing_is_left(&shop);
}

#[track_caller]
fn meanwhile(shop: &Shop, title: &str) {
    shop.one_by_one();
    shop.fault("patchOffer#1=delay:1500,after");
    let line = "apply -y --format json";
    let going = start(shop, line);
    until_written(shop, 1);
    let row = shop
        .active(title)
        .into_iter()
        .find(|row| row.id().country() == "US")
        .unwrap();
    let edited = shop
        .emulator()
        .edit(row.id(), |offer| offer.set(Field::Description, "By hand"))
        .unwrap();
    let run = going.end().exits(5);
    let report = run.json();
    shop.fits("report", &report);
    let outcomes = report["outcomes"].as_array().unwrap();
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome["outcome"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    let error = failed[0]["error"].as_str().unwrap();
    assert!(
        error.contains("changed since") && error.contains("plan again"),
        "{error}"
    );
    let now = shop.emulator().offer(row.id()).unwrap();
    assert_eq!(now, edited, "nothing was written over it");
    shop.emulator().clear_faults();
}

#[test]
fn a_patch_does_not_follow_a_change_that_no_plan_saw() {
    edited_in_between("Title of film", film(), Some(film().with("price", "12.00")));
}

#[test]
fn a_deactivation_does_not_follow_a_change_that_no_plan_saw() {
    edited_in_between("Title of film", film(), None);
}

#[test]
fn a_country_is_not_added_to_an_offer_that_was_changed() {
    edited_in_between(
        "Title of world",
        countries(""),
        Some(countries(", SE: {currency: SEK, price: 99.00}")),
    );
}

#[test]
fn a_country_is_not_changed_in_an_offer_that_was_changed() {
    edited_in_between(
        "Title of world",
        countries(", SE: {currency: SEK, price: 99.00}"),
        Some(countries(", SE: {currency: SEK, price: 89.00}")),
    );
}

#[test]
fn a_saved_plan_does_not_follow_a_change_that_it_did_not_see() {
    let shop = applied(&[film(), other()]);
    shop.declare(&[film().with("price", "12.00"), other()]);
    shop.run("plan --out plan.json").exits(0);
    // The edit is of a field that nobody declares.
    shop.edit("Title of film", |offer| {
        offer.set(Field::ImageUrl, "https://club.tv/x.png");
    });
    shop.requests();
    shop.run("apply plan.json").exits(4);
    assert_eq!(shop.writes(), 0);
}

#[test]
fn an_adoption_that_changes_does_not_follow_a_change_either() {
    let shop = applied(&[first(), film()]);
    lose_state(&shop);
    shop.declare(&[
        first().with("description", "New"),
        film().with("price", "12.00"),
    ]);
    meanwhile(&shop, "Title of film");
    let _run = shop.apply();
    nothing_is_left(&shop);
}
