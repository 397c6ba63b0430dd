//! What a request wants to say about an offer: [`Change`], read by the rules and put on top of what is stored.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::field::{Field, FieldValue, Fields};
use crate::json_rpc::failure::Failure;
use crate::json_rpc::rule::{Need, Page, Rule, rules};
use crate::json_rpc::shape::Reading;
use crate::kind::Kind;

/// Fields to set, or to empty where the value is `None`. A field left out stays as it is (docs/cleeng-api.md §7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change(BTreeMap<Field, Option<FieldValue>>);

impl Change {
    /// Reads the members of a documented object.
    ///
    /// Members that its page does not have go to `unknown`, with `path` before their names.
    pub(crate) fn read(
        (kind, page): (Kind, Page),
        data: &Map<String, Value>,
        path: &str,
        unknown: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let mut change = BTreeMap::new();
        let table = rules(kind, page);
        for (name, value) in data {
            let Some(rule) = table.iter().find(|rule| rule.field.name() == name) else {
                unknown.push(format!("{path}.{name}"));
                continue;
            };
            match rule.shape.read(value) {
                Ok(Reading::Absent) => {}
                Ok(Reading::Clear) => drop(change.insert(rule.field, None)),
                Ok(Reading::Set(value)) => drop(change.insert(rule.field, Some(value))),
                Err(reason) => return Err(Failure::bad_offer(format!("{path}.{name} {reason}"))),
            }
        }
        Ok(Self(change))
    }

    /// Removes a field from the change and returns the value that it was to have.
    pub(crate) fn take(&mut self, field: Field) -> Option<FieldValue> {
        self.0.remove(&field).flatten()
    }

    /// Returns the value that a field is to have.
    pub(crate) fn value(&self, field: Field) -> Option<&FieldValue> {
        self.0.get(&field).and_then(Option::as_ref)
    }

    /// Sets a field, whatever the rules say.
    pub(crate) fn force(&mut self, field: Field, value: FieldValue) {
        self.0.insert(field, Some(value));
    }

    /// Removes a field from the change, which then stays as it is.
    pub(crate) fn forget(&mut self, field: Field) {
        self.0.remove(&field);
    }

    /// Returns this change with another on top of it.
    pub(crate) fn overridden_by(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.0.extend(other.0.clone());
        both
    }

    /// Puts the change on top of the fields of an offer.
    ///
    /// A period and a date of expiry replace each other (docs/cleeng-api.md §2.4), and both replace a term that only REST can say.
    pub(crate) fn apply(&self, fields: &mut Fields) {
        for (field, value) in &self.0 {
            match value {
                Some(value) => drop(fields.insert(*field, value.clone())),
                None => drop(fields.remove(field)),
            }
        }
        let sets = |field| self.value(field).is_some();
        match (sets(Field::Period), sets(Field::ExpiresAt)) {
            (true, false) => drop(fields.remove(&Field::ExpiresAt)),
            (false, true) => drop(fields.remove(&Field::Period)),
            (true, true) | (false, false) => {}
        }
        if sets(Field::Period)
            || sets(Field::ExpiresAt)
            || self.0.contains_key(&Field::RentalPeriod)
        {
            fields.remove(&Field::Duration);
        }
        // Only REST can give a VOD a date of expiry, and that ends when a rental period begins.
        if matches!(self.value(Field::RentalPeriod), Some(FieldValue::Integer(hours)) if *hours > 0)
        {
            fields.remove(&Field::ExpiresAt);
        }
    }

    /// Refuses a change that lacks what a create needs.
    pub(crate) fn require(&self, table: &[Rule], path: &str) -> Result<(), Failure> {
        let missing = table
            .iter()
            .find(|rule| rule.need == Need::Required && self.value(rule.field).is_none());
        match missing {
            Some(rule) => Err(Failure::bad_offer(format!(
                "{path}.{} is required",
                rule.field
            ))),
            None => Ok(()),
        }
    }
}

