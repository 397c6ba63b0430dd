//! Approvals of `allow:` in words: beside the changes that they let pass, and those that do nothing.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::manifest::Approval;
use offerctl_model::name::Name;
use offerctl_model::words::quoted;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::plan::{Plan, Sold};

/// How many prices of an offer that goes are named.
const PRICES_SHOWN: usize = 5;

/// An approval that a plan uses.
pub(super) struct Used<'a> {
    pub(super) approval: &'a Approval,
    /// For how many offers.
    pub(super) offers: usize,
}

/// Returns the approvals that a plan uses, in the order of the files.
pub(super) fn uses<'a>(plan: &'a Plan, findings: &Findings) -> Vec<Used<'a>> {
    let mut offers: BTreeMap<usize, BTreeSet<&Name>> = BTreeMap::new();
    for granted in &findings.approved {
        offers
            .entry(granted.approval)
            .or_default()
            .insert(&granted.offer);
    }
    let uses = offers.into_iter().filter_map(|(place, offers)| {
        let approval = plan.approvals.get(place)?;
        Some(Used {
            approval,
            offers: offers.len(),
        })
    });
    uses.collect()
}

/// Returns what lets the change of an offer pass: kind, countries, last day, place and reason.
pub(super) fn approved_lines(plan: &Plan, findings: &Findings, name: &Name) -> Vec<String> {
    // They are sorted by offer.
    let approved = &findings.approved;
    let first = approved.partition_point(|granted| granted.offer < *name);
    let own = approved[first..]
        .iter()
        .take_while(|granted| granted.offer == *name);
    let mut countries: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for granted in own {
        let named = countries.entry(granted.approval).or_default();
        named.extend(granted.country.map(|country| country.to_string()));
    }
    let lines = countries.into_iter().filter_map(|(place, countries)| {
        let approval = plan.approvals.get(place)?;
        let countries = if countries.is_empty() {
            String::new()
        } else {
            format!(" in {}", countries.join(", "))
        };
        Some(format!(
            "{}{countries} until {} at {}, because {}",
            approval.what.kind(),
            approval.until,
            approval.at(),
            quoted(&approval.reason)
        ))
    });
    lines.collect()
}

/// Returns a sentence on each approval that approves nothing in a plan.
pub(super) fn unused_words(plan: &Plan, findings: &Findings) -> Vec<String> {
    let unused = findings.unused.iter();
    let found = unused.filter_map(|place| plan.approvals.get(*place));
    found
        .map(|approval| {
            format!(
                "the {} approval at {} approves nothing in this plan",
                approval.what.kind(),
                approval.at()
            )
        })
        .collect()
}

/// Returns what is sold of an offer that goes: its title, its prices and its period.
pub(super) fn sold_words(sold: &Sold) -> String {
    let Sold {
        title,
        prices,
        period,
    } = sold;
    let mut words = vec![quoted(title)];
    for price in prices.iter().take(PRICES_SHOWN) {
        let currency = price.currency.map(|currency| format!(" {currency}"));
        let amount = format!("{}{}", price.amount, currency.unwrap_or_default());
        words.push(match price.country {
            Some(country) => format!("{country} {amount}"),
            None => amount,
        });
    }
    if prices.len() > PRICES_SHOWN {
        words.push(format!("{} more prices", prices.len() - PRICES_SHOWN));
    }
    words.extend(period.as_ref().map(ToString::to_string));
    words.join(", ")
}
