//! What the service does with creates, and what it says of them: the truth, nothing, or a lie.

use super::action::{MOST_CARRIED, Told};
use super::steps::{Model, spend};
use super::world::{Answer, Call, CallAt, Maker, Offer, Runner, Step, World};

impl Model {
    /// All that may come back with a request that is under way.
    pub(super) fn ends(world: &World, request: u8) -> Vec<[Told; MOST_CARRIED]> {
        let mut all = vec![[Told::Own; MOST_CARRIED]];
        for (place, call) in carried_by(world, request).iter().enumerate() {
            let told = all_told(world, *call);
            all = all
                .into_iter()
                .flat_map(|before| {
                    told.iter().map(move |told| {
                        let mut after = before;
                        after[place] = *told;
                        after
                    })
                })
                .collect();
        }
        all
    }

    pub(super) fn execute(&self, world: &mut World, number: usize) {
        let call = &mut world.calls[number];
        let lost = call.request.is_none();
        // What comes too late comes after the window: it does not hurry.
        let id = u8::try_from(world.offers.len()).unwrap();
        let offer = Offer {
            content: self.case.names[usize::from(call.name)],
            maker: if lost { Maker::Lost } else { Maker::Answered },
            mark: self.facts.mark_of(call.name),
            rows: 0,
            late: call.late,
        };
        call.at = CallAt::Made(id);
        world.offers.push(offer);
        if lost {
            world.calls.remove(number);
        }
    }

    /// A create takes effect, but its marker is not kept.
    pub(super) fn execute_unmarked(&self, world: &mut World, number: usize) -> Option<()> {
        self.execute(world, number);
        let offer = world.offers.last_mut()?;
        offer.mark.take()?;
        spend(&mut world.budget.lies)?;
        world.unmarked = true;
        Some(())
    }
}

/// The creates that a request carries.
fn carried_by(world: &World, request: u8) -> Vec<Call> {
    let of_request = |call: &&Call| call.request == Some(request);
    world.calls.iter().filter(of_request).copied().collect()
}

/// What the service may say of a create.
fn all_told(world: &World, call: Call) -> Vec<Told> {
    let mut told = vec![Told::Nothing];
    // What has not taken effect has no answer of its own.
    if call.at != CallAt::Sent {
        told.push(Told::Own);
    }
    if call.at != CallAt::Refused && world.budget.lies > 0 {
        let others = (0..).zip(&world.offers).map(|(offer, _)| offer);
        let others = others.filter(|offer| call.at != CallAt::Made(*offer));
        told.extend(others.map(Told::Other));
    }
    told
}

/// A request is over, and its creates are told something.
pub(super) fn end(world: &mut World, request: u8, told: [Told; MOST_CARRIED]) -> Option<()> {
    let calls = carried_by(world, request);
    let told = &told[..calls.len()];
    let some = |is: fn(&Told) -> bool| told.iter().any(is);
    if some(|told| matches!(told, Told::Nothing)) {
        spend(&mut world.budget.faults)?;
    }
    if some(|told| matches!(told, Told::Other(_))) {
        spend(&mut world.budget.lies)?;
    }
    let mut answers = Vec::new();
    for (call, told) in calls.iter().zip(told) {
        answers.push(match (*told, call.at) {
            (Told::Own, CallAt::Sent) => return None,
            (Told::Nothing, _) => Answer::Unknown,
            (Told::Own, CallAt::Made(offer)) => Answer::Shows {
                offer,
                own: Some(offer),
            },
            (Told::Own, CallAt::Refused) if calls.len() == 1 => Answer::RefusedAlone,
            (Told::Own, CallAt::Refused) => Answer::Refused,
            (Told::Other(offer), at) => Answer::Shows {
                offer,
                own: at.made(),
            },
        });
    }
    disconnect(world, request, &answers)
}

/// A request is refused as a whole, whatever became of its creates, or will.
pub(super) fn refuse_whole(world: &mut World, request: u8) -> Option<()> {
    let calls = carried_by(world, request);
    if let [call] = calls.as_slice() {
        // It is assumed that this does not happen, so nobody waits for it.
        (call.at != CallAt::Refused).then_some(())?;
        spend(&mut world.budget.late)?;
        world.broken = true;
        if let Some(offer) = call.at.made() {
            world.offers[usize::from(offer)].late = true;
        }
        let of_request = |call: &&mut Call| call.request == Some(request);
        let calls = world.calls.iter_mut().filter(of_request);
        calls.for_each(|call| call.late = true);
        return disconnect(world, request, &[Answer::RefusedAlone]);
    }
    spend(&mut world.budget.lies)?;
    disconnect(world, request, &vec![Answer::RefusedTogether; calls.len()])
}

/// All connections of a runner end without an answer.
pub(super) fn hang_up(world: &mut World, runner: &Runner) {
    for request in runner.requests_under_way() {
        let answers = vec![Answer::Unknown; carried_by(world, request).len()];
        // Nothing is under way of a request whose answers are there.
        let _over = disconnect(world, request, &answers);
    }
}

/// The connection of a request ends with these answers; what has not taken effect may still do so.
fn disconnect(world: &mut World, request: u8, answers: &[Answer]) -> Option<()> {
    let calls = carried_by(world, request);
    (!calls.is_empty()).then_some(())?;
    for (call, answer) in calls.iter().zip(answers) {
        let steps = world
            .runners
            .iter_mut()
            .flat_map(|runner| &mut runner.steps);
        for step in steps {
            if matches!(step, Step::UnderWay { intent, .. } if *intent == call.intent) {
                *step = Step::Returned {
                    intent: call.intent,
                    request,
                    answer: *answer,
                };
            }
        }
        if let Some(own) = call.at.made()
            && !matches!(answer, Answer::Shows { offer, .. } if *offer == own)
        {
            world.offers[usize::from(own)].maker = Maker::Lost;
        }
    }
    world.calls.retain_mut(|call| {
        if call.request != Some(request) {
            return true;
        }
        call.request = None;
        call.at == CallAt::Sent
    });
    Some(())
}