/// Refuses an offer that is not whole: one without a required field, a pass without exactly one of period and date of
/// expiry (docs/cleeng-api.md §2.4; both together is the one case whose code 8 was observed), or an event that ends before it
/// starts. What the offer lacked before it may go on lacking: REST asks for less.
pub(crate) fn check(kind: Kind, before: &Fields, fields: &Fields) -> Result<(), Failure> {
    let missing = rules(kind, Page::Plain).iter().find(|rule| {
        rule.need == Need::Required
            && !fields.contains_key(&rule.field)
            && (before.is_empty() || before.contains_key(&rule.field))
    });
    if let Some(rule) = missing {
        return Err(Failure::bad_offer(format!(
            "offerData.{} is required",
            rule.field
        )));
    }
    if kind == Kind::Pass {
        let has = |field| fields.contains_key(&field);
        let has_period = has(Field::Period) || has(Field::Duration);
        match (has_period, has(Field::ExpiresAt)) {
            (true, true) => {
                return Err(Failure::bad_offer(
                    "offerData.period and offerData.expiresAt exclude each other",
                ));
            }
            (false, false) => {
                return Err(Failure::bad_offer(
                    "offerData.period or offerData.expiresAt is required",
                ));
            }
            (true, false) | (false, true) => {}
        }
    }
    if let (Some(FieldValue::Integer(start)), Some(FieldValue::Integer(end))) =
        (fields.get(&Field::StartTime), fields.get(&Field::EndTime))
        && start > end
    {
        return Err(Failure::bad_offer(
            "offerData.endTime is before offerData.startTime",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(kind: Kind, data: &Value) -> Result<(Change, Vec<String>), Failure> {
        let mut unknown = Vec::new();
        let data = data.as_object().unwrap();
        Change::read((kind, Page::Plain), data, "offerData", &mut unknown)
            .map(|change| (change, unknown))
    }

    /// Applies one object after the other and checks what that comes to.
    fn build(kind: Kind, steps: &[Value]) -> Result<Fields, Failure> {
        let mut fields = Fields::new();
        let mut before = Fields::new();
        for step in steps {
            before.clone_from(&fields);
            read(kind, step)?.0.apply(&mut fields);
        }
        check(kind, &before, &fields).map(|()| fields)
    }

    fn pass() -> Value {
        json!({"price": 12, "title": "t", "url": "u", "period": "month"})
    }

    #[test]
    fn omitted_fields_stay_and_empty_ones_go() {
        let first = json!({"price": "1", "title": "t", "url": "u", "period": "week", "description": "d", "accessToTags": ["a"]});
        let second = json!({"price": 2, "description": "", "accessToTags": []});
        let fields = build(Kind::Subscription, &[first, second]).unwrap();
        assert_eq!(fields[&Field::Title], "t".into());
        assert_eq!(fields[&Field::Price], rust_decimal::Decimal::TWO.into());
        assert!(!fields.contains_key(&Field::Description));
        assert!(!fields.contains_key(&Field::AccessToTags));
    }

    #[test]
    fn required_fields_cannot_be_emptied() {
        for emptied in [json!({"title": ""}), json!({"price": ""})] {
            assert_eq!(build(Kind::Pass, &[pass(), emptied]).unwrap_err().code, 8);
        }
    }

    #[test]
    fn period_and_expiry_replace_each_other() {
        let fields = build(Kind::Pass, &[pass(), json!({"expiresAt": 1_900_000_000})]).unwrap();
        assert!(!fields.contains_key(&Field::Period));
        let back = [
            pass(),
            json!({"expiresAt": "1900000000"}),
            json!({"period": "week", "expiresAt": 0}),
        ];
        let fields = build(Kind::Pass, &back).unwrap();
        assert_eq!(fields[&Field::Period], "week".into());
        assert!(!fields.contains_key(&Field::ExpiresAt));
    }

    #[test]
    fn pass_needs_exactly_one_term() {
        let both = [
            pass(),
            json!({"period": "month", "expiresAt": 1_900_000_000}),
        ];
        assert_eq!(build(Kind::Pass, &both).unwrap_err().code, 8);
        let none = json!({"price": 12, "title": "t", "url": "u", "expiresAt": 0});
        assert_eq!(build(Kind::Pass, &[none]).unwrap_err().code, 8);
    }

    #[test]
    fn event_may_not_end_before_it_starts() {
        let event = |start: i64, end: i64| json!({"title": "t", "url": "u", "startTime": start, "endTime": end, "timeZone": "UTC"});
        assert!(build(Kind::Event, &[event(5, 5)]).is_ok());
        assert_eq!(build(Kind::Event, &[event(6, 5)]).unwrap_err().code, 8);
        let moved = [event(5, 9), json!({"startTime": 10})];
        assert_eq!(build(Kind::Event, &moved).unwrap_err().code, 8);
    }

    #[test]
    fn members_of_other_types_are_told_and_ignored() {
        let (change, unknown) = read(
            Kind::Rental,
            &json!({"geoRestrictionEnabled": true, "active": false, "period": 48}),
        )
        .unwrap();
        assert_eq!(
            unknown,
            ["offerData.active", "offerData.geoRestrictionEnabled"]
        );
        assert_eq!(change.value(Field::GeoRestrictionEnabled), None);
    }

    #[test]
    fn refusals_name_the_member() {
        let failure = read(Kind::Pass, &json!({"title": "x".repeat(71)})).unwrap_err();
        assert_eq!(failure.code, 8);
        assert_eq!(
            failure.message,
            "offerData.title must be at most 70 characters long"
        );
    }
}
