//! JSON Schemas, so that editors complete and explain what people write, and scripts know what they read.

mod manifest;
mod project;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value as Json;

use crate::document::{
    DiffDocument, DriftDocument, FormatDocument, PlanDocument, ReportDocument, ValidationDocument,
};

/// Something that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaKind {
    /// Files with offers.
    Manifest,
    /// `offerctl.yaml`.
    Project,
    /// What `plan --format json` prints.
    Plan,
    /// What `apply --format json` prints.
    Report,
    /// What `drift --format json` prints.
    Drift,
    /// What `diff --format json` prints.
    Diff,
    /// What `validate --format json` prints.
    Validation,
    /// What `fmt --format json` prints.
    Format,
}

impl SchemaKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Manifest,
        Self::Project,
        Self::Plan,
        Self::Report,
        Self::Drift,
        Self::Diff,
        Self::Validation,
        Self::Format,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Project => "project",
            Self::Plan => "plan",
            Self::Report => "report",
            Self::Drift => "drift",
            Self::Diff => "diff",
            Self::Validation => "validation",
            Self::Format => "format",
        }
    }

    /// The name of the file in `schemas/`.
    pub fn file_name(self) -> String {
        format!("{}.v1.schema.json", self.as_str())
    }

    /// The path of the file in projects, beside which manifests name it on their first line.
    pub fn project_path(self) -> String {
        format!("schemas/offerctl/{}", self.file_name())
    }

    /// The schema.
    pub fn schema(self) -> Schema {
        match self {
            Self::Manifest => manifest::schema(),
            Self::Project => generator().into_root_schema_for::<project::ProjectFile>(),
            Self::Plan => generator().into_root_schema_for::<PlanDocument>(),
            Self::Report => generator().into_root_schema_for::<ReportDocument>(),
            Self::Drift => generator().into_root_schema_for::<DriftDocument>(),
            Self::Diff => generator().into_root_schema_for::<DiffDocument>(),
            Self::Validation => generator().into_root_schema_for::<ValidationDocument>(),
            Self::Format => generator().into_root_schema_for::<FormatDocument>(),
        }
    }

    /// The text of the file in `schemas/`.
    pub fn to_text(self) -> String {
        crate::document::to_text(&Json::from(self.schema()))
    }
}

fn generator() -> SchemaGenerator {
    // Draft 7 is what editors know best.
    SchemaSettings::draft07().into_generator()
}
