//! From members of answers to fields: [`Gathered`].

use cleeng_client::Member;
use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Amount;
use offerctl_model::value::{GeoMode, GeoRestriction, Moment, Value};
use rust_decimal::Decimal;

/// Gathers the members of an answer: absent ones are left out, empty ones become the cleared value.
#[derive(Default)]
pub(crate) struct Gathered(pub(crate) Fields);

impl Gathered {
    pub(crate) fn set<T>(
        &mut self,
        field: Field,
        member: Member<T>,
        value: impl FnOnce(T) -> Option<Value>,
    ) {
        let value = match member {
            Member::Absent => None,
            Member::Null => Value::cleared(field.kind()),
            Member::Value(found) => value(found),
        };
        if let Some(value) = value {
            self.0.set(field, value);
        }
    }

    pub(crate) fn text(&mut self, field: Field, member: Member<String>) {
        self.set(field, member, |text| Some(Value::text(text)));
    }

    /// A text that cannot be cleared: an empty one says nothing.
    pub(crate) fn word(&mut self, field: Field, member: Member<String>) {
        self.set(field, member, |text| {
            (!text.is_empty()).then(|| Value::text(text))
        });
    }

    pub(crate) fn integer(&mut self, field: Field, member: Member<i64>) {
        self.set(field, member, |number| {
            // A number that no manifest can say is kept as it is, so that it is never equal to one.
            Some(
                u64::try_from(number)
                    .map_or_else(|_| Value::text(number.to_string()), Value::Integer),
            )
        });
    }

    pub(crate) fn flag(&mut self, field: Field, member: Member<bool>) {
        self.set(field, member, |flag| Some(Value::Flag(flag)));
    }

    pub(crate) fn amount(&mut self, field: Field, member: Member<Decimal>) {
        self.set(field, member, |number| {
            Some(Value::Amount(Amount::new(number)))
        });
    }

    /// Zero stands for no time (docs/cleeng-api.md §2.4).
    pub(crate) fn time(&mut self, field: Field, member: Member<i64>) {
        self.set(field, member, |seconds| {
            let moment = if seconds == 0 {
                None
            } else {
                Moment::from_unix(seconds)
            };
            moment.map(Value::Time)
        });
    }

    pub(crate) fn tags(&mut self, field: Field, member: Member<Vec<String>>) {
        self.set(field, member, |tags| Some(Value::tags(tags)));
    }
}

/// A restriction that core has no word for is kept as a text, so that it is never equal to a declared one.
pub(crate) fn restriction(mode: &str, countries: &[String]) -> Value {
    let known = match mode {
        "whitelist" => Some(GeoMode::Whitelist),
        "blacklist" => Some(GeoMode::Blacklist),
        _ => None,
    };
    let codes: Option<_> = countries.iter().map(|code| Country::new(code)).collect();
    match (known, codes) {
        (Some(mode), Some(countries)) => {
            Value::Geo(Some(Box::new(GeoRestriction { mode, countries })))
        }
        _ => Value::text(format!("{mode} {}", countries.join(", "))),
    }
}
