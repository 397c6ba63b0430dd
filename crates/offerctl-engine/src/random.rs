//! Randomness: nonces, run ids, jitter.

/// Returns random bytes as hexadecimal digits, twice as many digits as bytes.
///
/// # Panics
///
/// Where the operating system has no randomness, which no supported one lacks.
pub fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

/// Returns a number from 0 to 1 for the jitter of waits.
pub(crate) fn fraction() -> f64 {
    let mut bytes = [0_u8; 4];
    // Jitter is no secret: without randomness, waits are merely regular.
    if getrandom::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
