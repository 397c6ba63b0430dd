//! The two ways in: [`Reader`], which cannot write, and [`Writer`].

mod season_groups;

use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::ser::Error as _;

use super::create::{CreateLocalization, CreateOffer};
use super::etag::ETag;
use super::exchange::{Call, Connection, not_sent};
use super::list::{self, ListQuery, NextPage, Page};
use super::offer::Offer;
use super::operation::{self, Operation};
use super::patch::{PatchLocalization, PatchOffer};
use crate::config::{Config, ConfigError};
use crate::error::Error;
use crate::offer_id::OfferId;
use crate::transport::Answer;

/// Reads offers. It has no method that writes, and nothing leads from it to a [`Writer`]: what
/// holds a reader cannot change the account. What compiles with a writer does not compile with it:
///
/// ```
/// # use cleeng_client::OfferId;
/// # use cleeng_client::rest::Writer;
/// async fn deactivate(client: &Writer, id: OfferId) {
///     let _answer = client.deactivate(&id, None).await;
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use cleeng_client::OfferId;
/// # use cleeng_client::rest::Reader;
/// async fn deactivate(client: &Reader, id: OfferId) {
///     let _answer = client.deactivate(&id, None).await;
/// }
/// ```
///
/// ```
/// # use cleeng_client::rest::Writer;
/// async fn create(client: &Writer) {
///     let _group = client.create_season_group("Winter").await;
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use cleeng_client::rest::Reader;
/// async fn create(client: &Reader) {
///     let _group = client.create_season_group("Winter").await;
/// }
/// ```
///
/// It is cheap to clone; the clones share their connections. Requests may run side by side, as
/// many as the caller likes: nothing here limits, delays or repeats them.
///
/// Wherever an id is asked for, the one with a country will do as well: only the part before it is
/// sent, since that is the only form that every endpoint is known to take (docs/cleeng-api.md §5.2).
#[derive(Clone, Debug)]
pub struct Reader {
    connection: Arc<Connection>,
}

