//! What is sent, beside what the documentation and the SDKs send.

use cleeng_client::{Decimal, MultiCurrencyOfferId, json_rpc::*};
use serde_json::Value;

use crate::server::{Reply, Server, TOKEN, fixture};

/// Sends a call that reads, and compares the request with a sample.
pub(crate) async fn check_read<M: ReadMethod>(method: M, sample: &str) {
    let server = Server::start([Reply::close()]);
    assert!(server.reader().call(method).await.is_err());
    compare(&server.request().body, sample);
}

/// Sends a call that writes, and compares the request with a sample.
pub(crate) async fn check_write<M: WriteMethod>(method: M, sample: &str) {
    let server = Server::start([Reply::close()]);
    assert!(server.writer().call(method).await.is_err());
    compare(&server.request().body, sample);
}

fn compare(sent: &str, sample: &str) {
    let sent: Value = serde_json::from_str(sent).unwrap();
    let sample: Value = serde_json::from_str(&fixture(sample)).unwrap();
    assert_eq!(normal(sent), normal(sample));
}

/// Removes what makes no difference to the service: whether a number stands in quotes, an array
/// around one call, an empty `criteria`, and whose token it is.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => normal(Value::String(number.to_string())),
        Value::String(text) => match Decimal::from_str_exact(&text) {
            Ok(number) => Value::String(number.normalize().to_string()),
            Err(_) => Value::String(text),
        },
        Value::Array(mut items) if items.len() == 1 && items[0].get("method").is_some() => {
            normal(items.remove(0))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(key, value)| {
                    key != "criteria" || value.as_array().is_none_or(|list| !list.is_empty())
                })
                .map(|(key, value)| {
                    let value = if key == "publisherToken" {
                        Value::String(TOKEN.to_owned())
                    } else {
                        normal(value)
                    };
                    (key, value)
                })
                .collect(),
        ),
        other @ (Value::Null | Value::Bool(_)) => other,
    }
}

pub(crate) fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

#[tokio::test]
async fn create_pass_is_as_documented() {
    let data = PassOfferData::default()
        .price(12)
        .period("month")
        .title("Get access to every article about finance for whole month!")
        .url("http://mywebsite.com/articles/about/finance")
        .description("Whole month you have unlimited access to every article about finance.")
        .access_to_tags(texts(["finance"]));
    check_write(CreatePassOffer::new(data), "create-pass-offer.request").await;
}

#[tokio::test]
async fn update_pass_is_as_documented() {
    let data = PassOfferData::default()
        .price(7)
        .period("week")
        .title("Get access to every article about finance for whole week!")
        .description("Whole week you have unlimited access to every article about finance.")
        .url("http://mywebsite.com/articles/about/finance")
        .access_to_tags(texts(["finance"]));
    check_write(
        UpdatePassOffer::new("P580476507_US", data),
        "update-pass-offer.request",
    )
    .await;
}

#[tokio::test]
async fn deactivate_pass_is_as_documented() {
    check_write(
        DeactivatePassOffer::new("P123123123_US"),
        "deactivate-pass-offer.request",
    )
    .await;
}

#[tokio::test]
async fn create_subscription_is_as_documented() {
    let data = SubscriptionOfferData::default()
        .price(25)
        .period("week")
        .title("test")
        .url("http://test.com/page_with_content")
        .description("my first offer with Cleeng")
        .access_to_tags(texts([]));
    check_write(
        CreateSubscriptionOffer::new(data),
        "create-subscription-offer.request",
    )
    .await;
}

#[tokio::test]
async fn deactivate_subscription_is_as_documented() {
    check_write(
        DeactivateSubscriptionOffer::new("S580476507_US"),
        "deactivate-subscription-offer.request",
    )
    .await;
}

#[tokio::test]
async fn deactivate_vod_is_as_documented() {
    check_write(
        DeactivateVodOffer::new("A376843129_PL"),
        "deactivate-vod-offer.request",
    )
    .await;
}

