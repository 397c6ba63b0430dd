//! Whether what writes may still leave: [`Gate`].

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A last question before a request that writes leaves.
///
/// It is asked when the connection stands and takes the body of the request, after every wait: for a name, a connection, TLS,
/// room in a buffer, and after the process was stopped and went on. If the answer is no, the body is not written, so that
/// the service gets a request that breaks off before its end, and can carry out nothing. The call fails as one whose outcome is
/// not known.
///
/// A request without a body (REST: to activate and deactivate) is not asked about: the version of the offer, which goes with
/// it, has to do there.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> bool + Send + Sync>);

impl Gate {
    /// A gate that lets requests pass as long as `is_open` says so. It has to answer at once.
    pub fn new(is_open: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_open))
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

/// The gate was closed.
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
        let is_open = (self.gate.0)();
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
