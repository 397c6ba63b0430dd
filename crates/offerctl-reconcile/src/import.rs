//! Manifests for what is live: [`import`].
//!
//! Each offer is read back from its rows, named, and written as a person would write it. Then the texts are read as
//! any manifest is, and planned with the bindings that go with them: an offer for which that plan says anything but
//! nothing is not written, and reported with the reason. So a plan after an import is empty by construction.

mod content;
mod draft;
mod names;
mod outcome;
mod prove;
mod request;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, named_by};
use offerctl_manifest::project::Account;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::foreign::{Foreign, shell_word};
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::EventRef;

use self::content::read_back;
use self::draft::{Draft, map_events};
use self::names::{Names, Subject};
pub use self::outcome::{ImportError, Imported, ImportedFile, ImportedOffer, Left, Written};
pub use self::request::Request;
use crate::live::Live;
use crate::matching::{Match, Matching, match_offers};
use crate::state::State;

/// Returns the rows that have to be read by themselves, because the lists do not carry all that they could say.
pub fn wanted_for_import(
    live: &Live,
    (api, state): (Api, &State),
    inactive: bool,
) -> Vec<(OfferType, OfferId)> {
    let mut wanted = Vec::new();
    for offer in live.offers() {
        let offer_type = type_of(offer, state);
        let Some(view) = offer
            .view(offer_type)
            .filter(|view| view.active || inactive)
        else {
            continue;
        };
        for row in &view.rows {
            let lacks = |field: Field| {
                field.visibility() == Visibility::Detail
                    && field.exists_in(api, offer_type)
                    && row.fields.get(field).is_none()
            };
            if Field::all().any(lacks) {
                wanted.push((offer_type, row.id.clone()));
            }
        }
    }
    wanted
}

/// The type of a live offer: that of its binding, or else the one that it has by itself.
fn type_of(offer: &crate::live::LiveOffer, state: &State) -> OfferType {
    if offer.types().count() == 1 {
        return offer.offer_type();
    }
    let bound = state
        .bindings
        .values()
        .find(|binding| binding.id.same_offer(&offer.id));
    bound.map_or_else(|| offer.offer_type(), |binding| binding.offer_type)
}

/// Makes manifests of what is live and not declared.
///
/// # Errors
///
/// Only if the texts that were made cannot be read back for a reason that belongs to no offer.
pub fn import(request: Request<'_>) -> Result<Imported, ImportError> {
    // The markers come with the first apply: what is proven is that nothing else does.
    let mut unmarked = request.environment.clone();
    unmarked.markers = false;
    let request = Request {
        environment: &unmarked,
        ..request
    };
    let account = account(request);
    let kept = Kept::of(request);
    let mut imported = Imported::default();
    let mut drafts = drafts(request, (&account, &kept), &mut imported);
    name_events(request, &kept, &mut drafts);
    identify(request, &kept, &mut drafts);
    prove::settle(request, &account, drafts, &mut imported)?;
    imported.left.sort();
    Ok(imported)
}

/// The account as it shows itself where nothing is said of it.
fn account(request: Request<'_>) -> Account {
    let Request {
        live,
        state,
        environment,
        ..
    } = request;
    let said = &environment.account;
    Account {
        publisher_email: None,
        country: said
            .country
            .or(state.account.country)
            .or_else(|| most_frequent(live, |row| row.country)),
        currency: said
            .currency
            .or(state.account.currency)
            .or_else(|| most_frequent(live, |row| row.currency)),
    }
}

/// What most plain offers inherit.
fn most_frequent<T: Ord>(live: &Live, of: impl Fn(&crate::live::Row) -> Option<T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for offer in live.offers() {
        let offer_type = offer.offer_type();
        let view = offer.view(offer_type);
        if offer_type == OfferType::Event {
            continue;
        }
        for row in view.into_iter().flat_map(|view| &view.rows) {
            let weight = if view.is_some_and(crate::live::View::has_localizations) {
                1
            } else {
                // A plain offer says more about the account than all localizations together.
                1000
            };
            if let Some(found) = of(row) {
                *counts.entry(found).or_default() += weight;
            }
        }
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(found, _)| found)
}

