//! What the service shows of an offer that says something: [`rows`].

use offerctl_core::content::{Content, Fields};
use offerctl_core::country::Country;
use offerctl_core::field::{Field, Visibility};
use offerctl_core::live::Row;
use offerctl_core::money::Currency;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::value::{EventRef, Value};

/// How much of an offer the service shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// All but what is write-only.
    Everything,
    /// What every list has.
    Listed,
}

impl Show {
    pub(crate) fn shows(self, field: Field) -> bool {
        match field.visibility() {
            Visibility::Listed => true,
            Visibility::Detail => self == Self::Everything,
            Visibility::WriteOnly => false,
        }
    }
}

/// The value as the service keeps it: events by their ids.
pub(crate) fn kept(value: &Value, ids: &dyn Fn(&Name) -> Option<OfferId>) -> Value {
    let Value::Events(events) = value else {
        return value.clone();
    };
    Value::events(events.iter().map(|event| match event {
        EventRef::Offer(name) => {
            EventRef::Id(ids(name).unwrap_or_else(|| OfferId::new("E999999999_US")))
        }
        EventRef::Id(id) => EventRef::Id(id.clone()),
    }))
}

/// The rows of an offer: one, or one per localization.
pub(crate) fn rows(
    content: &Content,
    stem: &str,
    show: Show,
    ids: &dyn Fn(&Name) -> Option<OfferId>,
) -> Vec<Row> {
    let row = |country: Country, currency: &str, fields: Fields| Row {
        id: OfferId::new(&format!("{stem}_{country}")),
        country: Some(country),
        currency: Currency::new(currency),
        tax_rate: None,
        publisher_email: Some("sales@club.tv".to_owned()),
        created_at: None,
        updated_at: None,
        fields: fields
            .iter()
            .filter(|(field, _)| show.shows(*field))
            .map(|(field, value)| (field, kept(value, ids)))
            .collect(),
    };
    let Some(localizations) = &content.localizations else {
        let home = Country::new("US").unwrap();
        return vec![row(home, "USD", content.fields.clone())];
    };
    let rows = localizations.iter().map(|(country, localization)| {
        let fields = content.row_fields(*country).into_iter();
        let effective = fields
            .filter_map(|field| Some((field, content.effective(*country, field)?.clone())))
            .collect();
        row(*country, localization.currency.as_str(), effective)
    });
    rows.collect()
}
