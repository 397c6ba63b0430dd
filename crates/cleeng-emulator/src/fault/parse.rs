//! Reads the action of a rule: [`parse`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::fault::action::{
    Action, Circle, Extent, Extract, MemberFault, Mishap, Moment, Part, ResultFault, Spoil,
    WriteFault,
};
use crate::fault::list::{Deafness, Link, ListFault, Rows};
use crate::field::{Field, FieldValue};
use crate::json;
use crate::json_rpc::shape;
use crate::store::another::Which;
use crate::store::late::Scope;

/// A day: long enough to stand for ever, short enough to be added to any time.
const LONGEST_DELAY: Duration = Duration::from_hours(24);

/// Where `link:elsewhere` leads. The name is reserved for addresses that nobody has.
const ELSEWHERE: &str = "http://elsewhere.invalid";

/// Reads the part of a rule after its first `=`.
pub(crate) fn parse(text: &str) -> Result<Action, String> {
    // Values may hold anything, commas too. So what stores or tells one comes last.
    if let Some(assignment) = text.strip_prefix("answer:") {
        let (name, value) = assignment.split_once('=').ok_or("`answer` lacks a value")?;
        let answer = WriteFault::Answer {
            member: name.to_owned(),
            value: value_of(value),
        };
        return Ok(only_writes(vec![answer]));
    }
    if let Some(assignment) = text.strip_prefix("store:") {
        return Ok(only_writes(vec![store(assignment)?]));
    }
    let (text, assignment) = match text.split_once(",store:") {
        Some((text, assignment)) => (text, Some(assignment)),
        None => (text, None),
    };

    let mut parts = text.split(',').map(split);
    let (name, argument) = parts.next().unwrap_or_default();
    let mut options = Options(parts.collect());
    let mut writes = Vec::new();
    let mishap = match (name, argument) {
        ("late", Some(delay)) => {
            writes.push(options.late(delay)?);
            Mishap::Write
        }
        ("ignore", Some(name)) => {
            writes.push(WriteFault::Ignore(field(name)?));
            Mishap::Write
        }
        _ => mishap(name, argument, &mut options)?
            .ok_or_else(|| format!("there is no action `{text}`"))?,
    };
    if let Mishap::Whole(..)
    | Mishap::Error(..)
    | Mishap::Member(_)
    | Mishap::Result(..)
    | Mishap::Write = &mishap
    {
        options.take_writes(&mut writes)?;
    }
    options.finish()?;
    if let Some(assignment) = assignment {
        writes.push(store(assignment)?);
    }
    match (&mishap, writes.first()) {
        (Mishap::Delay(..) | Mishap::List(_), Some(write)) => {
            Err(format!("`{}` does not belong there", word(write)))
        }
        (mishap, Some(write)) if mishap.comes_before() => {
            Err(format!("`{}` goes with `after`", word(write)))
        }
        (_, Some(_) | None) => Ok(Action { mishap, writes }),
    }
}

fn only_writes(writes: Vec<WriteFault>) -> Action {
    Action {
        mishap: Mishap::Write,
        writes,
    }
}

fn word(fault: &WriteFault) -> &'static str {
    match fault {
        WriteFault::Late { .. } => "late",
        WriteFault::Ignore(_) => "ignore",
        WriteFault::Store { .. } => "store",
        WriteFault::Answer { .. } => "answer",
    }
}

/// Returns what the action of that name and argument does; `None` if there is no such action.
fn mishap(
    name: &str,
    argument: Option<&str>,
    options: &mut Options<'_>,
) -> Result<Option<Mishap>, String> {
    if let Some(spoil) = spoil(name, argument, options)? {
        return Ok(Some(Mishap::Whole(spoil, options.extent()?)));
    }
    if let Some(fault) = list_fault(name, argument)? {
        let mut faults = vec![fault];
        for (name, argument) in std::mem::take(&mut options.0) {
            let further = list_fault(name, argument)?;
            faults.push(further.ok_or_else(|| format!("`{name}` does not belong there"))?);
        }
        // Each page of a list with ever new addresses has to show something.
        if faults.contains(&ListFault::Link(Link::Endless))
            && !faults
                .iter()
                .any(|fault| matches!(fault, ListFault::Endless(_)))
        {
            faults.insert(0, ListFault::Endless(Rows::MadeUp));
        }
        return Ok(Some(Mishap::List(faults)));
    }
    Ok(Some(match (name, argument) {
        ("delay", Some(delay)) => {
            Mishap::Delay(milliseconds(delay)?, options.moment(Moment::Before))
        }
        ("error", Some(code)) => Mishap::Error(whole(code)?, options.moment(Moment::Before)),
        ("missing", None) => Mishap::Member(MemberFault::Missing(options.moment(Moment::After))),
        ("double", None) => Mishap::Member(MemberFault::Double),
        ("wrong-id", None) => Mishap::Member(MemberFault::WrongId),
        ("shuffled", None) => Mishap::Member(MemberFault::Shuffled),
        ("rotated", None) => Mishap::Member(MemberFault::Rotated(Circle::Creates)),
        ("rotated", Some("all")) => Mishap::Member(MemberFault::Rotated(Circle::All)),
        ("answered-as-first", None) => Mishap::Member(MemberFault::AsFirst),
        ("body-of-another", None) => options.body_of(Which::Youngest)?,
        ("body-of", Some(which)) => options.body_of(which_of(which)?)?,
        ("answer-only", Some("id")) => Mishap::Result(
            ResultFault {
                of: None,
                extract: Extract::Id,
            },
            Moment::After,
        ),
        _ => return Ok(None),
    }))
}

