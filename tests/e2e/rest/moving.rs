//! From one generation to the other and back: nothing changes but our marker.

use std::collections::BTreeMap;

use cleeng_emulator::{Field, FieldValue, Offer};

use crate::support::{Api, Draft, Shop};

/// What both generations can say in the same words. Singles are not among it: over REST they say how long access lasts,
/// over JSON-RPC they cannot.
fn catalogue() -> Vec<Draft> {
    let geo = "{type: blacklist, countries: [SE, DK]}";
    let plain = [
        Draft::new("subscription", "club")
            .with("freeDays", "7")
            .with("accessToTags", "[films]")
            .with("geoRestriction", geo),
        Draft::new("subscription", "club-by-year")
            .with("period", "year")
            .with("freePeriods", "1"),
        Draft::new("subscription", "club-by-half").with("period", "6months"),
        Draft::new("pass", "news")
            .with("period", "2weeks")
            .with("geoRestriction", "{type: whitelist, countries: [US]}"),
        Draft::new("pass", "season")
            .without("period")
            .with("expiresAt", "2031-02-28T23:59:59+01:00"),
        Draft::new("rental", "film").with("tags", "[films]"),
        Draft::new("event", "final")
            .with("currency", "EUR")
            .with("tags", "[sports]")
            .with("description", "Live"),
        Draft::new("vod", "replay")
            .with("rentalPeriod", "72")
            .with("dependsOn", "[final]"),
    ];
    let home = "{US: {currency: USD}, FR: {currency: EUR, price: 9.00, title: Tout}}";
    let abroad = "{FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 99.00}}";
    let localized = ["subscription", "pass", "rental"]
        .into_iter()
        .flat_map(|kind| {
            [("home", home), ("abroad", abroad)].map(|(name, rows)| {
                Draft::new(kind, &format!("{kind}-{name}")).with("localizations", rows)
            })
        });
    plain.into_iter().chain(localized).collect()
}

/// Offers without what a change by the API moves along, and without their markers.
fn essence(shop: &Shop) -> Vec<(String, bool, String, BTreeMap<Field, FieldValue>)> {
    let offers = shop.emulator().offers();
    let of = |offer: &Offer| {
        let mut fields = offer.fields().clone();
        fields.remove(&Field::ExternalProperties);
        (
            offer.id().to_string(),
            offer.is_active(),
            offer.currency().to_string(),
            fields,
        )
    };
    offers.iter().map(of).collect()
}

/// A shop with everything applied over JSON-RPC.
fn before() -> Shop {
    let shop = Shop::of(Api::JsonRpc);
    shop.declare(&catalogue());
    let _run = shop.apply();
    shop.expect_no_changes();
    shop
}

