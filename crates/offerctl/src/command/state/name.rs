//! Names on the command line, and what is pending under them.

use offerctl_model::name::{Name, NameError};
use offerctl_reconcile::state::{IntentId, State};

use crate::error::CliError;
use crate::exit::Exit;

/// Reads a name that somebody typed.
pub(super) fn parse_name(text: &str) -> Result<Name, CliError> {
    text.parse()
        .map_err(|error: NameError| CliError::new(Exit::Usage, error.to_string()))
}

/// The intents of a name: creates whose outcome is unknown.
pub(super) fn intents_of(state: &State, name: &Name) -> Vec<IntentId> {
    state
        .intents
        .iter()
        .filter(|(_, intent)| intent.name == *name)
        .map(|(id, _)| id.clone())
        .collect()
}
