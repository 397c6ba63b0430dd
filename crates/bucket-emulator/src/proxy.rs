//! What stands between a runner and a server: [`Proxy`].

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::serve::{Closed, Listener};

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// Its method.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
}

/// What becomes of a request.
pub enum Deed {
    /// It is passed on.
    Pass,
    /// It arrives so much later, and its answer so much later than that.
    Delay {
        /// Before it takes effect.
        before: Duration,
        /// After it took effect.
        after: Duration,
    },
    /// It never arrives, and its connection is closed.
    Drop,
    /// It takes effect, and its connection is closed without an answer.
    DropAnswer,
    /// Its connection is closed at once, and it takes effect so much later.
    Late(Duration),
    /// It arrives twice; the second answer is passed on.
    Repeat,
    /// The proxy answers in place of the server.
    Answer {
        /// With this status and an empty body.
        status: u16,
        /// Whether it has taken effect before.
        is_done: bool,
    },
    /// It takes effect, then this is called, then it is answered.
    Then(Box<dyn FnOnce() + Send>),
}

impl fmt::Debug for Deed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => formatter.write_str("Pass"),
            Self::Delay { before, after } => write!(formatter, "Delay({before:?}, {after:?})"),
            Self::Drop => formatter.write_str("Drop"),
            Self::DropAnswer => formatter.write_str("DropAnswer"),
            Self::Late(late) => write!(formatter, "Late({late:?})"),
            Self::Repeat => formatter.write_str("Repeat"),
            Self::Answer { status, is_done } => {
                write!(formatter, "Answer({status}, done: {is_done})")
            }
            Self::Then(_) => formatter.write_str("Then"),
        }
    }
}

type Judge = Arc<dyn Fn(&Passing) -> Deed + Send + Sync>;

/// A proxy on a free port of 127.0.0.1. It takes nothing more when it is dropped; what is under way goes on.
pub struct Proxy {
    listener: Listener,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: SocketAddr,
    judge: Mutex<Judge>,
    /// Requests on their way. They go on when their client is gone.
    work: Mutex<JoinSet<()>>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxy")
            .field("address", &self.listener.address)
            .field("upstream", &self.shared.upstream)
            .finish_non_exhaustive()
    }
}

impl Proxy {
    /// Starts one that passes everything on.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            upstream,
            judge: Mutex::new(Arc::new(|_| Deed::Pass)),
            work: Mutex::default(),
        });
        let listener = {
            let shared = Arc::clone(&shared);
            Listener::start(move |request| Arc::clone(&shared).pass(request)).await?
        };
        Ok(Self { listener, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address
    }

    /// Lets `judge` decide what becomes of each request from now on; it is called as the request arrives.
    pub fn judge(&self, judge: impl Fn(&Passing) -> Deed + Send + Sync + 'static) {
        *lock(&self.shared.judge) = Arc::new(judge);
    }
}

impl Shared {
    async fn pass(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Closed> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        let passing = Passing {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
        };
        let judge = Arc::clone(&lock(&self.judge));
        let (tell, told) = oneshot::channel();
        let shared = Arc::clone(&self);
        self.begin(async move {
            let deed = judge(&passing);
            // A client that went away hears nothing.
            let _heard = tell.send(shared.carry_out(deed, parts, body).await);
        });
        told.await.unwrap_or(Err(Closed))
    }

    /// Lets something go on, whether or not anybody waits for it.
    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut all = lock(&self.work);
        while all.try_join_next().is_some() {}
        all.spawn(work);
    }

    async fn carry_out(
        self: Arc<Self>,
        deed: Deed,
        parts: Parts,
        body: Bytes,
    ) -> Result<Response<Full<Bytes>>, Closed> {
        match deed {
            Deed::Pass => self.forward(&parts, body).await,
            Deed::Delay { before, after } => {
                sleep(before).await;
                let answer = self.forward(&parts, body).await;
                sleep(after).await;
                answer
            }
            Deed::Drop => Err(Closed),
            Deed::DropAnswer => {
                let _answer = self.forward(&parts, body).await;
                Err(Closed)
            }
            Deed::Late(late) => {
                let shared = Arc::clone(&self);
                self.begin(async move {
                    sleep(late).await;
                    let _answer = shared.forward(&parts, body).await;
                });
                Err(Closed)
            }
            Deed::Repeat => {
                let _first = self.forward(&parts, body.clone()).await;
                self.forward(&parts, body).await
            }
            Deed::Answer { status, is_done } => {
                if is_done {
                    let _answer = self.forward(&parts, body).await;
                }
                let mut answer = Response::new(Full::default());
                *answer.status_mut() = StatusCode::from_u16(status).map_err(|_| Closed)?;
                Ok(answer)
            }
            Deed::Then(then) => {
                let answer = self.forward(&parts, body).await;
                then();
                answer
            }
        }
    }

    /// Sends a request to the server, on a connection of its own.
    async fn forward(&self, parts: &Parts, body: Bytes) -> Result<Response<Full<Bytes>>, Closed> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        let stream = TcpStream::connect(self.upstream)
            .await
            .map_err(|_| Closed)?;
        let _set = stream.set_nodelay(true);
        let made = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = made.map_err(|_| Closed)?;
        let mut connection = pin!(connection);
        let mut exchange = pin!(async {
            let (parts, body) = sender.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((parts, body.collect().await?.to_bytes()))
        });
        let answered = tokio::select! {
            answered = &mut exchange => answered,
            _ended = &mut connection => exchange.await,
        };
        let (parts, body) = answered.map_err(|_| Closed)?;
        let mut answer = Response::new(Full::new(body));
        *answer.status_mut() = parts.status;
        *answer.headers_mut() = parts.headers;
        // The connection to the client is another one.
        answer.headers_mut().remove(hyper::header::CONNECTION);
        answer
            .headers_mut()
            .remove(hyper::header::TRANSFER_ENCODING);
        Ok(answer)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
