//! What one reading of the catalogue may come to: [`Allowance`].
//!
//! A service can promise any number of offers and send any number of them. So a reading is bounded by what has arrived:
//! by offers (`limits.maxOffers`), by the bytes of the answers, and by the memory of what is kept of them. The last two
//! are in proportion to the first.

use std::sync::atomic::{AtomicU64, Ordering};

use super::fetch_error::FetchError;
use crate::budget::Budget;

/// Bytes of answers, and of memory, for each offer. A row of a list has about 800 bytes over JSON-RPC, and takes as many.
const BYTES_PER_OFFER: u64 = 1_342;

/// What every reading may have at least: a small limit on offers is not one on the length of their texts.
const LEAST_BYTES: u64 = 16 * 1024 * 1024;

/// How many offers and bytes one reading of the catalogue may come to.
#[derive(Debug)]
pub struct Allowance {
    max_offers: usize,
    max_bytes: u64,
    /// The bytes of memory of what is kept.
    kept: AtomicU64,
}

impl Allowance {
    /// Returns what the limits of an environment allow, all of it unused.
    pub(crate) fn new(budget: &Budget) -> Self {
        let max_offers = budget.max_offers();
        let bytes = (max_offers as u64).saturating_mul(BYTES_PER_OFFER);
        Self {
            max_offers,
            max_bytes: bytes.max(LEAST_BYTES),
            kept: AtomicU64::new(0),
        }
    }

    /// Refuses more offers than are allowed.
    pub(crate) fn check_offers(&self, offers: usize) -> Result<(), FetchError> {
        if offers <= self.max_offers {
            return Ok(());
        }
        Err(FetchError::TooMany {
            most: self.max_offers,
        })
    }

    /// Refuses a list whose answers are longer than is allowed.
    pub(crate) fn check_bytes(&self, bytes: u64) -> Result<(), FetchError> {
        if bytes <= self.max_bytes {
            return Ok(());
        }
        Err(self.too_long())
    }

    /// Counts memory for what is kept, if so much is left.
    pub(crate) fn keep(&self, bytes: u64) -> Result<(), FetchError> {
        let kept = self.kept.fetch_add(bytes, Ordering::Relaxed);
        if kept.saturating_add(bytes) <= self.max_bytes {
            return Ok(());
        }
        self.release(bytes);
        Err(self.too_long())
    }

    /// Gives memory back, of what is kept no longer.
    pub(crate) fn release(&self, bytes: u64) {
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Gives all memory back.
    pub(crate) fn release_all(&self) {
        self.kept.store(0, Ordering::Relaxed);
    }

    fn too_long(&self) -> FetchError {
        FetchError::TooLong {
            mebibytes: self.max_bytes / (1024 * 1024),
            most: self.max_offers,
        }
    }
}

#[cfg(test)]
mod tests {
    use offerctl_manifest::project::Limits;

    use super::*;

    fn allowance(max_offers: usize) -> Allowance {
        Allowance::new(&Budget::new(&Limits {
            max_offers,
            ..Limits::default()
        }))
    }

    #[test]
    fn bytes_are_in_proportion_to_offers() {
        for (offers, mebibytes) in [(1, 16), (200_000, 255), (1_000_000, 1_279)] {
            let allowance = allowance(offers);
            allowance.check_offers(offers).unwrap();
            let error = allowance.check_offers(offers + 1).unwrap_err();
            assert_eq!(error, FetchError::TooMany { most: offers });
            let error = allowance.check_bytes(u64::MAX).unwrap_err();
            let most = offers;
            assert_eq!(error, FetchError::TooLong { mebibytes, most });
        }
    }

    #[test]
    fn what_is_released_can_be_kept_again() {
        let allowance = allowance(1);
        for _ in 0..3 {
            allowance.keep(LEAST_BYTES).unwrap();
            allowance.keep(1).unwrap_err();
            allowance.keep(u64::MAX).unwrap_err();
            allowance.release(LEAST_BYTES);
        }
    }
}
