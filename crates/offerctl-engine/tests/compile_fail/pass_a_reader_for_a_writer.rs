//! Where something is asked for that writes, a reader does not do.

use offerctl_engine::json_rpc::JsonRpcReader;
use offerctl_engine::remote::RemoteWrite;

fn apply(_remote: &impl RemoteWrite) {}

fn drift(reader: &JsonRpcReader) {
    apply(reader);
}

fn main() {
    let _drift = drift;
}
