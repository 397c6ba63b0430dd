//! A step whose number is not yet final: [`Node`].

use offerctl_model::foreign::Foreign;
use std::collections::BTreeSet;

use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;

use super::operation::{Group, GroupId, Operation, Step, StepId};
use crate::state::{Leftover, Record};

/// A step whose number is not yet final.
pub(super) struct Node {
    pub(super) name: Name,
    pub(super) offer_type: OfferType,
    pub(super) operation: Operation,
    pub(super) record: Option<Record>,
    pub(super) leaves: Vec<Leftover>,
    pub(super) needs: BTreeSet<usize>,
    pub(super) after: BTreeSet<usize>,
}

/// A group whose numbers are not yet final.
pub(super) struct Tagged {
    pub(super) tag: Foreign,
    pub(super) members: BTreeSet<usize>,
}

impl Node {
    /// Whether the offer is gone after the step.
    pub(super) fn lowers(&self) -> bool {
        matches!(
            self.operation,
            Operation::Deactivate { .. } | Operation::Forget { .. }
        )
    }

    /// What goes first among steps that could all go: bindings, then content, then access, and departures last.
    pub(super) fn rank(&self) -> (u8, u8, &Name, u8) {
        let (phase, nth) = match &self.operation {
            Operation::Bind { .. } => (0, 0),
            Operation::Create { .. } => (1, 0),
            Operation::Activate { .. } => (1, 1),
            Operation::Update { .. }
            | Operation::UpdateCountry { .. }
            | Operation::AddCountry { .. }
            | Operation::ActivateCountry { .. }
            | Operation::DeactivateCountry { .. } => (1, 2),
            Operation::Deactivate { .. } => (2, 0),
            Operation::Forget { .. } => (3, 0),
        };
        let kind = match self.offer_type {
            OfferType::Event => 0,
            OfferType::Single => 1,
            OfferType::Rental => 2,
            OfferType::Vod => 3,
            OfferType::Subscription => 4,
            OfferType::Pass => 5,
        };
        (
            phase,
            if phase == 2 { 5 - kind } else { kind },
            &self.name,
            nth,
        )
    }
}

/// Turns sorted nodes into steps.
pub(super) fn into_steps(
    nodes: Vec<Node>,
    groups: Vec<Tagged>,
    place: &[usize],
) -> (Vec<Step>, Vec<Group>) {
    let step_id = |index: usize| StepId(u32::try_from(place[index]).unwrap_or(u32::MAX));
    let numbers = |indexes: &BTreeSet<usize>| {
        let mut numbers: Vec<StepId> = indexes.iter().map(|index| step_id(*index)).collect();
        numbers.sort();
        numbers
    };
    let groups = groups
        .into_iter()
        .map(|Tagged { tag, members }| Group {
            tag,
            members: numbers(&members),
        })
        .collect();
    let mut steps: Vec<(StepId, Step)> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        let Node {
            name,
            offer_type,
            operation,
            record,
            leaves,
            needs,
            after,
        } = node;
        let after = after
            .into_iter()
            .map(|group| GroupId(u32::try_from(group).unwrap_or(u32::MAX)))
            .collect();
        steps.push((
            step_id(index),
            Step {
                name,
                offer_type,
                operation,
                needs: numbers(&needs),
                after,
                record,
                leaves,
            },
        ));
    }
    steps.sort_by_key(|(id, _)| *id);
    (steps.into_iter().map(|(_, step)| step).collect(), groups)
}
