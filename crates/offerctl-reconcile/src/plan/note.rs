//! What is worth a word without being a change: [`Note`].

use offerctl_manifest::desired::Desired;
use offerctl_model::content::FieldPath;
use offerctl_model::name::Name;

use crate::live::Live;
use crate::lookalike::{self, Lookalikes};
use crate::matching::Matching;
use crate::state::State;

/// Something worth a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// A field that was applied once is no longer declared: it keeps its value.
    Released {
        /// The offer.
        name: Name,
        /// The field.
        path: FieldPath,
    },
    /// The offer has a new name.
    Moved {
        /// The name before.
        from: Name,
        /// The name now.
        to: Name,
    },
    /// Offers on sale that customers cannot tell from one another.
    Lookalikes(Lookalikes),
}

/// Offers on sale that look alike, by the names that they have now.
pub(super) fn lookalikes(
    desired: &Desired,
    live: &Live,
    (state, matching): (&State, &Matching<'_>),
) -> Vec<Note> {
    let names = || {
        let matched = matching.matches.iter();
        let matched = matched.map(|(name, found)| (found.id().stem(), name));
        let orphans = matching.orphans.iter().filter_map(|name| {
            let binding = state.bindings.get(name)?;
            Some((binding.id.stem(), name))
        });
        orphans.chain(matched).collect()
    };
    let found = lookalike::lookalikes((desired, state), live, names);
    found.into_iter().map(Note::Lookalikes).collect()
}
