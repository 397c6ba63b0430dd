//! How many inputs got past the parser: [`count`]; the figure is printed when the program ends.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

static INPUTS: AtomicU64 = AtomicU64::new(0);
static PAST_THE_PARSER: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> i32;
}

/// Counts an input.
pub fn count(past_the_parser: bool) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function has the signature that `atexit` asks for, and never unwinds: it only prints.
        unsafe { atexit(report) };
    });
    INPUTS.fetch_add(1, Ordering::Relaxed);
    PAST_THE_PARSER.fetch_add(u64::from(past_the_parser), Ordering::Relaxed);
}

extern "C" fn report() {
    let (inputs, past) = (
        INPUTS.load(Ordering::Relaxed),
        PAST_THE_PARSER.load(Ordering::Relaxed),
    );
    eprintln!("tally::inputs: {inputs}\ntally::past_the_parser: {past}");
}
