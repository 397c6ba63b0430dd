//! What customers can buy of an account, in a form in which two accounts can be compared: [`view`].

use std::collections::BTreeMap;

use cleeng_emulator::{Emulator, Field, FieldValue};

/// A row by the address of its offer and its country.
pub(super) type Row = (String, String);

/// What is on sale: the values of each row that say anything, by field.
pub(super) type View = BTreeMap<Row, BTreeMap<String, String>>;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) row: Row,
    pub(super) field: String,
}

pub(super) fn view(emulator: &Emulator) -> View {
    let offers = emulator.offers();
    let mut urls: BTreeMap<&str, &str> = BTreeMap::new();
    for offer in &offers {
        if let Some(url) = offer.text(Field::Url).filter(|url| !url.is_empty()) {
            urls.insert(offer.id().stem(), url);
        }
    }
    // Over REST a country is sold only as long as its offer is.
    let mut sold: BTreeMap<&str, bool> = BTreeMap::new();
    for offer in &offers {
        let is_home = offer.id().country() == "US";
        if is_home {
            sold.insert(offer.id().stem(), offer.is_active());
        }
    }
    let mut view = View::new();
    for offer in &offers {
        let stem = offer.id().stem();
        if !offer.is_active() || sold.get(stem) == Some(&false) {
            continue;
        }
        let fields = offer.fields().iter();
        let fields =
            fields.filter_map(|(field, value)| Some((format!("{field:?}"), words(value)?)));
        let mut row: BTreeMap<String, String> = fields.collect();
        row.insert("currency".to_owned(), offer.currency().as_str().to_owned());
        let key = (urls[stem].to_owned(), offer.id().country().to_owned());
        assert!(
            view.insert(key, row).is_none(),
            "two offers of one address: {offer:?}"
        );
    }
    view
}

/// A value in words; `None` if it says nothing.
pub(super) fn words(value: &FieldValue) -> Option<String> {
    let says = match value {
        FieldValue::Text(text) => !text.is_empty(),
        FieldValue::Integer(number) => *number != 0,
        FieldValue::Flag(flag) => *flag,
        FieldValue::List(items) => items.iter().any(|item| !item.is_empty()),
        FieldValue::Map(texts) => !texts.is_empty(),
        FieldValue::Rules(rules) => !rules.is_empty(),
        FieldValue::Amount(_) | FieldValue::Span(_) => true,
    };
    says.then(|| format!("{value:?}"))
}
