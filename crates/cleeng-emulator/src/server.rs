//! Listens and answers: [`Server`], with its routes and the life of one HTTP request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use axum::routing::{any, get, post};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::sync::{oneshot, watch};
use tokio::task::{self, JoinSet};
use tokio::time::sleep;

use crate::config::{Compression, Config};
use crate::exchange::{Exchange, Reply, Step, Work};
use crate::record::{AnswerRecord, Recorder};
use crate::rest::exchange::RestExchange;
use crate::rest::request::Request as RestRequest;
use crate::throttle::Turnstile;
use crate::world::World;

mod connection;
mod respond;

pub(crate) use connection::accept;
use connection::told_to_stop;
use respond::{Cut, Silent, Truncated, respond};

/// Path of the record for other processes.
const REQUESTS_PATH: &str = "/_emulator/requests";

/// Path that empties the record.
const RESET_PATH: &str = "/_emulator/reset-requests";

/// Where the REST API is (API sheet §5.1).
const REST_PATH: &str = "/3.1/";

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Server {
    world: Mutex<World>,
    recorder: Mutex<Recorder>,
    /// Requests in work. They go on when their client is gone, as those of a real service would.
    work: Mutex<JoinSet<()>>,
    latency: Duration,
    turnstile: Mutex<Turnstile>,
    body_limit: usize,
    batch_cap: usize,
    compression: Compression,
}

/// The number of an HTTP request in the record.
#[derive(Clone, Copy, Debug)]
struct RequestIndex(u64);

impl Server {
    pub(crate) fn new(world: World, config: &Config) -> Self {
        Self {
            world: Mutex::new(world),
            recorder: Mutex::new(Recorder::new(config.account.token.clone())),
            work: Mutex::default(),
            latency: config.latency,
            turnstile: Mutex::new(Turnstile::new(config.throttle)),
            body_limit: config.body_limit,
            batch_cap: config.batch_cap,
            compression: config.compression,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        lock(&self.recorder)
    }

    /// Returns the requests in work, to be waited for; later ones are no longer part of it.
    pub(crate) fn take_work(&self) -> JoinSet<()> {
        std::mem::take(&mut *lock(&self.work))
    }

    fn begin_work(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut set = lock(&self.work);
        // Those that are done would stay in the set for ever.
        while set.try_join_next().is_some() {}
        set.spawn(work);
    }
}

/// A panic elsewhere is no reason to fail here: what the lock protects is never left half changed by a call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the routes of the server.
pub(crate) fn routes(server: Arc<Server>) -> Router {
    let body_limit = DefaultBodyLimit::max(server.body_limit);
    Router::new()
        .route("/3.0/json-rpc", post(json_rpc))
        .route("/api/3.0/json-rpc", post(json_rpc))
        .route("/3.1/{*path}", any(rest))
        .route(REQUESTS_PATH, get(requests))
        .route(RESET_PATH, post(reset_requests))
        .layer(body_limit)
        .with_state(server)
}

/// Serves one HTTP request and keeps the record of it. An error closes the connection without an answer.
async fn serve(
    server: Arc<Server>,
    routes: TowerToHyperService<Router>,
    mut stop: watch::Receiver<bool>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Cut> {
    let path = request.uri().path();
    if [REQUESTS_PATH, RESET_PATH].contains(&path) {
        return routes.call(request).await.map_err(|never| match never {});
    }
    let index = server.recorder().begin(request.method().as_str(), path);
    let mut ending = Ending {
        server,
        index,
        answer: AnswerRecord::Abandoned,
    };
    let passed = lock(&ending.server.turnstile).pass(Instant::now());
    if let Err(too_many) = passed {
        sleep(ending.server.latency).await;
        ending.answer = AnswerRecord::Status(StatusCode::TOO_MANY_REQUESTS.as_u16());
        return Ok(respond::too_many(too_many));
    }
    request.extensions_mut().insert(RequestIndex(index));
    let response = routes.call(request).await.map_err(|never| match never {})?;
    let status = response.status().as_u16();
    if response.extensions().get::<Silent>().is_some() {
        // Until then, or until the client goes away: its connection drops this.
        told_to_stop(&mut stop).await;
        ending.answer = AnswerRecord::Cut;
        return Err(Cut);
    }
    if response.extensions().get::<Cut>().is_some() {
        ending.answer = AnswerRecord::Cut;
        return Err(Cut);
    }
    ending.answer = match response.extensions().get::<Truncated>() {
        Some(Truncated) => AnswerRecord::Truncated(status),
        None => AnswerRecord::Status(status),
    };
    Ok(response)
}

/// Notes how a request ended, also when its connection ends first.
struct Ending {
    server: Arc<Server>,
    index: u64,
    answer: AnswerRecord,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.server.recorder().end(self.index, self.answer);
    }
}

async fn json_rpc(
    State(server): State<Arc<Server>>,
    Extension(RequestIndex(index)): Extension<RequestIndex>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let exchange = Exchange::new(&body, server.batch_cap);
    answer(server, index, exchange, &headers).await
}

async fn rest(
    State(server): State<Arc<Server>>,
    Extension(RequestIndex(index)): Extension<RequestIndex>,
    (verb, uri): (Method, Uri),
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().strip_prefix(REST_PATH).unwrap_or_default();
    let request = RestRequest::read((verb.as_str(), path), uri.query(), &headers, body);
    answer(server, index, RestExchange::new(request), &headers).await
}

/// Lets the work go on by itself, and waits for its reply.
async fn answer(
    server: Arc<Server>,
    index: u64,
    exchange: impl Work,
    headers: &HeaderMap,
) -> Response<Body> {
    let (sender, receiver) = oneshot::channel();
    server.begin_work({
        let server = Arc::clone(&server);
        async move {
            let reply = work(server, index, exchange).await;
            // Nobody receives it if the client is gone.
            drop(sender.send(reply));
        }
    });
    match receiver.await {
        Ok(reply) => respond(reply, headers, server.compression),
        Err(_) => respond::text(StatusCode::INTERNAL_SERVER_ERROR, "The work was broken off"),
    }
}

/// Works through one request, pausing where a fault says so.
async fn work(server: Arc<Server>, index: u64, mut exchange: impl Work) -> Reply {
    sleep(server.latency).await;
    loop {
        let shared = Arc::clone(&server);
        // A step may write a file, and long lists take their time.
        let stepped = task::spawn_blocking(move || {
            let step = exchange.advance(&mut shared.world());
            let calls = exchange.take_calls();
            shared
                .recorder()
                .add_calls(index, exchange.is_batch(), calls);
            (exchange, step)
        });
        match stepped.await {
            Ok((next, Step::Pause(pause))) => {
                exchange = next;
                sleep(pause).await;
            }
            Ok((_, Step::Done(reply))) => return reply,
            Err(error) => return Reply::Unavailable(error.to_string()),
        }
    }
}

async fn requests(State(server): State<Arc<Server>>) -> Response<Body> {
    let record = server.recorder().snapshot();
    match serde_json::to_vec(&record) {
        Ok(json) => {
            let mut response = Response::new(Body::from(json));
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, respond::JSON);
            response
        }
        Err(error) => respond::text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn reset_requests(State(server): State<Arc<Server>>) -> StatusCode {
    server.recorder().reset();
    StatusCode::NO_CONTENT
}
