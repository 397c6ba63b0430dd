//! The token shows nowhere, whatever the service does with it.

use std::{
    cell::RefCell, error::Error as StdError, fmt::Write as _, io, sync::Once, time::Duration,
};

use cleeng_client::{Config, Endpoint, Error, Token, json_rpc::*};

use crate::server::{Reply, Server};

/// With characters that JSON and URLs write in other ways.
pub(crate) const CANARY: &str = "CANARY-0/1\"2+3=4-yranac";

/// Parts of the canary that must not show either.
const PARTS: [&str; 3] = ["CANARY", "yranac", "\\u0043\\u0041"];

pub(crate) fn check_silent(shown: &str) {
    for part in PARTS {
        assert!(!shown.contains(part), "{shown}");
    }
}

/// Everything that an error can be made to say.
pub(crate) fn everything(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} ");
    let mut source = error.source();
    while let Some(error) = source {
        write!(shown, "{error} {error:?} {error:#?} ").unwrap();
        source = error.source();
    }
    write!(shown, "{:?} {:?}", error.kind(), error.api_error()).unwrap();
    write!(shown, "{:?}", error.status_error()).unwrap();
    shown
}

pub(crate) fn config(server: &Server) -> Config {
    let endpoint: Endpoint = format!("http://{}", server.address()).parse().unwrap();
    Config::new(endpoint, Token::new(CANARY).unwrap()).timeout(Duration::from_millis(500))
}

/// Ways in which a service could write the token.
pub(crate) fn spellings() -> Vec<String> {
    let json = serde_json::to_string(CANARY).unwrap();
    let json = json.trim_matches('"').to_owned();
    let spell = |form: fn(u8) -> String| CANARY.bytes().map(form).collect::<Vec<_>>().concat();
    vec![
        CANARY.to_owned(),
        json.clone(),
        json.replace('/', "\\/"),
        spell(|b| format!("\\u{b:04x}")),
        spell(|b| format!("%{b:02X}")),
        CANARY
            .replace('/', "%2f")
            .replace('"', "%22")
            .replace('+', "%2B")
            .replace('=', "%3d"),
        // Cut in the middle.
        CANARY[..12].to_owned(),
    ]
}

