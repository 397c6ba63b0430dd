//! What the tests share: scenario files, builders of desired, live and state, and catalogues at random.

pub(crate) mod catalogue;
pub(crate) mod desired;
pub(crate) mod live;
pub(crate) mod rows;
pub(crate) mod scenario;
pub(crate) mod service;
pub(crate) mod state;
pub(crate) mod world;
