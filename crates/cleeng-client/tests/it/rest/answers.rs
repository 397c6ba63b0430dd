//! What is made of answers: offers, lists, changes, and all the forms of values.

use std::collections::BTreeMap;

use cleeng_client::{Decimal, ErrorKind, Member, rest::*};

use super::{id, pass, reader, writer};
use crate::server::{Reply, Server, fixture};

async fn get(body: &str) -> Offer {
    let server = Server::start([Reply::json(body)]);
    reader(&server).get(&id()).await.unwrap()
}

fn text(text: &str) -> Member<String> {
    Member::Value(text.to_owned())
}

#[tokio::test]
async fn every_member_of_an_offer_is_read() {
    let offer = get(&fixture("rest-patch-offer.answer")).await;
    assert_eq!(offer.id, id());
    assert_eq!(offer.etag, None);
    assert_eq!(offer.long_id, Member::Value("S123456789_US".into()));
    assert_eq!(offer.offer_type, text("subscription"));
    assert_eq!(offer.title, text("Premium+"));
    assert_eq!(offer.description, text("Best deal!"));
    assert_eq!(offer.url, text("https://example-url.com"));
    assert_eq!(offer.image_url, text(""));
    let tags = offer.tags.value().unwrap();
    assert_eq!(tags, &["sport", "live-event:2025"]);
    assert_eq!(offer.active, Member::Value(true));
    assert_eq!(offer.giftable, Member::Value(false));
    assert_eq!(offer.has_landing_page, Member::Value(false));
    assert_eq!(offer.sessions_limit, Member::Null);
    assert_eq!(offer.season_group_id, Member::Absent);
    assert_eq!(offer.entitlement, Member::Absent);
    assert_eq!(offer.event, Member::Absent);
    assert_eq!(offer.created_at, Member::Value(1_750_163_810));
    assert_eq!(offer.updated_at, Member::Value(1_750_163_899));
    assert_eq!(offer.version, Member::Value(7));

    let price = offer.price.value().unwrap();
    assert_eq!(price.amount, Member::Value(Decimal::new(599, 2)));
    assert_eq!(price.currency, text("USD"));
    assert_eq!(price.tax_included, Member::Value(true));
    let rules = price.rules.value().unwrap();
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].from, Member::Value(1_764_590_400));
    assert_eq!(rules[0].to, Member::Value(1_777_636_800));
    assert_eq!(rules[0].amount, Member::Value(Decimal::new(25, 1)));
    assert_eq!(rules[0].name, text("Early Bird"));

    let cycle = offer.billing_cycle.value().unwrap();
    assert_eq!(cycle.period_unit, text("month"));
    assert_eq!(cycle.amount, Member::Value(3));
    let trial = offer.free_trial.value().unwrap();
    assert_eq!(trial.trial_type, text("period"));
    assert_eq!(trial.duration, Member::Value(1));
    let restriction = offer.geo_restriction.value().unwrap();
    assert_eq!(restriction.restriction_type, text("whitelist"));
    assert_eq!(restriction.countries.value().unwrap(), &["US", "CA"]);
    let pause = offer.pause.value().unwrap();
    assert_eq!(pause.max_billing_cycles, Member::Value(3));
    let properties = offer.external_properties.value().unwrap();
    assert_eq!(properties["custom-attribute"], "custom value");
    let stores = offer.app_store_product_ids.value().unwrap();
    assert_eq!(stores["apple"], "product-id-apple-1010");

    let [france] = &offer.localizations.value().unwrap()[..] else {
        panic!("{offer:?}");
    };
    assert_eq!(france.id, Member::Value("S123456789_FR".into()));
    assert_eq!(france.country_code, text("FR"));
    assert_eq!(france.title, text("Premium+ en France"));
    assert_eq!(france.description, text(""));
    assert_eq!(france.active, Member::Value(false));
    let price = france.price.value().unwrap();
    assert_eq!(price.amount, Member::Value(Decimal::TEN));
    assert_eq!(price.currency, text("EUR"));
    assert_eq!(price.rules, Member::Absent);
    let trial = france.free_trial.value().unwrap();
    assert_eq!(trial.trial_type, text("day"));
    let restriction = france.geo_restriction.value().unwrap();
    assert_eq!(restriction.restriction_type, text("blacklist"));
}

