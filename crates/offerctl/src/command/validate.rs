//! `offerctl validate`: are the manifests in order?

use std::collections::BTreeMap;

use offerctl_engine::load::{Loaded, load};
use offerctl_manifest::desired::resolve;
use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics};
use offerctl_manifest::manifest::{Date, expired};
use offerctl_manifest::project::Environment;
use offerctl_model::json::to_text;
use offerctl_model::words::plural;
use offerctl_show::document::{
    DiagnosticDocument, EnvironmentDiagnostics, FORMAT_VERSION, ValidationDocument, code_quality,
};
use offerctl_show::render::{Annotation, diagnostics_text};

use super::annotate::annotated_folder;
use crate::args::{Format, Global};
use crate::context::{Context, choose_environment, leave_to_the_end, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Checks every environment, or the one that was named; needs neither token nor network.
pub(crate) fn run(global: &Global, ui: &Ui) -> Result<Exit, CliError> {
    let loaded = load(&global.directory).map_err(|error| {
        let message = format!(
            "failed to find a project from `{}`",
            global.directory.display()
        );
        CliError::new(Exit::Usage, message).caused_by(error)
    })?;
    let environments = environments(&loaded, global)?;
    for environment in &environments {
        Context::check_times(environment)?;
    }
    let checked = check(&loaded, &environments);
    match global.format {
        Format::Json => ui.data(&to_text(&checked.document(&loaded))),
        Format::Github => {
            ui.data(&checked.annotations(&loaded));
            ui.say(&checked.verdict(&loaded));
        }
        Format::Gitlab => {
            let folder = annotated_folder(&loaded.root);
            let issues = code_quality(checked.diagnostics.keys(), &loaded.sources, &folder);
            ui.data(&to_text(&issues));
            ui.say(&checked.verdict(&loaded));
        }
        Format::Text | Format::Markdown => ui.data(&checked.text(&loaded, ui)),
    }
    let is_valid = checked.is_valid();
    leave_to_the_end((checked, loaded));
    Ok(if is_valid {
        Exit::Success
    } else {
        Exit::Invalid
    })
}

fn environments(loaded: &Loaded, global: &Global) -> Result<Vec<Environment>, CliError> {
    // An environment of a broken project file is a guess.
    if loaded.project_diagnostics.has_errors() {
        return Ok(Vec::new());
    }
    match &global.environment {
        Some(name) => Ok(vec![choose_environment(loaded, Some(name))?]),
        None => Ok(loaded.project.environments.values().cloned().collect()),
    }
}

/// What is wrong, and where: in all environments, or in some.
struct Checked {
    diagnostics: BTreeMap<Diagnostic, Vec<String>>,
    environments: Vec<EnvironmentDiagnostics>,
}

fn check(loaded: &Loaded, environments: &[Environment]) -> Checked {
    let expired = expired(&loaded.project.approvals, Date::of(now()));
    let mut diagnostics: BTreeMap<Diagnostic, Vec<String>> = loaded
        .all_diagnostics()
        .into_iter()
        .chain(expired)
        .map(|diagnostic| (diagnostic, Vec::new()))
        .collect();
    let everywhere = loaded.all_diagnostics().has_errors();
    let mut checked = Vec::new();
    let mut found_in: BTreeMap<Diagnostic, Vec<String>> = BTreeMap::new();
    for environment in environments {
        let (desired, found) = resolve(&loaded.manifests, &loaded.project, environment);
        checked.push(EnvironmentDiagnostics {
            name: environment.name.clone(),
            valid: !everywhere && !found.has_errors(),
            offers: desired.offers().len(),
        });
        for diagnostic in found.sorted() {
            found_in
                .entry(diagnostic)
                .or_default()
                .push(environment.name.clone());
        }
    }
    for (diagnostic, names) in found_in {
        // What is wrong in every environment is wrong in the file.
        let names = if names.len() == environments.len() && environments.len() != 1 {
            Vec::new()
        } else {
            names
        };
        diagnostics.entry(diagnostic).or_insert(names);
    }
    Checked {
        diagnostics,
        environments: checked,
    }
}

impl Checked {
    fn is_valid(&self) -> bool {
        !self.list().has_errors()
    }

    fn list(&self) -> Diagnostics {
        let mut list = Diagnostics::new();
        self.diagnostics
            .keys()
            .for_each(|diagnostic| list.push(diagnostic.clone()));
        list
    }

    fn document(&self, loaded: &Loaded) -> ValidationDocument {
        let diagnostics = self
            .diagnostics
            .iter()
            .map(|(diagnostic, names)| DiagnosticDocument::new(diagnostic, names, &loaded.sources));
        ValidationDocument {
            format_version: FORMAT_VERSION,
            valid: self.is_valid(),
            files: loaded.manifest_files,
            offers: loaded.manifests.len(),
            environments: self.environments.clone(),
            diagnostics: diagnostics.collect(),
        }
    }

    /// The text for people: what is wrong on standard error, the verdict as data.
    fn text(&self, loaded: &Loaded, ui: &Ui) -> String {
        let list = self.list();
        if !list.is_empty() {
            // A single environment needs no mention.
            let names = |diagnostic: &Diagnostic| match self.environments.len() {
                1 => Vec::new(),
                _ => self
                    .diagnostics
                    .get(diagnostic)
                    .cloned()
                    .unwrap_or_default(),
            };
            Ui::to_stderr(&diagnostics_text(
                &list,
                &loaded.sources,
                names,
                ui.err_style(),
            ));
        }
        self.verdict(loaded)
    }

    /// The lines that GitHub shows beside those of the files.
    fn annotations(&self, loaded: &Loaded) -> String {
        let folder = annotated_folder(&loaded.root);
        let lines = self.diagnostics.iter().map(|(diagnostic, names)| {
            Annotation::of_diagnostic(diagnostic, names, &loaded.sources, &folder)
        });
        lines
            .map(|line| format!("{line}\n"))
            .collect::<Vec<_>>()
            .concat()
    }

    /// The last line.
    fn verdict(&self, loaded: &Loaded) -> String {
        let failed: Vec<String> = self
            .environments
            .iter()
            .filter(|found| !found.valid)
            .map(|found| found.name.clone())
            .collect();
        let counts = format!(
            "{} in {}",
            plural(loaded.manifests.len(), "offer"),
            plural(loaded.manifest_files, "file")
        );
        if !self.is_valid() {
            let place = if failed.is_empty() {
                String::new()
            } else {
                format!(" for {}", failed.join(", "))
            };
            return format!(
                "Invalid{place}: {} in {counts}.\n",
                plural(self.diagnostics.len(), "problem")
            );
        }
        let names: Vec<&str> = self
            .environments
            .iter()
            .map(|found| found.name.as_str())
            .collect();
        format!("Valid: {counts}, for {}.\n", names.join(", "))
    }
}
