//! Whether tags are what they look like, and whether those that give access are carried by any offer.
//!
//! A tag is all that connects a subscription with its content: one letter of another alphabet, and the customer has
//! paid for nothing.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::value::{EVERY_TAG, Value};
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use super::offers::Desired;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::manifest::Part;
use crate::span::Span;
use crate::yaml::cut;

/// How many tags that open nothing are looked at, and among how many others: more is no mistake but a catalogue whose
/// content is elsewhere.
const COMPARED: (usize, usize) = (50, 2000);

/// Where a tag stands.
#[derive(Default)]
struct Uses {
    /// On content.
    carried: Vec<Span>,
    /// Where it gives access.
    opens: Vec<Span>,
}

impl Uses {
    fn all(&self) -> impl Iterator<Item = Span> {
        self.carried.iter().chain(&self.opens).copied()
    }
}

/// Checks all tags of an environment.
pub(super) fn check(desired: &Desired, diagnostics: &mut Diagnostics) {
    let tags = uses(desired);
    // Of each tag one thing is said.
    let mut told = BTreeSet::new();
    mixed_alphabets(&tags, &mut told, diagnostics);
    twins(&tags, &mut told, diagnostics);
    misspelt(&tags, &told, diagnostics);
}

fn uses(desired: &Desired) -> BTreeMap<&str, Uses> {
    let mut found: BTreeMap<&str, Uses> = BTreeMap::new();
    for offer in desired.offers.values() {
        for field in [Field::Tags, Field::AccessToTags] {
            let Some(Value::Tags(tags)) = offer.content.fields.get(field) else {
                continue;
            };
            let place = offer.place(Part::Field(FieldPath::top(field)));
            for tag in tags {
                let uses = found.entry(tag.raw()).or_default();
                if field == Field::Tags {
                    uses.carried.push(place);
                } else {
                    uses.opens.push(place);
                }
            }
        }
    }
    found
}

/// Refuses tags of letters of several alphabets that read like Latin letters.
fn mixed_alphabets<'a>(
    tags: &BTreeMap<&'a str, Uses>,
    told: &mut BTreeSet<&'a str>,
    diagnostics: &mut Diagnostics,
) {
    for (tag, uses) in tags {
        if tag.is_ascii() || tag.is_single_script() {
            continue;
        }
        let seen: String = skeleton(tag).collect();
        let Some(foreign) = tag.chars().find(|character| !character.is_ascii()) else {
            continue;
        };
        if !seen.is_ascii() {
            continue;
        }
        told.insert(*tag);
        for place in uses.all() {
            let message = format!(
                "the tag `{}` has letters of another alphabet in it that look like Latin ones: `{}` is U+{:04X}",
                cut(tag),
                cut(&foreign.to_string()),
                u32::from(foreign)
            );
            let diagnostic = Diagnostic::error(Code::TagLookAlike, message).at(place);
            diagnostics.push(diagnostic.help("type it again in one alphabet"));
        }
    }
}

/// Notes tags that nobody can tell apart.
fn twins<'a>(
    tags: &BTreeMap<&'a str, Uses>,
    told: &mut BTreeSet<&'a str>,
    diagnostics: &mut Diagnostics,
) {
    let mut alike: BTreeMap<String, Vec<(&'a str, &Uses)>> = BTreeMap::new();
    for (tag, uses) in tags.iter().filter(|(tag, _)| !told.contains(*tag)) {
        let seen: String = skeleton(&tag.to_lowercase()).collect();
        alike.entry(seen).or_default().push((tag, uses));
    }
    for group in alike.values_mut().filter(|group| group.len() > 1) {
        // What is carried by content, and stands most often, is probably right.
        group.sort_by_key(|(tag, uses)| {
            let weight = (!uses.carried.is_empty(), uses.all().count());
            (std::cmp::Reverse(weight), *tag)
        });
        let Some(((right, known), others)) = group.split_first() else {
            continue;
        };
        told.insert(right);
        let Some(first) = known.all().min() else {
            continue;
        };
        for (tag, uses) in others {
            told.insert(tag);
            // Letters of another alphabet are never meant; capitals and digits may be.
            let foreign = !tag.is_ascii() || !right.is_ascii();
            for place in uses.all() {
                let message = format!(
                    "the tags `{}` and `{}` look alike, but are not the same",
                    cut(tag),
                    cut(right)
                );
                let diagnostic = if foreign && tag.to_lowercase() != right.to_lowercase() {
                    Diagnostic::error(Code::TagLookAlike, message)
                } else {
                    Diagnostic::warning(Code::TagLookAlike, message)
                };
                diagnostics.push(
                    diagnostic
                        .at(place)
                        .related(first, "the other one")
                        .help(format!("did you mean `{}`?", cut(right))),
                );
            }
        }
    }
}

/// Warns of a tag that gives access to nothing here, and is nearly one that would.
///
/// Content may be managed elsewhere: a tag that resembles none is taken as meant.
fn misspelt(tags: &BTreeMap<&str, Uses>, told: &BTreeSet<&str>, diagnostics: &mut Diagnostics) {
    let carried = || {
        let carried = tags.iter().filter(|(_, uses)| !uses.carried.is_empty());
        carried.map(|(tag, _)| *tag).take(COMPARED.1)
    };
    let opens_nothing = |(tag, uses): &(&&str, &Uses)| {
        **tag != EVERY_TAG
            && !told.contains(*tag)
            && uses.carried.is_empty()
            && !uses.opens.is_empty()
    };
    for (tag, uses) in tags.iter().filter(opens_nothing).take(COMPARED.0) {
        let Some(meant) = did_you_mean(tag, carried()) else {
            continue;
        };
        let message = format!("no offer of the project carries the tag `{}`", cut(tag));
        for place in &uses.opens {
            diagnostics.push(
                Diagnostic::warning(Code::TagUnmatched, message.clone())
                    .at(*place)
                    .help(format!("did you mean `{}`?", cut(meant))),
            );
        }
    }
}
