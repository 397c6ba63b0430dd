//! What the service shows of an offer that says something: [`rows`].

use offerctl_model::content::{Content, Fields};
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::Api;
use offerctl_model::value::{EventRef, Value};
use offerctl_reconcile::live::{Live, Row};

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

/// The country of the account of tests.
pub(crate) fn account_country() -> Country {
    Country::new("US").unwrap()
}

/// The rows of an offer: one, or one per localization; over REST the offer itself is one more.
pub(crate) fn rows(
    api: Api,
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
        publisher_email: Some("sales@club.tv".into()),
        created_at: None,
        updated_at: None,
        fields: fields
            .iter()
            .filter(|(field, _)| show.shows(*field))
            .map(|(field, value)| (field, kept(value, ids)))
            .collect(),
    };
    let Some(localizations) = &content.localizations else {
        return vec![row(account_country(), "USD", content.fields.clone())];
    };
    let home = (api == Api::Rest).then(account_country);
    let countries = content.countries_with(home);
    let rows = countries.iter().map(|country| {
        let currency = localizations.get(country).map(|row| row.currency);
        let effective = content.effective_fields(*country);
        let currency = currency.map_or_else(|| "USD".to_owned(), |code| code.to_string());
        row(*country, &currency, effective)
    });
    rows.collect()
}

/// Shows the offers of an account as REST does: the offer itself comes first, and it is known which that is.
pub(crate) fn as_resources(live: &Live) -> Live {
    let mut shown = Live::new();
    for offer in live.offers() {
        let views = offer.types().filter_map(|offer_type| {
            let mut view = offer.view(offer_type)?.clone();
            let home = Some(account_country());
            if let Some(index) = view.rows.iter().position(|row| row.country == home) {
                view.rows[..=index].rotate_right(1);
            }
            view.home = view.rows.first().and_then(|row| row.country);
            Some((offer_type, view))
        });
        shown.add_resource(views.collect());
    }
    shown
}
