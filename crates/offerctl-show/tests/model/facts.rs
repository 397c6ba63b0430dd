//! What the real program says: [`Facts`], the functions of the core on the small worlds of the model.
//!
//! States are kept once each, and every answer of the core is asked for once: that is what makes millions of worlds
//! affordable.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::name::OfferId;
use offerctl_model::value::Moment;
use offerctl_reconcile::check::check;
use offerctl_reconcile::plan::{Operation, plan};
use offerctl_reconcile::settle::answer::{Answered, accept};
use offerctl_reconcile::settle::{self, settle};
use offerctl_reconcile::state::{Entry, Intent, IntentId, Run, State, StateDocument};

use super::catalogue::{Catalogue, Shown, TYPE, listed, offer_of, stem};
use super::world::{Case, Offer};

/// A state that the core made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StateId(u32);

/// What a state learns; the small form of [`Entry`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum News {
    Began {
        run: u8,
        baseline: u32,
    },
    Intended {
        intent: u8,
        run: u8,
        name: u8,
    },
    Refused {
        intent: u8,
    },
    NotMade {
        intent: u8,
    },
    Bound {
        name: u8,
        offer: u8,
        intent: u8,
    },
    /// The state is stored whole.
    Tidied,
}

/// The small form of [`settle::Verdict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Made(u8),
    NotMade,
    Undecidable,
}

/// What became of creates, by their intents.
pub(crate) type Verdicts = Vec<(u8, Verdict)>;

/// Answers to creates, by their intents.
type Answers = Vec<(u8, Shown)>;

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) is_refused: bool,
    /// The names that are to be made.
    pub(crate) creates: Vec<u8>,
    /// Whether something is to be changed; nobody does it here.
    pub(crate) updates: bool,
    /// The state once it knows what needs no request.
    pub(crate) learned: StateId,
}

/// The core, and what it said so far.
pub(crate) struct Facts {
    catalogue: Catalogue,
    states: Vec<State>,
    known: BTreeMap<String, StateId>,
    learned: BTreeMap<(StateId, Vec<News>), StateId>,
    verdicts: BTreeMap<(StateId, Vec<Shown>), Verdicts>,
    accepted: BTreeMap<(StateId, Answers), Vec<bool>>,
    plans: BTreeMap<(StateId, Vec<Shown>), Planned>,
}

impl Facts {
    pub(crate) fn new(case: &Case) -> Self {
        let mut facts = Self {
            catalogue: Catalogue::new(case),
            states: Vec::new(),
            known: BTreeMap::new(),
            learned: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            accepted: BTreeMap::new(),
            plans: BTreeMap::new(),
        };
        let empty = facts.keep(State::default());
        assert_eq!(empty, StateId::default());
        facts
    }

    /// The bits of all rows of an offer.
    pub(crate) fn all_rows(&self) -> u8 {
        self.catalogue.all_rows()
    }

    /// The marker that the offer of a name is to carry.
    pub(crate) fn mark_of(&self, name: u8) -> Option<u8> {
        self.catalogue.mark_of(name)
    }

    pub(crate) fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    /// Whether a create is open in a state.
    pub(crate) fn is_open(&self, id: StateId) -> bool {
        !self.state(id).intents.is_empty()
    }

    fn keep(&mut self, state: State) -> StateId {
        let document = StateDocument::new("local", 1, &state);
        let text = serde_json::to_string(&document).unwrap();
        let next = StateId(u32::try_from(self.states.len()).unwrap());
        let id = *self.known.entry(text).or_insert(next);
        if id == next {
            self.states.push(state);
        }
        id
    }

    /// The state after some news.
    pub(crate) fn learn(&mut self, id: StateId, news: &[News]) -> StateId {
        if news.is_empty() {
            return id;
        }
        let key = (id, news.to_vec());
        if let Some(known) = self.learned.get(&key) {
            return *known;
        }
        let mut state = self.state(id).clone();
        for news in news {
            match self.entry(&state, news) {
                Some(entry) => state.apply(entry),
                None => state.tidy(),
            }
        }
        let after = self.keep(state);
        self.learned.insert(key, after);
        after
    }

    fn entry(&self, state: &State, news: &News) -> Option<Entry> {
        let entry = match *news {
            News::Tidied => return None,
            News::Began { run, baseline } => {
                let ids = (0..32).filter(|offer| baseline & (1 << offer) != 0);
                let ids: BTreeSet<OfferId> = ids.map(|offer| OfferId::new(&stem(offer))).collect();
                Entry::Began {
                    run: run_id(run),
                    found: Run {
                        since: Moment::EPOCH,
                        baseline: BTreeMap::from([(TYPE, ids)]),
                    },
                }
            }
            News::Intended { intent, run, name } => Entry::Intended {
                id: intent_id(intent),
                intent: Intent {
                    run: run_id(run),
                    ..self.catalogue.intents[usize::from(name)].clone()
                },
            },
            News::Refused { intent } => Entry::Refused {
                id: intent_id(intent),
            },
            News::NotMade { intent } => Entry::NotMade {
                id: intent_id(intent),
            },
            News::Bound {
                name,
                offer,
                intent,
            } => {
                let id = intent_id(intent);
                // What was intended says what is bound; an intent that was given up meanwhile says the same.
                let intended = state.intents.get(&id);
                let intended = intended.unwrap_or(&self.catalogue.intents[usize::from(name)]);
                Entry::Bound {
                    name: intended.name.clone(),
                    binding: intended.binding(self.catalogue.id_of(offer)),
                    intent: Some(id),
                }
            }
        };
        Some(entry)
    }

