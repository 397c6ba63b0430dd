//! Offers with a price per country (docs/cleeng-api.md §4).

use serde_json::{Value, json};

use crate::client::{Bench, data, ids, text};

fn rows() -> Value {
    json!([
        {"country": "US", "currency": "USD", "price": 11},
        {"country": "FR", "currency": "EUR", "price": "9", "title": "pour la France"},
    ])
}

async fn create(bench: &Bench, kind: &str) -> Value {
    let params = json!({"offerData": data(kind, json!({})), "localizedData": rows()});
    bench
        .client
        .ok(&format!("createMultiCurrency{kind}Offer"), params)
        .await
}

async fn update(bench: &Bench, kind: &str, stem: &Value, params: Value) -> Value {
    let mut params = params;
    params["multiCurrencyOfferId"] = stem.clone();
    let method = format!("updateMultiCurrency{kind}Offer");
    bench.client.call(&method, params).await
}

#[tokio::test]
async fn countries_share_a_stem_and_inherit_from_the_base() {
    let bench = Bench::start().await;
    for (kind, letter) in [
        ("Single", 'A'),
        ("Rental", 'R'),
        ("Subscription", 'S'),
        ("Pass", 'P'),
    ] {
        let result = create(&bench, kind).await;
        let stem = text(&result["multiCurrencyOfferId"]);
        assert!(stem.starts_with(letter) && stem.len() == 10, "{stem}");
        let offers = &result["offers"];
        assert_eq!(ids(offers), [format!("{stem}_FR"), format!("{stem}_US")]);
        assert_eq!(offers[0]["title"], "pour la France");
        assert_eq!(offers[1]["title"], "t");
        assert_eq!(
            (&offers[0]["price"], &offers[1]["price"]),
            (&json!(9), &json!(11))
        );
        assert_eq!(offers[0]["currency"], "EUR");
        assert_eq!(offers[0]["url"], "http://u.com");
        assert_eq!(offers[0]["applicableTaxRate"], "0.00");
        assert_eq!(offers[0]["active"], true);

        let got = json!({"offerId": format!("{stem}_FR")});
        let got = bench.client.ok(&format!("get{kind}Offer"), got).await;
        assert_eq!(got["title"], "pour la France");
        let listed = bench.client.listed(&format!("list{kind}Offers"), json!({}));
        assert_eq!(listed.await, [format!("{stem}_FR"), format!("{stem}_US")]);
    }
}

#[tokio::test]
async fn documented_update_sample_works_as_documented() {
    let bench = Bench::start().await;
    let params = json!({
        "offerData": {
            "price": "8", "period": "month", "title": "Test offer", "url": "http://www.testoffer.com",
            "description": "Test offer description", "accessToTags": ["x"],
        },
        "localizedData": [
            {"country": "US", "currency": "USD", "price": "8", "title": "Test offer", "url": "http://www.testoffer.com"},
            {"country": "FR", "currency": "EUR", "price": "7", "title": "Test offer for French customers", "url": "http://testoffer.com/fr"},
        ],
    });
    let method = "createMultiCurrencySubscriptionOffer";
    let stem = bench.client.ok(method, params).await["multiCurrencyOfferId"].clone();
    let params = json!({
        "offerData": {"price": "10", "period": "year", "accessToTags": []},
        "localizedData": [
            {"country": "US", "currency": "USD", "price": "11", "title": "Test offer for US customers"},
            {"country": "FR", "currency": "EUR", "price": "9"},
        ],
    });
    let result = update(&bench, "Subscription", &stem, params).await["result"].clone();
    assert_eq!(result["multiCurrencyOfferId"], stem);
    let [french, american] = [&result["offers"][0], &result["offers"][1]];
    assert_eq!(french["title"], "Test offer for French customers");
    assert_eq!(french["url"], "http://testoffer.com/fr");
    assert_eq!(french["price"], 9);
    assert_eq!(american["title"], "Test offer for US customers");
    assert_eq!(american["price"], 11);
    for offer in [french, american] {
        assert_eq!(offer["period"], "year");
        assert_eq!(offer["accessToTags"], json!([]));
        assert_eq!(offer["description"], "Test offer description");
    }
}

/// An update of all that the base and one localization can say, and what becomes of French and American offers.
async fn update_all(bench: &Bench) -> Value {
    let stem = create(bench, "Subscription").await["multiCurrencyOfferId"].clone();
    let params = json!({
        "offerData": {
            "price": 12, "title": "Base", "url": "http://base.com", "description": "base",
            "period": "year", "accessToTags": ["all"], "freeDays": 3,
        },
        "localizedData": [{"country": "US", "price": 15, "currency": "EUR"}],
    });
    update(bench, "Subscription", &stem, params).await["result"]["offers"].clone()
}

