//! How long access lasts, and how often it is paid: [`Entitlement`] and billing cycles (docs/cleeng-api.md §5.3 and §5.6).
//!
//! A length that JSON-RPC has a form for is stored in that form, any other as `duration`. So each generation reads what
//! the other one wrote, as far as it can say it.

use serde_json::Value;

use crate::field::{Field, FieldValue, Fields};
use crate::json::Json;
use crate::kind::Kind;
use crate::rest::body::{Members, incomplete, integer, invalid, word};
use crate::rest::failure::Failure;
use crate::span::{Span, SpanUnit};

/// When an access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entitlement {
    /// So long after the purchase.
    Duration(Span),
    /// At this unix second.
    FixedDate(i64),
}

/// Every unit, as names of REST.
const CYCLE_UNITS: [(&str, SpanUnit); 5] = [
    ("day", SpanUnit::Day),
    ("week", SpanUnit::Week),
    ("month", SpanUnit::Month),
    ("year", SpanUnit::Year),
    ("season", SpanUnit::Season),
];

const DURATION_UNITS: [(&str, SpanUnit); 5] = [
    ("hour", SpanUnit::Hour),
    ("day", SpanUnit::Day),
    ("week", SpanUnit::Week),
    ("month", SpanUnit::Month),
    ("year", SpanUnit::Year),
];

/// Which of the two a policy asks for.
#[derive(Clone, Copy)]
enum Policy {
    FixedDate,
    Duration,
}

/// Reads `billingCycle`.
pub(crate) fn read_billing_cycle(value: &Value, path: &str) -> Result<Span, Failure> {
    read_span(value, path, &CYCLE_UNITS)
}

/// Reads the `entitlement` of a create: the policy, and what belongs to it.
pub(crate) fn read_entitlement(value: &Value, path: &str) -> Result<Entitlement, Failure> {
    let mut members = Members::of(value, path)?;
    let (policy, at) = members.require("expirationPolicy")?;
    let policies = [
        ("fixed-date", Policy::FixedDate),
        ("duration", Policy::Duration),
    ];
    let entitlement = match word(policy, &at, &policies)? {
        Policy::FixedDate => {
            let (time, at) = members.require("expiresAt")?;
            Entitlement::FixedDate(integer(time, &at, 0)?)
        }
        Policy::Duration => {
            let (span, at) = members.require("duration")?;
            Entitlement::Duration(read_span(span, &at, &DURATION_UNITS)?)
        }
    };
    members.finish()?;
    Ok(entitlement)
}

/// Reads the `entitlement` of a patch: a duration, of which what is left out stays, or a time. The policy is not in the
/// list of what can be changed (docs/cleeng-api.md §5.5).
pub(crate) fn read_entitlement_patch(
    value: &Value,
    path: &str,
    before: Option<Entitlement>,
) -> Result<Entitlement, Failure> {
    let mut members = Members::of(value, path)?.some()?;
    let duration = members.take("duration");
    let time = members.take("expiresAt");
    let entitlement = match (duration, time) {
        (Some((span, at)), None) => Entitlement::Duration(read_span_patch(span, &at, before)?),
        (None, Some((time, at))) => Entitlement::FixedDate(integer(time, &at, 0)?),
        (Some(_), Some(_)) => {
            return Err(invalid(path, "must not have both duration and expiresAt"));
        }
        (None, None) => {
            members.finish()?;
            return Err(invalid(path, "must have duration or expiresAt"));
        }
    };
    members.finish()?;
    Ok(entitlement)
}

fn read_span(value: &Value, path: &str, units: &[(&str, SpanUnit)]) -> Result<Span, Failure> {
    let mut members = Members::of(value, path)?;
    let (unit, at) = members.require("periodUnit")?;
    let unit = word(unit, &at, units)?;
    let (amount, at) = members.require("amount")?;
    let amount = read_amount(amount, &at)?;
    members.finish()?;
    Ok(Span::new(amount, unit))
}

fn read_span_patch(
    value: &Value,
    path: &str,
    before: Option<Entitlement>,
) -> Result<Span, Failure> {
    let mut members = Members::of(value, path)?.some()?;
    let before = match before {
        Some(Entitlement::Duration(span)) => Some(span),
        Some(Entitlement::FixedDate(_)) | None => None,
    };
    let unit = match members.take("periodUnit") {
        Some((unit, at)) => word(unit, &at, &DURATION_UNITS)?,
        None => before.ok_or_else(|| incomplete(path, "periodUnit"))?.unit,
    };
    let amount = match members.take("amount") {
        Some((amount, at)) => read_amount(amount, &at)?,
        None => before.ok_or_else(|| incomplete(path, "amount"))?.amount,
    };
    members.finish()?;
    Ok(Span::new(amount, unit))
}

fn read_amount(value: &Value, path: &str) -> Result<u32, Failure> {
    u32::try_from(integer(value, path, 1)?).map_err(|_| invalid(path, "is more than anybody waits"))
}

/// Returns the billing cycle of a subscription.
pub(crate) fn billing_cycle(fields: &Fields) -> Option<Span> {
    match (fields.get(&Field::Duration), fields.get(&Field::Period)) {
        (Some(FieldValue::Span(span)), _) => Some(*span),
        (_, Some(FieldValue::Text(word))) => Span::from_word(word),
        _ => None,
    }
}

