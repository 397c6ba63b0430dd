//! Cleeng's HTTP API on offers, as it is.
//!
//! [`json_rpc`] has the 39 methods of the JSON-RPC API, version 3.0, as typed calls, [`rest`] the
//! endpoints of the REST API, Core 3.1. What is here at the top is shared: [`Config`] and
//! [`Token`], [`Error`], and the forms in which a value can come, [`Member`] above all.
//!
//! ```
//! use cleeng_client::{
//!     Config, Endpoint, Token,
//!     json_rpc::{ActiveFilter, GetPassOffer, ListPassOffers, Reader},
//! };
//!
//! # /// Answers two requests the way the service does.
//! # fn serve() -> std::io::Result<String> {
//! #     use std::io::{BufRead, BufReader, Read, Write};
//! #     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! #     let endpoint = format!("http://{}", listener.local_addr()?);
//! #     std::thread::spawn(move || {
//! #         let (mut stream, _) = listener.accept().unwrap();
//! #         let mut requests = BufReader::new(stream.try_clone().unwrap());
//! #         let offer = r#"{"id":"P123123123_US","price":"12.00","active":"1"}"#;
//! #         let page = format!(r#"{{"items":[{offer}],"totalItemCount":1}}"#);
//! #         for result in [&page, offer] {
//! #             let (mut line, mut length) = (String::new(), 0);
//! #             while line != "\r\n" {
//! #                 line.clear();
//! #                 requests.read_line(&mut line).unwrap();
//! #                 if let Some(value) = line.strip_prefix("content-length:") {
//! #                     length = value.trim().parse().unwrap();
//! #                 }
//! #             }
//! #             requests.read_exact(&mut vec![0; length]).unwrap();
//! #             let body = format!(r#"{{"result":{result},"id":"1","error":null,"jsonrpc":"2.0"}}"#);
//! #             write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
//! #         }
//! #     });
//! #     Ok(endpoint)
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let endpoint = serve()?;
//! let config = Config::new(endpoint.parse::<Endpoint>()?, Token::new("the-token")?);
//! let reader = Reader::new(&config)?;
//!
//! let page = reader
//!     .call(ListPassOffers::new().active(ActiveFilter::Boolean(true)).limit(200))
//!     .await?;
//! assert_eq!(page.total_item_count, 1);
//!
//! let pass = reader.call(GetPassOffer::new("P123123123_US")).await?;
//! assert_eq!(pass.price.value().map(ToString::to_string).as_deref(), Some("12.00"));
//! assert_eq!(pass.active.value(), Some(&true));
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - **Reading and writing are two types.** A [`json_rpc::Reader`] has no method that writes, nor
//!   has a [`rest::Reader`].
//! - **Nothing is sent twice**, at no layer: no retries, no redirects. Whether a call that failed
//!   can have taken effect is [`Error::is_proven_refused`].
//! - **Prices are decimals**, read from the digits of the answer and written with theirs, never
//!   through a binary float.
//! - **Absent, null and empty are told apart** in answers ([`Member`]), and every form in which the
//!   service writes a value is read.
//! - **The token is never shown**: not by `Debug`, not in errors, not in log events, also where the
//!   service echoes it.
//! - **Answers are bounded** in size and time, and no answer makes it panic.
//!
//! It does not limit, delay or repeat requests: whoever calls decides on concurrency, on a rate
//! and on retries; and, with a [`Gate`], at the last moment whether a write may leave at all. There is one `tracing` event per HTTP request, at debug level.
//!
//! Statements about the service name their section of `docs/cleeng-api.md`, where what is known about Cleeng's API is collected
//! with its sources.

mod clock;
mod config;
#[cfg(test)]
mod damage;
mod echo;
mod error;
mod excerpt;
mod gate;
pub mod json_rpc;
mod member;
mod number;
mod offer_id;
pub mod rest;
mod retry_after;
mod token;
mod transport;
mod wire;

pub use rust_decimal::Decimal;

pub use self::{
    clock::service_time,
    config::{BaseUrl, Config, ConfigError, Endpoint, MAX_CALLS_PER_REQUEST, Site},
    error::{ApiError, DecodeError, Error, ErrorKind, StatusError, TransportError},
    gate::Gate,
    member::Member,
    offer_id::{MultiCurrencyOfferId, OfferId},
    token::{Token, TokenError},
};
