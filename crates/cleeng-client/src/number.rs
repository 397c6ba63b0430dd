//! Numbers between Rust and JSON without a detour through binary floats.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// Most zeros that an exponent may stand for. A decimal has at most 28 digits, so anything beyond
/// cannot be held; the bound keeps `1e999999999` from being spelt out.
const MAX_EXPONENT: i32 = 64;

/// Reads a decimal from the text of a JSON number, exactly or not at all.
///
/// Plain and scientific notation; the digits are kept as they are (`12.00` has two decimals).
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    if !text.bytes().all(numeric) {
        // `Decimal` would also take `1_000`.
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::from_str_exact(text).ok();
    };
    let exponent: i32 = exponent.parse().ok()?;
    let number = Decimal::from_str_exact(digits).ok()?;
    if number.is_zero() {
        return Some(Decimal::ZERO);
    }
    if !(-MAX_EXPONENT..=MAX_EXPONENT).contains(&exponent) {
        return None;
    }
    let scale = i64::from(number.scale()) - i64::from(exponent);
    if scale >= 0 {
        Decimal::try_from_i128_with_scale(number.mantissa(), u32::try_from(scale).ok()?).ok()
    } else {
        let zeros = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
        Decimal::try_from_i128_with_scale(number.mantissa().checked_mul(zeros)?, 0).ok()
    }
}

/// Reads a whole number; `12.0` and `1.2e1` are whole.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number = parse(text)?;
    if number.fract().is_zero() {
        i64::try_from(number.trunc()).ok()
    } else {
        None
    }
}

/// Writes a decimal as a JSON number with exactly its digits (docs/cleeng-api.md §2.0: prices are taken as
/// numbers and as strings; the SDKs send numbers).
#[expect(clippy::ref_option, reason = "serde passes the field as it is")]
pub(crate) fn serialize<S: Serializer>(
    number: &Option<Decimal>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        None => serializer.serialize_none(),
        Some(number) => serialize_some(number, serializer),
    }
}

/// Writes a decimal that is there as [`serialize`] does.
pub(crate) fn serialize_some<S: Serializer>(
    number: &Decimal,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    RawValue::from_string(number.to_string())
        .map_err(S::Error::custom)?
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(
            parse(text).map(|n| n.to_string()),
            expect.map(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn digits_are_kept() {
        check("12", Some("12"));
        check("12.00", Some("12.00"));
        check("-0.45", Some("-0.45"));
        check("10.5691", Some("10.5691"));
        check(
            "0.1000000000000000055511151231",
            Some("0.1000000000000000055511151231"),
        );
        check("9007199254740993", Some("9007199254740993"));
    }

    #[test]
    fn exponents_are_exact() {
        check("1.2e1", Some("12"));
        check("12E-2", Some("0.12"));
        check("1e+3", Some("1000"));
        check("0e999999999", Some("0"));
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1_000",
            "12,50",
            "0x10",
            "NaN",
            "1e",
            "e1",
            "1e1e1",
            "1e400",
            "1e-400",
            "1e99999999999",
            "100000000000000000000000000000000000000000",
            "--1",
            "1.2.3",
            "0.10000000000000000555111512312578270211815834045410156250",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn whole_numbers_are_whole() {
        assert_eq!(parse_integer("1359121305"), Some(1_359_121_305));
        assert_eq!(parse_integer("12.0"), Some(12));
        assert_eq!(parse_integer("1e3"), Some(1000));
        assert_eq!(parse_integer("12.5"), None);
        assert_eq!(parse_integer("99999999999999999999"), None);
    }

    #[test]
    fn a_decimal_is_written_as_a_number() {
        #[derive(Serialize)]
        struct Offer {
            #[serde(serialize_with = "serialize")]
            price: Option<Decimal>,
        }
        let offer = Offer {
            price: parse("12.00"),
        };
        assert_eq!(serde_json::to_string(&offer).unwrap(), r#"{"price":12.00}"#);
    }
}
