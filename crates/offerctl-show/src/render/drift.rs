//! Drift in words.

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::told_apart;
use offerctl_model::money::{Currency, percent};
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;
use offerctl_model::words::value_text;
use offerctl_reconcile::diff::FieldChange;
use offerctl_reconcile::drift::{Drift, DriftKind, WayOut, ways_out};
use offerctl_reconcile::headline::Headline;

use super::page::{Style, Tone, headline_text, push_line};

/// The width that lines keep to, as far as what they show can be broken.
const WIDTH: usize = 80;

/// How far the fields of an offer are indented.
const INDENT: usize = 4;

/// Writes what drifted for people, by what happened, the summary on its last line.
pub fn drift_text(
    found: &[Drift],
    checked: usize,
    api: Api,
    headline: &Headline,
    style: Style,
) -> String {
    let mut text = headline_text(headline, style);
    text.push('\n');
    for kind in DriftKind::ALL {
        let of_kind: Vec<&Drift> = found.iter().filter(|drift| drift.kind == kind).collect();
        for drift in &of_kind {
            drift_head(&mut text, drift, style);
            fields_text(&mut text, drift);
        }
        if !of_kind.is_empty() {
            text.push('\n');
            ways_text(&mut text, &of_kind, api);
            text.push('\n');
        }
    }
    text.push_str(&summary_line(found, checked));
    text
}

