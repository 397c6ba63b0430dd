//! Where something is asked for that writes, a reader does not do.

use offerctl_engine::service::Reader;
use offerctl_engine::remote::RemoteWrite;

fn apply(_remote: &impl RemoteWrite) {}

fn drift(reader: &Reader) {
    apply(reader);
}

fn main() {
    let _drift = drift;
}
