//! Whether what writes may still leave: [`Gate`].

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A last question before a request that writes leaves.
///
/// It is asked when the connection stands and takes the body of the request: after the waits for a name, a connection and TLS, and
/// after the process was stopped and went on. If the answer is no, the body is not written, so that the service gets a request that
/// breaks off before its end, and can carry out nothing: [`ErrorKind::Withheld`](crate::ErrorKind::Withheld). What of a body does not
/// fit into the buffers of the system at once (it takes a large batch) follows without being asked about again.
///
/// Of a request without a body (REST: to activate and deactivate) it is asked before a connection is got.
///
/// Clients with a gate speak HTTP/1.1: over HTTP/2 a body is taken before there is room for it.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> bool + Send + Sync>);

impl Gate {
    /// A gate that lets requests pass as long as `is_open` says so. It has to answer at once.
    pub fn new(is_open: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_open))
    }

    pub(crate) fn is_open(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gate")
    }
}

/// A body that asks a gate when it is to be written.
pub(crate) struct GatedBody {
    bytes: Option<Bytes>,
    gate: Gate,
}

impl GatedBody {
    pub(crate) fn new(bytes: Vec<u8>, gate: Gate) -> Self {
        let bytes = Some(Bytes::from(bytes)).filter(|bytes| !bytes.is_empty());
        Self { bytes, gate }
    }
}

/// The gate was shut.
#[derive(Debug, thiserror::Error)]
#[error("it was no longer allowed to be sent")]
pub(crate) struct Shut;

impl Body for GatedBody {
    type Data = Bytes;
    type Error = Shut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Shut>>> {
        let Some(bytes) = self.bytes.take() else {
            return Poll::Ready(None);
        };
        let is_open = self.gate.is_open();
        Poll::Ready(Some(if is_open {
            Ok(Frame::data(bytes))
        } else {
            Err(Shut)
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

/// Whether an error comes from a gate that was shut.
pub(crate) fn is_shut(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    chain.any(<dyn std::error::Error>::is::<Shut>)
}
