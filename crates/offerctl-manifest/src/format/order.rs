//! The order of keys that have one: [`sort`].
//!
//! Offers, countries and all lists stay in the order in which somebody wrote them.

use offerctl_model::field::{Field, Kind};

use crate::manifest::Approved;

use super::entry::{Collection, CollectionKind, Shape, Value};

/// What a mapping holds, and so which keys it has.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The whole file.
    File,
    /// Offers by their names, or what an offer says otherwise in environments.
    Offers,
    /// An offer, or the defaults of all.
    Offer,
    /// Localizations by their countries.
    Localizations,
    /// The values of one country.
    Localization,
    Lifecycle,
    /// An entry of `allow`.
    Approval,
    /// The value of a field, or a member of one.
    Value(Kind),
    /// A mapping, or a list of mappings, with these keys.
    Known(&'static [&'static str]),
    /// Whatever has no order of its own.
    Free,
}

/// The keys of an offer before its fields.
const BEFORE_FIELDS: [&str; 4] = ["type", "movedFrom", "ids", "only"];

/// The keys of an offer behind its fields.
const AFTER_FIELDS: [&str; 4] = ["localizations", "dependsOn", "environments", "lifecycle"];

/// The keys of what an entry of `allow` approves, whatever that is.
const APPROVAL_KEYS: [&str; 8] = [
    "field",
    "offers",
    "max",
    "direction",
    "countries",
    "currency",
    "min",
    "environments",
];

/// Where the fields begin: as many keys as there ever are come before them.
const FIELDS: usize = 100;

/// Where the keys behind the fields begin.
const BEHIND: usize = 1000;

/// The place of keys without an order: behind all others, as they were.
const LAST: usize = usize::MAX;

/// Puts the keys of a file, and of everything in it, into their order.
pub(super) fn sort(root: &mut Value) {
    sort_in(root, Place::File);
}

fn sort_in(value: &mut Value, place: Place) {
    let Shape::Collection(Collection { kind, entries, .. }) = &mut value.shape else {
        return;
    };
    if *kind == CollectionKind::List {
        for item in entries {
            sort_in(&mut item.value, place);
        }
        return;
    }
    entries.sort_by_key(|entry| rank(place, name(entry.key.as_ref())));
    for entry in entries {
        let inner = inner(place, name(entry.key.as_ref()));
        sort_in(&mut entry.value, inner);
    }
}

fn name(key: Option<&super::entry::Key>) -> &str {
    key.map_or("", |key| &key.name)
}

/// The place of a key among those beside it.
fn rank(place: Place, key: &str) -> usize {
    let among = |keys: &[&str], first: usize| {
        let found = keys.iter().position(|known| *known == key);
        found.map(|index| first + index)
    };
    let rank = match place {
        Place::File => among(&["version", "defaults", "allow", "offers"], 0),
        Place::Offer => among(&BEFORE_FIELDS, 0)
            .or_else(|| field(key).map(|field| FIELDS + field as usize))
            .or_else(|| among(&AFTER_FIELDS, BEHIND)),
        Place::Localization => among(&["currency", "price"], 0)
            .or_else(|| field(key).map(|field| FIELDS + field as usize)),
        Place::Lifecycle => among(
            &[
                "protect",
                "onImmutableChange",
                "priceChange",
                "removeCountries",
                "copyOf",
                "ignore",
                "distinctFrom",
            ],
            0,
        ),
        Place::Approval => {
            among(&Approved::KINDS, 0).or_else(|| among(&["reason", "until"], BEHIND))
        }
        Place::Known(keys) | Place::Value(Kind::Texts(keys)) => among(keys, 0),
        Place::Value(Kind::GeoRestriction) => among(&["type", "countries"], 0),
        Place::Value(Kind::Price) => among(&["amount", "rules"], 0),
        Place::Value(Kind::Record(members) | Kind::Records(members)) => {
            members.iter().position(|member| member.name == key)
        }
        Place::Offers | Place::Localizations | Place::Value(_) | Place::Free => None,
    };
    rank.unwrap_or(LAST)
}

/// What stands behind a key.
fn inner(place: Place, key: &str) -> Place {
    match (place, key) {
        (Place::File, "allow") => Place::Approval,
        (Place::Approval, _) => Place::Known(&APPROVAL_KEYS),
        (Place::File, "defaults") | (Place::Offers, _) => Place::Offer,
        (Place::File, "offers") | (Place::Offer, "environments") => Place::Offers,
        (Place::Offer, "localizations") => Place::Localizations,
        (Place::Offer, "lifecycle") => Place::Lifecycle,
        (Place::Localizations, _) => Place::Localization,
        (Place::Offer | Place::Localization, key) => {
            field(key).map_or(Place::Free, |field| Place::Value(field.kind()))
        }
        (Place::Lifecycle, "priceChange") => Place::Known(&["country", "to", "reason", "until"]),
        (Place::Lifecycle, "removeCountries") => Place::Known(&["countries", "reason", "until"]),
        (Place::Lifecycle, "copyOf") => Place::Known(&["offer", "reason", "until"]),
        (Place::Value(Kind::Price), "rules") => Place::Value(Field::PriceRules.kind()),
        (Place::Value(Kind::Record(members) | Kind::Records(members)), key) => members
            .iter()
            .find(|member| member.name == key)
            .map_or(Place::Free, |member| Place::Value(member.kind)),
        (Place::File | Place::Lifecycle | Place::Value(_) | Place::Known(_) | Place::Free, _) => {
            Place::Free
        }
    }
}

/// The field of this name. Those of one name that differ by the type of the offer stand together anyway.
fn field(key: &str) -> Option<Field> {
    Field::all().find(|field| field.name() == key)
}
