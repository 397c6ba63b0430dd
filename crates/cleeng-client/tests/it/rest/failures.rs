//! What goes wrong on the way, and what it proves.

use std::{net::TcpListener, time::Duration};

use cleeng_client::{Config, Endpoint, Error, ErrorKind, Token, rest::*};

use super::{id, pass, writer};
use crate::server::{Reply, Server, TOKEN, fixture};

async fn fail_with(reply: Reply) -> Error {
    let server = Server::start([reply]);
    let error = writer(&server).create(&pass()).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
    error
}

#[tokio::test]
async fn every_status_is_told_and_judged() {
    for (status, proven, retryable) in [
        (202, false, false),
        (203, false, false),
        (206, false, false),
        (300, false, false),
        (304, false, false),
        (400, true, false),
        (401, true, false),
        (403, true, false),
        (404, true, false),
        (408, false, true),
        (409, false, false),
        (410, false, false),
        (412, false, false),
        (413, true, false),
        (422, true, false),
        (425, false, true),
        (429, true, true),
        (500, false, true),
        (501, false, false),
        (502, false, true),
        (503, false, true),
        (504, false, true),
    ] {
        let body = if status == 304 {
            ""
        } else {
            r#"{"message":"so it is"}"#
        };
        let reply = Reply::status(&format!("{status} X"), &[], body);
        let error = fail_with(reply).await;
        let ErrorKind::Status(told) = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!(told.status, status);
        assert_eq!(told.body, body);
        assert_eq!(told.message.is_some(), status != 304);
        assert_eq!(error.status_error(), Some(told));
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.is_proven_refused(), proven, "{status}");
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert_eq!(error.retry_after(), None);
    }
}

#[tokio::test]
async fn a_refusal_has_the_services_message() {
    let reply = Reply::status("422 X", &["retry-after: 7"], fixture("rest-error.answer"));
    let error = fail_with(reply).await;
    assert_eq!(error.to_string(), "`POST /offers` failed");
    assert_eq!(
        error.kind().to_string(),
        "the service answered with HTTP status 422: Season group 'NFL' already exists"
    );
    assert_eq!(
        error.status_error().unwrap().message.as_deref(),
        Some("Season group 'NFL' already exists")
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.api_error(), None);
}

/// A status decides even where the body is an offer.
#[tokio::test]
async fn a_status_goes_before_the_body() {
    let body = fixture("rest-patch-offer.answer");
    for status in ["202 Accepted", "500 X", "409 X"] {
        let error = fail_with(Reply::status(status, &[], &body)).await;
        assert!(matches!(error.kind(), ErrorKind::Status(_)), "{error:?}");
        assert!(!error.is_proven_refused());
    }
}

/// Only a change can find that there is nothing to change.
#[tokio::test]
async fn a_create_and_a_read_need_an_offer() {
    let reply = || Reply::Keep(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    let server = Server::start([reply(), reply(), reply(), reply()]);
    let writer = writer(&server);
    let reader = writer.reader();
    let price = PriceData::new(1).currency("EUR");
    let localization = CreateLocalization::new("FR", "A", price);
    for error in [
        writer.create(&pass()).await.unwrap_err(),
        writer
            .create_localization(&id(), &localization, None)
            .await
            .unwrap_err(),
        reader.get(&id()).await.unwrap_err(),
        reader.list(&ListQuery::new()).await.unwrap_err(),
    ] {
        assert!(
            matches!(error.kind(), ErrorKind::Unreadable(_)),
            "{error:?}"
        );
        assert_eq!(error.http_status(), Some(204));
        assert!(!error.is_proven_refused());
    }
}

#[tokio::test]
async fn a_change_with_an_empty_body_is_not_known_to_be_done() {
    let server = Server::start([Reply::json("")]);
    let error = writer(&server).activate(&id(), None).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unreadable(_)),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::start([Reply::json(fixture("rest-patch-offer.answer"))]);
    for status in ["301 X", "302 X", "303 X", "307 X", "308 X"] {
        let location = format!("location: http://{}/3.1/offers", target.address());
        let reply = || Reply::status(status, &[&location], "");
        let server = Server::start([reply(), reply()]);
        let writer = writer(&server);
        let error = writer.create(&pass()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Status(_)), "{error:?}");
        assert!(!error.is_proven_refused());
        assert!(writer.reader().get(&id()).await.is_err());
    }
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn a_refused_connection_carried_nothing() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let endpoint: Endpoint = format!("http://{address}").parse().unwrap();
    let config = Config::new(endpoint, Token::new(TOKEN).unwrap());
    let writer = Writer::new(&config).unwrap();
    let error = writer.create(&pass()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error:?}");
    assert!(error.is_proven_refused());
    assert!(error.is_retryable());
}

