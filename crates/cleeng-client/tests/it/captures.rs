//! What is sent, beside what Cleeng's SDKs were seen to send (docs/cleeng-api.md §8).

use cleeng_client::{Decimal, json_rpc::*};

use crate::requests::{check_read, check_write, texts};

#[tokio::test]
async fn the_php_sdk_sends_the_same() {
    let data = SubscriptionOfferData::default()
        .title("title")
        .price(19)
        .url("http://x.y/z")
        .period("month")
        .access_to_tags(texts(["Finance"]));
    check_write(
        CreateSubscriptionOffer::new(data),
        "sdk-php-create-subscription-offer.request",
    )
    .await;
    check_read(
        ListSubscriptionOffers::new().offset(0).limit(20),
        "sdk-php-list-subscription-offers.request",
    )
    .await;
    check_read(
        GetSingleOffer::new("A1"),
        "sdk-php-get-single-offer.request",
    )
    .await;
    check_write(
        CancelEventOffer::new("E1"),
        "sdk-php-cancel-event-offer.request",
    )
    .await;
    check_write(
        CreateMultiCurrencyPassOffer::new(
            PassOfferData::default().price(1),
            [LocalizedPassData::new("US")],
        ),
        "sdk-php-create-multi-currency-pass-offer.request",
    )
    .await;
}

fn java_subscription() -> SubscriptionOfferData {
    SubscriptionOfferData::default()
        .period("week")
        .free_periods(0_u32)
        .free_days(9_u32)
        .access_to_tags(texts(["Sport"]))
        .price(Decimal::new(1234, 2))
        .title("title")
        .url("http://www.someurl.com")
        .description("description")
        .geo_restriction_enabled(true)
        .geo_restriction_type("whitelist")
        .geo_restriction_countries(texts(["PL", "DE"]))
}

#[tokio::test]
async fn the_java_sdk_sends_the_same() {
    check_write(
        CreateSubscriptionOffer::new(java_subscription()),
        "sdk-java-create-subscription-offer.request",
    )
    .await;
    let pass = PassOfferData::default()
        .period("month")
        .expires_at(0)
        .price(Decimal::new(1234, 2))
        .geo_restriction_enabled(false);
    check_write(
        CreatePassOffer::new(pass),
        "sdk-java-create-pass-offer.request",
    )
    .await;
    let rental = RentalOfferData::default()
        .period(48_u32)
        .video_id("7777")
        .content_external_id("2")
        .content_external_data("some")
        .tags(texts(["Sport"]))
        .price(Decimal::new(1234, 2))
        .title("title")
        .url("http://u.com")
        .description("d");
    check_write(
        CreateRentalOffer::new(rental),
        "sdk-java-create-rental-offer.request",
    )
    .await;
    let event = EventOfferData::default()
        .background_image_url("http://img")
        .currency("GBP")
        .player_code("9A")
        .player_code_head("90")
        .start_time(1_999_999_990)
        .end_time(1_999_999_999)
        .time_zone("America/New_York")
        .video_id("7777")
        .viewer_estimate(2_u32)
        .teaser("teaser")
        .apply_service_fee_on_customer(true)
        .tags(texts(["Sport"]))
        .price(Decimal::new(1234, 2));
    check_write(
        UpdateEventOffer::new("E575167459_PL", event),
        "sdk-java-update-event-offer.request",
    )
    .await;
    check_read(
        GetVodOffer::new("R262528011_PL"),
        "sdk-java-get-vod-offer.request",
    )
    .await;
}

#[tokio::test]
async fn three_sdks_ask_for_the_offers_of_a_video_alike() {
    check_read(
        ListOfferIdsByVideoId::new("7777"),
        "list-offer-ids-by-video-id.request",
    )
    .await;
}

#[tokio::test]
async fn the_node_sdk_sends_the_same() {
    check_write(
        UpdateSubscriptionOffer::new("S222742070_PL", SubscriptionOfferData::default().title("x")),
        "sdk-node-update-subscription-offer.request",
    )
    .await;
}
