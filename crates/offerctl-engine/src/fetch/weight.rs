//! How much memory a row takes: [`weight`], and a value: [`weight_of_value`].

use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::value::Value;
use offerctl_reconcile::live::Row;

use crate::remote::ShownRow;

/// What the allocator adds to a piece of memory, about.
const PIECE: usize = 8;

/// Returns about how many bytes of memory a row takes, with a quarter for what the allocator leaves unused.
pub(crate) fn weight(row: &Row) -> u64 {
    let texts = row.id.raw().len()
        + row
            .publisher_email
            .as_ref()
            .map_or(0, |email| email.raw().len());
    let values: usize = row.fields.iter().map(|(_, value)| of_value(value)).sum();
    let places = row.fields.len() * size_of::<(Field, Value)>();
    let all = size_of::<ShownRow>() + texts + places + values + 2 * PIECE;
    (all + all / 4) as u64
}

/// Returns about how many bytes of memory a value takes beside its place.
pub(crate) fn weight_of_value(value: &Value) -> u64 {
    of_value(value) as u64
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.raw().len() + PIECE,
        Value::Tags(tags) => tags.iter().map(of_text).sum(),
        Value::Geo(geo) => geo
            .as_ref()
            .map_or(0, |geo| size_of_val(&**geo) + 8 * geo.countries.len()),
        Value::Events(events) => size_of_val(&**events) + events.len() * 16,
        Value::Texts(texts) => {
            let texts = texts.iter();
            texts.map(|(key, text)| of_text(key) + of_text(text)).sum()
        }
        Value::Record(members) => {
            let values = members.iter().map(|(_, value)| of_value(value));
            size_of_val(&**members) + values.sum::<usize>()
        }
        Value::Records(records) => {
            size_of_val(&**records) + records.iter().map(of_value).sum::<usize>()
        }
        Value::Integer(_)
        | Value::Flag(_)
        | Value::Amount(_)
        | Value::Currency(_)
        | Value::Time(_) => 0,
    }
}

/// The memory of a text in a list, with its place there.
fn of_text(text: &Foreign) -> usize {
    size_of::<Foreign>() + text.raw().len() + PIECE
}
