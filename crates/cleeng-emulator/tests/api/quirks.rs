//! Every switch in every position (docs/cleeng-api.md §2.0).

use cleeng_emulator::{Account, Config, Quirk, Quirks};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Bench, call, data};

/// An account with Polish tax.
async fn taxed(quirks: &[&str]) -> Bench {
    let quirks: Quirks = quirks
        .iter()
        .map(|quirk| Quirk::parse(quirk).unwrap())
        .collect();
    Bench::with(Config {
        quirks,
        account: Account {
            tax_rate: Decimal::new(23, 2),
            ..Account::default()
        },
        ..Config::default()
    })
    .await
}

/// Checks one member of a fresh offer of that type under a quirk; `None` is an absent member.
async fn check(quirk: &str, kind: &str, member: &str, expected: Option<Value>) {
    let offer = taxed(&[quirk]).await.create(kind, json!({})).await;
    assert_eq!(
        offer.get(member),
        expected.as_ref(),
        "{quirk} {kind} {member}"
    );
}

/// Checks one member of the only item of a list.
async fn check_item(quirk: &str, kind: &str, member: &str, expected: Option<Value>) {
    let bench = taxed(&[quirk]).await;
    bench.create(kind, json!({})).await;
    let list = bench.client.ok(&format!("list{kind}Offers"), json!({}));
    let item = list.await["items"][0].clone();
    assert_eq!(
        item.get(member),
        expected.as_ref(),
        "{quirk} {kind} {member}"
    );
}

#[tokio::test]
async fn active_takes_its_form() {
    for (quirk, active, inactive) in [
        ("active=bool", json!(true), json!(false)),
        ("active=number", json!(1), json!(0)),
        ("active=string", json!("1"), json!("0")),
        ("active=words", json!("true"), json!("false")),
    ] {
        check(quirk, "Pass", "active", Some(active)).await;
        let bench = taxed(&[quirk]).await;
        let pass = bench.create("Pass", json!({})).await;
        let ended = json!({"offerId": pass["id"]});
        let ended = bench.client.ok("deactivatePassOffer", ended).await;
        assert_eq!(ended["active"], inactive);
    }
}

#[tokio::test]
async fn deactivation_may_still_say_active_as_the_sample_does() {
    let bench = taxed(&["deactivate-answers=active", "active=string"]).await;
    let pass = bench.create("Pass", json!({})).await;
    let id = json!({"offerId": pass["id"]});
    let ended = bench.client.ok("deactivatePassOffer", id.clone()).await;
    assert_eq!(ended["active"], "1");
    let got = bench.client.ok("getPassOffer", id).await;
    assert_eq!(got["active"], "0");
}

#[tokio::test]
async fn numbers_may_be_texts() {
    check("price=string", "Pass", "price", Some(json!("12.34"))).await;
    check("price=string", "Vod", "price", Some(json!("12.3400"))).await;
    check(
        "rental-period=string",
        "Rental",
        "period",
        Some(json!("48")),
    )
    .await;
    check("rental-period=number", "Rental", "period", Some(json!(48))).await;
    check(
        "timestamps=string",
        "Event",
        "startTime",
        Some(json!("1999999990")),
    )
    .await;
    check(
        "timestamps=number",
        "Event",
        "startTime",
        Some(json!(1_999_999_990)),
    )
    .await;
    let bench = taxed(&["total=string"]).await;
    let list = bench.client.ok("listPassOffers", json!({})).await;
    assert_eq!(list["totalItemCount"], "0");
    let bench = taxed(&["timestamps=string"]).await;
    let offer = bench.create("Pass", json!({})).await;
    assert!(offer["createdAt"].is_string());
}

#[tokio::test]
async fn nothing_takes_its_form() {
    check("empty-tags=list", "Pass", "accessToTags", Some(json!([]))).await;
    check(
        "empty-tags=blank",
        "Pass",
        "accessToTags",
        Some(json!([""])),
    )
    .await;
    check("empty=text", "Pass", "description", Some(json!(""))).await;
    check("empty=null", "Pass", "description", Some(Value::Null)).await;
    check("empty=absent", "Pass", "description", None).await;
    check("unused-term=absent", "Pass", "expiresAt", None).await;
    check("unused-term=null", "Pass", "expiresAt", Some(Value::Null)).await;
    check(
        "unused-term=null",
        "Subscription",
        "expiresAt",
        Some(Value::Null),
    )
    .await;
    check(
        "image=object",
        "Event",
        "backgroundImageUrl",
        Some(Value::Null),
    )
    .await;
    check(
        "image=object-or-list",
        "Event",
        "backgroundImageUrl",
        Some(json!([])),
    )
    .await;
    check(
        "image=string",
        "Event",
        "backgroundImageUrl",
        Some(json!("")),
    )
    .await;
}