#[tokio::test]
async fn a_list_is_read() {
    let server = Server::start([Reply::status(
        "200 OK",
        &["x-total-count: 3"],
        fixture("rest-list-offers.answer"),
    )]);
    let page = reader(&server).list(&ListQuery::new()).await.unwrap();
    assert_eq!((page.total, &page.next), (Some(3), &None));
    let [pass, film, game] = &page.items[..] else {
        panic!("{page:?}");
    };
    let entitlement = pass.entitlement.value().unwrap();
    assert_eq!(entitlement.expiration_policy, text("duration"));
    assert_eq!(entitlement.expires_at, Member::Absent);
    let duration = entitlement.duration.value().unwrap();
    assert_eq!(duration.period_unit, text("day"));
    assert_eq!(duration.amount, Member::Value(1));
    assert_eq!(pass.geo_restriction, Member::Null);
    assert_eq!(pass.tags, Member::Value(Vec::new()));
    let entitlement = film.entitlement.value().unwrap();
    assert_eq!(entitlement.expires_at, Member::Value(1_777_636_800));
    assert_eq!(film.active, Member::Value(false));
    assert_eq!(film.tags, Member::Absent);
    let event = game.event.value().unwrap();
    assert_eq!(event.starts_at, Member::Value(1_764_590_400));
    assert_eq!(event.ends_at, Member::Value(1_764_597_600));
    assert_eq!(event.timezone, text("Europe/Amsterdam"));
}

