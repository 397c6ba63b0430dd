//! Why the catalogue could not be read whole: [`FetchError`].

use std::time::Duration;

use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;

use crate::answer::RemoteError;
use crate::budget::in_seconds;
use crate::obstacle::Obstacle;

/// How often lists that do not add up are read before they count as unreadable.
pub(crate) const READS: usize = 3;

/// Why the catalogue could not be read whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The service refused a list, or could not be reached.
    #[error("failed to list the {offer_type} offers: {source}")]
    Refused {
        /// The type.
        offer_type: OfferType,
        /// Why.
        #[source]
        source: RemoteError,
    },
    /// A list never added up.
    #[error("the list of {offer_type} offers is incomplete after {READS} readings: {reason}")]
    Incomplete {
        /// The type.
        offer_type: OfferType,
        /// What did not add up at the last reading.
        reason: String,
    },
    /// The list of all offers was refused, or could not be reached.
    #[error("failed to list the offers: {0}")]
    Unlisted(#[source] RemoteError),
    /// The list of all offers never added up.
    #[error("failed to list the offers: {0}")]
    Catalogue(String),
    /// There are more offers than are read.
    #[error(
        "the account has more than {most} offers (`limits.maxOffers`); raise that limit if the account is really so large"
    )]
    TooMany {
        /// The most offers.
        most: usize,
    },
    /// The answers are longer than is read.
    #[error(
        "the lists are longer than {mebibytes} MiB, which is what `limits.maxOffers: {most}` allows; raise that limit if the \
         account is really so large"
    )]
    TooLong {
        /// The most, in units of 1,048,576 bytes.
        mebibytes: u64,
        /// The most offers.
        most: usize,
    },
    /// Reading took longer than it may.
    #[error("reading the lists took longer than {} (`limits.patienceSeconds`): {trouble}", in_seconds(*.patience))]
    OutOfPatience {
        /// How long it may take.
        patience: Duration,
        /// What a request last failed with.
        trouble: String,
        /// What a person should look at.
        obstacle: Obstacle,
    },
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// An offer could not be read by itself.
    #[error("failed to read {id}: {source}")]
    Detail {
        /// The offer.
        id: OfferId,
        /// Why.
        #[source]
        source: RemoteError,
    },
}

impl FetchError {
    /// Returns what kept the catalogue from being read.
    pub fn obstacle(&self) -> Obstacle {
        match self {
            // That one offer is not found says nothing about the address.
            Self::Detail { source, .. } if source.obstacle == Obstacle::NotTheApi => {
                Obstacle::Other
            }
            Self::Refused { source, .. } | Self::Detail { source, .. } | Self::Unlisted(source) => {
                source.obstacle
            }
            Self::Incomplete { .. } | Self::Catalogue(_) => Obstacle::Incomplete,
            Self::OutOfPatience { obstacle, .. } => *obstacle,
            Self::TooMany { .. } | Self::TooLong { .. } | Self::Interrupted => Obstacle::Other,
        }
    }
}
