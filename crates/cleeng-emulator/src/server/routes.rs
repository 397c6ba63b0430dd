//! The routes, and the life of one HTTP request: [`serve`].

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use axum::routing::{any, get, post};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::sync::{oneshot, watch};
use tokio::task;
use tokio::time::sleep;

use super::door::Admitted;
use super::respond::{Cut, JSON, Silent, Truncated, respond, text, too_many};
use super::state::{Server, lock};
use crate::exchange::{Exchange, Generation, Reply, Step};
use crate::json_rpc::exchange::JsonRpcExchange;
use crate::record::AnswerRecord;
use crate::rest::exchange::RestExchange;
use crate::rest::request::Request as RestRequest;

/// Path of the record for other processes.
const REQUESTS_PATH: &str = "/_emulator/requests";

/// Path that empties the record.
const RESET_PATH: &str = "/_emulator/reset-requests";

/// Where the REST API is (docs/cleeng-api.md §5.1).
const REST_PATH: &str = "/3.1/";

/// The number of an HTTP request in the record.
#[derive(Clone, Copy, Debug)]
struct RequestIndex(u64);

/// Returns the routes of the server.
pub(super) fn routes(server: Arc<Server>) -> Router {
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

/// Serves one HTTP request, if it is let in. An error closes the connection without an answer.
///
/// What is not let in is no request to the service: the record has neither it nor a browser's question whether it may be sent.
pub(super) async fn serve(
    server: Arc<Server>,
    routes: TowerToHyperService<Router>,
    stop: watch::Receiver<bool>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Cut> {
    let sender = match server.door.admit(&request) {
        Ok(Admitted::Request(sender)) => sender,
        Ok(Admitted::Preflight(response)) => return Ok(response),
        Err(refusal) => return Ok(refusal.response()),
    };
    let mut response = attend(server, routes, stop, request).await?;
    sender.let_read(&mut response);
    Ok(response)
}

/// Serves one HTTP request that was let in, and keeps the record of it.
async fn attend(
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
    if let Err(refusal) = passed {
        sleep(ending.server.latency).await;
        ending.answer = AnswerRecord::Status(StatusCode::TOO_MANY_REQUESTS.as_u16());
        return Ok(too_many(refusal));
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
    let exchange = JsonRpcExchange::new(&body, server.batch_cap);
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
async fn answer<G: Generation>(
    server: Arc<Server>,
    index: u64,
    exchange: Exchange<G>,
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
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "The work was broken off"),
    }
}

/// Works through one request, pausing where a fault says so.
async fn work<G: Generation>(server: Arc<Server>, index: u64, mut exchange: Exchange<G>) -> Reply {
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
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn reset_requests(State(server): State<Arc<Server>>) -> StatusCode {
    server.recorder().reset();
    StatusCode::NO_CONTENT
}

/// Waits until told to stop, which the end of the emulator does too.
pub(super) async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
