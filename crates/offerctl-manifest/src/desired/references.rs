//! Whether offers refer to one another in ways that can be followed.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;

use super::offers::Desired;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::manifest::{Manifest, Part, Reference};
use crate::project::Environment;
use crate::span::Span;

/// Checks references, cycles and moves.
pub(super) fn check(
    all: &BTreeMap<&Name, &Manifest>,
    desired: &Desired,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) {
    for name in with_needs(desired) {
        let Some(manifest) = all.get(name) else {
            continue;
        };
        let references = manifest
            .depends_on
            .iter()
            .map(|reference| (reference, false));
        for (reference, is_event) in
            references.chain(manifest.events.iter().map(|reference| (reference, true)))
        {
            if let Some(problem) = check_reference(all, desired, environment, (name, reference)) {
                diagnostics.push(problem.at(reference.span));
            } else if let Some(target) = all.get(&reference.name)
                && is_event
                && target.offer_type != OfferType::Event
            {
                let message = format!(
                    "`{}` is of type {}, not an event",
                    reference.name, target.offer_type
                );
                diagnostics
                    .push(Diagnostic::error(Code::ReferenceType, message).at(reference.span));
            }
        }
    }
    check_moves(all, desired, diagnostics);
    check_cycles(all, desired, diagnostics);
}

/// The offers that refer to any other.
fn with_needs(desired: &Desired) -> impl Iterator<Item = &Name> {
    let offers = desired.offers.iter();
    let offers = offers.filter(|(_, offer)| !offer.needs.is_empty());
    offers.map(|(name, _)| name)
}

fn check_reference(
    all: &BTreeMap<&Name, &Manifest>,
    desired: &Desired,
    environment: &Environment,
    (name, reference): (&Name, &Reference),
) -> Option<Diagnostic> {
    let target = &reference.name;
    if target == name {
        return Some(Diagnostic::error(
            Code::Cycle,
            format!("`{name}` refers to itself"),
        ));
    }
    if desired.offers.contains_key(target) {
        return None;
    }
    if all.contains_key(target) {
        let message = format!(
            "`{target}` is not in the environment `{}`, but `{name}` is",
            environment.name
        );
        let diagnostic = Diagnostic::error(Code::DanglingReference, message);
        return Some(diagnostic.help("let `only` of both name the same environments"));
    }
    let diagnostic = Diagnostic::error(
        Code::DanglingReference,
        format!("there is no offer `{target}`"),
    );
    Some(
        match did_you_mean(target.as_str(), all.keys().map(|name| name.as_str())) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic,
        },
    )
}

fn check_moves(all: &BTreeMap<&Name, &Manifest>, desired: &Desired, diagnostics: &mut Diagnostics) {
    let mut taken: BTreeMap<&Name, (&Name, Span)> = BTreeMap::new();
    for (name, offer) in &desired.offers {
        let Some(from) = &offer.moved_from else {
            continue;
        };
        let span = offer.place(Part::MovedFrom);
        if all.contains_key(from) {
            let message =
                format!("`{name}` was moved from `{from}`, but `{from}` is still declared");
            let help = "remove the old offer, or remove `movedFrom`";
            diagnostics.push(
                Diagnostic::error(Code::MovedFrom, message)
                    .at(span)
                    .help(help),
            );
        } else if let Some((other, first)) = taken.get(from) {
            let message = format!("`{name}` and `{other}` were both moved from `{from}`");
            diagnostics.push(
                Diagnostic::error(Code::MovedFrom, message)
                    .at(span)
                    .related(*first, "the other one"),
            );
        } else {
            taken.insert(from, (name, span));
        }
    }
}

/// Finds offers that wait for one another, by walking along what each needs.
fn check_cycles(
    all: &BTreeMap<&Name, &Manifest>,
    desired: &Desired,
    diagnostics: &mut Diagnostics,
) {
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in with_needs(desired) {
        // The path from the start, each with what is still to be followed from there.
        let mut path: Vec<(&Name, Vec<&Name>)> = Vec::new();
        let mut next = Some(start);
        while next.is_some() || !path.is_empty() {
            if let Some(name) = next.take() {
                if let Some(position) = path.iter().position(|(on_path, _)| *on_path == name) {
                    if path.len() - position > 1 {
                        report_cycle(all, &path[position..], diagnostics);
                    }
                } else if !done.contains(name) {
                    let needs = desired
                        .offers
                        .get(name)
                        .map(|offer| offer.needs.iter().collect());
                    path.push((name, needs.unwrap_or_default()));
                }
            }
            let Some((name, open)) = path.last_mut() else {
                break;
            };
            next = open.pop();
            if next.is_none() {
                done.insert(name);
                path.pop();
            }
        }
    }
}

/// How many names of a circle are told; a longer one is more than anybody reads.
const MOST_NAMES: usize = 20;

fn report_cycle(
    all: &BTreeMap<&Name, &Manifest>,
    cycle: &[(&Name, Vec<&Name>)],
    diagnostics: &mut Diagnostics,
) {
    let names: Vec<&Name> = cycle.iter().map(|(name, _)| *name).collect();
    let Some(manifest) = names.first().and_then(|name| all.get(name)) else {
        return;
    };
    let second = names[1 % names.len()];
    let reference = manifest
        .depends_on
        .iter()
        .chain(&manifest.events)
        .find(|reference| reference.name == *second);
    let span = reference.map_or_else(
        || manifest.places.of(Part::Name),
        |reference| reference.span,
    );
    let mut words: Vec<String> = names
        .iter()
        .chain(names.first())
        .map(|name| format!("`{name}`"))
        .collect();
    if words.len() > MOST_NAMES {
        // Both ends tell where to look.
        let left_out = MOST_NAMES / 2..words.len() - MOST_NAMES / 2;
        let more = format!("{} more", left_out.len());
        words.splice(left_out, [more]);
    }
    let circle = words.join(" → ");
    let message = format!("these offers wait for one another: {circle}");
    diagnostics.push(
        Diagnostic::error(Code::Cycle, message)
            .at(span)
            .help("take one of the references out"),
    );
}
