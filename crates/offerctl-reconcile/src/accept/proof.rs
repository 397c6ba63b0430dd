//! Whether new files say what was meant, and nothing else: [`prove`].

use std::collections::BTreeMap;

use offerctl_manifest::desired::resolve;
use offerctl_manifest::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use offerctl_manifest::manifest::{self, Manifest, Part, Reference};
use offerctl_manifest::project::Environment;
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::value::Value;

use super::page::Page;
use super::refusal::AcceptError;
use super::situation::{Situation, place};
use super::target::effective;
use super::writing::Writing;
use crate::diff::{Comparison, Undo, difference};
use crate::drift::own_rows;

/// Reads all offers again, those of changed files from their new texts.
pub(super) fn read_anew(
    situation: Situation<'_>,
    files: &BTreeMap<FileId, SourceFile>,
) -> Result<Vec<Manifest>, AcceptError> {
    let mut manifests: Vec<Manifest> = situation
        .manifests
        .iter()
        .filter(|manifest| !files.contains_key(&manifest.places.of(Part::Name).file))
        .cloned()
        .collect();
    for (id, file) in files {
        let read = manifest::read(file);
        // What is wrong with values is told with all that is wrong for the environments.
        if let Some(wrong) = read.diagnostics.iter().find(|found| is_broken(found)) {
            return Err(AcceptError::Unproven(format!(
                "`{}` is broken: {}",
                file.path, wrong.message
            )));
        }
        let before = situation.sources.file(*id);
        if before.map(comments) != Some(comments(file)) {
            return Err(AcceptError::Unproven(format!(
                "`{}` lost a comment",
                file.path
            )));
        }
        manifests.extend(read.manifests);
    }
    Ok(manifests)
}

fn comments(file: &SourceFile) -> Vec<String> {
    let page = Page::new(file).ok();
    page.map_or_else(Vec::new, |page| {
        let all = page.comments(0..file.text.len());
        all.map(|range| file.text[range.clone()].to_owned())
            .collect()
    })
}

/// Whether something is wrong with the form of a file, and not with a value in it.
fn is_broken(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
        && (diagnostic.code.as_str().starts_with("yaml")
            || matches!(
                diagnostic.code,
                Code::DuplicateKey
                    | Code::UnknownKey
                    | Code::WrongShape
                    | Code::MissingField
                    | Code::Version
                    | Code::OfferType
            ))
}

/// Checks that the new manifests are valid wherever the old ones were, that they say what is live, and that they
/// say nothing else that the old ones did not say.
pub(super) fn prove(
    situation: Situation<'_>,
    manifests: &[Manifest],
    writings: &[Writing],
) -> Result<(), AcceptError> {
    for environment in situation.project.environments.values() {
        still_valid(situation, environment, manifests, writings)?;
    }
    let before: BTreeMap<&Name, &Manifest> = by_name(situation.manifests);
    let after: BTreeMap<&Name, &Manifest> = by_name(manifests);
    if !before.keys().eq(after.keys()) {
        return Err(AcceptError::Unproven("offers came or went".to_owned()));
    }
    for (name, before) in before {
        let wanted: Vec<&Writing> = writings
            .iter()
            .filter(|writing| writing.target.name == *name)
            .collect();
        let after = after[name];
        let overridden = !(before.overrides.is_empty() && after.overrides.is_empty());
        let environments = situation.project.environments.keys();
        let environments = environments.filter(|_| overridden);
        let all = environments.map(Some).chain([None]);
        for environment in all.map(|name| name.map(String::as_str)) {
            if !says_the_same((before, after), environment, &wanted) {
                return Err(AcceptError::Unproven(format!(
                    "`{name}` says something that it should not"
                )));
            }
        }
    }
    says_what_is_live(situation, manifests, writings)
}

fn by_name(manifests: &[Manifest]) -> BTreeMap<&Name, &Manifest> {
    manifests
        .iter()
        .map(|manifest| (&manifest.name, manifest))
        .collect()
}

/// Values that are live and that a manifest must not have are no bug: they are refused.
fn still_valid(
    situation: Situation<'_>,
    environment: &Environment,
    manifests: &[Manifest],
    writings: &[Writing],
) -> Result<(), AcceptError> {
    let errors = |manifests: &[Manifest], read: &[&SourceFile]| {
        let mut found = Diagnostics::new();
        for file in read {
            found.append(manifest::read(file).diagnostics);
        }
        found.append(resolve(manifests, situation.project, environment).1);
        let errors: Vec<Diagnostic> = found
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .cloned()
            .collect();
        errors
    };
    if !errors(situation.manifests, &[]).is_empty() {
        // It was invalid before, which is not for this to mend.
        return Ok(());
    }
    let found = errors(manifests, &[]);
    let refusals = found.into_iter().map(|error| {
        let writing = writings.iter().find(|writing| {
            let manifest = manifests
                .iter()
                .find(|manifest| manifest.name == writing.target.name);
            manifest.map(|manifest| place(manifest, &environment.name, writing.part()))
                == error.span
        });
        let writing = writing.or(writings.first())?;
        let message = format!(
            "the live value of `{}` is not valid in the environment `{}`: {}",
            writing.path, environment.name, error.message
        );
        Some(writing.refused(
            message,
            "set a valid value in Cleeng's dashboard, or `offerctl apply` to put it back",
        ))
    });
    let refusals: Vec<_> = refusals.flatten().collect();
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(AcceptError::Refused(refusals))
    }
}

