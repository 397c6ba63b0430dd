//! From replies to HTTP responses: [`respond`].

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use flate2::write::GzEncoder;
use http_body::Frame;
use thiserror::Error;

use crate::config::Compression;
use crate::exchange::Reply;
use crate::throttle::TooMany;

/// The content type of answers.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Where a redirect leads that names no place. Nothing is there.
const DEFAULT_LOCATION: HeaderValue = HeaderValue::from_static("/moved");

/// Bodies below this length are not compressed: they fit into one packet as they are.
const LEAST_COMPRESSED: usize = 1024;

/// A fault closes the connection. As an extension of a response it asks for that; as an error it does it.
#[derive(Clone, Copy, Debug, Error)]
#[error("a fault cut the connection")]
pub(crate) struct Cut;

/// Marks a response that is never sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silent;

/// Marks a response whose body breaks off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truncated;

/// Returns the HTTP response to a request with these headers.
pub(crate) fn respond(
    reply: Reply,
    request: &HeaderMap,
    compression: Compression,
) -> Response<Body> {
    match reply {
        Reply::Body(body) => {
            let reply = Reply::Answer {
                status: 200,
                headers: Vec::new(),
                body,
            };
            respond(reply, request, compression)
        }
        Reply::Answer {
            status,
            headers: named,
            body,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let has_body = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
            let compressed = (compression == Compression::Gzip
                && body.len() >= LEAST_COMPRESSED
                && accepts_gzip(request))
            .then(|| gzip(body.as_bytes()))
            .flatten();
            let is_compressed = compressed.is_some();
            let body = compressed.unwrap_or_else(|| body.into_bytes());
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            if has_body {
                headers.insert(header::CONTENT_TYPE, JSON);
            }
            for (name, value) in named {
                if let Ok(value) = HeaderValue::try_from(value) {
                    headers.insert(name, value);
                }
            }
            if is_compressed {
                let gzip = HeaderValue::from_static("gzip");
                headers.insert(header::CONTENT_ENCODING, gzip);
            }
            response
        }
        Reply::Status {
            code,
            retry_after,
            location,
        } => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = text(status, "A fault rule asked for this");
            let headers = response.headers_mut();
            if let Some(seconds) = retry_after {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            if status.is_redirection() {
                let location = location
                    .and_then(|location| HeaderValue::try_from(location).ok())
                    .unwrap_or(DEFAULT_LOCATION);
                headers.insert(header::LOCATION, location);
            }
            response
        }
        Reply::Truncated { status, body } => truncated(status, body),
        Reply::Cut => {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(Cut);
            response
        }
        Reply::Silence => {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(Silent);
            response
        }
        Reply::Unavailable(reason) => text(StatusCode::SERVICE_UNAVAILABLE, &reason),
    }
}

/// Returns the response to a request too many.
pub(crate) fn too_many(TooMany { retry_after }: TooMany) -> Response<Body> {
    let mut response = text(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Returns a response with a short text.
pub(crate) fn text(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// A body of which half is sent: the length that was promised is that of the whole.
fn truncated(status: u16, body: String) -> Response<Body> {
    let length = body.len();
    let mut half = Bytes::from(body);
    half.truncate(length / 2);
    let mut response = Response::new(Body::new(BrokenBody {
        half: Some(half),
        was_pending: false,
    }));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CONTENT_LENGTH, length.into());
    response.extensions_mut().insert(Truncated);
    response
}

/// Gives some bytes and then fails.
struct BrokenBody {
    half: Option<Bytes>,
    was_pending: bool,
}

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if self.was_pending {
            return Poll::Ready(Some(Err(Cut)));
        }
        // What was given is only sent while the body makes its connection wait.
        self.was_pending = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let is_refused = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0);
            name.trim().eq_ignore_ascii_case("gzip") && !is_refused
        })
}

/// Compresses quickly rather than well: client and emulator usually share a machine.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_accepts(value: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        assert_eq!(accepts_gzip(&headers), expected, "{value}");
    }

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        check_accepts("gzip", true);
        check_accepts("br, GZIP;q=0.5", true);
        check_accepts("deflate, br", false);
        check_accepts("gzip;q=0", false);
        check_accepts("gzip; q=0.0", false);
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
