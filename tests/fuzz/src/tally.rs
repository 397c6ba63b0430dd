//! How many inputs got past the parser: [`count`]; the figure is printed when the program ends.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use libfuzzer_sys::Corpus;

static INPUTS: AtomicU64 = AtomicU64::new(0);
static PAST_THE_PARSER: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> i32;
}

/// Of inputs that do not get past the parser, one in this many is worth changing further.
const BROKEN_KEPT: u64 = 64;

/// Counts an input; returns whether others should be made of it.
///
/// What is broken mostly stays broken: without this, nearly all inputs would end in the parser after a while.
pub fn count(past_the_parser: bool) -> Corpus {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function has the signature that `atexit` asks for, and never unwinds: it only prints.
        unsafe { atexit(report) };
    });
    let inputs = INPUTS.fetch_add(1, Ordering::Relaxed);
    PAST_THE_PARSER.fetch_add(u64::from(past_the_parser), Ordering::Relaxed);
    if past_the_parser || inputs.is_multiple_of(BROKEN_KEPT) {
        Corpus::Keep
    } else {
        Corpus::Reject
    }
}

extern "C" fn report() {
    let (inputs, past) = (
        INPUTS.load(Ordering::Relaxed),
        PAST_THE_PARSER.load(Ordering::Relaxed),
    );
    eprintln!("tally::inputs: {inputs}\ntally::past_the_parser: {past}");
}
