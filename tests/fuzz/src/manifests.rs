//! Manifests: read, resolved for both generations of the API, and planned where nothing is wrong.

use std::collections::BTreeMap;

use offerctl_manifest::desired::resolve;
use offerctl_manifest::format::{FormatError, format};
use offerctl_manifest::manifest;
use offerctl_manifest::project::{Endpoint, Environment, Project};
use offerctl_manifest::source::SourceFile;
use offerctl_model::country::Country;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::Action;
use offerctl_reconcile::state::State;

use crate::diagnostics::{check, source, was_decoded};
use crate::planning;

/// Returns the environments of a project: one of each generation, with the variable that the corpus uses.
pub(crate) fn project(api: Api) -> Project {
    let environment = |name: &str| {
        let mut environment = Environment::new(name, Endpoint::Emulator);
        environment.api = api;
        let site = ("site".to_owned(), "https://club.tv".to_owned());
        environment.vars = BTreeMap::from([site]);
        // What is localized over REST can only be made where it is known which country is the account's own.
        environment.account.country = Country::new("US");
        (name.to_owned(), environment)
    };
    Project {
        environments: BTreeMap::from(["local", "sandbox", "production"].map(environment)),
        ..Project::default()
    }
}

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let (source, problems) = source(input);
    if !problems.is_empty() {
        check(&problems, &source);
        return false;
    }
    let file = manifest::read(&source);
    let decoded = was_decoded(&file.diagnostics);
    if !decoded {
        check(&file.diagnostics.sorted(), &source);
        return false;
    }
    check_format(&source);
    for api in Api::ALL {
        let project = project(api);
        let (desired, found) = resolve(&file.manifests, &project, &project.environments["local"]);
        let mut diagnostics = file.diagnostics.clone();
        diagnostics.append(found);
        let diagnostics = diagnostics.sorted();
        check(&diagnostics, &source);
        if !diagnostics.has_errors() {
            let plan = planning::check(&desired, &Live::new(), &State::default());
            // In an account without offers, all that is declared is made, unless it is to adopt something.
            let adopting = |name| {
                desired
                    .get(name)
                    .is_some_and(|offer| offer.adopts.is_some())
            };
            let held = plan
                .conflicts
                .iter()
                .filter(|conflict| adopting(&conflict.name))
                .count();
            assert!(plan.count(Action::Create) + held >= desired.offers().len());
        }
    }
    decoded
}

/// What is valid is formatted so that it says the same, and formatting it once more changes nothing.
fn check_format(file: &SourceFile) {
    match format(file) {
        Ok(once) => {
            let (again, _) = source(once.as_bytes());
            let twice = format(&again).expect("what was formatted can be formatted");
            assert_eq!(once, twice);
        }
        Err(FormatError::Unproven(why)) => panic!("{why}"),
        Err(FormatError::Invalid(_) | FormatError::Layout { .. }) => {}
    }
}
