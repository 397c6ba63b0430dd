//! What a plan is refused for: [`review`].
//!
//! Guards look at the finished plan, in one place, whatever made it. Each refusal says what, why, and the next
//! step; what a person meant is said in git with a reason and a last day, or with the exact number.

mod account;
mod decimal_point;
pub(crate) mod price;
mod price_rules;

pub use self::account::{
    ACCOUNT_OF_ANOTHER_HELP, OtherEnvironment, account_mismatch, account_of_another, is_own_account,
};

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::codes;
use crate::content::Content;
use crate::country::Country;
use crate::manifest::{Date, RemoveCountries};
use crate::name::Name;
use crate::plan::{Action, Change, Operation, Plan, Step};
use crate::project::{Account, GuardPolicy};
use crate::source::Span;

codes! {
    /// The kind of a [`Finding`]; stable, so that scripts can rely on it.
    pub enum GuardCode {
        /// No file with manifests was found.
        NoManifests = "no-manifests",
        /// The manifests declare no offer for the environment.
        NoOffers = "no-offers",
        /// The account has no offer at all, but the state binds some.
        AccountEmpty = "account-empty",
        /// The account lists none of the bound offers.
        AccountUnfamiliar = "account-unfamiliar",
        /// The offers are published by another account than the environment's, or than at the first apply.
        AccountMismatch = "account-mismatch",
        /// The account is that of another environment of the project.
        AccountOfAnotherEnvironment = "account-of-another-environment",
        /// More offers would go than the environment allows.
        Deactivations = "deactivations",
        /// `--allow-deactivations` says another number than the plan.
        DeactivationsCount = "deactivations-count",
        /// A protected offer would be deactivated or replaced.
        Protected = "protected",
        /// An offer would be replaced without `onImmutableChange: replace`.
        Replacement = "replacement",
        /// A price moves further than the environment allows.
        PriceChange = "price-change",
        /// A price is out of the range of the environment.
        PriceRange = "price-range",
        /// An override was meant for this change, but its last day has passed.
        OverrideExpired = "override-expired",
        /// A country, or a localized price, goes.
        CountryLost = "country-lost",
        /// The price of a country is some power of ten away from those of the other countries.
        DecimalPoint = "decimal-point",
        /// An offer would be made that customers cannot tell from another one.
        Copy = "copy",
    }
}

/// What the guards found in a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Why it must not be applied.
    pub refusals: Vec<Finding>,
    /// What a person should look at; nothing is refused for it.
    pub warnings: Vec<Finding>,
}

/// Something that a guard found: the reason of a refusal or of a warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The offer that it is about; `None` if it is about the whole plan.
    pub name: Option<Name>,
    /// The kind.
    pub code: GuardCode,
    /// What was found, and why it matters: a sentence without its period.
    pub message: String,
    /// The exact next step.
    pub help: String,
    /// The place in the manifests, if there is one.
    pub span: Option<Span>,
}

/// What guards go by.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    /// The bounds of the environment.
    pub guards: &'a GuardPolicy,
    /// What the account must be.
    pub account: &'a Account,
    /// Which other environment the account belongs to, by [`account_of_another`].
    pub account_of_another: Option<String>,
    /// Today, in UTC.
    pub today: Date,
    /// The number of deactivations that the user typed.
    pub allow_deactivations: Option<usize>,
    /// Whether any file with manifests was found; `None` if a saved plan is applied, which reads none.
    pub found_manifests: Option<bool>,
}

/// Returns every reason why a plan must not be applied, or should be looked at.
pub fn review(plan: &Plan, policy: &Policy<'_>) -> Findings {
    let mut review = Review {
        plan,
        policy,
        found: Findings::default(),
    };
    review.emptied();
    account::check(&mut review);
    review.deactivations();
    let contents = contents(plan);
    for change in &plan.changes {
        review.protected(change);
        review.replaced(change);
        review.countries(change);
        price::check(&mut review, change);
        review.copied(change);
        if let Some(content) = contents.get(&change.name) {
            decimal_point::check(&mut review, change, content);
            price_rules::check(&mut review, change, content);
        }
    }
    let mut found = review.found;
    found.refusals.sort();
    found.warnings.sort();
    found
}

/// How many offers go: those of changes that say so, and those that an interrupted replacement left behind.
fn departures(plan: &Plan) -> usize {
    let mut steps: BTreeMap<&Name, usize> = BTreeMap::new();
    for step in &plan.steps {
        if let Operation::Deactivate { .. } = step.operation {
            *steps.entry(&step.name).or_default() += 1;
        }
    }
    let of_change = |change: &Change| {
        let goes = matches!(change.action, Action::Deactivate | Action::Replace);
        let sent = steps.get(&change.name).copied().unwrap_or_default();
        sent.max(usize::from(goes))
    };
    plan.changes.iter().map(of_change).sum()
}

/// What the offers that change say, all their fields.
fn contents(plan: &Plan) -> BTreeMap<&Name, &Content> {
    let mut contents = BTreeMap::new();
    for Step { name, record, .. } in &plan.steps {
        if let Some(content) = record.as_ref().and_then(|record| record.applied.as_deref()) {
            contents.insert(name, content);
        }
    }
    contents
}

struct Review<'a> {
    plan: &'a Plan,
    policy: &'a Policy<'a>,
    found: Findings,
}

