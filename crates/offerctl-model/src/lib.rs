//! What an offer consists of, in manifests and at the service alike: values and money, countries and names, the table of fields,
//! and what each generation of the API can say.
//!
//! Nothing here reads, compares or decides: see `offerctl-manifest` and `offerctl-reconcile`.

pub mod codes;
pub mod content;
pub mod country;
pub mod field;
pub mod foreign;
pub mod json;
pub mod money;
pub mod name;
pub mod offer_type;
pub mod value;
pub mod words;
