//! What a guard finds in a plan: [`Finding`].

use offerctl_manifest::span::Span;
use offerctl_model::codes;
use offerctl_model::name::Name;

use super::granted::Granted;
use super::wanted::Wanted;

codes! {
    /// The kind of a [`Finding`]; stable, so that scripts can rely on it.
    pub enum GuardCode {
        /// No file with manifests was found.
        NoManifests = "no-manifests",
        /// The manifests declare no offer for the environment.
        NoOffers = "no-offers",
        /// The account has no offer at all, but the state binds some.
        AccountEmpty = "account-empty",
        /// The account lists none of the bound offers.
        AccountUnfamiliar = "account-unfamiliar",
        /// The offers are published by another account than the environment's, or than at the first apply.
        AccountMismatch = "account-mismatch",
        /// The account is that of another environment of the project.
        AccountOfAnotherEnvironment = "account-of-another-environment",
        /// More offers would go than the environment allows.
        Deactivations = "deactivations",
        /// `--allow-deactivations` says another number than the plan.
        DeactivationsCount = "deactivations-count",
        /// A protected offer would be deactivated or replaced.
        Protected = "protected",
        /// An offer would be replaced without `onImmutableChange: replace`.
        Replacement = "replacement",
        /// A price moves further than the environment allows.
        PriceChange = "price-change",
        /// A price is out of the range of the environment.
        PriceRange = "price-range",
        /// An override was meant for this change, but its last day has passed.
        OverrideExpired = "override-expired",
        /// A country, or a localized price, goes.
        CountryLost = "country-lost",
        /// A field is no longer declared whose empty value sells more, or to nobody.
        FieldRemoved = "field-removed",
        /// A field is no longer declared on many offers, and would be cleared on all of them.
        Clears = "clears",
        /// The price of a country is some power of ten away from those of the other countries.
        DecimalPoint = "decimal-point",
        /// An offer would be made that customers cannot tell from another one.
        Copy = "copy",
    }
}

/// What the guards found in a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Why it must not be applied.
    pub refusals: Vec<Finding>,
    /// What a person should look at; nothing is refused for it.
    pub warnings: Vec<Finding>,
    /// What would be refused if it were not approved in git.
    pub approved: Vec<Granted>,
    /// The places, in [`Plan::approvals`](crate::plan::Plan::approvals), of approvals that are valid and approve nothing here.
    pub unused: Vec<usize>,
}

/// Something that a guard found: the reason of a refusal or of a warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The offer that it is about; `None` if it is about the whole plan.
    pub name: Option<Name>,
    /// The kind.
    pub code: GuardCode,
    /// What was found, and why it matters: a sentence without its period.
    pub message: String,
    /// The exact next step.
    pub help: String,
    /// The place in the manifests, if there is one.
    pub span: Option<Span>,
    /// What an entry of `allow` would have to approve, if one could.
    pub wanted: Option<Wanted>,
}
