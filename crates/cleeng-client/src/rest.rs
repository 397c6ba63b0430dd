//! The REST API, Core 3.1: [`Reader`] and [`Writer`].
//!
//! The endpoints on offers and their localizations (docs/cleeng-api.md §5.2), each a method: what it sends
//! is [`CreateOffer`], [`PatchOffer`], [`CreateLocalization`] or [`PatchLocalization`], what comes
//! back is an [`Offer`]. An offer is here one resource with its localizations inside; nothing
//! reads a localization by itself. So are those on groups of seasons ([`SeasonGroup`]), which
//! seasonal subscriptions follow.
//!
//! A write can be bound to the version that was read ([`ETag`]). One that finds another version
//! changes nothing and says so ([`Error::is_version_mismatch`](crate::Error::is_version_mismatch)).
//!
//! What `GET /offers` answers, how its pages are asked for and which status a create has is
//! documented nowhere (docs/cleeng-api.md §9). [`ListQuery`] and [`Page`] say what is taken for it.

mod client;
mod create;
mod data;
mod etag;
mod exchange;
mod link;
mod list;
mod object;
mod offer;
mod operation;
mod patch;
mod season_group;

#[cfg(test)]
mod mutation_tests;

pub use self::{
    client::{Reader, Writer, Written},
    create::{CreateLocalization, CreateOffer},
    data::{
        EntitlementData, EventData, FreeTrialData, GeoRestrictionData, PauseData, PeriodData,
        PriceData, PriceRuleData,
    },
    etag::ETag,
    list::{ListQuery, NextPage, Page},
    offer::{
        Entitlement, EventTimes, FreeTrial, GeoRestriction, Localization, Offer, Pause, Period,
        Price, PriceRule,
    },
    patch::{PatchEntitlement, PatchEvent, PatchLocalization, PatchOffer, PatchPrice},
    season_group::{Season, SeasonData, SeasonGroup, SeasonGroupId},
};
