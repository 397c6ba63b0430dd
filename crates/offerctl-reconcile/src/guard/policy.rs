//! What guards go by: [`Policy`], and the [`Review`] of a plan by it.

use std::collections::BTreeMap;

use offerctl_manifest::manifest::Date;
use offerctl_manifest::project::{Account, GuardPolicy};
use offerctl_model::country::Country;

use super::finding::{Finding, Findings, GuardCode};
use super::wanted::Wanted;
use crate::plan::{Change, Plan};
use crate::state::{Use, UseKey};

/// What guards go by.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    /// The bounds of the environment.
    pub guards: &'a GuardPolicy,
    /// What the account must be.
    pub account: &'a Account,
    /// Which other environment the account belongs to, by [`account_of_another`](super::account_of_another).
    pub account_of_another: Option<String>,
    /// Today, in UTC.
    pub today: Date,
    /// The number of deactivations that the user typed.
    pub allow_deactivations: Option<usize>,
    /// The approvals that were used, by the state as it is now.
    pub uses: &'a BTreeMap<UseKey, Use>,
    /// Whether any file with manifests was found; `None` if a saved plan is applied, which reads none.
    pub found_manifests: Option<bool>,
}

/// A plan that is looked at by one guard after another.
pub(super) struct Review<'a> {
    pub(super) plan: &'a Plan,
    pub(super) policy: &'a Policy<'a>,
    pub(super) found: Findings,
}

impl Review<'_> {
    /// The country that the use of an approval for a price is remembered under: that of the home country is the price of the
    /// offer itself, whichever way the manifest or the API says it.
    pub(super) fn country_of_use(&self, country: Option<Country>) -> Option<Country> {
        let shown = &self.plan.facts.countries;
        let shown = shown.first().copied().filter(|_| shown.len() == 1);
        let home = self.policy.account.country.or(shown);
        country.filter(|country| home != Some(*country))
    }

    pub(super) fn refuse(
        &mut self,
        code: GuardCode,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        self.found.refusals.push(Finding {
            name: None,
            code,
            message,
            help,
            span: None,
            wanted: None,
        });
    }

    pub(super) fn refuse_change(
        &mut self,
        change: &Change,
        code: GuardCode,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.refuse_unapproved(change, (code, message.into(), help.into()), None);
    }

    /// Refuses what an entry of `allow` could approve.
    pub(super) fn refuse_unapproved(
        &mut self,
        change: &Change,
        (code, message, help): (GuardCode, String, String),
        wanted: Option<Wanted>,
    ) {
        self.found.refusals.push(Finding {
            name: Some(change.name.clone()),
            code,
            message,
            help,
            span: change.span,
            wanted,
        });
    }

    /// Notes what is only probably wrong: a warning, unless the environment is strict.
    pub(super) fn warn_or_refuse(
        &mut self,
        change: &Change,
        code: GuardCode,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.policy.guards.strict {
            self.refuse_change(change, code, message, help);
            return;
        }
        self.found.warnings.push(Finding {
            name: Some(change.name.clone()),
            code,
            message: message.into(),
            help: help.into(),
            span: change.span,
            wanted: None,
        });
    }
}
