//! The state: a document or a segment of the journal; what can be read is the same when it was written and read again.

use offerctl_manifest::desired::Desired;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::settle::{candidates, settle};
use offerctl_reconcile::state::{Segment, State, StateDocument};

use crate::planning;

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let document = read_document(input);
    let segment = read_segment(input);
    document || segment
}

fn read_document(input: &[u8]) -> bool {
    let document = match StateDocument::parse(input, "local") {
        Ok(document) => document,
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(shown.len() < input.len() + 2_000, "{shown}");
            return false;
        }
    };
    let bytes = document.to_bytes();
    let again =
        StateDocument::parse(&bytes, "local").expect("a state that was written can be read");
    assert_eq!(again, document);
    assert_eq!(again.to_bytes(), bytes);
    use_it(&document.into_state());
    true
}

fn read_segment(input: &[u8]) -> bool {
    let Ok(segment) = serde_json::from_slice::<Segment>(input) else {
        return false;
    };
    let text = serde_json::to_string(&segment).expect("a segment can be written");
    let again: Segment =
        serde_json::from_str(&text).expect("a segment that was written can be read");
    assert_eq!(again, segment);
    let mut at_once = State::default();
    let mut with_breaks = State::default();
    for entry in segment.entries {
        at_once.apply(entry.clone());
        with_breaks.apply(entry);
        let bytes = StateDocument::new("local", 1, &with_breaks).to_bytes();
        let document = StateDocument::parse(&bytes, "local");
        with_breaks = document
            .expect("a state that was written can be read")
            .into_state();
    }
    assert_eq!(with_breaks, at_once);
    at_once.tidy();
    use_it(&at_once);
    true
}

fn use_it(state: &State) {
    let (desired, live) = (Desired::default(), Live::new());
    planning::check(&desired, &live, state);
    for offer_type in OfferType::ALL {
        let verdicts = settle(Api::JsonRpc, offer_type, &live, state);
        let sent = state
            .intents
            .values()
            .filter(|intent| intent.offer_type == offer_type);
        assert_eq!(verdicts.len(), sent.count());
        assert_eq!(candidates(Api::JsonRpc, offer_type, &live, state), []);
    }
}