#[tokio::test]
async fn update_multi_currency_subscription_is_as_documented() {
    let base = SubscriptionOfferData::default()
        .price(10)
        .period("year")
        .access_to_tags(texts([]));
    let us = LocalizedSubscriptionData::new("US")
        .currency("USD")
        .price(11)
        .title("Test offer for US customers");
    let fr = LocalizedSubscriptionData::new("FR")
        .currency("EUR")
        .price(9);
    check_write(
        UpdateMultiCurrencySubscriptionOffer::new("S740060915", base, [us, fr]),
        "update-multi-currency-subscription-offer.request",
    )
    .await;
}

#[tokio::test]
async fn lists_are_as_documented() {
    check_read(
        ListSingleOffers::new()
            .active(ActiveFilter::Digit(true))
            .offset(0)
            .limit(10),
        "list-single-offers.request",
    )
    .await;
    check_read(
        ListPassOffers::new()
            .active(ActiveFilter::Boolean(true))
            .offset(0)
            .limit(2),
        "list-pass-offers.request",
    )
    .await;
    check_read(
        ListSubscriptionOffers::new()
            .active(ActiveFilter::Digit(true))
            .offset(0)
            .limit(2),
        "list-subscription-offers.request",
    )
    .await;
}

#[tokio::test]
async fn get_rental_is_as_documented() {
    check_read(
        GetRentalOffer::new("R948468705_US"),
        "get-rental-offer.request",
    )
    .await;
}

#[tokio::test]
async fn a_batch_is_an_array_with_numbers_from_one() {
    let server = Server::start([Reply::close()]);
    let reader = server.reader();
    let mut batch = reader.batch();
    let _list = batch.add(ListVodOffers::new().active(ActiveFilter::Word(false)));
    let _get = batch.add(GetPassOffer::new("P1_US"));
    let _answers = batch.send().await;
    assert_eq!(
        server.request().body,
        concat!(
            r#"[{"method":"listVodOffers","params":{"publisherToken":"TOK","criteria":"#,
            r#"{"active":"false"}},"jsonrpc":"2.0","id":1},{"method":"getPassOffer","params":"#,
            r#"{"offerId":"P1_US"},"jsonrpc":"2.0","id":2}]"#
        )
    );
}

