//! `offerctl schema`: JSON Schemas for editors and scripts.

use offerctl_show::schema::SchemaKind;

use crate::args::SchemaName;
use crate::exit::Exit;
use crate::ui::Ui;

/// Prints a schema.
pub(crate) fn run(name: SchemaName, ui: &Ui) -> Exit {
    let kind = match name {
        SchemaName::Manifest => SchemaKind::Manifest,
        SchemaName::Project => SchemaKind::Project,
        SchemaName::Plan => SchemaKind::Plan,
        SchemaName::Report => SchemaKind::Report,
        SchemaName::Drift => SchemaKind::Drift,
        SchemaName::Diff => SchemaKind::Diff,
        SchemaName::Validation => SchemaKind::Validation,
        SchemaName::Format => SchemaKind::Format,
    };
    ui.data(kind.text());
    Exit::Success
}
