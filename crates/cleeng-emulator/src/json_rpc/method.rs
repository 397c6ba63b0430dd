//! The 39 methods on offers: [`Method`], and [`OFFER_IDS_BY_VIDEO`], which is about no type.

use std::fmt;

use crate::kind::Kind;

/// One JSON-RPC method: what it does with which type of offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) operation: Operation,
    pub(crate) kind: Kind,
}

/// What a method does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    List,
    Create,
    Update,
    /// `deactivate…`; for events `cancelEventOffer` (docs/cleeng-api.md §2.5).
    Deactivate,
    CreateMultiCurrency,
    UpdateMultiCurrency,
}

/// The one method that is about no type of offer: it lists the ids of the offers for a video (docs/cleeng-api.md §3).
pub(crate) const OFFER_IDS_BY_VIDEO: &str = "listOfferIdsByVideoId";

/// Every method that is about a type, by name (docs/cleeng-api.md §2.1 to §2.6). Multi-currency ones exist for four types only
/// (docs/cleeng-api.md §4).
const METHODS: [(&str, Operation, Kind); 38] = {
    use Kind::{Event, Pass, Rental, Single, Subscription, Vod};
    use Operation::{
        Create, CreateMultiCurrency, Deactivate, Get, List, Update, UpdateMultiCurrency,
    };
    [
        ("getSingleOffer", Get, Single),
        ("listSingleOffers", List, Single),
        ("createSingleOffer", Create, Single),
        ("updateSingleOffer", Update, Single),
        ("deactivateSingleOffer", Deactivate, Single),
        (
            "createMultiCurrencySingleOffer",
            CreateMultiCurrency,
            Single,
        ),
        (
            "updateMultiCurrencySingleOffer",
            UpdateMultiCurrency,
            Single,
        ),
        ("getRentalOffer", Get, Rental),
        ("listRentalOffers", List, Rental),
        ("createRentalOffer", Create, Rental),
        ("updateRentalOffer", Update, Rental),
        ("deactivateRentalOffer", Deactivate, Rental),
        (
            "createMultiCurrencyRentalOffer",
            CreateMultiCurrency,
            Rental,
        ),
        (
            "updateMultiCurrencyRentalOffer",
            UpdateMultiCurrency,
            Rental,
        ),
        ("getSubscriptionOffer", Get, Subscription),
        ("listSubscriptionOffers", List, Subscription),
        ("createSubscriptionOffer", Create, Subscription),
        ("updateSubscriptionOffer", Update, Subscription),
        ("deactivateSubscriptionOffer", Deactivate, Subscription),
        (
            "createMultiCurrencySubscriptionOffer",
            CreateMultiCurrency,
            Subscription,
        ),
        (
            "updateMultiCurrencySubscriptionOffer",
            UpdateMultiCurrency,
            Subscription,
        ),
        ("getPassOffer", Get, Pass),
        ("listPassOffers", List, Pass),
        ("createPassOffer", Create, Pass),
        ("updatePassOffer", Update, Pass),
        ("deactivatePassOffer", Deactivate, Pass),
        ("createMultiCurrencyPassOffer", CreateMultiCurrency, Pass),
        ("updateMultiCurrencyPassOffer", UpdateMultiCurrency, Pass),
        ("getEventOffer", Get, Event),
        ("listEventOffers", List, Event),
        ("createEventOffer", Create, Event),
        ("updateEventOffer", Update, Event),
        ("cancelEventOffer", Deactivate, Event),
        ("getVodOffer", Get, Vod),
        ("listVodOffers", List, Vod),
        ("createVodOffer", Create, Vod),
        ("updateVodOffer", Update, Vod),
        ("deactivateVodOffer", Deactivate, Vod),
    ]
};

/// The methods whose current page says "deprecated and no longer available" (docs/cleeng-api.md §0).
const NO_LONGER_AVAILABLE: [&str; 6] = [
    "updatePassOffer",
    "updateEventOffer",
    "deactivateSubscriptionOffer",
    "deactivateRentalOffer",
    "updateVodOffer",
    "deactivateVodOffer",
];

