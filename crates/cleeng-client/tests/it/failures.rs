//! What goes wrong on the way, and what it proves.

use std::{io::Write, net::TcpListener, time::Duration};

use cleeng_client::{Config, ConfigError, Endpoint, Error, ErrorKind, Token, json_rpc::*};
use flate2::{Compression, write::GzEncoder};

use crate::server::{Reply, Server, TOKEN, fixture};

async fn fail(config: &Config) -> Error {
    let writer = Writer::new(config).unwrap();
    let call = writer.call(DeactivatePassOffer::new("P123123123_US"));
    call.await.unwrap_err()
}

async fn fail_with(reply: Reply) -> Error {
    let server = Server::start([reply]);
    let error = fail(&server.config()).await;
    assert_eq!(server.requests().len(), 1);
    error
}

fn config(endpoint: &str) -> Config {
    Config::new(
        endpoint.parse::<Endpoint>().unwrap(),
        Token::new(TOKEN).unwrap(),
    )
}

#[tokio::test]
async fn every_status_is_told_and_judged() {
    for (status, proven, retryable) in [
        (400, true, false),
        (401, true, false),
        (403, true, false),
        (404, true, false),
        (408, false, true),
        (409, false, false),
        (413, true, false),
        (422, true, false),
        (429, true, true),
        (500, false, true),
        (502, false, true),
        (503, false, true),
        (504, false, true),
    ] {
        let reply = Reply::status(&format!("{status} X"), &[], "some page\n");
        let error = fail_with(reply).await;
        let ErrorKind::Status(told) = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!(told.status, status);
        assert_eq!(told.body, "some page");
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.is_proven_refused(), proven, "{status}");
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert_eq!(error.retry_after(), None);
    }
}

/// A status decides even where the body holds a proper answer.
#[tokio::test]
async fn a_status_goes_before_the_body() {
    let body = fixture("create-pass-offer.answer");
    let error = fail_with(Reply::status("500 X", &[], body)).await;
    assert!(matches!(error.kind(), ErrorKind::Status(_)));
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn an_error_page_that_breaks_off_is_still_a_status() {
    let bytes = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let error = fail_with(Reply::Close(bytes)).await;
    assert_eq!(error.http_status(), Some(403));
    assert!(error.is_proven_refused());
}

#[tokio::test]
async fn other_successes_are_read_too() {
    for status in ["200 OK", "201 Created", "202 Accepted"] {
        let body = fixture("deactivate-pass-offer.answer");
        let server = Server::start([Reply::status(status, &[], body)]);
        let call = server
            .writer()
            .call(DeactivatePassOffer::new("P123123123_US"))
            .await;
        assert!(call.is_ok(), "{status}");
    }
    let error = fail_with(Reply::status("204 No Content", &[], "")).await;
    assert!(
        matches!(error.kind(), ErrorKind::Unreadable(_)),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::start([Reply::json(fixture("create-pass-offer.answer"))]);
    for status in ["301 X", "302 X", "303 X", "307 X", "308 X"] {
        let location = format!("location: http://{}/3.0/json-rpc", target.address());
        let error = fail_with(Reply::status(status, &[&location], "")).await;
        assert!(matches!(error.kind(), ErrorKind::Status(_)), "{error:?}");
        assert!(!error.is_proven_refused());
        assert!(!error.is_retryable());
    }
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn the_service_may_ask_to_wait() {
    for (headers, expect) in [
        (&["retry-after: 120"][..], Some(120)),
        (
            &[
                "date: Fri, 15 May 2015 15:35:11 GMT",
                "retry-after: Fri, 15 May 2015 15:35:21 GMT",
            ],
            Some(10),
        ),
        (&["retry-after: soon"], None),
        (&[], None),
    ] {
        let error = fail_with(Reply::status("429 X", headers, "")).await;
        assert_eq!(error.retry_after(), expect.map(Duration::from_secs));
    }
}

#[tokio::test]
async fn a_refused_connection_carried_nothing() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let error = fail(&config(&format!("http://{address}"))).await;
    assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error:?}");
    assert!(error.is_proven_refused());
    assert!(error.is_retryable());
    assert_eq!(error.http_status(), None);
}

/// A name below `localhost` needs no proxy and no network. Where the system knows it after all,
/// nothing listens.
#[tokio::test]
async fn a_name_that_does_not_exist_carried_nothing() {
    let error = fail(&config("http://does-not-exist.localhost:1")).await;
    assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error:?}");
    assert!(error.is_proven_refused());
}

