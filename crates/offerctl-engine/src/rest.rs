//! The service over REST, Core API 3.1: [`RestReader`] and [`RestWriter`].

mod data;
mod kept;
mod list;
mod pages;
mod row;
mod version;

use cleeng_client::rest::{ETag, Offer, Reader, Writer, Written};
use cleeng_client::{Config, ConfigError, Error, OfferId as WireId};
use futures_util::stream::{self, StreamExt};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::{Completeness, Live};

use self::list::Catalogue;
use self::version::Versions;
use crate::obstacle::Obstacle;
use crate::read::read_all;
use crate::remote::{
    Answers, CountryChange, FetchError, GetCall, HasReader, Means, Purpose, READS, Refusal,
    RemoteError, RemoteRead, RemoteWrite, Retry, ShownOffer, WriteCall,
};
use crate::sabotage;
use crate::wire::remote_error;

pub use self::pages::{
    Asked, Intake, ListedOffer, OfferPage, Place, RemotePages, Wanted, address, read_page,
};

/// How many of the offers that a complete list lacks are asked for by their ids: one that is found shows that it lies, and
/// the offers of another account are all missing.
const SAMPLE: usize = 10;

/// Reads, and has no way to write.
#[derive(Debug, Clone)]
pub struct RestReader {
    reader: Reader,
    versions: Versions,
}

/// Reads and writes. A write to an offer that is there is bound to the version that the plan saw, as long as the service
/// tells versions (docs/cleeng-api.md §5.1).
#[derive(Debug, Clone)]
pub struct RestWriter {
    reader: RestReader,
    writer: Writer,
}

impl RestReader {
    /// Makes a client that reads.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            reader: Reader::new(config)?,
            versions: Versions::default(),
        })
    }

    async fn get_one(&self, call: &GetCall) -> Result<ShownOffer, RemoteError> {
        let found = self.reader.get(&wire_id(&call.id)).await;
        let offer = found.map_err(|error| remote_error(&error))?;
        self.versions.look(&offer);
        if !row::types_of(row::offer_type(&offer)).contains(&call.offer_type) {
            let message = format!("{} is no {}", call.id, call.offer_type);
            return Err(RemoteError::unsupported(&message));
        }
        Ok(row::shown(&offer, call.offer_type))
    }

    /// The offer of an id; `None` if that is unknown to the service, or no id at all for it.
    async fn find(&self, id: &OfferId) -> Result<Option<Offer>, RemoteError> {
        match self.reader.get(&wire_id(id)).await {
            Ok(offer) => about(id, offer).map(Some),
            Err(error) if matches!(error.http_status(), Some(400 | 404)) => Ok(None),
            Err(error) => Err(remote_error(&error)),
        }
    }

    /// Reads all offers, and those that have to be there and that the lists do not show by themselves.
    ///
    /// A list that tells its total and lacks an offer that is there does not add up, as little as one that has less than its
    /// total, and is read again. What the service does not find either stays away.
    async fn read_known(
        &self,
        (means, types): (Means<'_>, &[OfferType]),
        known: &[OfferId],
    ) -> Result<Catalogue, FetchError> {
        for _ in 0..READS {
            let mut found = list::read(&self.reader, means, types).await?;
            let listed = found.offers.len();
            self.add_known((means, types), known, &mut found).await?;
            if found.completeness == Completeness::Assumed || found.offers.len() == listed {
                return Ok(found);
            }
            tracing::debug!("the list lacks offers that are there, reading again");
        }
        Err(FetchError::Catalogue(
            "the list is not complete: it lacks offers that are there when they are asked for by their ids".to_owned(),
        ))
    }

    /// Adds the offers that have to be there and that the lists do not show; what the service does not find stays away.
    async fn add_known(
        &self,
        (means, types): (Means<'_>, &[OfferType]),
        known: &[OfferId],
        found: &mut Catalogue,
    ) -> Result<(), FetchError> {
        let most = match found.completeness {
            Completeness::Proven => SAMPLE,
            Completeness::Assumed => usize::MAX,
        };
        let missing: Vec<OfferId> = known
            .iter()
            .filter(|id| !found.offers.contains_key(id.stem()))
            .take(most)
            .cloned()
            .collect();
        let answers = read_all(means.budget, &missing, 1, async |ids| {
            let answers = stream::iter(ids).then(|id| self.find(id));
            answers.collect().await
        })
        .await;
        for (id, answer) in missing.into_iter().zip(answers) {
            match answer {
                Ok(Some(offer)) => {
                    let intake = Intake::new(types, None, means.allowance);
                    let listed = intake.take(offer);
                    let listed = listed.map_err(FetchError::Catalogue)?;
                    found.offers.insert(id.stem().into(), listed);
                }
                Ok(None) => {}
                Err(source) => return Err(FetchError::Detail { id, source }),
            }
        }
        Ok(())
    }
}

fn wire_id(id: &OfferId) -> WireId {
    WireId::from(id.raw())
}

/// An offer, if it is the one that was asked about.
fn about(id: &OfferId, offer: Offer) -> Result<Offer, RemoteError> {
    if offer.id.stem() == id.stem() {
        return Ok(offer);
    }
    let other = OfferId::new(offer.id.as_str());
    Err(RemoteError::about_another(id, &other))
}

/// The offers of a catalogue, as core knows them.
fn assemble(found: Catalogue) -> Result<Live, FetchError> {
    let mut live = Live::new();
    live.set_completeness(found.completeness);
    for (stem, offer) in found.offers {
        if let Some(unknown) = offer.unknown_type {
            let reason = format!("{stem} is of the type `{unknown}`, which is not known");
            return Err(FetchError::Catalogue(reason));
        }
        live.add_resource(offer.kept.into_views());
    }
    Ok(live)
}

/// A service of which there is nothing but the pages of its list: recorded ones, or those of a test.
#[derive(Debug, Clone)]
pub struct ByPages<P>(pub P);

impl<P: RemotePages> RemoteRead for ByPages<P> {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        assemble(list::read(&self.0, means, types).await?)
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let none = || Err(RemoteError::unsupported("there is only a list"));
        calls.iter().map(|_| none()).collect()
    }
}

