//! From what changes to operations, with what each waits for.
//!
//! ```text
//!   hard edges (needs): without the first, the second is skipped
//!     event ──▶ VOD that names it          (eventAssociation, dependsOn)
//!     new offer ──▶ the one it replaces goes
//!     VOD that no longer names it ──▶ event goes
//!     dependent goes ──▶ what it depended on goes
//!   soft edges (after): they only order, and yield where they would close a cycle
//!     content with a tag ──▶ subscription or pass that opens the tag, `(all)` after all content
//!     subscription or pass goes ──▶ content with its tags goes
//! ```

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{Content, FieldPath, Fields};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{EVERY_TAG, EventRef, Value};

use super::change::Action;
use super::draft::Draft;
use super::node::{Node, Tagged};
use super::operation::{Group, Operation, Step};
use super::order;
use crate::diff::Difference;
use crate::state::{Leftover, Record, State};

/// Makes the steps of all drafts, in an order in which they can be done one after another.
pub(super) fn build(
    api: Api,
    drafts: &BTreeMap<Name, Draft>,
    state: &State,
) -> (Vec<Step>, Vec<Group>) {
    let mut builder = Builder::new(api);
    for (name, draft) in drafts {
        builder.add(name, draft);
    }
    builder.raise_in_order(drafts);
    builder.lower_in_order(drafts, state);
    builder.after_tags(drafts, state);
    order::sort(builder.nodes, builder.groups)
}

/// An update of everything at once.
fn whole_update(draft: &Draft, id: &OfferId) -> Vec<Operation> {
    let mut operations = Vec::new();
    if draft.change.action == Action::Activate {
        operations.push(Operation::Activate { id: id.clone() });
    }
    if !draft.difference.is_empty() {
        let (base, rows) = (draft.difference.base.clone(), draft.difference.rows.clone());
        operations.push(Operation::Update {
            id: id.clone(),
            localized: draft.localized,
            base,
            rows,
        });
    }
    operations
}

/// An update of the offer and of each of its countries by itself.
///
/// What is taken up again has its new values before anybody can buy it, and a country cannot come before its offer
/// (docs/cleeng-api.md §5.2).
fn piecewise_update(draft: &Draft, id: &OfferId) -> Vec<Operation> {
    let Difference {
        base,
        rows,
        countries,
        ..
    } = &draft.difference;
    let id = || id.clone();
    let mut operations = Vec::new();
    if !base.is_empty() {
        operations.push(Operation::Update {
            id: id(),
            localized: false,
            base: base.clone(),
            rows: BTreeMap::new(),
        });
    }
    operations.extend(rows.iter().map(|(country, fields)| {
        let (country, fields) = (*country, fields.clone());
        let id = id();
        Operation::UpdateCountry {
            id,
            country,
            fields,
        }
    }));
    operations.extend(countries.removed.iter().map(|country| {
        let (id, country) = (id(), *country);
        Operation::DeactivateCountry { id, country }
    }));
    if draft.change.action == Action::Activate {
        operations.push(Operation::Activate { id: id() });
    }
    operations.extend(countries.added.iter().map(|(country, localization)| {
        let (country, localization) = (*country, localization.clone());
        let id = id();
        Operation::AddCountry {
            id,
            country,
            localization,
        }
    }));
    operations.extend(countries.revived.iter().map(|country| {
        let (id, country) = (id(), *country);
        Operation::ActivateCountry { id, country }
    }));
    operations
}

/// The values that a step sends because they differ; others only travel with them.
fn sent_by(operation: &Operation, difference: &Difference) -> Vec<Leftover> {
    let places: Vec<(Option<Country>, &Fields)> = match operation {
        Operation::Update { base, rows, .. } => {
            let rows = rows
                .iter()
                .map(|(country, fields)| (Some(*country), fields));
            [(None, base)].into_iter().chain(rows).collect()
        }
        Operation::UpdateCountry {
            country, fields, ..
        } => vec![(Some(*country), fields)],
        Operation::AddCountry {
            country,
            localization,
            ..
        } => vec![(Some(*country), &localization.fields)],
        Operation::Bind { .. }
        | Operation::Create { .. }
        | Operation::ActivateCountry { .. }
        | Operation::DeactivateCountry { .. }
        | Operation::Activate { .. }
        | Operation::Deactivate { .. }
        | Operation::Forget { .. } => Vec::new(),
    };
    let sent = places.into_iter().map(|(country, fields)| {
        let differs = |(field, _): &(Field, &Value)| {
            let field = *field;
            difference.sent.contains(&FieldPath { country, field })
        };
        let sent = fields.iter().filter(differs);
        Leftover {
            country,
            fields: sent.map(|(field, value)| (field, value.clone())).collect(),
            doubtful: false,
        }
    });
    sent.filter(|left| !left.fields.is_empty()).collect()
}

