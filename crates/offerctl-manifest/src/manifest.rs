//! What people write about offers: [`Manifest`], read from a file by [`read`].
//!
//! A manifest is read once and holds for every environment: variables are still in its texts, and what an API
//! generation cannot express is not yet known. [`Desired`](crate::desired::Desired) is made of manifests for one environment.

mod allow;
mod allow_list;
mod countries;
mod declaration;
mod defaults;
mod environments;
mod file;
mod lifecycle;
pub(crate) mod null;
mod offer;
mod pattern;
mod places;
mod scope;
pub(crate) mod value;

pub use self::allow::{Approval, Approved, Direction, expired};
pub(crate) use self::allow_list::{Origin, list as approvals};
pub use self::declaration::{Manifest, Override, Overrides};
pub use self::file::{ManifestFile, read};
pub use self::lifecycle::{
    Date, DateError, EVERY_OTHER_COUNTRY, Lifecycle, OnImmutableChange, PriceChange,
    RemoveCountries,
};
pub use self::pattern::{Pattern, PatternError};
pub use self::places::{LiveId, Part, Places, Reference};