/// Gives a subscription a billing cycle.
pub(crate) fn set_billing_cycle(fields: &mut Fields, span: Span) {
    fields.remove(&Field::Period);
    fields.remove(&Field::Duration);
    match span.word() {
        Some(word) => fields.insert(Field::Period, word.into()),
        None => fields.insert(Field::Duration, span.into()),
    };
}

/// Returns when access ends. A single has nothing to say about it, nor has a VOD that is not rented.
pub(crate) fn entitlement(kind: Kind, fields: &Fields) -> Option<Entitlement> {
    if let Some(FieldValue::Integer(time)) = fields.get(&Field::ExpiresAt) {
        return Some(Entitlement::FixedDate(*time));
    }
    if let Some(FieldValue::Span(span)) = fields.get(&Field::Duration) {
        return Some(Entitlement::Duration(*span));
    }
    let hours = match kind {
        Kind::Pass => {
            return match fields.get(&Field::Period) {
                Some(FieldValue::Text(word)) => Span::from_word(word).map(Entitlement::Duration),
                _ => None,
            };
        }
        Kind::Rental => fields.get(&Field::Period),
        Kind::Vod => fields.get(&Field::RentalPeriod),
        Kind::Single | Kind::Subscription | Kind::Event => None,
    };
    match hours {
        Some(FieldValue::Integer(hours)) => u32::try_from(*hours)
            .ok()
            .filter(|hours| *hours > 0)
            .map(|hours| Entitlement::Duration(Span::new(hours, SpanUnit::Hour))),
        _ => None,
    }
}

/// Lets access end then.
pub(crate) fn set_entitlement(kind: Kind, fields: &mut Fields, entitlement: Entitlement) {
    for field in [
        Field::ExpiresAt,
        Field::Duration,
        Field::Period,
        Field::RentalPeriod,
    ] {
        fields.remove(&field);
    }
    let (field, value) = match (entitlement, kind) {
        (Entitlement::FixedDate(time), _) => (Field::ExpiresAt, time.into()),
        (Entitlement::Duration(span), Kind::Pass) if span.word().is_some() => {
            (Field::Period, span.word().unwrap_or_default().into())
        }
        (Entitlement::Duration(span), Kind::Rental) if span.unit == SpanUnit::Hour => {
            (Field::Period, i64::from(span.amount).into())
        }
        (Entitlement::Duration(span), Kind::Vod) if span.unit == SpanUnit::Hour => {
            (Field::RentalPeriod, i64::from(span.amount).into())
        }
        (Entitlement::Duration(span), _) => (Field::Duration, span.into()),
    };
    fields.insert(field, value);
}

/// Shows a billing cycle, or a duration.
pub(crate) fn show_span(span: Span) -> Json {
    Json::object([
        ("periodUnit", Json::text(span.unit.name())),
        ("amount", Json::Integer(span.amount.into())),
    ])
}

/// Shows when access ends.
pub(crate) fn show_entitlement(entitlement: Entitlement) -> Json {
    match entitlement {
        Entitlement::Duration(span) => Json::object([
            ("expirationPolicy", Json::text("duration")),
            ("duration", show_span(span)),
        ]),
        Entitlement::FixedDate(time) => Json::object([
            ("expirationPolicy", Json::text("fixed-date")),
            ("expiresAt", Json::Integer(time)),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_what_is_read() {
        for kind in [Kind::Pass, Kind::Single, Kind::Rental, Kind::Vod] {
            let mut fields = Fields::new();
            for unit in DURATION_UNITS.map(|(_, unit)| unit) {
                for amount in [1, 2, 48] {
                    let wanted = Entitlement::Duration(Span::new(amount, unit));
                    set_entitlement(kind, &mut fields, wanted);
                    assert_eq!(entitlement(kind, &fields), Some(wanted), "{kind}");
                    assert_eq!(fields.len(), 1);
                }
            }
            set_entitlement(kind, &mut fields, Entitlement::FixedDate(5));
            assert_eq!(entitlement(kind, &fields), Some(Entitlement::FixedDate(5)));
        }
        let mut fields = Fields::new();
        for unit in CYCLE_UNITS.map(|(_, unit)| unit) {
            for amount in [1, 2, 3] {
                set_billing_cycle(&mut fields, Span::new(amount, unit));
                assert_eq!(billing_cycle(&fields), Some(Span::new(amount, unit)));
            }
        }
    }

    #[test]
    fn forms_of_json_rpc_are_kept_where_there_are_any() {
        let stored = |kind, span| {
            let mut fields = Fields::new();
            set_entitlement(kind, &mut fields, Entitlement::Duration(span));
            fields.into_iter().next().unwrap()
        };
        let quarter = Span::new(3, SpanUnit::Month);
        assert_eq!(
            stored(Kind::Pass, quarter),
            (Field::Period, "3months".into())
        );
        assert_eq!(
            stored(Kind::Vod, quarter),
            (Field::Duration, quarter.into())
        );
        let hours = Span::new(48, SpanUnit::Hour);
        assert_eq!(stored(Kind::Vod, hours), (Field::RentalPeriod, 48.into()));
        assert_eq!(stored(Kind::Rental, hours), (Field::Period, 48.into()));
        assert_eq!(stored(Kind::Pass, hours), (Field::Duration, hours.into()));
    }
}
