//! A rich catalogue under every way in which the service may speak REST.

use cleeng_emulator::Quirk;

use crate::quirks::{DESCRIPTION, Quirky, check_all};
use crate::support::{Api, Draft, TYPES};

const GEO: (&str, &str) = (
    "geoRestriction",
    "{type: whitelist, countries: [US, NO, CA]}",
);

fn fields(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "subscription" => &[
            GEO,
            ("accessToTags", "[films, sports]"),
            ("freeTrial", "{type: period, duration: 1}"),
            ("pause", "{maxBillingCycles: 2}"),
            ("sessionsLimit", "3"),
        ],
        "pass" => &[
            GEO,
            ("accessToTags", "[films]"),
            (
                "price",
                "{amount: 10.00, rules: [{from: 2031-01-01T00:00:00Z, to: 2031-02-01T00:00:00Z, amount: 8.00, name: Early}]}",
            ),
        ],
        "single" => &[
            GEO,
            ("tags", "[films]"),
            ("entitlement", "{expiresAt: 2031-02-28T23:59:59+01:00}"),
        ],
        "rental" => &[("tags", "[films]"), ("giftable", "true")],
        "event" => &[GEO, ("tags", "[sports]")],
        _ => &[GEO, ("tags", "[sports]"), ("rentalPeriod", "72")],
    }
}

/// All types with fields of all kinds, with nothing but what is required, and localized.
fn catalogue(description: &str) -> Vec<Draft> {
    let full = TYPES.map(|kind| {
        let draft = Draft::new(kind, &format!("full-{kind}"))
            .with("description", description)
            .with("imageUrl", "https://club.tv/image.png")
            .with("externalProperties", "{crm: \"7\", \"ø\": \"a/b\"}")
            .with("appStoreProductIds", "{apple: tv.club.a, roku: \"12\"}");
        let mut fields = fields(kind).iter();
        fields
            .try_fold(draft, |draft, (field, value)| {
                Some(draft.with(field, value))
            })
            .unwrap()
    });
    let bare = TYPES.map(|kind| Draft::new(kind, &format!("bare-{kind}")));
    let localized = TYPES.map(|kind| {
        let draft = Draft::new(kind, &format!("world-{kind}"));
        draft.with("description", description).localized()
    });
    let day = Draft::new("pass", "until-a-day")
        .without("period")
        .with("expiresAt", "2031-02-28T23:59:59+01:00");
    let cycle = Draft::new("subscription", "ten-days")
        .without("period")
        .with("billingCycle", "{periodUnit: day, amount: 10}");
    // More than twenty: a list of a usual length may be the first page of a longer one.
    let more = ["one-more", "and-one-more"].map(|name| Draft::new("event", name));
    let rest = [day, cycle].into_iter().chain(more);
    full.into_iter()
        .chain(bare)
        .chain(localized)
        .chain(rest)
        .collect()
}

fn check(quirks: &[&str]) -> Result<(), String> {
    let quirky = Quirky::new(Api::Rest, quirks);
    quirky.apply(catalogue)?;
    // What goes is seen as gone, and comes back.
    let all = catalogue(DESCRIPTION);
    for drafts in [&all[..all.len() - 1], &all] {
        quirky.shop.declare(drafts);
        quirky.run("apply --auto-approve")?;
        quirky.run("plan --detailed-exitcode")?;
    }
    // Six plain ones and three rows of each of the six localized ones; 22 names in all, without duplicates.
    quirky.expect_offers((6 + 6 * 3, 6 + 6 + 6 * 3 + 4))
}

fn nothing_is_left<'a>(switches: impl IntoIterator<Item = Vec<&'a str>>) {
    check_all(switches, check);
}

/// What the tool cannot work with, with the code that it ends with, what it says, and why.
const REFUSED: [(&str, i32, &str); 2] = [
    // The currency is left to the account where the manifest does not say it.
    ("rest-create-currency=required", 5, "HTTP status 4"),
    // Whoever sells in several countries has to say their currencies.
    ("rest-create-currency=refused", 5, "HTTP status 4"),
];

/// Every switch of REST in every position but the default; a third of them, so that tests run side by side.
fn switches(third: usize) -> Vec<String> {
    let all = Quirk::ALL
        .iter()
        .filter(|help| help.name.starts_with("rest-"));
    all.flat_map(|help| {
        let values = help.values[1..].iter();
        values.map(|value| format!("{}={value}", help.name))
    })
    .filter(|switch| REFUSED.iter().all(|(refused, ..)| refused != switch))
    // The catalogue is longer than the one page that such a list shows by default.
    .filter(|switch| switch != "rest-paging=first")
    .skip(third)
    .step_by(3)
    .collect()
}

#[test]
fn nothing_is_left_to_do_under_the_first_third_of_the_quirks() {
    nothing_is_left([vec![]]);
    nothing_is_left(switches(0).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_the_second_third_of_the_quirks() {
    nothing_is_left(switches(1).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_the_last_third_of_the_quirks() {
    nothing_is_left(switches(2).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_quirks_that_meet() {
    nothing_is_left([
        vec![
            "rest-list-default=active",
            "rest-paging=page",
            "rest-page-items=2",
        ],
        vec![
            "rest-page-most=3",
            "rest-page-over=clamped",
            "rest-paging=page",
            "rest-total=none",
        ],
        vec!["rest-page-most=3", "rest-page-param=none"],
        vec![
            "rest-page-most=3",
            "rest-page-param=none",
            "rest-total=none",
        ],
        vec!["rest-paging=first", "rest-page-items=100"],
        vec![
            "rest-paging=first",
            "rest-page-items=100",
            "rest-total=none",
        ],
        vec![
            "rest-list=items",
            "rest-total=both",
            "rest-page-items=15",
            "rest-page-param=pageSize",
        ],
        vec![
            "rest-link=next",
            "rest-page-most=3",
            "rest-page-over=clamped",
        ],
        vec![
            "rest-link=next",
            "rest-page-most=3",
            "rest-page-over=clamped",
            "rest-total=none",
        ],
        vec!["rest-active-filter=ignored", "rest-total=none"],
        vec![
            "rest-etag=never",
            "rest-etag-form=weak",
            "rest-create-answers=id",
            "rest-empty=null",
        ],
        vec![
            "rest-etag=always",
            "rest-etag-form=bare",
            "rest-deactivation=alone",
            "rest-empty=absent",
        ],
    ]);
}

#[test]
fn what_the_tool_cannot_work_with_is_refused_with_the_reason() {
    for (switch, code, words) in REFUSED {
        let shop = Quirky::new(Api::Rest, &[switch]).shop;
        shop.declare(&catalogue("Before"));
        let run = shop.run("apply --auto-approve");
        assert_eq!(run.code, code, "{switch}: {run:?}");
        let said = format!("{}{}", run.out, run.err);
        assert!(said.contains(words), "{switch}: {run:?}");
    }
}

#[test]
fn a_service_that_hides_what_was_deactivated_is_found_out() {
    // Nothing of what it lists is inactive, and its total is that of the active ones.
    let hiding = ["rest-list-default=active", "rest-active-filter=ignored"];
    let shop = Quirky::new(Api::Rest, &hiding).shop;
    shop.declare(&[Draft::new("pass", "news"), Draft::new("pass", "old")]);
    let _run = shop.apply();
    shop.expect_no_changes();
    shop.declare(&[Draft::new("pass", "news")]);
    let _run = shop.apply();
    shop.expect_no_changes();
    shop.declare(&[Draft::new("pass", "news"), Draft::new("pass", "old")]);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.active("Title of old").len(), 1);
}