impl Reader {
    /// Sets up a reader. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the certificates of the system, or those given, cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Connection::new(config).map(|connection| Self {
            connection: Arc::new(connection.for_reading()),
        })
    }

    /// Reads one page of the offers (`GET /offers`), with what is known of them there.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_retryable`] says whether to try again.
    pub async fn list(&self, query: &ListQuery) -> Result<Page, Error> {
        self.list_next(&self.address(query)?).await
    }

    /// Reads the page that another one named as the next.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A page of another service is refused without a request.
    pub async fn list_next(&self, next: &NextPage) -> Result<Page, Error> {
        self.list_into(next, Ok).await
    }

    /// Returns the address of the page that a query asks for.
    ///
    /// # Errors
    ///
    /// None that is known: every query can stand in an address.
    pub fn address(&self, query: &ListQuery) -> Result<NextPage, Error> {
        let call = self.connection.call(operation::LIST, &[])?;
        Ok(NextPage::new(call.query(&query.pairs()).url().clone()))
    }

    /// Reads the page at an address, and turns each offer into what is kept of it as soon as it is
    /// read, so that a page never needs the memory of all its offers at once.
    ///
    /// # Errors
    ///
    /// As [`Reader::list_next`]; what `take` says is wrong with an offer makes the page unreadable.
    pub async fn list_into<T>(
        &self,
        page: &NextPage,
        mut take: impl FnMut(Offer) -> Result<T, String>,
    ) -> Result<Page<T>, Error> {
        let call = self.connection.call(operation::LIST, &[])?;
        if !list::is_within(page.url(), self.connection.base()) {
            return Err(not_sent(
                call.operation,
                serde_json::Error::custom("the page is of another service"),
            ));
        }
        let answer = self.connection.send(call.at(page.url().clone())).await?;
        self.page(page, &answer, &mut take)
    }

    /// Reads a body and headers as the answer that a page came with. Nothing is sent: this is for
    /// answers that come from elsewhere, such as recordings and what fuzzing makes of them.
    ///
    /// # Errors
    ///
    /// As [`Reader::list_into`], as far as they are about answers. A header that HTTP cannot carry
    /// is left out.
    pub fn read_page<T>(
        &self,
        page: &NextPage,
        (headers, body): (&[(&str, &str)], Vec<u8>),
        mut take: impl FnMut(Offer) -> Result<T, String>,
    ) -> Result<Page<T>, Error> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                map.append(name, value);
            }
        }
        let answer = Answer::new(200, map, body, self.connection.token());
        self.page(page, &answer, &mut take)
    }

    fn page<T>(
        &self,
        page: &NextPage,
        answer: &Answer,
        take: list::Take<'_, T>,
    ) -> Result<Page<T>, Error> {
        let operation = operation::LIST;
        let body = self.connection.text(operation, answer)?;
        let place = (page.url(), self.connection.base());
        list::read(body, &answer.headers, place, take).map_err(|detail| {
            self.connection
                .unreadable(operation, answer, "Page", &detail)
        })
    }

    /// Reads one offer with its localizations, active or not (`GET /offers/{offerId}`).
    ///
    /// The answer has no [`Offer::etag`], see [`Reader::get_with_etag`].
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_retryable`] says whether to try again.
    pub async fn get(&self, id: &OfferId) -> Result<Offer, Error> {
        let call = self.connection.call(operation::GET, &[id.stem()])?;
        send(&self.connection, call).await
    }

    /// Reads one offer together with its version, which a write can be bound to.
    ///
    /// The service sends the version only to who sends one (docs/cleeng-api.md §5.1), so this asks for the
    /// offer unless it has a version that no offer has.
    ///
    /// # Errors
    ///
    /// As [`Reader::get`]. That a service sends no version is no error.
    pub async fn get_with_etag(&self, id: &OfferId) -> Result<Offer, Error> {
        let call = self.connection.call(operation::GET, &[id.stem()])?;
        send(&self.connection, call.with_etag()).await
    }
}

/// Changes offers: creates them, changes them, puts them on sale and takes them off. Groups of seasons it creates, changes and
/// deletes.
///
/// Each request is sent at most once. Of one that failed, [`Error::is_proven_refused`] says
/// whether it can have taken effect.
///
/// Where a write takes an [`ETag`], it is carried out only if the offer still is that version;
/// else the error [is a version mismatch](Error::is_version_mismatch). Without one it overwrites
/// (docs/cleeng-api.md §5.1).
///
/// It is cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub struct Writer {
    connection: Arc<Connection>,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The offer was changed: as it is now, with all its localizations.
    Changed(Box<Offer>),
    /// It was so already, and nothing was done: status 204, "No operation was made" (docs/cleeng-api.md §5.1).
    Unchanged,
}

impl Written {
    /// Returns the offer, if it was changed.
    pub fn into_offer(self) -> Option<Offer> {
        match self {
            Self::Changed(offer) => Some(*offer),
            Self::Unchanged => None,
        }
    }
}

impl Writer {
    /// Sets up a writer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the certificates of the system, or those given, cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Connection::new(config).map(|connection| Self {
            connection: Arc::new(connection),
        })
    }

    /// Returns a reader of the same account, over the same connections.
    pub fn reader(&self) -> Reader {
        Reader {
            connection: Arc::new(self.connection.for_reading()),
        }
    }

    /// Creates an offer (`POST /offers`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been created.
    pub async fn create(&self, offer: &CreateOffer) -> Result<Offer, Error> {
        let call = self.connection.call_with(operation::CREATE, &[], offer)?;
        send(&self.connection, call).await
    }

    /// Changes an offer (`PATCH /offers/{offerId}`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn patch(
        &self,
        id: &OfferId,
        patch: &PatchOffer,
        if_match: Option<&ETag>,
    ) -> Result<Written, Error> {
        let names = [id.stem()];
        let call = self.connection.call_with(operation::PATCH, &names, patch)?;
        self.written(call.if_match(if_match)).await
    }

    /// Puts an offer on sale (`POST /offers/{offerId}/activate`). Its localizations do not follow.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn activate(&self, id: &OfferId, if_match: Option<&ETag>) -> Result<Written, Error> {
        let call = self.connection.call(operation::ACTIVATE, &[id.stem()])?;
        self.written(call.if_match(if_match)).await
    }

    /// Takes an offer off sale (`POST /offers/{offerId}/deactivate`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn deactivate(
        &self,
        id: &OfferId,
        if_match: Option<&ETag>,
    ) -> Result<Written, Error> {
        let call = self.connection.call(operation::DEACTIVATE, &[id.stem()])?;
        self.written(call.if_match(if_match)).await
    }

    /// Adds a country to an offer (`POST /offers/{offerId}/localizations`), and returns the offer.
    /// A country that it has, active or not, is refused.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been added.
    pub async fn create_localization(
        &self,
        id: &OfferId,
        localization: &CreateLocalization,
        if_match: Option<&ETag>,
    ) -> Result<Offer, Error> {
        let call = self.connection.call_with(
            operation::CREATE_LOCALIZATION,
            &[id.stem()],
            localization,
        )?;
        send(&self.connection, call.if_match(if_match)).await
    }

    /// Changes an offer in one country (`PATCH /offers/{offerId}/localizations/{countryCode}`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn patch_localization(
        &self,
        id: &OfferId,
        country_code: &str,
        patch: &PatchLocalization,
        if_match: Option<&ETag>,
    ) -> Result<Written, Error> {
        let call = self.connection.call_with(
            operation::PATCH_LOCALIZATION,
            &[id.stem(), country_code],
            patch,
        )?;
        self.written(call.if_match(if_match)).await
    }

    /// Puts an offer on sale in one country
    /// (`POST /offers/{offerId}/localizations/{countryCode}/activate`). The offer itself must be
    /// active.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn activate_localization(
        &self,
        id: &OfferId,
        country_code: &str,
        if_match: Option<&ETag>,
    ) -> Result<Written, Error> {
        let names = [id.stem(), country_code];
        let call = self
            .connection
            .call(operation::ACTIVATE_LOCALIZATION, &names)?;
        self.written(call.if_match(if_match)).await
    }

    /// Takes an offer off sale in one country
    /// (`POST /offers/{offerId}/localizations/{countryCode}/deactivate`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn deactivate_localization(
        &self,
        id: &OfferId,
        country_code: &str,
        if_match: Option<&ETag>,
    ) -> Result<Written, Error> {
        let names = [id.stem(), country_code];
        let call = self
            .connection
            .call(operation::DEACTIVATE_LOCALIZATION, &names)?;
        self.written(call.if_match(if_match)).await
    }

    /// Sends a call that changes something, or finds that it is so already.
    async fn written(&self, call: Call) -> Result<Written, Error> {
        let operation = call.operation;
        let answer = self.connection.send(call).await?;
        if answer.status == 204 {
            return Ok(Written::Unchanged);
        }
        let offer = decode(&self.connection, operation, &answer)?;
        Ok(Written::Changed(Box::new(offer)))
    }
}

/// Sends a call whose answer is an offer. One without an offer does not say that anything was made.
async fn send(connection: &Connection, call: Call) -> Result<Offer, Error> {
    let operation = call.operation;
    let answer = connection.send(call).await?;
    decode(connection, operation, &answer)
}

/// Reads an offer and its version.
fn decode(connection: &Connection, operation: Operation, answer: &Answer) -> Result<Offer, Error> {
    let mut offer: Offer = connection.decode(operation, "Offer", answer)?;
    offer.etag = ETag::of_answer(&answer.headers);
    Ok(offer)
}
