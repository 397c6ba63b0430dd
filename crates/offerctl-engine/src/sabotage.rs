//! Ways to break the program on purpose, so that a test can show that the torture harness would notice.
//!
//! They exist only in builds with debug assertions, such as those that the tests run: no program that anybody is given has them.

/// Whether the program is to be broken in this way:
///
/// - `blind-retry`: a create whose answer is lost is sent again at once;
/// - `no-settling`: it is taken as never made without a look at the lists;
/// - `late-intent`: its intent is written down after it was sent;
/// - `believed-answers`: whatever a create is answered with is taken as the offer that was made;
/// - `refused-batch`: a request with several creates that is refused as a whole is sent again at once;
/// - `no-version`: a change over REST goes out whatever version the offer has by now;
/// - `stale-updates`: a lock in a bucket does not grow stale, and the store is asked before creates only;
/// - `no-fence`: who takes a lock over, or breaks it open, stores no document.
pub(crate) fn is(way: &str) -> bool {
    cfg!(debug_assertions)
        && std::env::var_os("OFFERCTL_SABOTAGE").is_some_and(|chosen| chosen == way)
}