fn spoil(
    name: &str,
    argument: Option<&str>,
    options: &mut Options<'_>,
) -> Result<Option<Spoil>, String> {
    Ok(Some(match (name, argument) {
        ("status", Some(code)) => Spoil::Status {
            code: code
                .parse()
                .ok()
                .filter(|code| (200..600).contains(code))
                .ok_or_else(|| format!("`{code}` is no final HTTP status"))?,
            retry_after: options.take("retry-after").map(whole).transpose()?,
            location: options.take("location").map(str::to_owned),
        },
        ("cut", None) => Spoil::Cut,
        ("garbage", None) => Spoil::Garbage,
        ("truncate", None) => Spoil::Truncate,
        ("bare-error", None) => Spoil::BareError,
        ("silence", None) => Spoil::Silence,
        _ => return Ok(None),
    }))
}

fn list_fault(name: &str, argument: Option<&str>) -> Result<Option<ListFault>, String> {
    Ok(Some(match (name, argument) {
        ("short", None) => ListFault::Short(1),
        ("short", Some(missing)) => ListFault::Short(whole(missing)?),
        ("shifted", None) => ListFault::Shifted,
        ("repeated", None) => ListFault::Repeated,
        ("empty", None) => ListFault::Empty,
        ("deaf", None) => ListFault::Deaf(Deafness::Always),
        ("deaf", Some("booleans")) => ListFault::Deaf(Deafness::Booleans),
        ("total", Some(by)) => ListFault::Total(whole(by)?),
        ("total-is", Some(total)) => ListFault::TotalIs(whole(total)?),
        ("total-moves", Some(by)) => ListFault::TotalMoves(whole(by)?),
        ("no-total", None) => ListFault::NoTotal,
        ("endless", None) => ListFault::Endless(Rows::MadeUp),
        ("endless", Some("same")) => ListFault::Endless(Rows::Same),
        ("link", Some(place)) => ListFault::Link(match place {
            "self" => Link::Itself,
            "first" => Link::First,
            "endless" => Link::Endless,
            "elsewhere" => Link::To(ELSEWHERE.to_owned()),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                Link::To(url.to_owned())
            }
            _ => {
                return Err(format!(
                    "`{place}` is none of self, first, endless, elsewhere and an address"
                ));
            }
        }),
        _ => return Ok(None),
    }))
}

/// The comma-separated parts after the first, each with what follows its colon.
struct Options<'a>(Vec<(&'a str, Option<&'a str>)>);

impl<'a> Options<'a> {
    /// Returns what follows the option of that name, and nothing for one without a colon.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let index = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(index).1.unwrap_or_default())
    }

    /// Returns how a write goes wrong behind an answer that goes wrong.
    fn take_writes(&mut self, writes: &mut Vec<WriteFault>) -> Result<(), String> {
        if let Some(delay) = self.take("late") {
            writes.push(self.late(delay)?);
        }
        while let Some(name) = self.take("ignore") {
            writes.push(WriteFault::Ignore(field(name)?));
        }
        Ok(())
    }

    /// Returns the answer with the body of that offer.
    fn body_of(&mut self, which: Which) -> Result<Mishap, String> {
        let extract = match self.take("answer-only") {
            None => Extract::Whole,
            Some("id") => Extract::Id,
            Some(other) => return Err(format!("there is no action `answer-only:{other}`")),
        };
        let fault = ResultFault {
            of: Some(which),
            extract,
        };
        Ok(Mishap::Result(fault, self.moment(Moment::After)))
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

    fn extent(&mut self) -> Result<Extent, String> {
        match (self.take("before"), self.take("after")) {
            (_, Some("all")) => Ok(Extent::AfterAll),
            (_, Some("")) => Ok(Extent::After),
            (_, Some(other)) => Err(format!("`{other}` is not `all`")),
            (Some(_) | None, None) => Ok(Extent::Before),
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

fn which_of(text: &str) -> Result<Which, String> {
    match text {
        "youngest" => Ok(Which::Youngest),
        "oldest" => Ok(Which::Oldest),
        id => Which::from_id(id)
            .ok_or_else(|| format!("`{id}` is none of youngest, oldest and an offer id")),
    }
}

fn field(name: &str) -> Result<Field, String> {
    Field::from_name(name).ok_or_else(|| format!("there is no field `{name}`"))
}

/// Reads `FIELD=VALUE`.
fn store(assignment: &str) -> Result<WriteFault, String> {
    let (name, value) = assignment.split_once('=').ok_or("`store` lacks a value")?;
    let field = field(name)?;
    let value = field_value(field, &value_of(value))
        .ok_or_else(|| format!("`{name}` cannot hold `{value}`"))?;
    Ok(WriteFault::Store { field, value })
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
mod tests;
