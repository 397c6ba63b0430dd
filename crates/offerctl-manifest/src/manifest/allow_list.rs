//! Reading `allow:`: [`list`].

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::offer_type::Api;

use super::allow::{Approval, Approved, Direction};
use crate::diagnostic::{Code, did_you_mean};
use crate::manifest::lifecycle::{EVERY_OTHER_COUNTRY, reason_and_until};
use crate::manifest::pattern::Pattern;
use crate::manifest::value;
use crate::source::SourceFile;
use crate::yaml::{Data, Entries, Reader, Yaml, cut};

/// What an entry looks like.
const ENTRY: &str =
    "a mapping such as {deactivations: {offers: [summer-pass]}, reason: …, until: 2026-12-31}";

/// The file that entries stand in.
pub(crate) struct Origin<'a> {
    source: &'a SourceFile,
    file: Arc<Foreign>,
    /// Whether it is offerctl.yaml, whose entries act on offers of all files.
    everywhere: bool,
}

impl<'a> Origin<'a> {
    /// A file with manifests.
    pub(crate) fn manifest(source: &'a SourceFile, file: &Arc<Foreign>) -> Self {
        Self {
            source,
            file: Arc::clone(file),
            everywhere: false,
        }
    }

    /// The file of the project.
    pub(crate) fn project(source: &'a SourceFile) -> Self {
        Self {
            source,
            file: Arc::new(source.path.clone()),
            everywhere: true,
        }
    }
}

/// Reads the entries; those with a mistake are left out.
pub(crate) fn list(reader: &mut Reader<'_>, yaml: &Yaml<'_>, origin: &Origin<'_>) -> Vec<Approval> {
    if yaml.data == Data::Null {
        return Vec::new();
    }
    let items = reader.list(yaml, "a list of approvals");
    let mut found: Vec<Approval> = Vec::new();
    for item in items.unwrap_or_default() {
        let Some(approval) = entry(reader, item, origin) else {
            continue;
        };
        if found.iter().any(|known| known.says_the_same(&approval)) {
            let message = "this approval stands twice in the list";
            reader.error(item.node, Code::DuplicateEntry, message);
        }
        found.push(approval);
    }
    found
}

fn entry(reader: &mut Reader<'_>, yaml: &Yaml<'_>, origin: &Origin<'_>) -> Option<Approval> {
    let mut entries = reader.entries(yaml, ENTRY)?;
    let kinds = Approved::KINDS.into_iter();
    let mut given: Vec<(&str, &Yaml<'_>)> = kinds
        .filter_map(|kind| Some((kind, entries.get(kind)?)))
        .collect();
    given.sort_by_key(|(_, yaml)| yaml.node);
    let (reason, until) = reason_and_until(reader, &mut entries);
    entries.finish(reader);
    let (kind, contents) = match given.as_slice() {
        [only] => *only,
        [] => {
            let message = "the entry does not say what it approves";
            let help = format!("write one of {}", Approved::KINDS.join(", "));
            reader.error_with_help(yaml.node, Code::MissingField, message, help);
            return None;
        }
        [(first, _), (second, extra), ..] => {
            let message = format!("one entry approves both `{first}` and `{second}`");
            let help = "write an entry for each, with a reason of its own";
            reader.error_with_help(extra.node, Code::Exclusive, message, help);
            return None;
        }
    };
    let mut contents = reader.entries(contents, "a mapping with `offers`")?;
    let offers = contents
        .require(reader, "offers")
        .and_then(|yaml| patterns(reader, yaml));
    let environments = contents
        .get("environments")
        .map(|yaml| environments(reader, yaml));
    let what = what(reader, kind, &mut contents);
    contents.finish(reader);
    // Environments that cannot be read must not become all of them.
    if environments == Some(None) {
        return None;
    }
    let place = reader.span(yaml.node);
    Some(Approval {
        what: what?,
        offers: offers?,
        environments: environments.flatten(),
        reason: reason?.into(),
        until: until?,
        file: Arc::clone(&origin.file),
        line: origin.source.position(place.start).line,
        everywhere: origin.everywhere,
        place,
    })
}

/// Reads what only one kind says.
fn what(reader: &mut Reader<'_>, kind: &str, entries: &mut Entries<'_>) -> Option<Approved> {
    match kind {
        "priceChange" => price_change(reader, entries),
        "priceRange" => price_range(reader, entries),
        "removeCountries" => remove_countries(reader, entries),
        "clears" => {
            let field = entries.require(reader, "field");
            let field = field.and_then(|yaml| field_name(reader, yaml))?;
            Some(Approved::Clears { field })
        }
        "deactivations" => Some(Approved::Deactivations),
        "replacements" => Some(Approved::Replacements),
        _ => Some(Approved::Adopt),
    }
}

fn price_change(reader: &mut Reader<'_>, entries: &mut Entries<'_>) -> Option<Approved> {
    let max = entries
        .require(reader, "max")
        .and_then(|yaml| value::percent(reader, yaml));
    let direction = entries.get("direction").map(|yaml| {
        let word = reader.choice(yaml, Code::Choice, &["up", "down"])?;
        Some(if word == "up" {
            Direction::Up
        } else {
            Direction::Down
        })
    });
    let countries = entries.get("countries").map(|yaml| countries(reader, yaml));
    // What cannot be read must not become everything.
    if direction == Some(None) || countries == Some(None) {
        return None;
    }
    Some(Approved::PriceChange {
        max: max?,
        direction: direction.flatten(),
        countries: countries.flatten(),
    })
}

fn price_range(reader: &mut Reader<'_>, entries: &mut Entries<'_>) -> Option<Approved> {
    let countries = entries.get("countries").map(|yaml| countries(reader, yaml));
    let currency = entries
        .require(reader, "currency")
        .and_then(|yaml| currency(reader, yaml));
    let bound = |reader: &mut Reader<'_>, yaml: Option<&Yaml<'_>>| {
        yaml.map(|yaml| value::price(reader, yaml))
    };
    let places = [entries.get("min"), entries.get("max")];
    let [min, max] = places.map(|place| bound(reader, place));
    let Some(place) = places.into_iter().flatten().next() else {
        let message = "`min` or `max` is missing: the entry would approve any price";
        reader.error(entries.node(), Code::MissingField, message);
        return None;
    };
    if countries == Some(None) || min == Some(None) || max == Some(None) {
        return None;
    }
    let (min, max): (Option<Amount>, Option<Amount>) = (min.flatten(), max.flatten());
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let message = format!("the lowest price, {min}, is above the highest, {max}");
        let help = "write the lowest price as `min` and the highest as `max`";
        reader.error_with_help(place.node, Code::Choice, message, help);
        return None;
    }
    Some(Approved::PriceRange {
        countries: countries.flatten(),
        currency: currency?,
        min,
        max,
    })
}

