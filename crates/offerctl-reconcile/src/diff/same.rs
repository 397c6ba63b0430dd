//! Whether two values are the same in other words: [`is_same_time`], [`is_same_sale`].

use offerctl_model::value::{Moment, Value};

/// Whether two lists of prices that hold for a time are the same from now on: what is over is as if it were not there.
pub(super) fn is_same_sale(one: &Value, other: &Value, now: Option<Moment>) -> bool {
    let (Value::Records(one), Value::Records(other), Some(now)) = (one, other, now) else {
        return false;
    };
    let open = |rules: &'_ [Value]| -> Vec<Value> {
        let open = rules.iter().filter(|rule| !is_over(rule, now));
        open.cloned().collect()
    };
    open(one) == open(other)
}

/// Whether a price that holds for a time no longer does.
fn is_over(rule: &Value, now: Moment) -> bool {
    let Value::Record(members) = rule else {
        return false;
    };
    let mut members = members.iter();
    let end = members.find(|(name, _)| *name == "to");
    matches!(end, Some((_, Value::Time(end))) if *end <= now)
}

/// Whether two billing cycles, or two entitlements, last as long.
///
/// The service may say two days as 48 hours: what has one length is one value (docs/cleeng-api.md §5.6).
pub(super) fn is_same_time(one: &Value, other: &Value) -> bool {
    match (length(one), length(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// How long, in the smallest unit that a length can be said in exactly.
#[derive(PartialEq, Eq)]
enum Length {
    Hours(u64),
    Months(u64),
    Seasons(u64),
}

fn length(value: &Value) -> Option<Length> {
    let Value::Record(members) = value else {
        return None;
    };
    let member = |wanted: &str| {
        let mut members = members.iter();
        members.find(|(name, _)| *name == wanted)
    };
    if let Some((_, duration)) = member("duration") {
        return length(duration);
    }
    let Some((_, Value::Text(unit))) = member("periodUnit") else {
        return None;
    };
    let Some((_, Value::Integer(amount))) = member("amount") else {
        return None;
    };
    let (amount, hours) = (*amount, |each: u64| {
        amount.checked_mul(each).map(Length::Hours)
    });
    match unit.raw() {
        "hour" => hours(1),
        "day" => hours(24),
        "week" => hours(24 * 7),
        "month" => Some(Length::Months(amount)),
        "year" => amount.checked_mul(12).map(Length::Months),
        "season" => Some(Length::Seasons(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(amount: u64, unit: &str) -> Value {
        let members = [
            ("periodUnit", Value::text(unit)),
            ("amount", Value::Integer(amount)),
        ];
        Value::Record(members.into())
    }

    fn duration(amount: u64, unit: &str) -> Value {
        Value::Record([("duration", time(amount, unit))].into())
    }

    #[test]
    fn what_lasts_as_long_is_the_same() {
        for (one, other, same) in [
            (time(12, "month"), time(1, "year"), true),
            (time(2, "week"), time(14, "day"), true),
            (duration(2, "day"), duration(48, "hour"), true),
            (time(4, "week"), time(1, "month"), false),
            (time(1, "season"), time(1, "year"), false),
            (duration(u64::MAX, "week"), duration(1, "hour"), false),
            (Value::Record([].into()), time(1, "day"), false),
        ] {
            assert_eq!(is_same_time(&one, &other), same, "{one:?} {other:?}");
        }
    }
}
