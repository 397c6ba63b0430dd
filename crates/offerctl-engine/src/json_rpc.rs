//! The service over JSON-RPC: [`JsonRpcReader`] and [`JsonRpcWriter`].

mod data;
mod row;

use cleeng_client::json_rpc::{
    self, ActiveFilter, Answers as ClientAnswers, Create, CreateMultiCurrency, Deactivate, Get,
    List, Localizable, OfferKind, Reader, Ticket, Update, UpdateMultiCurrency, Writer,
};
use cleeng_client::{Config, ConfigError};
use offerctl_model::content::{Content, Fields};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::live::Live;

use self::data::{FromFields, localized_base};
use self::row::ToRow;
use crate::fetch::FetchError;
use crate::fetch::lists::{self, Lister};
use crate::obstacle::Obstacle;
use crate::remote::{
    ActiveForm, Answers, GetCall, HasReader, ListCall, ListPage, Means, Purpose, Refusal,
    RemoteError, RemoteLists, RemoteRead, RemoteWrite, Retry, ShownOffer, WriteCall,
};
use crate::wire::remote_error;

/// Reads, and has no way to write.
#[derive(Debug, Clone)]
pub struct JsonRpcReader(Reader);

/// Reads and writes.
#[derive(Debug, Clone)]
pub struct JsonRpcWriter {
    reader: JsonRpcReader,
    writer: Writer,
}

impl JsonRpcReader {
    /// Makes a client that reads.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Reader::new(config).map(Self)
    }
}

impl JsonRpcWriter {
    /// Makes a client that reads and writes.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let writer = Writer::new(config)?;
        Ok(Self {
            reader: JsonRpcReader(writer.reader()),
            writer,
        })
    }
}

/// Takes the result of one call out of the answers to its batch.
type Take<T> = Box<dyn FnOnce(&ClientAnswers) -> Result<T, RemoteError> + Send>;

/// Calls of one kind in a batch, and how to take the result of each out of its answers.
type Prepared<A, T> = (json_rpc::Batch<A>, Vec<Take<T>>);

impl JsonRpcReader {
    fn lists(&self, calls: &[ListCall]) -> Prepared<json_rpc::Reading, ListPage> {
        let mut batch = self.0.batch();
        let takes = calls
            .iter()
            .map(|call| match call.offer_type {
                OfferType::Subscription => {
                    take_page(batch.add(list_method::<json_rpc::Subscription>(call)))
                }
                OfferType::Pass => take_page(batch.add(list_method::<json_rpc::Pass>(call))),
                OfferType::Single => take_page(batch.add(list_method::<json_rpc::Single>(call))),
                OfferType::Rental => take_page(batch.add(list_method::<json_rpc::Rental>(call))),
                OfferType::Event => take_page(batch.add(list_method::<json_rpc::Event>(call))),
                OfferType::Vod => take_page(batch.add(list_method::<json_rpc::Vod>(call))),
            })
            .collect();
        (batch, takes)
    }

    fn gets(&self, calls: &[GetCall]) -> Prepared<json_rpc::Reading, ShownOffer> {
        let mut batch = self.0.batch();
        let takes = calls
            .iter()
            .map(|GetCall { offer_type, id }| match offer_type {
                OfferType::Subscription => {
                    take_row(batch.add(Get::<json_rpc::Subscription>::new(id.raw())))
                }
                OfferType::Pass => take_row(batch.add(Get::<json_rpc::Pass>::new(id.raw()))),
                OfferType::Single => take_row(batch.add(Get::<json_rpc::Single>::new(id.raw()))),
                OfferType::Rental => take_row(batch.add(Get::<json_rpc::Rental>::new(id.raw()))),
                OfferType::Event => take_row(batch.add(Get::<json_rpc::Event>::new(id.raw()))),
                OfferType::Vod => take_row(batch.add(Get::<json_rpc::Vod>::new(id.raw()))),
            })
            .collect();
        (batch, takes)
    }

    /// Reads a body as the answer to lists. Nothing is sent: this is for bodies that come from elsewhere.
    pub fn read_lists(&self, calls: &[ListCall], body: Vec<u8>) -> Answers<ListPage> {
        let (batch, takes) = self.lists(calls);
        take_all(takes, &batch.read(body))
    }

    /// Reads a body as the answer to reads of single offers. Nothing is sent, as with
    /// [`read_lists`](Self::read_lists).
    pub fn read_offers(&self, calls: &[GetCall], body: Vec<u8>) -> Answers<ShownOffer> {
        let (batch, takes) = self.gets(calls);
        take_all(takes, &batch.read(body))
    }
}

fn take_all<T>(takes: Vec<Take<T>>, answers: &ClientAnswers) -> Answers<T> {
    takes.into_iter().map(|take| take(answers)).collect()
}

impl RemoteLists for JsonRpcReader {
    async fn list(&self, calls: &[ListCall]) -> Answers<ListPage> {
        let (batch, takes) = self.lists(calls);
        take_all(takes, &batch.send().await)
    }
}

