//! The texts of an offer that travel in one map: [`Difference::complete_properties`].

use super::{Comparison, Difference};
use crate::field::Field;

impl Difference {
    /// Puts the publisher's own texts and our marker together where one of them changes: they travel as one map, which is
    /// replaced whole (API sheet §5.5).
    pub fn complete_properties(&mut self, comparison: Comparison<'_>) {
        const TOGETHER: [Field; 2] = [Field::ExternalProperties, Field::Marker];
        if TOGETHER.iter().all(|field| self.base.get(*field).is_none()) {
            return;
        }
        for field in TOGETHER {
            let live = comparison.view.rows.first();
            let live = live.and_then(|row| row.fields.get(field));
            let stays = comparison.desired.fields.get(field).or(live);
            if let (None, Some(value)) = (self.base.get(field), stays) {
                self.base.set(field, value.clone());
            }
        }
    }
}