impl RemoteRead for RestReader {
    fn shows_whole_offers(&self) -> bool {
        true
    }

    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        let found = match purpose {
            Purpose::Plan(known) => {
                let found = self.read_known((means, types), known).await?;
                for (stem, offer) in &found.offers {
                    self.versions.learn_version(stem, offer.version);
                }
                found
            }
            Purpose::Evidence => list::read(&self.reader, means, types).await?,
        };
        assemble(found)
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let answers = stream::iter(calls).then(|call| self.get_one(call));
        answers.collect().await
    }
}

impl RestWriter {
    /// Makes a client that reads and writes.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let writer = Writer::new(config)?;
        let reader = RestReader {
            reader: writer.reader(),
            versions: Versions::default(),
        };
        Ok(Self { reader, writer })
    }

    async fn write_one(&self, call: &WriteCall) -> Result<ShownOffer, RemoteError> {
        let offer_type = call.offer_type();
        let id = match call {
            WriteCall::Create { content, home, .. } => {
                let body = data::create(offer_type, content, *home)?;
                let made = self.writer.create(&body).await;
                let offer = made.map_err(|error| remote_error(&error))?;
                return self.made(&offer, offer_type).await;
            }
            WriteCall::Update { id, .. }
            | WriteCall::Country { id, .. }
            | WriteCall::Activate { id, .. }
            | WriteCall::Deactivate { id, .. } => wire_id(id),
        };
        let seen = self.reader.versions.of(&id);
        let tag = seen
            .map(ETag::of_version)
            .filter(|_| !sabotage::is("no-version"));
        let written = match self.send(call, &id, tag.as_ref()).await? {
            Err(error) if error.is_version_mismatch() => {
                self.send_as_named(call, (&id, seen), &error).await?
            }
            written => written.map_err(|error| remote_error(&error))?,
        };
        match written {
            Written::Changed(offer) => {
                let offer = about(&OfferId::new(id.as_str()), *offer)?;
                self.whole(&offer, offer_type).await
            }
            Written::Unchanged => self.read_anew(&id, offer_type).await,
        }
    }

    /// Sends a write to an offer that is there; the outer error is that of a write that cannot be written down.
    async fn send(
        &self,
        call: &WriteCall,
        id: &WireId,
        tag: Option<&ETag>,
    ) -> Result<Result<Written, Error>, RemoteError> {
        let writer = &self.writer;
        let whole =
            |made: Result<Offer, Error>| made.map(|offer| Written::Changed(Box::new(offer)));
        Ok(match call {
            WriteCall::Create { .. } => {
                return Err(RemoteError::unsupported(
                    "a create is of no offer that is there",
                ));
            }
            WriteCall::Update { base, .. } => writer.patch(id, &data::patch(base)?, tag).await,
            WriteCall::Activate { .. } => writer.activate(id, tag).await,
            WriteCall::Deactivate { .. } => writer.deactivate(id, tag).await,
            WriteCall::Country {
                country, change, ..
            } => match change {
                CountryChange::Add(localization) => {
                    let body = data::create_localization(*country, localization)?;
                    whole(writer.create_localization(id, &body, tag).await)
                }
                CountryChange::Update(fields) => {
                    let body = data::patch_localization(fields)?;
                    let code = country.as_str();
                    writer.patch_localization(id, code, &body, tag).await
                }
                CountryChange::Activate => {
                    writer
                        .activate_localization(id, country.as_str(), tag)
                        .await
                }
                CountryChange::Deactivate => {
                    writer
                        .deactivate_localization(id, country.as_str(), tag)
                        .await
                }
            },
        })
    }

    /// Sends a write once more that was refused for its version, if the offer is just what the plan saw and only its
    /// version has another name than was guessed (docs/cleeng-api.md §5.1).
    async fn send_as_named(
        &self,
        call: &WriteCall,
        (id, seen): (&WireId, Option<i64>),
        refusal: &Error,
    ) -> Result<Written, RemoteError> {
        let found = self.reader.reader.get_with_etag(id).await;
        let offer = found.map_err(|_| remote_error(refusal))?;
        let now = offer.version.value().copied();
        if now != seen || offer.etag.is_none() {
            let number = |version: Option<i64>| {
                version.map_or_else(|| "unknown".to_owned(), |version| version.to_string())
            };
            let message = format!(
                "{} was changed since it was read (version {} then, {} now); plan again",
                id.stem(),
                number(seen),
                number(now)
            );
            return Err(RemoteError::unsupported(&message));
        }
        let sent = self.send(call, id, offer.etag.as_ref()).await?;
        sent.map_err(|error| remote_error(&error))
    }

    /// What the answer to a create shows. Whether it is the offer that was to be made is for others to judge, so nothing is
    /// learnt from it about an offer that was there before.
    async fn made(&self, offer: &Offer, offer_type: OfferType) -> Result<ShownOffer, RemoteError> {
        let shown_type = row::offer_type(offer);
        if !shown_type.is_empty() && !row::types_of(shown_type).contains(&offer_type) {
            return Err(RemoteError {
                message: format!("the service answered with an offer of the type `{shown_type}`")
                    .into(),
                refusal: Refusal::None,
                retry: Retry::No,
                retry_after: None,
                obstacle: Obstacle::NotTheApi,
            });
        }
        if self.reader.versions.of(&offer.id).is_some() {
            return Ok(row::shown(offer, offer_type));
        }
        self.whole(offer, offer_type).await
    }

    /// What an answer shows; an answer that does not show all of the offer is asked for the rest.
    async fn whole(&self, offer: &Offer, offer_type: OfferType) -> Result<ShownOffer, RemoteError> {
        if offer.long_id.is_absent() || offer.title.is_absent() {
            // It was made all the same: an offer that cannot be read now is judged by what is known of it.
            if let Ok(shown) = self.read_anew(&offer.id, offer_type).await {
                self.reader.versions.confirm(&offer.id);
                return Ok(shown);
            }
        }
        self.reader.versions.learn(offer);
        Ok(row::shown(offer, offer_type))
    }

    /// The answer to a write that is done; that it cannot be read says nothing about that.
    async fn read_anew(
        &self,
        id: &WireId,
        offer_type: OfferType,
    ) -> Result<ShownOffer, RemoteError> {
        let call = GetCall {
            offer_type,
            id: OfferId::new(id.as_str()),
        };
        let shown = self.reader.get_one(&call).await;
        shown.map_err(|error| RemoteError {
            refusal: Refusal::None,
            retry: Retry::No,
            ..error
        })
    }
}

impl HasReader for RestWriter {
    type Reader = RestReader;

    fn reader(&self) -> &RestReader {
        &self.reader
    }
}

impl RemoteWrite for RestWriter {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        let answers = stream::iter(calls).then(|call| self.write_one(call));
        answers.collect().await
    }

    fn found_done(&self, id: &OfferId) {
        self.reader.versions.confirm(&wire_id(id));
    }
}
