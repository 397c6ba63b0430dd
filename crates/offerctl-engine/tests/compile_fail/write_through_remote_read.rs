//! What is asked of a service that is read is no more than reading.

use offerctl_engine::remote::{RemoteRead, RemoteWrite, WriteCall};

async fn fetch<R: RemoteRead>(remote: &R, calls: &[WriteCall]) {
    let _answers = RemoteWrite::write(remote, calls).await;
}

fn main() {}
