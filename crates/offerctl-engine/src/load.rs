//! From a folder to manifests: [`load`].

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io, thread};

use offerctl_manifest::diagnostic::{Code, Diagnostic, Diagnostics};
use offerctl_manifest::manifest::{self, Manifest, ManifestFile};
use offerctl_manifest::project::{self, FILE_NAME, Project};
use offerctl_manifest::source::{MAX_FILE_BYTES, SourceFile, Sources};
use offerctl_manifest::span::FileId;

use crate::file::open_regular;

/// A project as it was found on disk.
#[derive(Debug)]
pub struct Loaded {
    /// The folder that patterns and states are relative to.
    pub root: PathBuf,
    /// What `offerctl.yaml` says, or the defaults of a folder without it.
    pub project: Project,
    /// Whether there is an `offerctl.yaml`.
    pub has_project_file: bool,
    /// All files that were read.
    pub sources: Sources,
    /// The offers of all files.
    pub manifests: Vec<Manifest>,
    /// How many files with manifests there are.
    pub manifest_files: usize,
    /// What is wrong in the project file: with an error there, nothing else is to be trusted.
    pub project_diagnostics: Diagnostics,
    /// What is wrong in the manifests.
    pub manifest_diagnostics: Diagnostics,
}

impl Loaded {
    /// All that is wrong in the files.
    pub fn all_diagnostics(&self) -> Diagnostics {
        let mut all = self.project_diagnostics.clone();
        all.append(self.manifest_diagnostics.clone());
        all
    }
}

/// Why a project cannot be looked for.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder is not there, or is no folder.
    #[error("`{path}` is not a folder")]
    NoFolder {
        /// The folder.
        path: String,
        /// Why not.
        #[source]
        source: Option<io::Error>,
    },
}

/// Reads only the project file: enough for commands that need no manifests.
pub fn load_project(folder: &Path) -> Result<Loaded, LoadError> {
    let root = find_root(folder)?;
    let mut diagnostics = Diagnostics::new();
    let mut files = Vec::new();
    let path = root.join(FILE_NAME);
    let has_project_file = is_there(&path);
    let mut project = Project::default();
    if has_project_file {
        let (source, problem) = read_inside(&root, &path, FileId(0));
        let usable = problem.is_none();
        if let Some(problem) = problem {
            diagnostics.push(problem);
        }
        if usable {
            let (found, problems) = project::read(&source);
            project = found;
            diagnostics.append(problems);
        }
        files.push(source);
    }
    Ok(Loaded {
        root,
        project,
        has_project_file,
        sources: Sources::new(files),
        manifests: Vec::new(),
        manifest_files: 0,
        project_diagnostics: diagnostics,
        manifest_diagnostics: Diagnostics::new(),
    })
}

/// Reads the project and all its manifests, side by side.
///
/// Whatever is wrong in a file is among the diagnostics, in the order of the paths.
pub fn load(folder: &Path) -> Result<Loaded, LoadError> {
    let mut loaded = load_project(folder)?;
    let mut sources = loaded.sources.files().to_vec();
    let (paths, problems) = find_manifests(&loaded.root, &loaded.project);
    loaded.manifest_diagnostics.append(problems);
    loaded.manifest_files = paths.len();
    for (source, file) in read_all(&loaded.root, &paths, sources.len()) {
        sources.push(source);
        loaded.manifests.extend(file.manifests);
        loaded.project.approvals.extend(file.approvals);
        loaded.manifest_diagnostics.append(file.diagnostics);
    }
    loaded.sources = Sources::new(sources);
    Ok(loaded)
}

/// The folder itself if it has a project file; else the nearest one above, up to the root of the git repository.
fn find_root(folder: &Path) -> Result<PathBuf, LoadError> {
    let no_folder = |source| LoadError::NoFolder {
        path: folder.display().to_string(),
        source,
    };
    let start = folder
        .canonicalize()
        .map_err(|error| no_folder(Some(error)))?;
    if !start.is_dir() {
        return Err(no_folder(None));
    }
    let mut here = start.as_path();
    loop {
        if is_there(&here.join(FILE_NAME)) {
            return Ok(here.to_owned());
        }
        match here.parent() {
            Some(parent) if !here.join(".git").exists() => here = parent,
            Some(_) | None => return Ok(start),
        }
    }
}

