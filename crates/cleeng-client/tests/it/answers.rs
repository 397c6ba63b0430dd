//! What is made of the sample answers.

use cleeng_client::{Decimal, Error, ErrorKind, Member, OfferId, json_rpc::*};

use crate::server::{Reply, Server, fixture};

async fn read<M: ReadMethod>(method: M, sample: &str) -> M::Output {
    let server = Server::start([Reply::json(fixture(sample))]);
    server.reader().call(method).await.unwrap()
}

async fn write<M: WriteMethod>(method: M, sample: &str) -> M::Output {
    let server = Server::start([Reply::json(fixture(sample))]);
    server.writer().call(method).await.unwrap()
}

async fn refused(sample: &str) -> Error {
    let server = Server::start([Reply::json(fixture(sample))]);
    let reader = server.reader();
    let call = reader.call(GetPassOffer::new("P123123123_US"));
    call.await.unwrap_err()
}

fn text(text: &str) -> Member<String> {
    Member::Value(text.to_owned())
}

fn decimal(text: &str) -> Member<Decimal> {
    Member::Value(text.parse().unwrap())
}

fn tags<const N: usize>(tags: [&str; N]) -> Member<Vec<String>> {
    Member::Value(tags.map(str::to_owned).to_vec())
}

fn check_sample_pass(offer: &PassOffer) {
    assert_eq!(offer.id, OfferId::from("P123123123_US"));
    assert_eq!(offer.price, decimal("13"));
    assert_eq!(offer.active, Member::Value(true));
    assert_eq!(offer.currency, text("USD"));
    assert_eq!(offer.country, text("US"));
    assert_eq!(offer.created_at, Member::Value(1_359_121_305));
    assert_eq!(offer.updated_at, Member::Value(1_359_121_305));
    assert_eq!(offer.applicable_tax_rate, decimal("0.19"));
    assert_eq!(offer.period, text("month"));
    assert_eq!(offer.expires_at, Member::Absent);
    assert_eq!(offer.access_to_tags, tags(["finance"]));
    assert_eq!(
        offer.url,
        text("http://mywebsite.com/articles/about/finance")
    );
    assert_eq!(
        offer.title,
        text("Get access to every article about finance for whole month!")
    );
    assert_eq!(
        offer.description,
        text("Whole month you have unlimited access to every article about finance.")
    );
    assert_eq!(offer.publisher_id, Member::Absent);
    assert_eq!(offer.geo_restriction_enabled, Member::Absent);
}

#[tokio::test]
async fn a_created_pass_is_read() {
    let call = CreatePassOffer::new(PassOfferData::default());
    let offer = write(call, "create-pass-offer.answer").await;
    check_sample_pass(&offer);
    assert_eq!(offer.publisher_email, text("[email protected]"));
}

#[tokio::test]
async fn a_deactivated_pass_is_read_from_an_array() {
    let call = DeactivatePassOffer::new("P123123123_US");
    let offer = write(call, "deactivate-pass-offer.answer").await;
    check_sample_pass(&offer);
    assert_eq!(offer.publisher_email, text("publisher@email.com"));
}

#[tokio::test]
async fn an_updated_pass_is_read() {
    let call = UpdatePassOffer::new("P580476507_US", PassOfferData::default());
    let offer = write(call, "update-pass-offer.answer").await;
    assert_eq!(offer.id, OfferId::from("S580476507_US"));
    assert_eq!(offer.price, decimal("7"));
    assert_eq!(offer.period, text("week"));
    assert_eq!(offer.applicable_tax_rate, Member::Absent);
    assert_eq!(offer.active, Member::Value(true));
}

#[tokio::test]
async fn a_created_subscription_is_read() {
    let call = CreateSubscriptionOffer::new(SubscriptionOfferData::default());
    let offer = write(call, "create-subscription-offer.answer").await;
    assert_eq!(offer.url, text("http://test.com/page_with_content"));
    assert_eq!(offer.access_to_tags, tags([]));
    assert_eq!(offer.free_days, Member::Absent);
    assert_eq!(offer.price, decimal("25"));
    assert_eq!(offer.active, Member::Value(true));
}

#[tokio::test]
async fn a_deactivated_subscription_is_inactive() {
    let call = DeactivateSubscriptionOffer::new("S580476507_US");
    let offer = write(call, "deactivate-subscription-offer.answer").await;
    assert_eq!(offer.active, Member::Value(false));
    assert_eq!(offer.access_to_tags, tags([]));
    assert_eq!(offer.price, decimal("75"));
}

