//! The reader of the engine has no method that writes.

use offerctl_engine::json_rpc::JsonRpcReader;
use offerctl_engine::remote::{RemoteWrite, WriteCall};

async fn plan(reader: &JsonRpcReader, calls: &[WriteCall]) {
    let _answers = RemoteWrite::write(reader, calls).await;
}

fn main() {
    let _plan = plan;
}