/// Whether anything has that name: what cannot be read is not taken for what is not there.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a file of this path, relative to the project, would be one with manifests.
pub fn is_manifest(project: &Project, path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    let matches = |pattern: &String| {
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        let pattern = glob::Pattern::new(&parts.join("/"));
        pattern.is_ok_and(|pattern| pattern.matches_with(path, MATCHING))
    };
    !hidden && path != FILE_NAME && project.manifests.iter().any(matches)
}

/// How paths are compared with patterns: a wildcard stays in its folder.
const MATCHING: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

fn find_manifests(root: &Path, project: &Project) -> (Vec<PathBuf>, Diagnostics) {
    let mut found = Found::default();
    for pattern in &project.manifests {
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        // What has no wildcard is the way to where the search begins; the last part is always searched for.
        let plain = parts
            .iter()
            .take(parts.len().saturating_sub(1))
            .take_while(|part| !part.contains(['*', '?', '[']))
            .count();
        let (way, rest) = parts.split_at(plain);
        match glob::Pattern::new(&rest.join("/")) {
            Ok(wanted) => {
                let search = Search {
                    root,
                    wanted,
                    depth: if rest.contains(&"**") {
                        usize::MAX
                    } else {
                        rest.len()
                    },
                };
                search.run(root.join(way.join("/")), &mut found);
            }
            Err(error) => {
                let message = format!("`{pattern}` is not a pattern: {}", error.msg);
                found
                    .diagnostics
                    .push(Diagnostic::error(Code::Config, message));
            }
        }
    }
    let Found {
        mut paths,
        diagnostics,
    } = found;
    paths.sort();
    paths.dedup();
    (paths, diagnostics.sorted())
}

#[derive(Default)]
struct Found {
    paths: Vec<PathBuf>,
    diagnostics: Diagnostics,
}

/// A search for the files of one pattern.
struct Search<'a> {
    root: &'a Path,
    wanted: glob::Pattern,
    /// How many folders deep a file may be.
    depth: usize,
}

/// A folder to be searched, with its path below the place where the search began.
struct Folder {
    path: PathBuf,
    below: String,
    depth: usize,
}

