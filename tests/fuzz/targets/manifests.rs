//! x
#![no_main]
use libfuzzer_sys::fuzz_target;
use offerctl_core::source::{FileId, SourceFile};
use offerctl_core::manifest;
fuzz_target!(|data: &[u8]| {
    let (source, _) = SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), data.to_vec());
    let _ = manifest::read(&source);
});
