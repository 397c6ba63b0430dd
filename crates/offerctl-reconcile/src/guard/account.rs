//! Whether the token is that of the right account.

use std::collections::BTreeSet;

use offerctl_manifest::project::{Account, Endpoint, Environment};
use offerctl_model::foreign::Foreign;
use offerctl_model::name::OfferId;

use super::finding::GuardCode;
use super::policy::Review;
use crate::live::Live;
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
    if let Some(message) = &review.policy.account_of_another {
        review.refuse(
            GuardCode::AccountOfAnotherEnvironment,
            message,
            ACCOUNT_OF_ANOTHER_HELP,
        );
    }
    let shown = words(facts.publisher_emails.iter());
    let is_other = |expected: &Foreign| {
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
        .find(|email| !emails.is_empty() && !emails.contains(email))?;
    Some(format!(
        "the offers are published by {}, not by {other}",
        words(emails.iter())
    ))
}

/// Another environment of the project, as far as it is known whose account it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherEnvironment {
    /// Its name.
    pub name: String,
    /// Where its API is.
    pub endpoint: Endpoint,
    /// The e-mail address of its account: as offerctl.yaml says it, or else as its state remembers it.
    pub publisher_email: Option<Foreign>,
    /// The offers that its state binds.
    pub ids: BTreeSet<OfferId>,
}

impl OtherEnvironment {
    /// What offerctl.yaml and the state say of an environment.
    pub fn new(environment: &Environment, state: Option<&State>) -> Self {
        let remembered = state.and_then(|state| state.account.publisher_email.clone());
        let ids = state.iter().flat_map(|state| state.bindings.values());
        Self {
            name: environment.name.clone(),
            endpoint: environment.endpoint.clone(),
            publisher_email: environment.account.publisher_email.clone().or(remembered),
            ids: ids.map(|binding| binding.id.to_stem()).collect(),
        }
    }

    /// Why a live catalogue is that of this environment.
    fn evidence(&self, live: &Live, endpoint: &Endpoint) -> Option<String> {
        let emails = live.publisher_emails();
        if let Some(email) = self.publisher_email.as_ref().filter(|_| !emails.is_empty()) {
            // Each of Cleeng's sites has accounts of its own, and people take one address for both.
            let other_site = matches!(
                (endpoint, &self.endpoint),
                (Endpoint::Site(here), Endpoint::Site(there)) if here != there
            );
            let same = emails.contains(email) && !other_site;
            return same.then(|| format!("its offers are published by {email}"));
        }
        let listed = self.ids.iter().filter(|id| live.get(id).is_some()).count();
        // One id may be that of another offer elsewhere; most of them are not.
        (2 * listed > self.ids.len()).then(|| {
            let all = self.ids.len();
            format!("it lists {listed} of the {all} offers that are bound there")
        })
    }
}

/// Whether it is known already that the account is the environment's own: offerctl.yaml or the state says its e-mail
/// address, or offers that the state binds are in it.
///
/// An account that shows nothing at all is nobody's. Where the API is in the process itself there are no tokens.
pub fn is_own_account(live: &Live, environment: &Environment, state: &State) -> bool {
    if live.is_empty() || environment.endpoint == Endpoint::Emulator {
        return true;
    }
    let emails = live.publisher_emails();
    let said = [
        &environment.account.publisher_email,
        &state.account.publisher_email,
    ];
    let mut said = said.into_iter().flatten();
    let mut bound = state.bindings.values();
    said.any(|email| emails.contains(email)) || bound.any(|binding| live.get(&binding.id).is_some())
}

/// Says which other environment the account belongs to, and why; `None` if it may be the environment's own.
///
/// For [`Policy::account_of_another`](super::Policy::account_of_another), and for commands that make no plan.
pub fn account_of_another(
    live: &Live,
    (environment, state): (&Environment, &State),
    others: &[OtherEnvironment],
) -> Option<String> {
    if is_own_account(live, environment, state) {
        return None;
    }
    let others = others
        .iter()
        .filter(|other| other.name != environment.name && other.endpoint != Endpoint::Emulator);
    let mut found = others.filter_map(|other| {
        let evidence = other.evidence(live, &environment.endpoint)?;
        Some(format!(
            "the account is that of the environment `{}`: {evidence}",
            other.name
        ))
    });
    found.next()
}

/// What to do about [`account_of_another`].
pub const ACCOUNT_OF_ANOTHER_HELP: &str = "check that the tokens and endpoints of the two are not swapped; if this \
     account is meant, say so with `account: {publisherEmail: …}` of this environment in offerctl.yaml";

fn words<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
