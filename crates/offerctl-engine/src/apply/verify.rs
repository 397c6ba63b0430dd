//! Whether a write did what was asked: [`Asked`] against what the service answered.

use offerctl_core::content::{Content, Fields, Localization};
use offerctl_core::diff::{Comparison, FieldChange, difference};
use offerctl_core::field::Visibility;
use offerctl_core::live::{Row, View};
use offerctl_core::money::Currency;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::offer_type::{Api, OfferType};
use offerctl_core::render::value_text;

use crate::remote::{ShownRow, WriteCall, Written};

/// What a write asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) api: Api,
    pub(super) offer_type: OfferType,
    /// The values that the offer should have now, as far as the write says.
    content: Content,
    /// Whether the offer should be in the shop; `None` if the write does not say.
    active: Option<bool>,
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
        match call {
            WriteCall::Create {
                offer_type,
                content,
            } => Self {
                api,
                offer_type: *offer_type,
                content: content.clone(),
                active: None,
            },
            WriteCall::Update {
                offer_type,
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
                Self {
                    api,
                    offer_type: *offer_type,
                    content,
                    active: None,
                }
            }
            WriteCall::Deactivate { offer_type, .. } => Self {
                api,
                offer_type: *offer_type,
                content: Content::default(),
                active: Some(false),
            },
        }
    }

    /// Compares what was asked with what was answered.
    pub(super) fn compare(&self, rows: &[ShownRow]) -> Finding {
        let view = View {
            active: true,
            rows: rows.iter().map(|shown| shown.row.clone()).collect(),
        };
        let mut finding = Finding::default();
        // Base values of a localized update are those of every row.
        let content = if self.content.localizations.is_some() {
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
        };
        for change in difference(comparison).fields {
            if change.readable {
                finding.mismatches.push(describe(&change));
            } else if change.path.field.visibility() != Visibility::WriteOnly {
                finding.lacks = true;
            }
        }
        match self.active {
            Some(wanted) if rows.iter().any(|shown| shown.active == Some(!wanted)) => {
                finding
                    .mismatches
                    .push("it is still in the shop".to_owned());
            }
            Some(_) | None => {}
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

/// A row for a comparison; its currency is not compared, because an update does not send it.
fn localization(fields: &Fields) -> Localization {
    Localization {
        currency: Currency::new("XXX").expect("three capitals"),
        fields: fields.clone(),
    }
}

fn describe(change: &FieldChange) -> String {
    let words = |value: &Option<offerctl_core::value::Value>| {
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
pub(super) fn written_id(call: &WriteCall, written: &Written) -> OfferId {
    let localized = match call {
        WriteCall::Create { content, .. } => content.is_localized(),
        WriteCall::Update { localized, .. } => *localized,
        WriteCall::Deactivate { .. } => false,
    };
    let first = written.rows.first().map(|shown| &shown.row.id);
    match (first, localized) {
        (Some(id), true) => id.to_stem(),
        (Some(id), false) => id.clone(),
        (None, _) => OfferId::new(""),
    }
}

/// Puts rows that were read again into the place of those that were answered.
pub(super) fn merge(written: &mut Written, read: Vec<ShownRow>) {
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
