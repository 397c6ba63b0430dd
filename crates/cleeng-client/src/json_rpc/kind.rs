//! The six types of offers as types: [`OfferKind`].
//!
//! What the methods have in common is written once, over a kind; what differs between the kinds
//! (names, data, quirks) is a table at the end of this file.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::data::{
    EventOfferData, PassOfferData, RentalOfferData, SingleOfferData, SubscriptionOfferData,
    VodOfferData,
};
use super::localized::{
    LocalizedPassData, LocalizedRentalData, LocalizedSingleData, LocalizedSubscriptionData,
};
use super::offer::{EventOffer, PassOffer, RentalOffer, SingleOffer, SubscriptionOffer, VodOffer};

/// A type of offer. [`Pass`] and its five siblings are all there are.
pub trait OfferKind: sealed::Sealed + Clone + fmt::Debug + Send + Sync + 'static {
    /// The method that reads one offer.
    const GET: &'static str;
    /// The method that lists offers.
    const LIST: &'static str;
    /// The method that creates an offer.
    const CREATE: &'static str;
    /// The method that changes an offer.
    const UPDATE: &'static str;
    /// The method that takes an offer off sale: `deactivate…`, for events `cancelEventOffer`.
    const DEACTIVATE: &'static str;
    /// The parameter that names an offer: `offerId`, for VOD `offerIdString` (docs/cleeng-api.md §1.1).
    const ID_PARAMETER: &'static str;
    /// Whether [`OfferKind::GET`] takes the publisher token. Only VOD's does; the others are
    /// public (docs/cleeng-api.md §1.1).
    const GET_TAKES_TOKEN: bool;
    /// What a create or an update sends.
    type Data: Serialize + Clone + fmt::Debug + Default + PartialEq + Send + Sync + 'static;
    /// What the service answers.
    type Offer: DeserializeOwned + Clone + fmt::Debug + PartialEq + Send + Sync + 'static;
}

/// A type whose offers can have versions for countries (docs/cleeng-api.md §4).
pub trait Localizable: OfferKind {
    /// The method that creates a multi-currency offer.
    const CREATE_MULTI_CURRENCY: &'static str;
    /// The method that changes a multi-currency offer.
    const UPDATE_MULTI_CURRENCY: &'static str;
    /// What differs in one country.
    type LocalizedData: Serialize + Clone + fmt::Debug + PartialEq + Send + Sync + 'static;
}

/// A type whose offers can be found by the publisher's own id of the video (docs/cleeng-api.md §2.0).
pub trait FoundByVideo: OfferKind {}

/// A type whose offers can be taken off sale by the publisher's own id of the video as well
/// (docs/cleeng-api.md §2.0).
pub trait DeactivatedByVideo: OfferKind {}

mod sealed {
    /// Keeps the kinds to the six that exist.
    pub trait Sealed {}
}

macro_rules! kinds {
    ($(
        $(#[$about:meta])*
        $kind:ident {
            methods: $get:literal $list:literal $create:literal $update:literal $deactivate:literal,
            id: $id:literal, get_takes_token: $token:literal,
            data: $data:ty, offer: $offer:ty,
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {}

        impl sealed::Sealed for $kind {}

        impl OfferKind for $kind {
            const GET: &'static str = $get;
            const LIST: &'static str = $list;
            const CREATE: &'static str = $create;
            const UPDATE: &'static str = $update;
            const DEACTIVATE: &'static str = $deactivate;
            const ID_PARAMETER: &'static str = $id;
            const GET_TAKES_TOKEN: bool = $token;
            type Data = $data;
            type Offer = $offer;
        }
    )*};
}

macro_rules! localizable {
    ($($kind:ident { methods: $create:literal $update:literal, data: $data:ty })*) => {$(
        impl Localizable for $kind {
            const CREATE_MULTI_CURRENCY: &'static str = $create;
            const UPDATE_MULTI_CURRENCY: &'static str = $update;
            type LocalizedData = $data;
        }
    )*};
}

kinds! {
    /// Access to one piece of content, for good: `A…` (docs/cleeng-api.md §2.1).
    Single {
        methods: "getSingleOffer" "listSingleOffers" "createSingleOffer" "updateSingleOffer"
            "deactivateSingleOffer",
        id: "offerId", get_takes_token: false,
        data: SingleOfferData, offer: SingleOffer,
    }
    /// Access to one piece of content for some hours: `R…` (docs/cleeng-api.md §2.2).
    Rental {
        methods: "getRentalOffer" "listRentalOffers" "createRentalOffer" "updateRentalOffer"
            "deactivateRentalOffer",
        id: "offerId", get_takes_token: false,
        data: RentalOfferData, offer: RentalOffer,
    }
    /// Access to tagged content, paid again every period: `S…` (docs/cleeng-api.md §2.3).
    Subscription {
        methods: "getSubscriptionOffer" "listSubscriptionOffers" "createSubscriptionOffer"
            "updateSubscriptionOffer" "deactivateSubscriptionOffer",
        id: "offerId", get_takes_token: false,
        data: SubscriptionOfferData, offer: SubscriptionOffer,
    }
    /// Access to tagged content for a period or until a date, paid once: `P…` (docs/cleeng-api.md §2.4).
    Pass {
        methods: "getPassOffer" "listPassOffers" "createPassOffer" "updatePassOffer"
            "deactivatePassOffer",
        id: "offerId", get_takes_token: false,
        data: PassOfferData, offer: PassOffer,
    }
    /// Access to a live event: `E…` (docs/cleeng-api.md §2.5).
    Event {
        methods: "getEventOffer" "listEventOffers" "createEventOffer" "updateEventOffer"
            "cancelEventOffer",
        id: "offerId", get_takes_token: false,
        data: EventOfferData, offer: EventOffer,
    }
    /// Access to a video: `A…`, with a rental period `R…` (docs/cleeng-api.md §2.6).
    Vod {
        methods: "getVodOffer" "listVodOffers" "createVodOffer" "updateVodOffer"
            "deactivateVodOffer",
        id: "offerIdString", get_takes_token: true,
        data: VodOfferData, offer: VodOffer,
    }
}

localizable! {
    Single {
        methods: "createMultiCurrencySingleOffer" "updateMultiCurrencySingleOffer",
        data: LocalizedSingleData
    }
    Rental {
        methods: "createMultiCurrencyRentalOffer" "updateMultiCurrencyRentalOffer",
        data: LocalizedRentalData
    }
    Subscription {
        methods: "createMultiCurrencySubscriptionOffer" "updateMultiCurrencySubscriptionOffer",
        data: LocalizedSubscriptionData
    }
    Pass {
        methods: "createMultiCurrencyPassOffer" "updateMultiCurrencyPassOffer",
        data: LocalizedPassData
    }
}

impl FoundByVideo for Single {}
impl FoundByVideo for Rental {}

impl DeactivatedByVideo for Single {}
impl DeactivatedByVideo for Rental {}
impl DeactivatedByVideo for Event {}
