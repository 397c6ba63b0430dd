//! How many inputs got past the parser, and how long the slowest took: [`count`] and [`timed`]; the figures are printed
//! when the program ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

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

/// The input that took longest, and how long.
static SLOWEST: Mutex<(Duration, Vec<u8>)> = Mutex::new((Duration::ZERO, Vec::new()));

/// Runs an input, and remembers it if none took longer.
pub fn timed(input: &[u8], run: impl FnOnce(&[u8]) -> bool) -> bool {
    let start = Instant::now();
    let past_the_parser = run(input);
    let took = start.elapsed();
    let mut slowest = SLOWEST.lock().unwrap_or_else(PoisonError::into_inner);
    if took > slowest.0 {
        *slowest = (took, input.to_vec());
    }
    past_the_parser
}

/// The variable that names the file for the slowest input.
const SLOWEST_INTO: &str = "OFFERCTL_FUZZ_SLOWEST_INTO";

extern "C" fn report() {
    let slowest = SLOWEST.lock().unwrap_or_else(PoisonError::into_inner);
    eprintln!("tally::slowest_ms: {}", slowest.0.as_millis());
    if let Some(file) = std::env::var_os(SLOWEST_INTO)
        && let Err(error) = std::fs::write(&file, &slowest.1)
    {
        eprintln!("the slowest input could not be written: {error}");
    }

    let (inputs, past) = (
        INPUTS.load(Ordering::Relaxed),
        PAST_THE_PARSER.load(Ordering::Relaxed),
    );
    eprintln!("tally::inputs: {inputs}\ntally::past_the_parser: {past}");
}