impl Method {
    /// Returns the method of that name, if there is one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        METHODS
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, operation, kind)| Self {
                operation: *operation,
                kind: *kind,
            })
    }

    /// Returns the names of all methods, also of the one that is about no type.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        METHODS
            .iter()
            .map(|(name, ..)| *name)
            .chain([OFFER_IDS_BY_VIDEO])
    }

    /// Returns the method's name.
    pub(crate) fn name(self) -> &'static str {
        METHODS
            .iter()
            .find(|(_, operation, kind)| *operation == self.operation && *kind == self.kind)
            .map_or("", |(name, ..)| *name)
    }

    /// Whether the current documentation says that the method is gone.
    pub(crate) fn is_no_longer_available(self) -> bool {
        NO_LONGER_AVAILABLE.contains(&self.name())
    }

    /// Whether the method needs a publisher token.
    ///
    /// Reads of one offer are public, but for VOD, whose page lists a token (docs/cleeng-api.md §1.1).
    pub(crate) fn needs_token(self) -> bool {
        self.operation != Operation::Get || self.kind == Kind::Vod
    }

    /// Returns the names of the parameter that holds an offer's id, the documented one first. VOD methods have their own, and
    /// one client library sends them the usual one (docs/cleeng-api.md §1.1).
    pub(crate) fn id_parameters(self) -> &'static [&'static str] {
        if self.kind == Kind::Vod {
            &["offerIdString", "offerId"]
        } else {
            &["offerId"]
        }
    }

    /// Whether the method also finds an offer by `videoId`: reads of singles and rentals, and the deactivations of
    /// singles, rentals and events (docs/cleeng-api.md §2.0).
    pub(crate) fn finds_by_video(self) -> bool {
        match self.operation {
            Operation::Get => matches!(self.kind, Kind::Single | Kind::Rental),
            Operation::Deactivate => {
                matches!(self.kind, Kind::Single | Kind::Rental | Kind::Event)
            }
            Operation::List
            | Operation::Create
            | Operation::Update
            | Operation::CreateMultiCurrency
            | Operation::UpdateMultiCurrency => false,
        }
    }
}

impl Operation {
    /// Whether the operation changes something.
    pub(crate) fn is_write(self) -> bool {
        match self {
            Self::Get | Self::List => false,
            Self::Create
            | Self::Update
            | Self::Deactivate
            | Self::CreateMultiCurrency
            | Self::UpdateMultiCurrency => true,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns every method that is about a type, with its name.
    fn methods() -> impl Iterator<Item = (&'static str, Method)> {
        Method::names().filter_map(|name| Method::from_name(name).map(|method| (name, method)))
    }

    #[test]
    fn names_lead_back_to_their_method() {
        for (name, method) in methods() {
            assert_eq!(method.name(), name);
        }
        let others: Vec<_> = Method::names()
            .filter(|name| Method::from_name(name).is_none())
            .collect();
        assert_eq!(others, [OFFER_IDS_BY_VIDEO]);
        assert_eq!(Method::names().count(), 39);
        assert_eq!(Method::from_name("deactivateEventOffer"), None);
        assert_eq!(Method::from_name("createMultiCurrencyVodOffer"), None);
    }

    #[test]
    fn every_method_that_is_gone_is_a_method() {
        let gone = methods().filter(|(_, method)| method.is_no_longer_available());
        assert_eq!(gone.count(), NO_LONGER_AVAILABLE.len());
    }

    #[test]
    fn only_public_reads_go_without_a_token() {
        let public: Vec<_> = methods()
            .filter(|(_, method)| !method.needs_token())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            public,
            [
                "getSingleOffer",
                "getRentalOffer",
                "getSubscriptionOffer",
                "getPassOffer",
                "getEventOffer"
            ]
        );
    }
}
