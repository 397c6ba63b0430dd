//! What became of a plan: [`Report`].

use std::collections::BTreeMap;

use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

use crate::plan::{Action, Plan, Step, StepId};
use crate::state::State;

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done; the live offer that it worked on or made.
    Succeeded(OfferId),
    /// It was not done.
    Failed(Foreign),
    /// It was done otherwise than asked: the live offer, and what differs.
    Differs(OfferId, Foreign),
    /// It was sent, and nobody knows whether it was done.
    Unknown {
        /// Why.
        message: Foreign,
        /// The live offers that may be what it made.
        candidates: Vec<OfferId>,
    },
    /// It was not tried.
    Skipped(String),
}

impl Outcome {
    /// Whether something is otherwise than before.
    pub fn has_effect(&self) -> bool {
        match self {
            Self::Succeeded(_) | Self::Differs(..) => true,
            Self::Failed(_) | Self::Unknown { .. } | Self::Skipped(_) => false,
        }
    }

    /// Nobody knows whether it was done, and no live offer looks like it.
    pub fn unknown(message: impl Into<Foreign>) -> Self {
        Self::Unknown {
            message: message.into(),
            candidates: Vec::new(),
        }
    }
}

/// In one word what became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All was done.
    Succeeded,
    /// Not tried, or not to the end.
    Skipped,
    /// Something was refused, or done otherwise than asked.
    Failed,
    /// Something was sent, and nobody knows whether it was done.
    Unknown,
}

impl Verdict {
    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// How many offers have which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ReportSummary {
    /// Done.
    pub succeeded: usize,
    /// Refused by the service, or done otherwise than asked.
    pub failed: usize,
    /// Sent, and nobody knows whether it was done.
    pub unknown: usize,
    /// Not tried, because something that it needs failed, or because the apply ended before.
    pub skipped: usize,
}

/// What became of one offer of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferOutcome {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub offer_type: OfferType,
    /// What was to happen.
    pub action: Action,
    /// The live offer, as far as it is known.
    pub id: Option<OfferId>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it did not succeed.
    pub error: Option<Foreign>,
    /// The commands that settle what nobody knows: one of them is right.
    pub commands: Vec<String>,
}

/// What became of a plan. Partial failure is an ordinary result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// One entry per change of the plan, in its order.
    pub outcomes: Vec<OfferOutcome>,
    /// Whether it was interrupted before it was through.
    pub interrupted: bool,
    /// How many steps had an effect, also those of offers that failed in the end.
    pub effects: usize,
}

impl Report {
    /// Gathers what became of the steps into what became of the offers; a step without an outcome was not tried.
    pub fn new(plan: &Plan, outcomes: &[Option<Outcome>], interrupted: bool) -> Self {
        let mut report = Self {
            outcomes: Vec::with_capacity(plan.changes.len()),
            interrupted,
            effects: outcomes
                .iter()
                .flatten()
                .filter(|outcome| outcome.has_effect())
                .count(),
        };
        let mut steps: BTreeMap<&Name, Vec<(StepId, &Step)>> = BTreeMap::new();
        for (id, step) in plan.numbered_steps() {
            steps.entry(&step.name).or_default().push((id, step));
        }
        for change in &plan.changes {
            let mut outcome = OfferOutcome {
                name: change.name.clone(),
                offer_type: change.offer_type,
                action: change.action,
                id: change
                    .id
                    .clone()
                    .filter(|_| change.action != Action::Replace),
                verdict: Verdict::Succeeded,
                error: None,
                commands: Vec::new(),
            };
            for (id, step) in steps.get(&change.name).into_iter().flatten() {
                outcome.add(step, outcomes.get(id.0 as usize).and_then(Option::as_ref));
            }
            report.outcomes.push(outcome);
        }
        report
    }

    /// Adds the creates of earlier runs that nobody knows the outcome of, with the live offers that may be theirs.
    pub fn add_pending(&mut self, state: &State, near: &BTreeMap<Name, Vec<OfferId>>) {
        for intent in state.intents.values() {
            let name = &intent.name;
            if self
                .outcomes
                .iter()
                .any(|known| known.name == *name && known.verdict == Verdict::Unknown)
            {
                continue;
            }
            self.outcomes.push(OfferOutcome {
                name: name.clone(),
                offer_type: intent.offer_type,
                action: Action::Create,
                id: None,
                verdict: Verdict::Unknown,
                error: Some("nobody knows whether an earlier create of it was made".into()),
                commands: settling_commands(name, near.get(name).map_or(&[], Vec::as_slice)),
            });
        }
    }

    /// How many offers have which outcome.
    pub fn summary(&self) -> ReportSummary {
        let count = |verdict| {
            self.outcomes
                .iter()
                .filter(|outcome| outcome.verdict == verdict)
                .count()
        };
        ReportSummary {
            succeeded: count(Verdict::Succeeded),
            failed: count(Verdict::Failed),
            unknown: count(Verdict::Unknown),
            skipped: count(Verdict::Skipped),
        }
    }
}

impl OfferOutcome {
    fn add(&mut self, step: &Step, outcome: Option<&Outcome>) {
        let (verdict, error) = match outcome {
            Some(Outcome::Succeeded(id)) => {
                if step.record.is_some() {
                    self.id = Some(id.clone());
                }
                (Verdict::Succeeded, None)
            }
            Some(Outcome::Differs(id, error)) => {
                self.id = Some(id.clone());
                (Verdict::Failed, Some(error.clone()))
            }
            Some(Outcome::Failed(error)) => (Verdict::Failed, Some(error.clone())),
            Some(Outcome::Unknown {
                message,
                candidates,
            }) => {
                if step.operation.is_create() {
                    self.commands = settling_commands(&step.name, candidates);
                }
                (Verdict::Unknown, Some(message.clone()))
            }
            Some(Outcome::Skipped(reason)) => (Verdict::Skipped, Some(reason.as_str().into())),
            None => (Verdict::Skipped, None),
        };
        if verdict > self.verdict {
            self.verdict = verdict;
            self.error = Some(error.unwrap_or_else(|| "not tried".into()));
        }
    }
}

/// The commands by which a person settles whether a create was made.
pub fn settling_commands(name: &Name, near: &[OfferId]) -> Vec<String> {
    let adopt = near
        .iter()
        .map(|id| format!("offerctl state adopt {name} {}", id.argument()));
    adopt
        .chain([format!("offerctl state forget {name}")])
        .collect()
}