impl RemoteRead for JsonRpcReader {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        // A list that says its number is whole: what it does not show is not there.
        lists::read(Lister { lists: self, means }, types).await
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let (batch, takes) = self.gets(calls);
        take_all(takes, &batch.send().await)
    }
}

impl HasReader for JsonRpcWriter {
    type Reader = JsonRpcReader;

    fn reader(&self) -> &JsonRpcReader {
        &self.reader
    }
}

impl JsonRpcWriter {
    /// A call that cannot be written down is refused here; the others are in the batch.
    fn writes(
        &self,
        calls: &[WriteCall],
    ) -> (WriteBatch, Vec<Result<Take<ShownOffer>, RemoteError>>) {
        let mut batch = self.writer.batch();
        let takes = calls
            .iter()
            .map(|call| add_write(&mut batch, call))
            .collect();
        (batch, takes)
    }

    /// Reads a body as the answer to writes. Nothing is sent: this is for bodies that come from elsewhere.
    pub fn read_writes(&self, calls: &[WriteCall], body: Vec<u8>) -> Answers<ShownOffer> {
        let (batch, takes) = self.writes(calls);
        take_written(takes, &batch.read(body))
    }
}

fn take_written(
    takes: Vec<Result<Take<ShownOffer>, RemoteError>>,
    answers: &ClientAnswers,
) -> Answers<ShownOffer> {
    takes
        .into_iter()
        .map(|take| take.and_then(|take| take(answers)))
        .collect()
}

impl RemoteWrite for JsonRpcWriter {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        let (batch, takes) = self.writes(calls);
        take_written(takes, &batch.send().await)
    }
}

type WriteBatch = json_rpc::Batch<json_rpc::Writing>;

fn add_write(batch: &mut WriteBatch, call: &WriteCall) -> Result<Take<ShownOffer>, RemoteError> {
    match call {
        WriteCall::Create {
            offer_type,
            content,
            home: _,
        } => match offer_type {
            OfferType::Subscription => {
                create_any::<json_rpc::Subscription>(batch, *offer_type, content)
            }
            OfferType::Pass => create_any::<json_rpc::Pass>(batch, *offer_type, content),
            OfferType::Single => create_any::<json_rpc::Single>(batch, *offer_type, content),
            OfferType::Rental => create_any::<json_rpc::Rental>(batch, *offer_type, content),
            OfferType::Event => create_plain::<json_rpc::Event>(batch, content),
            OfferType::Vod => create_plain::<json_rpc::Vod>(batch, content),
        },
        WriteCall::Update {
            offer_type,
            id,
            localized: false,
            base,
            ..
        } => match offer_type {
            OfferType::Subscription => update_plain::<json_rpc::Subscription>(batch, id, base),
            OfferType::Pass => update_plain::<json_rpc::Pass>(batch, id, base),
            OfferType::Single => update_plain::<json_rpc::Single>(batch, id, base),
            OfferType::Rental => update_plain::<json_rpc::Rental>(batch, id, base),
            OfferType::Event => update_plain::<json_rpc::Event>(batch, id, base),
            OfferType::Vod => update_plain::<json_rpc::Vod>(batch, id, base),
        },
        WriteCall::Update {
            offer_type,
            localized: true,
            ..
        } => match offer_type {
            OfferType::Subscription => update_localized::<json_rpc::Subscription>(batch, call),
            OfferType::Pass => update_localized::<json_rpc::Pass>(batch, call),
            OfferType::Single => update_localized::<json_rpc::Single>(batch, call),
            OfferType::Rental => update_localized::<json_rpc::Rental>(batch, call),
            OfferType::Event | OfferType::Vod => Err(RemoteError::unsupported(
                "JSON-RPC cannot localize offers of this type",
            )),
        },
        WriteCall::Country { .. } => Err(RemoteError::unsupported(
            "JSON-RPC cannot change one country by itself",
        )),
        WriteCall::Activate { .. } => {
            Err(RemoteError::unsupported("JSON-RPC cannot revive an offer"))
        }
        WriteCall::Deactivate { offer_type, id } => Ok(match offer_type {
            OfferType::Subscription => {
                take_one(batch.add(Deactivate::<json_rpc::Subscription>::new(id.raw())))
            }
            OfferType::Pass => take_one(batch.add(Deactivate::<json_rpc::Pass>::new(id.raw()))),
            OfferType::Single => take_one(batch.add(Deactivate::<json_rpc::Single>::new(id.raw()))),
            OfferType::Rental => take_one(batch.add(Deactivate::<json_rpc::Rental>::new(id.raw()))),
            OfferType::Event => take_one(batch.add(Deactivate::<json_rpc::Event>::new(id.raw()))),
            OfferType::Vod => take_one(batch.add(Deactivate::<json_rpc::Vod>::new(id.raw()))),
        }),
    }
}

