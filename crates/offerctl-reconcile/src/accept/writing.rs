//! One value that is to be written: [`Writing`].

use offerctl_manifest::manifest::Part;
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::content::FieldPath;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::value::Value;

use super::refusal::Refusal;
use super::situation::part;
use super::write::Target;

/// One value that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    /// The name that drifted; the manifest may have another one by now.
    pub(super) name: Name,
    pub(super) path: FieldPath,
    /// Whether it is a whole country that comes or goes; the path is that of its price.
    pub(super) moves_country: bool,
    /// The environment for which alone it is written; for all that do not say it themselves, if `None`.
    pub(super) environment: Option<String>,
    pub(super) file: FileId,
    pub(super) target: Target,
    pub(super) before: Option<Value>,
    /// The live value; `None` if the country is gone.
    pub(super) after: Option<Value>,
    pub(super) currency: Option<Currency>,
    /// Where the value, or else the offer, stands in the files as they are.
    pub(super) span: Span,
}

impl Writing {
    /// What it writes, as a part of the manifest.
    pub(super) fn part(&self) -> Part {
        match self.path.country {
            Some(country) if self.moves_country => Part::Localization(country),
            Some(_) | None => part(self.path),
        }
    }

    pub(super) fn refused(&self, message: String, help: &str) -> Refusal {
        Refusal {
            name: self.name.clone(),
            message,
            help: help.to_owned(),
            span: Some(self.span),
        }
    }
}