/// The server accepts TCP and speaks no TLS.
#[tokio::test]
async fn a_failed_handshake_carried_nothing() {
    let server = Server::start([Reply::Close(b"HTTP/1.1 400 X\r\n\r\n".to_vec())]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    for endpoint in [
        format!("https://{}", server.address()),
        format!("https://{silent}"),
    ] {
        let config = config(&endpoint)
            .root_certificates(include_str!("root.pem"))
            .connect_timeout(Duration::from_millis(300));
        let error = fail(&config).await;
        assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error:?}");
        assert!(error.is_proven_refused());
    }
}

#[tokio::test]
async fn silence_is_a_time_out_that_proves_nothing() {
    let server = Server::start([Reply::Silence]);
    let error = fail(&server.config().timeout(Duration::from_millis(300))).await;
    assert!(matches!(error.kind(), ErrorKind::Timeout(_)), "{error:?}");
    assert!(!error.is_proven_refused());
    assert!(error.is_retryable());
}

#[tokio::test]
async fn half_an_answer_in_time_is_a_time_out() {
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{".to_vec();
    let server = Server::start([Reply::Keep(bytes)]);
    let error = fail(&server.config().timeout(Duration::from_secs(1))).await;
    assert!(matches!(error.kind(), ErrorKind::Timeout(_)), "{error:?}");
    assert_eq!(error.http_status(), Some(200));
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn a_broken_connection_proves_nothing() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[{\"id",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08",
        b"garbage\r\n\r\n",
    ] {
        let error = fail_with(Reply::Close(bytes.to_vec())).await;
        assert!(
            matches!(error.kind(), ErrorKind::Interrupted(_)),
            "{bytes:?}: {error:?}"
        );
        assert!(!error.is_proven_refused());
        assert!(error.is_retryable());
    }
}

/// Without a length, the end of the connection is the end of the body: that it was cut shows only
/// in the JSON.
#[tokio::test]
async fn a_cut_body_without_a_length_proves_nothing() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    bytes.extend(&fixture("create-pass-offer.answer").into_bytes()[..200]);
    let error = fail_with(Reply::Close(bytes)).await;
    assert!(
        matches!(error.kind(), ErrorKind::Unreadable(_)),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn a_long_answer_is_not_read_to_its_end() {
    let body = fixture("deactivate-pass-offer.answer");
    let server = Server::start([Reply::json(&body)]);
    let error = fail(&server.config().max_answer_bytes(body.len() - 1)).await;
    assert!(
        matches!(error.kind(), ErrorKind::TooLong { .. }),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
    assert!(!error.is_retryable());

    let server = Server::start([Reply::json(&body)]);
    let writer = Writer::new(&server.config().max_answer_bytes(body.len())).unwrap();
    let call = writer.call(DeactivatePassOffer::new("P123123123_US"));
    assert!(call.await.is_ok());
}

#[tokio::test]
async fn a_compressed_answer_counts_as_what_it_becomes() {
    let server = Server::start([Reply::status(
        "200 OK",
        &["content-encoding: gzip"],
        gzip(fixture("deactivate-pass-offer.answer").as_bytes()),
    )]);
    let writer = server.writer();
    let call = writer.call(DeactivatePassOffer::new("P123123123_US"));
    assert!(call.await.is_ok());

    let bomb = gzip(&vec![b' '; 10_000_000]);
    assert!(bomb.len() < 100_000);
    let server = Server::start([Reply::status("200 OK", &["content-encoding: gzip"], &bomb)]);
    let error = fail(&server.config().max_answer_bytes(1_000_000)).await;
    assert!(
        matches!(error.kind(), ErrorKind::TooLong { .. }),
        "{error:?}"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_that_is_no_text_is_unreadable() {
    let error = fail_with(Reply::json(b"[\xff\xfe]")).await;
    let ErrorKind::Unreadable(decode) = error.kind() else {
        panic!("{error:?}");
    };
    assert_eq!(decode.expected, "UTF-8");
    assert!(!error.is_proven_refused());
}

#[test]
fn certificates_that_are_none_are_refused() {
    let config = config("https://127.0.0.1:1")
        .root_certificates("-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n");
    let error = Reader::new(&config).unwrap_err();
    assert!(matches!(error, ConfigError::Http(_)), "{error:?}");
}
