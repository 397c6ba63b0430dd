//! A plan, with all that is needed to see whether it still fits: [`SavedPlan`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Desired;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use crate::fingerprint::{fingerprint, plan_id, touched};
use crate::headline::Headline;
use crate::live::{Completeness, Live};
use crate::matching::{Match, Rule, match_offers};
use crate::plan::{Action, Change, Operation, Plan};
use crate::state::{Binding, State};

/// A plan, with all that is needed to see whether it still fits.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedPlan {
    /// A random text, so that the plan is applied once.
    pub nonce: String,
    /// The name of the project that it was made in, if it has one: its comment is found again by it.
    pub project: Option<String>,
    /// The environment that it was made for.
    pub environment: String,
    /// The other projects whose offers it may take over.
    pub take_over_from: BTreeSet<String>,
    /// The endpoint that it was made against.
    pub endpoint: String,
    /// The account that it was made against.
    pub account: Option<Foreign>,
    /// Whether the catalogue that it was made against was certainly whole.
    pub completeness: Completeness,
    /// The hash of its operations.
    pub plan_id: String,
    /// The plan.
    pub plan: Plan,
    /// The live offers that it touches, as they were.
    pub fingerprints: BTreeMap<OfferId, String>,
    /// The bindings of the names that it changes, as they were.
    pub bindings: BTreeMap<Name, Option<OfferId>>,
    /// The rows that were read by themselves, because the lists did not carry all of them.
    pub details: BTreeSet<(OfferType, OfferId)>,
}

impl SavedPlan {
    /// Puts a plan into a form that can be kept.
    pub fn new(
        nonce: String,
        headline: &Headline,
        plan: Plan,
        (live, state): (&Live, &State),
        details: &[(OfferType, OfferId)],
    ) -> Self {
        let names = plan
            .changes
            .iter()
            .map(|change| &change.name)
            .chain(plan.refresh.keys())
            .chain(plan.moves.keys());
        let id = |name: &Name| state.bindings.get(name).map(|binding| binding.id.clone());
        Self {
            nonce,
            project: None,
            take_over_from: BTreeSet::new(),
            environment: headline.environment.clone(),
            endpoint: headline.endpoint.clone(),
            account: headline.account.clone(),
            completeness: headline.completeness,
            plan_id: plan_id(&headline.environment, &plan, live),
            fingerprints: touched(&plan, live),
            bindings: names.map(|name| (name.clone(), id(name))).collect(),
            details: details.iter().cloned().collect(),
            plan,
        }
    }

    /// Returns every reason why the plan no longer fits what is live and what is bound; none if it does.
    pub fn misfits(&self, live: &Live, state: &State) -> Vec<String> {
        let mut misfits = Vec::new();
        if state.consumed.contains(&self.nonce) {
            misfits.push("this plan was applied already".to_owned());
            return misfits;
        }
        let emails = live.publisher_emails();
        if let Some(account) = &self.account
            && !emails.is_empty()
            && !emails.contains(account)
        {
            misfits.push(format!("it was made for the account {account}"));
        }
        for (id, before) in &self.fingerprints {
            match live.get(id) {
                None => misfits.push(format!("{id} is no longer listed")),
                Some(offer) if fingerprint(offer) != *before => {
                    misfits.push(format!("{id} was changed since"));
                }
                Some(_) => {}
            }
        }
        for (name, before) in &self.bindings {
            let now = state.bindings.get(name).map(|binding| &binding.id);
            if now != before.as_ref() {
                let shown = |id: Option<&OfferId>| {
                    id.map_or_else(|| "nothing".to_owned(), ToString::to_string)
                };
                misfits.push(format!(
                    "`{name}` is bound to {}, not to {}",
                    shown(now),
                    shown(before.as_ref())
                ));
            }
        }
        if state
            .intents
            .values()
            .any(|intent| !self.plan.pending.contains_key(&intent.name))
        {
            misfits.push("a create of another run is not settled".to_owned());
        }
        misfits.extend(self.matching_misfits(live, state));
        misfits
    }

    /// Runs matching again for every create and every adoption.
    fn matching_misfits(&self, live: &Live, state: &State) -> Vec<String> {
        let gone: BTreeSet<&Name> = self
            .plan
            .changes
            .iter()
            .filter(|change| {
                matches!(change.action, Action::Deactivate | Action::Forget)
                    && change.span.is_none()
            })
            .map(|change| &change.name)
            .collect();
        let mut state = state.clone();
        state.follow(&self.plan.moves);
        let mut desired = Desired::for_api(self.plan.api);
        desired.project.clone_from(&self.project);
        desired.take_over_from.clone_from(&self.take_over_from);
        // Names that stay bound are declared, whatever they say by now.
        for (name, binding) in state
            .bindings
            .iter()
            .filter(|(name, _)| !gone.contains(name))
        {
            let Binding {
                offer_type,
                applied,
                ..
            } = binding;
            desired.declare(
                name.clone(),
                *offer_type,
                (applied.clone().unwrap_or_default(), None),
            );
        }
        let mut wanted: BTreeMap<&Name, Option<&OfferId>> = BTreeMap::new();
        for step in &self.plan.steps {
            let content = match &step.operation {
                Operation::Create { content, .. } => {
                    wanted.insert(&step.name, None);
                    Some((**content).clone())
                }
                Operation::Bind { id } => {
                    wanted.insert(&step.name, Some(id));
                    None
                }
                Operation::Update { .. }
                | Operation::UpdateCountry { .. }
                | Operation::AddCountry { .. }
                | Operation::ActivateCountry { .. }
                | Operation::DeactivateCountry { .. }
                | Operation::Activate { .. }
                | Operation::Deactivate { .. }
                | Operation::Forget { .. } => None,
            };
            let recorded = step
                .record
                .as_ref()
                .and_then(|record| record.applied.as_deref().cloned());
            if let Some(content) = content.or(recorded)
                && wanted.contains_key(&step.name)
            {
                let change = self.change(&step.name);
                let adopts = change.and_then(approved).cloned();
                desired.declare(step.name.clone(), step.offer_type, (content, adopts));
                if let Some(change) = change {
                    desired.set_lifecycle(&step.name, &change.lifecycle);
                }
            }
        }
        let matching = match_offers(&desired, live, &state);
        let mut misfits: Vec<String> = matching
            .conflicts
            .iter()
            .filter(|conflict| wanted.contains_key(&conflict.name))
            .map(|conflict| conflict.message.clone())
            .collect();
        for (name, id) in wanted {
            let now = matching
                .matches
                .get(name)
                .filter(|found| found.rule.adopts())
                .map(Match::id);
            if now != id && !matching.blocked.contains(name) {
                misfits.push(match now {
                    Some(now) => format!("`{name}` would now adopt {now}"),
                    None => format!("`{name}` would no longer adopt an offer"),
                });
            }
        }
        misfits
    }

    fn change(&self, name: &Name) -> Option<&Change> {
        self.plan.changes.iter().find(|change| change.name == *name)
    }
}

/// The live offer that the manifest named by its id, or that an approval let the name adopt: it is not looked for again.
fn approved(change: &Change) -> Option<&OfferId> {
    let is_approved = matches!(change.adopted, Some(Rule::Ids | Rule::TitleAndUrl));
    change.id.as_ref().filter(|_| is_approved)
}