fn remove_countries(reader: &mut Reader<'_>, entries: &mut Entries<'_>) -> Option<Approved> {
    let listed = entries
        .require(reader, "countries")
        .and_then(|yaml| some(reader, yaml, "a list of countries"))?;
    let (mut countries, mut every_other, mut complete) = (BTreeSet::new(), false, true);
    for item in listed {
        if matches!(&item.data, Data::Scalar(text) if **text == *EVERY_OTHER_COUNTRY) {
            every_other = true;
            continue;
        }
        match value::country(reader, item) {
            Some(country) => complete &= unique(reader, item, countries.insert(country)),
            None => complete = false,
        }
    }
    complete.then_some(Approved::RemoveCountries {
        countries,
        every_other,
    })
}

fn patterns(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Vec<Pattern>> {
    let mut found: Vec<Pattern> = Vec::new();
    let mut complete = true;
    for item in some(reader, yaml, "a list of offers")? {
        let Some(text) = reader.scalar(item, "the name of an offer") else {
            complete = false;
            continue;
        };
        match text.parse::<Pattern>() {
            Ok(pattern) => {
                complete &= unique(reader, item, !found.contains(&pattern));
                found.push(pattern);
            }
            Err(error) => {
                let help =
                    "write a name of a-z, 0-9 and -, or such a name with `*` for any characters";
                reader.error_with_help(item.node, Code::Name, error.to_string(), help);
                complete = false;
            }
        }
    }
    complete.then_some(found)
}

/// Reads names of environments; whether the project has them is checked when it is known.
fn environments(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut complete = true;
    for item in some(reader, yaml, "a list of environments")? {
        match reader.scalar(item, "the name of an environment") {
            Some(text) => complete &= unique(reader, item, found.insert(text.to_owned())),
            None => complete = false,
        }
    }
    complete.then_some(found)
}

fn countries(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<BTreeSet<Country>> {
    some(reader, yaml, "a list of countries")?;
    value::countries(reader, yaml)
}

fn currency(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Currency> {
    let currency = value::currency(reader, yaml)?;
    if Api::ALL.iter().any(|api| currency.is_known_to(*api)) {
        return Some(currency);
    }
    let message = format!("`{currency}` is not a currency code");
    reader.error(yaml.node, Code::Currency, message);
    None
}

fn field_name(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Field> {
    let text = reader.scalar(yaml, "the name of a field")?;
    let fields = || Field::all().filter(|field| *field != Field::Marker);
    let found = fields().find(|field| field.name() == text);
    if found.is_none() {
        let message = format!("`{}` is not a field of an offer", cut(text));
        let help = match did_you_mean(text, fields().map(Field::name)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write the name of a field, such as `description`".to_owned(),
        };
        reader.error_with_help(yaml.node, Code::Choice, message, help);
    }
    found
}

/// Reads a list that has something in it.
fn some<'y>(reader: &mut Reader<'_>, yaml: &'y Yaml<'y>, wanted: &str) -> Option<&'y [Yaml<'y>]> {
    let items = reader.list(yaml, wanted)?;
    if items.is_empty() {
        let message = format!("an empty list stands where {wanted} belongs");
        reader.error(yaml.node, Code::WrongShape, message);
        return None;
    }
    Some(items)
}

/// Notes an item that was there before.
fn unique(reader: &mut Reader<'_>, item: &Yaml<'_>, is_new: bool) -> bool {
    if !is_new && let Data::Scalar(text) = &item.data {
        let message = format!("`{}` stands twice in the list", cut(text));
        reader.error(item.node, Code::DuplicateEntry, message);
    }
    is_new
}
