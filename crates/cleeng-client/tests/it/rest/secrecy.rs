//! The token shows nowhere, whatever the service does with it.

use cleeng_client::{Token, rest::*};

use super::{id, pass};
use crate::{
    secrecy::{CANARY, Log, check_silent, config, everything, spellings},
    server::{Reply, Server},
};

/// Bodies in which a service could echo the token.
fn bodies(token: &str) -> Vec<String> {
    vec![
        token.to_owned(),
        format!("{}{token}", "x".repeat(1020)),
        format!(r#"{{"message":"bad {token}"}}"#),
        format!(r#"{{"message":"bad {token}","code":3}}"#),
        format!(r#"{{"{token}":1}}"#),
        format!(r#"{{"id":{{"{token}":1}}}}"#),
        format!(r#"{{"id":"S1","active":"{token}"}}"#),
        format!(r#"{{"id":"S1","price":{{"amount":"{token}"}}}}"#),
        format!(r#"{{"id":"S1","price":"{token}"}}"#),
        format!(r#"{{"items":"{token}"}}"#),
        format!(r#"["{token}""#),
    ]
}

#[tokio::test]
async fn no_error_shows_a_token_that_the_service_echoes() {
    for token in spellings() {
        for body in bodies(&token) {
            let visible = token.replace('"', "");
            let location = format!("location: http://127.0.0.1/?{visible}");
            let link = format!("link: <http://127.0.0.2/?{visible}>; rel=next");
            let etag = format!("etag: \"{visible}\"");
            let replies = || {
                [
                    Reply::status("200 OK", &[&link, &etag], &body),
                    Reply::status("202 Accepted", &[&etag], &body),
                    Reply::status("403 Forbidden", &[&etag], &body),
                    Reply::status("412 X", &[&etag], &body),
                    Reply::status("302 Found", &[&location], &body),
                ]
            };
            let server = Server::start(replies().into_iter().chain(replies()));
            let writer = Writer::new(&config(&server)).unwrap();
            let reader = writer.reader();
            let if_match = ETag::of_version(1);
            for _ in 0..5 {
                let call = writer.activate(&id(), Some(&if_match)).await;
                check_silent(&everything(&call.unwrap_err()));
            }
            for _ in 0..5 {
                let error = reader.list(&ListQuery::new()).await.unwrap_err();
                check_silent(&everything(&error));
            }
        }
    }
}

#[tokio::test]
async fn no_broken_connection_shows_the_token() {
    let echo = format!("HTTP/1.1 200 {CANARY}\r\n{CANARY}: {CANARY}\r\n");
    for reply in [
        Reply::close(),
        Reply::Silence,
        Reply::Close(echo.clone().into_bytes()),
        Reply::Close(format!("{echo}content-length: 99\r\n\r\n{CANARY}").into_bytes()),
        Reply::Close(format!("{CANARY}\r\n\r\n").into_bytes()),
    ] {
        let server = Server::start([reply]);
        let writer = Writer::new(&config(&server)).unwrap();
        let error = writer.create(&pass()).await.unwrap_err();
        check_silent(&everything(&error));
    }
}

#[tokio::test]
async fn nothing_that_holds_the_token_shows_it() {
    let link = format!(
        "link: </3.1/offers?token={}>; rel=next",
        CANARY.replace('"', "")
    );
    let server = Server::start([Reply::status("200 OK", &[&link], "[]")]);
    let writer = Writer::new(&config(&server)).unwrap();
    let reader = writer.reader();
    check_silent(&format!("{writer:?} {writer:#?} {reader:?} {reader:#?}"));
    let page = reader.list(&ListQuery::new()).await.unwrap();
    check_silent(&format!("{page:?} {page:#?}"));
    // It was sent all the same.
    assert!(Token::new(CANARY).is_ok());
    let head = server.request().head;
    assert!(head.contains(&format!("x-publisher-token: {CANARY}\r\n")));
}

#[tokio::test]
async fn the_log_tells_of_requests_but_never_what_is_in_them() {
    Log::start();
    let body = r#"{"id":"S1","title":"secret-title"}"#;
    let server = Server::start([
        Reply::status("200 OK", &["etag: \"1\""], body),
        Reply::status("503 Busy", &[], CANARY),
        Reply::close(),
    ]);
    let writer = Writer::new(&config(&server)).unwrap();
    let patch = PatchOffer::default().title("secret-title");
    for _ in 0..3 {
        drop(writer.patch(&id(), &patch, None).await);
    }
    let log = Log::take();
    check_silent(&log);
    assert!(!log.contains("secret-title"), "{log}");
    let events: Vec<_> = log
        .lines()
        .filter(|line| line.contains("rest.operation="))
        .collect();
    assert_eq!(events.len(), 3, "{log}");
    for event in &events {
        assert!(event.contains("DEBUG"), "{event}");
        assert!(event.contains("PATCH /offers/{offerId}"), "{event}");
        assert!(event.contains("http.request_bytes=24"), "{event}");
        assert!(event.contains("elapsed_ms="), "{event}");
    }
    assert!(events[0].contains("http.status=200"), "{}", events[0]);
    let bytes = format!("http.answer_bytes={}", body.len());
    assert!(events[0].contains(&bytes), "{}", events[0]);
    assert!(events[1].contains("http.status=503"), "{}", events[1]);
    assert!(events[2].contains("no answer"), "{}", events[2]);
}
