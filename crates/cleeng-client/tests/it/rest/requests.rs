//! What is sent: methods, paths, headers, and bodies byte for byte.

use std::collections::BTreeMap;

use cleeng_client::{Decimal, ErrorKind, Member, OfferId, rest::*};
use serde::Serialize;
use serde_json::Value;

use super::{id, pass, reader, writer};
use crate::{
    requests::texts,
    server::{Reply, Request, Server, TOKEN, fixture},
};

/// Returns the only request of a call.
macro_rules! sent {
    ($client:ident.$method:ident($($argument:expr),*)) => {{
        let server = Server::start([Reply::close()]);
        assert!($client(&server).$method($($argument),*).await.is_err());
        server.request()
    }};
}

fn check(request: &Request, line: &str, body: &str) {
    assert_eq!(
        request.head.lines().next().unwrap(),
        format!("{line} HTTP/1.1")
    );
    assert_eq!(request.body, body, "{line}");
}

/// Returns the headers that are not the same in every request.
fn headers(request: &Request) -> Vec<&str> {
    let mut headers: Vec<_> = request
        .head
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .filter(|line| !line.starts_with("host:") && !line.starts_with("user-agent:"))
        .collect();
    headers.sort_unstable();
    headers
}

#[tokio::test]
async fn reads_have_their_paths() {
    let request = sent!(reader.list(&ListQuery::new()));
    check(&request, "GET /3.1/offers", "");
    let query = ListQuery::new().active(false).offset(200).limit(100);
    let request = sent!(reader.list(&query));
    check(
        &request,
        "GET /3.1/offers?active=false&offset=200&limit=100",
        "",
    );
    let request = sent!(reader.get(&id()));
    check(&request, "GET /3.1/offers/S123456789", "");
    let request = sent!(reader.get_with_etag(&id()));
    check(&request, "GET /3.1/offers/S123456789", "");
}

#[tokio::test]
async fn writes_have_their_paths() {
    let title = PatchOffer::default().title("B");
    let local_title = PatchLocalization::default().title("B");
    let price = PriceData::new(Decimal::new(9, 0)).currency("EUR");
    let localization = CreateLocalization::new("FR", "A", price);
    check(
        &sent!(writer.create(&pass())),
        "POST /3.1/offers",
        concat!(
            r#"{"type":"pass","title":"A day","price":{"amount":5.00},"entitlement":"#,
            r#"{"expirationPolicy":"duration","duration":{"periodUnit":"day","amount":1}}}"#
        ),
    );
    check(
        &sent!(writer.patch(&id(), &title, None)),
        "PATCH /3.1/offers/S123456789",
        r#"{"title":"B"}"#,
    );
    check(
        &sent!(writer.activate(&id(), None)),
        "POST /3.1/offers/S123456789/activate",
        "",
    );
    check(
        &sent!(writer.deactivate(&id(), None)),
        "POST /3.1/offers/S123456789/deactivate",
        "",
    );
    check(
        &sent!(writer.create_localization(&id(), &localization, None)),
        "POST /3.1/offers/S123456789/localizations",
        r#"{"countryCode":"FR","title":"A","price":{"amount":9,"currency":"EUR"}}"#,
    );
    check(
        &sent!(writer.patch_localization(&id(), "FR", &local_title, None)),
        "PATCH /3.1/offers/S123456789/localizations/FR",
        r#"{"title":"B"}"#,
    );
    check(
        &sent!(writer.activate_localization(&id(), "FR", None)),
        "POST /3.1/offers/S123456789/localizations/FR/activate",
        "",
    );
    check(
        &sent!(writer.deactivate_localization(&id(), "FR", None)),
        "POST /3.1/offers/S123456789/localizations/FR/deactivate",
        "",
    );
}

/// Which country an offer is read or written for is not in the path: only the short id is known to
/// be taken everywhere.
#[tokio::test]
async fn an_id_with_a_country_is_sent_without() {
    let long = OfferId::from("S123456789_US");
    check(&sent!(reader.get(&long)), "GET /3.1/offers/S123456789", "");
    check(
        &sent!(writer.activate_localization(&long, "FR", None)),
        "POST /3.1/offers/S123456789/localizations/FR/activate",
        "",
    );
}

