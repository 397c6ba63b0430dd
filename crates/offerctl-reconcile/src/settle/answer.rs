//! Whether what a create was answered with is the offer that was to be made: [`accept`].
//!
//! An answer is evidence like any other. A service, or a proxy before it, may answer with another offer, or give the
//! results of a batch to each other's calls. A run that believes it binds a name to somebody else's offer, and the next
//! run rewrites that. So an answer counts if
//!
//! ```text
//!   its id is new        in no baseline, bound to no name, buried under none, in no other answer
//!   its id fits          the letter is one of the type's (docs/cleeng-api.md §2.0)
//!   and it says          our marker, over REST
//!                        or, where it says no marker at all, two of: title, address, price with term,
//!                        and no other create of the run fits it better
//! ```
//!
//! Any other answer says as much as none: the create is looked for in the lists.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use super::marker;
use crate::diff::{Agreement, Comparison, Undo};
use crate::fold::AsRead;
use crate::live::{Row, View};
use crate::state::{Intent, IntentId, State};

/// An answer to a create.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// What was sent.
    pub intent: &'a IntentId,
    /// What came back; with the details of its rows, if they were read by themselves.
    pub view: &'a View,
}

/// Returns for each of these answers whether it is the offer that its create was to make.
///
/// `state` must have the intents of all of them, and of whatever else is under way.
pub fn accept(api: Api, answers: &[Answered<'_>], state: &State) -> Vec<bool> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for stem in answers.iter().filter_map(|answer| stem(answer.view)) {
        *times.entry(stem).or_default() += 1;
    }
    let ids: BTreeSet<&str> = times.keys().copied().collect();
    let known = known(&ids, state);
    let fits = |answer: &Answered<'_>| {
        let stem = stem(answer.view)?;
        let intent = state.intents.get(answer.intent)?;
        let is_new = !known.contains(stem) && times.get(stem) == Some(&1);
        let id = &answer.view.rows.first()?.id;
        let letters = intent.offer_type.id_letters(api);
        let has_letter = id.letter().is_some_and(|letter| letters.contains(&letter));
        Some(is_new && has_letter && says_so(api, answer, intent, state))
    };
    answers
        .iter()
        .map(|answer| fits(answer).unwrap_or_default())
        .collect()
}

/// The stem that all rows of an answer have; `None` if they are of several offers, or there are none.
fn stem(view: &View) -> Option<&str> {
    let first = view.rows.first()?.id.stem();
    let mut rows = view.rows.iter();
    rows.all(|row| row.id.stem() == first).then_some(first)
}

/// Those of these ids that were there before, or that some name has or had.
fn known<'a>(ids: &BTreeSet<&'a str>, state: &State) -> BTreeSet<&'a str> {
    let claimed = state.claimed_ids();
    let mut known: BTreeSet<&str> = claimed
        .filter_map(|id| ids.get(id.stem()).copied())
        .collect();
    for id in ids {
        let stem = OfferId::new(id);
        let mut baselines = state.runs.values().flat_map(|run| run.baseline.values());
        if baselines.any(|baseline| baseline.contains(&stem)) {
            known.insert(id);
        }
    }
    known
}

fn says_so(api: Api, answer: &Answered<'_>, intent: &Intent, state: &State) -> bool {
    let shown = answer.view.rows.first();
    let shown = shown.and_then(|row| row.fields.text(Field::Marker));
    match (
        marker(&intent.content),
        shown.map(Foreign::raw).filter(|text| !text.is_empty()),
    ) {
        (Some(ours), Some(shown)) => return ours == shown,
        // An offer that somebody else marked is somebody else's.
        (None, Some(_)) => return false,
        (Some(_) | None, None) => {}
    }
    let fit = |intent: &Intent| {
        fit(
            api,
            &intent.content,
            (intent.offer_type, answer.view),
            state,
        )
    };
    let own = fit(intent);
    let mut others = state.intents.iter().filter(|(id, other)| {
        *id != answer.intent && other.run == intent.run && other.offer_type == intent.offer_type
    });
    match own {
        ALL => true,
        ENOUGH => others.all(|(_, other)| fit(other) <= own),
        _ => false,
    }
}

/// How many of title, address and price have to be as they were sent.
const ENOUGH: usize = 2;

/// Title, address and price: nothing fits better.
const ALL: usize = 3;

/// How many of title, address, and price with its term are as they were to be.
fn fit(
    api: Api,
    content: &Content,
    (offer_type, view): (OfferType, &View),
    state: &State,
) -> usize {
    let resolve = |name: &Name| state.bindings.get(name).map(|binding| binding.id.clone());
    let comparison = Comparison {
        api,
        offer_type,
        desired: content,
        view,
        applied: None,
        resolve: &resolve,
        undo: Undo::default(),
        now: None,
    };
    let rows: Vec<(Option<Country>, &Row)> = rows(content, view);
    let text = |field| {
        holds(rows.iter().map(|(country, row)| {
            let wanted = content.at(*country, field);
            match (wanted, row.fields.text(field)) {
                (Some(Value::Text(wanted)), Some(shown)) => {
                    let shown = AsRead::live(field, (api, offer_type), shown);
                    Agreement::of(AsRead::declared(field, wanted).is_shown_as(&shown))
                }
                _ => Agreement::Unknown,
            }
        }))
    };
    let price = || {
        holds(
            rows.iter()
                .map(|(country, row)| price_agrees(&comparison, (*country, row))),
        )
    };
    [text(Field::Title), text(Field::Url), price()]
        .into_iter()
        .filter(|holds| *holds)
        .count()
}

/// The rows of an answer that the content says something about, with the country whose values are meant.
fn rows<'v>(content: &Content, view: &'v View) -> Vec<(Option<Country>, &'v Row)> {
    if !content.is_localized() {
        return view
            .rows
            .first()
            .map(|row| (None, row))
            .into_iter()
            .collect();
    }
    let countries = content.countries_with(view.home);
    let rows = view.rows.iter();
    rows.filter(|row| {
        row.country
            .is_some_and(|country| countries.contains(&country))
    })
    .map(|row| (row.country, row))
    .collect()
}

/// Whether some row agrees and none disagrees.
fn holds(rows: impl Iterator<Item = Agreement>) -> bool {
    let mut any = false;
    for agreement in rows {
        match agreement {
            Agreement::Equal => any = true,
            Agreement::Differs => return false,
            Agreement::Unknown => {}
        }
    }
    any
}

/// The fields that say for how long a price is paid.
const TERMS: [Field; 6] = [
    Field::Period,
    Field::RentalHours,
    Field::BillingCycle,
    Field::ExpiresAt,
    Field::Entitlement,
    Field::RentalPeriod,
];

fn price_agrees(comparison: &Comparison<'_>, (country, row): (Option<Country>, &Row)) -> Agreement {
    let content = comparison.desired;
    let agrees = |field| {
        content
            .at(country, field)
            .map_or(Agreement::Unknown, |wanted| {
                comparison.agreement(row, field, wanted)
            })
    };
    let localization = country.and_then(|country| content.localizations.as_ref()?.get(&country));
    let other_currency = localization
        .zip(row.currency)
        .is_some_and(|(wanted, shown)| wanted.currency != shown);
    if other_currency || TERMS.iter().any(|term| agrees(*term) == Agreement::Differs) {
        return Agreement::Differs;
    }
    agrees(Field::Price)
}
