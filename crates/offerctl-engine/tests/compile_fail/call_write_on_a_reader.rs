//! The reader of the engine has no method that writes.

use offerctl_engine::service::Reader;
use offerctl_engine::remote::{RemoteWrite, WriteCall};

async fn plan(reader: &Reader, calls: &[WriteCall]) {
    let _answers = RemoteWrite::write(reader, calls).await;
}

fn main() {
    let _plan = plan;
}
