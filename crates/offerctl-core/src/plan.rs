//! What an apply would do: [`Plan`], made by the pure and total function [`plan`].

mod change;
mod copies;
mod form;
mod immutable;
mod order;
mod prices;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::change::plan;
pub use self::prices::{PriceMove, PriceMoves};
use crate::conflict::Conflict;
use crate::content::{Content, FieldPath, Fields, Localization};
use crate::country::Country;
use crate::diff::FieldChange;
use crate::lookalike::Lookalikes;
use crate::manifest::Lifecycle;
use crate::matching::Rule;
use crate::name::{Name, OfferId};
use crate::offer_type::{Api, OfferType};
use crate::source::Span;
use crate::state::{Binding, Record};

/// What an apply would do, and what keeps it from doing so.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The generation of the API.
    pub api: Api,
    /// Per offer, for people: what changes. Sorted by name.
    pub changes: Vec<Change>,
    /// The operations in an order in which they can be done one after another.
    pub steps: Vec<Step>,
    /// Sets of steps that others wait for without depending on them.
    pub groups: Vec<Group>,
    /// What a person has to decide; a plan with conflicts is never applied.
    pub conflicts: Vec<Conflict>,
    /// Declared names whose create was sent, and nobody knows yet whether it was made.
    pub pending: BTreeMap<Name, OfferType>,
    /// Active live offers that belong to no name, with their types and titles.
    pub unmanaged: Vec<Unmanaged>,
    /// What is worth a word without being a change.
    pub notes: Vec<Note>,
    /// Bindings that go on under another name: old to new. The state learns them before anything else.
    pub moves: BTreeMap<Name, Name>,
    /// Bindings that the state has to learn though nothing is sent: values that were found equal, protection.
    pub refresh: BTreeMap<Name, Binding>,
    /// Facts that guards go by.
    pub facts: Facts,
}

/// What happens to one offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name.
    pub name: Name,
    /// Its type; for a replacement, the new one.
    pub offer_type: OfferType,
    /// What happens.
    pub action: Action,
    /// The rule that found the live offer, if it was not ours before.
    pub adopted: Option<Rule>,
    /// The live offer; `None` for a create.
    pub id: Option<OfferId>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// Why a replacement is one.
    pub reason: Option<String>,
    /// What may happen to it, as the manifest says, or as it was last applied if it is no longer declared.
    pub lifecycle: Lifecycle,
    /// What was last applied, which a price may always go back to.
    pub applied: Option<Arc<Content>>,
    /// The countries that are no longer sold to.
    pub lost: Vec<LostCountries>,
    /// The place in the manifests, if the offer is declared.
    pub span: Option<Span>,
}

/// What happens to an offer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// Some of its fields are changed.
    Update,
    /// A new one is made, and then the old one deactivated.
    Replace,
    /// It can no longer be bought.
    Deactivate,
    /// It can be bought again.
    Activate,
    /// It is bound to its name, and nothing is sent.
    Adopt,
    /// Its binding is dropped, and nothing is sent.
    Forget,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Update,
        Self::Replace,
        Self::Deactivate,
        Self::Activate,
        Self::Adopt,
        Self::Forget,
    ];

    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }

    /// The symbol that stands before the word.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Create | Self::Activate => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::Deactivate | Self::Forget => "-",
            Self::Adopt => "→",
        }
    }
}

/// Countries that an offer is no longer sold to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LostCountries {
    /// The localization whose geo restriction it is; `None` at the top of the offer, or if localizations go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Country>,
    /// The countries that were named.
    pub countries: BTreeSet<Country>,
    /// Whether all countries go that nobody names, as when a whitelist is set for the first time.
    #[serde(default)]
    pub every_other: bool,
}

/// A live offer that belongs to no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmanaged {
    /// Its id.
    #[schemars(with = "String")]
    pub id: OfferId,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Its title.
    pub title: String,
}

/// Something worth a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// A field that was applied once is no longer declared: it keeps its value.
    Released {
        /// The offer.
        name: Name,
        /// The field.
        path: FieldPath,
    },
    /// The offer has a new name.
    Moved {
        /// The name before.
        from: Name,
        /// The name now.
        to: Name,
    },
    /// Offers on sale that customers cannot tell from one another.
    Lookalikes(Lookalikes),
}

/// The place of a step in [`Plan::steps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// The place of a group in [`Plan::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u32);

/// Steps that others wait for, whether or not they succeed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What they have in common: a tag, or `(all)`.
    pub tag: Box<str>,
    /// The steps.
    pub members: Vec<StepId>,
}

/// One operation on one offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The name of the offer.
    pub name: Name,
    /// The type of the live offer that it works on.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What is done.
    pub operation: Operation,
    /// The steps that must have succeeded: without them, this one is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<StepId>,
    /// The groups that must be through, whatever became of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<GroupId>,
    /// What the state says of the offer once the step has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
}