fn create_any<K>(
    batch: &mut WriteBatch,
    offer_type: OfferType,
    content: &Content,
) -> Result<Take<ShownOffer>, RemoteError>
where
    K: Localizable,
    K::Data: FromFields,
    K::LocalizedData: FromFields,
    K::Offer: ToRow,
{
    let Some(localizations) = &content.localizations else {
        return create_plain::<K>(batch, content);
    };
    let base = K::Data::from_fields(&localized_base(offer_type, &content.fields))?;
    let rows: Result<Vec<K::LocalizedData>, RemoteError> = localizations
        .iter()
        .map(|(country, row)| {
            let fields = content.localized_fields(*country, Api::JsonRpc, offer_type);
            Ok(K::LocalizedData::from_fields(&fields)?.in_country(*country, Some(row.currency)))
        })
        .collect();
    Ok(take_many(
        batch.add(CreateMultiCurrency::<K>::new(base, rows?)),
    ))
}

fn create_plain<K>(
    batch: &mut WriteBatch,
    content: &Content,
) -> Result<Take<ShownOffer>, RemoteError>
where
    K: OfferKind,
    K::Data: FromFields,
    K::Offer: ToRow,
{
    if content.is_localized() {
        return Err(RemoteError::unsupported(
            "JSON-RPC cannot localize offers of this type",
        ));
    }
    Ok(take_one(batch.add(Create::<K>::new(K::Data::from_fields(
        &content.fields,
    )?))))
}

fn update_plain<K>(
    batch: &mut WriteBatch,
    id: &OfferId,
    base: &Fields,
) -> Result<Take<ShownOffer>, RemoteError>
where
    K: OfferKind,
    K::Data: FromFields,
    K::Offer: ToRow,
{
    Ok(take_one(batch.add(Update::<K>::new(
        id.raw(),
        K::Data::from_fields(base)?,
    ))))
}

fn update_localized<K>(
    batch: &mut WriteBatch,
    call: &WriteCall,
) -> Result<Take<ShownOffer>, RemoteError>
where
    K: Localizable,
    K::Data: FromFields,
    K::LocalizedData: FromFields,
    K::Offer: ToRow,
{
    let WriteCall::Update { id, base, rows, .. } = call else {
        return Err(RemoteError::unsupported("this is no update"));
    };
    let base = K::Data::from_fields(base)?;
    let rows: Result<Vec<K::LocalizedData>, RemoteError> = rows
        .iter()
        .map(|(country, fields)| {
            Ok(K::LocalizedData::from_fields(fields)?.in_country(*country, None))
        })
        .collect();
    Ok(take_many(batch.add(UpdateMultiCurrency::<K>::new(
        id.stem(),
        base,
        rows?,
    ))))
}

fn list_method<K: OfferKind>(call: &ListCall) -> List<K> {
    let filter = match call.form {
        ActiveForm::Boolean => ActiveFilter::Boolean(call.active),
        ActiveForm::Word => ActiveFilter::Word(call.active),
        ActiveForm::Digit => ActiveFilter::Digit(call.active),
    };
    List::new()
        .active(filter)
        .offset(call.offset)
        .limit(call.limit)
}

fn take_page<K>(ticket: Ticket<List<K>>) -> Take<ListPage>
where
    K: OfferKind,
    K::Offer: ToRow,
{
    Box::new(move |answers| {
        let bytes = answers.bytes_of(&ticket) as u64;
        let page = answers.take(ticket).map_err(|error| remote_error(&error))?;
        Ok(ListPage {
            bytes,
            total: page.total_item_count,
            rows: page.items.into_iter().map(ToRow::to_row).collect(),
        })
    })
}

fn take_row<K>(ticket: Ticket<Get<K>>) -> Take<ShownOffer>
where
    K: OfferKind,
    K::Offer: ToRow,
{
    Box::new(move |answers| {
        let offer = answers.take(ticket).map_err(|error| remote_error(&error))?;
        Ok(ShownOffer::of_rows(vec![offer.to_row()]))
    })
}

fn take_one<M>(ticket: Ticket<M>) -> Take<ShownOffer>
where
    M: json_rpc::Method,
    M::Output: ToRow,
{
    Box::new(move |answers| {
        let offer = answers.take(ticket).map_err(|error| remote_error(&error))?;
        Ok(ShownOffer::of_rows(vec![offer.to_row()]))
    })
}

fn take_many<M, O>(ticket: Ticket<M>) -> Take<ShownOffer>
where
    M: json_rpc::Method<Output = json_rpc::MultiCurrencyOffer<O>>,
    O: ToRow,
{
    Box::new(move |answers| {
        let offer = answers.take(ticket).map_err(|error| remote_error(&error))?;
        if offer.offers.is_empty() {
            // It may have been made all the same: nothing proves that it was not.
            let message = "the service answered without any localization".to_owned();
            return Err(RemoteError {
                message: message.into(),
                refusal: Refusal::None,
                retry: Retry::No,
                retry_after: None,
                obstacle: Obstacle::Other,
            });
        }
        let rows = offer.offers.into_iter().map(ToRow::to_row);
        Ok(ShownOffer::of_rows(rows.collect()))
    })
}
