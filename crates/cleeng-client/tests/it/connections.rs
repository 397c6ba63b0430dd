//! Connections that are kept, and that nothing travels over them twice.

use std::time::Duration;

use cleeng_client::{ErrorKind, json_rpc::*};

use crate::server::{Reply, Server, fixture};

fn deactivation() -> DeactivatePassOffer {
    DeactivatePassOffer::new("P123123123_US")
}

fn answer() -> Reply {
    Reply::json(fixture("deactivate-pass-offer.answer"))
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start([answer(), answer(), answer()]);
    let writer = server.writer();
    for _ in 0..3 {
        assert!(writer.call(deactivation()).await.is_ok());
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.connection == 1)
    );
}

/// The case that reqwest and hyper could take for a stale connection and repeat: the request
/// travels over a connection from the pool, which breaks before a byte of the answer.
#[tokio::test]
async fn a_request_that_a_kept_connection_took_is_not_sent_again() {
    let server = Server::start([answer(), Reply::close(), answer(), answer()]);
    let writer = server.writer();
    assert!(writer.call(deactivation()).await.is_ok());
    let error = writer.call(deactivation()).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Interrupted(_)),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
    let connections: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [1, 1]);
    assert!(writer.call(deactivation()).await.is_ok());
    assert_eq!(server.requests().len(), 3);
}

/// A connection that was closed while it was idle is noticed before anything is written to it, or
/// the call fails; either way the server sees each request at most once.
#[tokio::test]
async fn a_connection_that_closed_while_idle_is_not_an_error() {
    let Reply::Keep(bytes) = answer() else {
        panic!("an answer keeps the connection");
    };
    let server = Server::start([Reply::Close(bytes), answer()]);
    let writer = server.writer();
    assert!(writer.call(deactivation()).await.is_ok());
    while server.closed_connections() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The client learns of it when it next looks at its sockets.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(writer.call(deactivation()).await.is_ok());
    let connections: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [1, 2]);
}

/// Closed and used again at once, over and over: the race between the two is where requests get
/// lost or doubled.
#[tokio::test]
async fn the_race_with_a_closing_connection_doubles_nothing() {
    for _ in 0..50 {
        let Reply::Keep(bytes) = answer() else {
            panic!("an answer keeps the connection");
        };
        let server = Server::start([Reply::Close(bytes), answer()]);
        let writer = server.writer();
        assert!(writer.call(deactivation()).await.is_ok());
        let second = writer.call(deactivation()).await;
        if let Err(error) = &second {
            assert!(!error.is_proven_refused() || matches!(error.kind(), ErrorKind::Connect(_)));
        }
        assert!(server.requests().len() <= 2);
        assert!(second.is_err() || server.requests().len() == 2);
    }
}

#[tokio::test]
async fn requests_run_side_by_side() {
    let server = Server::start([Reply::Silence, answer()]);
    let writer = server.writer();
    let second = async {
        while server.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        writer.call(deactivation()).await
    };
    tokio::select! {
        first = writer.call(deactivation()) => panic!("{first:?}"),
        second = second => assert!(second.is_ok()),
    }
}