/// Bodies in which a service could echo the token.
fn bodies(token: &str) -> Vec<String> {
    vec![
        token.to_owned(),
        format!("<html>{token}</html>"),
        format!("{}{token}", "x".repeat(1020)),
        format!(r#""{token}""#),
        format!(r#"{{"{token}":1}}"#),
        format!(r#"{{"code":3,"message":"bad token {token}"}}"#),
        format!(r#"{{"result":null,"error":{{"code":3,"message":"bad {token}"}},"id":"1"}}"#),
        format!(r#"{{"result":null,"error":{{"code":99,"message":"bad {token}"}},"id":"9"}}"#),
        format!(r#"{{"result":null,"error":{{"code":"{token}"}},"id":"1"}}"#),
        format!(r#"{{"result":null,"error":"{token}","id":"1"}}"#),
        format!(r#"{{"result":{{"id":"P1"}},"error":{{"message":"{token}"}},"id":"1"}}"#),
        format!(r#"{{"result":"{token}","id":"1"}}"#),
        format!(r#"{{"result":["{token}"],"id":"1"}}"#),
        format!(r#"{{"result":{{"title":"{token}"}},"id":"1"}}"#),
        format!(r#"{{"result":{{"id":"P1","{token}":1,"price":"{token}"}},"id":"1"}}"#),
        format!(r#"{{"result":{{"id":"P1","active":"{token}"}},"id":"1"}}"#),
        format!(r#"{{"result":1,"id":"{token}"}}"#),
        format!(r#"[{{"result":null,"error":{{"code":3,"message":"{token}"}}}}]"#),
        format!(r#"[{{"result":null,"error":{{"code":3,"message":"{token}"}},"id":1}}]"#),
        format!(r#"["{token}""#),
    ]
}

#[tokio::test]
async fn no_error_shows_a_token_that_the_service_echoes() {
    for token in spellings() {
        for body in bodies(&token) {
            let mut replies = Vec::new();
            for _ in 0..2 {
                replies.push(Reply::json(&body));
                replies.push(Reply::status("403 Forbidden", &[], &body));
                let location = format!("location: http://127.0.0.1/?{}", token.replace('"', ""));
                replies.push(Reply::status("302 Found", &[&location], &body));
            }
            let server = Server::start(replies);
            let writer = Writer::new(&config(&server)).unwrap();
            for _ in 0..3 {
                let call = writer.call(DeactivatePassOffer::new("P1_US"));
                let error = call.await.unwrap_err();
                check_silent(&everything(&error));
            }
            for _ in 0..3 {
                let mut batch = writer.batch();
                let a = batch.add(DeactivatePassOffer::new("P1_US"));
                let b = batch.add(CreatePassOffer::new(PassOfferData::default()));
                check_silent(&format!("{batch:?} {batch:#?} {a:?}"));
                let answers = batch.send().await;
                check_silent(&format!("{answers:?} {answers:#?}"));
                let errors = [answers.take(a).err(), answers.take(b).err()];
                for error in errors.iter().flatten() {
                    check_silent(&everything(error));
                }
                assert!(errors.iter().any(Option::is_some));
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
        let reader = Reader::new(&config(&server)).unwrap();
        let error = reader.call(ListPassOffers::new()).await.unwrap_err();
        check_silent(&everything(&error));
    }
}

#[test]
fn nothing_that_holds_the_token_shows_it() {
    let server = Server::start([]);
    let config = config(&server);
    let writer = Writer::new(&config).unwrap();
    let token = Token::new(CANARY).unwrap();
    check_silent(&format!("{token:?} {token:#?} {config:?} {config:#?}"));
    let reader = writer.reader();
    check_silent(&format!("{writer:?} {writer:#?} {reader:?} {reader:#?}"));
    assert_eq!(format!("{token:?}"), "Token(***)");
}

thread_local! {
    /// What this thread logged. A test is a thread, and its requests run on it.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes what is logged to where the thread keeps it.
pub(crate) struct Log;

impl Log {
    /// Begins to keep what this thread logs.
    ///
    /// One subscriber for all: what `tracing` remembers about an event's level is not kept per
    /// subscriber reliably when several come and go.
    pub(crate) fn start() {
        static INSTALL: Once = Once::new();
        INSTALL.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(|| Self)
                .init();
        });
    }

    pub(crate) fn take() -> String {
        LOG.with_borrow_mut(|log| String::from_utf8(std::mem::take(log)).unwrap())
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_requests_but_never_what_is_in_them() {
    Log::start();
    let body = r#"[{"result":{"id":"P1","title":"secret-title"},"id":"1"}]"#;
    let server = Server::start([
        Reply::json(body),
        Reply::status("503 Busy", &[], CANARY),
        Reply::close(),
    ]);
    let writer = Writer::new(&config(&server)).unwrap();
    for _ in 0..3 {
        let data = PassOfferData::default().title("secret-title");
        let mut batch = writer.batch();
        let _create = batch.add(CreatePassOffer::new(data));
        let _deactivate = batch.add(DeactivatePassOffer::new("P1_US"));
        let _again = batch.add(DeactivatePassOffer::new("P2_US"));
        let _answers = batch.send().await;
    }
    let log = Log::take();
    check_silent(&log);
    assert!(!log.contains("secret-title"), "{log}");
    let events: Vec<_> = log
        .lines()
        .filter(|line| line.contains("rpc.calls=3"))
        .collect();
    assert_eq!(events.len(), 3, "{log}");
    for event in &events {
        assert!(event.contains("DEBUG"), "{event}");
        assert!(
            event.contains("createPassOffer ×1, deactivatePassOffer ×2"),
            "{event}"
        );
        assert!(event.contains("http.request_bytes="), "{event}");
        assert!(event.contains("elapsed_ms="), "{event}");
    }
    assert!(events[0].contains("http.status=200"), "{}", events[0]);
    assert!(
        events[0].contains(&format!("http.answer_bytes={}", body.len())),
        "{}",
        events[0]
    );
    assert!(events[1].contains("http.status=503"), "{}", events[1]);
    assert!(events[2].contains("no answer"), "{}", events[2]);
}

#[test]
fn plain_http_to_another_machine_is_warned_of() {
    Log::start();
    for endpoint in [
        "http://service.invalid",
        "http://127.0.0.1:1",
        "http://[::1]:1",
    ] {
        let endpoint: Endpoint = endpoint.parse().unwrap();
        let config = Config::new(endpoint, Token::new(CANARY).unwrap());
        assert!(Reader::new(&config).is_ok());
    }
    let log = Log::take();
    check_silent(&log);
    let log: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(log[0].contains("http://service.invalid/"), "{log:?}");
}
