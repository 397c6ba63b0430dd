//! Whether a write did what was asked: [`Asked`] against what the service answered.

use offerctl_model::content::{Content, Fields, Localization, Localizations};
use offerctl_model::country::Country;
use offerctl_model::field::Visibility;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::words::value_text;
use offerctl_reconcile::diff::{Comparison, FieldChange, Undo, difference};
use offerctl_reconcile::live::{Row, View};

use crate::remote::{CountryChange, ShownOffer, ShownRow, WriteCall};

/// What a write asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) api: Api,
    pub(super) offer_type: OfferType,
    /// The values that the offer should have now, as far as the write says.
    content: Content,
    /// Whether the offer should be in the shop, in one country or at all; `None` if the write does not say.
    active: Option<(Option<Country>, bool)>,
}

/// What the rows of an answer say about a write.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Finding {
    /// What is otherwise than asked.
    pub(super) mismatches: Vec<String>,
    /// Whether the answer does not say all that is to be known.
    pub(super) lacks: bool,
}

impl Finding {
    /// Whether the offer should be read again before it is judged.
    pub(super) fn needs_another_look(&self) -> bool {
        self.lacks || !self.mismatches.is_empty()
    }
}

impl Asked {
    /// Returns what a call asks for.
    pub(super) fn of(api: Api, call: &WriteCall) -> Self {
        let offer_type = call.offer_type();
        let plain = Content::default();
        let (content, active) = match call {
            WriteCall::Create { content, .. } => (content.clone(), None),
            WriteCall::Update {
                localized,
                base,
                rows,
                ..
            } => {
                let localizations = localized.then(|| {
                    rows.iter()
                        .map(|(country, fields)| (*country, localization(fields)))
                        .collect()
                });
                let content = Content {
                    fields: base.clone(),
                    localizations,
                };
                (content, None)
            }
            WriteCall::Country {
                country, change, ..
            } => {
                let of_country = |row: Localization| Content {
                    localizations: Some(Localizations::from_iter([(*country, row)])),
                    ..Content::default()
                };
                match change {
                    CountryChange::Add(row) => {
                        (of_country(row.clone()), Some((Some(*country), true)))
                    }
                    CountryChange::Update(fields) => (of_country(localization(fields)), None),
                    CountryChange::Activate => (plain, Some((Some(*country), true))),
                    CountryChange::Deactivate => (plain, Some((Some(*country), false))),
                }
            }
            WriteCall::Activate { .. } => (plain, Some((None, true))),
            WriteCall::Deactivate { .. } => (plain, Some((None, false))),
        };
        Self {
            api,
            offer_type,
            content,
            active,
        }
    }

    /// Compares what was asked with what was answered.
    pub(super) fn compare(&self, shown: &ShownOffer) -> Finding {
        let rows = &shown.rows;
        let view = shown.view();
        let mut finding = Finding::default();
        // Base values of a localized update are those of every row.
        let content = if self.content.localizations.is_some() && shown.home.is_none() {
            self.for_rows(&view)
        } else {
            self.content.clone()
        };
        let missing: Vec<String> = content
            .countries()
            .filter(|country| view.row(*country).is_none())
            .map(|country| country.to_string())
            .collect();
        if !missing.is_empty() {
            finding.lacks = true;
            finding
                .mismatches
                .push(format!("{} missing", missing.join(", ")));
        }
        let resolve = |_: &Name| -> Option<OfferId> { None };
        let comparison = Comparison {
            api: self.api,
            offer_type: self.offer_type,
            desired: &content,
            view: &view,
            applied: None,
            resolve: &resolve,
            undo: Undo::default(),
            now: None,
        };
        for change in difference(comparison).fields {
            if change.readable {
                finding.mismatches.push(describe(&change));
            } else if change.path.field.visibility() != Visibility::WriteOnly {
                finding.lacks = true;
            }
        }
        finding.mismatches.extend(other_currencies(&content, &view));
        if let Some((country, wanted)) = self.active {
            let of_country = |row: &ShownRow| match (country, shown.home) {
                (Some(country), _) => row.row.country == Some(country),
                // The offer itself is one row among others.
                (None, Some(home)) => row.row.country == Some(home),
                (None, None) => true,
            };
            let otherwise = |row: &&ShownRow| of_country(row) && row.active == Some(!wanted);
            if rows.iter().any(|row| otherwise(&row)) {
                let words = if wanted {
                    "it is not in the shop"
                } else {
                    "it is still in the shop"
                };
                finding.mismatches.push(words.to_owned());
            }
        }
        finding
    }

    /// An update names only the rows that change; its base values are compared with all of them.
    fn for_rows(&self, view: &View) -> Content {
        let mut content = self.content.clone();
        let rows = content.localizations.get_or_insert_default();
        for row in &view.rows {
            if let Some(country) = row.country {
                rows.entry(country)
                    .or_insert_with(|| localization(&Fields::new()));
            }
        }
        content
    }
}

/// Countries that were made in another currency than was asked.
fn other_currencies(content: &Content, view: &View) -> Vec<String> {
    let rows = content.localizations.iter().flatten();
    let other = rows.filter_map(|(country, row)| {
        let live = view.row(*country)?.currency?;
        let is_other = live != row.currency && row.currency.as_str() != UNSAID;
        is_other.then(|| format!("the currency of {country} is {live}, not {}", row.currency))
    });
    other.collect()
}

/// The code of no currency, for rows of which none is said.
const UNSAID: &str = "XXX";

/// A row for a comparison; its currency is not compared, because an update does not send it.
fn localization(fields: &Fields) -> Localization {
    Localization {
        currency: Currency::new(UNSAID).expect("three capitals"),
        fields: fields.clone(),
    }
}

fn describe(change: &FieldChange) -> String {
    let words = |value: &Option<offerctl_model::value::Value>| {
        value.as_ref().map_or_else(
            || "nothing".to_owned(),
            |value| value_text(change.path.field, value, change.currency),
        )
    };
    format!(
        "`{}` is {}, not {}",
        change.path,
        words(&change.before),
        words(&change.after)
    )
}

/// The id of the offer that a write answered with: the stem if it has several rows.
pub(super) fn written_id(call: &WriteCall, written: &ShownOffer) -> OfferId {
    let localized = match call {
        WriteCall::Create { content, .. } => content.is_localized(),
        WriteCall::Update { localized, .. } => *localized,
        WriteCall::Country { .. } => true,
        WriteCall::Activate { .. } | WriteCall::Deactivate { .. } => false,
    };
    let first = written.rows.first().map(|shown| &shown.row.id);
    match (first, localized) {
        (Some(id), true) => id.to_stem(),
        (Some(id), false) => id.clone(),
        (None, _) => OfferId::new(""),
    }
}

/// Puts rows that were read again into the place of those that were answered.
pub(super) fn merge(written: &mut ShownOffer, read: Vec<ShownRow>) {
    for shown in read {
        match written
            .rows
            .iter_mut()
            .find(|found| found.row.id == shown.row.id)
        {
            Some(found) => {
                let mut fields = found.row.fields.clone();
                for (field, value) in shown.row.fields.iter() {
                    fields.set(field, value.clone());
                }
                *found = ShownRow {
                    row: Row {
                        fields,
                        ..shown.row
                    },
                    active: shown.active.or(found.active),
                };
            }
            None => written.rows.push(shown),
        }
    }
}