struct Builder {
    api: Api,
    nodes: Vec<Node>,
    groups: Vec<Tagged>,
    /// The steps of each offer.
    of_name: BTreeMap<Name, Vec<usize>>,
    /// The last step after which an offer is as it should be.
    raised: BTreeMap<Name, usize>,
    /// The steps that take offers out of the shop, by the stem of the id.
    lowered: BTreeMap<OfferId, usize>,
}

impl Builder {
    fn new(api: Api) -> Self {
        Self {
            api,
            nodes: Vec::new(),
            groups: Vec::new(),
            of_name: BTreeMap::new(),
            raised: BTreeMap::new(),
            lowered: BTreeMap::new(),
        }
    }

    fn push(
        &mut self,
        name: &Name,
        offer_type: OfferType,
        operation: Operation,
        record: Option<Record>,
    ) -> usize {
        let index = self.nodes.len();
        if let Operation::Deactivate { id, .. } = &operation {
            self.lowered.insert(id.to_stem(), index);
        }
        self.of_name.entry(name.clone()).or_default().push(index);
        let (name, needs, after) = (name.clone(), BTreeSet::new(), BTreeSet::new());
        self.nodes.push(Node {
            name,
            offer_type,
            operation,
            record,
            leaves: Vec::new(),
            needs,
            after,
        });
        index
    }

    fn add(&mut self, name: &Name, draft: &Draft) {
        let change = &draft.change;
        let offer_type = change.offer_type;
        let raised = match (change.action, &change.id) {
            (Action::Create | Action::Replace, _) => {
                let content = draft.content.clone().unwrap_or_default();
                Some(self.push(
                    name,
                    offer_type,
                    Operation::Create {
                        content,
                        home: draft.home,
                    },
                    draft.record.clone(),
                ))
            }
            (Action::Adopt, Some(id)) => Some(self.push(
                name,
                offer_type,
                Operation::Bind { id: id.clone() },
                draft.record.clone(),
            )),
            (Action::Update | Action::Activate, Some(id)) => self.update(name, draft, id),
            (Action::Deactivate, Some(id)) => {
                // An offer that is still declared was replaced before: only what it replaced goes.
                if draft.content.is_none() {
                    let operation = Operation::Deactivate {
                        id: id.clone(),
                        replaced: false,
                    };
                    self.push(name, offer_type, operation, None);
                }
                None
            }
            (Action::Forget, Some(id)) => {
                self.push(name, offer_type, Operation::Forget { id: id.clone() }, None);
                None
            }
            (
                Action::Adopt
                | Action::Update
                | Action::Activate
                | Action::Deactivate
                | Action::Forget,
                None,
            ) => None,
        };
        for old in &draft.retiring {
            let operation = Operation::Deactivate {
                id: old.id.clone(),
                replaced: draft.content.is_some(),
            };
            let index = self.push(name, old.offer_type, operation, None);
            self.nodes[index].needs.extend(raised);
        }
        if let Some(raised) = raised {
            self.raised.insert(name.clone(), raised);
        }
    }

    fn update(&mut self, name: &Name, draft: &Draft, id: &OfferId) -> Option<usize> {
        let change = &draft.change;
        let mut last = None;
        if change.adopted.is_some() {
            // The binding is kept even if the update fails, so that nobody makes the offer again.
            last = Some(self.push(
                name,
                change.offer_type,
                Operation::Bind { id: id.clone() },
                draft.bound.clone(),
            ));
        }
        let operations = match self.api {
            Api::JsonRpc => whole_update(draft, id),
            Api::Rest => piecewise_update(draft, id),
        };
        let count = operations.len();
        for (index, operation) in operations.into_iter().enumerate() {
            let record = draft.record.clone().filter(|_| index + 1 == count);
            let leaves = sent_by(&operation, &draft.difference);
            let step = self.push(name, change.offer_type, operation, record);
            self.nodes[step].leaves = leaves;
            self.nodes[step].needs.extend(last);
            last = Some(step);
        }
        last
    }

    /// What an offer needs is there before it.
    fn raise_in_order(&mut self, drafts: &BTreeMap<Name, Draft>) {
        for (name, draft) in drafts {
            if !self.raised.contains_key(name) {
                continue;
            }
            let needed: Vec<usize> = draft
                .needs
                .iter()
                .filter_map(|needed| self.raised.get(needed).copied())
                .collect();
            // The first step of the offer waits; its later ones wait for the first.
            for index in self.of_name.get(name).cloned().unwrap_or_default() {
                let node = &self.nodes[index];
                let own = |need: &usize| self.nodes[*need].name == *name;
                if !node.lowers() && !node.needs.iter().any(own) {
                    self.nodes[index].needs.extend(needed.iter().copied());
                }
            }
        }
    }

