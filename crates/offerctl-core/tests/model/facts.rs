//! What the real program says: [`Facts`], the functions of the core on the small worlds of the model.
//!
//! States are kept once each, and every answer of the core is asked for once: that is what makes millions of worlds
//! affordable.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_core::check::check;
use offerctl_core::content::Content;
use offerctl_core::desired::Desired;
use offerctl_core::field::Field;
use offerctl_core::live::Live;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::offer_type::{Api, OfferType};
use offerctl_core::plan::{Operation, plan};
use offerctl_core::settle::{self, settle};
use offerctl_core::state::{Entry, Intent, IntentId, Run, State, StateDocument};
use offerctl_core::value::{Moment, Value};

use super::world::{Case, Form, Maker, Offer};
use crate::support::desired;
use crate::support::rows::{Show, rows};

const TYPE: OfferType = OfferType::Pass;

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

/// What a plan comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) is_refused: bool,
    /// The names that are to be made.
    pub(crate) creates: Vec<u8>,
    /// The state once it knows what needs no request.
    pub(crate) learned: StateId,
}

/// An offer as the lists show it: its id, what it says, and the rows that are there.
type Shown = (u8, u8, Maker, u8);

/// The core, and what it said so far.
pub(crate) struct Facts {
    form: Form,
    names: Vec<Name>,
    contents: BTreeMap<u8, Content>,
    desired: Desired,
    /// What the intent of each name says, but for its run.
    intents: Vec<Intent>,
    states: Vec<State>,
    known: BTreeMap<String, StateId>,
    learned: BTreeMap<(StateId, Vec<News>), StateId>,
    verdicts: BTreeMap<(StateId, Vec<Shown>), Verdicts>,
    plans: BTreeMap<(StateId, Vec<Shown>), Planned>,
}

impl Facts {
    pub(crate) fn new(case: &Case) -> Self {
        let form = match case.form {
            Form::Plain => "",
            Form::Localized => {
                ", localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD}}"
            }
        };
        let lines: Vec<String> = case
            .names
            .iter()
            .enumerate()
            .map(|(name, content)| {
                format!(
                    "offer-{name}: {{type: pass, title: T{content}, url: 'https://club.tv/{content}', period: month{form}}}"
                )
            })
            .collect();
        let desired = desired::offers_for(Api::JsonRpc, &lines.join("\n"));
        let names: Vec<Name> = desired.offers().keys().cloned().collect();
        let first = plan(&desired, &Live::new(), &State::default());
        let intents = first.steps.iter().map(|step| {
            let Operation::Create { content, .. } = &step.operation else {
                panic!("an empty account gets creates only: {step:?}");
            };
            let mut record = step.record.clone().unwrap_or_default();
            record.applied = record.applied.filter(|applied| **applied != **content);
            Intent {
                run: String::new(),
                name: step.name.clone(),
                offer_type: step.offer_type,
                content: Content::clone(content),
                record,
                since: Moment::EPOCH,
            }
        });
        let mut intents: Vec<Intent> = intents.collect();
        intents.sort_by(|left, right| left.name.cmp(&right.name));
        let contents = case.names.iter().zip(&intents);
        let contents = contents.map(|(content, intent)| (*content, intent.content.clone()));
        let mut facts = Self {
            form: case.form,
            contents: contents.collect(),
            names,
            desired,
            intents,
            states: Vec::new(),
            known: BTreeMap::new(),
            learned: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            plans: BTreeMap::new(),
        };
        let empty = facts.keep(State::default());
        assert_eq!(empty, StateId::default());
        facts
    }

