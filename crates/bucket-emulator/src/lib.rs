//! A stand-in for object storage, and for the network before it. For tests only.
//!
//! ```text
//!   a runner ─▶ Proxy ─▶ Store
//! ```
//!
//! [`Store`] keeps objects in memory and speaks as much of S3 as a state needs: get, put with conditions, list, delete.
//! [`Proxy`] passes requests on to a store, or to any other server that speaks HTTP, and lets a test decide what becomes of
//! each: [`Deed`].

mod proxy;
mod serve;
mod store;

pub use self::proxy::{Deed, Passing, Proxy};
pub use self::store::Store;
