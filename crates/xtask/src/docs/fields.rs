//! What each generation of the API can say: [`table`].

use std::collections::BTreeSet;
use std::fmt::Write;

use offerctl_model::field::Field;
use offerctl_model::offer_type::{Api, OfferType};

/// A table of all fields and types; each cell names the generations that have the field, with a star where it can differ
/// per country.
pub(super) fn table() -> String {
    let mut text = String::from("| field |");
    for offer_type in OfferType::ALL {
        let _written = write!(text, " {offer_type} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(OfferType::ALL.len()));
    text.push('\n');
    let mut seen = BTreeSet::new();
    for field in Field::all() {
        // Two fields of one name belong to different types.
        let name = field.name();
        let of_type = |offer_type: OfferType| {
            let mut fields = Field::all().filter(|other| other.name() == name);
            fields.find(|other| Api::ALL.iter().any(|api| other.exists_in(*api, offer_type)))
        };
        let cells: Vec<String> = OfferType::ALL
            .iter()
            .map(|offer_type| {
                of_type(*offer_type).map_or_else(String::new, |field| cell(field, *offer_type))
            })
            .collect();
        if !seen.insert(name) || cells.iter().all(String::is_empty) {
            continue;
        }
        let _written = writeln!(text, "| `{name}` | {} |", cells.join(" | "));
    }
    text
}

fn cell(field: Field, offer_type: OfferType) -> String {
    let words = Api::ALL.iter().filter_map(|api| {
        let per_country = field.is_localizable(*api, offer_type);
        if !field.exists_in(*api, offer_type) && !per_country {
            return None;
        }
        let letter = match api {
            Api::JsonRpc => "J",
            Api::Rest => "R",
        };
        Some(format!("{letter}{}", if per_country { "*" } else { "" }))
    });
    words.collect::<Vec<_>>().join(" ")
}
