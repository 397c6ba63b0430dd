//! What an apply would do: [`Plan`], made by the pure and total function [`plan`].

mod change;
mod copies;
mod decision;
mod draft;
mod form;
mod immutable;
mod lost;
mod node;
mod note;
mod operation;
mod order;
mod planner;
mod prices;
mod remembered;
mod sold;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::desired::Desired;
use offerctl_manifest::manifest::Approval;
use offerctl_model::country::Country;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use serde::{Deserialize, Serialize};

pub use self::change::{Action, Change};
use self::copies::copies;
pub use self::lost::LostCountries;
pub use self::note::Note;
use self::note::lookalikes;
pub use self::operation::{Group, GroupId, Operation, Step, StepId};
use self::planner::Planner;
pub use self::prices::{PriceMove, PriceMoves};
pub(crate) use self::remembered::record;
pub use self::sold::Sold;
use crate::conflict::{Conflict, ConflictCode};
use crate::live::Live;
use crate::lookalike::Lookalikes;
use crate::matching::{Matching, match_offers};
use crate::state::{Binding, Gone, State};

/// What an apply would do, and what keeps it from doing so.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The generation of the API.
    pub api: Api,
    /// Per offer, for people: what changes. Sorted by name.
    pub changes: Vec<Change>,
    /// The operations in an order in which they can be done one after another.
    pub steps: Vec<Step>,
    /// Sets of steps that others wait for without depending on them.
    pub groups: Vec<Group>,
    /// What a person has to decide; a plan with conflicts is never applied.
    pub conflicts: Vec<Conflict>,
    /// Declared names whose create was sent, and nobody knows yet whether it was made.
    pub pending: BTreeMap<Name, OfferType>,
    /// Active live offers that belong to no name, with their types and titles.
    pub unmanaged: Vec<Unmanaged>,
    /// What is worth a word without being a change.
    pub notes: Vec<Note>,
    /// Bindings that go on under another name: old to new. The state learns them before anything else.
    pub moves: BTreeMap<Name, Name>,
    /// Bindings that the state has to learn though nothing is sent: values that were found equal, protection.
    pub refresh: BTreeMap<Name, Binding>,
    /// What is approved in git for the environment, in the order of the files.
    pub approvals: Vec<Approval>,
    /// The files of declared offers that the state has no file of, or another one: it learns them before anything else.
    pub files: BTreeMap<Name, Arc<Foreign>>,
    /// Facts that guards go by.
    pub facts: Facts,
}

/// A live offer that belongs to no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unmanaged {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: OfferId,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Its title.
    pub title: Foreign,
}

/// Facts about the environment that guards go by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// How many offers are declared for the environment.
    pub declared: usize,
    /// How many offers the state binds.
    pub managed: usize,
    /// How many of those the account lists.
    pub found: usize,
    /// How many offers the account has.
    pub live: usize,
    /// How many offers stay as they are.
    pub unchanged: usize,
    /// The account as it shows itself.
    pub publisher_emails: BTreeSet<Foreign>,
    /// The account that the state remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_email: Option<Foreign>,
    /// The currencies of plain offers.
    pub currencies: BTreeSet<Currency>,
    /// The countries of plain offers.
    pub countries: BTreeSet<Country>,
    /// New offers that customers could not tell from another declared one, with that one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<Name, Name>,
}

impl Plan {
    /// Whether there is nothing to do at all, but perhaps something for the state to learn.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The name that an offer gives up with this plan, if it gets another one.
    pub fn former_name(&self, name: &Name) -> Option<&Name> {
        let mut moves = self.moves.iter();
        moves.find(|(_, to)| *to == name).map(|(from, _)| from)
    }

    /// The step with this id.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// All steps with their ids.
    pub fn numbered_steps(&self) -> impl Iterator<Item = (StepId, &Step)> {
        (0..).map(StepId).zip(&self.steps)
    }

    /// Offers on sale that customers cannot tell from one another.
    pub fn lookalikes(&self) -> impl Iterator<Item = &Lookalikes> {
        self.notes.iter().filter_map(|note| match note {
            Note::Lookalikes(found) => Some(found),
            Note::Released { .. } | Note::Moved { .. } => None,
        })
    }

    /// How many offers an action happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes
            .iter()
            .filter(|change| change.action == action)
            .count()
    }

    /// Counts the prices that move.
    pub fn count_price_moves(&self) -> PriceMoves {
        let mut moves = PriceMoves::default();
        for found in self.changes.iter().flat_map(Change::price_moves) {
            if found.is_up() {
                moves.up += 1;
            } else {
                moves.down += 1;
            }
        }
        moves
    }
}