#[tokio::test]
async fn localized_subscriptions_are_read() {
    let call = UpdateMultiCurrencySubscriptionOffer::new(
        "S740060915",
        SubscriptionOfferData::default(),
        [],
    );
    let answer = write(call, "update-multi-currency-subscription-offer.answer").await;
    assert_eq!(answer.multi_currency_offer_id.as_str(), "S740060915");
    let [fr, us] = &answer.offers[..] else {
        panic!("{answer:?}");
    };
    assert_eq!((fr.id.stem(), fr.id.country()), ("S740060915", Some("FR")));
    assert_eq!(fr.price, decimal("9"));
    assert_eq!(fr.currency, text("EUR"));
    assert_eq!(fr.url, text("http://testoffer.com/fr"));
    assert_eq!(us.price, decimal("11"));
    assert_eq!(us.country, text("US"));
    for offer in [fr, us] {
        assert_eq!(offer.expires_at, Member::Null);
        assert_eq!(offer.applicable_tax_rate, decimal("0.21"));
        assert_eq!(offer.access_to_tags, tags([]));
    }
}

#[tokio::test]
async fn localized_rentals_are_read() {
    let call = CreateMultiCurrencyRentalOffer::new(RentalOfferData::default(), [] as [_; 0]);
    let answer = write(call, "create-multi-currency-rental-offer.answer").await;
    let [us, fr] = &answer.offers[..] else {
        panic!("{answer:?}");
    };
    assert_eq!(us.period, Member::Value(24));
    assert_eq!(fr.period, Member::Value(24));
    assert_eq!(fr.price, decimal("8"));
}

#[tokio::test]
async fn a_list_of_singles_is_read() {
    let page = read(ListSingleOffers::new(), "list-single-offers.answer").await;
    assert_eq!(page.total_item_count, 59);
    assert_eq!(page.items.len(), 2);
    let offer = &page.items[0];
    assert_eq!(offer.id.as_str(), "A113110933_US");
    assert_eq!(offer.price, decimal("0.45"));
    assert_eq!(offer.active, Member::Value(true));
    assert_eq!(offer.content_external_id, text("0"));
    assert_eq!(offer.content_external_data, Member::Null);
    assert_eq!(offer.video_id, text(""));
    assert_eq!(offer.applicable_tax_rate, decimal("0"));
    assert_eq!(offer.average_rating, decimal("4"));
    assert_eq!(offer.tags, tags([]));
    assert_eq!(offer.country, Member::Absent);
    assert_eq!(
        page.items[1].url,
        text("demos.cleeng.com/bizdev/colliderbox")
    );
}

#[tokio::test]
async fn a_list_of_2012_is_read() {
    let page = read(ListSingleOffers::new(), "list-single-offers-2012.answer").await;
    assert_eq!(page.total_item_count, 2);
    let [first, second] = &page.items[..] else {
        panic!("{page:?}");
    };
    assert_eq!(first.social_commission_rate, decimal("0.00"));
    assert_eq!(first.content_type, text("article"));
    assert_eq!(first.content_age_restriction, Member::Value(0));
    assert_eq!(first.created_at, Member::Value(1_338_370_000));
    assert_eq!(first.tags, tags([]));
    assert_eq!(first.description, text(""));
    assert_eq!(second.social_commission_rate, Member::Null);
    assert_eq!(second.active, Member::Value(false));
    assert_eq!(second.tags, Member::Absent);
}

#[tokio::test]
async fn lists_of_passes_and_subscriptions_are_read() {
    let page = read(ListPassOffers::new(), "list-pass-offers.answer").await;
    assert_eq!((page.items.len(), page.total_item_count), (2, 3));
    assert_eq!(page.items[1].access_to_tags, tags(["basketball", "tennis"]));
    assert_eq!(page.items[1].active, Member::Value(true));
    let page = read(
        ListSubscriptionOffers::new(),
        "list-subscription-offers.answer",
    )
    .await;
    assert_eq!((page.items.len(), page.total_item_count), (2, 3));
    assert_eq!(page.items[0].price, decimal("15"));
    assert_eq!(page.items[0].active, Member::Value(true));
}

#[tokio::test]
async fn rentals_are_read() {
    let offer = read(
        GetRentalOffer::new("R948468705_US"),
        "get-rental-offer.answer",
    )
    .await;
    assert_eq!(offer.period, Member::Value(120));
    assert_eq!(offer.tags, tags(["sport", "hockey"]));
    let call = DeactivateRentalOffer::new("R948468705_US");
    let offer = write(call, "deactivate-rental-offer.answer").await;
    assert_eq!(offer.period, Member::Absent);
    assert_eq!(offer.active, Member::Value(false));
}

#[tokio::test]
async fn a_publisher_may_be_a_number() {
    let call = CreateSingleOffer::new(SingleOfferData::default());
    let offer = write(call, "create-single-offer.answer").await;
    assert_eq!(offer.publisher_id, text("761790883"));
    assert_eq!(offer.publisher_email, Member::Absent);
    assert_eq!(offer.active, Member::Value(false));
}

