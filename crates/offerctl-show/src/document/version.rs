//! The version of the documents: [`FORMAT_VERSION`].

/// The version of every document so far.
pub const FORMAT_VERSION: u32 = 1;