#[test]
fn moving_over_changes_nothing_but_the_marker_of_every_offer() {
    let mut shop = before();
    let offers = essence(&shop);
    shop.move_to(Api::Rest, "");
    let plan = shop.plan();
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(changes.len(), catalogue().len(), "{plan:#}");
    for change in changes {
        assert_eq!(change["action"], "update", "{change:#}");
        let fields = change["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 1, "{change:#}");
        assert_eq!(
            fields[0]["path"], "externalProperties.offerctl",
            "{change:#}"
        );
    }
    assert_eq!(plan["refusals"], serde_json::json!([]));
    shop.requests();
    let _run = shop.apply();
    let written = shop.written();
    assert_eq!(written, vec!["patchOffer"; catalogue().len()]);
    assert_eq!(essence(&shop), offers);
    shop.expect_no_changes();
    shop.run("drift").exits(0);
    // And back.
    shop.move_to(Api::JsonRpc, "");
    shop.expect_no_changes();
    shop.run("drift").exits(0);
    let _run = shop.apply();
    assert_eq!(shop.writes(), 0);
    assert_eq!(essence(&shop), offers);
    // Who moves a second time has nothing left to do.
    shop.move_to(Api::Rest, "");
    shop.expect_no_changes();
}

#[test]
fn moving_over_without_markers_changes_nothing_at_all() {
    let mut shop = before();
    let offers = shop.emulator().offers();
    shop.move_to(Api::Rest, "    markers: false\n");
    shop.expect_no_changes();
    let _run = shop.apply();
    shop.run("drift").exits(0);
    shop.move_to(Api::JsonRpc, "");
    shop.expect_no_changes();
    assert_eq!(shop.emulator().offers(), offers);
}

#[test]
fn moving_over_with_a_lost_state_adopts_everything() {
    let mut shop = before();
    let offers = essence(&shop);
    super::lose_state(&shop);
    shop.move_to(Api::Rest, "");
    let plan = shop.plan();
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    assert_eq!(plan["summary"]["conflicts"], 0, "{plan:#}");
    let _run = shop.apply();
    assert_eq!(essence(&shop), offers);
    shop.expect_no_changes();
}

#[test]
fn what_was_made_over_rest_is_the_same_over_json_rpc() {
    let mut shop = Shop::of(Api::Rest);
    // Without the account's country an offer over REST is sold there all the same, as one row more than JSON-RPC can be
    // told of; and what lasts some hours is a VOD, as REST has nothing else.
    let drafts: Vec<Draft> = catalogue()
        .into_iter()
        .filter(|draft| {
            let yaml = draft.yaml();
            !yaml.contains("-abroad") && !yaml.contains("type: rental")
        })
        .collect();
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.expect_no_changes();
    let offers = shop.emulator().offers();
    shop.move_to(Api::JsonRpc, "");
    shop.expect_no_changes();
    shop.run("drift").exits(0);
    assert_eq!(shop.emulator().offers(), offers);
}

#[test]
fn edits_over_rest_are_edits_over_json_rpc() {
    let mut shop = before();
    shop.move_to(Api::Rest, "");
    let mut drafts = catalogue();
    drafts[0] = drafts[0]
        .clone()
        .with("price", "12.00")
        .with("title", "The club");
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.move_to(Api::JsonRpc, "");
    shop.expect_no_changes();
    drafts[0] = drafts[0].clone().with("price", "13.00");
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.move_to(Api::Rest, "");
    shop.expect_no_changes();
}

#[test]
fn a_single_says_how_long_access_lasts_once_it_moves() {
    let entitlement = "{duration: {periodUnit: year, amount: 1}}";
    let mut shop = Shop::of(Api::JsonRpc);
    shop.declare(&[Draft::new("single", "film")]);
    let _run = shop.apply();
    // Both environments have the same manifest; what only one can say stands under its name.
    let both = |name: &str| {
        Draft::new("single", "film").with(
            "environments",
            &format!("{{{name}: {{entitlement: {entitlement}}}}}"),
        )
    };
    let config = shop.read("offerctl.yaml");
    let shared = format!(
        "{}  next:\n    endpoint: {}\n    limits: {{settleSeconds: 0.2}}\n    api: rest\n    state: .offerctl/shop\ndefaultEnvironment: shop\n",
        config,
        shop.emulator().url()
    );
    shop.write("offerctl.yaml", &shared);
    shop.offers(&both("next").yaml());
    shop.expect_no_changes();
    shop.write("offerctl.yaml", &config);
    shop.move_to(Api::Rest, "");
    shop.offers(&Draft::new("single", "film").yaml());
    shop.run("plan").exits(65).complains("entitlement");
    shop.declare(&[Draft::new("single", "film")]);
    let plan = shop.plan();
    let paths: Vec<_> = plan["changes"][0]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        ["entitlement", "externalProperties.offerctl"],
        "{plan:#}"
    );
    let _run = shop.apply();
    shop.expect_no_changes();
}

#[test]
fn what_rest_cannot_say_is_named_with_its_place() {
    let mut shop = Shop::of(Api::JsonRpc);
    shop.offers(
        "  film:
    type: vod
    title: Film
    url: https://club.tv/film
    price: 5.00
    rentalPeriod: 72
    videoId: v-1
    eventAssociation: [final]
  final:
    type: event
    title: Final
    url: https://club.tv/final
    price: 5.00
    startTime: 1900000000
    endTime: 1900003600
    timeZone: Europe/Oslo
    teaser: Soon
  club:
    type: subscription
    title: Club
    url: https://club.tv/club
    price: 5.00
    period: month
    accessToTags: [(all)]
",
    );
    let _run = shop.apply();
    shop.move_to(Api::Rest, "");
    let run = shop.run("validate --format json").exits(65);
    let lines: Vec<u64> = run.json()["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [9, 10, 19, 26], "{run:?}");
}
