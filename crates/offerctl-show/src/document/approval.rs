//! Approvals, and what one entry of `allow` would approve, as parts of documents.

use std::collections::BTreeMap;

use offerctl_manifest::manifest::Approval;
use offerctl_manifest::source::Sources;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::Name;
use offerctl_reconcile::guard::{Findings, Granted, Group};
use offerctl_reconcile::plan::Plan;
use serde::Serialize;

/// An approval in git, as an entry of `allow` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ApprovalDocument {
    /// What it approves, such as `priceChange`.
    pub kind: String,
    /// Why.
    pub reason: Foreign,
    /// The last day, in UTC.
    pub until: String,
    /// The file that it stands in, relative to the project.
    pub file: Foreign,
    /// The line in that file, from 1.
    pub line: usize,
    /// The countries whose price or sale it approves; left out where it is about none alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub countries: Vec<String>,
}

/// Refusals of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct GroupDocument {
    /// The kind, such as `price-change`.
    pub code: String,
    /// How many refusals there are of it.
    pub count: usize,
    /// What is wrong, with the first of them.
    pub message: String,
    /// The way out for all of them.
    pub help: String,
    /// The file of the first one, relative to the project, if its offer is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Foreign>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl ApprovalDocument {
    fn new(approval: &Approval, countries: Vec<String>) -> Self {
        Self {
            kind: approval.what.kind().to_owned(),
            reason: approval.reason.clone(),
            until: approval.until.to_string(),
            file: (*approval.file).clone(),
            line: approval.line,
            countries,
        }
    }
}

impl GroupDocument {
    pub(super) fn new(group: Group, sources: &Sources) -> Self {
        let file = group.span.and_then(|span| sources.file(span.file));
        let line = group
            .span
            .and_then(|span| Some(file?.position(span.start).line));
        Self {
            code: group.code.as_str().to_owned(),
            count: group.count,
            message: group.message,
            help: group.help,
            file: file.map(|file| file.path.clone()),
            line,
        }
    }
}

/// The approvals that each offer of a plan uses.
pub(super) fn of_offers(plan: &Plan, findings: &Findings) -> BTreeMap<Name, Vec<ApprovalDocument>> {
    let mut used: BTreeMap<(&Name, usize), Vec<String>> = BTreeMap::new();
    for granted in &findings.approved {
        let Granted {
            offer,
            approval,
            country,
            ..
        } = granted;
        let countries = used.entry((offer, *approval)).or_default();
        countries.extend(country.map(|country| country.to_string()));
    }
    let mut documents: BTreeMap<Name, Vec<ApprovalDocument>> = BTreeMap::new();
    for ((offer, approval), countries) in used {
        if let Some(approval) = plan.approvals.get(approval) {
            let of_offer = documents.entry(offer.clone()).or_default();
            of_offer.push(ApprovalDocument::new(approval, countries));
        }
    }
    documents
}

/// The approvals that a plan does not use.
pub(super) fn unused(plan: &Plan, findings: &Findings) -> Vec<ApprovalDocument> {
    let unused = findings.unused.iter();
    let found = unused.filter_map(|place| plan.approvals.get(*place));
    found
        .map(|approval| ApprovalDocument::new(approval, Vec::new()))
        .collect()
}
