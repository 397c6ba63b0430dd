//! `offerctl fmt`: the manifests in one order and one layout.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use offerctl_engine::load::{load, read_bounded, read_source};
use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics};
use offerctl_manifest::format::{FormatError, format, prune};
use offerctl_manifest::manifest::{self, Approval, Approved, Date};
use offerctl_manifest::project::FILE_NAME;
use offerctl_manifest::source::{MAX_FILE_BYTES, SourceFile, Sources};
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::json::to_text;
use offerctl_model::name::Name;
use offerctl_model::words::plural;
use offerctl_show::document::{FORMAT_VERSION, FormatDocument};
use offerctl_show::render::file_diff;

use crate::args::{FmtArgs, Format, Global};
use crate::context::{now, report};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file::{Replacement, replace_all};
use crate::ui::Ui;

/// What stands on the command line for standard input.
const STDIN: &str = "-";

/// What a file may begin with, and what is no part of its text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Formats all files, or none if one of them has mistakes.
pub(crate) fn run(global: &Global, args: &FmtArgs, ui: &Ui) -> Result<Exit, CliError> {
    let stdin = args.files.iter().any(|file| file.as_os_str() == STDIN);
    refuse_nonsense(global, args, stdin)?;
    let mut is_marked = false;
    let mut pages = if stdin {
        let (page, marked) = Page::of_stdin()?;
        is_marked = marked;
        vec![page]
    } else if args.files.is_empty() {
        Page::of_project(global, args.prune, ui)?
    } else {
        let files = (0..).zip(&args.files);
        files.map(|(id, path)| Page::of_file(id, path)).collect()
    };
    if args.prune {
        pages.iter_mut().for_each(Page::find_dead_approvals);
    }
    let formatted = formatted(&pages, ui)?;
    let changed: Vec<(&Page, &String)> = pages
        .iter()
        .zip(&formatted)
        .filter(|(page, text)| page.source.text != **text)
        .collect();
    if stdin && !args.check && !args.diff {
        // As a file keeps it.
        let mark = if is_marked { "\u{feff}" } else { "" };
        ui.data(&[mark, &formatted.concat()].concat());
        return Ok(Exit::Success);
    }
    if !args.check && !stdin {
        write(&changed)?;
    }
    show(global, args, &changed, ui);
    if !stdin {
        ui.say(&verdict(args, changed.len(), pages.len()));
    }
    Ok(if args.check && !changed.is_empty() {
        Exit::Error
    } else {
        Exit::Success
    })
}

fn refuse_nonsense(global: &Global, args: &FmtArgs, stdin: bool) -> Result<(), CliError> {
    let refuse = |message: &str| Err(CliError::new(Exit::Usage, message));
    if stdin && args.files.len() > 1 {
        return refuse("standard input cannot be formatted together with files");
    }
    if args.diff && global.format != Format::Text {
        return refuse("`--diff` prints text, and cannot be used with --format json");
    }
    if stdin && !args.check && global.format != Format::Text {
        return refuse("the text of standard input is printed as it is, not with --format json");
    }
    Ok(())
}

/// A file to be formatted.
struct Page {
    /// Where it is; `None` for standard input.
    path: Option<PathBuf>,
    source: SourceFile,
    problem: Option<Diagnostic>,
    /// Whether it is offerctl.yaml, whose layout stays.
    is_project: bool,
    /// The approvals that are taken out.
    dead: Vec<Span>,
}

impl Page {
    /// What comes in, and whether it begins with a byte order mark.
    fn of_stdin() -> Result<(Self, bool), CliError> {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .take(MAX_FILE_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                CliError::new(Exit::Error, "failed to read standard input").caused_by(error)
            })?;
        let is_marked = bytes.starts_with(BYTE_ORDER_MARK);
        let (source, problem) =
            SourceFile::from_bytes(FileId(0), "<standard input>".to_owned(), bytes);
        let page = Self {
            path: None,
            source,
            problem,
            is_project: false,
            dead: Vec::new(),
        };
        Ok((page, is_marked))
    }

    fn of_file(id: u32, path: &Path) -> Self {
        let shown = path.display().to_string();
        let (source, problem) = read_source(path, shown, FileId(id));
        Self {
            path: Some(path.to_owned()),
            source,
            problem,
            is_project: false,
            dead: Vec::new(),
        }
    }

    /// Finds the approvals that the file itself shows to be of no use any more.
    fn find_dead_approvals(&mut self) {
        if !self.is_project && self.problem.is_none() {
            let file = manifest::read(&self.source);
            let names = file.manifests.iter().map(|manifest| &manifest.name);
            self.dead = dead(&file.approvals, &names.collect());
        }
    }

    /// The new text.
    fn formatted(&self) -> Result<String, FormatError> {
        if self.dead.is_empty() && self.is_project {
            return Ok(self.source.text.clone());
        }
        if self.dead.is_empty() {
            return format(&self.source);
        }
        let pruned = prune(&self.source, &self.dead)?;
        if self.is_project {
            return Ok(pruned);
        }
        format(&self.source.with_text(pruned))
    }

    /// All manifests of the project, and offerctl.yaml, if that is pruned.
    fn of_project(global: &Global, prune: bool, ui: &Ui) -> Result<Vec<Self>, CliError> {
        let loaded = load(&global.directory).map_err(|error| {
            let message = format!(
                "failed to find a project from `{}`",
                global.directory.display()
            );
            CliError::new(Exit::Usage, message).caused_by(error)
        })?;
        let diagnostics = loaded.all_diagnostics();
        if diagnostics.has_errors() {
            report(&diagnostics.sorted(), &loaded.sources, ui)?;
        }
        let manifests = loaded.sources.files().iter();
        let manifests = manifests.skip(usize::from(loaded.has_project_file));
        let pages = manifests.map(|source| Self {
            path: Some(loaded.root.join(source.path.raw())),
            source: source.clone(),
            problem: None,
            is_project: false,
            dead: Vec::new(),
        });
        let project = loaded.sources.files().first();
        let project = project.filter(|_| prune && loaded.has_project_file);
        let project = project.map(|source| {
            let approvals = loaded.project.approvals.iter();
            let own: Vec<Approval> = approvals
                .filter(|found| found.everywhere)
                .cloned()
                .collect();
            let names = loaded.manifests.iter().map(|manifest| &manifest.name);
            Self {
                path: Some(loaded.root.join(source.path.raw())),
                source: source.clone(),
                problem: None,
                is_project: true,
                dead: dead(&own, &names.collect()),
            }
        });
        Ok(project.into_iter().chain(pages).collect())
    }
}