impl Search<'_> {
    /// Searches every folder once, however many links lead to it: first those that are there, then those that are linked.
    fn run(&self, start: PathBuf, found: &mut Found) {
        let mut seen = BTreeSet::new();
        let mut open = vec![Folder {
            path: start,
            below: String::new(),
            depth: 1,
        }];
        let mut linked = Vec::new();
        while let Some(folder) = open.pop().or_else(|| linked.pop()) {
            let Ok(place) = folder.path.canonicalize() else {
                continue;
            };
            if !place.starts_with(self.root) {
                found.unreadable(self.root, &folder.path, &leads_out());
                continue;
            }
            if !seen.insert(place) {
                continue;
            }
            if let Err(error) = self.enter(&folder, (&mut open, &mut linked), found) {
                found.unreadable(self.root, &folder.path, &error);
            }
        }
    }

    fn enter(
        &self,
        folder: &Folder,
        (open, linked): (&mut Vec<Folder>, &mut Vec<Folder>),
        found: &mut Found,
    ) -> io::Result<()> {
        let mut entries = fs::read_dir(&folder.path)?.collect::<io::Result<Vec<_>>>()?;
        // The last that is pushed is searched first.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let below = format!("{}{name}", folder.below);
            let path = entry.path();
            let is_wanted = self.wanted.matches_with(&below, MATCHING);
            let is_link = entry.file_type()?.is_symlink();
            match fs::metadata(&path) {
                Ok(kind) if kind.is_dir() => {
                    if folder.depth < self.depth {
                        let inner = Folder {
                            path,
                            below: format!("{below}/"),
                            depth: folder.depth + 1,
                        };
                        if is_link { &mut *linked } else { &mut *open }.push(inner);
                    }
                }
                // What is no regular file is among them as well: reading it says what it is.
                Ok(_) if is_wanted && path != self.root.join(FILE_NAME) => found.paths.push(path),
                Err(error) if is_wanted => found.unreadable(self.root, &path, &error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}

impl Found {
    fn unreadable(&mut self, root: &Path, path: &Path, error: &io::Error) {
        // A project without the folder of its manifests has none.
        if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() {
            return;
        }
        self.diagnostics
            .push(not_read(&shown_path(root, path), error));
    }
}

/// The path as people see it: relative to the project, with `/`.
fn shown_path(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// Reads a file of the project, unless it is a link to one that is not in the project's folder.
fn read_inside(root: &Path, path: &Path, id: FileId) -> (SourceFile, Option<Diagnostic>) {
    let shown = shown_path(root, path);
    // The root has no links in it any more.
    match leads_below(root, path) {
        Ok(()) => read_source(path, shown, id),
        Err(error) => unreadable(shown, id, &error),
    }
}

/// Checks that a path of the project, once all links are followed, is in the project's folder: a file that a pull request
/// links to must not be shown, and nothing is written where a link leads to.
///
/// What is not there yet is where its folder is.
///
/// # Errors
///
/// If it leads out of the folder, or if that cannot be told.
pub fn stays_inside(root: &Path, path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|path| is_there(path));
    // A link to nothing leads wherever it says.
    leads_below(&root.canonicalize()?, there.unwrap_or(path))
}

fn leads_below(root: &Path, path: &Path) -> io::Result<()> {
    if path.canonicalize()?.starts_with(root) {
        Ok(())
    } else {
        Err(leads_out())
    }
}

fn leads_out() -> io::Error {
    io::Error::other("it leads out of the project's folder")
}

/// Reads a file that people know as `shown`; an empty one stands for it and the reason if it cannot be read.
pub fn read_source(path: &Path, shown: String, id: FileId) -> (SourceFile, Option<Diagnostic>) {
    match read_bounded(path) {
        Ok(bytes) => SourceFile::from_bytes(id, shown, bytes),
        Err(error) => unreadable(shown, id, &error),
    }
}

fn unreadable(shown: String, id: FileId, error: &io::Error) -> (SourceFile, Option<Diagnostic>) {
    let problem = not_read(&shown, error);
    let (source, _) = SourceFile::from_bytes(id, shown, Vec::new());
    (source, Some(problem))
}

fn not_read(shown: &str, error: &io::Error) -> Diagnostic {
    let message = format!("`{shown}` could not be read: {error}");
    Diagnostic::error(Code::Unreadable, message)
}

/// Reads a file, but no more of it than shows that it is too large.
pub fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    // The text is kept as long as messages may show lines of it, so it has no room to spare.
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(length.min(MAX_FILE_BYTES));
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads and parses files on all processors; the results are in the order of the paths.
fn read_all(root: &Path, paths: &[PathBuf], first_id: usize) -> Vec<(SourceFile, ManifestFile)> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(paths.len())
        .max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(index) else {
                return done;
            };
            let id = FileId(u32::try_from(first_id + index).unwrap_or(u32::MAX));
            let (source, problem) = read_inside(root, path, id);
            let file = match problem {
                Some(problem) => ManifestFile {
                    manifests: Vec::new(),
                    approvals: Vec::new(),
                    diagnostics: problem.into(),
                },
                None => manifest::read(&source),
            };
            done.push((index, source, file));
        }
    };
    let mut read: Vec<(usize, SourceFile, ManifestFile)> = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for helper in helpers {
            done.extend(helper.join().expect("reading a manifest never panics"));
        }
        done
    });
    read.sort_by_key(|(index, _, _)| *index);
    read.into_iter()
        .map(|(_, source, file)| (source, file))
        .collect()
}
