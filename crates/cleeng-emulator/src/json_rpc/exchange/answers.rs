//! The answers to the calls of one request, and what goes wrong among them: [`Answers`].

use serde_json::Value;

use crate::fault::action::{Circle, MemberFault};
use crate::json::Json;
use crate::json_rpc::envelope;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::{Method, Operation};
use crate::quirk::ResponseId;

/// The answers so far, in the order of their calls.
#[derive(Debug, Default)]
pub(super) struct Answers {
    members: Vec<Member>,
    is_reversed: bool,
    circle: Option<Circle>,
}

#[derive(Debug)]
struct Member {
    id: Json,
    is_create: bool,
    result: Result<Json, Failure>,
    /// How often it is there.
    times: usize,
    is_as_first: bool,
}

impl Answers {
    /// Adds the answer to a call with that id and method, which goes wrong in that way.
    pub(super) fn add(
        &mut self,
        (id, form): (&Value, ResponseId),
        method: &str,
        result: Result<Json, Failure>,
        fault: Option<MemberFault>,
    ) {
        let id = envelope::answer_id(id, form);
        let mut member = Member {
            id,
            is_create: is_create(method),
            result,
            times: 1,
            is_as_first: false,
        };
        match fault {
            None => {}
            Some(MemberFault::Missing(_)) => member.times = 0,
            Some(MemberFault::Double) => member.times = 2,
            Some(MemberFault::WrongId) => member.id = wrong_id(&member.id),
            Some(MemberFault::Shuffled) => self.is_reversed = true,
            Some(MemberFault::Rotated(circle)) => self.circle = self.circle.max(Some(circle)),
            Some(MemberFault::AsFirst) => member.is_as_first = true,
        }
        self.members.push(member);
    }

    /// Whether nothing would be told.
    pub(super) fn is_empty(&self) -> bool {
        self.members.iter().all(|member| member.times == 0)
    }

    /// Returns the answers as they are told, and forgets them.
    pub(super) fn take(&mut self) -> Vec<Json> {
        let Self {
            mut members,
            is_reversed,
            circle,
        } = std::mem::take(self);
        if let Some(circle) = circle {
            rotate(&mut members, circle);
        }
        // Results may be long lists: the first one is copied only where somebody gets it.
        let is_copied = members.iter().any(|member| member.is_as_first);
        let first = members.first().filter(|_| is_copied);
        let first = first.map(|member| member.result.clone());
        let told = members.into_iter().flat_map(|member| {
            let result = match &first {
                Some(first) if member.is_as_first => first.clone(),
                Some(_) | None => member.result,
            };
            let answer = envelope::answer(member.id, result);
            std::iter::repeat_n(answer, member.times)
        });
        let mut told: Vec<_> = told.collect();
        if is_reversed {
            told.reverse();
        }
        told
    }
}

/// Gives each of these members the result of the next of them, and the last one that of the first.
fn rotate(members: &mut [Member], circle: Circle) {
    let in_circle = members
        .iter_mut()
        .filter(|member| member.is_create || circle == Circle::All);
    let mut results: Vec<_> = in_circle.map(|member| &mut member.result).collect();
    for place in 1..results.len() {
        let (before, rest) = results.split_at_mut(place);
        std::mem::swap(before[place - 1], rest[0]);
    }
}

fn is_create(method: &str) -> bool {
    Method::from_name(method).is_some_and(|method| {
        matches!(
            method.operation,
            Operation::Create | Operation::CreateMultiCurrency
        )
    })
}

fn wrong_id(id: &Json) -> Json {
    match id {
        Json::Text(text) => Json::Text(format!("{text}-wrong")),
        Json::Null
        | Json::Bool(_)
        | Json::Integer(_)
        | Json::Number(_)
        | Json::Digits(_)
        | Json::List(_)
        | Json::Object(_) => Json::text("wrong"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Answers these methods, each with its place as result, under faults, and returns id and result of each answer.
    #[track_caller]
    fn check(calls: &[(&str, Option<MemberFault>)], expected: &[(i64, i64)]) {
        let mut answers = Answers::default();
        for (place, (method, fault)) in (1..).zip(calls) {
            let result = Ok(Json::Integer(place));
            let id = (&json!(place), ResponseId::Number);
            answers.add(id, method, result, *fault);
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|(id, result)| envelope::answer(Json::Integer(*id), Ok(Json::Integer(*result))))
            .collect();
        assert_eq!(answers.take(), expected);
    }

    const CREATE: &str = "createPassOffer";
    const LIST: &str = "listPassOffers";

    #[test]
    fn results_of_creates_go_round_and_ids_stay() {
        let rotated = Some(MemberFault::Rotated(Circle::Creates));
        check(&[(CREATE, rotated), (CREATE, None)], &[(1, 2), (2, 1)]);
        check(
            &[
                (LIST, None),
                (CREATE, None),
                ("createMultiCurrencyPassOffer", rotated),
                ("updatePassOffer", None),
                (CREATE, None),
            ],
            &[(1, 1), (2, 3), (3, 5), (4, 4), (5, 2)],
        );
        check(&[(CREATE, rotated)], &[(1, 1)]);
        check(&[(LIST, rotated)], &[(1, 1)]);
    }

    #[test]
    fn results_of_all_calls_go_round_if_asked() {
        let all = Some(MemberFault::Rotated(Circle::All));
        let creates = Some(MemberFault::Rotated(Circle::Creates));
        check(
            &[(LIST, all), (CREATE, creates), (CREATE, None)],
            &[(1, 2), (2, 3), (3, 1)],
        );
    }

    #[test]
    fn two_members_may_have_the_result_of_the_first() {
        let as_first = Some(MemberFault::AsFirst);
        check(
            &[(CREATE, as_first), (CREATE, None), (CREATE, as_first)],
            &[(1, 1), (2, 2), (3, 1)],
        );
        let missing = Some(MemberFault::Missing(crate::fault::action::Moment::After));
        check(&[(CREATE, missing), (CREATE, as_first)], &[(2, 1)]);
    }
}