impl Review<'_> {
    fn refuse(&mut self, code: GuardCode, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), help.into());
        self.found.refusals.push(Finding {
            name: None,
            code,
            message,
            help,
            span: None,
        });
    }

    fn refuse_change(
        &mut self,
        change: &Change,
        code: GuardCode,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (name, message, help) = (Some(change.name.clone()), message.into(), help.into());
        self.found.refusals.push(Finding {
            name,
            code,
            message,
            help,
            span: change.span,
        });
    }

    /// Notes what is only probably wrong: a warning, unless the environment is strict.
    fn warn_or_refuse(
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
        });
    }

    fn emptied(&mut self) {
        if self.policy.found_manifests == Some(false) {
            self.refuse(
                GuardCode::NoManifests,
                "no file with manifests was found",
                "check `manifests` in offerctl.yaml and the folder given with -C",
            );
        } else if self.plan.facts.declared == 0 {
            self.refuse(
                GuardCode::NoOffers,
                "the manifests declare no offer for this environment",
                "to take every offer out of the shop on purpose, do it in Cleeng's dashboard",
            );
        }
    }

    fn deactivations(&mut self) {
        let plan = self.plan;
        let count = departures(plan);
        let managed = plan.facts.managed;
        let max = self
            .policy
            .guards
            .max_deactivations
            .unwrap_or((managed / 10).max(1));
        match self.policy.allow_deactivations {
            Some(allowed) if allowed != count => self.refuse(
                GuardCode::DeactivationsCount,
                format!("{allowed} deactivations are allowed by the command line, but the plan has {count}"),
                format!("read the plan again; if it is right, type --allow-deactivations {count}"),
            ),
            None if count > max => self.refuse(
                GuardCode::Deactivations,
                format!("{count} of {managed} managed offers would be deactivated, more than the {max} allowed"),
                format!("if that is meant, type --allow-deactivations {count}"),
            ),
            Some(_) | None => {}
        }
    }

    fn protected(&mut self, change: &Change) {
        if !matches!(change.action, Action::Deactivate | Action::Replace)
            || !change.lifecycle.protects()
        {
            return;
        }
        // What goes under a name that is declared was replaced before: the offer that is protected stays.
        if change.action == Action::Deactivate && change.span.is_some() {
            return;
        }
        let what = if change.action == Action::Replace {
            "replaced"
        } else {
            "deactivated"
        };
        let message = format!("`{}` is protected and would be {what}", change.name);
        let help = if change.span.is_some() {
            "apply a change with `protect: false` in its `lifecycle` first".to_owned()
        } else {
            "declare it again with `protect: false` in its `lifecycle`, apply, and then remove it"
                .to_owned()
        };
        self.refuse_change(change, GuardCode::Protected, message, help);
    }

    fn replaced(&mut self, change: &Change) {
        if change.action != Action::Replace || change.lifecycle.replaces() {
            return;
        }
        let reason = change
            .reason
            .as_deref()
            .unwrap_or("a field changes that cannot change");
        let message = format!("`{}` would be replaced: {reason}", change.name);
        let help = "write `onImmutableChange: replace` into its `lifecycle`; existing customers stay on the old offer";
        self.refuse_change(change, GuardCode::Replacement, message, help);
    }

    fn copied(&mut self, change: &Change) {
        let Some(original) = self.plan.facts.copies.get(&change.name) else {
            return;
        };
        let meant = change.lifecycle.copy_of.as_ref();
        let meant = meant.filter(|meant| meant.offer == *original);
        if meant.is_some_and(|meant| self.policy.today <= meant.until) {
            return;
        }
        let message = format!(
            "`{}` would be a second `{original}`: type, title, address, price and term are the same",
            change.name
        );
        let help = if meant.is_some() {
            "its `copyOf` has passed its last day; if it is still meant, set a later `until`"
                .to_owned()
        } else {
            format!(
                "take one of the two out, or give it a title of its own; if two alike are meant, \
                 write into its `lifecycle`: copyOf: {{offer: {original}, reason: …, until: YYYY-MM-DD}}"
            )
        };
        self.warn_or_refuse(change, GuardCode::Copy, message, help);
    }

    fn countries(&mut self, change: &Change) {
        let meant: Vec<&RemoveCountries> = change.lifecycle.remove_countries.iter().collect();
        let (valid, expired): (Vec<_>, Vec<_>) = meant
            .iter()
            .partition(|meant| self.policy.today <= meant.until);
        for lost in &change.lost {
            let named = |meant: &[&&RemoveCountries]| -> BTreeSet<Country> {
                lost.countries
                    .iter()
                    .filter(|country| meant.iter().any(|meant| meant.countries.contains(country)))
                    .copied()
                    .collect()
            };
            let open: BTreeSet<Country> =
                lost.countries.difference(&named(&valid)).copied().collect();
            let others_open = lost.every_other && !valid.iter().any(|meant| meant.every_other);
            if open.is_empty() && !others_open {
                continue;
            }
            let mut words: Vec<String> = open.iter().map(Country::to_string).collect();
            let mut listed = words.clone();
            if others_open {
                words.push("every country that its new whitelist does not name".to_owned());
                listed.push(format!("\"{}\"", crate::manifest::EVERY_OTHER_COUNTRY));
            }
            let place = lost
                .row
                .map_or_else(String::new, |row| format!(" (localization {row})"));
            let message = format!(
                "`{}`{place} would no longer be sold in {}",
                change.name,
                words.join(", ")
            );
            let was_meant = !named(&expired).is_empty()
                || (others_open && expired.iter().any(|meant| meant.every_other));
            if was_meant {
                let message = format!("{message}; its `removeCountries` has passed its last day");
                let help = "if it is still meant, set a later `until`";
                self.refuse_change(change, GuardCode::OverrideExpired, message, help);
                continue;
            }
            let help = format!(
                "if that is meant, write into its `lifecycle`: \
                 removeCountries: {{countries: [{}], reason: …, until: YYYY-MM-DD}}",
                listed.join(", ")
            );
            self.refuse_change(change, GuardCode::CountryLost, message, help);
        }
    }
}
