//! Conflicts, refusals and warnings in one form: [`Problem`].

use offerctl_manifest::span::Span;
use offerctl_model::words::plural;
use offerctl_reconcile::guard::{Findings, Group, group};
use offerctl_reconcile::plan::Plan;

/// Something that a person has to look at before a plan is applied.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) kind: ProblemKind,
    pub(super) code: &'static str,
    /// What is wrong: a sentence without its period.
    pub(super) message: String,
    /// The way out.
    pub(super) help: String,
    pub(super) span: Option<Span>,
}

/// What a problem does to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProblemKind {
    /// A person has to decide something; nothing is applied.
    Conflict,
    /// A guard refuses the plan.
    Refusal,
    /// Nothing: it is only said.
    Warning,
}

impl ProblemKind {
    pub(super) const ALL: [Self; 3] = [Self::Conflict, Self::Refusal, Self::Warning];

    /// The word that stands before the code.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Refusal => "refused",
            Self::Warning => "warning",
        }
    }

    /// What stands over all of the kind: `Conflicts: 2`.
    pub(super) fn title(self, count: usize) -> String {
        match self {
            Self::Conflict => format!("Blocked: {} to settle", plural(count, "conflict")),
            Self::Refusal => format!("Blocked: {} by the guards", plural(count, "refusal")),
            Self::Warning => format!("Look at: {}", plural(count, "warning")),
        }
    }
}

/// Returns the problems of a kind in their order; what guards found of one kind is one of them.
pub(super) fn problems(plan: &Plan, findings: &Findings, kind: ProblemKind) -> Vec<Problem> {
    let found = |found: Group| Problem {
        kind,
        code: found.code.as_str(),
        message: found.message,
        help: found.help,
        span: found.span,
    };
    match kind {
        ProblemKind::Conflict => plan
            .conflicts
            .iter()
            .map(|conflict| Problem {
                kind,
                code: conflict.code.as_str(),
                message: conflict.message.clone(),
                help: conflict.help.clone(),
                span: conflict.span,
            })
            .collect(),
        ProblemKind::Refusal => group(&findings.refusals).into_iter().map(found).collect(),
        ProblemKind::Warning => group(&findings.warnings).into_iter().map(found).collect(),
    }
}
