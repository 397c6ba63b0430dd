//! The client's own reader of the newer generation, below the engine's.

use cleeng_client::OfferId;
use cleeng_client::rest::Reader;

async fn activate(reader: Reader, id: OfferId) {
    let _answer = reader.activate(&id, None).await;
}

async fn deactivate(reader: Reader, id: OfferId) {
    let _answer = reader.deactivate(&id, None).await;
}

fn main() {}
