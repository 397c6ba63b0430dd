//! What a fault does: [`Action`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::field::{Field, FieldValue};
use crate::json;
use crate::json_rpc::method::{Method, Operation};
use crate::json_rpc::shape;
use crate::rest::operation::Operation as RestOperation;
use crate::store::late::Scope;

/// A day: long enough to stand for ever, short enough to be added to any time.
const LONGEST_DELAY: Duration = Duration::from_hours(24);

/// What happens to a call, or to the HTTP request that carries it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// The whole HTTP answer is replaced, and what the call changed may show late.
    Whole(Spoil, Moment, Option<WriteFault>),
    /// The work pauses.
    Delay(Duration, Moment),
    /// The call is answered with this error code.
    Error(i64, Moment),
    /// The answer to the call goes wrong within the batch.
    Member(MemberFault),
    /// The list goes wrong.
    List(ListFault),
    /// The write goes wrong.
    Write(WriteFault),
}

/// The statuses with which a service refuses a request before it looks at the calls in it.
const REFUSALS: [u16; 7] = [400, 401, 403, 404, 413, 422, 429];

impl Action {
    /// Whether it stands for a service that refuses the whole request: no call in it runs, not even an earlier one.
    pub(crate) fn refuses_whole(&self) -> bool {
        matches!(
            self,
            Self::Whole(Spoil::Status { code, .. }, Moment::Before, _) if REFUSALS.contains(code)
        )
    }
}

/// Whether the call takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The fault comes before it.
    Before,
    /// The fault comes after it.
    After,
}

/// What is answered instead of the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    Status {
        code: u16,
        retry_after: Option<u64>,
        location: Option<String>,
    },
    Cut,
    Garbage,
    Truncate,
    BareError,
}

/// How the answer to one call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberFault {
    Missing(Moment),
    Double,
    WrongId,
    Shuffled,
}

/// How a list goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListFault {
    Short(usize),
    Shifted,
    Repeated,
    Empty,
    Deaf(Deafness),
    Total(isize),
}

/// To which forms of `criteria.active` a list does not listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deafness {
    Booleans,
    Always,
}

/// Which of the localizations that a write makes show late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// All but the first.
    Others,
}

/// How a write goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WriteFault {
    Late {
        delay: Duration,
        scope: Scope,
        part: Part,
    },
    Ignore(Field),
    Store {
        field: Field,
        value: FieldValue,
    },
    Answer {
        member: String,
        value: Value,
    },
}

impl Action {
    /// Whether calls of that method can go wrong like this: lists and writes have faults of their own.
    pub(crate) fn can_befall(&self, method: &str) -> bool {
        let operation = Method::from_name(method).map(|method| method.operation);
        let rest = RestOperation::from_word(method);
        match self {
            Self::Whole(Spoil::BareError, ..) | Self::Member(_) => rest.is_none(),
            Self::Error(code, _) => rest.is_none() || (400..600).contains(code),
            Self::Whole(..) | Self::Delay(..) => true,
            Self::List(_) => {
                operation == Some(Operation::List) || rest == Some(RestOperation::List)
            }
            Self::Write(_) => {
                operation.is_some_and(Operation::is_write)
                    || rest.is_some_and(RestOperation::is_write)
            }
        }
    }

    /// Reads the part of a rule after its first `=`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // Values may hold anything, commas too.
        if let Some(assignment) = text.strip_prefix("store:") {
            let (name, value) = assignment.split_once('=').ok_or("`store` lacks a value")?;
            let field = field(name)?;
            let value = field_value(field, &value_of(value))
                .ok_or_else(|| format!("`{name}` cannot hold `{value}`"))?;
            return Ok(Self::Write(WriteFault::Store { field, value }));
        }
        if let Some(assignment) = text.strip_prefix("answer:") {
            let (name, value) = assignment.split_once('=').ok_or("`answer` lacks a value")?;
            return Ok(Self::Write(WriteFault::Answer {
                member: name.to_owned(),
                value: value_of(value),
            }));
        }

