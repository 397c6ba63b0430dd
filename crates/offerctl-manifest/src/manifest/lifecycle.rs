//! What may happen to an offer: [`Lifecycle`].

use std::collections::BTreeSet;

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Amount;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use serde::{Deserialize, Serialize};

use super::scope::Scope;
use super::value;
use crate::diagnostic::{Code, did_you_mean};
use crate::yaml::{Data, Entries, Reader, Yaml, cut};

/// What may happen to an offer, and which refusals are overridden for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifecycle {
    /// Whether it must never be deactivated or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protect: Option<bool>,
    /// What happens when a field changes that cannot change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_immutable_change: Option<OnImmutableChange>,
    /// Price moves that are meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_change: Vec<PriceChange>,
    /// Countries that are meant to go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_countries: Vec<RemoveCountries>,
    /// An offer that it is meant to be like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<CopyOf>,
    /// Fields that are sent when the offer is created, and neither compared nor cleared afterwards.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ignore: BTreeSet<Field>,
    /// The live offers that it is not, by the stems of their ids: it is never matched with them, however alike they look.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub distinct_from: BTreeSet<OfferId>,
}

/// What happens when a field changes that cannot change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnImmutableChange {
    /// The plan is refused.
    Refuse,
    /// A new offer is made and the old one deactivated.
    Replace,
}

/// A price that an offer may move to, however far that is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceChange {
    /// The very price.
    pub to: Amount,
    /// The localization whose price it is; the plain price if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Why.
    pub reason: String,
    /// The last day (in UTC) on which the move may be applied.
    pub until: Date,
}

/// Countries that an offer may lose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveCountries {
    /// The countries.
    pub countries: BTreeSet<Country>,
    /// Whether countries that are not named may go as well, as when a whitelist is set for the first time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every_other: bool,
    /// Why.
    pub reason: String,
    /// The last day (in UTC) on which the removal may be applied.
    pub until: Date,
}

/// An offer that another one is meant to be like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyOf {
    /// The name of the other offer.
    pub offer: Name,
    /// Why.
    pub reason: String,
    /// The last day (in UTC) on which the copy may be made.
    pub until: Date,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(jiff::civil::Date);

/// The text is not a day written as `2026-12-31`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date")]
pub struct DateError(String);

impl Date {
    /// Returns the day so many days later; the last day that there is, if there is none.
    #[must_use]
    pub fn days_later(self, days: i32) -> Self {
        let span = jiff::Span::new().days(days);
        Self(self.0.checked_add(span).unwrap_or(jiff::civil::Date::MAX))
    }

    /// The day that it is in UTC at a moment.
    pub fn of(moment: offerctl_model::value::Moment) -> Self {
        let timestamp = jiff::Timestamp::from_second(moment.unix()).unwrap_or(jiff::Timestamp::MAX);
        Self(timestamp.to_zoned(jiff::tz::TimeZone::UTC).date())
    }
}

impl std::str::FromStr for Date {
    type Err = DateError;

    /// Takes `2026-12-31`, and nothing else that a date library would take.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let found = (text.len() == 10).then(|| text.parse().ok()).flatten();
        found.map(Self).ok_or_else(|| DateError(cut(text)))
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0.to_string()
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What stands in `removeCountries.countries` for all countries that a first whitelist leaves out.
pub const EVERY_OTHER_COUNTRY: &str = "*";

impl Lifecycle {
    /// Whether it must never be deactivated or replaced.
    pub fn protects(&self) -> bool {
        self.protect == Some(true)
    }

    /// Whether it may be replaced when a field changes that cannot change.
    pub fn replaces(&self) -> bool {
        self.on_immutable_change == Some(OnImmutableChange::Replace)
    }

    /// Whether it is declared to be another offer than this live one.
    pub fn is_distinct_from(&self, id: &OfferId) -> bool {
        !self.distinct_from.is_empty() && self.distinct_from.contains(&id.to_stem())
    }

