//! What a runner makes of what comes back with a request: an answer is evidence, and a refusal of several is none.

use super::action::Write;
use super::facts::{News, StateId};
use super::steps::Model;
use super::world::{Answer, Executor, Maker, Offer, Runner, Step, World};

/// What an answer means to a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Made(u8),
    /// It was certainly not made.
    NotMade,
    /// It is taken as not made, and looked out for.
    ProbablyNot,
    /// The request was refused, which proves nothing.
    Aside,
    Unknown,
}

/// A create whose connection has ended.
#[derive(Debug, Clone, Copy)]
struct Returned {
    name: u8,
    intent: u8,
    answer: Answer,
}

impl Model {
    pub(super) fn take_in(
        &mut self,
        world: &mut World,
        (number, request): (u8, u8),
        write: Write,
    ) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let returned = returned(runner, request);
        (!returned.is_empty()).then_some(())?;
        let mut news = Vec::new();
        if let (Executor::LateIntent, Some(run)) = (self.case.executor, runner.run) {
            news.extend(returned.iter().map(|returned| News::Intended {
                intent: returned.intent,
                run,
                name: returned.name,
            }));
        }
        let known = self.facts.learn(runner.memory, &news);
        let meanings = self.meanings(&returned, known, &world.offers);
        let judged = || returned.iter().zip(&meanings);
        news.extend(judged().filter_map(|(returned, meaning)| returned.news(*meaning)));
        self.append(world, number, (&news, write))?;
        let runner = &mut world.runners[place];
        for (returned, meaning) in judged() {
            let Returned { name, intent, .. } = *returned;
            runner.steps[usize::from(name)] = match meaning {
                Meaning::Made(_) => Step::Over,
                Meaning::NotMade | Meaning::ProbablyNot => Step::Ready,
                Meaning::Aside => {
                    runner.refused |= 1 << name;
                    Step::Aside { intent }
                }
                Meaning::Unknown => {
                    if let Answer::Shows { own: Some(own), .. } = returned.answer {
                        world.offers[usize::from(own)].maker = Maker::Lost;
                    }
                    runner.frozen = true;
                    Step::Lost { intent }
                }
            };
        }
        if self.case.executor == Executor::ShortWindow {
            for (returned, meaning) in judged() {
                wait_no_more_for(world, *returned, *meaning);
            }
        }
        Some(())
    }

    /// What the answers to a request mean, by the state as the runner knows it.
    fn meanings(
        &mut self,
        returned: &[Returned],
        known: StateId,
        offers: &[Offer],
    ) -> Vec<Meaning> {
        let answers: Vec<(u8, u8)> = returned
            .iter()
            .filter_map(|returned| Some((returned.intent, returned.answer.offer()?)))
            .collect();
        let mut accepted = self.facts.accept(known, &answers, offers).into_iter();
        let executor = self.case.executor;
        let is_blind = matches!(executor, Executor::BlindRetry | Executor::NoSettling);
        let unknown = if is_blind {
            Meaning::ProbablyNot
        } else {
            Meaning::Unknown
        };
        let meanings = returned.iter().map(|returned| match returned.answer {
            Answer::Shows { offer, .. } => {
                let is_accepted = accepted.next().unwrap_or_default();
                if is_accepted || executor == Executor::BelievesAnswers {
                    Meaning::Made(offer)
                } else {
                    unknown
                }
            }
            Answer::Refused => Meaning::NotMade,
            Answer::RefusedAlone if executor == Executor::ForgetsRefused => Meaning::NotMade,
            Answer::RefusedAlone => Meaning::ProbablyNot,
            Answer::RefusedTogether if executor == Executor::RefusedBatchIsProof => {
                Meaning::NotMade
            }
            Answer::RefusedTogether => Meaning::Aside,
            Answer::Unknown => unknown,
        });
        meanings.collect()
    }
}

impl Returned {
    /// What the state learns of it.
    fn news(self, meaning: Meaning) -> Option<News> {
        let Self { name, intent, .. } = self;
        match meaning {
            Meaning::Made(offer) => Some(News::Bound {
                name,
                offer,
                intent,
            }),
            Meaning::NotMade => Some(News::Refused { intent }),
            Meaning::ProbablyNot => Some(News::NotMade { intent }),
            Meaning::Aside | Meaning::Unknown => None,
        }
    }
}

/// What came back with a request.
fn returned(runner: &Runner, request: u8) -> Vec<Returned> {
    let steps = (0..).zip(&runner.steps);
    let returned = steps.filter_map(|(name, step)| match *step {
        Step::Returned {
            intent,
            request: of,
            answer,
        } if of == request => Some(Returned {
            name,
            intent,
            answer,
        }),
        Step::Over
        | Step::Ready
        | Step::Intended { .. }
        | Step::UnderWay { .. }
        | Step::Returned { .. }
        | Step::Lost { .. }
        | Step::Aside { .. } => None,
    });
    returned.collect()
}

/// What was answered is not waited for, though the answer may have been another's, and its own create on its way.
fn wait_no_more_for(world: &mut World, returned: Returned, meaning: Meaning) {
    let (Meaning::Made(_), Answer::Shows { own, .. }) = (meaning, returned.answer) else {
        return;
    };
    if let Some(own) = own {
        world.offers[usize::from(own)].late = true;
    }
    let calls = world.calls.iter_mut();
    for call in calls.filter(|call| call.intent == returned.intent) {
        call.late = true;
    }
}
