//! Every field of every type, under the name that `docs/cleeng-api.md` has for it.
//!
//! A name that is misspelt in a request would be dropped by the service without a word, one in an
//! answer would be read as absent.

use std::fmt;

use cleeng_client::json_rpc::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

const BASE: &str = "title url description price";
const GEO: &str = "geoRestrictionEnabled geoRestrictionType geoRestrictionCountries";
const OWN: &str = "videoId contentExternalId contentExternalData";
const OLD: &str = "socialCommissionRate contentType contentAgeRestriction";
const PLAYER: &str = "videoId playerCode playerCodeHead";
const EVENT: &str = "startTime endTime timeZone teaser viewerEstimate applyServiceFeeOnCustomer \
                     youtubePreviewVideoId tags";
const VOD: &str = "rentalPeriod runtime videoQuality eventAssociation tags";
const RESULT: &str = "id publisherEmail publisherId currency country active createdAt updatedAt \
                      applicableTaxRate averageRating";

fn names(parts: &[&str]) -> Vec<String> {
    let mut names: Vec<_> = parts
        .iter()
        .flat_map(|part| part.split_whitespace())
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names
}

/// Makes a struct with a value in every one of its fields.
macro_rules! full {
    ($type:ident: $($field:ident)*) => {
        $type { $($field: Some(Default::default()),)* }
    };
}

/// Compares the names that a request sends with the documented ones.
fn check_sent(data: &impl Serialize, documented: &[&str]) {
    let Value::Object(members) = serde_json::to_value(data).unwrap() else {
        panic!("not an object");
    };
    let mut sent: Vec<_> = members.into_iter().map(|(name, _)| name).collect();
    sent.sort_unstable();
    assert_eq!(sent, names(documented));
}

/// Reads an answer with all documented names, and finds a value in every field.
fn check_read<T: DeserializeOwned + fmt::Debug>(documented: &[&str]) {
    // `"1"` is a text, a number, a flag, a list and an address.
    let members: Map<_, _> = names(documented)
        .into_iter()
        .map(|name| (name, Value::from("1")))
        .collect();
    let json = serde_json::to_string(&members).unwrap();
    let offer: T = serde_json::from_str(&json).unwrap();
    let shown = format!("{offer:?}");
    assert!(
        !shown.contains("Absent") && !shown.contains("Null"),
        "{shown}"
    );
    assert_eq!(
        shown.matches("Value(").count() + 1,
        members.len(),
        "{shown}"
    );
}

#[test]
fn single_offers() {
    let data = full!(SingleOfferData: price title url description associate_email video_id
        content_external_id content_external_data tags geo_restriction_enabled
        geo_restriction_type geo_restriction_countries social_commission_rate content_type
        content_age_restriction);
    check_sent(&data, &[BASE, "associateEmail", OWN, "tags", GEO, OLD]);
    check_read::<SingleOffer>(&[BASE, RESULT, OWN, "tags", GEO, OLD]);
}

#[test]
fn rentals() {
    let data = full!(RentalOfferData: price title url description associate_email period video_id
        content_external_id content_external_data tags social_commission_rate content_type
        content_age_restriction);
    check_sent(&data, &[BASE, "associateEmail", "period", OWN, "tags", OLD]);
    check_read::<RentalOffer>(&[BASE, RESULT, "period", OWN, "tags", GEO, OLD]);
}

#[test]
fn subscriptions() {
    let own = "period freePeriods freeDays accessToTags";
    let data = full!(SubscriptionOfferData: price title url description associate_email period
        free_periods free_days access_to_tags geo_restriction_enabled geo_restriction_type
        geo_restriction_countries);
    check_sent(&data, &[BASE, "associateEmail", own, GEO]);
    check_read::<SubscriptionOffer>(&[BASE, RESULT, own, "expiresAt", GEO, OLD]);
}

#[test]
fn passes() {
    let own = "period expiresAt accessToTags";
    let data = full!(PassOfferData: price title url description associate_email period expires_at
        access_to_tags geo_restriction_enabled geo_restriction_type geo_restriction_countries);
    check_sent(&data, &[BASE, "associateEmail", own, GEO]);
    check_read::<PassOffer>(&[BASE, RESULT, own, GEO, OLD]);
}

#[test]
fn events() {
    let data = full!(EventOfferData: price title url description associate_email currency
        start_time end_time time_zone teaser player_code player_code_head background_image_url
        video_id viewer_estimate apply_service_fee_on_customer tags youtube_preview_video_id
        geo_restriction_enabled geo_restriction_type geo_restriction_countries);
    let sent = "associateEmail currency backgroundImageUrl";
    check_sent(&data, &[BASE, sent, PLAYER, EVENT, GEO]);
    let read = "backgroundImageUrl shortUrl";
    check_read::<EventOffer>(&[BASE, RESULT, read, PLAYER, EVENT, GEO, OLD]);
}

#[test]
fn vods() {
    let data = full!(VodOfferData: price title url description associate_email video_id
        player_code player_code_head rental_period runtime video_quality background_image_url
        event_association tags geo_restriction_enabled geo_restriction_type
        geo_restriction_countries);
    let sent = "associateEmail backgroundImageUrl";
    check_sent(&data, &[BASE, sent, PLAYER, VOD, GEO]);
    let read = "backgroungImageUrl shortUrl streamingPlatform membershipOnly";
    check_read::<VodOffer>(&[BASE, RESULT, read, PLAYER, VOD, GEO, OLD]);
}

#[test]
fn localized_data() {
    let local = "country currency";
    let data = full!(LocalizedSingleData: country currency price title url description video_id
        content_external_id content_external_data geo_restriction_enabled geo_restriction_type
        geo_restriction_countries);
    check_sent(&data, &[BASE, local, OWN, GEO]);
    let data = full!(LocalizedRentalData: country currency price title url description video_id
        content_external_id content_external_data geo_restriction_enabled geo_restriction_type
        geo_restriction_countries);
    check_sent(&data, &[BASE, local, OWN, GEO]);
    let data = full!(LocalizedSubscriptionData: country currency price title url description period
        free_periods free_days access_to_tags geo_restriction_enabled geo_restriction_type
        geo_restriction_countries);
    let own = "period freePeriods freeDays accessToTags";
    check_sent(&data, &[BASE, local, own, GEO]);
    let data = full!(LocalizedPassData: country currency price title url description
        geo_restriction_enabled geo_restriction_type geo_restriction_countries);
    check_sent(&data, &[BASE, local, GEO]);
}

#[test]
fn what_is_not_set_is_not_sent() {
    check_sent(&EventOfferData::default(), &[]);
    check_sent(&LocalizedPassData::new("US"), &["country"]);
}
