//! The countries that an offer takes from what lies under it: the `defaults` of its file, or, for one environment, the
//! offer.
//!
//! A row that says no currency keeps that of the row under it, and `null` takes a country out.

use offerctl_model::content::Localization;
use offerctl_model::country::Country;
use offerctl_model::money::Currency;

use super::offer::Body;
use super::places::Part;
use super::value;
use crate::diagnostic::Code;
use crate::yaml::{NodeId, Reader};

/// What lies under a row.
pub(super) enum Inherited {
    /// A row with this currency.
    Row(Currency),
    /// Something that could not be read and has a diagnostic of its own.
    Unreadable,
    /// Nothing has the country.
    Nothing,
}

/// Returns what the first of these that has a row for a country says; `null` takes the place of no row.
pub(super) fn inherited<'b>(
    country: Country,
    under: impl IntoIterator<Item = &'b Body>,
) -> Inherited {
    let part = Part::Localization(country);
    for body in under {
        let rows = body.content.localizations.as_ref();
        if let Some(row) = rows.and_then(|rows| rows.get(&country)) {
            return Inherited::Row(row.currency);
        }
        if body.places.has(part) && !body.places.is_null(part) {
            return Inherited::Unreadable;
        }
    }
    Inherited::Nothing
}

/// Gives each row of an offer that says no currency that of the `defaults`.
pub(super) fn inherit_currencies(
    reader: &mut Reader<'_>,
    offer: &mut Body,
    defaults: Option<&Body>,
) {
    for (country, (fields, node)) in std::mem::take(&mut offer.without_currency) {
        match inherited(country, defaults) {
            Inherited::Row(currency) => {
                let rows = offer.content.localizations.get_or_insert_default();
                rows.insert(country, Localization { currency, fields });
            }
            Inherited::Unreadable => {}
            Inherited::Nothing => value::no_currency(reader, node, country),
        }
    }
}

/// Reports a country that is taken out although nothing has it.
pub(super) fn nothing_to_take_out(reader: &mut Reader<'_>, node: NodeId, country: Country) {
    let message = format!("`{country}` is taken out, but the offer does not have it");
    let help = "remove the line, or write what the country is to have";
    reader.error_with_help(node, Code::WrongShape, message, help);
}

/// Checks the countries that an offer takes out of the `defaults`, which lie under it by now.
pub(super) fn check_offer(reader: &mut Reader<'_>, offer: &Body, defaults: Option<&Body>) {
    for (country, node) in &offer.without {
        if let Inherited::Nothing = inherited(*country, defaults) {
            nothing_to_take_out(reader, *node, *country);
        }
    }
    let last = offer.without.values().last();
    report_none_left(reader, last, (offer, "no country is left"));
}

/// Reports an offer that is left without any country, at the last one that was taken out.
pub(super) fn report_none_left(
    reader: &mut Reader<'_>,
    last: Option<&NodeId>,
    (body, message): (&Body, &str),
) {
    let rows = body.content.localizations.as_ref();
    if let (Some(node), Some(rows)) = (last, rows)
        && rows.is_empty()
    {
        let help = "write `localizations: null` for an offer without localizations";
        reader.error_with_help(*node, Code::WrongShape, message, help);
    }
}