#[tokio::test]
async fn a_request_is_json_over_post() {
    let server = Server::start([Reply::close()]);
    assert!(
        server
            .reader()
            .call(GetPassOffer::new("P1_US"))
            .await
            .is_err()
    );
    let head = server.request().head;
    assert!(
        head.starts_with("POST /3.0/json-rpc HTTP/1.1\r\n"),
        "{head}"
    );
    for line in [
        "content-type: application/json\r\n",
        concat!(
            "user-agent: cleeng-client/",
            env!("CARGO_PKG_VERSION"),
            "\r\n"
        ),
        "accept-encoding: gzip\r\n",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert!(!head.contains(TOKEN), "{head}");
}

#[tokio::test]
async fn prices_keep_their_digits() {
    let server = Server::start([Reply::close()]);
    let data = SingleOfferData::default()
        .price(Decimal::new(1200, 2))
        .social_commission_rate(Decimal::new(5, 1));
    assert!(
        server
            .writer()
            .call(CreateSingleOffer::new(data))
            .await
            .is_err()
    );
    let body = server.request().body;
    assert!(
        body.contains(r#""offerData":{"price":12.00,"socialCommissionRate":0.5}"#),
        "{body}"
    );
}

/// The parameters of the calls, without the token.
#[test]
fn parameters_are_as_documented() {
    fn check(method: &impl Method, expect: &str) {
        assert_eq!(serde_json::to_string(method).unwrap(), expect);
    }

    check(&GetVodOffer::new("A1_PL"), r#"{"offerIdString":"A1_PL"}"#);
    check(&GetSingleOffer::by_video_id("7"), r#"{"videoId":"7"}"#);
    check(&ListEventOffers::new(), "{}");
    check(
        &ListRentalOffers::new()
            .associate_email("a@b.c")
            .video_id("7"),
        r#"{"criteria":{"associateEmail":"a@b.c"},"videoId":"7"}"#,
    );
    check(
        &UpdateVodOffer::new(
            "A1_PL",
            VodOfferData::default().event_association(["E1_PL".into()]),
        ),
        r#"{"offerIdString":"A1_PL","offerData":{"eventAssociation":["E1_PL"]}}"#,
    );
    check(
        &CancelEventOffer::new("E1_PL").video_id("7"),
        r#"{"offerId":"E1_PL","videoId":"7"}"#,
    );
    check(
        &UpdateMultiCurrencyRentalOffer::new(
            MultiCurrencyOfferId::from("R1"),
            RentalOfferData::default().period(24_u32),
            [LocalizedRentalData::new("US")],
        ),
        r#"{"multiCurrencyOfferId":"R1","offerData":{"period":24},"localizedData":[{"country":"US"}]}"#,
    );
}

/// The names are those of the documentation's own index (`deactivatePassOffer`, 2019), and only
/// the public reads go without a token.
#[test]
fn the_methods_are_the_documented_ones() {
    macro_rules! methods {
        ($($method:ident)*) => { [$(($method::NAME, $method::TAKES_TOKEN)),*] };
    }
    let methods = methods! {
        GetEventOffer ListEventOffers CreateEventOffer UpdateEventOffer CancelEventOffer
        GetSingleOffer ListSingleOffers CreateSingleOffer UpdateSingleOffer DeactivateSingleOffer
        CreateMultiCurrencySingleOffer UpdateMultiCurrencySingleOffer
        GetRentalOffer ListRentalOffers CreateRentalOffer UpdateRentalOffer DeactivateRentalOffer
        CreateMultiCurrencyRentalOffer UpdateMultiCurrencyRentalOffer
        GetSubscriptionOffer ListSubscriptionOffers CreateSubscriptionOffer
        UpdateSubscriptionOffer DeactivateSubscriptionOffer
        CreateMultiCurrencySubscriptionOffer UpdateMultiCurrencySubscriptionOffer
        GetPassOffer ListPassOffers CreatePassOffer UpdatePassOffer DeactivatePassOffer
        CreateMultiCurrencyPassOffer UpdateMultiCurrencyPassOffer
        GetVodOffer ListVodOffers CreateVodOffer UpdateVodOffer DeactivateVodOffer
    };
    let documented = "
        getEventOffer listEventOffers createEventOffer updateEventOffer cancelEventOffer
        getSingleOffer listSingleOffers createSingleOffer updateSingleOffer deactivateSingleOffer
        createMultiCurrencySingleOffer updateMultiCurrencySingleOffer
        getRentalOffer listRentalOffers createRentalOffer updateRentalOffer deactivateRentalOffer
        createMultiCurrencyRentalOffer updateMultiCurrencyRentalOffer
        getSubscriptionOffer listSubscriptionOffers createSubscriptionOffer
        updateSubscriptionOffer deactivateSubscriptionOffer
        createMultiCurrencySubscriptionOffer updateMultiCurrencySubscriptionOffer
        getPassOffer listPassOffers createPassOffer updatePassOffer deactivatePassOffer
        createMultiCurrencyPassOffer updateMultiCurrencyPassOffer
        getVodOffer listVodOffers createVodOffer updateVodOffer deactivateVodOffer";
    let names: Vec<_> = methods.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, documented.split_whitespace().collect::<Vec<_>>());
    assert_eq!(names.len(), 38);
    for (name, takes_token) in methods {
        let public = name.starts_with("get") && name != "getVodOffer";
        assert_eq!(takes_token, !public, "{name}");
    }
}
