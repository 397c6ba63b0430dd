//! The 38 methods that are about a type of offer, by their own names.
//!
//! Each is one of the seven calls over one of the six kinds; the names are those of the service's
//! documentation, so that what is read there is found here.

use super::kind::{Event, Pass, Rental, Single, Subscription, Vod};
use super::method::{
    Create, CreateMultiCurrency, Deactivate, Get, List, Update, UpdateMultiCurrency,
};

/// `getSingleOffer`: reads a single offer (docs/cleeng-api.md §2.1).
pub type GetSingleOffer = Get<Single>;

/// `listSingleOffers`: lists single offers (docs/cleeng-api.md §2.1).
pub type ListSingleOffers = List<Single>;

/// `createSingleOffer`: creates a single offer (docs/cleeng-api.md §2.1).
pub type CreateSingleOffer = Create<Single>;

/// `updateSingleOffer`: changes a single offer (docs/cleeng-api.md §2.1).
pub type UpdateSingleOffer = Update<Single>;

/// `deactivateSingleOffer`: takes a single offer off sale (docs/cleeng-api.md §2.1).
pub type DeactivateSingleOffer = Deactivate<Single>;

/// `getRentalOffer`: reads a rental offer (docs/cleeng-api.md §2.2).
pub type GetRentalOffer = Get<Rental>;

/// `listRentalOffers`: lists rental offers (docs/cleeng-api.md §2.2).
pub type ListRentalOffers = List<Rental>;

/// `createRentalOffer`: creates a rental offer (docs/cleeng-api.md §2.2).
pub type CreateRentalOffer = Create<Rental>;

/// `updateRentalOffer`: changes a rental offer (docs/cleeng-api.md §2.2).
pub type UpdateRentalOffer = Update<Rental>;

/// `deactivateRentalOffer`: takes a rental offer off sale (docs/cleeng-api.md §2.2).
pub type DeactivateRentalOffer = Deactivate<Rental>;

/// `getSubscriptionOffer`: reads a subscription offer (docs/cleeng-api.md §2.3).
pub type GetSubscriptionOffer = Get<Subscription>;

/// `listSubscriptionOffers`: lists subscription offers (docs/cleeng-api.md §2.3).
pub type ListSubscriptionOffers = List<Subscription>;

/// `createSubscriptionOffer`: creates a subscription offer (docs/cleeng-api.md §2.3).
pub type CreateSubscriptionOffer = Create<Subscription>;

/// `updateSubscriptionOffer`: changes a subscription offer (docs/cleeng-api.md §2.3).
pub type UpdateSubscriptionOffer = Update<Subscription>;

/// `deactivateSubscriptionOffer`: takes a subscription offer off sale (docs/cleeng-api.md §2.3).
pub type DeactivateSubscriptionOffer = Deactivate<Subscription>;

/// `getPassOffer`: reads a pass offer (docs/cleeng-api.md §2.4).
pub type GetPassOffer = Get<Pass>;

/// `listPassOffers`: lists pass offers (docs/cleeng-api.md §2.4).
pub type ListPassOffers = List<Pass>;

/// `createPassOffer`: creates a pass offer (docs/cleeng-api.md §2.4).
pub type CreatePassOffer = Create<Pass>;

/// `updatePassOffer`: changes a pass offer (docs/cleeng-api.md §2.4).
pub type UpdatePassOffer = Update<Pass>;

/// `deactivatePassOffer`: takes a pass offer off sale (docs/cleeng-api.md §2.4).
pub type DeactivatePassOffer = Deactivate<Pass>;

/// `getEventOffer`: reads an event offer (docs/cleeng-api.md §2.5).
pub type GetEventOffer = Get<Event>;

/// `listEventOffers`: lists event offers (docs/cleeng-api.md §2.5).
pub type ListEventOffers = List<Event>;

/// `createEventOffer`: creates an event offer (docs/cleeng-api.md §2.5).
pub type CreateEventOffer = Create<Event>;

/// `updateEventOffer`: changes an event offer (docs/cleeng-api.md §2.5).
pub type UpdateEventOffer = Update<Event>;

/// `cancelEventOffer`: cancels an event offer (docs/cleeng-api.md §2.5).
pub type CancelEventOffer = Deactivate<Event>;

/// `getVodOffer`: reads a VOD offer (docs/cleeng-api.md §2.6).
pub type GetVodOffer = Get<Vod>;

/// `listVodOffers`: lists VOD offers (docs/cleeng-api.md §2.6).
pub type ListVodOffers = List<Vod>;

/// `createVodOffer`: creates a VOD offer (docs/cleeng-api.md §2.6).
pub type CreateVodOffer = Create<Vod>;

/// `updateVodOffer`: changes a VOD offer (docs/cleeng-api.md §2.6).
pub type UpdateVodOffer = Update<Vod>;

/// `deactivateVodOffer`: takes a VOD offer off sale (docs/cleeng-api.md §2.6).
pub type DeactivateVodOffer = Deactivate<Vod>;

/// `createMultiCurrencySingleOffer`: creates single offers for several countries (docs/cleeng-api.md §4).
pub type CreateMultiCurrencySingleOffer = CreateMultiCurrency<Single>;

/// `updateMultiCurrencySingleOffer`: changes single offers for several countries (docs/cleeng-api.md §4).
pub type UpdateMultiCurrencySingleOffer = UpdateMultiCurrency<Single>;

/// `createMultiCurrencyRentalOffer`: creates rental offers for several countries (docs/cleeng-api.md §4).
pub type CreateMultiCurrencyRentalOffer = CreateMultiCurrency<Rental>;

/// `updateMultiCurrencyRentalOffer`: changes rental offers for several countries (docs/cleeng-api.md §4).
pub type UpdateMultiCurrencyRentalOffer = UpdateMultiCurrency<Rental>;

/// `createMultiCurrencySubscriptionOffer`: creates subscription offers for several countries (docs/cleeng-api.md §4).
pub type CreateMultiCurrencySubscriptionOffer = CreateMultiCurrency<Subscription>;

/// `updateMultiCurrencySubscriptionOffer`: changes subscription offers for several countries (docs/cleeng-api.md §4).
pub type UpdateMultiCurrencySubscriptionOffer = UpdateMultiCurrency<Subscription>;

/// `createMultiCurrencyPassOffer`: creates pass offers for several countries (docs/cleeng-api.md §4).
pub type CreateMultiCurrencyPassOffer = CreateMultiCurrency<Pass>;

/// `updateMultiCurrencyPassOffer`: changes pass offers for several countries (docs/cleeng-api.md §4).
pub type UpdateMultiCurrencyPassOffer = UpdateMultiCurrency<Pass>;
