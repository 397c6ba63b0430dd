//! What a plan cannot decide without a person: [`Conflict`].

use offerctl_manifest::span::Span;
use offerctl_model::codes;
use offerctl_model::name::{Name, OfferId};

codes! {
    /// The kind of a [`Conflict`]; stable, so that scripts can rely on it.
    pub enum ConflictCode {
        /// A bound offer is in no list of the account.
        BoundMissing = "bound-missing",
        /// A bound offer is listed by another type only.
        BoundOtherType = "bound-other-type",
        /// A bound offer was deactivated by hand, which JSON-RPC cannot undo.
        DeactivatedByHand = "deactivated-by-hand",
        /// `ids` names another offer than the binding.
        IdsContradictBinding = "ids-contradict-binding",
        /// `ids` names an offer that is not there, or not of the type.
        IdsMissing = "ids-missing",
        /// `ids` names an offer that another name has.
        IdsTaken = "ids-taken",
        /// `ids` names an offer that is not active.
        IdsInactive = "ids-inactive",
        /// Two live offers carry our marker for one name.
        MarkerTwice = "marker-twice",
        /// Several names and live offers could belong together.
        Ambiguous = "ambiguous-match",
        /// A live offer looks like the declared one, but is not equal.
        NearMatch = "near-match",
        /// A live offer is of the same type, title and url, and adopting it would change it.
        AdoptChanges = "adopt-changes",
        /// A live offer carries the marker of another project.
        OtherProject = "other-project",
        /// `distinctFrom` names the offer that the name has.
        DistinctFromOwn = "distinct-from-own",
        /// An offer like the declared one is there, but was deactivated.
        InactiveTwin = "inactive-twin",
        /// A bound offer is no longer declared, and a new one looks like it.
        Renamed = "renamed",
        /// `movedFrom` names an offer that is bound beside the new name.
        MovedTwice = "moved-twice",
        /// The offer is localized, and the manifest does not say its localizations.
        LocalizationsUndeclared = "localizations-undeclared",
        /// The offer is plain, and the manifest localizes it.
        LocalizePlain = "localize-plain",
        /// The manifest adds a country to a localized offer.
        CountryAdded = "country-added",
        /// The manifest takes a country from a localized offer.
        CountryRemoved = "country-removed",
        /// The manifest changes a currency.
        CurrencyChanged = "currency-changed",
        /// A localized offer is no longer declared, and cannot be deactivated.
        DeactivateLocalized = "deactivate-localized",
        /// An offer was made a second time, and now the first one shows up as well.
        MadeTwice = "made-twice",
        /// The offer is localized, and nobody knows which of its countries is that of the account.
        HomeUnknown = "home-unknown",
        /// A live offer that is to be adopted cannot be made what the manifest says.
        AdoptImmutable = "adopt-immutable",
        /// A price has more digits than the currency of the account.
        PriceDigits = "price-digits",
    }
}

/// Something that only a person can decide. A plan with one is never applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The name of the offer that it is about.
    pub name: Name,
    /// The kind.
    pub code: ConflictCode,
    /// What cannot be decided: a sentence without its period.
    pub message: String,
    /// The way out: what to type or to write.
    pub help: String,
    /// The live offers that it is about.
    pub ids: Vec<OfferId>,
    /// The place in the manifests, if the offer is declared.
    pub span: Option<Span>,
}
