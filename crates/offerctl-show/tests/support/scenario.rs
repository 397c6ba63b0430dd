//! Scenario files: [`Scenario`], read from `tests/scenarios` as its README says.

#![expect(
    clippy::disallowed_methods,
    reason = "scenarios are files, and the tests are not the core"
)]

use std::path::{Path, PathBuf};

use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics};
use offerctl_manifest::project::{self, Endpoint, Environment, Project};
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::FileId;
use offerctl_manifest::{desired, manifest};
use offerctl_model::money::Currency;
use offerctl_model::offer_type::Api;

/// The environment that scenarios are resolved for.
pub(crate) const RESOLVED: &str = "local";

/// An environment that the project has as well.
pub(crate) const OTHER: &str = "production";

/// A diagnostic as a scenario expects it: file, code, line and column.
pub(crate) type Place = (String, String, usize, usize);

/// Files that are read together, with what is expected of them.
pub(crate) struct Scenario {
    /// The name of the file or folder.
    pub(crate) name: String,
    /// Paths as diagnostics show them, with the bytes.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What the files say is wrong with them, in order.
    pub(crate) expected: Vec<Place>,
    /// Whether the file is an `offerctl.yaml`.
    pub(crate) is_project: bool,
    api: Api,
    currency: Option<Currency>,
    vars: Vec<(String, String)>,
}

/// Reads every scenario of a folder of `tests/scenarios`, by name.
pub(crate) fn all(folder: &str) -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/scenarios")
        .join(folder);
    let scenarios = entries(&root).into_iter().map(|path| {
        let files = if path.is_dir() {
            entries(&path)
        } else {
            vec![path.clone()]
        };
        Scenario::read(&path, &files)
    });
    scenarios.collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

impl Scenario {
    fn read(path: &Path, files: &[PathBuf]) -> Self {
        let name = file_name(path);
        let mut scenario = Self {
            is_project: name.ends_with(".project.yaml"),
            name,
            files: Vec::new(),
            expected: Vec::new(),
            api: Api::JsonRpc,
            currency: None,
            vars: Vec::new(),
        };
        for path in files {
            let bytes = std::fs::read(path).unwrap();
            let name = file_name(path);
            for line in String::from_utf8_lossy(&bytes).lines() {
                let Some(comment) = line.trim_start_matches('\u{feff}').strip_prefix('#') else {
                    break;
                };
                scenario.instruct(&name, comment.trim());
            }
            scenario.files.push((name, bytes));
        }
        scenario
    }

    fn instruct(&mut self, file: &str, comment: &str) {
        match comment.split_once(": ") {
            Some(("expect", words)) => {
                let (code, place) = words.split_once(' ').expect("a code and a place");
                let (line, column) = place.split_once(':').expect("a line and a column");
                let [line, column] = [line, column].map(|number| number.parse().unwrap());
                self.expected
                    .push((file.to_owned(), code.to_owned(), line, column));
            }
            Some(("api", "rest")) => self.api = Api::Rest,
            Some(("api", other)) => panic!("{}: no api {other}", self.name),
            Some(("account-currency", code)) => self.currency = Currency::new(code),
            Some(("var", words)) => {
                let (name, value) = words.split_once('=').expect("a name and a value");
                self.vars.push((name.to_owned(), value.to_owned()));
            }
            Some(_) | None => {}
        }
    }

    /// The project that the manifests belong to.
    pub(crate) fn project(&self) -> Project {
        let mut local = Environment::new(RESOLVED, Endpoint::Emulator);
        local.api = self.api;
        local.account.currency = self.currency;
        local.vars = self.vars.iter().cloned().collect();
        let other = Environment {
            name: OTHER.to_owned(),
            ..local.clone()
        };
        Project {
            environments: [local, other]
                .into_iter()
                .map(|environment| (environment.name.clone(), environment))
                .collect(),
            ..Project::default()
        }
    }

    /// Reads the files as the program does, and returns all that is wrong with them.
    pub(crate) fn run(&self) -> (Sources, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut manifests = Vec::new();
        let mut sources = Vec::new();
        let mut project = self.project();
        for (path, bytes) in &self.files {
            let id = FileId(u32::try_from(sources.len()).unwrap());
            let (source, problem) = SourceFile::from_bytes(id, path.clone(), bytes.clone());
            if let Some(problem) = problem {
                diagnostics.push(problem);
            } else if self.is_project {
                diagnostics.append(project::read(&source).1);
            } else {
                let file = manifest::read(&source);
                diagnostics.append(file.diagnostics);
                manifests.extend(file.manifests);
                project.approvals.extend(file.approvals);
            }
            sources.push(source);
        }
        let (_, resolved) = desired::resolve(&manifests, &project, &project.environments[RESOLVED]);
        diagnostics.append(resolved);
        (Sources::new(sources), diagnostics.sorted())
    }
}

/// Where a diagnostic is.
pub(crate) fn place(diagnostic: &Diagnostic, sources: &Sources) -> Place {
    let span = diagnostic.span.expect("a mistake in a file has a place");
    let file = sources.file(span.file).expect("the file is there");
    let position = file.position(span.start);
    let code = diagnostic.code.as_str().to_owned();
    (file.path.to_string(), code, position.line, position.column)
}
