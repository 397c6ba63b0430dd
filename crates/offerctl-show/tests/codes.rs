//! Codes: each has a name of its own and an explanation.

use std::collections::BTreeSet;

use offerctl_manifest::diagnostic::Code;
use offerctl_reconcile::conflict::ConflictCode;
use offerctl_reconcile::guard::GuardCode;

#[test]
fn every_code_has_a_name_of_its_own_and_an_explanation() {
    let codes: Vec<(&str, &str)> = Code::ALL
        .iter()
        .map(|code| (code.as_str(), code.explain()))
        .chain(
            ConflictCode::ALL
                .iter()
                .map(|code| (code.as_str(), code.explain())),
        )
        .chain(
            GuardCode::ALL
                .iter()
                .map(|code| (code.as_str(), code.explain())),
        )
        .collect();
    assert!(
        codes
            .iter()
            .all(|(_, explanation)| explanation.ends_with('.'))
    );
    let conflicts: BTreeSet<&str> = ConflictCode::ALL.iter().map(|code| code.as_str()).collect();
    let guards: BTreeSet<&str> = GuardCode::ALL.iter().map(|code| code.as_str()).collect();
    let diagnostics: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(conflicts.len(), ConflictCode::ALL.len());
    assert_eq!(guards.len(), GuardCode::ALL.len());
    assert_eq!(diagnostics.len(), Code::ALL.len());
    assert!(conflicts.is_disjoint(&guards), "both are codes of a plan");
}
