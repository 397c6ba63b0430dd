//! What a field is to be, and what is known of its former values: [`Wanted`], [`Undo`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use offerctl_model::field::Field;
use offerctl_model::value::Value;

use crate::state::{Leftover, Sent};

/// What is known of the values that former applies sent, and which fields are left alone. By default nothing was sent, so
/// nothing is undone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Undo<'a> {
    /// Which of the values that were last applied were sent.
    pub sent: Option<&'a Sent>,
    /// Values that were sent besides.
    pub leftovers: &'a [Leftover],
    /// The fields that are neither compared nor cleared.
    pub ignore: Option<&'a BTreeSet<Field>>,
}

impl Undo<'_> {
    /// Whether a field is left alone.
    pub(super) fn ignores(&self, field: Field) -> bool {
        self.ignore.is_some_and(|fields| fields.contains(&field))
    }
}

/// The value that a field is to have at a place.
pub(super) struct Wanted<'a> {
    pub(super) value: Cow<'a, Value>,
    /// Whether nobody declares it: it is the empty value that the field goes back to.
    pub(super) undeclared: bool,
}
