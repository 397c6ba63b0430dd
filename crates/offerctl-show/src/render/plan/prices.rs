//! The prices of an offer in several countries, as one table: [`text`].

use offerctl_model::field::Field;
use offerctl_model::value::Value;
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::plan::Action;

use super::field::{Causes, direction, percent_words};
use crate::render::page::{Page, Tone, push_line};

/// The columns that the rows are indented by.
const INDENT: usize = 6;

/// Writes the prices that an offer is made with, or that move, each on its line or several on one.
pub(super) fn text(action: Action, prices: &[&FieldChange], causes: Causes, page: Page) -> String {
    let body = if action == Action::Create {
        grid(prices, page)
    } else {
        table(prices, causes, page)
    };
    format!("    prices\n{body}")
}

fn amount(field: &FieldChange, value: Option<&Value>) -> String {
    match value {
        Some(Value::Amount(amount)) => amount.in_digits_of(field.currency),
        Some(other) => offerctl_model::words::value_text(Field::Price, other, None),
        None => "nothing".to_owned(),
    }
}

fn country(field: &FieldChange) -> String {
    field
        .path
        .country
        .map_or_else(String::new, |country| country.to_string())
}

fn currency(field: &FieldChange) -> String {
    field
        .currency
        .map_or_else(String::new, |currency| currency.to_string())
}

/// Country, amount and currency, as many beside one another as fit.
fn grid(prices: &[&FieldChange], page: Page) -> String {
    const GAP: usize = 4;
    let amounts: Vec<String> = prices
        .iter()
        .map(|field| amount(field, field.after.as_ref()))
        .collect();
    let width = amounts.iter().map(String::len).max().unwrap_or(0);
    let cells: Vec<String> = prices
        .iter()
        .zip(&amounts)
        .map(|(field, amount)| format!("{} {amount:>width$} {}", country(field), currency(field)))
        .collect();
    let cell = cells.iter().map(String::len).max().unwrap_or(0);
    let beside = ((page.width + GAP).saturating_sub(INDENT) / (cell + GAP)).max(1);
    // Down the columns, so that the countries read in their order.
    let rows = cells.len().div_ceil(beside);
    let mut text = String::new();
    for row in 0..rows {
        let line: Vec<String> = cells
            .iter()
            .skip(row)
            .step_by(rows)
            .map(|words| format!("{words:cell$}"))
            .collect();
        let line = line.join(&" ".repeat(GAP));
        push_line(&mut text, format_args!("{:INDENT$}{}", "", line.trim_end()));
    }
    text
}

/// A column of the table: its title, which side it is aligned to, and its cells.
struct Column {
    title: &'static str,
    side: Side,
    cells: Vec<String>,
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn table(prices: &[&FieldChange], causes: Causes, page: Page) -> String {
    let column = |title, side, cell: &dyn Fn(&FieldChange) -> String| Column {
        title,
        side,
        cells: prices.iter().map(|field| cell(field)).collect(),
    };
    let amounts = |field: &FieldChange| match (&field.before, &field.after) {
        (Some(Value::Amount(before)), Some(Value::Amount(after))) => Some((*before, *after)),
        _ => None,
    };
    let mut columns = vec![
        column("country", Side::Left, &country),
        column("currency", Side::Left, &currency),
        column("before", Side::Right, &|field| {
            amount(field, field.before.as_ref())
        }),
        column("after", Side::Right, &|field| {
            amount(field, field.after.as_ref())
        }),
        column("move", Side::Right, &|field| {
            let moved = amounts(field);
            moved.map_or_else(String::new, |(before, after)| percent_words(before, after))
        }),
        column("", Side::Left, &|field| {
            let moved = amounts(field);
            moved.map_or_else(String::new, |(before, after)| {
                direction(before, after).to_owned()
            })
        }),
    ];
    if prices.iter().any(|field| field.applied.is_some()) {
        columns.push(column("applied", Side::Right, &|field| {
            let applied = field.applied.as_ref();
            applied.map_or_else(String::new, |applied| amount(field, Some(applied)))
        }));
    }
    if matches!(causes, Causes::Mixed) {
        columns.push(column("cause", Side::Left, &|field| {
            short_cause(field.cause).to_owned()
        }));
    }
    let tone = |row: usize| {
        let (before, after) = amounts(prices[row])?;
        Some(if after > before {
            Tone::Good
        } else {
            Tone::Bad
        })
    };
    let mut text = page.style.paint(Tone::Faint, &line(&columns, None)) + "\n";
    for row in 0..prices.len() {
        let words = line(&columns, Some(row));
        text.push_str(&match tone(row) {
            Some(tone) => page.style.paint(tone, &words),
            None => words,
        });
        text.push('\n');
    }
    text
}

/// A cause in few letters, because a line has no more room.
fn short_cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Edited => "git",
        Cause::Drifted => "by hand",
        Cause::Both => "both",
        Cause::Adopted => "adopted",
        Cause::Undeclared => "undeclared",
    }
}

/// The titles, or a row.
fn line(columns: &[Column], row: Option<usize>) -> String {
    let mut line = " ".repeat(INDENT);
    for Column { title, side, cells } in columns {
        let length = |text: &str| text.chars().count();
        let width = cells.iter().map(|cell| length(cell)).max().unwrap_or(0);
        let width = width.max(length(title));
        let cell = row.map_or(*title, |row| cells[row].as_str());
        let blanks = " ".repeat(width - length(cell));
        match side {
            Side::Left => line.extend([cell, &blanks, "  "]),
            Side::Right => line.extend([blanks.as_str(), cell, "  "]),
        }
    }
    line.trim_end().to_owned()
}