    /// What refers to an offer is gone, or refers to it no longer, before it goes.
    fn lower_in_order(&mut self, drafts: &BTreeMap<Name, Draft>, state: &State) {
        // Whatever goes, because nobody declares it or because another takes its place, goes before what it needed.
        for (name, binding) in &state.bindings {
            let Some(own) = self.lowered.get(&binding.id.to_stem()).copied() else {
                continue;
            };
            let needed = binding.needs.iter().filter_map(|needed| {
                let binding = state.bindings.get(needed)?;
                Some(binding.id.to_stem())
            });
            for id in needed.chain(events_applied(name, state)) {
                if let Some(lowered) = self.lowered.get(&id).copied()
                    && lowered != own
                {
                    self.nodes[lowered].needs.insert(own);
                }
            }
        }
        for (name, draft) in drafts {
            let Some(raised) = self.raised.get(name).copied() else {
                continue;
            };
            for id in events_before(draft, state) {
                if let Some(lowered) = self.lowered.get(&id).copied() {
                    self.nodes[lowered].needs.insert(raised);
                }
            }
            // What depends on an offer that is replaced goes over to the new one first.
            for needed in &draft.needs {
                for lowered in self.replaced_by(needed) {
                    self.nodes[lowered].needs.insert(raised);
                }
            }
        }
    }

    fn replaced_by(&self, name: &Name) -> Vec<usize> {
        let replaced = |index: &usize| {
            matches!(
                self.nodes[*index].operation,
                Operation::Deactivate { replaced: true, .. }
            )
        };
        self.of_name
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .filter(replaced)
            .collect()
    }

    /// Access after the content that it opens, and the other way round when both go.
    fn after_tags(&mut self, drafts: &BTreeMap<Name, Draft>, state: &State) {
        let mut content_by_tag: BTreeMap<Foreign, BTreeSet<usize>> = BTreeMap::new();
        let mut access_by_tag: BTreeMap<Foreign, BTreeSet<usize>> = BTreeMap::new();
        let mut waiting: Vec<(usize, Vec<Foreign>, bool)> = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let lowers = node.lowers();
            let declared = drafts
                .get(&node.name)
                .and_then(|draft| draft.content.as_deref())
                .filter(|_| !lowers);
            let applied = || {
                state
                    .bindings
                    .get(&node.name)
                    .and_then(|binding| binding.applied.as_ref())
            };
            let Some(content) = declared.or_else(applied) else {
                continue;
            };
            let access = node.offer_type.gives_access();
            let mut tags = tags(
                content,
                if access {
                    Field::AccessToTags
                } else {
                    Field::Tags
                },
            );
            if !access {
                tags.push(EVERY_TAG.into());
            }
            let members = match (access, lowers) {
                (false, false) => Some(&mut content_by_tag),
                (true, true) => Some(&mut access_by_tag),
                (true, false) | (false, true) => None,
            };
            match members {
                Some(members) => {
                    for tag in tags {
                        members.entry(tag).or_default().insert(index);
                    }
                }
                None => waiting.push((index, tags, lowers)),
            }
        }
        let mut group_of: BTreeMap<(bool, Foreign), usize> = BTreeMap::new();
        for (index, tags, lowers) in waiting {
            for tag in tags {
                let members = if lowers {
                    access_by_tag.get(&tag)
                } else {
                    content_by_tag.get(&tag)
                };
                let Some(members) = members else { continue };
                let group = *group_of.entry((lowers, tag.clone())).or_insert_with(|| {
                    self.groups.push(Tagged {
                        tag,
                        members: members.clone(),
                    });
                    self.groups.len() - 1
                });
                self.nodes[index].after.insert(group);
            }
        }
    }
}

/// The events that a VOD came with before, by stem.
fn events_before(draft: &Draft, state: &State) -> Vec<OfferId> {
    let changes = draft
        .change
        .fields
        .iter()
        .filter(|change| change.path.field == Field::EventAssociation);
    let before = changes.filter_map(|change| change.before.as_ref());
    before.flat_map(|value| stems(value, state)).collect()
}

/// The events that a VOD came with when it was last applied, by stem.
fn events_applied(name: &Name, state: &State) -> Vec<OfferId> {
    let binding = state.bindings.get(name);
    let applied = binding.and_then(|binding| binding.applied.as_ref());
    let events = applied.and_then(|applied| applied.fields.get(Field::EventAssociation));
    events.map_or_else(Vec::new, |events| stems(events, state))
}

fn stems(value: &Value, state: &State) -> Vec<OfferId> {
    let Value::Events(events) = value else {
        return Vec::new();
    };
    let stem = |event: &EventRef| match event {
        EventRef::Id(id) => Some(id.to_stem()),
        EventRef::Offer(name) => state.bindings.get(name).map(|binding| binding.id.to_stem()),
    };
    events.iter().filter_map(stem).collect()
}

fn tags(content: &Content, field: Field) -> Vec<Foreign> {
    let mut found: BTreeSet<Foreign> = BTreeSet::new();
    for fields in content.all_fields() {
        if let Some(Value::Tags(tags)) = fields.get(field) {
            found.extend(tags.iter().cloned());
        }
    }
    found.into_iter().collect()
}
