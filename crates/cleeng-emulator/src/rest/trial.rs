//! The free trial of a subscription: [`Trial`] (API sheet §5.3 and §5.6).

use serde_json::Value;

use crate::field::{Field, FieldValue};
use crate::json::Json;
use crate::json_rpc::change::Fields;
use crate::rest::body::{Members, integer, word};
use crate::rest::failure::Failure;

/// For how long a subscription is free. JSON-RPC could say both at once; then REST shows the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    unit: Unit,
    duration: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Period,
}

impl Trial {
    /// Reads `freeTrial`. One of length 0 is none, as JSON-RPC's `freeDays` of 0 are.
    pub(crate) fn read(value: &Value, path: &str) -> Result<Option<Self>, Failure> {
        if value.is_null() {
            return Ok(None);
        }
        let mut members = Members::of(value, path)?;
        let (unit, at) = members.require("type")?;
        let unit = word(unit, &at, &[("day", Unit::Day), ("period", Unit::Period)])?;
        let (duration, at) = members.require("duration")?;
        let duration = integer(duration, &at, 0)?;
        members.finish()?;
        Ok((duration > 0).then_some(Self { unit, duration }))
    }

    /// Returns the trial that an offer has.
    pub(crate) fn of(fields: &Fields) -> Option<Self> {
        [
            (Field::FreeDays, Unit::Day),
            (Field::FreePeriods, Unit::Period),
        ]
        .into_iter()
        .find_map(|(field, unit)| match fields.get(&field) {
            Some(FieldValue::Integer(duration)) if *duration > 0 => Some(Self {
                unit,
                duration: *duration,
            }),
            _ => None,
        })
    }

    /// Gives an offer that trial, or none.
    pub(crate) fn set(fields: &mut Fields, trial: Option<Self>) {
        fields.remove(&Field::FreeDays);
        fields.remove(&Field::FreePeriods);
        if let Some(Self { unit, duration }) = trial {
            let field = match unit {
                Unit::Day => Field::FreeDays,
                Unit::Period => Field::FreePeriods,
            };
            fields.insert(field, duration.into());
        }
    }

    /// Shows it.
    pub(crate) fn show(self) -> Json {
        let unit = match self.unit {
            Unit::Day => "day",
            Unit::Period => "period",
        };
        Json::object([
            ("type", Json::text(unit)),
            ("duration", Json::Integer(self.duration)),
        ])
    }
}
