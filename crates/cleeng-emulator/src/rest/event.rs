//! When a live event takes place: readers of `event` (docs/cleeng-api.md §5.3).

use serde_json::Value;

use crate::field::{Field, FieldValue};
use crate::offer::Offer;
use crate::rest::body::{Members, integer, text};
use crate::rest::change::Change;
use crate::rest::failure::Failure;

/// Most characters of the name of a time zone: longer than any that there is. Which names exist is not checked.
const LONGEST_ZONE: usize = 64;

/// Which members must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All, in a create.
    All,
    /// At least one, in a patch.
    Some,
}

/// Reads `event`.
pub(crate) fn read(
    (value, path): (&Value, &str),
    extent: Extent,
    change: &mut Change,
) -> Result<(), Failure> {
    let mut members = Members::of(value, path)?.some()?;
    for (name, field) in [
        ("startsAt", Field::StartTime),
        ("endsAt", Field::EndTime),
        ("timezone", Field::TimeZone),
    ] {
        let member = match extent {
            Extent::All => Some(members.require(name)?),
            Extent::Some => members.take(name),
        };
        match member {
            Some((value, at)) if field == Field::TimeZone => {
                change.set(field, text(value, &at, 1, LONGEST_ZONE)?);
            }
            Some((value, at)) => change.set(field, integer(value, &at, 0)?),
            None => {}
        }
    }
    members.finish()
}

/// Refuses an event that ends before it starts.
pub(crate) fn check(offer: &Offer) -> Result<(), Failure> {
    match (offer.get(Field::StartTime), offer.get(Field::EndTime)) {
        (Some(FieldValue::Integer(start)), Some(FieldValue::Integer(end))) if end < start => Err(
            Failure::Refused("event.endsAt is before event.startsAt".to_owned()),
        ),
        _ => Ok(()),
    }
}
