//! What holds for every catalogue: the laws of accepting, of importing, of planning, of documents and of settling, on random ones.
//!
//! The cases are the same in every run, so that a commit fails for what it changed. `PROPTEST_RNG_SEED=N` and
//! `PROPTEST_CASES=N` look further.

mod accepting;
mod approving;
mod documents;
mod formatting;
mod importing;
mod planning;
mod settling;

use proptest::test_runner::{Config, RngSeed};

pub(crate) fn config() -> Config {
    let given = Config::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(0x0ffe_2c71),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config {
        rng_seed,
        failure_persistence: None,
        ..given
    }
}