#[tokio::test]
async fn a_name_that_would_call_something_else_is_not_sent() {
    let server = Server::start([]);
    let (reader, writer, id) = (reader(&server), writer(&server), id());
    for name in ["", ".", "..", "_US", "S1\n"] {
        let error = reader.get(&OfferId::from(name)).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Encode(_)), "{error:?}");
        assert!(error.is_proven_refused());
    }
    for country in ["", ".", "..", "F\tR"] {
        let call = writer.activate_localization(&id, country, None);
        assert!(call.await.unwrap_err().is_proven_refused());
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_name_is_one_segment_whatever_is_in_it() {
    let request = sent!(reader.get(&OfferId::from("../a?b#c")));
    check(&request, "GET /3.1/offers/..%2Fa%3Fb%23c", "");
}

#[tokio::test]
async fn the_token_is_in_its_header_and_nowhere_else() {
    let token = format!("x-publisher-token: {TOKEN}");
    let request = sent!(reader.list(&ListQuery::new()));
    assert_eq!(
        headers(&request),
        [
            "accept-encoding: gzip",
            "accept: */*",
            "cache-control: no-cache",
            &token
        ]
    );
    let request = sent!(writer.create(&pass()));
    let length = format!("content-length: {}", request.body.len());
    assert_eq!(
        headers(&request),
        [
            "accept-encoding: gzip",
            "accept: */*",
            &length,
            "content-type: application/json",
            &token
        ]
    );
    let request = sent!(writer.activate(&id(), None));
    assert_eq!(
        headers(&request),
        [
            "accept-encoding: gzip",
            "accept: */*",
            "content-length: 0",
            &token
        ]
    );
    assert!(request.head.contains(concat!(
        "user-agent: cleeng-client/",
        env!("CARGO_PKG_VERSION")
    )));
}

/// Compares a body with a sample, also the order of the members in it.
fn compare(body: &impl Serialize, sample: &str) {
    let sent = serde_json::to_string(body).unwrap();
    // Texts of the samples have no spaces where JSON may have them.
    let sample = fixture(sample);
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let sample: Value = serde_json::from_str(&sample).unwrap();
    assert_eq!(sent, sample);
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn early_bird(amount: Decimal) -> PriceRuleData {
    PriceRuleData {
        from: 1_764_590_400,
        to: 1_777_636_800,
        amount,
        name: "Early Bird".to_owned(),
    }
}

#[test]
fn a_create_has_the_documented_members() {
    let price = PriceData::new(Decimal::new(599, 2))
        .currency("USD")
        .rules([early_bird(Decimal::new(250, 2))]);
    let euros = PriceData::new(10).currency("EUR");
    let france = CreateLocalization::new("FR", "Premium+ en France", euros)
        .description("Bien!")
        .geo_restriction(GeoRestrictionData::blacklist(texts(["NL"])))
        .free_trial(FreeTrialData::days(7));
    let offer = CreateOffer::subscription("Premium+", price, PeriodData::new(3, "month"))
        .description("Best deal!")
        .url("https://example-url.com")
        .image_url("https://example.com/image.jpg")
        .tags(texts(["sport", "live-event:2025"]))
        .free_trial(FreeTrialData::periods(1))
        .geo_restriction(GeoRestrictionData::whitelist(texts(["US", "CA"])))
        .external_properties(map([("custom-attribute", "custom value")]))
        .app_store_product_ids(map([("apple", "product-id-apple-1010")]))
        .giftable(false)
        .pause(PauseData {
            max_billing_cycles: 3,
        })
        .season_group_id("0bdb7589-762c-40bf-b501-a0f02b59d76d")
        .sessions_limit(10_u32)
        .localizations([france]);
    compare(&offer, "rest-create-offer.request");
}

#[test]
fn each_type_begins_with_what_it_needs() {
    fn check(offer: &CreateOffer, rest: &str) {
        let json = serde_json::to_string(offer).unwrap();
        let expect = format!(r#""title":"T","price":{{"amount":0}},{rest}}}"#);
        assert_eq!(json.split_once(',').unwrap().1, expect);
        assert!(json.starts_with(&format!(r#"{{"type":"{}","#, offer.offer_type)));
    }

    let price = || PriceData::new(0);
    let month = || PeriodData::new(1, "month");
    let subscription = CreateOffer::subscription("T", price(), month());
    check(
        &subscription,
        r#""billingCycle":{"periodUnit":"month","amount":1}"#,
    );
    let pass = CreateOffer::pass("T", price(), EntitlementData::FixedDate(1_777_636_800));
    check(
        &pass,
        r#""entitlement":{"expirationPolicy":"fixed-date","expiresAt":1777636800}"#,
    );
    let vod = CreateOffer::vod(
        "T",
        price(),
        EntitlementData::Duration(PeriodData::new(48, "hour")),
    );
    check(
        &vod,
        r#""entitlement":{"expirationPolicy":"duration","duration":{"periodUnit":"hour","amount":48}}"#,
    );
    let event = EventData {
        starts_at: 1,
        ends_at: 2,
        timezone: "Europe/Paris".to_owned(),
    };
    let live = CreateOffer::live("T", price(), event);
    check(
        &live,
        r#""event":{"startsAt":1,"endsAt":2,"timezone":"Europe/Paris"}"#,
    );
    let types = [subscription, pass, vod, live].map(|offer| offer.offer_type);
    assert_eq!(types, ["subscription", "pass", "vod", "live"]);
}

#[test]
fn a_patch_has_the_documented_members() {
    let patch = PatchOffer::default()
        .title("Premium+")
        .description("Best deal!")
        .tags(texts(["sport"]))
        .url("https://example.com")
        .image_url("https://example.com/image.jpg")
        .price(
            PatchPrice::default()
                .amount(10)
                .rules([early_bird(Decimal::from(5))]),
        )
        .geo_restriction(GeoRestrictionData::whitelist(texts(["NL"])))
        .entitlement(PatchEntitlement::Duration(PeriodData::new(1, "year")))
        .event(
            PatchEvent::default()
                .starts_at(1_764_590_400)
                .ends_at(1_764_597_600)
                .timezone("Europe/Amsterdam"),
        )
        .free_trial(FreeTrialData::days(7))
        .external_properties(map([("custom-attribute", "custom value")]))
        .app_store_product_ids(map([
            ("apple", "product-id-apple-1010"),
            ("amazon", "product-id-amazon-1010"),
            ("android", "product-id-android-1010"),
            ("roku", "product-id-roku-1010"),
            ("samsung", "product-id-samsung-1010"),
            ("vizio", "product-id-vizio-1010"),
        ]))
        .season_group_id("0bdb7589-762c-40bf-b501-a0f02b59d76d")
        .giftable(false);
    assert!(!patch.is_empty());
    compare(&patch, "rest-patch-offer.request");
}

#[test]
fn a_patch_tells_what_stays_from_what_goes() {
    fn check(patch: &impl Serialize, expect: &str) {
        assert_eq!(serde_json::to_string(patch).unwrap(), expect);
    }

    check(&PatchOffer::default(), "{}");
    assert!(PatchOffer::default().is_empty());
    check(&PatchLocalization::default(), "{}");
    check(
        &PatchOffer {
            url: Member::Null,
            image_url: Member::Null,
            geo_restriction: Member::Null,
            free_trial: Member::Null,
            external_properties: Member::Null,
            app_store_product_ids: Member::Null,
            ..PatchOffer::default()
        },
        concat!(
            r#"{"url":null,"imageUrl":null,"geoRestriction":null,"freeTrial":null,"#,
            r#""externalProperties":null,"appStoreProductIds":null}"#
        ),
    );
    check(
        &PatchOffer::default()
            .url("")
            .description("")
            .tags(texts([]))
            .price(PatchPrice::default().amount(Decimal::new(1200, 2))),
        r#"{"description":"","tags":[],"url":"","price":{"amount":12.00}}"#,
    );
    check(
        &PatchOffer::default().entitlement(PatchEntitlement::FixedDate(9)),
        r#"{"entitlement":{"expiresAt":9}}"#,
    );
    check(
        &PatchOffer::default().event(PatchEvent::default().ends_at(9)),
        r#"{"event":{"endsAt":9}}"#,
    );
    check(
        &PatchLocalization {
            free_trial: Member::Null,
            ..PatchLocalization::default()
                .title("T")
                .description("D")
                .price(PatchPrice::default().amount(1))
                .geo_restriction(GeoRestrictionData::blacklist(texts(["FR"])))
        },
        concat!(
            r#"{"title":"T","description":"D","price":{"amount":1},"#,
            r#""geoRestriction":{"type":"blacklist","countries":["FR"]},"freeTrial":null}"#
        ),
    );
}