#[tokio::test]
async fn tax_rate_takes_its_form() {
    check(
        "tax-rate=mixed",
        "Pass",
        "applicableTaxRate",
        Some(json!("0.23")),
    )
    .await;
    check(
        "tax-rate=mixed",
        "Event",
        "applicableTaxRate",
        Some(json!(0)),
    )
    .await;
    check(
        "tax-rate=string",
        "Event",
        "applicableTaxRate",
        Some(json!("0.23")),
    )
    .await;
    check(
        "tax-rate=number",
        "Pass",
        "applicableTaxRate",
        Some(json!(0.23)),
    )
    .await;
    check("tax-rate=mixed", "Single", "applicableTaxRate", None).await;
    check_item(
        "tax-rate=mixed",
        "Single",
        "applicableTaxRate",
        Some(json!("0.23")),
    )
    .await;
}

#[tokio::test]
async fn publisher_and_country_are_shown_or_not() {
    let mail = json!("publisher@example.com");
    check("publisher=email", "Single", "publisherEmail", Some(mail)).await;
    check("publisher=id", "Single", "publisherEmail", None).await;
    check(
        "publisher=id",
        "Single",
        "publisherId",
        Some(json!("761790883")),
    )
    .await;
    check("country=as-samples", "Single", "country", None).await;
    check("country=as-samples", "Pass", "country", Some(json!("US"))).await;
    check("country=always", "Vod", "country", Some(json!("US"))).await;
}

#[tokio::test]
async fn lists_may_hide_members_that_gets_show() {
    let quirk = "list-omits=freeDays,geoRestriction*";
    let bench = taxed(&[quirk]).await;
    let offer = bench.create("Subscription", json!({"freeDays": 3})).await;
    assert_eq!(offer["freeDays"], 3);
    for (member, expected) in [
        ("freeDays", None),
        ("geoRestrictionEnabled", None),
        ("freePeriods", Some(json!(0))),
    ] {
        check_item(quirk, "Subscription", member, expected).await;
    }
}

#[tokio::test]
async fn lists_may_zero_empty_external_data() {
    let quirk = "list-externals=zeroed";
    check(quirk, "Single", "contentExternalId", Some(json!(""))).await;
    check_item(quirk, "Single", "contentExternalId", Some(json!("0"))).await;
    check_item(quirk, "Rental", "contentExternalData", Some(Value::Null)).await;
    check_item(
        "list-externals=as-elsewhere",
        "Single",
        "contentExternalId",
        Some(json!("")),
    )
    .await;
}

#[tokio::test]
async fn vod_price_may_be_net_of_tax() {
    let bench = taxed(&["vod-price=net"]).await;
    let vod = bench.create("Vod", json!({"price": 13})).await;
    assert_eq!(vod["price"], "10.5691");
    check("vod-price=gross", "Vod", "price", Some(json!("12.3400"))).await;
    check_item(
        "vod-tax-rate=shown",
        "Vod",
        "applicableTaxRate",
        Some(json!("0.23")),
    )
    .await;
    check_item("vod-tax-rate=hidden", "Vod", "applicableTaxRate", None).await;
}

#[tokio::test]
async fn vod_members_are_shown_or_not() {
    check("vod-active=absent", "Vod", "active", None).await;
    check("vod-active=shown", "Vod", "active", Some(json!(true))).await;
    check("vod-currency=absent", "Vod", "currency", None).await;
    check("vod-currency=shown", "Vod", "currency", Some(json!("USD"))).await;
    check_item("vod-list=full", "Vod", "videoId", Some(json!(""))).await;
    check_item("vod-list=reduced", "Vod", "videoId", None).await;
    check_item("vod-list=reduced", "Vod", "currency", Some(json!("USD"))).await;
    check_item("vod-list=reduced", "Vod", "background", Some(json!(""))).await;
    check("vod-list=reduced", "Vod", "videoId", Some(json!(""))).await;
}

#[tokio::test]
async fn vod_deactivation_may_be_wrapped() {
    for (quirk, is_wrapped) in [
        ("vod-deactivate=bare", false),
        ("vod-deactivate=wrapped", true),
    ] {
        let bench = taxed(&[quirk]).await;
        let vod = bench.create("Vod", json!({})).await;
        let id = json!({"offerIdString": vod["id"]});
        let ended = bench.client.ok("deactivateVodOffer", id).await;
        assert_eq!(ended.get("vod").is_some(), is_wrapped);
    }
}

