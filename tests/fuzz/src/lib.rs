//! What the fuzz targets do with an input. Each returns whether the input got past the parser: [`target`] counts.
//!
//! `cargo xtask fuzz` builds the targets with coverage and runs them; `docs/reliability.md` says what came of it.

pub mod answers;
pub mod config;
mod diagnostics;
pub mod manifests;
pub mod mutate;
pub mod pages;
pub mod plan;
mod planning;
pub mod state;
mod tally;

pub use libfuzzer_sys;

pub use self::tally::{count, timed};

/// Makes a program out of a function that takes an input and returns whether it got past the parser.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        use $crate::libfuzzer_sys;

        libfuzzer_sys::fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
            $crate::count($crate::timed(input, $run))
        });

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate::mutate(data, size, max_size, seed)
        });
    };
}