fn check_sample_vod(offer: &VodOffer) {
    assert_eq!(offer.price, decimal("10.5691"));
    assert_eq!(offer.video_id, Member::Null);
    assert_eq!(offer.streaming_platform, text("YouTube"));
    assert_eq!(
        offer.player_code,
        text("<iframe src=\"//player\"></iframe>")
    );
    assert_eq!(offer.membership_only, Member::Value(false));
    assert_eq!(offer.geo_restriction_enabled, Member::Value(false));
    assert_eq!(offer.geo_restriction_type, text(""));
    assert_eq!(
        offer.event_association,
        Member::Value(vec![OfferId::from("E575167459_PL")])
    );
    assert_eq!(offer.tags, tags(["Żółw"]));
    assert_eq!(offer.active, Member::Absent);
    assert_eq!(offer.currency, Member::Absent);
}

#[tokio::test]
async fn a_vod_is_read_from_its_wrapping() {
    let offer = read(GetVodOffer::new("A371234349_PL"), "get-vod-offer.answer").await;
    check_sample_vod(&offer);
    assert_eq!(offer.id.as_str(), "A371234349_PL");
    assert_eq!(offer.rental_period, text("0"));
    assert!(offer.background_image_url.value().is_some());
}

#[tokio::test]
async fn a_misspelt_image_is_an_image() {
    let call = DeactivateVodOffer::new("A376843129_PL");
    let offer = write(call, "deactivate-vod-offer.answer").await;
    check_sample_vod(&offer);
    let image = BackgroundImage::Sizes {
        small: Some("http://img/s.png".to_owned()),
        medium: Some("http://img/m.png".to_owned()),
        large: Some("http://img/l.png".to_owned()),
    };
    assert_eq!(offer.background_image_url, Member::Value(image));
}

#[tokio::test]
async fn a_listed_vod_is_not_wrapped() {
    let page = read(ListVodOffers::new(), "list-vod-offers.answer").await;
    assert_eq!((page.items.len(), page.total_item_count), (1, 1));
    check_sample_vod(&page.items[0]);
    assert_eq!(page.items[0].rental_period, text("7"));
    assert_eq!(page.items[0].background_image_url, Member::Null);
}

#[tokio::test]
async fn an_event_is_read() {
    let call = UpdateEventOffer::new("E575167459_PL", EventOfferData::default());
    let offer = write(call, "update-event-offer.answer").await;
    assert_eq!(offer.price, decimal("12.34"));
    assert_eq!(offer.start_time, Member::Value(1_999_999_990));
    assert_eq!(offer.end_time, Member::Value(1_999_999_999));
    assert_eq!(offer.time_zone, text("America/New_York"));
    assert_eq!(offer.viewer_estimate, Member::Value(2));
    assert_eq!(offer.apply_service_fee_on_customer, Member::Value(true));
    assert_eq!(offer.short_url, text("http://cleeng.com/E575167459"));
    assert_eq!(offer.teaser, text("teaser"));
    assert_eq!(offer.content_type, Member::Null);
    assert_eq!(offer.geo_restriction_countries, tags(["PL", "DE"]));
    assert_eq!(offer.youtube_preview_video_id, Member::Absent);
    assert!(matches!(
        offer.background_image_url.value(),
        Some(BackgroundImage::Sizes { large: Some(_), .. })
    ));
}

#[tokio::test]
async fn documented_errors_are_refusals() {
    for (sample, code, message) in [
        (
            "error-publisher-token.answer",
            3,
            "Publisher token is invalid",
        ),
        (
            "error-unknown-offer.answer",
            4,
            "Offer P123123123_US does not exist.",
        ),
        ("error-period-and-expiry.answer", 8, "Invalid offer data"),
    ] {
        let error = refused(sample).await;
        assert!(matches!(error.kind(), ErrorKind::Refused(_)), "{error:?}");
        let api_error = error.api_error().unwrap();
        assert_eq!(api_error.code, Some(code));
        assert_eq!(api_error.message, message);
        assert_eq!(error.operation(), "getPassOffer");
        assert_eq!(error.http_status(), Some(200));
        assert!(error.is_proven_refused());
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn other_errors_prove_nothing() {
    let error = refused("error-2012.answer").await;
    assert_eq!(error.api_error().unwrap().code, Some(-32000));
    assert!(!error.is_proven_refused());
    let error = refused("error-bare.answer").await;
    assert!(
        matches!(error.kind(), ErrorKind::Unassigned(_)),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn the_offers_for_a_video_are_ids_of_any_type() {
    let video = ListOfferIdsByVideoId::new("7777");
    let found = read(video, "list-offer-ids-by-video-id.answer").await;
    let expect = ["A123123123_PL", "R262528011_PL"].map(OfferId::from);
    assert_eq!(found.offer_ids, expect);
}