        let mut parts = text.split(',');
        let (name, argument) = split(parts.next().unwrap_or_default());
        let mut options = Options(parts.map(split).collect());
        let action = match (name, argument) {
            ("status", Some(code)) => {
                let code = code
                    .parse()
                    .ok()
                    .filter(|code| (200..600).contains(code))
                    .ok_or_else(|| format!("`{code}` is no final HTTP status"))?;
                let retry_after = options.take("retry-after").map(whole).transpose()?;
                let location = options.take("location").map(str::to_owned);
                let spoil = Spoil::Status {
                    code,
                    retry_after,
                    location,
                };
                options.whole(spoil)?
            }
            ("cut", None) => options.whole(Spoil::Cut)?,
            ("garbage", None) => options.whole(Spoil::Garbage)?,
            ("truncate", None) => options.whole(Spoil::Truncate)?,
            ("bare-error", None) => options.whole(Spoil::BareError)?,
            ("delay", Some(delay)) => {
                Self::Delay(milliseconds(delay)?, options.moment(Moment::Before))
            }
            ("error", Some(code)) => Self::Error(whole(code)?, options.moment(Moment::Before)),
            ("missing", None) => Self::Member(MemberFault::Missing(options.moment(Moment::After))),
            ("double", None) => Self::Member(MemberFault::Double),
            ("wrong-id", None) => Self::Member(MemberFault::WrongId),
            ("shuffled", None) => Self::Member(MemberFault::Shuffled),
            ("short", None) => Self::List(ListFault::Short(1)),
            ("short", Some(missing)) => Self::List(ListFault::Short(whole(missing)?)),
            ("shifted", None) => Self::List(ListFault::Shifted),
            ("repeated", None) => Self::List(ListFault::Repeated),
            ("empty", None) => Self::List(ListFault::Empty),
            ("deaf", None) => Self::List(ListFault::Deaf(Deafness::Always)),
            ("deaf", Some("booleans")) => Self::List(ListFault::Deaf(Deafness::Booleans)),
            ("total", Some(by)) => Self::List(ListFault::Total(whole(by)?)),
            ("late", Some(delay)) => Self::Write(options.late(delay)?),
            ("ignore", Some(name)) => Self::Write(WriteFault::Ignore(field(name)?)),
            _ => return Err(format!("there is no action `{text}`")),
        };
        options.finish().map(|()| action)
    }
}

/// The comma-separated parts after the first, each with what follows its colon.
struct Options<'a>(Vec<(&'a str, Option<&'a str>)>);

impl<'a> Options<'a> {
    /// Returns what follows the option of that name, and nothing for one without a colon.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(index).1.unwrap_or_default())
    }

    /// Returns the action that replaces the whole answer.
    fn whole(&mut self, spoil: Spoil) -> Result<Action, String> {
        let moment = self.moment(Moment::Before);
        let late = match (moment, self.take("late")) {
            (Moment::Before, Some(_)) => return Err("`late` goes with `after`".to_owned()),
            (Moment::After, Some(delay)) => Some(self.late(delay)?),
            (_, None) => None,
        };
        Ok(Action::Whole(spoil, moment, late))
    }

    /// Returns the lateness of a change.
    fn late(&mut self, delay: &str) -> Result<WriteFault, String> {
        let scope = match self.take("gets") {
            Some(_) => Scope::Everywhere,
            None => Scope::Lists,
        };
        let part = match self.take("rows") {
            Some(_) => Part::Others,
            None => Part::All,
        };
        Ok(WriteFault::Late {
            delay: milliseconds(delay)?,
            scope,
            part,
        })
    }

    fn moment(&mut self, default: Moment) -> Moment {
        match (self.take("before"), self.take("after")) {
            (_, Some(_)) => Moment::After,
            (Some(_), None) => Moment::Before,
            (None, None) => default,
        }
    }

    fn finish(self) -> Result<(), String> {
        match self.0.first() {
            Some((name, _)) => Err(format!("`{name}` does not belong there")),
            None => Ok(()),
        }
    }
}

fn split(part: &str) -> (&str, Option<&str>) {
    match part.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (part, None),
    }
}

fn whole<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no whole number that fits"))
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let delay = Duration::from_millis(whole(text)?);
    if delay > LONGEST_DELAY {
        Err(format!("`{text}` milliseconds are more than a day"))
    } else {
        Ok(delay)
    }
}

fn field(name: &str) -> Result<Field, String> {
    Field::from_name(name).ok_or_else(|| format!("there is no field `{name}`"))
}

fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Returns a value as a field holds it, unchecked by any bound.
fn field_value(field: Field, value: &Value) -> Option<FieldValue> {
    if field == Field::Price {
        return json::amount(value).map(FieldValue::Amount);
    }
    match value {
        Value::Bool(flag) => Some((*flag).into()),
        Value::Number(_) => shape::integer(value).map(FieldValue::Integer),
        Value::String(text) => Some(text.as_str().into()),
        Value::Array(items) => items
            .iter()
            .map(shape::text)
            .collect::<Option<Vec<_>>>()
            .map(FieldValue::List),
        Value::Object(members)
            if matches!(field, Field::ExternalProperties | Field::AppStoreProductIds) =>
        {
            let texts = members
                .iter()
                .map(|(name, value)| Some((name.clone(), shape::text(value)?)));
            texts.collect::<Option<BTreeMap<_, _>>>().map(Into::into)
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Action) {
        assert_eq!(Action::parse(text), Ok(expected));
    }

    #[test]
    fn faults_of_the_whole_answer_come_before_the_effect_unless_told() {
        check("cut", Action::Whole(Spoil::Cut, Moment::Before, None));
        check(
            "cut,before",
            Action::Whole(Spoil::Cut, Moment::Before, None),
        );
        check(
            "garbage,after",
            Action::Whole(Spoil::Garbage, Moment::After, None),
        );
        let status = Spoil::Status {
            code: 429,
            retry_after: Some(3),
            location: None,
        };
        check(
            "status:429,retry-after:3,after",
            Action::Whole(status, Moment::After, None),
        );
        let moved = Spoil::Status {
            code: 307,
            retry_after: None,
            location: Some("http://127.0.0.1:1/x".to_owned()),
        };
        check(
            "status:307,location:http://127.0.0.1:1/x",
            Action::Whole(moved, Moment::Before, None),
        );
    }

    #[test]
    fn effect_behind_a_spoiled_answer_may_show_late() {
        let late = WriteFault::Late {
            delay: Duration::from_millis(5),
            scope: Scope::Everywhere,
            part: Part::All,
        };
        check(
            "cut,after,late:5,gets",
            Action::Whole(Spoil::Cut, Moment::After, Some(late)),
        );
    }

    #[test]
    fn missing_members_take_effect_unless_told() {
        check(
            "missing",
            Action::Member(MemberFault::Missing(Moment::After)),
        );
        check(
            "missing,before",
            Action::Member(MemberFault::Missing(Moment::Before)),
        );
    }

    #[test]
    fn values_are_json_or_else_texts() {
        let store = |field, value: FieldValue| Action::Write(WriteFault::Store { field, value });
        check(
            "store:price=99.99",
            store(Field::Price, Decimal::new(9999, 2).into()),
        );
        check("store:title=a, b", store(Field::Title, "a, b".into()));
        check("store:tags=[\"a\"]", store(Field::Tags, ["a"].into()));
        let map = BTreeMap::from([("offerctl".to_owned(), "club/gold".to_owned())]);
        check(
            "store:externalProperties={\"offerctl\":\"club/gold\"}",
            store(Field::ExternalProperties, map.into()),
        );
        check(
            "answer:active=\"1\"",
            Action::Write(WriteFault::Answer {
                member: "active".to_owned(),
                value: json!("1"),
            }),
        );
    }

    #[test]
    fn wrong_actions_say_what_is_wrong() {
        for (text, reason) in [
            ("", "there is no action ``"),
            ("explode", "there is no action `explode`"),
            ("cut:5", "there is no action `cut:5`"),
            ("status:99", "`99` is no final HTTP status"),
            ("status:x", "`x` is no final HTTP status"),
            ("delay:soon", "`soon` is no whole number that fits"),
            (
                "late:99999999999",
                "`99999999999` milliseconds are more than a day",
            ),
            ("cut,aftr", "`aftr` does not belong there"),
            ("double,after", "`after` does not belong there"),
            ("cut,late:5", "`late` goes with `after`"),
            ("cut,gets", "`gets` does not belong there"),
            ("ignore:prise", "there is no field `prise`"),
            ("store:price", "`store` lacks a value"),
            ("store:price=cheap", "`price` cannot hold `cheap`"),
            ("store:title={}", "`title` cannot hold `{}`"),
        ] {
            assert_eq!(Action::parse(text), Err(reason.to_owned()));
        }
    }
}
