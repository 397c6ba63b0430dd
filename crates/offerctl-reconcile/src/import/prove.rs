//! Whether the files say what is live, and nothing else: [`settle`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics};
use offerctl_manifest::manifest::{self, Manifest, Part};
use offerctl_manifest::project::Account;
use offerctl_manifest::source::{MAX_FILE_BYTES, SourceFile};
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};

use super::draft::{Draft, map_events};
use super::outcome::{ImportError, Imported, ImportedFile, ImportedOffer, Left};
use super::request::Request;
use super::write::{Entry, file_text};
use crate::conflict::Conflict;
use crate::lookalike::Lookalikes;
use crate::plan::{Action, Change, plan};
use crate::rebuild::{adoption, binding};
use crate::state::{Binding, State};

/// How often offers are taken out before it is no use: each time at least one goes.
const ATTEMPTS: usize = 20;

/// The most bytes of a file that this makes; editors and reviews get slow far below what may be read.
const FILE_BYTES: usize = MAX_FILE_BYTES / 4;

/// The id of the first new file: those of the files that are there count from zero.
const FIRST_FILE: u32 = 1 << 30;

/// Takes out what cannot be written exactly, until the rest holds up, and notes both.
pub(super) fn settle(
    request: Request<'_>,
    account: &Account,
    mut drafts: Vec<Draft>,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    for _ in 0..ATTEMPTS {
        let files = files(request, account, &drafts);
        let mut bad = Bad::default();
        let desired = read(request, &files, &drafts, &mut bad)?;
        if bad.is_empty() {
            let proven = planned(request, desired, &drafts, &mut bad);
            if bad.is_empty() {
                finish(files, drafts, proven, imported);
                return Ok(());
            }
        }
        take_out(&mut drafts, bad, imported);
    }
    Err(ImportError("however many offers are left out".to_owned()))
}

/// Why names cannot stay.
type Bad = BTreeMap<Name, Vec<String>>;

fn take_out(drafts: &mut Vec<Draft>, bad: Bad, imported: &mut Imported) {
    for (name, reasons) in bad {
        let Some(index) = drafts.iter().position(|draft| draft.name == name) else {
            continue;
        };
        let draft = drafts.remove(index);
        // What names it has to name its id from now on.
        let reference = EventRef::Offer(draft.name.clone());
        let by_id = EventRef::Id(draft.id.clone());
        for other in drafts.iter_mut() {
            map_events(&mut other.content, |event| {
                if *event == reference {
                    by_id.clone()
                } else {
                    event.clone()
                }
            });
        }
        imported.left.push(Left {
            id: draft.id,
            offer_type: draft.offer_type,
            title: draft.title,
            reasons,
            project: None,
        });
    }
}

/// A file on its way, with the offers in it.
struct Made {
    path: String,
    source: SourceFile,
    names: Vec<Name>,
}

fn files(request: Request<'_>, account: &Account, drafts: &[Draft]) -> Vec<Made> {
    let mut made = Vec::new();
    for offer_type in OfferType::ALL {
        let sold: Vec<&Draft> = drafts
            .iter()
            .filter(|draft| draft.active && draft.offer_type == offer_type)
            .collect();
        add_files(request, account, (plural(offer_type), &sold), &mut made);
    }
    let gone: Vec<&Draft> = drafts.iter().filter(|draft| !draft.active).collect();
    add_files(request, account, ("inactive", &gone), &mut made);
    made
}

/// Adds one file, or several if one would be too large to work with.
fn add_files(
    request: Request<'_>,
    account: &Account,
    (stem, drafts): (&str, &[&Draft]),
    made: &mut Vec<Made>,
) {
    let mut rest = drafts;
    let mut number = 1;
    while !rest.is_empty() {
        let mut count = rest.len();
        let mut text = text(request, account, (stem, &rest[..count]));
        while text.len() > FILE_BYTES && count > 1 {
            count = count.div_ceil(2);
            text = self::text(request, account, (stem, &rest[..count]));
        }
        let path = loop {
            let path = path_of(request.folder, stem, number);
            number += 1;
            if !request.taken.contains(&path) {
                break path;
            }
        };
        let id = FileId(FIRST_FILE + u32::try_from(made.len()).unwrap_or(0));
        made.push(Made {
            source: SourceFile::new(id, path.clone(), text),
            path,
            names: rest[..count]
                .iter()
                .map(|draft| draft.name.clone())
                .collect(),
        });
        rest = &rest[count..];
    }
}

