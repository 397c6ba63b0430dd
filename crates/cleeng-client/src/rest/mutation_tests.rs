//! Answers that nobody would send, read as offers and as lists. Nothing may panic, and nothing
//! without an id may pass for an offer.

use reqwest::{
    Url,
    header::{HeaderMap, HeaderValue},
};

use super::etag::ETag;
use super::list::Page;
use super::offer::Offer;
use super::{link, list};
use crate::damage::{Api, Numbers, ROUNDS, damage, samples};
use crate::excerpt::excerpt;
use crate::token::Token;

fn read_list(body: &str, headers: &HeaderMap) -> Result<Page, String> {
    let base = Url::parse("https://host/3.1").unwrap();
    list::read(
        body,
        headers,
        (&base.join("/3.1/offers").unwrap(), &base),
        &mut Ok,
    )
}

#[test]
fn damaged_offers_do_not_panic() {
    let token = Token::new("canary-token").unwrap();
    let headers = HeaderMap::new();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for sample in samples(Api::Rest) {
        for _ in 0..5 * ROUNDS {
            let text = damage(&sample, &mut numbers);
            let offer = serde_json::from_str::<Offer>(&text);
            let page = read_list(&text, &headers);
            if let Ok(offer) = &offer {
                assert!(!offer.id.as_str().is_empty(), "{text}");
            }
            read += usize::from(offer.is_ok() || page.is_ok());
            assert!(excerpt(&text, &token).len() < 1100);
        }
    }
    // The damage must be light enough for a good part to get through to the members.
    assert!(read > ROUNDS, "too much damage: {read}");
}

#[test]
fn damaged_headers_do_not_panic() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut pages = 0;
    for _ in 0..10 * ROUNDS {
        let sample = "<https://host/3.1/offers?offset=100>; rel=\"next\"; a=b, </x>; rel=last";
        let text = damage(sample, &mut numbers);
        let _next = link::next(&text);
        let mut headers = HeaderMap::new();
        for name in ["link", "x-total-count", "etag"] {
            let text = if name == "x-total-count" { "7" } else { &text };
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
        drop(ETag::of_answer(&headers).map(|etag| etag.header()));
        if let Ok(page) = read_list("[]", &headers) {
            pages += 1;
            if let Some(next) = page.next {
                assert!(
                    next.url().as_str().starts_with("https://host/3.1/"),
                    "{text}"
                );
            }
        }
    }
    assert!(pages > ROUNDS, "too much damage: {pages}");
}

#[test]
fn deep_answers_cost_no_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let headers = HeaderMap::new();
    for json in [
        deep.clone(),
        format!(r#"{{"id":"S1","tags":{deep}}}"#),
        format!(r#"{{"id":"S1","price":{deep}}}"#),
        format!(r#"{{"id":"S1","price":{{"rules":{deep}}}}}"#),
        format!(r#"{{"id":"S1","localizations":{deep}}}"#),
        format!(r#"{{"data":{deep}}}"#),
        "{\"data\":".repeat(100_000),
    ] {
        assert!(serde_json::from_str::<Offer>(&json).is_err());
        assert!(read_list(&json, &headers).is_err());
    }
    let kept = format!(r#"{{"id":"S1","externalProperties":{{"a":{deep}}},"x":{deep}}}"#);
    assert!(serde_json::from_str::<Offer>(&kept).is_ok());
}