fn summary_line(found: &[Drift], checked: usize) -> String {
    let offers = match checked {
        1 => "1 bound offer".to_owned(),
        _ => format!("{checked} bound offers"),
    };
    if found.is_empty() {
        let are = if checked == 1 { "is" } else { "are" };
        return format!("No drift. {offers} {are} as last applied.\n");
    }
    let counts: Vec<String> = DriftKind::ALL
        .into_iter()
        .map(|kind| {
            let count = found.iter().filter(|drift| drift.kind == kind).count();
            (count, kind.as_str())
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("Drift: {}; {offers} in all.\n", counts.join(", "))
}

/// What happened to an offer, in one symbol and a few words.
pub(super) fn happened(kind: DriftKind) -> (&'static str, &'static str) {
    match kind {
        DriftKind::Changed => ("~", "changed by hand"),
        DriftKind::Deactivated => ("-", "deactivated by hand"),
        DriftKind::Missing => ("!", "missing"),
        DriftKind::Revived => ("+", "revived by hand"),
    }
}

fn drift_head(text: &mut String, drift: &Drift, style: Style) {
    let (symbol, words) = happened(drift.kind);
    let tone = match drift.kind {
        DriftKind::Changed | DriftKind::Revived => Tone::Change,
        DriftKind::Deactivated | DriftKind::Missing => Tone::Bad,
    };
    let what = format!(" {} ({}) {}", drift.name, drift.offer_type, drift.id);
    let head = format!("{symbol} {words}");
    let when = drift
        .updated_at
        .map_or_else(String::new, |moment| format!("last changed {moment}"));
    let used = characters(&head) + characters(&what);
    let head = style.paint(tone, &head);
    if when.is_empty() {
        push_line(text, format_args!("{head}{what}"));
    } else if used + ", ".len() + characters(&when) <= WIDTH {
        push_line(text, format_args!("{head}{what}, {when}"));
    } else {
        push_line(text, format_args!("{head}{what}"));
        push_line(text, format_args!("{:INDENT$}{when}", ""));
    }
    match drift.kind {
        DriftKind::Missing => push_line(
            text,
            format_args!("{:INDENT$}the account does not list it", ""),
        ),
        DriftKind::Revived => push_line(
            text,
            format_args!("{:INDENT$}an apply deactivated it, and it is on sale", ""),
        ),
        DriftKind::Changed | DriftKind::Deactivated => {}
    }
}

fn fields_text(text: &mut String, drift: &Drift) {
    let fields = &drift.fields;
    let (prices, others): (Vec<&FieldChange>, Vec<&FieldChange>) =
        fields.iter().partition(|field| is_of_price_table(field));
    // One country is a line like any other.
    let (prices, others) = if prices.len() > 1 {
        (prices, others)
    } else {
        (Vec::new(), fields.iter().collect())
    };
    let labels: Vec<String> = others.iter().map(|field| field.path.to_string()).collect();
    let width = labels.iter().map(|label| characters(label)).max();
    let width = width.unwrap_or(0).min(32);
    for (field, label) in others.into_iter().zip(&labels) {
        let (before, after) = sides(field, drift);
        let line = format!(
            "{:INDENT$}{label:width$}  applied {before}, now {after}",
            ""
        );
        if characters(&line) <= WIDTH {
            push_line(text, format_args!("{line}"));
            continue;
        }
        push_line(text, format_args!("{:INDENT$}{label}", ""));
        for (word, value) in [("applied ", before), ("now     ", after)] {
            push_wrapped(text, &format!("{:1$}{word}", "", INDENT + 2), &value);
        }
    }
    price_table(text, &prices, drift);
}

/// Whether a difference is that of the price, or of the currency, of one country.
fn is_of_price_table(field: &FieldChange) -> bool {
    field.path.country.is_some() && field.path.field == Field::Price
}

/// The prices of countries, one line each.
fn price_table(text: &mut String, prices: &[&FieldChange], drift: &Drift) {
    if prices.is_empty() {
        return;
    }
    let rows: Vec<(String, String, String)> = prices
        .iter()
        .map(|price| {
            let (before, after) = sides(price, drift);
            let country = price
                .path
                .country
                .map_or_else(String::new, |country| country.to_string());
            (country, before, after)
        })
        .collect();
    let applied = rows.iter().map(|(_, before, _)| characters(before)).max();
    let applied = applied.unwrap_or(0).max("applied".len());
    push_line(
        text,
        format_args!("{:INDENT$}price of  {:applied$}  now", "", "applied"),
    );
    for (country, before, after) in rows {
        push_line(
            text,
            format_args!("{:INDENT$}{country:>8}  {before:applied$}  {after}", ""),
        );
    }
}

/// What was applied and what is live, in words.
pub(super) fn sides(field: &FieldChange, drift: &Drift) -> (String, String) {
    let moved = |country| drift.moved_countries.contains(&country);
    let moved_country = field.path.field == Field::Price && field.path.country.is_some_and(moved);
    if let (Some(Value::Text(before)), Some(Value::Text(after))) = (&field.before, &field.after) {
        let [before, after] = shortened(before.raw(), after.raw());
        return (before, after);
    }
    let words = |value: &Option<Value>, currency: Option<Currency>| match value {
        Some(value) => value_text(field.path.field, value, currency),
        None => "nothing".to_owned(),
    };
    let applied_currency = field
        .path
        .country
        .and_then(|country| applied_currency(&drift.fields, country));
    let before = words(&field.before, applied_currency.or(field.currency));
    let after = match (&field.before, &field.after) {
        (Some(_), None) if moved_country => "gone".to_owned(),
        (Some(Value::Amount(before)), Some(Value::Amount(after)))
            if field.path.field == Field::Price && applied_currency.is_none() =>
        {
            let percent = percent(*before, *after)
                .map_or_else(String::new, |percent| format!(" ({percent})"));
            words(&field.after, field.currency) + &percent
        }
        _ => words(&field.after, field.currency),
    };
    let before = if field.before.is_none() && moved_country {
        "not there".to_owned()
    } else {
        before
    };
    (before, after)
}

/// The currency that the prices of a country were applied in, if they are in another one now.
fn applied_currency(all: &[FieldChange], country: Country) -> Option<Currency> {
    let change = all
        .iter()
        .find(|field| field.path.country == Some(country) && field.path.field == Field::Currency)?;
    match change.before {
        Some(Value::Currency(currency)) => Some(currency),
        _ => None,
    }
}

/// Two texts in quotes, told apart; of a long one what is around the first character in which they differ.
fn shortened(one: &str, other: &str) -> [String; 2] {
    const SHOWN: usize = 56;
    const BEFORE: usize = 16;
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let window = |text: &str| {
        let length = text.chars().count();
        let start = if length <= SHOWN {
            0
        } else {
            same.saturating_sub(BEFORE).min(length - SHOWN)
        };
        let before = if start > 0 { "…" } else { "" };
        let after = if start + SHOWN < length { "…" } else { "" };
        let shown: String = text.chars().skip(start).take(SHOWN).collect();
        format!("{before}{shown}{after}")
    };
    told_apart(&window(one), &window(other)).map(|text| format!("\"{text}\""))
}

/// What can be done, once for all offers of a kind that drifted alike.
fn ways_text(text: &mut String, drifts: &[&Drift], api: Api) {
    let mut ways: Vec<(WayOut, Vec<&Drift>)> = Vec::new();
    for drift in drifts {
        for way in ways_out(drift, api) {
            match ways.iter_mut().find(|(known, _)| *known == way) {
                Some((_, drifts)) => drifts.push(drift),
                None => ways.push((way, vec![drift])),
            }
        }
    }
    for (way, drifts) in ways {
        let names: Vec<&Name> = drifts.iter().map(|drift| &drift.name).collect();
        let action = match drifts.as_slice() {
            [drift] => way.action_for(drift),
            _ => way
                .action_for_all(&names)
                .unwrap_or_else(|| way.action.to_owned()),
        };
        push_wrapped(text, &format!("  to {}: ", way.purpose), &action);
    }
}

/// Writes words behind a beginning; what does not fit goes on below, indented a little more than the beginning.
fn push_wrapped(text: &mut String, beginning: &str, words: &str) {
    let indent = beginning.len() - beginning.trim_start().len() + 4;
    let mut line = beginning.to_owned();
    let mut empty = true;
    for word in words.split(' ') {
        if !empty && characters(&line) + 1 + characters(word) > WIDTH {
            push_line(text, format_args!("{line}"));
            line = " ".repeat(indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    push_line(text, format_args!("{line}"));
}

fn characters(text: &str) -> usize {
    text.chars().count()
}