/// What is there before: offers that manifests declare, and their live offers.
struct Kept<'a> {
    desired: Desired,
    matching: Matching<'a>,
    /// The stems of live offers that are not written.
    taken: BTreeSet<Box<str>>,
}

impl<'a> Kept<'a> {
    fn of(request: Request<'a>) -> Self {
        let Request {
            live,
            state,
            project,
            environment,
            declared,
            take_over_from,
            ..
        } = request;
        let resolved = offerctl_manifest::desired::resolve(declared, project, environment);
        let mut desired = resolved.0;
        desired.take_over_from.clone_from(take_over_from);
        let matching = match_offers(&desired, live, state);
        let mut taken: BTreeSet<Box<str>> = matching
            .matches
            .values()
            .map(Match::id)
            .chain(matching.conflicts.iter().flat_map(|conflict| &conflict.ids))
            .map(|id| id.stem().into())
            .collect();
        let retiring = state
            .bindings
            .values()
            .flat_map(|binding| &binding.retiring);
        taken.extend(retiring.map(|old| Box::from(old.id.stem())));
        // What a manifest names by its id is declared, be it for no environment at all.
        let named = declared
            .iter()
            .filter_map(|manifest| manifest.ids.get(&environment.name));
        taken.extend(named.map(|found| Box::from(found.id.stem())));
        Self {
            desired,
            matching,
            taken,
        }
    }
}

/// Reads back and names every offer that is to be written.
fn drafts(
    request: Request<'_>,
    (account, kept): (&Account, &Kept<'_>),
    imported: &mut Imported,
) -> Vec<Draft> {
    let Request {
        live,
        state,
        environment,
        declared,
        ..
    } = request;
    let mut found = Vec::new();
    for offer in live.offers() {
        let offer_type = type_of(offer, state);
        let Some(view) = offer.view(offer_type) else {
            continue;
        };
        if kept.taken.contains(offer.id.stem()) {
            continue;
        }
        if !view.active && !request.inactive {
            imported.inactive += 1;
            continue;
        }
        let project = offer.marker();
        let project = project.and_then(|marker| kept.desired.other_project(marker));
        if let Some(project) = project.filter(|_| state.name_of(&offer.id).is_none()) {
            imported
                .left
                .push(of_another_project(offer, offer_type, project));
            continue;
        }
        let read = read_back((environment.api, offer_type), view, account);
        if read.problems.is_empty() {
            found.push((offer, offer_type, view.active, read));
        } else {
            imported.left.push(Left {
                id: offer.id.clone(),
                offer_type,
                title: offer.title(),
                reasons: read.problems,
                project: None,
            });
        }
    }
    let bound: BTreeMap<&str, &Name> = state
        .bindings
        .iter()
        .map(|(name, binding)| (binding.id.stem(), name))
        .collect();
    let others = declared
        .iter()
        .map(|manifest| &manifest.name)
        .chain(state.bindings.keys());
    let others: Vec<&Name> = others.collect();
    // What an earlier life of this project made still carries its names.
    let marked = marked_names(request, &others);
    let mut names = Names::new(others.into_iter().chain(marked.values()));
    let mut given: BTreeMap<&OfferId, Name> = BTreeMap::new();
    // What can be bought is named first, so that what cannot never takes its name.
    for active in [true, false] {
        let subjects: Vec<Subject<'_>> = found
            .iter()
            .filter(|(offer, _, sold, _)| {
                let stem = offer.id.stem();
                *sold == active && !bound.contains_key(stem) && !marked.contains_key(stem)
            })
            .map(|(offer, offer_type, _, read)| Subject {
                id: &offer.id,
                offer_type: *offer_type,
                content: &read.content,
            })
            .collect();
        given.extend(names.give(&subjects));
    }
    let mut drafts = Vec::new();
    for (offer, offer_type, active, read) in &found {
        let stem = offer.id.stem();
        let known = bound.get(stem).copied().or_else(|| marked.get(stem));
        let Some(name) = known.or_else(|| given.get(&offer.id)).cloned() else {
            continue;
        };
        drafts.push(Draft {
            id: offer.id.clone(),
            offer_type: *offer_type,
            title: offer.title(),
            active: *active,
            content: read.content.clone(),
            name,
            unsettable: read.unsettable.clone(),
            by_id: !*active,
        });
    }
    drafts.sort_by(|one, other| one.name.cmp(&other.name));
    drafts
}

/// An offer that another project manages is not written: both would change it.
fn of_another_project(
    offer: &crate::live::LiveOffer,
    offer_type: OfferType,
    project: &str,
) -> Left {
    let reason = format!(
        "the project `{}` manages it; to take it over, remove it from there, then import with `--take-over-from {}`",
        Foreign::from(project),
        shell_word(project)
    );
    Left {
        id: offer.id.clone(),
        offer_type,
        title: offer.title(),
        reasons: vec![reason],
        project: Some(project.into()),
    }
}

/// The names that our markers on live offers say, each of one offer and free.
fn marked_names<'a>(request: Request<'a>, taken: &[&Name]) -> BTreeMap<&'a str, Name> {
    let Some(project) = request.project.name.as_deref() else {
        return BTreeMap::new();
    };
    let mut by_name: BTreeMap<Name, Vec<&str>> = BTreeMap::new();
    for offer in request.live.offers().filter(|offer| offer.is_active()) {
        let name = offer.marker().and_then(|marker| named_by(project, marker));
        if let Some(name) = name.filter(|name| !taken.contains(&name)) {
            by_name.entry(name).or_default().push(offer.id.stem());
        }
    }
    let only = by_name.into_iter().filter(|(_, stems)| stems.len() == 1);
    only.map(|(name, stems)| (stems[0], name)).collect()
}

