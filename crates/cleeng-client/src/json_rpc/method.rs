//! The calls of the API as values: [`Method`].

pub(super) mod offer_ids;

use std::marker::PhantomData;

use serde::{
    Serialize, Serializer,
    de::DeserializeOwned,
    ser::{SerializeMap, SerializeStruct},
};

use super::kind::{DeactivatedByVideo, FoundByVideo, Localizable, OfferKind};
use super::list::{ActiveFilter, Page};
use super::localized::MultiCurrencyOffer;
use crate::offer_id::{MultiCurrencyOfferId, OfferId};

/// A call: its name, its parameters (what it serializes to, without the token) and its answer.
///
/// The implementations are [`Get`], [`List`], [`Create`], [`Update`], [`Deactivate`],
/// [`CreateMultiCurrency`] and [`UpdateMultiCurrency`] over the [kinds](OfferKind) of offers, and
/// [`ListOfferIdsByVideoId`](super::ListOfferIdsByVideoId). There are no others: that a
/// [`Reader`](super::Reader) cannot write rests on it.
pub trait Method: sealed::Sealed + Serialize + Send + Sync + 'static {
    /// The name of the method, as it is sent.
    const NAME: &'static str;
    /// Whether the publisher token is sent with it.
    const TAKES_TOKEN: bool;
    /// What a successful answer is. It is read from text (`serde_json::from_str`); a reader has
    /// nothing to borrow from, and numbers are read from their digits.
    type Output: DeserializeOwned + Send + 'static;
}

/// A call that changes nothing.
pub trait ReadMethod: Method {}

/// A call that changes something.
pub trait WriteMethod: Method {}

mod sealed {
    /// Keeps the methods to those of this file, and the one below it.
    pub trait Sealed {}
}

/// Reads one offer, active or not (`get…Offer`, docs/cleeng-api.md §2).
///
/// ```
/// use cleeng_client::json_rpc::{Get, GetPassOffer, Pass, Single};
///
/// let pass = GetPassOffer::new("P123123123_US"); // the same as:
/// let pass = Get::<Pass>::new("P123123123_US");
/// let single = Get::<Single>::by_video_id("video-7777");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Get<K> {
    key: Key,
    kind: PhantomData<K>,
}

#[derive(Clone, Debug, PartialEq)]
enum Key {
    Offer(OfferId),
    Video(String),
}

impl<K: OfferKind> Get<K> {
    /// Reads the offer with this id.
    pub fn new(offer_id: impl Into<OfferId>) -> Self {
        Self {
            key: Key::Offer(offer_id.into()),
            kind: PhantomData,
        }
    }
}

impl<K: FoundByVideo> Get<K> {
    /// Reads the offer for a video, by the publisher's own id of the video.
    pub fn by_video_id(video_id: impl Into<String>) -> Self {
        Self {
            key: Key::Video(video_id.into()),
            kind: PhantomData,
        }
    }
}

impl<K: OfferKind> Serialize for Get<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut params = serializer.serialize_struct("Get", 1)?;
        match &self.key {
            Key::Offer(id) => params.serialize_field(K::ID_PARAMETER, id)?,
            Key::Video(id) => params.serialize_field("videoId", id)?,
        }
        params.end()
    }
}

/// Reads one page of the offers of a kind, the youngest first (`list…Offers`, docs/cleeng-api.md §3).
///
/// Without a filter the service lists the active offers only. What it does without a limit is not
/// documented; 200 is the highest that is (`listPassOffers`).
///
/// ```
/// use cleeng_client::json_rpc::{ActiveFilter, ListPassOffers};
///
/// let inactive = ListPassOffers::new()
///     .active(ActiveFilter::Boolean(false))
///     .offset(200)
///     .limit(200);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct List<K> {
    active: Option<ActiveFilter>,
    associate_email: Option<String>,
    offset: Option<u32>,
    limit: Option<u32>,
    video_id: Option<String>,
    kind: PhantomData<K>,
}

impl<K: OfferKind> List<K> {
    /// Lists offers as the service does by itself.
    pub fn new() -> Self {
        Self {
            active: None,
            associate_email: None,
            offset: None,
            limit: None,
            video_id: None,
            kind: PhantomData,
        }
    }

    /// Lists only active offers, or only inactive ones. There is no way to ask for both.
    #[must_use]
    pub fn active(mut self, filter: ActiveFilter) -> Self {
        self.active = Some(filter);
        self
    }

    /// Lists the offers of one associate (enterprise accounts; from the SDKs).
    #[must_use]
    pub fn associate_email(mut self, email: impl Into<String>) -> Self {
        self.associate_email = Some(email.into());
        self
    }

    /// Skips so many offers.
    #[must_use]
    pub fn offset(mut self, offset: u32) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Lists at most so many offers.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl<K: FoundByVideo> List<K> {
    /// Lists the offers for a video, by the publisher's own id of the video.
    #[must_use]
    pub fn video_id(mut self, video_id: impl Into<String>) -> Self {
        self.video_id = Some(video_id.into());
        self
    }
}

impl<K: OfferKind> Default for List<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: OfferKind> Serialize for List<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Criteria<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            active: Option<ActiveFilter>,
            #[serde(skip_serializing_if = "Option::is_none")]
            associate_email: Option<&'a str>,
        }

        let mut params = serializer.serialize_map(None)?;
        if self.active.is_some() || self.associate_email.is_some() {
            params.serialize_entry(
                "criteria",
                &Criteria {
                    active: self.active,
                    associate_email: self.associate_email.as_deref(),
                },
            )?;
        }
        if let Some(offset) = self.offset {
            params.serialize_entry("offset", &offset)?;
        }
        if let Some(limit) = self.limit {
            params.serialize_entry("limit", &limit)?;
        }
        if let Some(video_id) = &self.video_id {
            params.serialize_entry("videoId", video_id)?;
        }
        params.end()
    }
}

