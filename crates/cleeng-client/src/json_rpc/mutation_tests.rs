//! Answers that nobody would send: the samples, damaged in every way that comes to mind.
//!
//! Nothing may panic, and nothing without an id may pass for an offer.

use super::answer::{Form, assign};
use super::*;
use crate::damage::{Api, Numbers, ROUNDS, damage, samples};
use crate::excerpt::excerpt;
use crate::token::Token;

/// Reads a text as the answer to each method in turn. Returns whether any of it was an answer.
fn read_as_everything(json: &str) -> bool {
    fn read<M: Method>(json: &str) -> bool {
        serde_json::from_str::<M::Output>(json).is_ok()
    }
    let mut any = false;
    macro_rules! read {
        ($($method:ident<$($kind:ident)*>),*) => { $($(any |= read::<$method<$kind>>(json);)*)* };
    }
    read!(
        Get<Single Rental Subscription Pass Event Vod>,
        List<Single Rental Subscription Pass Event Vod>,
        CreateMultiCurrency<Single Rental Subscription Pass>
    );
    any |= read::<ListOfferIdsByVideoId>(json);
    any
}

#[test]
fn damaged_answers_do_not_panic() {
    let token = Token::new("canary-token").unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut assigned = 0;
    for sample in samples(Api::JsonRpc) {
        for _ in 0..ROUNDS {
            let text = damage(&sample, &mut numbers);
            let calls = 1 + numbers.below(2);
            let form = [Form::Object, Form::Array][numbers.below(2)];
            for range in assign(&text, form, calls, &token).into_iter().flatten() {
                assigned += usize::from(range.is_ok_and(|range| text.get(range).is_some()));
            }
            assert!(excerpt(&text, &token).len() < 1100);
        }
    }
    assert!(assigned > ROUNDS, "too much damage: {assigned}");
}

#[test]
fn damaged_results_do_not_panic() {
    let token = Token::new("canary-token").unwrap();
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let (mut results, mut read) = (0, 0);
    for sample in samples(Api::JsonRpc) {
        for range in assign(&sample, Form::Object, 1, &token)
            .into_iter()
            .flatten()
        {
            let Ok(range) = range else {
                continue;
            };
            results += 1;
            assert!(read_as_everything(&sample[range.clone()]), "{sample}");
            for _ in 0..ROUNDS {
                let result = damage(&sample[range.clone()], &mut numbers);
                read += usize::from(read_as_everything(&result));
            }
        }
    }
    // The damage must be light enough for a good part to get through to the fields.
    assert!(results > 15, "{results}");
    assert!(read > results * ROUNDS / 10, "too much damage: {read}");
}

#[test]
fn deep_results_cost_no_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for json in [
        deep.clone(),
        format!(r#"{{"id":"P1_US","accessToTags":{deep}}}"#),
        format!(r#"{{"id":"P1_US","backgroundImageUrl":{deep}}}"#),
        format!(r#"{{"vod":{deep}}}"#),
        format!(r#"{{"items":{deep},"totalItemCount":1}}"#),
    ] {
        read_as_everything(&json);
    }
    let unknown = format!(r#"{{"id":"P1_US","unknown":{deep}}}"#);
    assert!(read_as_everything(&unknown));
}