#[tokio::test]
async fn localizations_keep_their_own_values_whatever_the_base_of_an_update_says() {
    let bench = Bench::start().await;
    let offers = update_all(&bench).await;
    let [french, american] = [&offers[0], &offers[1]];
    assert_eq!(french["price"], 9);
    assert_eq!(french["title"], "pour la France");
    assert_eq!(
        (&american["price"], &american["currency"]),
        (&json!(15), &json!("USD"))
    );
    assert_eq!(american["title"], "t");
    for offer in [french, american] {
        assert_eq!(offer["url"], "http://u.com");
        assert_eq!(offer["description"], "");
        assert_eq!(offer["period"], "year");
        assert_eq!(offer["accessToTags"], json!(["all"]));
        assert_eq!(offer["freeDays"], 3);
    }
}

#[tokio::test]
async fn base_of_an_update_may_go_to_all_that_do_not_override_it() {
    let quirk = cleeng_emulator::Quirk::parse("base-values=whole").unwrap();
    let bench = Bench::with(cleeng_emulator::Config {
        quirks: [quirk].into_iter().collect(),
        ..cleeng_emulator::Config::default()
    })
    .await;
    let offers = update_all(&bench).await;
    assert_eq!(
        (&offers[0]["price"], &offers[1]["price"]),
        (&json!(12), &json!(15))
    );
    for offer in offers.as_array().unwrap() {
        assert_eq!(offer["title"], "Base");
        assert_eq!(offer["url"], "http://base.com");
        assert_eq!(offer["description"], "base");
        assert_eq!(offer["period"], "year");
    }
    assert_eq!(offers[0]["currency"], "EUR");
}

/// The request of the documentation's own page has neither in `offerData` (docs/cleeng-api.md §11).
#[tokio::test]
async fn localizations_of_a_single_may_bring_title_and_url() {
    let bench = Bench::start().await;
    let row = |country: &str, currency: &str| {
        json!({
            "country": country, "currency": currency, "price": "12", "title": format!("in {country}"),
            "url": format!("http://u.com/{country}"),
        })
    };
    let rows = json!([row("US", "USD"), row("FR", "EUR")]);
    let params = json!({"offerData": {"price": "12"}, "localizedData": rows});
    let method = "createMultiCurrencySingleOffer";
    let offers = bench.client.ok(method, params).await["offers"].clone();
    assert_eq!(offers[0]["title"], "in FR");
    assert_eq!(offers[1]["url"], "http://u.com/US");

    for missing in ["title", "url"] {
        let mut rows = rows.clone();
        rows[1].as_object_mut().unwrap().remove(missing);
        let params = json!({"offerData": {"price": "12"}, "localizedData": rows});
        let answer = bench.client.call(method, params).await;
        let message = format!("offerData.{missing} is required");
        assert_eq!(answer["error"]["message"], message);
    }
    for kind in ["Rental", "Subscription", "Pass"] {
        let params =
            json!({"offerData": data(kind, json!({"title": null})), "localizedData": rows});
        let method = format!("createMultiCurrency{kind}Offer");
        assert_eq!(bench.client.code(&method, params).await, 8, "{kind}");
    }
}

#[tokio::test]
async fn update_without_localized_data_is_about_the_base() {
    let bench = Bench::start().await;
    let stem = create(&bench, "Rental").await["multiCurrencyOfferId"].clone();
    let params = json!({"offerData": {"period": 72}});
    let offers = update(&bench, "Rental", &stem, params).await["result"]["offers"].clone();
    assert_eq!(
        (&offers[0]["period"], &offers[1]["period"]),
        (&json!("72"), &json!("72"))
    );
    assert_eq!(
        (&offers[0]["price"], &offers[1]["price"]),
        (&json!(9), &json!(11))
    );
}

#[tokio::test]
async fn countries_can_be_restricted_one_by_one() {
    let bench = Bench::start().await;
    for kind in ["Single", "Rental", "Subscription", "Pass"] {
        let params = json!({
            "offerData": data(kind, json!({})),
            "localizedData": [{
                "country": "US", "currency": "USD", "geoRestrictionEnabled": true,
                "geoRestrictionType": "blacklist", "geoRestrictionCountries": ["FR"],
            }],
        });
        let method = format!("createMultiCurrency{kind}Offer");
        let result = bench.client.ok(&method, params).await;
        assert_eq!(
            result["offers"][0]["geoRestrictionCountries"],
            json!(["FR"])
        );
    }
}