/// Creates an offer (`create…Offer`, docs/cleeng-api.md §2). The answer is the whole new offer.
///
/// There is no idempotency key: sent twice, it makes two offers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Create<K: OfferKind> {
    offer_data: K::Data,
}

impl<K: OfferKind> Create<K> {
    /// Creates an offer with this data.
    pub fn new(offer_data: K::Data) -> Self {
        Self { offer_data }
    }
}

/// Changes the given fields of an offer (`update…Offer`, docs/cleeng-api.md §2). The answer is the whole offer.
///
/// The service refuses it for offers that have localized versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Update<K: OfferKind> {
    offer_id: OfferId,
    offer_data: K::Data,
}

impl<K: OfferKind> Update<K> {
    /// Changes these fields of the offer with this id.
    pub fn new(offer_id: impl Into<OfferId>, offer_data: K::Data) -> Self {
        Self {
            offer_id: offer_id.into(),
            offer_data,
        }
    }
}

impl<K: OfferKind> Serialize for Update<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut params = serializer.serialize_struct("Update", 2)?;
        params.serialize_field(K::ID_PARAMETER, &self.offer_id)?;
        params.serialize_field("offerData", &self.offer_data)?;
        params.end()
    }
}

/// Takes an offer off sale, for good (`deactivate…Offer`, `cancelEventOffer`, docs/cleeng-api.md §2, §7).
///
/// The offer stays readable. This API has no way to put it on sale again. The answer is the whole
/// offer, in the documentation's samples sometimes with `active` as it was before.
#[derive(Clone, Debug, PartialEq)]
pub struct Deactivate<K> {
    offer_id: OfferId,
    video_id: Option<String>,
    kind: PhantomData<K>,
}

impl<K: OfferKind> Deactivate<K> {
    /// Takes the offer with this id off sale.
    pub fn new(offer_id: impl Into<OfferId>) -> Self {
        Self {
            offer_id: offer_id.into(),
            video_id: None,
            kind: PhantomData,
        }
    }
}

impl<K: DeactivatedByVideo> Deactivate<K> {
    /// Sends the publisher's own id of the video as well. What it adds is not documented.
    #[must_use]
    pub fn video_id(mut self, video_id: impl Into<String>) -> Self {
        self.video_id = Some(video_id.into());
        self
    }
}

impl<K: OfferKind> Serialize for Deactivate<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut params = serializer.serialize_map(None)?;
        params.serialize_entry(K::ID_PARAMETER, &self.offer_id)?;
        if let Some(video_id) = &self.video_id {
            params.serialize_entry("videoId", video_id)?;
        }
        params.end()
    }
}

/// Creates one offer per country (`createMultiCurrency…Offer`, docs/cleeng-api.md §4).
///
/// The base data are the defaults; every entry of the localized data makes an offer for its country.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateMultiCurrency<K: Localizable> {
    offer_data: K::Data,
    localized_data: Vec<K::LocalizedData>,
}

impl<K: Localizable> CreateMultiCurrency<K> {
    /// Creates an offer with this base data, and these countries.
    pub fn new(offer_data: K::Data, localized_data: impl Into<Vec<K::LocalizedData>>) -> Self {
        Self {
            offer_data,
            localized_data: localized_data.into(),
        }
    }
}

/// Changes a multi-currency offer (`updateMultiCurrency…Offer`, docs/cleeng-api.md §4).
///
/// A country of the localized data must be one that the offer has; currencies cannot be changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateMultiCurrency<K: Localizable> {
    multi_currency_offer_id: MultiCurrencyOfferId,
    offer_data: K::Data,
    localized_data: Vec<K::LocalizedData>,
}

impl<K: Localizable> UpdateMultiCurrency<K> {
    /// Changes these fields of the offers with this stem, for all and per country.
    pub fn new(
        id: impl Into<MultiCurrencyOfferId>,
        offer_data: K::Data,
        localized_data: impl Into<Vec<K::LocalizedData>>,
    ) -> Self {
        Self {
            multi_currency_offer_id: id.into(),
            offer_data,
            localized_data: localized_data.into(),
        }
    }
}

macro_rules! methods {
    ($($method:ident<$bound:ident>: $access:ident { $name:ident, takes_token: $token:expr, $output:ty })*) => {$(
        impl<K: $bound> sealed::Sealed for $method<K> {}

        impl<K: $bound> $access for $method<K> {}

        impl<K: $bound> Method for $method<K> {
            const NAME: &'static str = K::$name;
            const TAKES_TOKEN: bool = $token;
            type Output = $output;
        }
    )*};
}

methods! {
    Get<OfferKind>: ReadMethod { GET, takes_token: K::GET_TAKES_TOKEN, K::Offer }
    List<OfferKind>: ReadMethod { LIST, takes_token: true, Page<K::Offer> }
    Create<OfferKind>: WriteMethod { CREATE, takes_token: true, K::Offer }
    Update<OfferKind>: WriteMethod { UPDATE, takes_token: true, K::Offer }
    Deactivate<OfferKind>: WriteMethod { DEACTIVATE, takes_token: true, K::Offer }
    CreateMultiCurrency<Localizable>: WriteMethod {
        CREATE_MULTI_CURRENCY, takes_token: true, MultiCurrencyOffer<K::Offer>
    }
    UpdateMultiCurrency<Localizable>: WriteMethod {
        UPDATE_MULTI_CURRENCY, takes_token: true, MultiCurrencyOffer<K::Offer>
    }
}
