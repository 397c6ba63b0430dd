//! `offerctl.yaml`: the [`Project`] and its [`Environment`]s.

mod address;
mod bounds;
mod environment;
mod given;
mod read;
pub(crate) mod table;

pub use self::environment::{
    Account, Endpoint, Environment, GuardPolicy, LOCAL, Limits, MAX_BATCH, PriceRange, Project,
    Site, TokenSource,
};
pub use self::read::read;

/// The name of the project file.
pub const FILE_NAME: &str = "offerctl.yaml";
