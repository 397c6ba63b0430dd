//! A gate that is closed when a request is about to be written: the service gets nothing that it could carry out.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::*;

/// A server for one connection: where it is, and what it was sent.
fn server() -> (Url, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let got = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut got = Vec::new();
        let mut chunk = [0; 1024];
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            got.extend_from_slice(&chunk[..count]);
            if got.ends_with(b"{\"a\":1}") {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                stream.write_all(answer).unwrap();
                break;
            }
        }
        String::from_utf8(got).unwrap().to_ascii_lowercase()
    });
    (url.parse().unwrap(), got)
}

/// A transport to an address with a gate, and how often that was asked.
fn transport(url: &Url, is_open: bool) -> (Transport, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let gate = Gate::new(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        is_open
    });
    let endpoint: crate::Endpoint = url.as_str().parse().unwrap();
    let config = Config::new(endpoint, Token::new("TOK").unwrap()).gate(gate);
    (Transport::new(&config, url.clone()).unwrap(), asked)
}

async fn post(transport: &Transport) -> Result<Answer, Failure> {
    let token = Token::new("TOK").unwrap();
    transport.post(b"{\"a\":1}".to_vec(), &token).await
}

#[tokio::test]
async fn what_a_closed_gate_holds_back_arrives_without_its_body() {
    let (url, got) = server();
    let (transport, asked) = transport(&url, false);
    let failure = post(&transport).await.err().unwrap();
    assert!(
        matches!(failure.kind, ErrorKind::Withheld),
        "{:?}",
        failure.kind
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    drop(transport);
    let got = got.join().unwrap();
    assert!(!got.contains("{\"a\""), "{got}");
}

#[tokio::test]
async fn what_an_open_gate_lets_pass_arrives_whole_and_with_its_length() {
    let (url, got) = server();
    let (transport, asked) = transport(&url, true);
    assert_eq!(post(&transport).await.ok().unwrap().body, b"{}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let got = got.join().unwrap();
    assert!(got.contains("content-length: 7\r\n"), "{got}");
    assert!(got.ends_with("\r\n\r\n{\"a\":1}"), "{got}");
}

#[tokio::test]
async fn what_only_reads_passes_a_closed_gate() {
    let (url, _got) = server();
    let (transport, asked) = transport(&url, false);
    assert!(post(&transport.for_reading()).await.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_gate_is_not_asked_before_the_connection_stands() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let (transport, asked) = transport(&url.parse().unwrap(), true);
    let failure = post(&transport).await.err().unwrap();
    assert!(matches!(failure.kind, ErrorKind::Connect(_)));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_request_without_a_body_is_held_back_before_a_connection_is_got() {
    let url: Url = "http://127.0.0.1:1/".parse().unwrap();
    let (shut, _) = transport(&url, false);
    let request = shut.request(Method::POST, url.clone());
    let failure = shut.without_body(request).err().unwrap();
    assert!(matches!(failure.kind, ErrorKind::Withheld));
    let (open, _) = transport(&url, true);
    assert!(open.without_body(open.request(Method::POST, url)).is_ok());
}