    /// Takes from `defaults`, or from what the offer says for all environments, what is not said here.
    pub(super) fn fill_from(&mut self, defaults: &Self) {
        let Self {
            protect,
            on_immutable_change,
            price_change,
            remove_countries,
            copy_of,
            ignore,
            distinct_from,
        } = defaults;
        self.protect = self.protect.or(*protect);
        self.on_immutable_change = self.on_immutable_change.or(*on_immutable_change);
        if self.price_change.is_empty() {
            self.price_change.clone_from(price_change);
        }
        if self.remove_countries.is_empty() {
            self.remove_countries.clone_from(remove_countries);
        }
        if self.copy_of.is_none() {
            self.copy_of.clone_from(copy_of);
        }
        if self.ignore.is_empty() {
            self.ignore.clone_from(ignore);
        }
        if self.distinct_from.is_empty() {
            self.distinct_from.clone_from(distinct_from);
        }
    }

    /// Reads it. In `defaults` it names no live offers: those belong to each offer.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        yaml: &Yaml<'_>,
        (offer_type, scope): (OfferType, Scope),
    ) -> Self {
        if yaml.data == Data::Null {
            return Self::default();
        }
        let Some(mut entries) = reader.entries(yaml, "a mapping such as {protect: true}") else {
            return Self::default();
        };
        let protect = entries.get("protect").and_then(|yaml| reader.flag(yaml));
        let on_immutable_change = entries.get("onImmutableChange").and_then(|yaml| {
            let word = reader.choice(yaml, Code::Choice, &["refuse", "replace"])?;
            Some(if word == "replace" {
                OnImmutableChange::Replace
            } else {
                OnImmutableChange::Refuse
            })
        });
        let price_change = entries
            .get("priceChange")
            .map(|yaml| one_or_many(reader, yaml, PriceChange::read));
        let remove_countries = entries
            .get("removeCountries")
            .map(|yaml| one_or_many(reader, yaml, RemoveCountries::read));
        let copy_of = entries
            .get("copyOf")
            .and_then(|yaml| CopyOf::read(reader, yaml));
        let ignore = entries
            .get("ignore")
            .map(|yaml| ignored(reader, yaml, (offer_type, scope)));
        let distinct_from = entries
            .get(DISTINCT_FROM)
            .filter(|_| scope != Scope::Defaults)
            .map(|yaml| live_offers(reader, yaml, offer_type));
        entries.finish(reader);
        Self {
            protect,
            on_immutable_change,
            price_change: price_change.unwrap_or_default(),
            remove_countries: remove_countries.unwrap_or_default(),
            copy_of,
            ignore: ignore.unwrap_or_default(),
            distinct_from: distinct_from.unwrap_or_default(),
        }
    }
}

/// Reads the list of fields that are left alone. In `defaults` it may name fields that only other types have.
fn ignored(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (offer_type, scope): (OfferType, Scope),
) -> BTreeSet<Field> {
    let mut fields = BTreeSet::new();
    for item in reader.list(yaml, "a list of fields").unwrap_or_default() {
        let Some(name) = reader.scalar(item, "a field") else {
            continue;
        };
        let types = Field::types_with(name);
        match Field::of_type(name, offer_type) {
            Some(field) if !fields.insert(field) => {
                let message = format!("the field `{}` stands twice in the list", cut(name));
                reader.error(item.node, Code::DuplicateEntry, message);
            }
            Some(_) => {}
            None if scope == Scope::Defaults && !types.is_empty() => {}
            None => unknown_field(reader, item, (name, offer_type)),
        }
    }
    fields
}

/// Reports a name in `ignore` that is no field of the type.
fn unknown_field(reader: &mut Reader<'_>, yaml: &Yaml<'_>, (name, offer_type): (&str, OfferType)) {
    let known: Vec<&str> = Field::all()
        .filter(|field| Field::of_type(field.name(), offer_type) == Some(*field))
        .map(Field::name)
        .collect();
    let message = format!("offers of type {offer_type} have no field `{}`", cut(name));
    let help = match did_you_mean(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the fields are {}", known.join(", ")),
    };
    reader.error_with_help(yaml.node, Code::UnknownKey, message, help);
}

/// The key under which an offer names the live offers that it is not.
pub(super) const DISTINCT_FROM: &str = "distinctFrom";

