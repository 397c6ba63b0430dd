//! The free trial of a subscription: [`Trial`] (docs/cleeng-api.md §5.3 and §5.6).

use serde_json::Value;

use crate::field::{Field, FieldValue, Fields};
use crate::json::Json;
use crate::rest::body::{Members, incomplete, integer, word};
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
    /// Reads `freeTrial`. What a patch leaves out of it stays, if there was a trial before. One of length 0 is none, as
    /// JSON-RPC's `freeDays` of 0 are.
    pub(crate) fn read(
        value: &Value,
        path: &str,
        before: Option<&Fields>,
    ) -> Result<Option<Self>, Failure> {
        if value.is_null() {
            return Ok(None);
        }
        let mut members = Members::of(value, path)?.some()?;
        if before.is_none() {
            members.require("type")?;
            members.require("duration")?;
        }
        let units = [("day", Unit::Day), ("period", Unit::Period)];
        let unit = match members.take("type") {
            Some((unit, at)) => Some(word(unit, &at, &units)?),
            None => None,
        };
        let duration = match members.take("duration") {
            Some((duration, at)) => Some(integer(duration, &at, 0)?),
            None => None,
        };
        members.finish()?;
        let old = before.and_then(Self::of);
        let unit = unit
            .or(old.map(|trial| trial.unit))
            .ok_or_else(|| incomplete(path, "type"))?;
        let duration = duration
            .or(old.map(|trial| trial.duration))
            .ok_or_else(|| incomplete(path, "duration"))?;
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