    /// The bits of all rows of an offer.
    pub(crate) fn all_rows(&self) -> u8 {
        match self.form {
            Form::Plain => 0b1,
            Form::Localized => 0b11,
        }
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
                    ..self.intents[usize::from(name)].clone()
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
                let intended = intended.unwrap_or(&self.intents[usize::from(name)]);
                Entry::Bound {
                    name: intended.name.clone(),
                    binding: intended.binding(self.id_of(offer)),
                    intent: Some(id),
                }
            }
        };
        Some(entry)
    }

    fn id_of(&self, offer: u8) -> OfferId {
        match self.form {
            Form::Plain => OfferId::new(&format!("{}_US", stem(offer))),
            Form::Localized => OfferId::new(&stem(offer)),
        }
    }

    fn live(&self, shown: &[Shown]) -> Live {
        let mut live = Live::new();
        for (offer, content, maker, visible) in shown {
            let all = rows(
                Api::JsonRpc,
                &self.contents[content],
                &stem(*offer),
                Show::Everything,
                &|_| None,
            );
            for (number, mut row) in all.into_iter().enumerate() {
                if visible & (1 << number) == 0 {
                    continue;
                }
                if *maker == Maker::HandNear {
                    let url = Value::text("https://club.tv/by-hand");
                    row.fields.set(Field::Url, url);
                }
                live.add(TYPE, true, row);
            }
        }
        live
    }

    /// What became of the creates that are open in a state, by what the lists show.
    pub(crate) fn settle(&mut self, id: StateId, offers: &[Offer]) -> Verdicts {
        let key = (id, shown(offers));
        if let Some(known) = self.verdicts.get(&key) {
            return known.clone();
        }
        let live = self.live(&key.1);
        let verdicts = settle(Api::JsonRpc, TYPE, &live, self.state(id));
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

    /// What an apply would do with a state, by what the lists show.
    pub(crate) fn plan(&mut self, id: StateId, offers: &[Offer]) -> Planned {
        let key = (id, shown(offers));
        if let Some(known) = self.plans.get(&key) {
            return known.clone();
        }
        let live = self.live(&key.1);
        let mut state = self.state(id).clone();
        let found = plan(&self.desired, &live, &state);
        let mut planned = Planned {
            is_refused: !found.conflicts.is_empty(),
            creates: Vec::new(),
            learned: id,
        };
        if !planned.is_refused {
            let violations = check(&found, &self.desired, &live, &state);
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
                    (Operation::Create { .. }, _) => planned.creates.push(self.name_of(&step.name)),
                    (Operation::Bind { id }, Some(record)) => state.apply(Entry::Bound {
                        name: step.name.clone(),
                        binding: record.binding(id.clone(), step.offer_type),
                        intent: None,
                    }),
                    _ => panic!("the model knows creates and bindings only: {step:?}"),
                }
            }
            planned.learned = self.keep(state);
        }
        self.plans.insert(key, planned.clone());
        planned
    }

    pub(crate) fn name_of(&self, name: &Name) -> u8 {
        let place = self.names.iter().position(|known| known == name);
        u8::try_from(place.expect("only what is declared has a name")).unwrap()
    }

    /// The name of an intent that is open in a state.
    pub(crate) fn name_of_intent(&self, id: StateId, intent: u8) -> u8 {
        self.name_of(&self.state(id).intents[&intent_id(intent)].name)
    }

    /// The offers that names are bound to.
    pub(crate) fn bindings(&self, id: StateId) -> Vec<(u8, u8)> {
        let bindings = self.state(id).bindings.iter();
        bindings
            .map(|(name, binding)| (self.name_of(name), offer_of(&binding.id)))
            .collect()
    }
}

fn shown(offers: &[Offer]) -> Vec<Shown> {
    let numbered = (0..).zip(offers).filter(|(_, offer)| offer.rows != 0);
    numbered
        .map(|(id, offer)| {
            // Who made it shows in what it says only.
            let maker = if offer.maker == Maker::HandNear {
                Maker::HandNear
            } else {
                Maker::Answered
            };
            (id, offer.content, maker, offer.rows)
        })
        .collect()
}

fn stem(offer: u8) -> String {
    format!("P{}", 100_000_000 + u32::from(offer))
}

fn offer_of(id: &OfferId) -> u8 {
    let number: u32 = id.stem()[1..].parse().unwrap();
    u8::try_from(number - 100_000_000).unwrap()
}

fn run_id(run: u8) -> String {
    format!("run-{run:02}")
}

fn intent_id(intent: u8) -> IntentId {
    IntentId(format!("{intent:02}"))
}
