//! HTTP/2 servers that say "not processed, send it again": the request must not be.
//!
//! The client speaks HTTP/2 where TLS agrees on it; these tests tell it to do so without TLS, to a
//! server that knows just enough of RFC 9113.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::*;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;

/// What a server sends when it has read the headers of a request: one frame.
#[derive(Clone, Copy)]
enum Refusal {
    /// The stream was refused: `RST_STREAM` with `REFUSED_STREAM`.
    Stream,
    /// The connection ends, and no stream was processed: `GOAWAY` with `NO_ERROR`.
    Connection,
}

impl Refusal {
    fn frame(self, stream_id: [u8; 4]) -> Vec<u8> {
        match self {
            Self::Stream => {
                let mut frame = vec![0, 0, 4, 3, 0];
                frame.extend(stream_id);
                frame.extend([0, 0, 0, 7]);
                frame
            }
            Self::Connection => vec![0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        }
    }
}

/// Serves one connection, and counts the requests. `None` at its end.
fn serve(mut stream: TcpStream, refusal: Refusal, seen: &AtomicUsize) -> Option<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).ok()?;
    assert!(preface.starts_with(b"PRI * HTTP/2.0"));
    stream.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).ok()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).ok()?;
        let [a, b, c, kind, flags, stream_id @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?];
        stream.read_exact(&mut payload).ok()?;
        if kind == SETTINGS && flags == 0 {
            stream.write_all(&[0, 0, 0, SETTINGS, 1, 0, 0, 0, 0]).ok()?;
        }
        if kind == HEADERS {
            seen.fetch_add(1, Ordering::SeqCst);
            stream.write_all(&refusal.frame(stream_id)).ok()?;
        }
    }
}

/// What the client makes of it.
#[derive(Clone, Copy)]
enum Policy {
    /// The transport's.
    Ours,
    /// reqwest's own.
    Default,
}

/// Sends one request to a server that refuses all, and counts how many it sees.
async fn requests_seen(refusal: Refusal, policy: Policy) -> (usize, ErrorKind) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let counter = Arc::clone(&counter);
            thread::spawn(move || serve(stream.unwrap(), refusal, &counter));
        }
    });

    let endpoint: crate::Endpoint = format!("http://{address}").parse().unwrap();
    let url = endpoint.json_rpc();
    let config = Config::new(endpoint, Token::new("TOK").unwrap());
    let builder = match policy {
        Policy::Ours => client_builder(&config, &url).unwrap(),
        Policy::Default => reqwest::Client::builder().no_proxy().tls_certs_only([]),
    };
    let client = builder.http2_prior_knowledge().build().unwrap();
    let error = client.post(url).body("{}").send().await.unwrap_err();
    (seen.load(Ordering::SeqCst), sending_failed(error))
}

async fn check_sent_once(refusal: Refusal) {
    let (seen, kind) = requests_seen(refusal, Policy::Ours).await;
    assert_eq!(seen, 1);
    assert!(matches!(kind, ErrorKind::Interrupted(_)), "{kind:?}");
    // It would prove nothing if this server could not be tried again.
    let (seen, _) = requests_seen(refusal, Policy::Default).await;
    assert_eq!(seen, 3);
}

#[tokio::test]
async fn a_refused_stream_is_not_sent_again() {
    check_sent_once(Refusal::Stream).await;
}

#[tokio::test]
async fn a_connection_going_away_is_not_a_reason_to_send_again() {
    check_sent_once(Refusal::Connection).await;
}