    /// What became of the creates that are open in a state, by what the lists show.
    pub(crate) fn settle(&mut self, id: StateId, offers: &[Offer]) -> Verdicts {
        let key = (id, listed(offers));
        if let Some(known) = self.verdicts.get(&key) {
            return known.clone();
        }
        let live = self.catalogue.live(&key.1);
        let verdicts = settle(self.catalogue.api, TYPE, &live, self.state(id));
        let verdicts: Verdicts = verdicts
            .into_iter()
            .map(|(intent, verdict)| {
                let verdict = match verdict {
                    settle::Verdict::Made(id) => Verdict::Made(offer_of(&id)),
                    settle::Verdict::NotMade => Verdict::NotMade,
                    settle::Verdict::Undecidable(_) => Verdict::Undecidable,
                };
                (intent.0.parse().unwrap(), verdict)
            })
            .collect();
        self.verdicts.insert(key, verdicts.clone());
        verdicts
    }

    /// Which of the answers to a request, each an intent and an offer, are the offers that were to be made.
    pub(crate) fn accept(
        &mut self,
        id: StateId,
        answers: &[(u8, u8)],
        offers: &[Offer],
    ) -> Vec<bool> {
        let whole = |offer: u8| self.catalogue.whole(offer, &offers[usize::from(offer)]);
        let answers = answers.iter();
        let answers: Answers = answers
            .map(|(intent, offer)| (*intent, whole(*offer)))
            .collect();
        let key = (id, answers);
        if let Some(known) = self.accepted.get(&key) {
            return known.clone();
        }
        let shown = key.1.iter().map(|(intent, offer)| {
            let live = self.catalogue.live(std::slice::from_ref(offer));
            let view = live.offers().find_map(|offer| offer.view(TYPE)).cloned();
            (intent_id(*intent), view.expect("all its rows are shown"))
        });
        let shown: Vec<_> = shown.collect();
        let answered: Vec<Answered<'_>> = shown
            .iter()
            .map(|(intent, view)| Answered { intent, view })
            .collect();
        let accepted = accept(self.catalogue.api, &answered, self.state(id));
        self.accepted.insert(key, accepted.clone());
        accepted
    }

    /// What an apply would do with a state, by what the lists show.
    pub(crate) fn plan(&mut self, id: StateId, offers: &[Offer]) -> Planned {
        let key = (id, listed(offers));
        if let Some(known) = self.plans.get(&key) {
            return known.clone();
        }
        let live = self.catalogue.live(&key.1);
        let desired = &self.catalogue.desired;
        let mut state = self.state(id).clone();
        let found = plan(desired, &live, &state);
        let mut planned = Planned {
            is_refused: !found.conflicts.is_empty(),
            creates: Vec::new(),
            updates: false,
            learned: id,
        };
        if !planned.is_refused {
            let violations = check(&found, desired, &live, &state);
            assert_eq!(violations, [], "{found:#?}");
            for (name, binding) in &found.refresh {
                state.apply(Entry::Bound {
                    name: name.clone(),
                    binding: binding.clone(),
                    intent: None,
                });
            }
            for step in &found.steps {
                match (&step.operation, &step.record) {
                    (Operation::Create { .. }, _) => {
                        planned.creates.push(self.catalogue.name_of(&step.name));
                    }
                    (Operation::Bind { id }, Some(record)) => state.apply(Entry::Bound {
                        name: step.name.clone(),
                        binding: record.binding(id.clone(), step.offer_type),
                        intent: None,
                    }),
                    (Operation::Update { .. }, _) => planned.updates = true,
                    _ => panic!("the model knows creates, bindings and updates only: {step:?}"),
                }
            }
            planned.learned = self.keep(state);
        }
        self.plans.insert(key, planned.clone());
        planned
    }

    /// The name of an intent that is open in a state.
    pub(crate) fn name_of_intent(&self, id: StateId, intent: u8) -> u8 {
        let intent = &self.state(id).intents[&intent_id(intent)];
        self.catalogue.name_of(&intent.name)
    }

    /// The offers that names are bound to.
    pub(crate) fn bindings(&self, id: StateId) -> Vec<(u8, u8)> {
        let bindings = self.state(id).bindings.iter();
        bindings
            .map(|(name, binding)| (self.catalogue.name_of(name), offer_of(&binding.id)))
            .collect()
    }
}

fn run_id(run: u8) -> String {
    format!("run-{run:02}")
}

fn intent_id(intent: u8) -> IntentId {
    IntentId(format!("{intent:02}"))
}
