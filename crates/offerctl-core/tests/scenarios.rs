//! The corpus of mistakes: every file of `tests/scenarios/diagnostics` has just the diagnostics that it says.

use std::fmt::Write;

use offerctl_core::diagnostic::Code;
use offerctl_core::render::{Style, diagnostics_text};

use crate::support::scenario::{self, Place, Scenario};

fn found(scenario: &Scenario) -> Vec<Place> {
    let (sources, diagnostics) = scenario.run();
    diagnostics
        .iter()
        .map(|diagnostic| scenario::place(diagnostic, &sources))
        .collect()
}

#[test]
fn every_mistake_is_found_at_its_place_and_nothing_else_is() {
    let mut wrong = String::new();
    for scenario in scenario::all("diagnostics") {
        let found = found(&scenario);
        if found != scenario.expected {
            let (sources, diagnostics) = scenario.run();
            let text = diagnostics_text(&diagnostics, &sources, |_| Vec::new(), Style::Plain);
            writeln!(
                wrong,
                "{}\n  expected {:?}\n  found    {found:?}\n{text}",
                scenario.name, scenario.expected
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
