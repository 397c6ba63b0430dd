//! What is refused with code 8 (docs/cleeng-api.md §2.1 to §2.8), and what is not.

use serde_json::{Value, json};

use crate::client::{Bench, data};

/// Creates an offer with that on top of good data, and returns the code of the error.
async fn create(bench: &Bench, kind: &str, patch: &Value) -> i64 {
    let params = json!({"offerData": data(kind, patch.clone())});
    bench
        .client
        .code(&format!("create{kind}Offer"), params)
        .await
}

#[tokio::test]
async fn required_members_are_required_of_every_type() {
    let bench = Bench::start().await;
    for (kind, members) in [
        ("Single", &["price", "title", "url"][..]),
        ("Rental", &["price", "title", "url", "period"]),
        ("Subscription", &["price", "title", "url", "period"]),
        ("Pass", &["price", "title", "url", "period"]),
        (
            "Event",
            &["title", "url", "startTime", "endTime", "timeZone"],
        ),
        ("Vod", &["price", "title", "url"]),
    ] {
        assert_eq!(create(&bench, kind, &json!({})).await, 0, "{kind}");
        for member in members {
            for missing in [json!({*member: null}), json!({*member: ""})] {
                assert_eq!(create(&bench, kind, &missing).await, 8, "{kind} {missing}");
            }
        }
    }
}

#[tokio::test]
async fn prices_keep_the_bounds_of_their_page() {
    let bench = Bench::start().await;
    for (kind, good, bad) in [
        (
            "Single",
            &["0.14", "99.99"][..],
            &["0.13", "100", "0", "-5"][..],
        ),
        ("Rental", &["0.14", "99.99"], &["0.13", "99.991"]),
        ("Subscription", &["0.14", "99.99"], &["0.13", "100"]),
        ("Pass", &["0.01", "150", "9999.99"], &["0", "-1"]),
        ("Event", &["5", "99.99"], &["4.99", "100", "0"]),
        ("Vod", &["0.14", "99.99"], &["0.13", "100"]),
    ] {
        for (prices, code) in [(good, 0), (bad, 8)] {
            for price in prices {
                let number: Value = serde_json::from_str(price).unwrap();
                for price in [json!(price), number] {
                    let patch = json!({"price": price});
                    assert_eq!(create(&bench, kind, &patch).await, code, "{kind} {price}");
                }
            }
        }
    }
}

#[tokio::test]
async fn lengths_are_bounded_in_characters() {
    let bench = Bench::start().await;
    for (kind, member, most) in [
        ("Single", "title", 70),
        ("Single", "description", 110),
        ("Single", "contentExternalId", 50),
        ("Rental", "contentExternalData", 4096),
        ("Subscription", "description", 110),
        ("Pass", "title", 70),
        ("Event", "teaser", 150),
        ("Vod", "description", 110),
    ] {
        // The external data is bounded in bytes.
        let letter = if most == 4096 { "e" } else { "é" };
        for (length, code) in [(most, 0), (most + 1, 8)] {
            let patch = json!({member: letter.repeat(length)});
            assert_eq!(
                create(&bench, kind, &patch).await,
                code,
                "{kind} {member} {length}"
            );
        }
    }
    let unbounded = "x".repeat(5_000);
    for (kind, member) in [
        ("Event", "description"),
        ("Single", "url"),
        ("Vod", "playerCode"),
        ("Event", "videoId"),
    ] {
        assert_eq!(create(&bench, kind, &json!({member: unbounded})).await, 0);
    }
}

#[tokio::test]
async fn periods_are_those_of_their_page() {
    let bench = Bench::start().await;
    let all = [
        "day", "week", "2weeks", "month", "3months", "6months", "year", "monthly", "48",
    ];
    for (kind, good) in [
        (
            "Subscription",
            &["week", "month", "3months", "6months", "year"][..],
        ),
        (
            "Pass",
            &["week", "2weeks", "month", "3months", "6months", "year"],
        ),
        ("Rental", &["48"]),
    ] {
        for period in all {
            let code = if good.contains(&period) { 0 } else { 8 };
            let patch = json!({"period": period});
            assert_eq!(create(&bench, kind, &patch).await, code, "{kind} {period}");
        }
    }
    for (period, code) in [
        (json!(48), 0),
        (json!("360"), 0),
        (json!(1), 0),
        (json!(0), 8),
        (json!(-1), 8),
        (json!(1.5), 8),
    ] {
        assert_eq!(
            create(&bench, "Rental", &json!({"period": period})).await,
            code
        );
    }
}

