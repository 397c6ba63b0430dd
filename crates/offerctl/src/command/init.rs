//! `offerctl init`: a project to begin with.

mod files;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use offerctl_engine::file::{read_regular, refuse_link};
use offerctl_engine::load::load;
use offerctl_manifest::project::FILE_NAME;
use offerctl_manifest::source::MAX_FILE_BYTES;
use offerctl_model::name::Name;

use self::files::{DEFAULT_PROJECT, ENVIRONMENTS, EXAMPLE, File};
use crate::args::{Forge, Global, InitArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file::refuse_way_out;
use crate::ui::Ui;

/// What git is not to keep: state and catalogue of the embedded emulator.
const IGNORED: &str = ".offerctl/";

/// Makes a project in the folder, which is made as well if it is not there.
pub(crate) fn run(global: &Global, args: &InitArgs, ui: &Ui) -> Result<Exit, CliError> {
    let folder = &global.directory;
    let default = default_environment(global)?;
    let ground = survey(folder)?;
    refuse_workflows_below_the_root(folder, args)?;
    let project = project_name(folder);
    let mut files = files::of_project(&project, default);
    files.extend(files::of_forge(args.ci));
    if ground.has_manifests || args.no_example {
        files.retain(|file| file.path != EXAMPLE);
    }
    refuse_obstacles(folder, &files)?;
    let done = write(folder, &files)?;
    ui.data(&words(folder, args, &done));
    Ok(Exit::Success)
}

fn default_environment(global: &Global) -> Result<&str, CliError> {
    let Some(name) = &global.environment else {
        return Ok(ENVIRONMENTS[0]);
    };
    if ENVIRONMENTS.contains(&name.as_str()) {
        return Ok(name);
    }
    let message = format!("a new project has no environment `{name}`");
    Err(CliError::new(Exit::Usage, message)
        .hint(format!("it has {}", ENVIRONMENTS.join(", ")))
        .hint("name your own in offerctl.yaml afterwards"))
}

/// What is there before anything is made.
struct Ground {
    has_manifests: bool,
}

/// Refuses a folder that belongs to a project already.
fn survey(folder: &Path) -> Result<Ground, CliError> {
    let existing = nearest_folder(folder);
    let loaded = load(&existing).map_err(|error| {
        CliError::new(
            Exit::Usage,
            format!("no project can be made in `{}`", folder.display()),
        )
        .caused_by(error)
    })?;
    if loaded.has_project_file {
        let path = loaded.root.join(FILE_NAME);
        let message = format!(
            "there is a project already, and nothing was written: `{}`",
            path.display()
        );
        return Err(CliError::new(Exit::Usage, message)
            .hint("add manifests to it, or name another folder with -C"));
    }
    // Without a project file, the folder itself is where the search began.
    Ok(Ground {
        has_manifests: existing == *folder && loaded.manifest_files > 0,
    })
}

/// The folder, or the nearest one above it that is there.
fn nearest_folder(folder: &Path) -> PathBuf {
    let mut here = folder;
    loop {
        if here.symlink_metadata().is_ok() {
            return here.to_owned();
        }
        match here.parent() {
            Some(parent) if parent.as_os_str().is_empty() => return PathBuf::from("."),
            Some(parent) => here = parent,
            None => return PathBuf::from("."),
        }
    }
}

/// A forge looks for pipelines at the root of the repository only, and those that are written here expect the
/// project there too.
fn refuse_workflows_below_the_root(folder: &Path, args: &InitArgs) -> Result<(), CliError> {
    if args.ci == Forge::None {
        return Ok(());
    }
    let existing = nearest_folder(folder);
    let Ok(here) = existing.canonicalize() else {
        return Ok(());
    };
    let root = here.ancestors().find(|above| above.join(".git").exists());
    match root {
        Some(root) if root != here || existing != *folder => {
            let message = format!(
                "pipelines belong to the root of the repository, `{}`, and nothing was written",
                root.display()
            );
            Err(CliError::new(Exit::Usage, message).hint(
                "make the project there, or leave `--ci` out and adapt what is in ci/ of offerctl",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// What the project is called: as its folder, as far as that can be.
fn project_name(folder: &Path) -> String {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let full = full.canonicalize().unwrap_or(full);
    let name = full
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.and_then(|name| Name::suggest(&name));
    name.map_or_else(|| DEFAULT_PROJECT.to_owned(), |name| name.to_string())
}

/// What became of the files.
#[derive(Default)]
struct Done {
    made: Vec<String>,
    changed: Vec<String>,
    left: Vec<String>,
}

/// Writes all files that are not there; the project file last, so that a run that failed can be repeated.
fn write(folder: &Path, files: &[File]) -> Result<Done, CliError> {
    let failed = |path: &str, error: io::Error| {
        let path = folder.join(path);
        CliError::new(Exit::Error, format!("failed to write `{}`", path.display())).caused_by(error)
    };
    let mut done = Done::default();
    fs::create_dir_all(folder).map_err(|error| failed("", error))?;
    for file in files.iter().filter(|file| file.path != FILE_NAME) {
        let made = make(folder, file).map_err(|error| failed(file.path, error))?;
        if made { &mut done.made } else { &mut done.left }.push(file.path.to_owned());
    }
    match ignore(&folder.join(".gitignore")).map_err(|error| failed(".gitignore", error))? {
        Some(Ignored::Made) => done.made.push(".gitignore".to_owned()),
        Some(Ignored::Added) => done.changed.push(".gitignore".to_owned()),
        None => {}
    }
    for file in files.iter().filter(|file| file.path == FILE_NAME) {
        let made = make(folder, file).map_err(|error| failed(file.path, error))?;
        if made { &mut done.made } else { &mut done.left }.push(file.path.to_owned());
    }
    done.made.sort();
    Ok(done)
}

/// Refuses files that stand where a folder has to be, before anything is made.
fn refuse_obstacles(folder: &Path, files: &[File]) -> Result<(), CliError> {
    for file in files {
        let parents = Path::new(file.path).ancestors().skip(1);
        for parent in parents.filter(|parent| !parent.as_os_str().is_empty()) {
            let path = folder.join(parent);
            if path.symlink_metadata().is_ok() && !path.is_dir() {
                let message = format!("`{}` is no folder, and nothing was written", path.display());
                return Err(CliError::new(Exit::Error, message)
                    .hint(format!("move it away: `{}` belongs there", file.path)));
            }
        }
        let path = folder.join(file.path);
        // A folder that is not there yet has no links in it.
        if let Some(parent) = path.parent().filter(|_| folder.is_dir()) {
            refuse_way_out(folder, parent, file.path)?;
        }
    }
    // Git does not read a `.gitignore` that is a link either.
    refuse_link(&folder.join(".gitignore")).map_err(|error| {
        let message = "`.gitignore` cannot be written, and nothing was";
        CliError::new(Exit::Invalid, message).caused_by(error)
    })?;
    Ok(())
}

/// Makes a file; tells whether it was not there before.
fn make(folder: &Path, file: &File) -> io::Result<bool> {
    let path = folder.join(file.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut open) => {
            let written = open.write_all(file.text.as_bytes());
            if written.is_err() {
                // Half a file would be taken for somebody's own the next time.
                let _gone = fs::remove_file(&path);
            }
            written.map(|()| true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// What became of `.gitignore`.
enum Ignored {
    Made,
    Added,
}

/// Adds a line to `.gitignore`, unless it is there.
fn ignore(path: &Path) -> io::Result<Option<Ignored>> {
    refuse_link(path)?;
    let found = match read_regular(path, MAX_FILE_BYTES as u64) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(found.as_deref().unwrap_or_default());
    let is_there = text.lines().any(|line| {
        let line = line.trim_end().trim_start_matches('/');
        line.trim_end_matches('/') == IGNORED.trim_end_matches('/')
    });
    if is_there {
        return Ok(None);
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        newline
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?
        .write_all([end, IGNORED, newline].concat().as_bytes())?;
    Ok(Some(if found.is_some() {
        Ignored::Added
    } else {
        Ignored::Made
    }))
}

fn words(folder: &Path, args: &InitArgs, done: &Done) -> String {
    let mut lines = vec![format!("Made a project in {}:", folder.display())];
    lines.extend(done.made.iter().map(|path| format!("  {path}")));
    if !done.changed.is_empty() {
        lines.push("Added a line to:".to_owned());
        lines.extend(done.changed.iter().map(|path| format!("  {path}")));
    }
    if !done.left.is_empty() {
        lines.push("Left alone, because they were there:".to_owned());
        lines.extend(done.left.iter().map(|path| format!("  {path}")));
    }
    if args.ci != Forge::None {
        lines.push(
            "In the files for CI, put the commit of offerctl that you have looked at in place of COMMIT.".to_owned(),
        );
    }
    let program = if folder == Path::new(".") {
        "offerctl".to_owned()
    } else {
        format!("offerctl -C {}", folder.display())
    };
    lines.push("Next:".to_owned());
    if args.no_example {
        lines.push(format!(
            "  {program} doctor -e production    # is all there that it needs?"
        ));
        lines.push(format!(
            "  {program} import -e production    # makes manifests of what is live"
        ));
        return page(&lines);
    }
    lines.push(format!(
        "  {program} validate    # needs neither token nor network"
    ));
    lines.push(format!(
        "  {program} plan        # what would be made on the embedded emulator"
    ));
    lines.push(format!("  {program} apply       # makes it there"));
    page(&lines)
}

fn page(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    lines.concat()
}
