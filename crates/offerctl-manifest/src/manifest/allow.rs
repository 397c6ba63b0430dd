//! What is approved in git, for many offers at once: [`Approval`], an entry of `allow:`.

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::Name;
use serde::{Deserialize, Serialize};

use super::lifecycle::Date;
use super::pattern::Pattern;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::span::{FileId, Span};

/// An entry of `allow:`: what may happen to some offers though a guard would refuse it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// What may happen.
    pub what: Approved,
    /// The offers that it is about.
    pub offers: Vec<Pattern>,
    /// The environments that it holds in; all, if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<BTreeSet<String>>,
    /// Why.
    pub reason: Foreign,
    /// The last day (in UTC) on which it may be applied.
    pub until: Date,
    /// The file that it stands in, relative to the project's folder.
    pub file: Arc<Foreign>,
    /// The line in that file, from 1.
    pub line: usize,
    /// Whether it acts on the offers of all files, because it stands in offerctl.yaml.
    pub everywhere: bool,
    /// Where it stands, as long as the file is there.
    #[serde(skip, default = "nowhere")]
    pub place: Span,
}

/// A place in no file.
fn nowhere() -> Span {
    Span {
        file: FileId(u32::MAX),
        start: 0,
        length: 0,
    }
}

/// What may happen to some offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Approved {
    /// Prices move further than `maxPriceChange`.
    PriceChange {
        /// How far, in percent of the price before.
        max: Amount,
        /// Where to; both ways, if `None`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direction: Option<Direction>,
        /// The localizations whose prices move; all prices, if `None`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        countries: Option<BTreeSet<Country>>,
    },
    /// Prices are out of the range of the environment.
    PriceRange {
        /// The localizations whose prices they are; all prices, if `None`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        countries: Option<BTreeSet<Country>>,
        /// The currency of the prices.
        currency: Currency,
        /// The lowest price, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<Amount>,
        /// The highest price, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Amount>,
    },
    /// Offers are deactivated.
    Deactivations,
    /// Offers are no longer sold in some countries.
    RemoveCountries {
        /// The countries.
        countries: BTreeSet<Country>,
        /// Whether countries that nobody names may go as well, as when a whitelist is set for the first time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        every_other: bool,
    },
    /// Offers are replaced by new ones.
    Replacements,
    /// Live offers with the same title and url are adopted.
    Adopt,
    /// A field that is no longer declared is cleared.
    Clears {
        /// The field.
        field: Field,
    },
}

/// Where a price moves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It rises.
    Up,
    /// It falls.
    Down,
}

impl Direction {
    /// Returns the word that stands in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Approved {
    /// The keys that tell the kinds, in the order in which messages name them.
    pub const KINDS: [&'static str; 7] = [
        "priceChange",
        "priceRange",
        "deactivations",
        "removeCountries",
        "replacements",
        "adopt",
        "clears",
    ];

    /// Returns the key that tells the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PriceChange { .. } => "priceChange",
            Self::PriceRange { .. } => "priceRange",
            Self::Deactivations => "deactivations",
            Self::RemoveCountries { .. } => "removeCountries",
            Self::Replacements => "replacements",
            Self::Adopt => "adopt",
            Self::Clears { .. } => "clears",
        }
    }
}

impl Approval {
    /// Returns whether the offers that it names have this one among them, whatever file declares it.
    pub fn names(&self, name: &Name) -> bool {
        self.offers.iter().any(|pattern| pattern.matches(name))
    }

    /// Returns whether it acts on offers of a file: on all if it stands in offerctl.yaml, else on those of its own.
    ///
    /// Which file declared an offer that is no longer declared may be unknown.
    pub fn acts_in(&self, file: Option<&Foreign>) -> bool {
        self.everywhere || file == Some(&*self.file)
    }

    /// Returns whether its last day has passed.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until < today
    }

    /// Returns whether it holds in an environment.
    pub fn holds_in(&self, environment: &str) -> bool {
        let all = self.environments.as_ref();
        all.is_none_or(|all| all.contains(environment))
    }

    /// Returns where it stands: `offers/films.yaml:3`.
    pub fn at(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Returns whether two entries say the same, wherever they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.what == other.what
            && self.offers == other.offers
            && self.environments == other.environments
            && self.reason == other.reason
            && self.until == other.until
    }
}

/// Warns of entries whose last day has passed.
pub fn expired<'a>(approvals: impl IntoIterator<Item = &'a Approval>, today: Date) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for approval in approvals {
        if approval.is_expired(today) {
            let message = format!(
                "this `{}` approval ended on {} and approves nothing any more",
                approval.what.kind(),
                approval.until
            );
            let warning = Diagnostic::warning(Code::ApprovalExpired, message).at(approval.place);
            diagnostics.push(warning.help("remove it with `offerctl fmt --prune`"));
        }
    }
    diagnostics
}
