//! What a writer that has lost its lock writes to a connection that stood already.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use cleeng_client::{Endpoint, Token};
use offerctl_model::content::Fields;

use super::*;
use crate::store::Hold;

/// Sends a write through a writer whose lock is held so; what the service got of its body.
async fn sent(api: Api, hold: Option<Hold>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let got = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let limit = Some(Duration::from_millis(300));
        stream.set_read_timeout(limit).unwrap();
        let mut got = Vec::new();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            got.extend_from_slice(&chunk[..count]);
        }
        let text = String::from_utf8(got).unwrap();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        body.unwrap_or_default()
    });
    let endpoint: Endpoint = url.parse().unwrap();
    let config = Config::new(endpoint, Token::new("TOK").unwrap());
    let config = config.timeout(Duration::from_secs(2));
    let writer = Writer::new(api, &config).unwrap();
    if let Some(hold) = hold {
        writer.guard(&Probe::new(hold));
    }
    let call = WriteCall::Update {
        offer_type: OfferType::Pass,
        id: OfferId::new("P123456789"),
        localized: false,
        base: Fields::default(),
        rows: BTreeMap::new(),
    };
    let answers = writer.write(&[call]).await;
    assert!(answers[0].is_err());
    got.join().unwrap()
}

#[tokio::test]
async fn a_write_leaves_only_while_the_lock_is_held_firmly() {
    for api in [Api::JsonRpc, Api::Rest] {
        for (hold, leaves) in [
            (None, true),
            (Some(Hold::Firm), true),
            (Some(Hold::Stale), false),
            (Some(Hold::Lost), false),
        ] {
            let body = sent(api, hold).await;
            assert_eq!(!body.is_empty(), leaves, "{api:?}, {hold:?}: {body:?}");
        }
    }
}
