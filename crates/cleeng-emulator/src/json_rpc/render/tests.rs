//! What each type of offer looks like by default.

use super::*;
use crate::json::{Escape, Escapes};
use crate::quirk::Quirk;

const PLAIN: Escapes = Escapes {
    slashes: Escape::Plain,
    unicode: Escape::Plain,
};

fn offer(kind: Kind) -> Offer {
    let id = format!("{}123456789_PL", kind.letter(false));
    Offer::new(id.parse().unwrap(), kind)
        .with(Field::Price, Decimal::new(1300, 2))
        .with(Field::Title, "t")
        .with(Field::Url, "u")
        .made_at(5)
        .touched_at(7)
}

#[track_caller]
fn check(offer: &Offer, place: Place, quirks: &[&str], expected: &str) {
    let account = Account {
        tax_rate: Decimal::new(5, 1),
        ..Account::default()
    };
    let quirks: Quirks = quirks
        .iter()
        .map(|quirk| Quirk::parse(quirk).unwrap())
        .collect();
    let view = View {
        account: &account,
        quirks: &quirks,
        place,
    };
    let shown = view.offer(offer, offer.kind()).to_string(PLAIN);
    let expected: String = expected.split('\n').map(str::trim_start).collect();
    assert_eq!(shown, expected);
}

#[test]
fn single_looks_like_its_sample_and_has_a_country() {
    check(
        &offer(Kind::Single),
        Place::Alone,
        &[],
        r#"{"id":"A123456789_PL","publisherEmail":"publisher@example.com","url":"u","title":"t",
        "description":"","currency":"USD","country":"PL","videoId":"","contentExternalId":"",
        "contentExternalData":"","averageRating":4,"active":true,"createdAt":5,"updatedAt":7,
        "price":13,"tags":[],"geoRestrictionEnabled":false,"geoRestrictionType":"",
        "geoRestrictionCountries":[]}"#,
    );
}

#[test]
fn rental_item_has_its_period_as_text_and_the_tax_rate() {
    check(
        &offer(Kind::Rental).with(Field::Period, 48),
        Place::Item,
        &["list-omits=geoRestriction*"],
        r#"{"id":"R123456789_PL","publisherEmail":"publisher@example.com","url":"u","title":"t",
        "description":"","currency":"USD","country":"PL","videoId":"","contentExternalId":"",
        "contentExternalData":"","averageRating":4,"active":true,"createdAt":5,"updatedAt":7,
        "price":13,"applicableTaxRate":"0.50","period":"48","tags":[]}"#,
    );
}

#[test]
fn localized_subscription_looks_like_its_sample() {
    check(
        &offer(Kind::Subscription)
            .with(Field::Period, "year")
            .localized(),
        Place::Localization,
        &["unused-term=null"],
        r#"{"id":"S123456789_PL","publisherEmail":"publisher@example.com","title":"t",
        "description":"","url":"u","currency":"USD","country":"PL","period":"year","active":true,
        "price":13,"createdAt":5,"updatedAt":7,"applicableTaxRate":"0.50","expiresAt":null,
        "accessToTags":[],"freePeriods":0,"freeDays":0,"averageRating":4,
        "geoRestrictionEnabled":false,"geoRestrictionType":"","geoRestrictionCountries":[]}"#,
    );
}

#[test]
fn dated_pass_has_no_period() {
    check(
        &offer(Kind::Pass)
            .with(Field::ExpiresAt, 1_900_000_000)
            .inactive(),
        Place::Deactivated,
        &["empty=absent"],
        r#"{"id":"P123456789_PL","publisherEmail":"publisher@example.com","title":"t","url":"u",
        "currency":"USD","country":"PL","active":false,"createdAt":5,"updatedAt":7,"price":13,
        "applicableTaxRate":"0.50","expiresAt":1900000000,"accessToTags":[],
        "geoRestrictionEnabled":false,"geoRestrictionCountries":[]}"#,
    );
}

#[test]
fn event_has_an_integer_as_tax_rate() {
    check(
        &offer(Kind::Event).with(Field::StartTime, 8),
        Place::Alone,
        &["empty=null"],
        r#"{"id":"E123456789_PL","publisherEmail":"publisher@example.com","country":"PL","url":"u",
        "shortUrl":"http://short.invalid/E123456789","title":"t","description":null,"price":13,
        "currency":"USD","applicableTaxRate":0,"startTime":8,"endTime":null,"timeZone":null,
        "videoId":null,"viewerEstimate":"1","teaser":null,"applyServiceFeeOnCustomer":false,
        "playerCode":null,"playerCodeHead":null,"backgroundImageUrl":null,"tags":[],"active":true,
        "createdAt":5,"updatedAt":7,"averageRating":4,"geoRestrictionEnabled":false,
        "geoRestrictionType":null,"geoRestrictionCountries":[]}"#,
    );
}

#[test]
fn vod_may_have_what_its_page_lists_and_nothing_else() {
    check(
        &offer(Kind::Vod).with(Field::EventAssociation, ["E123456789_PL"]),
        Place::Alone,
        &[
            "vod-price=net",
            "image=object-or-list",
            "vod-currency=absent",
            "country=as-samples",
        ],
        r#"{"id":"A123456789_PL","title":"t","description":"","url":"u","price":"8.6667",
        "videoId":"","rentalPeriod":0,"publisherEmail":"publisher@example.com","playerCode":"",
        "playerCodeHead":"","streamingPlatform":"","runtime":"","videoQuality":"",
        "backgroundImageUrl":[],"eventAssociation":["E123456789_PL"],
        "geoRestrictionEnabled":false,"geoRestrictionType":"","geoRestrictionCountries":[],
        "membershipOnly":false,"createdAt":5,"updatedAt":7,"tags":[]}"#,
    );
}

#[test]
fn vod_has_a_currency_and_a_country_as_the_libraries_declare() {
    check(
        &offer(Kind::Vod),
        Place::Alone,
        &["list-omits=nothing"],
        r#"{"id":"A123456789_PL","title":"t","description":"","url":"u","price":"13.0000",
        "videoId":"","rentalPeriod":0,"publisherEmail":"publisher@example.com","currency":"USD",
        "country":"PL","playerCode":"","playerCodeHead":"","streamingPlatform":"","runtime":"",
        "videoQuality":"","backgroundImageUrl":null,"eventAssociation":[],
        "geoRestrictionEnabled":false,"geoRestrictionType":"","geoRestrictionCountries":[],
        "membershipOnly":false,"createdAt":5,"updatedAt":7,"tags":[]}"#,
    );
}

#[test]
fn vod_item_is_what_the_libraries_declare() {
    check(
        &offer(Kind::Vod).with(Field::BackgroundImageUrl, "i"),
        Place::Item,
        &[],
        r#"{"url":"u","price":"13.0000","createdAt":5,"applicableTaxRate":"0.50","description":"",
        "background":"i","title":"t","tags":[],"currency":"USD","updatedAt":7,
        "id":"A123456789_PL","shortUrl":"http://short.invalid/A123456789",
        "publisherEmail":"publisher@example.com"}"#,
    );
}

#[test]
fn tax_rate_keeps_its_digits() {
    let account = Account {
        tax_rate: Decimal::new(1950, 4),
        ..Account::default()
    };
    let view = View {
        account: &account,
        quirks: &Quirks::default(),
        place: Place::Alone,
    };
    assert_eq!(view.tax_rate(Kind::Pass), Json::text("0.195"));
}
