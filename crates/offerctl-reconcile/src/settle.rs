//! What became of creates whose outcome is not known: [`settle`]; and what an answer proves: [`answer`].
//!
//! A create is not idempotent, and the service has no key that would make it so. So evidence decides, once no
//! create of the type is under way and the lists have been read to completeness:
//!
//! ```text
//!   candidates: ids that were not there before the run, that no name is bound to, grouped by stem
//!
//!   our marker, over REST                                        ─▶ ours
//!   equal in every readable field, all countries there           ─▶ ours
//!   the same title, or an address that nothing else has          ─▶ undecidable
//!   nothing of the kind                                          ─▶ never made
//! ```
//!
//! Titles and addresses are compared as people read them (folded). An offer that looks like ours and carries no marker is
//! undecidable over REST as well: a service that lost the answer may have lost the marker, too.
//!
//! Intents that say the same are interchangeable: if two were sent and one candidate is there, it does not matter
//! which of the two names gets it. More candidates than intents means that somebody else makes the same offers,
//! or that one was made twice: nobody can tell. Nor can anybody where intents differ in nothing but what cannot be
//! read back, and one candidate is equal to both.

mod addresses;
pub mod answer;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};

use self::addresses::Addresses;
use crate::diff::{Comparison, Undo, difference};
use crate::live::{Live, LiveOffer, View};
use crate::looks::Looks;
use crate::state::{Intent, IntentId, State};

/// What became of a create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was made: this is the offer.
    Made(OfferId),
    /// It was never made.
    NotMade,
    /// Nobody can tell: these offers are near.
    Undecidable(Vec<OfferId>),
}

/// Intents that say the same, and the offers that are just what they say.
struct Group<'a> {
    intents: Vec<(&'a IntentId, &'a Intent)>,
    equal: Vec<&'a LiveOffer>,
}

/// Decides what became of the unsettled creates of a type.
///
/// `live` must have the complete lists of the type, with the details of the candidates (see [`candidates`]).
pub fn settle(
    api: Api,
    offer_type: OfferType,
    live: &Live,
    state: &State,
) -> BTreeMap<IntentId, Verdict> {
    let intents: Vec<(&IntentId, &Intent)> = state
        .intents
        .iter()
        .filter(|(_, intent)| intent.offer_type == offer_type)
        .collect();
    let mut groups: BTreeMap<&Content, Vec<(&IntentId, &Intent)>> = BTreeMap::new();
    for (id, intent) in &intents {
        groups
            .entry(&intent.content)
            .or_default()
            .push((id, intent));
    }
    let free = Candidates::new(offer_type, live, state);
    let groups: Vec<Group<'_>> = groups
        .into_iter()
        .map(|(content, mut intents)| {
            // The first names in order get the first ids in order, so that the same evidence always reads the same.
            intents.sort_by(|left, right| (&left.1.name, left.0).cmp(&(&right.1.name, right.0)));
            let equal = free
                .of(&intents)
                .filter(|offer| is_ours(api, offer_type, content, offer, state))
                .collect();
            Group { intents, equal }
        })
        .collect();
    // What differs only in fields that nobody can read back claims the same offers.
    let mut claims: BTreeMap<&str, usize> = BTreeMap::new();
    for offer in groups.iter().flat_map(|group| &group.equal) {
        *claims.entry(offer.id.stem()).or_default() += 1;
    }
    let mut verdicts = BTreeMap::new();
    let mut open: Vec<(&IntentId, &Intent)> = Vec::new();
    for Group { mut intents, equal } in groups {
        let contested = equal.iter().any(|offer| claims[offer.id.stem()] > 1);
        if contested || equal.len() > intents.len() {
            let ids: Vec<OfferId> = equal.iter().map(|offer| offer.id.clone()).collect();
            verdicts.extend(
                intents
                    .iter()
                    .map(|(id, _)| ((*id).clone(), Verdict::Undecidable(ids.clone()))),
            );
            continue;
        }
        for ((id, _), offer) in intents.iter().zip(&equal) {
            verdicts.insert((*id).clone(), Verdict::Made(offer.id.clone()));
        }
        open.extend(intents.drain(equal.len()..));
    }
    let addresses = LazyCell::new(|| {
        let candidates: BTreeSet<&str> = free.of(&intents).map(|offer| offer.id.stem()).collect();
        Addresses::new(api, live, state, |offer| {
            candidates.contains(offer.id.stem())
        })
    });
    for (id, intent) in open {
        let looks = Looks::of_content(&intent.content);
        let near: Vec<OfferId> = free
            .of(&[(id, intent)])
            .filter(|offer| {
                !claims.contains_key(offer.id.stem())
                    && offer
                        .view(offer_type)
                        .map(|view| Looks::of_view((api, offer_type), view))
                        .is_some_and(|shown| {
                            looks.share_a_title(&shown)
                                || looks
                                    .shared_urls(&shown)
                                    .any(|url| addresses.belongs_to(url, &intent.content))
                        })
            })
            .map(|offer| offer.id.clone())
            .collect();
        let verdict = if near.is_empty() {
            Verdict::NotMade
        } else {
            Verdict::Undecidable(near)
        };
        verdicts.insert(id.clone(), verdict);
    }
    verdicts
}

