//! One store, two generations: what each sees of the other's offers, and what is kept (docs/cleeng-api.md §5.6).

use cleeng_emulator::Field;
use serde_json::{Value, json};

use super::{days, localization, path};
use crate::client::{Bench, data, text};

/// Creates an offer over JSON-RPC and returns it as REST shows it.
async fn seen_by_rest(bench: &Bench, kind: &str, patch: Value) -> Value {
    let made = bench.create(kind, patch).await;
    let short = text(&made["id"])[..10].to_owned();
    let offer = bench
        .client
        .offer("GET", &format!("offers/{short}"), None)
        .await;
    assert_eq!(offer["longId"], made["id"]);
    assert_eq!(offer["version"], 1);
    offer
}

/// Returns an offer as a method of JSON-RPC shows it.
async fn seen_by_json_rpc(bench: &Bench, kind: &str, offer: &Value) -> Value {
    let name = if kind == "Vod" {
        "offerIdString"
    } else {
        "offerId"
    };
    let params = json!({name: offer["longId"]});
    let result = bench.client.ok(&format!("get{kind}Offer"), params).await;
    crate::client::unwrapped(result)
}

#[tokio::test]
async fn types_of_json_rpc_have_their_names_in_rest() {
    let bench = Bench::start().await;
    for (kind, expected) in [
        ("Subscription", "subscription"),
        ("Pass", "pass"),
        ("Event", "live"),
        ("Single", "vod"),
        ("Rental", "vod"),
        ("Vod", "vod"),
    ] {
        let offer = seen_by_rest(&bench, kind, json!({})).await;
        assert_eq!(offer["type"], expected);
        assert_eq!(offer["price"]["amount"], 12.34);
    }
    let items = bench.client.rest("GET", "offers", None).await.json();
    assert_eq!(items.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn fields_of_json_rpc_have_their_places_in_rest() {
    let bench = Bench::start().await;
    let duration = |unit: &str, amount: u32| {
        let duration = json!({"periodUnit": unit, "amount": amount});
        json!({"expirationPolicy": "duration", "duration": duration})
    };
    let geo = json!({
        "geoRestrictionEnabled": true, "geoRestrictionType": "whitelist",
        "geoRestrictionCountries": ["PL"],
    });
    for (kind, patch, member, expected) in [
        (
            "Subscription",
            json!({"period": "3months"}),
            "billingCycle",
            json!({"periodUnit": "month", "amount": 3}),
        ),
        (
            "Subscription",
            json!({"freeDays": 7}),
            "freeTrial",
            json!({"type": "day", "duration": 7}),
        ),
        (
            "Subscription",
            json!({"freePeriods": 2}),
            "freeTrial",
            json!({"type": "period", "duration": 2}),
        ),
        (
            "Subscription",
            json!({"freeDays": 0}),
            "freeTrial",
            Value::Null,
        ),
        (
            "Subscription",
            json!({"accessToTags": ["(all)"]}),
            "tags",
            json!(["(all)"]),
        ),
        (
            "Pass",
            json!({"period": "2weeks"}),
            "entitlement",
            duration("week", 2),
        ),
        (
            "Pass",
            json!({"period": null, "expiresAt": 1_900_000_000}),
            "entitlement",
            json!({"expirationPolicy": "fixed-date", "expiresAt": 1_900_000_000}),
        ),
        (
            "Pass",
            geo,
            "geoRestriction",
            json!({"type": "whitelist", "countries": ["PL"]}),
        ),
        (
            "Pass",
            json!({"geoRestrictionEnabled": false, "geoRestrictionType": "whitelist"}),
            "geoRestriction",
            Value::Null,
        ),
        (
            "Rental",
            json!({"period": 48}),
            "entitlement",
            duration("hour", 48),
        ),
        (
            "Vod",
            json!({"rentalPeriod": 7}),
            "entitlement",
            duration("hour", 7),
        ),
        ("Vod", json!({}), "entitlement", Value::Null),
        ("Single", json!({"tags": ["a"]}), "tags", json!(["a"])),
        (
            "Event",
            json!({"timeZone": "UTC"}),
            "event",
            json!({"startsAt": 1_999_999_990, "endsAt": 1_999_999_999, "timezone": "UTC"}),
        ),
    ] {
        let offer = seen_by_rest(&bench, kind, patch.clone()).await;
        assert_eq!(offer[member], expected, "{kind} {patch}");
    }
}

#[tokio::test]
async fn offers_of_rest_are_offers_of_json_rpc() {
    let bench = Bench::start().await;
    let geo = json!({"type": "blacklist", "countries": ["NL"]});
    let subscription = json!({
        "tags": ["a"], "geoRestriction": geo, "freeTrial": {"type": "day", "duration": 7},
        "billingCycle": {"periodUnit": "month", "amount": 6}, "description": "d",
    });
    let made = bench.create_rest("subscription", subscription).await;
    let seen = seen_by_json_rpc(&bench, "Subscription", &made).await;
    for (name, expected) in [
        ("id", made["longId"].clone()),
        ("title", json!("t")),
        ("description", json!("d")),
        ("price", json!(12.34)),
        ("currency", json!("USD")),
        ("country", json!("US")),
        ("period", json!("6months")),
        ("accessToTags", json!(["a"])),
        ("freeDays", json!(7)),
        ("geoRestrictionEnabled", json!(true)),
        ("geoRestrictionType", json!("blacklist")),
        ("geoRestrictionCountries", json!(["NL"])),
        ("active", json!(true)),
    ] {
        assert_eq!(seen[name], expected, "{name}");
    }
    let live = bench.create_rest("live", json!({"tags": ["a"]})).await;
    let seen = seen_by_json_rpc(&bench, "Event", &live).await;
    assert_eq!(
        (&seen["startTime"], &seen["tags"]),
        (&json!(1_999_999_990), &json!(["a"]))
    );
    let vod = bench
        .create_rest("vod", json!({"entitlement": days(2)}))
        .await;
    let seen = seen_by_json_rpc(&bench, "Vod", &vod).await;
    assert_eq!(seen["rentalPeriod"], 48);
    let pass = bench
        .create_rest("pass", json!({"entitlement": days(1)}))
        .await;
    let seen = seen_by_json_rpc(&bench, "Pass", &pass).await;
    assert_eq!(seen["period"], "day");
    for (method, offer) in [
        ("listSubscriptionOffers", &made),
        ("listEventOffers", &live),
        ("listVodOffers", &vod),
        ("listPassOffers", &pass),
    ] {
        let listed = bench.client.listed(method, json!({})).await;
        assert_eq!(listed, [text(&offer["longId"])]);
    }
}

#[tokio::test]
async fn what_only_rest_says_outlives_an_update_over_json_rpc() {
    let bench = Bench::start().await;
    let only = json!({
        "imageUrl": "http://i.com/i", "externalProperties": {"a": "b"}, "giftable": true,
        "appStoreProductIds": {"roku": "r"}, "sessionsLimit": 2, "pause": {"maxBillingCycles": 1},
        "billingCycle": {"periodUnit": "year", "amount": 2},
        "price": {"amount": 1, "rules": [{"from": 1, "to": 2, "amount": 5, "name": "n"}]},
    });
    let made = bench.create_rest("subscription", only.clone()).await;
    let seen = seen_by_json_rpc(&bench, "Subscription", &made).await;
    assert_eq!(seen.get("period"), None);
    let update = json!({"offerId": made["longId"], "offerData": {"title": "new", "price": 2}});
    bench.client.ok("updateSubscriptionOffer", update).await;
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(
        (&read["title"], &read["version"]),
        (&json!("new"), &json!(2))
    );
    assert_eq!(read["price"]["amount"], 2);
    for member in [
        "imageUrl",
        "externalProperties",
        "giftable",
        "appStoreProductIds",
        "sessionsLimit",
        "pause",
        "billingCycle",
    ] {
        assert_eq!(read[member], only[member], "{member}");
    }
    assert_eq!(read["price"]["rules"], only["price"]["rules"]);
    // A period that JSON-RPC sets takes the place of the one that it could not say.
    let update = json!({"offerId": made["longId"], "offerData": {"period": "week"}});
    bench.client.ok("updateSubscriptionOffer", update).await;
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(
        read["billingCycle"],
        json!({"periodUnit": "week", "amount": 1})
    );
}

#[tokio::test]
async fn what_only_json_rpc_says_outlives_a_patch() {
    let bench = Bench::start().await;
    let patch =
        json!({"teaser": "x", "videoId": "7", "playerCode": "p", "backgroundImageUrl": "http://b"});
    let made = bench.create("Event", patch).await;
    let short = text(&made["id"])[..10].to_owned();
    let patch = json!({"title": "new", "imageUrl": "http://i.com/i", "event": {"timezone": "UTC"}});
    bench
        .client
        .offer("PATCH", &format!("offers/{short}"), Some(patch))
        .await;
    let params = json!({"offerId": made["id"]});
    let seen = bench.client.ok("getEventOffer", params).await;
    for member in ["teaser", "videoId", "playerCode", "backgroundImageUrl"] {
        assert_eq!(seen[member], made[member], "{member}");
    }
    assert_eq!(
        (&seen["title"], &seen["timeZone"]),
        (&json!("new"), &json!("UTC"))
    );
}

#[tokio::test]
async fn offer_ended_by_json_rpc_is_revived_by_rest() {
    let bench = Bench::start().await;
    let made = bench.create("Pass", json!({})).await;
    let id = json!({"offerId": made["id"]});
    bench.client.ok("deactivatePassOffer", id.clone()).await;
    let short = text(&made["id"])[..10].to_owned();
    let read = bench
        .client
        .offer("GET", &format!("offers/{short}"), None)
        .await;
    assert_eq!(read["active"], false);
    bench
        .client
        .offer("POST", &format!("offers/{short}/activate"), None)
        .await;
    assert_eq!(bench.client.ok("getPassOffer", id).await["active"], true);
    let listed = bench.client.listed("listPassOffers", json!({})).await;
    assert_eq!(listed, [text(&made["id"])]);
}

#[tokio::test]
async fn multi_currency_offers_are_one_offer_with_localizations() {
    let bench = Bench::start().await;
    let rows = json!([
        {"country": "US", "currency": "USD", "price": 10},
        {"country": "FR", "currency": "EUR", "price": 9, "title": "Tout"},
    ]);
    let params = json!({"offerData": data("Subscription", json!({})), "localizedData": rows});
    let made = bench
        .client
        .ok("createMultiCurrencySubscriptionOffer", params)
        .await;
    let stem = text(&made["multiCurrencyOfferId"]);
    let offer = bench
        .client
        .offer("GET", &format!("offers/{stem}"), None)
        .await;
    assert_eq!(offer["longId"], format!("{stem}_US"));
    assert_eq!(offer["price"]["amount"], 10);
    assert_eq!(offer["localizations"].as_array().unwrap().len(), 1);
    let row = &offer["localizations"][0];
    assert_eq!(
        (&row["title"], &row["price"]["amount"]),
        (&json!("Tout"), &json!(9))
    );
    let items = bench.client.rest("GET", "offers", None).await.json();
    assert_eq!(items, json!([offer]));

    let patch = json!({"price": {"amount": 8}});
    let path = format!("offers/{stem}/localizations/FR");
    bench.client.offer("PATCH", &path, Some(patch)).await;
    let id = json!({"offerId": format!("{stem}_FR")});
    assert_eq!(
        bench.client.ok("getSubscriptionOffer", id).await["price"],
        8
    );
    let update = json!({
        "multiCurrencyOfferId": stem, "localizedData": [{"country": "FR", "price": 7}],
    });
    bench
        .client
        .ok("updateMultiCurrencySubscriptionOffer", update)
        .await;
    let read = bench
        .client
        .offer("GET", &format!("offers/{stem}"), None)
        .await;
    assert_eq!(read["localizations"][0]["price"]["amount"], 7);
    assert_eq!(read["version"], 3);
}

#[tokio::test]
async fn base_of_a_multi_currency_offer_is_settled_when_rest_adds_a_country() {
    let bench = Bench::start().await;
    let rows = json!([
        {"country": "GB", "currency": "GBP", "price": 8},
        {"country": "FR", "currency": "EUR", "price": 9},
    ]);
    let params = json!({"offerData": data("Subscription", json!({})), "localizedData": rows});
    let made = bench
        .client
        .ok("createMultiCurrencySubscriptionOffer", params)
        .await;
    let stem = text(&made["multiCurrencyOfferId"]);
    let add = format!("offers/{stem}/localizations");
    let offer = bench
        .client
        .offer("POST", &add, Some(localization("US", "USD", 10.0)))
        .await;
    assert_eq!(offer["longId"], format!("{stem}_FR"));
    let countries: Vec<_> = offer["localizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(&row["countryCode"]))
        .collect();
    assert_eq!(countries, ["GB", "US"]);
}

#[tokio::test]
async fn offer_that_rest_localized_is_refused_by_plain_updates() {
    let bench = Bench::start().await;
    let made = bench.create("Pass", json!({})).await;
    let stem = text(&made["id"])[..10].to_owned();
    let add = format!("offers/{stem}/localizations");
    bench
        .client
        .offer("POST", &add, Some(localization("FR", "EUR", 9.0)))
        .await;
    for country in ["US", "FR"] {
        let id = format!("{stem}_{country}");
        let update = json!({"offerId": id, "offerData": {"title": "x"}});
        assert_eq!(bench.client.code("updatePassOffer", update).await, 8);
        let end = json!({"offerId": id});
        assert_eq!(bench.client.code("deactivatePassOffer", end).await, 8);
    }
    let mut listed = bench.client.listed("listPassOffers", json!({})).await;
    listed.sort();
    assert_eq!(listed, [format!("{stem}_FR"), format!("{stem}_US")]);
    // What the offer says for all countries goes to all rows, what a country says for itself stays.
    let patch = json!({"tags": ["a"], "title": "new"});
    bench
        .client
        .offer("PATCH", &format!("offers/{stem}"), Some(patch))
        .await;
    let row = json!({"offerId": format!("{stem}_FR")});
    let row = bench.client.ok("getPassOffer", row).await;
    assert_eq!(
        (&row["accessToTags"], &row["title"]),
        (&json!(["a"]), &json!("t in FR"))
    );
    assert_eq!(row["period"], "month");
    let rows = ["US", "FR"].map(|country| json!({"country": country, "price": 3}));
    let update = json!({"multiCurrencyOfferId": stem, "localizedData": rows});
    let updated = bench
        .client
        .ok("updateMultiCurrencyPassOffer", update)
        .await;
    let prices: Vec<_> = updated["offers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["price"].clone())
        .collect();
    assert_eq!(prices, [json!(3), json!(3)]);
}

#[tokio::test]
async fn singles_take_an_entitlement_and_stay_singles() {
    let bench = Bench::start().await;
    let made = bench
        .create("Single", json!({"contentExternalId": "7"}))
        .await;
    let stem = text(&made["id"])[..10].to_owned();
    let patch = json!({"entitlement": {"duration": {"periodUnit": "month", "amount": 1}}});
    let patched = bench
        .client
        .offer("PATCH", &format!("offers/{stem}"), Some(patch))
        .await;
    assert_eq!(
        patched["entitlement"]["duration"],
        json!({"periodUnit": "month", "amount": 1})
    );
    let seen = bench
        .client
        .ok("getSingleOffer", json!({"offerId": made["id"]}))
        .await;
    assert_eq!(seen["contentExternalId"], "7");
    let offer = bench
        .emulator
        .offer(&text(&made["id"]).parse().unwrap())
        .unwrap();
    assert!(offer.get(Field::Duration).is_some());
}

#[tokio::test]
async fn rental_period_takes_the_place_of_a_date_that_only_rest_can_say() {
    let bench = Bench::start().await;
    let fixed = json!({"expirationPolicy": "fixed-date", "expiresAt": 1_999_999_999});
    let made = bench
        .create_rest("vod", json!({"entitlement": fixed}))
        .await;
    let update = async |data: Value| {
        let params = json!({"offerIdString": made["longId"], "offerData": data});
        bench.client.ok("updateVodOffer", params).await;
        bench.client.offer("GET", &path(&made), None).await["entitlement"].clone()
    };
    assert_eq!(update(json!({"title": "new"})).await, fixed);
    assert_eq!(update(json!({"rentalPeriod": 0})).await, fixed);
    let rented = update(json!({"rentalPeriod": 48})).await;
    assert_eq!(
        rented["duration"],
        json!({"periodUnit": "hour", "amount": 48})
    );
}

#[tokio::test]
async fn rest_offers_without_a_url_can_be_updated_over_json_rpc() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({"url": null})).await;
    let update = json!({"offerId": made["longId"], "offerData": {"title": "new"}});
    let updated = bench.client.ok("updatePassOffer", update).await;
    assert_eq!(
        (&updated["title"], &updated["url"]),
        (&json!("new"), &json!(""))
    );
    let update = json!({"offerId": made["longId"], "offerData": {"title": ""}});
    assert_eq!(bench.client.code("updatePassOffer", update).await, 8);
}
