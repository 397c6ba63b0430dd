//! Fields that travel in one nested object of REST: [`Difference::complete_objects`].

use std::collections::BTreeMap;

use offerctl_model::content::Fields;
use offerctl_model::field::Field;
use offerctl_model::value::Value;

use super::change::Difference;
use super::comparison::Comparison;
use crate::live::Row;

/// The fields of each nested object. The map of texts is replaced whole; whether a service merges the others into what it
/// has, or replaces them as well, is documented nowhere (docs/cleeng-api.md §5.5), so each is sent whole.
const OBJECTS: [&[Field]; 3] = [
    &[Field::ExternalProperties, Field::Marker],
    &[Field::Price, Field::PriceRules],
    &[Field::StartTime, Field::EndTime, Field::TimeZone],
];

impl Difference {
    /// Adds to what changes of a nested object whatever else is in it: as it is declared, or else as it is live.
    pub fn complete_objects(&mut self, comparison: Comparison<'_>) {
        let Comparison { desired, view, .. } = comparison;
        let at_home = view.rows.first();
        let is_left_alone = |field: Field| comparison.undo.ignores(field);
        let declared = |field| {
            if is_left_alone(field) {
                return None;
            }
            let of_home = view.home.and_then(|home| desired.effective(home, field));
            of_home.or_else(|| desired.fields.get(field))
        };
        complete(&mut self.base, at_home, declared);
        for (country, fields) in &mut self.rows {
            let row = view.row(*country).or_else(|| view.dormant_row(*country));
            complete(fields, row, |field| {
                let declared = desired.effective(*country, field);
                declared.filter(|_| !is_left_alone(field))
            });
        }
    }
}

fn complete<'a>(
    changed: &mut Fields,
    live: Option<&'a Row>,
    declared: impl Fn(Field) -> Option<&'a Value>,
) {
    for object in OBJECTS {
        if object.iter().all(|field| changed.get(*field).is_none()) {
            continue;
        }
        let mut others: BTreeMap<Field, Value> = BTreeMap::new();
        for field in object.iter().filter(|field| changed.get(**field).is_none()) {
            let live = live.and_then(|row| row.fields.get(*field));
            // What is empty, and stays so, need not be said.
            let live = live.filter(|value| !value.is_cleared());
            let declared = declared(*field).filter(|value| live.is_some() || !value.is_cleared());
            if let Some(value) = declared.or(live) {
                others.insert(*field, value.clone());
            }
        }
        for (field, value) in others {
            changed.set(field, value);
        }
    }
}
