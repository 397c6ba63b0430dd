//! Which live offer belongs to which name: [`match_offers`].
//!
//! The rules run one at a time, each over all names (the contract's "Matching names to live offers"):
//!
//! 1. the binding in the state, moved along by `movedFrom`;
//! 2. `ids` in the manifest;
//! 3. our marker on the live offer, and over REST, which can revive offers, what we deactivated last under that name,
//!    other than to replace it;
//! 4. unbound active offers that are equal in all declared fields;
//! 5. unbound active offers of the same type, title and url.
//!
//! In 4 and 5 a name adopts only when exactly one name and one live offer claim each other. Rule 5 would change the offer
//! that it adopts, so it needs an approval; without one it is a conflict that says what would change. Titles and urls are
//! compared as people read them (folded), and a url that several offers share tells nothing about any of them.
//!
//! No rule adopts an offer that another project has marked (`ownership`), and none looks among those that `distinctFrom`
//! names. Whatever looks like a new offer and is not it for certain is a conflict: nothing is adopted, and nothing is
//! created beside it. The worst that a tool like this can do is to create a second product in the shop.

mod addresses;
mod advice;
mod alike;
mod beside;
mod claims;
mod matcher;
mod ownership;
mod pair;
mod tombstones;

use std::collections::BTreeMap;

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};

use self::advice::{adopt_any, list};
use self::matcher::Matcher;
use self::ownership::Claim;
pub use self::pair::{Match, Matching, Rule};
use crate::conflict::ConflictCode;
use crate::live::{Live, LiveOffer};
use crate::settle::made_late;
use crate::state::{Binding, State};

/// Finds the live offer of every declared name.
pub fn match_offers<'l>(desired: &Desired, live: &'l Live, state: &State) -> Matching<'l> {
    let mut matcher = Matcher::new(desired, live, state);
    matcher.follow_moves();
    matcher.by_binding();
    matcher.set_pending_aside();
    matcher.find_open();
    matcher.by_ids();
    matcher.by_marker();
    tombstones::run(&mut matcher);
    claims::run(&mut matcher);
    beside::run(&mut matcher);
    matcher.look_out_for_late_ones();
    matcher.finish()
}

