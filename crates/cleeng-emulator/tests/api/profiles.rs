//! The profiles: which methods work (docs/cleeng-api.md §0).

use cleeng_emulator::{Config, Profile};
use serde_json::json;

use crate::client::Bench;

/// The methods documented as "deprecated and no longer available".
const GONE: [&str; 6] = [
    "updatePassOffer",
    "updateEventOffer",
    "deactivateSubscriptionOffer",
    "deactivateRentalOffer",
    "updateVodOffer",
    "deactivateVodOffer",
];

/// Methods near those that are not documented as gone.
const STILL_THERE: [&str; 7] = [
    "createPassOffer",
    "deactivatePassOffer",
    "updateSubscriptionOffer",
    "deactivateSingleOffer",
    "cancelEventOffer",
    "createVodOffer",
    "updateMultiCurrencyPassOffer",
];

#[tokio::test]
async fn current_profile_fails_what_is_documented_as_gone() {
    let bench = Bench::with(Config {
        profile: Profile::Current,
        ..Config::default()
    })
    .await;
    for method in GONE {
        let answer = bench.client.call(method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}");
        assert_eq!(
            answer["error"]["message"],
            format!("Method {method} is deprecated and no longer available")
        );
    }
    for method in STILL_THERE {
        assert_ne!(
            bench.client.code(method, json!({})).await,
            -32601,
            "{method}"
        );
    }
}

#[tokio::test]
async fn classic_profile_has_every_method() {
    let bench = Bench::start().await;
    for method in GONE.into_iter().chain(STILL_THERE) {
        assert_ne!(
            bench.client.code(method, json!({})).await,
            -32601,
            "{method}"
        );
    }
}

#[test]
fn profiles_are_read_by_name() {
    assert_eq!("current".parse(), Ok(Profile::Current));
    assert_eq!("classic".parse(), Ok(Profile::Classic));
    let error = "modern".parse::<Profile>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`modern` is no profile; there are classic, current"
    );
}
