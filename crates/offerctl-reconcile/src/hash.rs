//! Hashes of JSON: [`hash`].

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A hash of JSON whose objects have sorted keys.
pub fn hash(json: &Json) -> String {
    hex(&Sha256::digest(json.to_string().as_bytes()))
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a text never fails");
            text
        })
}
