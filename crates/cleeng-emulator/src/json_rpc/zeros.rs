//! What an update says with 0: [`without_zeros`].
//!
//! The C# library sends every number of an update, those that nobody set as 0 (docs/cleeng-api.md §7). What the service
//! makes of that is not documented, so it is a switch.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::field::Field;
use crate::json::amount;
use crate::quirk::UpdateZeros;

/// The fields that the library sends whether they were set or not.
const NUMBERS: [Field; 4] = [
    Field::Price,
    Field::Period,
    Field::FreePeriods,
    Field::FreeDays,
];

/// Returns the data of an update as it is to be read: with the switch, without the numbers that are 0.
pub(crate) fn without_zeros(
    zeros: UpdateZeros,
    data: &Map<String, Value>,
) -> Cow<'_, Map<String, Value>> {
    match zeros {
        UpdateZeros::Taken => Cow::Borrowed(data),
        UpdateZeros::Unset => {
            let mut kept = data.clone();
            kept.retain(|name, value| {
                let is_number = NUMBERS.iter().any(|field| field.name() == name);
                !(is_number && amount(value) == Some(Decimal::ZERO))
            });
            Cow::Owned(kept)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(zeros: UpdateZeros, data: Value, expected: Value) {
        let (Value::Object(data), Value::Object(expected)) = (data, expected) else {
            panic!("no objects");
        };
        assert_eq!(*without_zeros(zeros, &data), expected);
    }

    #[test]
    fn only_numbers_that_the_library_always_sends_are_left_out() {
        let zeros =
            json!({"price": 0.0, "period": 0, "freePeriods": "0", "freeDays": 0, "title": "0"});
        check(UpdateZeros::Unset, zeros.clone(), json!({"title": "0"}));
        check(UpdateZeros::Taken, zeros.clone(), zeros);
        let others =
            json!({"price": 0.5, "period": "month", "viewerEstimate": 0, "freeDays": null});
        check(UpdateZeros::Unset, others.clone(), others);
    }
}