/// The places of approvals whose last day has passed, or that name no declared offer.
///
/// What approves deactivations is about offers that are no longer declared.
fn dead(approvals: &[Approval], declared: &BTreeSet<&Name>) -> Vec<Span> {
    let today = Date::of(now());
    let is_dead = |approval: &&Approval| {
        let names_nothing = || {
            approval.what != Approved::Deactivations
                && !declared.iter().any(|name| approval.names(name))
        };
        approval.is_expired(today) || names_nothing()
    };
    let dead = approvals.iter().filter(is_dead);
    dead.map(|approval| approval.place).collect()
}

/// The new text of every file; what is wrong in any of them is told of all.
fn formatted(pages: &[Page], ui: &Ui) -> Result<Vec<String>, CliError> {
    let mut texts = Vec::new();
    let mut diagnostics = Diagnostics::new();
    let mut failed = None;
    for page in pages {
        if let Some(problem) = &page.problem {
            diagnostics.push(problem.clone());
            continue;
        }
        match page.formatted() {
            Ok(text) => texts.push(text),
            Err(FormatError::Invalid(found)) => diagnostics.append(found),
            Err(error) => failed = failed.or(Some((page, error))),
        }
    }
    let sources = pages.iter().map(|page| page.source.clone());
    if diagnostics.has_errors() {
        let sources = sources_of(sources.collect());
        report(&diagnostics.sorted(), &sources, ui)?;
    }
    let Some((page, error)) = failed else {
        return Ok(texts);
    };
    let message = format!("`{}`: {error}; nothing was written", page.source.path);
    Err(match error {
        FormatError::Unproven(_) => CliError::new(Exit::Error, message)
            .hint("please report it with the lines of the file that are laid out unusually"),
        FormatError::Layout { .. } | FormatError::Invalid(_) => {
            CliError::new(Exit::Invalid, message).hint("lay out these lines more simply")
        }
    })
}

/// Ids are places in the list; the project file, which is not formatted, has a place in it too.
fn sources_of(mut sources: Vec<SourceFile>) -> Sources {
    if sources.first().is_some_and(|first| first.id != FileId(0)) {
        let project = FILE_NAME.to_owned();
        sources.insert(0, SourceFile::from_bytes(FileId(0), project, Vec::new()).0);
    }
    Sources::new(sources)
}

fn write(changed: &[(&Page, &String)]) -> Result<(), CliError> {
    let failed = || CliError::new(Exit::Error, "failed to write the manifests");
    let mut files = Vec::new();
    for (page, text) in changed {
        let Some(path) = &page.path else { continue };
        let bytes = read_bounded(path).map_err(|error| failed().caused_by(error))?;
        let mark = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK
        } else {
            &[]
        };
        files.push(Replacement {
            path: path.clone(),
            before: [mark, page.source.text.as_bytes()].concat(),
            after: [mark, text.as_bytes()].concat(),
        });
    }
    replace_all(&files).map_err(|error| failed().caused_by(error))
}

fn show(global: &Global, args: &FmtArgs, changed: &[(&Page, &String)], ui: &Ui) {
    let paths = changed
        .iter()
        .map(|(page, _)| page.source.path.raw().to_owned());
    if global.format == Format::Json {
        ui.data(&to_text(&FormatDocument {
            format_version: FORMAT_VERSION,
            changed: paths.collect(),
        }));
        return;
    }
    for (page, text) in changed {
        let path = &page.source.path;
        ui.data(&if args.diff {
            file_diff(path, &page.source.text, text)
        } else {
            format!("{path}\n")
        });
    }
}

/// What was done, for people.
fn verdict(args: &FmtArgs, changed: usize, all: usize) -> String {
    match (args.check, changed) {
        (_, 0) => format!("Nothing to format: {}.\n", plural(all, "file")),
        (true, changed) => format!(
            "Not formatted: {changed} of {}; `offerctl fmt{}` does it.\n",
            plural(all, "file"),
            if args.prune { " --prune" } else { "" }
        ),
        (false, changed) => format!("Formatted: {changed} of {}.\n", plural(all, "file")),
    }
}
