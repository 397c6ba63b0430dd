//! Faults by rule: [`FaultRule`], written `METHOD[#NTH]=ACTION`.
//!
//! [`FAULT_GRAMMAR`] is the one description of what can be written.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::json_rpc::method::Method;
use crate::rest::operation::Operation as RestOperation;

pub(crate) mod action;
pub(crate) mod endless;
mod grammar;
pub(crate) mod list;
mod parse;
pub(crate) mod plan;

use action::Action;
pub use grammar::FAULT_GRAMMAR;

/// One rule: which calls go wrong, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    text: String,
    method: String,
    first: u64,
    last: u64,
    action: Action,
}

/// The text is no fault rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a fault rule: {reason}")]
pub struct ParseFaultError {
    /// What was given.
    pub text: String,
    /// What is wrong with it, as a phrase.
    pub reason: String,
}

impl FaultRule {
    /// Reads a rule; see [`FAULT_GRAMMAR`].
    pub fn parse(text: &str) -> Result<Self, ParseFaultError> {
        read(text).map_err(|reason| ParseFaultError {
            text: text.to_owned(),
            reason,
        })
    }

    /// Whether the rule is about calls of that method: it matches, and the action can befall such a call.
    pub(crate) fn is_about(&self, method: &str) -> bool {
        matches(&self.method, method) && self.action.can_befall(method)
    }

    /// Whether the rule is about the call of that number.
    pub(crate) fn covers(&self, nth: u64) -> bool {
        (self.first..=self.last).contains(&nth)
    }

    pub(crate) fn action(&self) -> &Action {
        &self.action
    }
}

impl FromStr for FaultRule {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for FaultRule {
    /// Writes the rule as it was given.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn read(text: &str) -> Result<FaultRule, String> {
    let (calls, action) = text.split_once('=').ok_or("there is no `=`")?;
    let (method, nth) = match calls.split_once('#') {
        Some((method, nth)) => (method, Some(nth)),
        None => (calls, None),
    };
    let action = parse::parse(action)?;
    let mut names = Method::names().chain(RestOperation::words());
    if !names.any(|name| matches(method, name) && action.can_befall(name)) {
        return Err(format!("no method that it can befall matches `{method}`"));
    }
    let (first, last) = match nth {
        None => (1, u64::MAX),
        Some(nth) => {
            parse_range(nth).ok_or_else(|| format!("`#{nth}` is none of #3, #2-5 and #3+"))?
        }
    };
    Ok(FaultRule {
        text: text.to_owned(),
        method: method.to_owned(),
        first,
        last,
        action,
    })
}

fn parse_range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = if let Some(first) = text.strip_suffix('+') {
        (first.parse().ok()?, u64::MAX)
    } else if let Some((first, last)) = text.split_once('-') {
        (first.parse().ok()?, last.parse().ok()?)
    } else {
        let nth = text.parse().ok()?;
        (nth, nth)
    };
    (1 <= first && first <= last).then_some((first, last))
}

/// Whether a name matches a pattern in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => match name.strip_prefix(start) {
            None => false,
            Some(tail) => tail
                .char_indices()
                .map(|(index, _)| index)
                .chain([tail.len()])
                .any(|index| matches(rest, &tail[index..])),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, reason: &str) {
        let error = FaultRule::parse(text).unwrap_err();
        assert_eq!(error.reason, reason);
        assert!(error.to_string().contains(text));
    }

    #[test]
    fn stars_match_any_letters() {
        for (pattern, name, expected) in [
            ("*", "createPassOffer", true),
            ("create*", "createPassOffer", true),
            ("create*", "updatePassOffer", false),
            ("*Pass*", "createMultiCurrencyPassOffer", true),
            ("create*Offer", "createPassOffer", true),
            ("create*Offer", "createPassOffers", false),
            ("createPassOffer", "createPassOffer", true),
            ("createPassOffer", "createPassOffers", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn rule_covers_the_calls_that_it_names() {
        let covered = |text: &str| -> Vec<u64> {
            let rule = FaultRule::parse(text).unwrap();
            (1..=6).filter(|nth| rule.covers(*nth)).collect()
        };
        assert_eq!(covered("*=cut"), [1, 2, 3, 4, 5, 6]);
        assert_eq!(covered("*#3=cut"), [3]);
        assert_eq!(covered("*#2-5=cut"), [2, 3, 4, 5]);
        assert_eq!(covered("*#5+=cut"), [5, 6]);
    }

    #[test]
    fn rule_is_written_as_it_was_given() {
        let text = "create*#1=store:price=9.99";
        assert_eq!(FaultRule::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn wrong_rules_say_what_is_wrong() {
        check_refused("createPassOffer", "there is no `=`");
        check_refused(
            "createPasOffer=cut",
            "no method that it can befall matches `createPasOffer`",
        );
        check_refused(
            "create*=short",
            "no method that it can befall matches `create*`",
        );
        check_refused(
            "list*=late:5",
            "no method that it can befall matches `list*`",
        );
        check_refused(
            "listPassOffers=link:self",
            "no method that it can befall matches `listPassOffers`",
        );
        check_refused(
            "list*=body-of-another",
            "no method that it can befall matches `list*`",
        );
        for nth in ["0", "", "x", "5-2", "-", "+", "1-"] {
            check_refused(
                &format!("*#{nth}=cut"),
                &format!("`#{nth}` is none of #3, #2-5 and #3+"),
            );
        }
    }
}