/// Lets offers name events by their names where they have one.
fn name_events(request: Request<'_>, kept: &Kept<'_>, drafts: &mut [Draft]) {
    let kept = kept
        .matching
        .matches
        .iter()
        .map(|(name, found)| (found.id().stem().into(), name.clone()));
    let new = drafts
        .iter()
        .filter(|draft| draft.active && draft.offer_type == OfferType::Event)
        .map(|draft| (draft.id.stem().into(), draft.name.clone()));
    let names: BTreeMap<Box<str>, Name> = kept.chain(new).collect();
    for draft in drafts.iter_mut() {
        map_events(&mut draft.content, |event| match event {
            EventRef::Id(id) => match names.get(id.stem()) {
                Some(name) if draft.active => EventRef::Offer(name.clone()),
                // The full id, where the account shows it.
                Some(_) | None => {
                    let shown = request.live.get(id).map(|offer| offer.id.clone());
                    EventRef::Id(shown.unwrap_or_else(|| id.clone()))
                }
            },
            EventRef::Offer(_) => event.clone(),
        });
    }
}

/// Gives those offers their id that nobody could find again by what they say, should the state be lost.
fn identify(request: Request<'_>, kept: &Kept<'_>, drafts: &mut [Draft]) {
    // An id makes room for others to be found, so that one more look may be worth it.
    for _ in 0..3 {
        let mut desired = kept.desired.clone();
        for draft in drafts.iter().filter(|draft| draft.active) {
            let adopts = draft.by_id.then(|| draft.id.clone());
            desired.declare(
                draft.name.clone(),
                draft.offer_type,
                (draft.content.clone(), adopts),
            );
        }
        let matching = match_offers(&desired, request.live, &State::default());
        let mut all_found = true;
        for draft in drafts
            .iter_mut()
            .filter(|draft| draft.active && !draft.by_id)
        {
            let found = matching.matches.get(&draft.name);
            if !found.is_some_and(|found| found.id().same_offer(&draft.id)) {
                draft.by_id = true;
                all_found = false;
            }
        }
        if all_found {
            return;
        }
    }
}
