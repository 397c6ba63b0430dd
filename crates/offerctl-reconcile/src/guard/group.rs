//! Findings of one kind as one message: [`group`].
//!
//! A price list that moves 283 prices too far is one decision, and 283 refusals are none that anybody reads.

use std::collections::BTreeMap;

use offerctl_manifest::span::Span;

use super::finding::{Finding, GuardCode};
use super::wanted::{self, Wanted};

/// How many of a group are told one by one.
const SHOWN: usize = 10;

/// Findings of one kind, as one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The kind.
    pub code: GuardCode,
    /// How many findings it stands for.
    pub count: usize,
    /// What was found: a sentence without its period, with the first of many and how many more there are.
    pub message: String,
    /// The next step for all of them.
    pub help: String,
    /// The place of the first one that has a place in the manifests.
    pub span: Option<Span>,
}

/// Returns findings with those of one kind together, in their order. One alone stays as it is.
pub fn group(findings: &[Finding]) -> Vec<Group> {
    let mut groups: BTreeMap<(GuardCode, Option<&str>), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        // What no entry approves is one message only if the way out is the same.
        let help = finding.wanted.is_none().then_some(finding.help.as_str());
        groups
            .entry((finding.code, help))
            .or_default()
            .push(finding);
    }
    let mut groups: Vec<Vec<&Finding>> = groups.into_values().collect();
    // By name, as the findings are.
    groups.sort_by_key(|group| group.first().copied().cloned());
    groups
        .iter()
        .filter_map(|group| one_message(group))
        .collect()
}

fn one_message(findings: &[&Finding]) -> Option<Group> {
    let first = findings.first()?;
    let span = findings.iter().find_map(|finding| finding.span);
    let group = |message: String, help: String| Group {
        code: first.code,
        count: findings.len(),
        message,
        help,
        span,
    };
    if findings.len() == 1 {
        return Some(group(first.message.clone(), first.help.clone()));
    }
    let wanted: Vec<&Wanted> = findings
        .iter()
        .filter_map(|finding| finding.wanted.as_ref())
        .collect();
    if wanted.is_empty() {
        let messages = findings.iter().map(|finding| finding.message.as_str());
        return Some(group(listed(messages, findings.len()), first.help.clone()));
    }
    let count = findings.len();
    let what = if first.code == GuardCode::PriceChange {
        format!("{count} prices move further than allowed")
    } else if first.code == GuardCode::PriceRange {
        format!("{count} prices are out of range")
    } else if first.code == GuardCode::CountryLost {
        format!("{count} times an offer would no longer be sold")
    } else {
        format!("{count} offers would be replaced")
    };
    let items = wanted.iter().map(|wanted| wanted.item.as_str());
    let message = format!("{what}: {}", listed(items, count));
    Some(group(message, wanted::advice(wanted.iter().copied())))
}

/// The first of many, and how many more there are.
fn listed<'a>(items: impl Iterator<Item = &'a str>, count: usize) -> String {
    let mut words: Vec<String> = items.take(SHOWN).map(str::to_owned).collect();
    if count > SHOWN {
        words.push(format!("and {} more", count - SHOWN));
    }
    words.join("; ")
}
