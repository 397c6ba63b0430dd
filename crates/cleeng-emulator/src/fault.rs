//! Faults by rule: [`FaultRule`], written `METHOD[#NTH]=ACTION`.
//!
//! [`FAULT_GRAMMAR`] is the one description of what can be written.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::json_rpc::method::Method;
use crate::rest::operation::Operation as RestOperation;

pub(crate) mod action;
pub(crate) mod plan;
pub(crate) mod spoil;

use action::Action;

/// What can be written in a fault rule, as a help text.
pub const FAULT_GRAMMAR: &str = "\
METHOD[#NTH]=ACTION

METHOD  a JSON-RPC method, or one of these words for a REST operation:
        listOffers, getOffer, createOffer, patchOffer, activateOffer, deactivateOffer,
        createLocalization, patchLocalization, activateLocalization, deactivateLocalization;
        * stands for any letters: createPassOffer, create*, *Localization, *
NTH     which of the calls that match METHOD, counted from 1: #3, #2-5, #3+ (from the third on); all, if left out
        Several rules may be given; the first that covers a call is carried out. Every rule counts all calls that match
        METHOD, but those of lists count only lists, those of writes only writes, and those that are not for REST no REST
        operations.

In place of the whole HTTP answer. Earlier calls of a batch have taken effect, later ones do not run.
`,before` (the call has no effect) is the default, `,after` lets it take effect first. What it changed may also show
late: `,after,late:MS[,gets][,rows]`, see below.
  status:CODE[,retry-after:SECONDS][,location:URL][,after]
                     answers with that HTTP status; 300 to 399 redirect, to /moved if no location is given;
                     400, 401, 403, 404, 413, 422 and 429 refuse the whole request, and no call of it runs
  cut[,after]        closes the connection without an answer
  garbage[,after]    answers 200 with a page of HTML
  truncate[,after]   closes the connection in the middle of the body
  bare-error[,after] answers with an error object by itself, even to a batch; not over REST

To one call; the others of its batch run.
  delay:MS[,after]   waits before the call, or after it
  error:CODE[,after] answers the call with that JSON-RPC error; over REST with that HTTP status from 400 to 599 and
                     the body of an error

To one call of a batch; not over REST.
  missing[,before]   leaves its answer out; it takes effect unless `,before`
  double             answers it twice
  wrong-id           answers it under an id that nobody asked for
  shuffled           answers the batch in reverse order

To a call that lists.
  short[:N]          leaves out the last N items (1), with the right total
  shifted            begins one item early, unless at the start: the last item of the page before shows again
  repeated           shows the first item of the page again in place of the last
  empty              shows nothing, and a total of 0
  deaf[:booleans]    does not listen to criteria.active, over REST to the parameter active, or only not to true and
                     false
  total:N            adds N, which may be negative, to the total

To a call that writes.
  late:MS[,gets][,rows]
                     the change shows in lists, or in lists and gets, only after MS milliseconds; with rows, the first
                     country of a multi-currency offer shows at once, over REST the offer without its localizations
  ignore:FIELD       the field stays as it was
  store:FIELD=VALUE  stores another value
  answer:NAME=VALUE  stores what was sent, and answers with another value

FIELD is a name of JSON-RPC (price, freeDays), or one that only REST has (imageUrl, priceRules); NAME is a member of
the answer. VALUE is JSON, or else a text.";

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
        parse(text).map_err(|reason| ParseFaultError {
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

fn parse(text: &str) -> Result<FaultRule, String> {
    let (calls, action) = text.split_once('=').ok_or("there is no `=`")?;
    let (method, nth) = match calls.split_once('#') {
        Some((method, nth)) => (method, Some(nth)),
        None => (calls, None),
    };
    let action = Action::parse(action)?;
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
        for nth in ["0", "", "x", "5-2", "-", "+", "1-"] {
            check_refused(
                &format!("*#{nth}=cut"),
                &format!("`#{nth}` is none of #3, #2-5 and #3+"),
            );
        }
    }

    #[test]
    fn every_action_of_the_help_text_is_read() {
        let actions = FAULT_GRAMMAR
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .filter(|line| !line.starts_with(' '));
        let mut count = 0;
        for line in actions {
            let action = line.split_whitespace().next().unwrap();
            let plain = action.replace(['[', ']'], "");
            let filled = plain
                .replace("CODE", "503")
                .replace("SECONDS", "3")
                .replace("URL", "/x")
                .replace("MS", "5")
                .replace(":N", ":2")
                .replace("FIELD", "price")
                .replace("NAME", "price")
                .replace("VALUE", "9.99");
            FaultRule::parse(&format!("*={filled}")).unwrap();
            count += 1;
        }
        assert_eq!(count, 21);
    }
}