/// Reads a list of ids that the type can have in some generation of the API: the list stands for all environments.
fn live_offers(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    offer_type: OfferType,
) -> BTreeSet<OfferId> {
    let mut ids = BTreeSet::new();
    let items = reader.list(yaml, "a list of offer ids");
    for item in items.unwrap_or_default() {
        let Some(text) = reader.scalar(item, "an offer id") else {
            continue;
        };
        let Some(id) = value::offer_id(reader, item, text, offer_type) else {
            continue;
        };
        let wrong = Api::ALL.map(|api| value::wrong_letter(&id, offer_type, api));
        if let [Some((message, help)), Some(_)] = wrong {
            reader.error_with_help(item.node, Code::OfferId, message, help);
        } else if !ids.insert(id.to_stem()) {
            let message = format!("`{}` is listed twice", cut(text));
            reader.error(item.node, Code::DuplicateEntry, message);
        }
    }
    ids
}

/// Reads a mapping, or a list of them.
fn one_or_many<T>(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    read: fn(&mut Reader<'_>, &Yaml<'_>) -> Option<T>,
) -> Vec<T> {
    match &yaml.data {
        Data::Sequence(items) => items.iter().filter_map(|item| read(reader, item)).collect(),
        Data::Null | Data::Scalar(_) | Data::Mapping(_) => read(reader, yaml).into_iter().collect(),
    }
}

impl PriceChange {
    fn read(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Self> {
        let mut entries = reader.entries(
            yaml,
            "a mapping such as {to: 4.99, reason: …, until: 2026-12-31}",
        )?;
        let to = entries
            .require(reader, "to")
            .and_then(|yaml| value::price(reader, yaml));
        let country = entries
            .get("country")
            .map(|yaml| value::country(reader, yaml));
        let (reason, until) = reason_and_until(reader, &mut entries);
        entries.finish(reader);
        // A country that cannot be read must not turn the override into one of the plain price.
        if country == Some(None) {
            return None;
        }
        Some(Self {
            to: to?,
            country: country.flatten(),
            reason: reason?,
            until: until?,
        })
    }
}

impl RemoveCountries {
    fn read(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Self> {
        let wanted = "a mapping such as {countries: [SE], reason: …, until: 2026-12-31}";
        let mut entries = reader.entries(yaml, wanted)?;
        let listed = entries
            .require(reader, "countries")
            .and_then(|yaml| reader.list(yaml, "a list of countries"));
        let (reason, until) = reason_and_until(reader, &mut entries);
        entries.finish(reader);
        let (mut countries, mut every_other) = (BTreeSet::new(), false);
        for item in listed? {
            if matches!(&item.data, Data::Scalar(text) if **text == *EVERY_OTHER_COUNTRY) {
                every_other = true;
            } else if let Some(country) = value::country(reader, item) {
                countries.insert(country);
            }
        }
        Some(Self {
            countries,
            every_other,
            reason: reason?,
            until: until?,
        })
    }
}

impl CopyOf {
    fn read(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Self> {
        let wanted = "a mapping such as {offer: news, reason: …, until: 2026-12-31}";
        let mut entries = reader.entries(yaml, wanted)?;
        let offer = entries
            .require(reader, "offer")
            .and_then(|yaml| value::name(reader, yaml));
        let (reason, until) = reason_and_until(reader, &mut entries);
        entries.finish(reader);
        Some(Self {
            offer: offer?,
            reason: reason?,
            until: until?,
        })
    }
}

pub(super) fn reason_and_until(
    reader: &mut Reader<'_>,
    entries: &mut Entries<'_>,
) -> (Option<String>, Option<Date>) {
    let reason = entries.require(reader, "reason").and_then(|yaml| {
        let text = reader.scalar(yaml, "a reason in words")?;
        if text.trim().is_empty() {
            reader.error(yaml.node, Code::TextEmpty, "the reason is empty");
            return None;
        }
        Some(text.to_owned())
    });
    let until = entries.require(reader, "until").and_then(|yaml| {
        let text = reader.scalar(yaml, "a date")?;
        let found = text.parse::<Date>();
        if let Err(error) = &found {
            reader.error_with_help(
                yaml.node,
                Code::Date,
                error.to_string(),
                "write it as `2026-12-31`",
            );
        }
        found.ok()
    });
    (reason, until)
}
