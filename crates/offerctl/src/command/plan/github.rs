//! `plan --github`: what a step of GitHub Actions leaves behind, in a [`Step`].

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use offerctl_reconcile::plan::Action;
use offerctl_show::render::{Annotation, JOB_SUMMARY_LIMIT, plan_markdown};

use super::prepared::Prepared;
use crate::command::annotate::annotated_folder;
use crate::context::Context;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// The files of a step.
#[derive(Debug)]
pub(super) struct Step {
    summary: PathBuf,
    output: PathBuf,
}

impl Step {
    /// Looks where the runner wants the files to be.
    pub(super) fn open() -> Result<Self, CliError> {
        Ok(Self {
            summary: variable("GITHUB_STEP_SUMMARY")?,
            output: variable("GITHUB_OUTPUT")?,
        })
    }

    /// Writes the summary of the job and the outputs of the step, and annotates what is blocked.
    pub(super) fn write_plan(
        &self,
        prepared: &Prepared,
        context: &Context,
    ) -> Result<(), CliError> {
        let markdown = plan_markdown(&prepared.markdown(context), JOB_SUMMARY_LIMIT);
        append(&self.summary, &markdown)?;
        let Prepared {
            plan,
            plan_id,
            findings,
            ..
        } = prepared;
        let count = |action| plan.count(action).to_string();
        let outputs = [
            ("changes", plan.changes.len().to_string()),
            ("creates", count(Action::Create)),
            ("updates", count(Action::Update)),
            ("replaces", count(Action::Replace)),
            ("deactivations", count(Action::Deactivate)),
            (
                "price_changes",
                plan.count_price_moves().total().to_string(),
            ),
            ("conflicts", plan.conflicts.len().to_string()),
            ("refusals", findings.refusals.len().to_string()),
            ("warnings", findings.warnings.len().to_string()),
            ("plan_id", plan_id.clone()),
        ];
        let lines: Vec<String> = outputs
            .iter()
            .map(|(key, value)| output_line(key, value))
            .collect();
        append(&self.output, &lines.concat())?;
        let folder = annotated_folder(&context.loaded.root);
        for annotation in Annotation::of_plan(plan, findings, &context.loaded.sources, &folder) {
            Ui::to_stderr(&format!("{annotation}\n"));
        }
        Ok(())
    }

    /// Writes how the step ended.
    pub(super) fn write_exit(&self, exit: Exit) -> Result<(), CliError> {
        append(&self.output, &output_line("exit", &exit.code().to_string()))
    }
}

/// One output. A value that could begin another line would be another output.
fn output_line(key: &str, value: &str) -> String {
    let value: String = value
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    format!("{key}={value}\n")
}

fn variable(name: &str) -> Result<PathBuf, CliError> {
    let value: Option<OsString> = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from).ok_or_else(|| {
        CliError::new(Exit::Usage, format!("--github needs the variable `{name}`"))
            .hint("a runner of GitHub Actions sets it; elsewhere take --markdown-into FILE")
    })
}

/// Other steps may have written into the file before.
fn append(path: &PathBuf, text: &str) -> Result<(), CliError> {
    let written = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        CliError::new(Exit::Error, format!("failed to write `{}`", path.display())).caused_by(error)
    })
}
