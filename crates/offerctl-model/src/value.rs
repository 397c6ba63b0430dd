//! The value of a field: [`Value`], in the one form in which values are compared.

mod event;
mod form;
mod geo;
mod json;
mod moment;

pub use self::event::{EventRef, EventRefError};
pub use self::form::{EVERY_TAG, Value};
pub use self::geo::{GeoMode, GeoRestriction};
pub use self::json::{FieldValueSeed, json_value, record};
pub use self::moment::{Moment, MomentError};
