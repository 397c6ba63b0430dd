//! What git says for one environment: [`Desired`], made of manifests by [`resolve`].
//!
//! `resolve` refuses whatever could make a plan fail, so that planning is total.

mod bounds;
mod check;
mod generation;
mod marker;
mod offers;
mod references;
mod rules;
mod tags;
mod variables;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::name::Name;

pub use self::bounds::{PriceBounds, price_bounds};
use self::marker::Markers;
pub use self::marker::{MARKER_KEY, named_by, project_named_by};
pub use self::offers::{Desired, Offer};
pub use self::variables::names_variable;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::value::wrong_letter;
use crate::manifest::{Approval, LiveId, Manifest, Part};
use crate::project::{Environment, Project};

/// Makes the offers of one environment out of all manifests.
///
/// The result is usable only if no diagnostic is an error.
pub fn resolve(
    manifests: &[Manifest],
    project: &Project,
    environment: &Environment,
) -> (Desired, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut desired = Desired {
        api: Some(environment.api),
        offers: BTreeMap::new(),
        currency: environment.account.currency,
        country: environment.account.country,
        project: project.name.clone(),
        take_over_from: BTreeSet::new(),
        approvals: approvals(project, environment, &mut diagnostics),
        today: None,
    };
    let markers = Markers::of(project, environment);
    let mut all = unique(manifests, &mut diagnostics);
    for manifest in all.values() {
        check_environments(manifest, project, &mut diagnostics);
        check_ids(manifest, project, &mut diagnostics);
    }
    let overridden: Vec<Manifest> = all
        .values()
        .filter_map(|manifest| {
            let there = manifest.in_environment(&environment.name);
            let said = there.as_ref().unwrap_or(manifest);
            generation::without_unsaid(said, environment.api).or(there)
        })
        .collect();
    for manifest in &overridden {
        all.insert(&manifest.name, manifest);
    }
    let is_here = |manifest: &&&Manifest| {
        let only = manifest.only.as_ref();
        only.is_none_or(|only| only.contains(&environment.name))
    };
    let offers = all.values().filter(is_here).map(|manifest| {
        let mut offer = resolve_offer(manifest, environment, &mut diagnostics);
        markers.set(&manifest.name, &mut offer.content);
        rules::none_if_unsaid(&mut offer.content, environment.api, offer.offer_type);
        (manifest.name.clone(), offer)
    });
    desired.offers = offers.collect();
    references::check(&all, &desired, environment, &mut diagnostics);
    tags::check(&desired, &mut diagnostics);
    (desired, diagnostics)
}

/// The approvals that hold in the environment; all are checked.
fn approvals(
    project: &Project,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Vec<Approval> {
    for approval in &project.approvals {
        for name in approval.environments.iter().flatten() {
            if !project.environments.contains_key(name) {
                diagnostics.push(unknown_environment(name, project).at(approval.place));
            }
        }
    }
    let here = |approval: &&Approval| approval.holds_in(&environment.name);
    project.approvals.iter().filter(here).cloned().collect()
}

fn unknown_environment(name: &str, project: &Project) -> Diagnostic {
    let known = project.environments.keys();
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let message = format!("there is no environment `{}`", crate::yaml::cut(name));
    let help = format!("there are {}", known.join(", "));
    Diagnostic::error(Code::UnknownEnvironment, message).help(help)
}

fn unique<'m>(
    manifests: &'m [Manifest],
    diagnostics: &mut Diagnostics,
) -> BTreeMap<&'m Name, &'m Manifest> {
    let mut all: BTreeMap<&Name, &Manifest> = BTreeMap::new();
    for manifest in manifests {
        let first = match all.entry(&manifest.name) {
            Entry::Vacant(free) => {
                free.insert(manifest);
                continue;
            }
            Entry::Occupied(first) => *first.get(),
        };
        let places = [first.places.of(Part::Name), manifest.places.of(Part::Name)];
        let message = format!("the name `{}` is taken by another offer", manifest.name);
        let diagnostic = Diagnostic::error(Code::DuplicateName, message)
            .at(places[0].max(places[1]))
            .related(places[0].min(places[1]), "it is declared here")
            .help("names are unique in the whole project");
        diagnostics.push(diagnostic);
    }
    all
}

fn check_environments(manifest: &Manifest, project: &Project, diagnostics: &mut Diagnostics) {
    let only = manifest.only.iter().flatten();
    let only = only.map(|name| (name.as_str(), manifest.places.of(Part::Only)));
    let ids = manifest.ids.keys();
    let ids = ids.map(|name| (name.as_str(), manifest.places.of(Part::Ids)));
    let overrides = manifest.overrides.iter();
    let overrides = overrides.map(|(name, found)| (name, found.span));
    for (name, span) in only.chain(ids).chain(overrides) {
        if project.environments.contains_key(name) {
            continue;
        }
        diagnostics.push(unknown_environment(name, project).at(span));
    }
    let Some(only) = &manifest.only else { return };
    for (name, found) in manifest.overrides.iter() {
        if !only.contains(name) && project.environments.contains_key(name) {
            let message = format!("`only` keeps `{}` out of `{name}`", manifest.name);
            let help =
                "what stands here has no effect: take it out, or name the environment in `only`";
            let diagnostic = Diagnostic::warning(Code::UnusedOverride, message).at(found.span);
            let place = manifest.places.of(Part::Only);
            diagnostics.push(diagnostic.related(place, "`only` is here").help(help));
        }
    }
}

/// Checks the letter of each id against the generation of its environment.
fn check_ids(manifest: &Manifest, project: &Project, diagnostics: &mut Diagnostics) {
    for (name, LiveId { id, span }) in &manifest.ids {
        let there = project.environments.get(name);
        let wrong = there.and_then(|there| wrong_letter(id, manifest.offer_type, there.api));
        if let Some((message, help)) = wrong {
            let diagnostic = Diagnostic::error(Code::OfferId, message).at(*span);
            diagnostics.push(diagnostic.help(help));
        }
    }
}

fn resolve_offer(
    manifest: &Manifest,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Offer {
    let content = variables::fill_in(manifest, environment, diagnostics);
    check::content(manifest, &content, environment, diagnostics);
    let own = manifest.ids.get(&environment.name);
    if let Some(own) = own.filter(|own| manifest.lifecycle.is_distinct_from(&own.id)) {
        let message = format!(
            "`distinctFrom` says that `{}` is not {}, and `ids` says that it is",
            manifest.name, own.id
        );
        let diagnostic = Diagnostic::error(Code::OfferId, message)
            .at(manifest.places.of(Part::DistinctFrom))
            .related(own.span, "`ids` names it here")
            .help("take the id out of one of the two");
        diagnostics.push(diagnostic);
    }
    let references = manifest.depends_on.iter().chain(&manifest.events);
    let adopts = manifest.ids.get(&environment.name);
    Offer {
        offer_type: manifest.offer_type,
        content,
        needs: references.map(|reference| reference.name.clone()).collect(),
        adopts: adopts.map(|found| found.id.clone()),
        moved_from: manifest.moved_from.clone(),
        lifecycle: manifest.lifecycle.clone(),
        file: Some(Arc::clone(&manifest.file)),
        places: Arc::clone(&manifest.places),
    }
}