/// Whether two manifests differ for an environment in nothing but the values that were to be written there.
///
/// Without an environment, it is what they say for all that do not say it themselves.
fn says_the_same(
    (before, after): (&Manifest, &Manifest),
    environment: Option<&str>,
    wanted: &[&Writing],
) -> bool {
    let concerns = |writing: &&&Writing| match (&writing.environment, environment) {
        (Some(written), environment) => environment == Some(written),
        (None, Some(environment)) => !before.is_overridden(environment, writing.part()),
        (None, None) => true,
    };
    let wanted: Vec<&&Writing> = wanted.iter().filter(concerns).collect();
    let there = |manifest: &Manifest| {
        environment
            .and_then(|environment| manifest.in_environment(environment))
            .unwrap_or_else(|| manifest.clone())
    };
    let (before, after) = (&there(before), &there(after));
    let Manifest {
        name,
        offer_type,
        content,
        depends_on,
        events: _,
        only,
        ids: _,
        moved_from,
        lifecycle,
        // They are looked at environment by environment.
        overrides: _,
        file: _,
        places: _,
    } = before;
    let names = |references: &[Reference]| -> Vec<Name> {
        references.iter().map(|found| found.name.clone()).collect()
    };
    let mut expected = (**content).clone();
    for writing in wanted {
        // What is written is compared with what is live; here it only must not be taken for a mistake.
        if let (true, Some(country)) = (writing.moves_country, writing.path.country) {
            let rows = after.content.localizations.as_ref();
            let row = rows.and_then(|rows| rows.get(&country)).cloned();
            if let Some(rows) = &mut expected.localizations {
                match row {
                    Some(row) => rows.insert(country, row),
                    None => rows.remove(&country),
                };
            }
            continue;
        }
        let found = match writing.path.country {
            Some(country) if writing.path.field == Field::Currency => {
                let row = |content: &offerctl_model::content::Content| {
                    content
                        .localizations
                        .as_ref()?
                        .get(&country)
                        .map(|row| row.currency)
                };
                if let (Some(currency), Some(rows)) =
                    (row(&after.content), &mut expected.localizations)
                    && let Some(row) = rows.get_mut(&country)
                {
                    row.currency = currency;
                }
                continue;
            }
            Some(country) => {
                let rows = after.content.localizations.as_ref();
                let row = rows.and_then(|rows| rows.get(&country));
                let fields = expected
                    .localizations
                    .as_mut()
                    .and_then(|rows| rows.get_mut(&country));
                fields
                    .map(|fields| &mut fields.fields)
                    .zip(row.and_then(|row| row.fields.get(writing.path.field)))
            }
            None => Some(&mut expected.fields).zip(after.content.fields.get(writing.path.field)),
        };
        if let Some((fields, value)) = found {
            fields.set(writing.path.field, value.clone());
        }
    }
    *name == after.name
        && *offer_type == after.offer_type
        && expected == *after.content
        && names(depends_on) == names(&after.depends_on)
        && *only == after.only
        && before.adopts() == after.adopts()
        && *moved_from == after.moved_from
        && *lifecycle == after.lifecycle
}

/// Whether nothing of what was accepted is still another value than the live one.
fn says_what_is_live(
    situation: Situation<'_>,
    manifests: &[Manifest],
    writings: &[Writing],
) -> Result<(), AcceptError> {
    let (desired, _) = resolve(manifests, situation.project, situation.environment);
    let bindings = &situation.state.bindings;
    for writing in writings {
        let unproven = |words: &str| {
            Err(AcceptError::Unproven(format!(
                "`{}` of `{}` {words}",
                writing.path, writing.name
            )))
        };
        let binding = bindings.get(&writing.name);
        let view = binding.and_then(|binding| {
            let live = situation.live.get(&binding.id)?;
            live.view(binding.offer_type)
        });
        let offer = desired.get(&writing.target.name);
        let (Some(binding), Some(view), Some(offer)) = (binding, view, offer) else {
            return unproven("is gone");
        };
        if let (true, Some(country)) = (writing.moves_country, writing.path.country) {
            let declared = offer.content.countries().any(|found| found == country);
            if declared != view.row(country).is_some() {
                return unproven("is still another country");
            }
            if !declared {
                continue;
            }
        }
        if let (Some(country), Field::Currency) = (writing.path.country, writing.path.field) {
            let live = view.row(country).and_then(|row| row.currency);
            if effective(&offer.content, writing.path) != live.map(Value::Currency) {
                return unproven("is still another currency");
            }
            continue;
        }
        let view = own_rows(&offer.content, (&binding.id, view));
        let left = difference(Comparison {
            api: situation.environment.api,
            offer_type: binding.offer_type,
            desired: &offer.content,
            view: &view,
            applied: None,
            resolve: &|name| bindings.get(name).map(|binding| binding.id.clone()),
            undo: Undo::default(),
            now: None,
        });
        let open = left.fields.iter().any(|change| {
            let (here, there) = (writing.path.country, change.path.country);
            let own = |country| {
                let rows = offer.content.localizations.as_ref();
                rows.and_then(|rows| rows.get(&country))
                    .is_some_and(|row| row.fields.get(change.path.field).is_some())
            };
            let concerned = match (here, there) {
                (Some(here), Some(there)) => here == there,
                // A country that speaks for itself has nothing of what was written at the top.
                (None, Some(there)) => !own(there),
                (_, None) => true,
            };
            // A country that came is there with all its values.
            (change.path.field == writing.path.field || writing.moves_country) && concerned
        });
        if open {
            return unproven("is still another value");
        }
    }
    Ok(())
}