#[tokio::test]
async fn vods_may_be_listed_among_singles_and_rentals_too() {
    let bench = taxed(&["vod-listed=twice"]).await;
    let single = bench.create("Single", json!({})).await["id"].clone();
    let bought = bench.create("Vod", json!({})).await["id"].clone();
    let rented = bench.create("Vod", json!({"rentalPeriod": 7})).await["id"].clone();
    let lists = async |method| {
        let mut ids = bench.client.listed(method, json!({})).await;
        ids.sort();
        json!(ids)
    };
    let sorted = |ids: &[&Value]| {
        let mut ids = ids.to_vec();
        ids.sort_by_key(|id| id.as_str());
        json!(ids)
    };
    assert_eq!(lists("listSingleOffers").await, sorted(&[&single, &bought]));
    assert_eq!(lists("listRentalOffers").await, sorted(&[&rented]));
    assert_eq!(lists("listVodOffers").await, sorted(&[&bought, &rented]));
    let items = bench.client.ok("listSingleOffers", json!({})).await;
    let items = items["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["price"] == json!(12.34)));
}

#[tokio::test]
async fn localizations_may_have_to_bring_their_own_values() {
    let bench = taxed(&["row-values=required"]).await;
    let own = json!({"country": "US", "currency": "USD", "price": 1, "title": "t", "url": "u"});
    for (kind, missing, code) in [
        ("Single", "", 0),
        ("Single", "price", 8),
        ("Single", "title", 8),
        ("Single", "url", 8),
        ("Rental", "url", 0),
        ("Pass", "price", 8),
    ] {
        let mut row = own.clone();
        row.as_object_mut().unwrap().remove(missing);
        let params = json!({"offerData": data(kind, json!({})), "localizedData": [row]});
        let method = format!("createMultiCurrency{kind}Offer");
        assert_eq!(
            bench.client.code(&method, params).await,
            code,
            "{kind} {missing}"
        );
    }
}

#[tokio::test]
async fn zeros_of_an_update_may_be_nothing() {
    for (quirk, code) in [("update-zeros=taken", 8), ("update-zeros=unset", 0)] {
        let bench = taxed(&[quirk]).await;
        let rental = bench.create("Rental", json!({})).await;
        let zeros = json!({"price": 0.0, "period": 0});
        let update = json!({"offerId": rental["id"], "offerData": zeros});
        assert_eq!(bench.client.code("updateRentalOffer", update).await, code);
    }
    let bench = taxed(&["update-zeros=unset"]).await;
    let trial = json!({"freeDays": 3, "freePeriods": 2});
    let made = bench.create("Subscription", trial).await;
    let zeros = json!({"price": 0.0, "freePeriods": 0, "freeDays": 0, "title": "new"});
    let update = json!({"offerId": made["id"], "offerData": zeros});
    let updated = bench.client.ok("updateSubscriptionOffer", update).await;
    assert_eq!(updated["title"], "new");
    for member in ["price", "freePeriods", "freeDays", "period"] {
        assert_eq!(updated[member], made[member], "{member}");
    }
    let create = json!({"offerData": data("Pass", json!({"price": 0}))});
    assert_eq!(bench.client.code("createPassOffer", create).await, 8);
    let rows = json!([{"country": "US", "currency": "USD", "price": 5}]);
    let params = json!({"offerData": data("Pass", json!({})), "localizedData": rows});
    let method = "createMultiCurrencyPassOffer";
    let stem = bench.client.ok(method, params).await["multiCurrencyOfferId"].clone();
    let params = json!({
        "multiCurrencyOfferId": stem, "offerData": {"price": 0.0, "description": "all"},
        "localizedData": [{"country": "US", "price": 0.0, "title": "new"}],
    });
    let method = "updateMultiCurrencyPassOffer";
    let offers = bench.client.ok(method, params).await["offers"].clone();
    assert_eq!(
        (&offers[0]["price"], &offers[0]["title"]),
        (&json!(5), &json!("new"))
    );
}

#[tokio::test]
async fn response_id_may_be_a_number() {
    let bench = taxed(&["response-id=number"]).await;
    for (id, expected) in [
        (json!(7), json!(7)),
        (json!("7"), json!(7)),
        (json!("x"), json!("x")),
    ] {
        let mut call = call("listPassOffers", json!({}));
        call["id"] = id;
        assert_eq!(bench.client.json(&call).await["id"], expected);
    }
}

#[tokio::test]
async fn texts_are_escaped_as_php_does_unless_told_otherwise() {
    for (quirks, expected) in [
        (&[][..], r#""title":"d\u00e9j\u00e0 \/ vu""#),
        (
            &["slashes=plain", "unicode=plain"],
            r#""title":"déjà / vu""#,
        ),
    ] {
        let bench = taxed(quirks).await;
        bench.create("Pass", json!({"title": "déjà / vu"})).await;
        let body = call("listPassOffers", json!({})).to_string();
        let answer = bench.client.post(&body).await.unwrap().text();
        assert!(answer.contains(expected), "{answer}");
    }
}