/// What is done to an offer. Nothing is left to decide but the ids of offers that earlier steps make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "operation",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Operation {
    /// Binds a live offer to the name; nothing is sent.
    Bind {
        /// The live offer.
        id: OfferId,
    },
    /// Makes an offer.
    Create {
        /// What it says.
        content: Arc<Content>,
        /// The country in which the offer itself is sold, if it is localized over REST.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home: Option<Country>,
    },
    /// Changes fields of an offer.
    Update {
        /// The live offer.
        id: OfferId,
        /// Whether it is localized, which has a method of its own.
        localized: bool,
        /// The values to send once.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        base: Fields,
        /// The values to send per country.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        rows: BTreeMap<Country, Fields>,
    },
    /// Changes fields of an offer in one country.
    UpdateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
        /// The values to send.
        fields: Fields,
    },
    /// Sells an offer in one more country.
    AddCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
        /// All that it says there.
        localization: Localization,
    },
    /// Lets an offer be bought again in one country.
    ActivateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
    },
    /// Takes an offer out of the shop of one country.
    DeactivateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
    },
    /// Lets an offer be bought again.
    Activate {
        /// The live offer.
        id: OfferId,
    },
    /// Takes an offer out of the shop.
    Deactivate {
        /// The live offer.
        id: OfferId,
        /// Whether it goes because another has taken its place.
        replaced: bool,
    },
    /// Drops the binding; nothing is sent.
    Forget {
        /// The live offer.
        id: OfferId,
    },
}

impl Operation {
    /// Whether carrying it out makes a new offer.
    pub fn is_create(&self) -> bool {
        matches!(self, Self::Create { .. })
    }

    /// Whether carrying it out sends a write to the service.
    pub fn is_sent(&self) -> bool {
        match self {
            Self::Bind { .. } | Self::Forget { .. } => false,
            Self::Create { .. }
            | Self::Update { .. }
            | Self::UpdateCountry { .. }
            | Self::AddCountry { .. }
            | Self::ActivateCountry { .. }
            | Self::DeactivateCountry { .. }
            | Self::Activate { .. }
            | Self::Deactivate { .. } => true,
        }
    }

    /// The live offer that it touches.
    pub fn id(&self) -> Option<&OfferId> {
        match self {
            Self::Create { .. } => None,
            Self::Bind { id }
            | Self::Update { id, .. }
            | Self::UpdateCountry { id, .. }
            | Self::AddCountry { id, .. }
            | Self::ActivateCountry { id, .. }
            | Self::DeactivateCountry { id, .. }
            | Self::Activate { id }
            | Self::Deactivate { id, .. }
            | Self::Forget { id } => Some(id),
        }
    }

    /// The word for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Bind { .. } => "bind",
            Self::Create { .. } => "create",
            Self::Update { .. } | Self::UpdateCountry { .. } => "update",
            Self::AddCountry { .. } => "localize",
            Self::Activate { .. } | Self::ActivateCountry { .. } => "activate",
            Self::Deactivate { .. } | Self::DeactivateCountry { .. } => "deactivate",
            Self::Forget { .. } => "forget",
        }
    }

    /// The country that it is about, if it is about one alone.
    pub fn country(&self) -> Option<Country> {
        match self {
            Self::UpdateCountry { country, .. }
            | Self::AddCountry { country, .. }
            | Self::ActivateCountry { country, .. }
            | Self::DeactivateCountry { country, .. } => Some(*country),
            Self::Bind { .. }
            | Self::Create { .. }
            | Self::Update { .. }
            | Self::Activate { .. }
            | Self::Deactivate { .. }
            | Self::Forget { .. } => None,
        }
    }
}

/// Facts about the environment that guards go by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// How many offers are declared for the environment.
    pub declared: usize,
    /// How many offers the state binds.
    pub managed: usize,
    /// How many of those the account lists.
    pub found: usize,
    /// How many offers the account has.
    pub live: usize,
    /// How many offers stay as they are.
    pub unchanged: usize,
    /// The account as it shows itself.
    pub publisher_emails: BTreeSet<String>,
    /// The account that the state remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_email: Option<String>,
    /// The currencies of plain offers.
    pub currencies: BTreeSet<crate::money::Currency>,
    /// The countries of plain offers.
    pub countries: BTreeSet<Country>,
    /// New offers that customers could not tell from another declared one, with that one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<Name, Name>,
}

impl Plan {
    /// Whether there is nothing to do at all, but perhaps something for the state to learn.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The step with this id.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// All steps with their ids.
    pub fn numbered_steps(&self) -> impl Iterator<Item = (StepId, &Step)> {
        (0..).map(StepId).zip(&self.steps)
    }

    /// Offers on sale that customers cannot tell from one another.
    pub fn lookalikes(&self) -> impl Iterator<Item = &Lookalikes> {
        self.notes.iter().filter_map(|note| match note {
            Note::Lookalikes(found) => Some(found),
            Note::Released { .. } | Note::Moved { .. } => None,
        })
    }

    /// How many offers an action happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes
            .iter()
            .filter(|change| change.action == action)
            .count()
    }
}