#[tokio::test]
async fn invalid_creates_are_refused_without_effect() {
    let bench = Bench::start().await;
    let base = || data("Subscription", json!({}));
    for params in [
        json!({"offerData": base()}),
        json!({"offerData": base(), "localizedData": []}),
        json!({"offerData": base(), "localizedData": [{"currency": "USD"}]}),
        json!({"offerData": base(), "localizedData": [{"country": "us", "currency": "USD"}]}),
        json!({"offerData": base(), "localizedData": [{"country": "US"}]}),
        json!({"offerData": base(), "localizedData": [{"country": "PL", "currency": "PLN"}]}),
        json!({"offerData": base(), "localizedData": [
            {"country": "US", "currency": "USD"}, {"country": "US", "currency": "USD"},
        ]}),
        json!({"offerData": base(), "localizedData": [
            {"country": "FR", "currency": "EUR"}, {"country": "US", "currency": "USD", "price": 100},
        ]}),
        json!({"offerData": data("Subscription", json!({"period": null})), "localizedData": rows()}),
        json!({"offerData": data("Subscription", json!({"price": null})), "localizedData": rows()}),
    ] {
        let method = "createMultiCurrencySubscriptionOffer";
        assert_eq!(
            bench.client.code(method, params.clone()).await,
            8,
            "{params}"
        );
    }
    assert!(bench.emulator.offers().is_empty());
}

#[tokio::test]
async fn pass_with_localizations_takes_a_day_but_keeps_the_bounds_of_the_price() {
    let bench = Bench::start().await;
    for (patch, code) in [
        (json!({"period": "day"}), 0),
        (json!({"price": 150}), 8),
        (json!({"period": null, "expiresAt": 1_900_000_000}), 8),
    ] {
        let params = json!({"offerData": data("Pass", patch), "localizedData": rows()});
        let method = "createMultiCurrencyPassOffer";
        assert_eq!(bench.client.code(method, params).await, code);
    }
}

#[tokio::test]
async fn invalid_updates_are_refused_without_effect() {
    let bench = Bench::start().await;
    let created = create(&bench, "Subscription").await;
    let stem = &created["multiCurrencyOfferId"];
    for params in [
        json!({"localizedData": [{"country": "DE", "price": 5}]}),
        json!({"localizedData": [{"price": 5}]}),
        json!({"offerData": {"title": "new"}, "localizedData": [{"country": "US", "price": 100}]}),
        json!({"localizedData": [{"country": "US", "title": ""}]}),
    ] {
        let answer = update(&bench, "Subscription", stem, params.clone()).await;
        assert_eq!(answer["error"]["code"], 8, "{params}");
    }
    let french = json!({"offerId": created["offers"][0]["id"]});
    let now = bench.client.ok("getSubscriptionOffer", french).await;
    assert_eq!(now["title"], "pour la France");
}

#[tokio::test]
async fn update_of_what_is_no_multi_currency_offer_does_not_exist() {
    let bench = Bench::start().await;
    let localized = create(&bench, "Pass").await;
    let plain = bench.create("Pass", json!({})).await;
    for (kind, stem) in [
        ("Pass", json!(text(&plain["id"])[..10])),
        ("Pass", localized["offers"][0]["id"].clone()),
        ("Subscription", localized["multiCurrencyOfferId"].clone()),
        ("Pass", json!("P123456789")),
        ("Pass", json!("nonsense")),
    ] {
        let answer = update(&bench, kind, &stem, json!({"offerData": {"price": 5}})).await;
        assert_eq!(answer["error"]["code"], 4, "{kind} {stem}");
    }
}

#[tokio::test]
async fn plain_writes_refuse_localized_offers() {
    let bench = Bench::start().await;
    for kind in ["Single", "Rental", "Subscription", "Pass"] {
        let id = create(&bench, kind).await["offers"][0]["id"].clone();
        let update = json!({"offerId": id, "offerData": {"title": "new"}});
        let method = format!("update{kind}Offer");
        assert_eq!(bench.client.code(&method, update).await, 8);
        let method = format!("deactivate{kind}Offer");
        assert_eq!(bench.client.code(&method, json!({"offerId": id})).await, 8);
    }
    assert!(
        bench
            .emulator
            .offers()
            .iter()
            .all(cleeng_emulator::Offer::is_active)
    );
}