impl<'l> Matcher<'_, 'l> {
    fn follow_moves(&mut self) {
        for (name, offer) in self.desired.offers() {
            let Some(from) = &offer.moved_from else {
                continue;
            };
            let Some(binding) = self.bindings.get(from).copied() else {
                continue;
            };
            if let Some(own) = self.bindings.get(name) {
                let message = format!(
                    "`{name}` was moved from `{from}`, but both are bound: to {} and {}",
                    own.id, binding.id
                );
                let help = format!(
                    "drop the one that is wrong: `offerctl state forget {from}`, or `… forget {name}`"
                );
                let ids = [own.id.clone(), binding.id.clone()];
                self.conflict(
                    name,
                    ConflictCode::MovedTwice,
                    (message, help),
                    &[&ids[0], &ids[1]],
                );
                continue;
            }
            self.bindings.remove(from);
            self.bindings.insert(name, binding);
            self.matching.moves.insert(from.clone(), name.clone());
        }
    }

    fn by_binding(&mut self) {
        let bindings: Vec<(&Name, &Binding)> = self
            .bindings
            .iter()
            .map(|(name, binding)| (*name, *binding))
            .collect();
        for (name, binding) in bindings {
            let declared = self.desired.get(name);
            if declared.is_none() {
                self.matching.orphans.insert(name.clone());
            }
            let id = &binding.id;
            let Some(offer) = self.live.get(id) else {
                let message = format!("`{name}` is bound to {id}, which the account does not list");
                let help = format!(
                    "if the token is that of the right account, find out what became of it; then \
                     `offerctl state forget {name}` drops the binding, `offerctl state adopt {name} ID` binds another offer"
                );
                self.conflict(name, ConflictCode::BoundMissing, (message, help), &[id]);
                continue;
            };
            if offer.view(binding.offer_type).is_none() {
                let types = offer
                    .types()
                    .map(OfferType::as_str)
                    .collect::<Vec<_>>()
                    .join(", ");
                let message = format!(
                    "`{name}` is bound to {id} as {}, but it is listed as {types}",
                    binding.offer_type
                );
                let help =
                    format!("`offerctl state forget {name}`, then declare it with its true type");
                self.conflict(name, ConflictCode::BoundOtherType, (message, help), &[id]);
                continue;
            }
            if let Some(project) = self.taken_over_by(binding, offer) {
                self.refuse_other_project(name, (id, project), Claim::Bound);
                continue;
            }
            let Some(declared) = declared else { continue };
            if declared.lifecycle.is_distinct_from(id) {
                self.contradicts_itself(name, id, "is bound to it");
                continue;
            }
            if let Some(wanted) = &declared.adopts
                && !wanted.same_offer(id)
            {
                let message = format!("`ids` of `{name}` says {wanted}, but it is bound to {id}");
                let help =
                    format!("correct `ids`, or drop the binding: `offerctl state forget {name}`");
                self.conflict(
                    name,
                    ConflictCode::IdsContradictBinding,
                    (message, help),
                    &[wanted, id],
                );
                continue;
            }
            let declared_type = declared.offer_type;
            let is_same = binding
                .offer_type
                .can_become(self.desired.api(), declared_type)
                && offer.view(declared_type).is_some();
            let found = Match {
                live: offer,
                offer_type: if is_same {
                    declared_type
                } else {
                    binding.offer_type
                },
                rule: Rule::Binding,
            };
            if found.offer_type != declared_type {
                self.retyped.push((name, declared));
            }
            self.matching.matches.insert(name.clone(), found);
        }
    }

    /// What an unknown create has made is settled by evidence before anything else is done with its name.
    fn set_pending_aside(&mut self) {
        let pending = self.state.intents.values().map(|intent| &intent.name);
        let unbound = pending
            .filter(|name| self.desired.get(name).is_some() && !self.bindings.contains_key(name));
        self.matching.pending = unbound.cloned().collect();
    }

    fn find_open(&mut self) {
        let matching = &self.matching;
        let is_open = |name: &Name| {
            !matching.matches.contains_key(name)
                && !matching.blocked.contains(name)
                && !matching.pending.contains(name)
        };
        let declared = self.desired.offers().iter();
        self.open = declared.filter(|(name, _)| is_open(name)).collect();
    }

    fn by_ids(&mut self) {
        let wanting: Vec<(&Name, &Offer, &OfferId)> = self
            .open
            .iter()
            .filter_map(|(name, offer)| Some((*name, *offer, offer.adopts.as_ref()?)))
            .collect();
        if wanting.is_empty() {
            return;
        }
        let mut claims: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
        for (name, _, id) in &wanting {
            claims.entry(id.stem()).or_default().push(name);
        }
        // An offer that was replaced still belongs to the name whose offer it was.
        let mut owners: BTreeMap<&str, &Name> = BTreeMap::new();
        for (name, binding) in &self.bindings {
            let retiring = binding.retiring.iter().map(|retiring| &retiring.id);
            let ids = std::iter::once(&binding.id).chain(retiring);
            owners.extend(ids.map(|id| (id.stem(), *name)));
        }
        for (name, offer, id) in wanting {
            let claimants = claims.get(id.stem()).map_or(0, Vec::len);
            let found = self.live.get(id);
            let owner = owners.get(id.stem()).copied();
            if let Some(owner) = owner {
                let message = format!("`ids` of `{name}` says {id}, which is bound to `{owner}`");
                let help = format!(
                    "write `movedFrom: {owner}` if it was renamed, or `offerctl state forget {owner}`"
                );
                self.conflict(name, ConflictCode::IdsTaken, (message, help), &[id]);
            } else if claimants > 1 {
                let message = format!("`ids` of {claimants} offers says {id}, `{name}` among them");
                self.conflict(
                    name,
                    ConflictCode::IdsTaken,
                    (message, "correct all but one".to_owned()),
                    &[id],
                );
            } else if let Some(found) = found
                && let Some(view) = found.view(offer.offer_type)
            {
                if let Some(project) = self.other_project(found) {
                    self.refuse_other_project(name, (id, project), Claim::Ids);
                } else if view.active || self.desired.api() == Api::Rest {
                    self.adopt(name, found, offer.offer_type, Rule::Ids);
                } else {
                    let message = format!(
                        "`ids` of `{name}` says {id}, which was deactivated and cannot be revived"
                    );
                    let help =
                        "name an active offer, or leave `ids` out to make a new one".to_owned();
                    self.conflict(name, ConflictCode::IdsInactive, (message, help), &[id]);
                }
            } else {
                let message = match found {
                    Some(found) => format!(
                        "`ids` of `{name}` says {id}, which is of type {}",
                        found.offer_type()
                    ),
                    None => format!("`ids` of `{name}` says {id}, which the account does not list"),
                };
                let help = "correct the id, and check that the token is that of the right account"
                    .to_owned();
                self.conflict(name, ConflictCode::IdsMissing, (message, help), &[id]);
            }
        }
    }

    fn by_marker(&mut self) {
        let mut marked: BTreeMap<Name, Vec<&'l LiveOffer>> = BTreeMap::new();
        for offer in self.free.values().copied() {
            let buried = !offer.is_active() && self.is_buried(offer);
            if let Some(name) = self.marked_name(offer).filter(|_| !buried) {
                marked.entry(name).or_default().push(offer);
            }
        }
        // What is sold goes before what it replaced, or was made again for.
        for offers in marked.values_mut() {
            if offers.iter().any(|offer| offer.is_active()) {
                offers.retain(|offer| offer.is_active());
            }
        }
        let open = self.open();
        for (name, declared) in open {
            match marked.get(name).map(Vec::as_slice) {
                None | Some([]) => {}
                Some([offer]) if declared.lifecycle.is_distinct_from(&offer.id) => {
                    self.contradicts_itself(name, &offer.id, "has its marker on it");
                }
                Some([offer]) if offer.view(declared.offer_type).is_some() => {
                    self.adopt(name, offer, declared.offer_type, Rule::Marker);
                }
                Some(offers) => {
                    let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id.clone()).collect();
                    let (code, message) = if let [offer] = offers {
                        let message = format!(
                            "{} carries our marker for `{name}`, but is of type {}",
                            offer.id,
                            offer.offer_type()
                        );
                        (ConflictCode::NearMatch, message)
                    } else {
                        let message = format!("{} carry our marker for `{name}`", list(&ids));
                        (ConflictCode::MarkerTwice, message)
                    };
                    let help = adopt_any(self, name, offers);
                    self.conflict(name, code, (message, help), &ids.iter().collect::<Vec<_>>());
                }
            }
        }
    }

    /// Notes that an offer is declared not to be the live one that it has.
    fn contradicts_itself(&mut self, name: &Name, id: &OfferId, has: &str) {
        let message = format!("`distinctFrom` says that `{name}` is not {id}, but `{name}` {has}");
        let help = format!(
            "take {} out of `distinctFrom`, or run `offerctl state forget {name}` if the binding is wrong",
            id.to_stem()
        );
        self.conflict(name, ConflictCode::DistinctFromOwn, (message, help), &[id]);
    }

    /// What was given up as never made and made again must not turn up beside it.
    fn look_out_for_late_ones(&mut self) {
        for (name, id) in made_late(self.desired.api(), self.live, self.state) {
            let free = self.live.get(&id).is_some_and(|offer| self.is_free(offer));
            if !free {
                continue;
            }
            let message = format!(
                "{id} is just what an earlier create of `{name}` was to make, which seemed lost: it was made twice"
            );
            let help = format!(
                "deactivate the one that nobody bought, {id} or the one that `{name}` is bound to, in Cleeng's \
                 dashboard; to keep {id}, `offerctl state forget {name}` and `offerctl state adopt {name} {}`",
                id.argument()
            );
            self.conflict(&name, ConflictCode::MadeTwice, (message, help), &[&id]);
        }
    }
}