#[tokio::test]
async fn pages_are_read_one_after_the_other() {
    let page = |id: &str, link: &str| {
        let body = format!(r#"{{"data":[{{"id":"{id}"}}],"total":2}}"#);
        Reply::status("200 OK", &[link], body)
    };
    let server = Server::start([
        page("S1", "link: </3.1/offers?offset=1>; rel=\"next\""),
        page("S2", "link: </3.1/offers?offset=0>; rel=\"prev\""),
    ]);
    let reader = reader(&server);
    let first = reader.list(&ListQuery::new().active(true)).await.unwrap();
    assert_eq!((first.items[0].id.as_str(), first.total), ("S1", Some(2)));
    let second = reader.list_next(&first.next.unwrap()).await.unwrap();
    assert_eq!(second.items[0].id.as_str(), "S2");
    assert_eq!(second.next, None);
    let head = &server.requests()[1].head;
    assert!(head.starts_with("GET /3.1/offers?offset=1 "), "{head}");
    assert!(head.contains("x-publisher-token: TOK"), "{head}");
}

/// The token goes to the service that it was given for, whatever that service says.
#[tokio::test]
async fn a_page_elsewhere_is_never_asked_for() {
    let elsewhere = Server::start([Reply::json("[]")]);
    let link = format!(
        "link: <http://{}/3.1/offers>; rel=next",
        elsewhere.address()
    );
    let server = Server::start([Reply::status("200 OK", &[&link], "[]")]);
    let call = reader(&server).list(&ListQuery::new()).await;
    let error = call.unwrap_err();
    let ErrorKind::Unreadable(decode) = error.kind() else {
        panic!("{error:?}");
    };
    assert!(decode.detail.contains("another address"), "{decode}");

    // Nor is the page of another service, if the caller mixes them up.
    let link = "link: </3.1/offers?offset=1>; rel=next";
    let server = Server::start([Reply::status("200 OK", &[link], "[]")]);
    let page = reader(&server).list(&ListQuery::new()).await.unwrap();
    let call = reader(&elsewhere).list_next(&page.next.unwrap()).await;
    let error = call.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn writes_return_the_offer_as_it_is_now() {
    for status in ["200 OK", "201 Created"] {
        let body = fixture("rest-patch-offer.answer");
        let reply = || Reply::status(status, &[], &body);
        let server = Server::start([reply(), reply(), reply(), reply()]);
        let writer = writer(&server);
        assert_eq!(writer.create(&pass()).await.unwrap().id, id());
        let price = PriceData::new(1).currency("EUR");
        let localization = CreateLocalization::new("FR", "A", price);
        let id = id();
        let call = writer.create_localization(&id, &localization, None);
        assert_eq!(call.await.unwrap().id, id);
        let patch = PatchOffer::default().title("B");
        let written = writer.patch(&id, &patch, None).await.unwrap();
        assert_eq!(written.into_offer().unwrap().version, Member::Value(7));
        let written = writer.deactivate(&id, None).await.unwrap();
        assert!(matches!(written, Written::Changed(_)), "{written:?}");
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_says_so() {
    let reply = || Reply::Keep(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    let server = Server::start(std::iter::repeat_with(reply).take(6));
    let writer = writer(&server);
    let (id, patch) = (id(), PatchOffer::default().title("B"));
    let local = PatchLocalization::default().title("B");
    for written in [
        writer.patch(&id, &patch, None).await,
        writer.activate(&id, None).await,
        writer.deactivate(&id, None).await,
        writer.patch_localization(&id, "FR", &local, None).await,
        writer.activate_localization(&id, "FR", None).await,
        writer.deactivate_localization(&id, "FR", None).await,
    ] {
        assert_eq!(written.unwrap(), Written::Unchanged);
    }
    assert_eq!(Written::Unchanged.into_offer(), None);
}

#[tokio::test]
async fn values_have_many_forms() {
    let offer = get(concat!(
        r#"{"new":{"x":[1]},"\u0069d":"S1","active":"1","giftable":0,"version":"3","#,
        r#""sessionsLimit":"","createdAt":"1750163810","tags":[""],"title":7,"#,
        r#""price":{"amount":"12.00","taxIncluded":"false","rules":[],"new":[]},"#,
        r#""billingCycle":{"periodUnit":"month","amount":"3"},"#,
        r#""externalProperties":{"a":1,"b":null,"c":{"d":[]},"e":"x"},"#,
        r#""appStoreProductIds":[],"geoRestriction":[],"freeTrial":null,"pause":{},"#,
        r#""localizations":[]}"#
    ))
    .await;
    assert_eq!(offer.id.as_str(), "S1");
    assert_eq!(offer.active, Member::Value(true));
    assert_eq!(offer.giftable, Member::Value(false));
    assert_eq!(offer.version, Member::Value(3));
    assert_eq!(offer.sessions_limit, Member::Null);
    assert_eq!(offer.created_at, Member::Value(1_750_163_810));
    assert_eq!(offer.tags, Member::Value(Vec::new()));
    assert_eq!(offer.title, text("7"));
    let price = offer.price.value().unwrap();
    assert_eq!(price.amount.value().unwrap().to_string(), "12.00");
    assert_eq!(price.tax_included, Member::Value(false));
    assert_eq!(price.rules, Member::Value(Vec::new()));
    let cycle = offer.billing_cycle.value().unwrap();
    assert_eq!(cycle.amount, Member::Value(3));
    let properties: BTreeMap<_, _> = [("a", "1"), ("c", r#"{"d":[]}"#), ("e", "x")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    assert_eq!(offer.external_properties, Member::Value(properties));
    assert_eq!(
        offer.app_store_product_ids,
        Member::Value(BTreeMap::default())
    );
    assert_eq!(offer.geo_restriction, Member::Null);
    assert_eq!(offer.free_trial, Member::Null);
    let pause = offer.pause.value().unwrap();
    assert_eq!(pause.max_billing_cycles, Member::Absent);
    assert_eq!(offer.localizations, Member::Value(Vec::new()));
    assert_eq!(offer.url, Member::Absent);
}

#[tokio::test]
async fn what_is_no_offer_is_an_error_that_says_why() {
    for (body, detail) in [
        ("", "EOF"),
        ("{}", "missing field `id`"),
        (r#"{"id":""}"#, "missing field `id`"),
        (r#"{"id":null}"#, "missing field `id`"),
        (r#"{"id":{}}"#, "`id`: it is not an id"),
        (r#"[{"id":"S1"}]"#, "expected an offer"),
        (r#"{"offer":{"id":"S1"}}"#, "missing field `id`"),
        (r#"{"id":"S1"} {}"#, "trailing characters"),
        (
            r#"{"id":"S1","active":"maybe"}"#,
            "`active`: it is not a flag",
        ),
        (
            r#"{"id":"S1","price":{"amount":"free"}}"#,
            "`price`: `amount`: it is not a number",
        ),
        (r#"{"id":"S1","price":5}"#, "`price`: invalid type"),
        (
            r#"{"id":"S1","localizations":[{"active":2}]}"#,
            "`localizations`: `active`: it is not a flag",
        ),
        (r#"{"id":"S1","localizations":{}}"#, "`localizations`: "),
        (
            r#"{"id":"S1","externalProperties":"a"}"#,
            "`externalProperties`: ",
        ),
        (
            r#"{"id":"S1","geoRestriction":["US"]}"#,
            "`geoRestriction`: ",
        ),
        (
            r#"{"id":"S1","version":1.5}"#,
            "`version`: it is not a whole number",
        ),
    ] {
        let server = Server::start([Reply::json(body)]);
        let error = writer(&server).create(&pass()).await.unwrap_err();
        let ErrorKind::Unreadable(decode) = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!(decode.expected, "Offer");
        assert!(decode.detail.contains(detail), "{body}: {decode}");
        assert_eq!(decode.body, body);
        assert!(!error.is_proven_refused());
        assert_eq!(error.operation(), "POST /offers");
    }
}
