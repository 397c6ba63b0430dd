//! What differs between two accounts, in words.

use std::collections::BTreeSet;

use offerctl_model::field::Field;
use offerctl_model::money::percent;
use offerctl_model::name::Name;
use offerctl_model::value::Value;
use offerctl_model::words::{quoted, value_text, value_texts};
use offerctl_reconcile::compare::{Compared, Different, FieldDifference, Presence, Subject};
use offerctl_reconcile::headline::Headline;

use super::flow::Flow;
use super::page::{Page, Tone, headline_text, push_line};
use crate::document::DiffSummary;

/// Writes what differs between two accounts for people, the summary on its last line.
pub fn compared_text(compared: &Compared, headlines: &[Headline; 2], page: Page) -> String {
    let names = [0, 1].map(|index| headlines[index].environment.as_str());
    let mut text = headlines
        .iter()
        .map(|headline| headline_text(headline, page.style))
        .collect::<Vec<_>>()
        .concat();
    text.push('\n');
    for found in &compared.different {
        push_offer(&mut text, found, names, page);
        text.push('\n');
    }
    for (name, undecided) in names.into_iter().zip(&compared.undecided) {
        if !undecided.is_empty() {
            push_undecided(&mut text, name, undecided, page);
        }
    }
    text.push_str(&summary(compared, names, page));
    text
}

/// Writes words that go on below where they do not fit, indented.
fn push_prose(text: &mut String, flow: &Flow, (first, indent): (usize, usize), page: Page) {
    text.push_str(&" ".repeat(first));
    text.push_str(flow.lay(page, first, indent).trim_end());
    text.push('\n');
}

fn push_offer(text: &mut String, found: &Different, names: [&str; 2], page: Page) {
    let declared = found.is_declared();
    let (symbol, tone) = if declared {
        ("~", Tone::Change)
    } else {
        ("!", Tone::Bad)
    };
    let types = found.types();
    let offer_type = found.presence.iter().find_map(Presence::offer);
    let kind = match (offer_type, types) {
        (Some((offer_type, _)), None) => format!(" ({offer_type})"),
        _ => String::new(),
    };
    let subject = match &found.subject {
        Subject::Name(name) => name.to_string(),
        Subject::Title(title) => format!("unmanaged {}", quoted(title)),
    };
    let mut flow = Flow::new();
    let on_sale = names.into_iter().zip(&found.presence);
    let only_in = on_sale.filter(|(_, presence)| presence.is_on_sale());
    let only_in = only_in.map(|(name, _)| name).next().unwrap_or_default();
    let what = if found.is_in_both() {
        "differs".to_owned()
    } else {
        format!("is on sale only in {only_in}")
    };
    let word = if declared {
        ", as declared:"
    } else {
        ", unexpected:"
    };
    flow.text(tone, &format!("{symbol} {subject}{kind}"));
    flow.space().text(None, &what).text(None, word);
    for (name, presence) in names.into_iter().zip(&found.presence) {
        let words = match presence {
            Presence::OnSale(_, id) => format!("{name} {id}"),
            Presence::Inactive(_, id) => format!("{name} {id} (not on sale)"),
            Presence::Absent => continue,
        };
        let comma = if name == names[0] && found.presence[1] != Presence::Absent {
            ","
        } else {
            ""
        };
        flow.space().solid(None, &format!("{words}{comma}"));
    }
    push_prose(text, &flow, (0, 4), page);
    if let Some([first, second]) = types {
        push_line(
            text,
            format_args!(
                "    type: {first} in {}, {second} in {}",
                names[0], names[1]
            ),
        );
    }
    push_fields(text, &found.fields, names, page);
}

