//! Exit codes: [`Exit`], one meaning each.

use std::process::ExitCode;

/// How a command ends. Six goes before five, five before the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; nothing to do, or done as asked.
    Success,
    /// An error (network, credentials, API, broken state file); no step succeeded, nothing is left unknown.
    Error,
    /// Changes (`plan --detailed-exitcode`) or drift (`drift`), and nothing else ever.
    Changes,
    /// Refused by a guard or a conflict; nothing was written.
    Refused,
    /// The saved plan no longer fits what is live, was applied already, or cannot be verified or read.
    Stale,
    /// Applied in part (a step failed, or it was interrupted); the report says what.
    Partial,
    /// An outcome is unknown and could not be settled; no create of that type was sent after it.
    Unknown,
    /// Wrong usage.
    Usage,
    /// Invalid manifests or configuration.
    Invalid,
    /// The lock is held.
    Locked,
}

impl Exit {
    /// Every code, for the table in the README.
    pub(crate) const ALL: [Self; 10] = [
        Self::Success,
        Self::Error,
        Self::Changes,
        Self::Refused,
        Self::Stale,
        Self::Partial,
        Self::Unknown,
        Self::Usage,
        Self::Invalid,
        Self::Locked,
    ];

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Refused => 3,
            Self::Stale => 4,
            Self::Partial => 5,
            Self::Unknown => 6,
            Self::Usage => 64,
            Self::Invalid => 65,
            Self::Locked => 75,
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done; nothing to do, or done as asked",
            Self::Error => {
                "error (network, credentials, API, broken state file); no step succeeded, nothing is left unknown"
            }
            Self::Changes => {
                "changes (`plan --detailed-exitcode`) or drift (`drift`), and nothing else ever"
            }
            Self::Refused => "refused by a guard or a conflict; nothing was written",
            Self::Stale => {
                "the saved plan no longer fits what is live, was applied already, or cannot be verified or read"
            }
            Self::Partial => {
                "applied in part (a step failed, or it was interrupted); the report says what"
            }
            Self::Unknown => {
                "an outcome is unknown and could not be settled; no create of that type was sent after it"
            }
            Self::Usage => "wrong usage",
            Self::Invalid => "invalid manifests or configuration",
            Self::Locked => "the lock is held",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
