//! What the tests share: scenario files, and builders of desired, live and state.

pub(crate) mod scenario;