fn push_fields(text: &mut String, fields: &[FieldDifference], names: [&str; 2], page: Page) {
    let width = names.iter().map(|name| characters(name)).max().unwrap_or(0);
    let is_in_table =
        |field: &&FieldDifference| field.path.country.is_some() && field.path.field == Field::Price;
    let (prices, others): (Vec<_>, Vec<_>) = fields.iter().partition(is_in_table);
    for field in others {
        push_line(text, format_args!("    {}, {}", field.path, verdict(field)));
        for (name, value) in names.into_iter().zip(sides(field)) {
            text.push_str(&["      ", &format!("{name:width$}"), "  "].concat());
            let mut flow = Flow::new();
            flow.text(None, &value);
            text.push_str(&flow.lay(page, width + 8, width + 8));
            text.push('\n');
        }
    }
    if prices.is_empty() {
        return;
    }
    let rows: Vec<(String, [String; 2], &str)> = prices
        .into_iter()
        .map(|price| {
            let country = price.path.country.map(|country| country.to_string());
            (country.unwrap_or_default(), sides(price), verdict(price))
        })
        .collect();
    let widths = [0, 1].map(|index| {
        let values = rows.iter().map(|(_, values, _)| characters(&values[index]));
        values.max().unwrap_or(0).max(characters(names[index]))
    });
    let [first, second] = widths;
    let head = format!("    price of  {:first$}  {}", names[0], names[1]);
    push_line(text, format_args!("{head}"));
    for (country, [one, other], verdict) in rows {
        let line = format!("    {country:>8}  {one:first$}  {other:second$}  {verdict}");
        push_line(text, format_args!("{}", line.trim_end()));
    }
}

fn verdict(field: &FieldDifference) -> &'static str {
    if field.declared {
        "as declared"
    } else {
        "unexpected"
    }
}

/// The two values in words, the second one with how far it is from the first.
fn sides(field: &FieldDifference) -> [String; 2] {
    let missing = if field.path.country.is_some() && field.path.field == Field::Price {
        "not sold"
    } else {
        "nothing"
    };
    if let [Some(one @ Value::Text(_)), Some(other @ Value::Text(_))] = &field.values {
        return value_texts(field.path.field, [one, other], None);
    }
    let words = |index: usize| match &field.values[index] {
        Some(value) => value_text(field.path.field, value, field.currencies[index]),
        None => missing.to_owned(),
    };
    let moved = match (&field.values, field.currencies) {
        ([Some(Value::Amount(one)), Some(Value::Amount(other))], [here, there])
            if field.path.field == Field::Price && here == there =>
        {
            percent(*one, *other).map(|percent| format!(" ({percent})"))
        }
        _ => None,
    };
    [words(0), words(1) + &moved.unwrap_or_default()]
}

fn push_undecided(text: &mut String, environment: &str, names: &BTreeSet<Name>, page: Page) {
    let listed: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut flow = Flow::new();
    flow.solid(Tone::Bad, &format!("! undecided in {environment}:"));
    flow.space().prose(
        None,
        &format!(
            "{}. Not compared; `offerctl plan -e {environment}` says what there is to decide.",
            listed.join(", ")
        ),
    );
    push_prose(text, &flow, (0, 4), page);
    text.push('\n');
}

fn summary(compared: &Compared, names: [&str; 2], page: Page) -> String {
    let DiffSummary {
        alike,
        different,
        only_in_first,
        only_in_second,
        unexpected,
    } = DiffSummary::of(compared);
    let [first, second] = names;
    let [unmanaged_first, unmanaged_second] = compared.unmanaged;
    let mut text = String::new();
    let mut flow = Flow::new();
    if unmanaged_first + unmanaged_second > 0 {
        let unmanaged =
            format!("Unmanaged: {unmanaged_first} in {first}, {unmanaged_second} in {second}.");
        flow.prose(None, &unmanaged);
        push_prose(&mut text, &flow, (0, 0), page);
    }
    let mut flow = Flow::new();
    let words = if different + only_in_first + only_in_second == 0 {
        format!("No differences. Alike: {alike}.")
    } else {
        format!(
            "Different: {different} in both, {only_in_first} only in {first}, {only_in_second} only in {second}; of these {unexpected} unexpected. Alike: {alike}."
        )
    };
    flow.prose(None, &words);
    push_prose(&mut text, &flow, (0, 4), page);
    text
}

fn characters(text: &str) -> usize {
    text.chars().count()
}
