//! The JSON-RPC API, version 3.0: [`Reader`] and [`Writer`].
//!
//! A call is a value of a type that implements [`Method`], such as [`ListPassOffers`]; the same
//! value is sent alone or in a batch. There are 39 of them (docs/cleeng-api.md §2, §3): `get`, `list`,
//! `create`, `update` and `deactivate` for six types of offers (an event is cancelled), two
//! more for the four types that can be localized, and [`ListOfferIdsByVideoId`].

mod answer;
mod batch;
mod client;
mod data;
mod exchange;
mod image;
mod kind;
mod list;
mod localized;
mod method;
mod methods;
mod offer;

#[cfg(test)]
mod mutation_tests;

pub use self::{
    batch::{Answers, Batch, Reading, Ticket, Writing},
    client::{Reader, Writer},
    data::{
        EventOfferData, PassOfferData, RentalOfferData, SingleOfferData, SubscriptionOfferData,
        VodOfferData,
    },
    image::BackgroundImage,
    kind::{
        DeactivatedByVideo, Event, FoundByVideo, Localizable, OfferKind, Pass, Rental, Single,
        Subscription, Vod,
    },
    list::{ActiveFilter, Page},
    localized::{
        LocalizedPassData, LocalizedRentalData, LocalizedSingleData, LocalizedSubscriptionData,
        MultiCurrencyOffer,
    },
    method::{
        Create, CreateMultiCurrency, Deactivate, Get, List, Method, ReadMethod, Update,
        UpdateMultiCurrency, WriteMethod,
        offer_ids::{ListOfferIdsByVideoId, OfferIds},
    },
    methods::*,
    offer::{EventOffer, PassOffer, RentalOffer, SingleOffer, SubscriptionOffer, VodOffer},
};
