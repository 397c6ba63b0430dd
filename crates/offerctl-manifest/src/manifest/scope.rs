//! Whose entries are read: [`Scope`].

/// Whose entries are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of an offer.
    Offer,
    /// The `defaults` of a file.
    Defaults,
    /// What an offer says for one environment.
    Environment,
}