#[tokio::test]
async fn silence_is_a_time_out_that_proves_nothing() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\"".to_vec();
    for reply in [Reply::Silence, Reply::Keep(half)] {
        let server = Server::start([reply]);
        let config = server.config().timeout(Duration::from_millis(300));
        let writer = Writer::new(&config).unwrap();
        let error = writer.create(&pass()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout(_)), "{error:?}");
        assert!(!error.is_proven_refused());
    }
}

#[tokio::test]
async fn a_broken_connection_proves_nothing() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 201",
        b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":\"S1\"}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"",
        b"garbage\r\n\r\n",
    ] {
        let error = fail_with(Reply::Close(bytes.to_vec())).await;
        assert!(
            matches!(error.kind(), ErrorKind::Interrupted(_)),
            "{bytes:?}: {error:?}"
        );
        assert!(!error.is_proven_refused());
    }
}

/// Without a length, the end of the connection is the end of the body: that it was cut shows only
/// in the JSON. So no cut may leave something that passes for the whole.
#[tokio::test]
async fn a_cut_answer_is_never_taken_for_a_whole_one() {
    let offer = fixture("rest-patch-offer.answer");
    let list = fixture("rest-list-offers.answer");
    let wrapped = format!(r#"{{"items":{list},"total":3}}"#);
    for (body, is_list) in [(&offer, false), (&list, true), (&wrapped, true)] {
        let body = body.trim_end();
        let replies = (0..body.len()).step_by(37).map(|len| {
            let mut bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
            bytes.extend(&body.as_bytes()[..len]);
            Reply::Close(bytes)
        });
        let server = Server::start(replies);
        let writer = writer(&server);
        for _ in (0..body.len()).step_by(37) {
            let error = if is_list {
                let call = writer.reader().list(&ListQuery::new()).await;
                call.unwrap_err()
            } else {
                writer.create(&pass()).await.unwrap_err()
            };
            assert!(
                matches!(error.kind(), ErrorKind::Unreadable(_)),
                "{error:?}"
            );
            assert!(!error.is_proven_refused());
        }
    }
}

#[tokio::test]
async fn a_long_answer_is_not_read_to_its_end() {
    let body = fixture("rest-patch-offer.answer");
    let server = Server::start([Reply::json(&body), Reply::json(&body)]);
    let config = server.config().max_answer_bytes(body.len() - 1);
    let error = Writer::new(&config).unwrap().create(&pass()).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TooLong { .. }),
        "{error:?}"
    );
    assert!(!error.is_proven_refused());
    let config = server.config().max_answer_bytes(body.len());
    let writer = Writer::new(&config).unwrap();
    assert!(writer.create(&pass()).await.is_ok());

    // Of an error page that never ends, the status is what counts.
    let page = "x".repeat(1_000_000);
    let error = fail_with(Reply::status("422 X", &[], page)).await;
    assert!(error.is_proven_refused());
}

#[tokio::test]
async fn garbage_is_unreadable() {
    for body in [
        &b"[\xff\xfe]"[..],
        b"{\"id\":\"S1\",\"title\":\"\xff\"}",
        b"<html>Welcome</html>",
        b"null",
        b"\"S1\"",
        b"\xef\xbb\xbf{\"id\":\"S1\"}",
    ] {
        let error = fail_with(Reply::json(body)).await;
        assert!(
            matches!(error.kind(), ErrorKind::Unreadable(_)),
            "{error:?}"
        );
        assert!(!error.is_proven_refused());
        assert!(error.is_retryable());
    }
}