#[tokio::test]
async fn invalid_values_are_refused_with_code_8() {
    let bench = Bench::start().await;
    for (kind, patch) in [
        ("Pass", json!({"expiresAt": 1_900_000_000})),
        ("Pass", json!({"period": null, "expiresAt": "next year"})),
        ("Pass", json!({"geoRestrictionCountries": ["Poland"]})),
        ("Pass", json!({"geoRestrictionCountries": "PL"})),
        ("Pass", json!({"geoRestrictionType": "greylist"})),
        ("Pass", json!({"geoRestrictionEnabled": "maybe"})),
        ("Pass", json!({"accessToTags": "finance"})),
        ("Pass", json!({"accessToTags": [["finance"]]})),
        ("Pass", json!({"title": ["x"]})),
        ("Pass", json!({"title": true})),
        ("Subscription", json!({"freeDays": -1})),
        ("Subscription", json!({"freePeriods": "two"})),
        ("Single", json!({"contentType": "podcast"})),
        ("Event", json!({"currency": "PLN"})),
        ("Event", json!({"currency": "usd"})),
        ("Event", json!({"timeZone": "New York!"})),
        (
            "Event",
            json!({"startTime": 2_000_000_000, "endTime": 1_999_999_999}),
        ),
        ("Event", json!({"startTime": "tomorrow"})),
        ("Event", json!({"viewerEstimate": 6})),
        ("Vod", json!({"rentalPeriod": "soon"})),
        ("Vod", json!({"eventAssociation": "E123456789_US"})),
    ] {
        assert_eq!(create(&bench, kind, &patch).await, 8, "{kind} {patch}");
    }
    assert!(bench.emulator.offers().is_empty());
}

#[tokio::test]
async fn unusual_values_that_mean_something_are_taken() {
    let bench = Bench::start().await;
    for (kind, patch) in [
        ("Pass", json!({"period": null, "expiresAt": "1900000000"})),
        ("Pass", json!({"period": "", "expiresAt": 1})),
        ("Pass", json!({"accessToTags": [""]})),
        ("Pass", json!({"accessToTags": ["(all)"]})),
        ("Pass", json!({"geoRestrictionEnabled": "1"})),
        ("Pass", json!({"geoRestrictionEnabled": 0})),
        ("Subscription", json!({"freeDays": "9", "freePeriods": 0})),
        ("Single", json!({"videoId": 7777})),
        ("Event", json!({"currency": "TRL"})),
        (
            "Event",
            json!({"timeZone": "UTC", "applyServiceFeeOnCustomer": "true"}),
        ),
        ("Vod", json!({"runtime": 90, "videoQuality": "4k"})),
        ("Pass", json!({"nobodyKnowsThis": {"deep": [1]}})),
    ] {
        assert_eq!(create(&bench, kind, &patch).await, 0, "{kind} {patch}");
    }
}

#[tokio::test]
async fn invalid_update_is_refused_and_changes_nothing() {
    let bench = Bench::start().await;
    let pass = bench.create("Pass", json!({})).await;
    for data in [
        json!({"title": "new", "price": 0}),
        json!({"title": "new", "period": "monthly"}),
        json!({"title": ""}),
        json!({"title": "new", "price": ""}),
    ] {
        let params = json!({"offerId": pass["id"], "offerData": data});
        assert_eq!(bench.client.code("updatePassOffer", params).await, 8);
    }
    let same = json!({"offerId": pass["id"]});
    assert_eq!(bench.client.ok("getPassOffer", same).await, pass);
}

#[tokio::test]
async fn refusal_names_the_member_and_the_bound() {
    let bench = Bench::start().await;
    let params = json!({"offerData": data("Single", json!({"price": 0.1}))});
    let answer = bench.client.call("createSingleOffer", params).await;
    assert_eq!(
        answer["error"]["message"],
        "offerData.price must be between 0.14 and 99.99"
    );
}