fn path_of(folder: &str, stem: &str, number: usize) -> String {
    let name = if number == 1 {
        stem.to_owned()
    } else {
        format!("{stem}-{number}")
    };
    match folder.trim_end_matches('/') {
        "" | "." => format!("{name}.yaml"),
        folder => format!("{folder}/{name}.yaml"),
    }
}

fn text(request: Request<'_>, account: &Account, (stem, drafts): (&str, &[&Draft])) -> String {
    let mut header = Vec::new();
    if let Some(schema) = request.schema {
        header.push(format!("yaml-language-server: $schema={schema}"));
    }
    if stem == "inactive" {
        header.push(
            "Offers that cannot be bought. To sell one again, say in `only` where.".to_owned(),
        );
    }
    let environment = request.environment.name.as_str();
    // What is declared already holds for several environments; what only this account has is not to be made in others.
    let beside = !request.declared.is_empty() && request.project.environments.len() > 1;
    let here = [environment];
    let entries: Vec<Entry<'_>> = drafts
        .iter()
        .map(|draft| Entry {
            name: &draft.name,
            offer_type: draft.offer_type,
            content: &draft.content,
            id: draft.by_id.then_some((environment, &draft.id)),
            only: match (draft.active, beside) {
                (false, _) => Some(&[]),
                (true, true) => Some(&here),
                (true, false) => None,
            },
            currency: account.currency,
        })
        .collect();
    file_text(&header, &entries)
}

fn plural(offer_type: OfferType) -> &'static str {
    match offer_type {
        OfferType::Subscription => "subscriptions",
        OfferType::Pass => "passes",
        OfferType::Single => "singles",
        OfferType::Rental => "rentals",
        OfferType::Event => "events",
        OfferType::Vod => "vods",
    }
}

/// Reads the files as if they came from disk, with the manifests that are there already.
///
/// Offers that no environment has are looked at as if this one had them: nothing else would check them.
fn read(
    request: Request<'_>,
    files: &[Made],
    drafts: &[Draft],
    bad: &mut Bad,
) -> Result<Desired, ImportError> {
    let mut all: Vec<Manifest> = request.declared.to_vec();
    for file in files {
        let found = manifest::read(&file.source);
        blame(&found.diagnostics, (file, &found.manifests), bad)?;
        all.extend(found.manifests.into_iter().map(|manifest| Manifest {
            only: manifest.only.filter(|only| !only.is_empty()),
            ..manifest
        }));
    }
    if !bad.is_empty() {
        return Ok(Desired::default());
    }
    let (mut desired, diagnostics) = resolve(&all, request.project, request.environment);
    desired.take_over_from.clone_from(request.take_over_from);
    for file in files {
        blame(&diagnostics, (file, &all), bad)?;
    }
    for draft in drafts {
        let said = desired.get(&draft.name);
        let reads_back = said.is_some_and(|offer| {
            let content = without_implied_rules(&offer.content);
            offer.offer_type == draft.offer_type && *content == draft.content
        });
        if !reads_back && !bad.contains_key(&draft.name) {
            bad.entry(draft.name.clone())
                .or_default()
                .push("what it says does not read back as it is".to_owned());
        }
    }
    Ok(desired)
}

/// Finds the offers that errors are about.
fn blame(
    diagnostics: &Diagnostics,
    (file, manifests): (&Made, &[Manifest]),
    bad: &mut Bad,
) -> Result<(), ImportError> {
    let here = |span: &Span| span.file == file.source.id;
    let mut starts: Vec<(u32, &Name)> = manifests
        .iter()
        .map(|manifest| (manifest.places.of(Part::Name), &manifest.name))
        .filter(|(span, _)| here(span))
        .map(|(span, name)| (span.start, name))
        .collect();
    starts.sort_unstable();
    for diagnostic in diagnostics
        .errors()
        .filter(|diagnostic| diagnostic.span.as_ref().is_some_and(here))
    {
        let start = diagnostic.span.map_or(0, |span| span.start);
        let index = starts.partition_point(|(begins, _)| *begins <= start);
        let Some((_, name)) = index.checked_sub(1).and_then(|index| starts.get(index)) else {
            // A file that cannot be read at all names no offers: its names are known in their order.
            let lines = file.source.text[..start as usize].lines();
            let name = lines
                .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
                .filter_map(|key| key.parse::<Name>().ok())
                .filter(|name| file.names.contains(name))
                .last();
            let Some(name) = name else {
                return Err(ImportError(diagnostic.message.clone()));
            };
            bad.entry(name).or_default().push(reason(diagnostic));
            continue;
        };
        bad.entry((*name).clone())
            .or_default()
            .push(reason(diagnostic));
    }
    Ok(())
}

