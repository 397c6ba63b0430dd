//! What the tests share: scenario files, and builders of desired, live and state.

pub(crate) mod desired;
pub(crate) mod live;
pub(crate) mod scenario;
pub(crate) mod state;
pub(crate) mod world;