/// Decides what an apply would do.
///
/// The function is total: whatever could fail was refused when the manifests were read, and what cannot be
/// decided is a [`Conflict`] in the plan. The same inputs give the same plan, whatever the order of files or of
/// the lists of the service.
pub fn plan(desired: &Desired, live: &Live, state: &State) -> Plan {
    let matching = match_offers(desired, live, state);
    let mut planner = Planner {
        desired,
        live,
        state,
        matching: &matching,
        drafts: BTreeMap::new(),
        conflicts: matching.conflicts.clone(),
        notes: matching
            .moves
            .iter()
            .map(|(from, to)| Note::Moved {
                from: from.clone(),
                to: to.clone(),
            })
            .collect(),
        refresh: BTreeMap::new(),
        replacing: BTreeMap::new(),
        unchanged: 0,
        account_currency: live
            .account_currency(state.account.currency)
            .or(desired.currency),
        account_country: live.account_country(state.account.country.or(desired.country)),
        former: former(desired.api(), state),
    };
    for (name, offer) in desired.offers() {
        planner.declared(name, offer);
    }
    for name in &matching.orphans {
        planner.orphan(name);
    }
    planner.finish()
}

impl Planner<'_> {
    fn finish(self) -> Plan {
        let Self {
            desired,
            live,
            state,
            matching,
            drafts,
            mut conflicts,
            mut notes,
            refresh,
            mut replacing,
            unchanged,
            account_currency: _,
            account_country: _,
            former: _,
        } = self;
        let mut pending = pending(desired, matching);
        pending.append(&mut replacing);
        let copies = copies(desired, &drafts);
        let (steps, groups) = steps::build(desired.api(), &drafts, state);
        conflicts.sort();
        notes.extend(lookalikes(desired, live, (state, matching)));
        notes.sort();
        let unmanaged = matching.unmanaged.iter().filter_map(|id| {
            let offer = live.get(id)?;
            Some(Unmanaged {
                id: id.clone(),
                offer_type: offer.offer_type(),
                title: offer.title(),
            })
        });
        Plan {
            api: desired.api(),
            changes: drafts.into_values().map(|draft| draft.change).collect(),
            steps,
            groups,
            conflicts,
            pending,
            unmanaged: unmanaged.collect(),
            notes,
            moves: matching.moves.clone(),
            refresh,
            approvals: desired.approvals.clone(),
            files: files(desired, (state, matching)),
            facts: Facts {
                copies,
                ..facts(desired, live, (state, matching), unchanged)
            },
        }
    }
}

fn former(api: Api, state: &State) -> BTreeMap<(&Name, OfferType), &OfferId> {
    let buried = state.tombstones.iter();
    let mut buried: Vec<_> = buried
        .filter(|(_, tombstone)| api == Api::JsonRpc && tombstone.reason == Gone::Deactivated)
        .collect();
    buried.sort_by_key(|(_, tombstone)| tombstone.order);
    let of_name = buried.into_iter().map(|(id, tombstone)| {
        let name = (&tombstone.name, tombstone.offer_type);
        (name, id)
    });
    of_name.collect()
}

/// The files of declared offers that the state does not have as they are.
fn files(
    desired: &Desired,
    (state, matching): (&State, &Matching<'_>),
) -> BTreeMap<Name, Arc<Foreign>> {
    let moves = matching.moves.iter();
    let former: BTreeMap<&Name, &Name> = moves.map(|(from, to)| (to, from)).collect();
    let known = |name: &Name| state.files.get(*former.get(name).unwrap_or(&name));
    let offers = desired.offers().iter();
    let declared = offers.filter_map(|(name, offer)| Some((name, offer.file.as_ref()?)));
    let news = declared.filter(|(name, file)| known(name) != Some(*file));
    news.map(|(name, file)| (name.clone(), Arc::clone(file)))
        .collect()
}

fn pending(desired: &Desired, matching: &Matching<'_>) -> BTreeMap<Name, OfferType> {
    let offer_type = |name: &Name| {
        desired
            .get(name)
            .map(|offer| (name.clone(), offer.offer_type))
    };
    matching.pending.iter().filter_map(offer_type).collect()
}

fn facts(
    desired: &Desired,
    live: &Live,
    (state, matching): (&State, &Matching<'_>),
    unchanged: usize,
) -> Facts {
    let is_missing = |conflict: &&Conflict| conflict.code == ConflictCode::BoundMissing;
    let missing = matching.conflicts.iter().filter(is_missing).count();
    Facts {
        declared: desired.offers().len(),
        managed: state.bindings.len(),
        found: state.bindings.len() - missing,
        live: live.len(),
        unchanged,
        publisher_emails: live.publisher_emails().into_iter().cloned().collect(),
        remembered_email: state.account.publisher_email.clone(),
        currencies: live.account_currencies(),
        countries: live.account_countries(),
        copies: BTreeMap::new(),
    }
}
