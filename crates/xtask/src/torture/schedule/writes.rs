//! How many calls write: [`writes`].

use super::super::api::Api;

/// JSON-RPC: the kinds of write, as the names of the methods begin.
const OF_JSON_RPC: [&[(&str, usize)]; 2] = [
    &[("create*", 64)],
    &[
        ("create*", 12),
        ("update*", 16),
        ("deactivate*", 5),
        ("cancel*", 1),
    ],
];

/// REST: the operations.
const OF_REST: [&[(&str, usize)]; 2] = [
    &[("createOffer", 64)],
    &[
        ("createOffer", 16),
        ("patchOffer", 14),
        ("patchLocalization", 14),
        ("createLocalization", 5),
        ("activateLocalization", 8),
        ("deactivateLocalization", 3),
        ("activateOffer", 4),
        ("deactivateOffer", 10),
    ],
];

/// How many calls of each kind write when the catalogue is made, and when it is changed.
///
/// A kind is written as in the rule of a fault, and ends in `*` if it stands for several methods. That it is right is
/// looked at before anything goes wrong.
pub(crate) fn writes(api: Api, fresh: bool) -> &'static [(&'static str, usize)] {
    let counts = match api {
        Api::JsonRpc => &OF_JSON_RPC,
        Api::Rest => &OF_REST,
    };
    counts[usize::from(!fresh)]
}
