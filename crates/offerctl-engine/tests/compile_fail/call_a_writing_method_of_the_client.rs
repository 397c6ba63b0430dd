//! The reader of the client takes no method that writes, by itself or in a batch.

use cleeng_client::OfferId;
use cleeng_client::json_rpc::{Deactivate, Reader, Single};

async fn call(reader: &Reader, id: OfferId) {
    let _answer = reader.call(Deactivate::<Single>::new(id)).await;
}

async fn batch(reader: &Reader, id: OfferId) {
    let _ticket = reader.batch().add(Deactivate::<Single>::new(id));
}

fn main() {
    let _tried = (call, batch);
}