/// What is wrong, with what would be right.
fn reason(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// What holds: bindings, and the offers of former manifests with whether the plan changes them.
struct Proven {
    bindings: BTreeMap<Name, Binding>,
    adopted: BTreeMap<Name, bool>,
    open: Vec<Conflict>,
    absent: BTreeSet<Name>,
    changes: usize,
    lookalikes: Vec<Lookalikes>,
}

/// Plans with what would be bound: nothing of it may be about a new offer.
fn planned(request: Request<'_>, mut desired: Desired, drafts: &[Draft], bad: &mut Bad) -> Proven {
    let Request { live, state, .. } = request;
    for draft in drafts.iter().filter(|draft| !draft.active) {
        desired.drop_offer(&draft.name);
    }
    let mut after = State::clone(state);
    let mut bindings = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.active) {
        let Some(offer) = desired.get(&draft.name) else {
            continue;
        };
        let known = state.bindings.get(&draft.name);
        let bound = binding((&draft.id, draft.offer_type), offer, known);
        after.bind(draft.name.clone(), bound.clone());
        bindings.insert(draft.name.clone(), bound);
    }
    let new: BTreeSet<&Name> = drafts.iter().map(|draft| &draft.name).collect();
    let mut adopted = BTreeMap::new();
    let plan = plan(&desired, live, &after);
    let (own, open): (Vec<Conflict>, Vec<Conflict>) = plan
        .conflicts
        .iter()
        .cloned()
        .partition(|conflict| new.contains(&conflict.name));
    for conflict in own {
        bad.entry(conflict.name.clone())
            .or_default()
            .push(conflict.message);
    }
    for change in &plan.changes {
        if new.contains(&change.name) {
            let paths: Vec<String> = change
                .fields
                .iter()
                .map(|change| format!("`{}`", change.path))
                .collect();
            let reason = format!(
                "a plan would still say {}: {}",
                change.action.as_str(),
                paths.join(", ")
            );
            bad.entry(change.name.clone()).or_default().push(reason);
        } else if let Some(found) = adoption(change, &desired) {
            adopted.insert(change.name.clone(), found.differs);
            bindings.insert(change.name.clone(), found.binding);
        }
    }
    let others = plan.changes.iter();
    let others = others.filter(|change| !new.contains(&change.name));
    let is_new = |change: &&Change| change.action == Action::Create;
    Proven {
        bindings,
        adopted,
        open,
        lookalikes: plan.lookalikes().cloned().collect(),
        absent: others
            .clone()
            .filter(is_new)
            .map(|change| change.name.clone())
            .collect(),
        changes: others
            .filter(|change| change.action != Action::Adopt)
            .count(),
    }
}

fn finish(files: Vec<Made>, drafts: Vec<Draft>, proven: Proven, imported: &mut Imported) {
    let drafts: BTreeMap<Name, Draft> = drafts
        .into_iter()
        .map(|draft| (draft.name.clone(), draft))
        .collect();
    for file in files {
        for name in &file.names {
            let Some(draft) = drafts.get(name) else {
                continue;
            };
            imported.offers.insert(
                name.clone(),
                ImportedOffer {
                    id: draft.id.clone(),
                    offer_type: draft.offer_type,
                    file: file.path.clone(),
                    active: draft.active,
                },
            );
            if !draft.unsettable.is_empty() {
                imported
                    .unsettable
                    .insert(name.clone(), draft.unsettable.clone());
            }
        }
        imported.files.push(ImportedFile {
            path: file.path,
            text: file.source.text,
            offers: file.names.len(),
        });
    }
    imported.bindings = proven.bindings;
    imported.adopted = proven.adopted;
    imported.open = proven.open;
    imported.absent = proven.absent;
    imported.changes = proven.changes;
    imported.lookalikes = proven.lookalikes;
}

/// What a manifest says, without the empty rules that a price without rules stands for.
fn without_implied_rules(content: &Arc<Content>) -> Arc<Content> {
    let rules = content.fields.get(Field::PriceRules);
    let mut content = Arc::clone(content);
    if rules.is_some_and(Value::is_cleared) {
        Arc::make_mut(&mut content).fields.remove(Field::PriceRules);
    }
    content
}
