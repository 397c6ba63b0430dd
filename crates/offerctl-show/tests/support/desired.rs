//! Builds [`Desired`] from the YAML of manifests.

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::diagnostic::{Diagnostics, Severity};
use offerctl_manifest::manifest::{self, Manifest};
use offerctl_manifest::project::{Endpoint, Environment, Project};
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::FileId;
use offerctl_model::country::Country;
use offerctl_model::offer_type::Api;
use offerctl_show::render::{Style, diagnostics_text};

/// What an offer needs and most tests do not care about.
const DEFAULTS: &str =
    "defaults: {price: 12.00, startTime: 1900000000, endTime: 1900003600, timeZone: Europe/Oslo}";

/// The name of the project of tests, which markers have.
pub(crate) const PROJECT: &str = "club-tv";

/// What differs between the projects of tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) api: Api,
    pub(crate) markers: bool,
    /// The country of the account, as the project says it over REST.
    pub(crate) country: Option<&'static str>,
}

impl From<Api> for Options {
    fn from(api: Api) -> Self {
        Self {
            api,
            markers: false,
            country: Some("US"),
        }
    }
}

/// The project of tests: one environment, `local`.
pub(crate) fn project(options: impl Into<Options>) -> Project {
    let Options {
        api,
        markers,
        country,
    } = options.into();
    let mut local = Environment::new("local", Endpoint::Emulator);
    local.api = api;
    local.markers = markers;
    if api == Api::Rest {
        local.account.country = country.and_then(Country::new);
    }
    Project {
        name: Some(PROJECT.to_owned()),
        environments: [("local".to_owned(), local)].into(),
        ..Project::default()
    }
}

/// Reads the text of whole files; all that is wrong is returned as well.
pub(crate) fn read(
    options: impl Into<Options>,
    texts: &[String],
) -> (Desired, Diagnostics, Sources) {
    let mut sources = Vec::new();
    let mut diagnostics = Diagnostics::new();
    let mut manifests: Vec<Manifest> = Vec::new();
    let mut project = project(options);
    for (index, text) in texts.iter().enumerate() {
        let id = FileId(u32::try_from(index).unwrap());
        let path = format!("offers/{index}.yaml");
        let (source, problem) = SourceFile::from_bytes(id, path, text.clone().into_bytes());
        assert!(problem.is_none());
        let file = manifest::read(&source);
        manifests.extend(file.manifests);
        project.approvals.extend(file.approvals);
        diagnostics.append(file.diagnostics);
        sources.push(source);
    }
    let (desired, resolved) = resolve(&manifests, &project, &project.environments["local"]);
    diagnostics.append(resolved);
    (desired, diagnostics.sorted(), Sources::new(sources))
}

/// Puts offers into a file with the defaults of all tests.
pub(crate) fn file(offers: &str) -> String {
    let lines: Vec<String> = offers.lines().map(|line| format!("  {line}")).collect();
    format!("version: 1\n{DEFAULTS}\noffers:\n{}\n", lines.join("\n"))
}

/// The offers of a text, which must be valid.
#[track_caller]
pub(crate) fn of_files(options: impl Into<Options>, texts: &[String]) -> (Desired, Sources) {
    let (desired, diagnostics, sources) = read(options, texts);
    let errors = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    let text = || diagnostics_text(&diagnostics, &sources, |_| Vec::new(), Style::Plain);
    assert!(!errors, "{}", text());
    (desired, sources)
}

/// The offers of a text with one offer per line, such as `news: {type: pass, title: News, …}`.
#[track_caller]
pub(crate) fn offers_for(options: impl Into<Options>, text: &str) -> Desired {
    of_files(options, &[file(text)]).0
}