/// The rows that have to be read by themselves before the creates of a type can be settled: those of candidates
/// that may be equal, as far as the lists show them.
pub fn candidates(
    api: Api,
    offer_type: OfferType,
    live: &Live,
    state: &State,
) -> Vec<(OfferType, OfferId)> {
    let intents: Vec<(&IntentId, &Intent)> = state
        .intents
        .iter()
        .filter(|(_, intent)| intent.offer_type == offer_type)
        .collect();
    let free = Candidates::new(offer_type, live, state);
    let mut rows = BTreeSet::new();
    for intent in &intents {
        let looks = Looks::of_content(&intent.1.content);
        for offer in free.of(std::slice::from_ref(intent)) {
            let view = offer.view(offer_type).filter(|view| {
                let shown = Looks::of_view((api, offer_type), view);
                looks.share_a_title(&shown) || looks.shared_urls(&shown).next().is_some()
            });
            rows.extend(
                view.into_iter()
                    .flat_map(|view| &view.rows)
                    .map(|row| (offer_type, row.id.clone())),
            );
        }
    }
    rows.into_iter().collect()
}

/// The offers that look like creates that were given up as never made: they took effect late, and what was made
/// again is there twice.
pub fn made_late(api: Api, live: &Live, state: &State) -> Vec<(Name, OfferId)> {
    let mut found = Vec::new();
    let mut candidates = BTreeMap::new();
    let open: BTreeSet<&Name> = state.intents.values().map(|intent| &intent.name).collect();
    // What is there may be what a later create of the same name made, which is settled by itself.
    let watched = state.watched.iter();
    for (id, intent) in watched.filter(|(_, intent)| !open.contains(&intent.name)) {
        let free = candidates
            .entry(intent.offer_type)
            .or_insert_with(|| Candidates::new(intent.offer_type, live, state));
        // The marker may not have been kept.
        let unmarked = marker(&intent.content).map(|_| {
            let mut content = intent.content.clone();
            content.fields.remove(Field::Marker);
            content
        });
        let is_like = |content, offer| is_ours(api, intent.offer_type, content, offer, state);
        let late = free.of(&[(id, intent)]).filter(|offer| {
            let has_none = offer.marker().is_none_or(str::is_empty);
            let unmarked = unmarked.as_ref().filter(|_| has_none);
            offer.is_active()
                && (is_like(&intent.content, offer)
                    || unmarked.is_some_and(|content| is_like(content, offer)))
        });
        found.extend(late.map(|offer| (intent.name.clone(), offer.id.clone())));
    }
    found
}

/// Offers of a type that no name is bound to.
struct Candidates<'a> {
    offers: Vec<&'a LiveOffer>,
    state: &'a State,
    offer_type: OfferType,
}

impl<'a> Candidates<'a> {
    fn new(offer_type: OfferType, live: &'a Live, state: &'a State) -> Self {
        let claimed: BTreeSet<&str> = state.claimed_ids().map(OfferId::stem).collect();
        let free = |offer: &&LiveOffer| {
            offer.view(offer_type).is_some() && !claimed.contains(offer.id.stem())
        };
        Self {
            offers: live.offers().filter(free).collect(),
            state,
            offer_type,
        }
    }

    /// Those that none of the intents' runs found when they began.
    fn of(
        &self,
        intents: &[(&IntentId, &Intent)],
    ) -> impl Iterator<Item = &'a LiveOffer> + use<'a, '_> {
        let baselines: Vec<&BTreeSet<OfferId>> = intents
            .iter()
            .filter_map(|(_, intent)| {
                self.state
                    .runs
                    .get(&intent.run)?
                    .baseline
                    .get(&self.offer_type)
            })
            .collect();
        let is_new = move |offer: &&LiveOffer| {
            let stem = offer.id.to_stem();
            !baselines.iter().any(|baseline| baseline.contains(&stem))
        };
        self.offers.iter().copied().filter(is_new)
    }
}

/// The marker that a new offer was to carry.
fn marker(content: &Content) -> Option<&str> {
    content.fields.text(Field::Marker).map(Foreign::raw)
}

/// Whether an offer is what was to be made: it carries the marker, or it is equal where there is none.
fn is_ours(
    api: Api,
    offer_type: OfferType,
    content: &Content,
    offer: &LiveOffer,
    state: &State,
) -> bool {
    match marker(content) {
        Some(marker) => offer.marker() == Some(marker),
        None => is_equal(api, offer_type, content, offer, state),
    }
}

/// Whether an offer is just what was to be made: every readable field of every country.
fn is_equal(
    api: Api,
    offer_type: OfferType,
    content: &Content,
    offer: &LiveOffer,
    state: &State,
) -> bool {
    let Some(view) = offer.view(offer_type) else {
        return false;
    };
    if !has_all_rows(content, view) {
        return false;
    }
    let resolve = |name: &Name| state.bindings.get(name).map(|binding| binding.id.clone());
    let comparison = Comparison {
        api,
        offer_type,
        desired: content,
        view,
        applied: None,
        resolve: &resolve,
        undo: Undo::default(),
        now: None,
    };
    !difference(comparison)
        .fields
        .iter()
        .any(|change| change.readable)
}

fn has_all_rows(content: &Content, view: &View) -> bool {
    match &content.localizations {
        None => view.rows.len() == 1,
        Some(rows) => {
            view.rows.len() == content.countries_with(view.home).len()
                && rows.iter().all(|(country, row)| {
                    view.row(*country).is_some_and(|live| {
                        live.currency
                            .is_none_or(|currency| currency == row.currency)
                    })
                })
        }
    }
}
