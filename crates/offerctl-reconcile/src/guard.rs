//! What a plan is refused for: [`review`].
//!
//! Guards look at the finished plan, in one place, whatever made it. Each refusal says what, why, and the next
//! step; what a person meant is said in git with a reason and a last day, or with the exact number.

mod account;
mod allowed;
mod decimal_point;
mod finding;
mod granted;
mod group;
mod policy;
mod price;
mod price_rules;
mod undone;
mod wanted;
mod within;

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::manifest::{Approved, RemoveCountries};
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::name::Name;

pub use self::account::{
    ACCOUNT_OF_ANOTHER_HELP, OtherEnvironment, account_mismatch, account_of_another, is_own_account,
};
use self::allowed::{Asked, Verdict, almost_words};
pub use self::finding::{Finding, Findings, GuardCode};
pub use self::granted::{Granted, by_step};
pub use self::group::{Group, group};
pub use self::policy::Policy;
use self::policy::Review;
pub use self::wanted::Wanted;
use crate::plan::{Action, Change, Operation, Plan, Step};

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
    undone::check(&mut review);
    let contents = contents(plan);
    for change in &plan.changes {
        review.protected(change);
        review.replaced(change);
        review.adopted(change);
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
    found.approved.sort();
    found.unused = granted::unused(plan, &found.approved, policy.today);
    found
}

/// The offers that go, each with how many do under its name: those of changes that say so, and those that an interrupted
/// replacement left behind.
fn departures(plan: &Plan) -> Vec<(&Change, usize)> {
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
    let all = plan
        .changes
        .iter()
        .map(|change| (change, of_change(change)));
    all.filter(|(_, count)| *count > 0).collect()
}

/// What the offers that change say, all their fields.
fn contents(plan: &Plan) -> BTreeMap<&Name, &Content> {
    let mut contents = BTreeMap::new();
    for step in &plan.steps {
        let Step { name, record, .. } = step;
        // What an offer is created with counts, also what is left alone afterwards.
        if let Operation::Create { content, .. } = &step.operation {
            contents.insert(name, &**content);
            continue;
        }
        if let Some(content) = record.as_ref().and_then(|record| record.applied.as_deref()) {
            contents.insert(name, content);
        }
    }
    contents
}

impl<'a> Review<'a> {
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
        let mut open = departures(plan);
        let count: usize = open.iter().map(|(_, count)| count).sum();
        let managed = plan.facts.managed;
        let max = self
            .policy
            .guards
            .max_deactivations
            .unwrap_or((managed / 10).max(1));
        let almost = self.keep_unapproved(&mut open, |review, (change, _)| {
            let asked = Asked::about(change, None);
            // Another offer takes the place of one that is replaced, so it does not count as one that goes.
            if change.action == Action::Replace {
                let replaced = review.ask(asked, |what| *what == Approved::Replacements);
                if replaced.is_approved() {
                    return replaced;
                }
            }
            review.ask(asked, |what| *what == Approved::Deactivations)
        });
        let unapproved: usize = open.iter().map(|(_, count)| count).sum();
        match self.policy.allow_deactivations {
            Some(allowed) if allowed != count => self.refuse(
                GuardCode::DeactivationsCount,
                format!("{allowed} deactivations are allowed by the command line, but the plan has {count}"),
                format!("read the plan again; if it is right, type --allow-deactivations {count}"),
            ),
            None if unapproved > max => {
                let wanted = Wanted::deactivations(open.iter().map(|(change, _)| *change));
                let approved = match count - unapproved {
                    0 => String::new(),
                    approved => format!(" and not approved ({approved} more are)"),
                };
                let message = format!(
                    "{unapproved} of {managed} managed offers would be deactivated{approved}, more than the {max} allowed{almost}"
                );
                let help = format!(
                    "{}\nor, at a keyboard, type --allow-deactivations {count}",
                    wanted::advice([&wanted])
                );
                self.refuse(GuardCode::Deactivations, message, help);
            }
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

    fn replaced(&mut self, change: &'a Change) {
        if change.action != Action::Replace || change.lifecycle.replaces() {
            return;
        }
        let asked = Asked::about(change, None);
        let verdict = self.ask(asked, |what| *what == Approved::Replacements);
        if verdict.is_approved() {
            return;
        }
        let reason = change
            .reason
            .as_deref()
            .unwrap_or("a field changes that cannot change");
        let almost = almost_words(&verdict);
        let message = format!("`{}` would be replaced: {reason}{almost}", change.name);
        let help = "write `onImmutableChange: replace` into its `lifecycle`; existing customers stay on the old offer";
        let refusal = (GuardCode::Replacement, message, help.to_owned());
        self.refuse_unapproved(change, refusal, Some(Wanted::replacement(change)));
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

    fn countries(&mut self, change: &'a Change) {
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
            let mut open: BTreeSet<Country> =
                lost.countries.difference(&named(&valid)).copied().collect();
            let mut others_open = lost.every_other && !valid.iter().any(|meant| meant.every_other);
            let almost = self.approve_countries(change, &mut open, &mut others_open);
            if open.is_empty() && !others_open {
                continue;
            }
            let mut words: Vec<String> = open.iter().map(Country::to_string).collect();
            let mut listed = words.clone();
            if others_open {
                words.push("every country that its new whitelist does not name".to_owned());
                listed.push(format!(
                    "\"{}\"",
                    offerctl_manifest::manifest::EVERY_OTHER_COUNTRY
                ));
            }
            let place = lost
                .row
                .map_or_else(String::new, |row| format!(" (localization {row})"));
            let message = format!(
                "`{}`{place} would no longer be sold in {}{almost}",
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
            let item = format!("`{}`{place} in {}", change.name, words.join(", "));
            let wanted = Wanted::countries(change, (item + &almost, open, others_open));
            let refusal = (GuardCode::CountryLost, message, help);
            self.refuse_unapproved(change, refusal, Some(wanted));
        }
    }

    /// Takes out the countries that approvals let go; says why one does not, if one nearly did.
    fn approve_countries(
        &mut self,
        change: &'a Change,
        open: &mut BTreeSet<Country>,
        others_open: &mut bool,
    ) -> String {
        let mut almost = String::new();
        let countries = open.iter().copied().map(Some);
        let others = others_open.then_some(None);
        for country in countries.chain(others).collect::<Vec<_>>() {
            let names = |what: &Approved| match (what, country) {
                (Approved::RemoveCountries { countries, .. }, Some(country)) => {
                    countries.contains(&country)
                }
                (Approved::RemoveCountries { every_other, .. }, None) => *every_other,
                _ => false,
            };
            let verdict = self.ask(Asked::about(change, country), names);
            match (&verdict, country) {
                (Verdict::Approved(_), Some(country)) => {
                    open.remove(&country);
                }
                (Verdict::Approved(_), None) => *others_open = false,
                (Verdict::Almost(_) | Verdict::No, _) if almost.is_empty() => {
                    almost = almost_words(&verdict);
                }
                (Verdict::Almost(_) | Verdict::No, _) => {}
            }
        }
        almost
    }
}
