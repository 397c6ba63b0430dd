//! What counts as drift, and how it is told.

use offerctl_model::offer_type::Api;
use offerctl_model::value::Moment;
use offerctl_reconcile::drift::{Drift, drift};
use offerctl_reconcile::headline::Headline;
use offerctl_show::render::{Style, drift_text};

use crate::support::world::{World, declared};

/// What drifted, one line per offer and difference.
fn found(world: &World) -> Vec<Drift> {
    let found = drift(Api::JsonRpc, &world.live, &world.state);
    assert_eq!(
        found,
        drift(Api::JsonRpc, &world.live, &world.state),
        "the same again"
    );
    found
}

fn told(found: &[Drift], checked: usize) -> String {
    let headline = Headline {
        environment: "production".to_owned(),
        endpoint: "Cleeng production".to_owned(),
        account: Some("sales@club.tv".into()),
        ..Headline::default()
    };
    let text = drift_text(found, checked, Api::JsonRpc, &headline, Style::Plain);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

#[track_caller]
fn check(applied: &str, live: &str, state: &str, expected: &[&str]) {
    let world = declared(applied).live(live).state(state).world();
    let lines: Vec<String> = found(&world)
        .iter()
        .flat_map(|drift| {
            let head = format!("{} {}", drift.kind.as_str(), drift.name);
            let fields = drift.fields.iter().map(|field| {
                let value = |value: &Option<_>| value.is_some();
                format!(
                    "  {} {} {}",
                    field.path,
                    value(&field.before),
                    value(&field.after)
                )
            });
            std::iter::once(head).chain(fields).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(lines, expected);
}

const NEWS: &str = "news: {type: pass, title: News, url: 'https://club.tv', period: month}";

#[test]
fn nothing_drifted_where_all_is_as_applied() {
    check(
        NEWS,
        "pass P100000001_US title=News url=https://club.tv price=12 period=month",
        "news pass P100000001_US applied",
        &[],
    );
}

#[test]
fn edits_and_strangers_are_no_drift() {
    let world = declared("news: {type: pass, title: Other, url: 'https://club.tv', period: month}")
        .applied(NEWS)
        .live("pass P100000001_US title=News url=https://club.tv price=12 period=month\npass P100000002_US title=Mine")
        .state("news pass P100000001_US applied")
        .world();
    assert_eq!(found(&world), []);
}

#[test]
fn each_way_to_drift_has_its_kind() {
    let offers = "a: {type: pass, title: A, url: 'https://club.tv/a', period: month}\n\
                  b: {type: pass, title: B, url: 'https://club.tv/b', period: month}\n\
                  c: {type: pass, title: C, url: 'https://club.tv/c', period: month}";
    check(
        offers,
        "pass P100000001_US title=By-hand url=https://club.tv/a price=12 period=month
         pass P100000002_US inactive title=B url=https://club.tv/b price=12 period=month
         pass P100000004_US title=D url=https://club.tv/d price=12 period=month",
        "a pass P100000001_US applied
         b pass P100000002_US applied
         c pass P100000003_US applied
         deactivated d pass P100000004_US",
        &[
            "changed a",
            "  title true true",
            "deactivated b",
            "missing c",
            "revived d",
        ],
    );
}

const LOCALIZED: &str = "news: {type: pass, title: News, url: 'https://club.tv', period: month, \
    localizations: {US: {currency: USD}, FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 99.00}}}";

#[test]
fn countries_that_come_and_go_are_drift() {
    check(
        LOCALIZED,
        "pass P100000001_US title=News url=https://club.tv price=12 period=month
         pass P100000001_FR title=News url=https://club.tv price=9 period=month currency=EUR
         pass P100000001_SE title=News url=https://club.tv price=99 period=month currency=SEK",
        "news pass P100000001 applied",
        &[
            "changed news",
            "  localizations.NO.price true false",
            "  localizations.SE.price false true",
        ],
    );
}

#[test]
fn countries_of_an_offer_that_had_none_are_drift() {
    check(
        NEWS,
        "pass P100000001_US title=News url=https://club.tv price=12 period=month
         pass P100000001_FR title=News url=https://club.tv price=9 period=month currency=EUR",
        "news pass P100000001_US applied",
        &["changed news", "  localizations.FR.price false true"],
    );
}

#[test]
fn another_currency_is_drift_although_the_number_is_the_same() {
    check(
        LOCALIZED,
        "pass P100000001_US title=News url=https://club.tv price=12 period=month
         pass P100000001_FR title=News url=https://club.tv price=9 period=month currency=USD
         pass P100000001_NO title=News url=https://club.tv price=99 period=month currency=NOK",
        "news pass P100000001 applied",
        &["changed news", "  localizations.FR.currency true true"],
    );
}

#[test]
fn drift_is_told_by_kind_with_what_to_do() {
    let offers = "gone: {type: pass, title: C, url: 'https://club.tv/c', period: month}\n\
                  films: {type: pass, title: B, url: 'https://club.tv/b', period: month, accessToTags: [films, series], \
                  description: 'All films and all series of the house, for a month, on every screen that there is'}\n\
                  off: {type: single, title: Off, url: 'https://club.tv/o'}\n"
        .to_owned()
        + LOCALIZED;
    let mut world = declared(&offers)
        .live(
            "pass P100000001_US title=News url=https://club.tv price=14 period=month
             pass P100000001_FR title=News url=https://club.tv price=11 period=month currency=EUR
             pass P100000001_NO title=News url=https://club.tv price=99 period=month currency=SEK
             pass P100000002_US title=Films url=https://club.tv/b price=12 period=month accessToTags=films description=\"All films and all series of the house, for a month, on every screen that you have\"
             single A100000003_US inactive title=Off url=https://club.tv/o price=12
             single A100000004_US title=Back url=https://club.tv/back price=12",
        )
        .state(
            "news pass P100000001 applied
             films pass P100000002_US applied
             gone pass P100000005_US applied
             off single A100000003_US applied
             deactivated back single A100000004_US",
        )
        .world();
    let id = offerctl_model::name::OfferId::new("P100000002_US");
    let films = world.live.get_mut(&id).unwrap();
    let view = films
        .view_mut(offerctl_model::offer_type::OfferType::Pass)
        .unwrap();
    view.rows[0].updated_at = Moment::from_unix(1_999_999_990);
    insta::assert_snapshot!(told(&found(&world), 4), @r#"
    production (Cleeng production, account sales@club.tv)

    ~ changed by hand films (pass) P100000002_US, last changed 2033-05-18T03:33:10Z
        title         applied "B", now "Films"
        description
          applied "…of the house, for a month, on every screen that there is"
          now     "…of the house, for a month, on every screen that you have"
        accessToTags  applied [films, series], now [films]
    ~ changed by hand news (pass) P100000001
        localizations.NO.currency  applied NOK, now SEK
        price of  applied    now
              FR  9.00 EUR   11.00 EUR (+22.2 %)
              US  12.00 USD  14.00 USD (+16.7 %)

      to take it into git: offerctl drift --accept films news
      to put it back: offerctl apply

    - deactivated by hand off (single) A100000003_US

      to let it be: remove off from the manifests, then offerctl apply
      to sell it again as a new offer: offerctl state forget off, then offerctl
          apply

    ! missing gone (pass) P100000005_US
        the account does not list it

      to bind another offer: offerctl state forget gone, then offerctl state adopt
          gone with its id
      to make it anew: offerctl state forget gone, then offerctl apply

    + revived by hand back (single) A100000004
        an apply deactivated it, and it is on sale

      to manage it again: declare back in a manifest, then offerctl state adopt back
          A100000004
      to take it out of the shop: deactivate A100000004 in Cleeng's dashboard

    Drift: 2 changed, 1 deactivated, 1 missing, 1 revived; 4 bound offers in all.
    "#);
}

#[test]
fn no_drift_is_one_sentence() {
    insta::assert_snapshot!(told(&[], 3), @"
    production (Cleeng production, account sales@club.tv)

    No drift. 3 bound offers are as last applied.
    ");
}
