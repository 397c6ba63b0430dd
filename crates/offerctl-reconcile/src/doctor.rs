//! Whether everything is there that an apply needs: [`Check`], and what can be told of what was read.

use offerctl_manifest::project::Environment;
use offerctl_model::offer_type::Api;
use offerctl_model::words::plural;
use serde::Serialize;

use crate::guard::account_mismatch;
use crate::live::Live;
use crate::state::State;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub subject: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub message: String,
    /// The next step, where one is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The command of the next step, where it is one: whole, so that it can be pasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// How something is that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It could not be looked at, because something before it failed.
    Skipped,
    /// It works, and somebody should look at it.
    Warning,
    /// An apply would fail, or should not be tried.
    Failed,
}

impl Verdict {
    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

impl Check {
    /// All is well.
    pub fn ok(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Ok, message)
    }

    /// Somebody should look at it.
    pub fn warning(
        subject: &'static str,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(subject, Verdict::Warning, message).with_next(next)
    }

    /// It has to be mended.
    pub fn failed(
        subject: &'static str,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(subject, Verdict::Failed, message).with_next(next)
    }

    /// It could not be looked at.
    pub fn skipped(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Skipped, message)
    }

    fn new(subject: &'static str, verdict: Verdict, message: impl Into<String>) -> Self {
        Self {
            subject,
            verdict,
            message: message.into(),
            next: None,
            command: None,
        }
    }

    fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Adds the command of the next step.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

/// The seconds by which clocks may differ before anybody should care: locks and last days go by them.
const CLOCK_SECONDS: i64 = 30;

/// Compares this machine's clock with the service's; both in unix seconds.
pub fn clock(here: i64, service: Option<i64>) -> Check {
    let Some(service) = service else {
        return Check::skipped("clock", "the service does not say what time it is");
    };
    let ahead = here - service;
    if ahead.abs() <= CLOCK_SECONDS {
        return Check::ok("clock", "it agrees with the service's");
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let message = format!(
        "it is {} {direction} the service's",
        plural(usize::try_from(ahead.abs()).unwrap_or(usize::MAX), "second")
    );
    let next = "set this machine's clock, best by NTP: last days of overrides, and when an apply looks for what it \
                just made, go by it";
    Check::warning("clock", message, next)
}

/// Whether the account is the environment's, by what its offers show.
pub fn account(live: &Live, state: &State, environment: &Environment) -> Check {
    if let Some(problem) = account_mismatch(live, state, &environment.account) {
        return Check::failed(
            "account",
            problem,
            "check that the token is that of this environment, and `account` in offerctl.yaml",
        );
    }
    let emails: Vec<String> = live
        .publisher_emails()
        .into_iter()
        .map(ToString::to_string)
        .collect();
    let currencies: Vec<String> = live
        .account_currencies()
        .iter()
        .map(ToString::to_string)
        .collect();
    let listed = plural(live.len(), "offer");
    if emails.is_empty() && environment.api == Api::Rest && !live.is_empty() {
        return account_over_rest(live, state, &listed);
    }
    if emails.is_empty() {
        let message = format!("{listed}; nothing in it shows whose it is");
        return Check::warning(
            "account",
            message,
            "say `account: {publisherEmail: …}` in offerctl.yaml, so that the first offer is checked",
        );
    }
    let mut message = format!("{}, {listed}", emails.join(", "));
    if !currencies.is_empty() {
        message = format!("{message}, prices in {}", currencies.join(", "));
    }
    if environment.account.publisher_email.is_none() && state.account.publisher_email.is_none() {
        let next = format!(
            "say `account: {{publisherEmail: {}}}` in offerctl.yaml, so that another account's token is refused",
            emails.join(", ")
        );
        return Check::warning("account", message, next);
    }
    Check::ok("account", message)
}

/// Offers do not say over REST whose they are: an account is known by what it has.
fn account_over_rest(live: &Live, state: &State, listed: &str) -> Check {
    let bound = state.bindings.values();
    let found = bound.filter(|binding| live.get(&binding.id).is_some());
    let found = found.count();
    let countries: Vec<String> = live
        .account_countries()
        .iter()
        .map(ToString::to_string)
        .collect();
    let message = format!("{listed} of {}", countries.join(", "));
    if found > 0 {
        return Check::ok("account", format!("{message}, {found} of them bound"));
    }
    let next = "say `account: {country: …}` in offerctl.yaml: over rest it is all that shows whose the account is before \
                something is bound";
    Check::warning(
        "account",
        format!("{message}; none is bound, and over rest nothing shows whose they are"),
        next,
    )
}

/// Whether what the state binds is still there, and whether anything is open.
pub fn bindings(live: Option<&Live>, state: &State) -> Check {
    let bound = state.bindings.len();
    if !state.intents.is_empty() {
        let message = format!(
            "{} of an earlier run whose outcome nobody knows",
            plural(state.intents.len(), "create")
        );
        return Check::warning(
            "bindings",
            message,
            "`offerctl state pending` shows them; the next `offerctl apply` settles them",
        );
    }
    if bound == 0 {
        return Check::ok("bindings", "none yet");
    }
    let Some(live) = live else {
        return Check::ok("bindings", format!("{} bound", plural(bound, "offer")));
    };
    let missing: Vec<&str> = state
        .bindings
        .iter()
        .filter(|(_, binding)| live.get(&binding.id).is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    if missing.is_empty() {
        return Check::ok(
            "bindings",
            format!("{} bound, all of them listed", plural(bound, "offer")),
        );
    }
    let shown: Vec<&str> = missing.iter().take(3).copied().collect();
    let message = format!(
        "{} of {} bound are not listed: {}{}",
        missing.len(),
        plural(bound, "offer"),
        shown.join(", "),
        if missing.len() > shown.len() {
            "…"
        } else {
            ""
        }
    );
    Check::failed(
        "bindings",
        message,
        "`offerctl plan` says what to do about each",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_a_little() {
        assert_eq!(clock(100, Some(130)).verdict, Verdict::Ok);
        assert_eq!(clock(130, Some(100)).verdict, Verdict::Ok);
        assert_eq!(clock(100, None).verdict, Verdict::Skipped);
        let behind = clock(100, Some(131));
        assert_eq!(behind.verdict, Verdict::Warning);
        assert_eq!(behind.message, "it is 31 seconds behind the service's");
        assert_eq!(
            clock(131, Some(100)).message,
            "it is 31 seconds ahead of the service's"
        );
    }
}
