//! What the tests of both generations with broken requests share: [`put_odd_value`], [`one_of_each_kind`].

use serde_json::Value;

use crate::field::Field;
use crate::kind::Kind;
use crate::offer::Offer;

/// Returns an offer of each kind.
pub(crate) fn one_of_each_kind() -> [Offer; 6] {
    let ids = [
        ("A111111111_US", Kind::Single),
        ("R111111111_US", Kind::Rental),
        ("S111111111_US", Kind::Subscription),
        ("P111111111_US", Kind::Pass),
        ("E111111111_US", Kind::Event),
        ("A222222222_US", Kind::Vod),
    ];
    ids.map(|(id, kind)| Offer::new(id.parse().unwrap(), kind).with(Field::Title, "t"))
}

/// Replaces one value somewhere in a tree by one of these odd ones.
pub(crate) fn put_odd_value(odd_values: &[&str], value: &mut Value, random: &mut fastrand::Rng) {
    let odd = random.choice(odd_values).unwrap();
    let odd = serde_json::from_str(odd).unwrap();
    match value {
        Value::Object(members) if !members.is_empty() && random.u8(..10) > 0 => {
            let place = random.usize(..members.len());
            if let Some((_, member)) = members.iter_mut().nth(place) {
                put_odd_value(odd_values, member, random);
            }
        }
        Value::Array(items) if !items.is_empty() && random.bool() => {
            let place = random.usize(..items.len());
            put_odd_value(odd_values, &mut items[place], random);
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => *value = odd,
    }
}
