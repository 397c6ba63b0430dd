//! Saved plans: one that was changed is refused, and so is one with any changed byte; what it says never panics.

use offerctl_reconcile::live::Live;
use offerctl_reconcile::saved::SavedPlanFile;
use offerctl_reconcile::state::State;

use crate::planning::{seal, show};

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let intact = match SavedPlanFile::parse(input) {
        Ok(file) => {
            assert_eq!(file.to_bytes(), input, "other bytes are the same plan");
            true
        }
        Err(error) => {
            assert!(error.to_string().len() < 500, "{error}");
            false
        }
    };
    // Whoever changes a plan may be able to seal it again: past the seal, too, nothing may go wrong.
    let Ok(file) = serde_json::from_slice::<SavedPlanFile>(input) else {
        assert!(!intact);
        return false;
    };
    let Ok(saved) = file.into_saved() else {
        return true;
    };
    let sealed = seal(&saved);
    let read = SavedPlanFile::parse(&sealed).expect("a plan that was saved can be read");
    let again = read
        .into_saved()
        .expect("a plan that was saved can be read");
    assert_eq!(again, saved);
    for place in places(input, sealed.len()) {
        let mut changed = sealed.clone();
        changed[place] ^= 1 << (place % 7);
        assert!(
            SavedPlanFile::parse(&changed).is_err(),
            "byte {place} can be changed"
        );
    }
    let _ = saved.misfits(&Live::new(), &State::default());
    show(&saved.plan, &saved.plan_id);
    true
}

/// A few places in a text, other ones for every input.
fn places(input: &[u8], length: usize) -> impl Iterator<Item = usize> {
    let mut hash: usize = input.iter().fold(17, |hash: usize, byte| {
        hash.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    (0..3).map(move |_| {
        hash = hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (hash >> 16) % length.max(1)
    })
}
