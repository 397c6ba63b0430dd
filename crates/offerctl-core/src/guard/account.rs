//! Whether the token is that of the right account.

use super::{GuardCode, Review};
use crate::live::Live;
use crate::project::Account;
use crate::state::State;

/// Refuses a plan made against an account that is not the environment's.
pub(super) fn check(review: &mut Review<'_>) {
    let facts = &review.plan.facts;
    if facts.live == 0 && facts.managed > 0 {
        let message = format!(
            "the account has no offer at all, but {} are bound",
            facts.managed
        );
        review.refuse(
            GuardCode::AccountEmpty,
            message,
            "check the token and the endpoint of the environment",
        );
    } else if facts.found == 0 && facts.managed > 0 {
        let message = format!(
            "the account lists none of the {} bound offers",
            facts.managed
        );
        review.refuse(
            GuardCode::AccountUnfamiliar,
            message,
            "check the token and the endpoint of the environment",
        );
    }
    let shown = words(facts.publisher_emails.iter());
    let is_other = |expected: &String| {
        !facts.publisher_emails.is_empty() && !facts.publisher_emails.contains(expected)
    };
    if let Some(expected) = facts
        .remembered_email
        .as_ref()
        .filter(|expected| is_other(expected))
    {
        let message =
            format!("the offers are published by {shown}; at the first apply it was {expected}");
        review.refuse(
            GuardCode::AccountMismatch,
            message,
            "use the token of that account",
        );
    }
    let Account {
        publisher_email,
        country,
        currency,
    } = review.policy.account;
    if let Some(expected) = publisher_email
        .as_ref()
        .filter(|expected| is_other(expected))
    {
        let message = format!("the offers are published by {shown}; offerctl.yaml says {expected}");
        review.refuse(
            GuardCode::AccountMismatch,
            message,
            "correct the token, or `account` in offerctl.yaml",
        );
    }
    if let Some(expected) = country
        && !facts.countries.is_empty()
        && !facts.countries.contains(expected)
    {
        let shown = words(facts.countries.iter());
        let message = format!("the offers are of {shown}; offerctl.yaml says {expected}");
        review.refuse(
            GuardCode::AccountMismatch,
            message,
            "correct the token, or `account` in offerctl.yaml",
        );
    }
    if let Some(expected) = currency
        && !facts.currencies.is_empty()
        && !facts.currencies.contains(expected)
    {
        let shown = words(facts.currencies.iter());
        let message = format!("the prices are in {shown}; offerctl.yaml says {expected}");
        review.refuse(
            GuardCode::AccountMismatch,
            message,
            "correct the token, or `account` in offerctl.yaml",
        );
    }
}

/// Says in what way the account is not the one that the state remembers or the environment names.
///
/// For commands that make no plan, and so have no refusals.
pub fn account_mismatch(live: &Live, state: &State, expected: &Account) -> Option<String> {
    let emails = live.publisher_emails();
    if live.is_empty() && !state.bindings.is_empty() {
        return Some(format!(
            "the account has no offer at all, but {} are bound",
            state.bindings.len()
        ));
    }
    let wanted = [&expected.publisher_email, &state.account.publisher_email];
    let other = wanted
        .into_iter()
        .flatten()
        .find(|email| !emails.is_empty() && !emails.contains(email.as_str()))?;
    Some(format!(
        "the offers are published by {}, not by {other}",
        words(emails.iter())
    ))
}

fn words<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
