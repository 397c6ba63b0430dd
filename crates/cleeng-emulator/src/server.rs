//! Listens and answers: [`accept`], the loop that owns the connections to a [`Server`].
//!
//! The loop is the emulator's own, not axum's, since a fault must be able to close a connection without an answer.

mod door;
mod respond;
mod routes;
mod state;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::routes::{routes, serve, told_to_stop};

pub(crate) use self::state::Server;

/// How long a stopping server waits for answers on their way, before it closes their connections.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait after the system refused a connection, for lack of file descriptors most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until told to stop, then waits for what is in work.
pub(crate) async fn accept(
    listener: TcpListener,
    server: Arc<Server>,
    stop: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes(Arc::clone(&server)));
    let mut stopped = stop.clone();
    let mut connections = JoinSet::new();
    loop {
        select! {
            biased;
            () = told_to_stop(&mut stopped) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (server, routes) = (Arc::clone(&server), routes.clone());
                    connections.spawn(hold(stream, server, routes, stop.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    let drain = async {
        while connections.join_next().await.is_some() {}
        let mut work = server.take_work();
        while work.join_next().await.is_some() {}
    };
    // Whatever is left after it ends with its set.
    drop(timeout(GRACE, drain).await);
}

/// Serves the requests of one connection.
async fn hold(
    stream: TcpStream,
    server: Arc<Server>,
    routes: TowerToHyperService<axum::Router>,
    mut stop: watch::Receiver<bool>,
) {
    // Small answers are not to wait for more; a connection without this still works.
    drop(stream.set_nodelay(true));
    let silence = stop.clone();
    let service = service_fn(move |request| {
        serve(
            Arc::clone(&server),
            routes.clone(),
            silence.clone(),
            request,
        )
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut is_stopping = false;
    loop {
        select! {
            // An error is a client that went away or a connection that a fault cut.
            _ = connection.as_mut() => break,
            () = told_to_stop(&mut stop), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
