//! `offerctl import`: makes manifests of what is live, and binds it to them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use offerctl_engine::file::read_regular;
use offerctl_engine::load::{is_manifest, stays_inside};
use offerctl_engine::store::Store;
use offerctl_manifest::manifest::{Manifest, Part};
use offerctl_manifest::source::MAX_FILE_BYTES;
use offerctl_model::foreign::Foreign;
use offerctl_model::json::to_text;
use offerctl_model::offer_type::Api;
use offerctl_model::words::plural;
use offerctl_reconcile::import::{
    Imported, ImportedFile, Request, Written, import, wanted_for_import,
};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;
use offerctl_show::document::ImportDocument;
use offerctl_show::render::imported_text;
use offerctl_show::schema::SchemaKind;

use crate::args::{Format, Global, ImportArgs};
use crate::context::{Context, let_go, load_state, write_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file;
use crate::ui::Ui;

/// Reads the whole catalogue, writes files, and then the state: what fails in between is mended by doing it again.
pub(crate) async fn run(global: &Global, args: &ImportArgs, ui: &Ui) -> Result<Exit, CliError> {
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired_with(&args.take_over, ui)?;
    context.refuse_fleeting_state()?;
    let folder = folder(&context, &args.into)?;
    let store = context.store()?;
    let take_over_from = &desired.take_over_from;
    let done = import_into(
        &context,
        &store,
        (global, args, &folder),
        take_over_from,
        ui,
    )
    .await;
    let_go(&store, ui).await;
    done
}

async fn import_into(
    context: &Context,
    store: &Store,
    (global, args, folder): (&Global, &ImportArgs, &str),
    take_over_from: &BTreeSet<String>,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let mut journal = if args.dry_run {
        None
    } else {
        Some(context.lock_state(store, Duration::ZERO, ui).await?)
    };
    let state = match &journal {
        Some(journal) => journal.state().clone(),
        None => load_state(store, ui).await?,
    };
    refuse_open_creates(&state)?;
    let live = read(context, &state, args.inactive, ui).await?;
    let schema = Schema::of(context, folder);
    let declared: &[Manifest] = if args.adopt {
        &context.loaded.manifests
    } else {
        &[]
    };
    let taken = if args.adopt {
        taken(context, folder)?
    } else {
        BTreeSet::new()
    };
    let imported = import(Request {
        live: &live,
        state: &state,
        project: &context.loaded.project,
        environment: &context.environment,
        declared,
        take_over_from,
        inactive: args.inactive,
        folder,
        taken: &taken,
        schema: Some(&schema.from_folder),
    })
    .map_err(|error| {
        CliError::new(Exit::Error, format!("{error}; nothing was written"))
            .hint("please report it with the title of the offers that it is about")
    })?;
    if !args.adopt {
        refuse_other_manifests(context, &imported)?;
    }
    refuse_ways_out(context, &imported, &schema)?;
    let mut files = look_at_files(context, &imported)?;
    if args.dry_run {
        for (_, written) in &mut files {
            if *written == Written::New {
                *written = Written::Planned;
            }
        }
    } else {
        write(context, &imported, &files, &schema)?;
    }
    if let Some(journal) = &mut journal {
        let entries = state.to_bind(imported.bindings.clone(), &live);
        write_state(journal, entries, ui).await?;
    }
    let headline = context.headline(&live, &state);
    match global.format {
        Format::Json => ui.data(&to_text(&ImportDocument::new(&imported, &files, &headline))),
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            ui.data(&imported_text(&imported, &files, &headline, ui.page()));
        }
    }
    if !args.dry_run && imported.is_settled() && !imported.files.is_empty() {
        let environment = &context.environment;
        let left = if environment.api == Api::Rest && environment.markers {
            "it sets our markers where there are none, and has nothing else to do"
        } else {
            "it has nothing to do"
        };
        ui.say(&format!(
            "Look through the files, then see `offerctl plan`: {left}.\n"
        ));
    } else if !args.dry_run && !imported.is_settled() {
        ui.say("See `offerctl plan` for what is not as the manifests say.\n");
    }
    Ok(if imported.lacks_any() || !imported.open.is_empty() {
        Exit::Partial
    } else {
        Exit::Success
    })
}

/// The folder of the new files, relative to the project, without anything that leads out of it.
fn folder(context: &Context, into: &str) -> Result<String, CliError> {
    let parts: Vec<&str> = into
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let odd = into.chars().any(char::is_control);
    if into.starts_with('/') || parts.contains(&"..") || odd {
        let message = format!("--into {into:?} is not a folder inside of the project");
        return Err(CliError::new(Exit::Usage, message)
            .hint("name it relative to the folder of offerctl.yaml, such as --into offers"));
    }
    let folder = parts.join("/");
    let example = format!("{folder}/subscriptions.yaml");
    if is_manifest(&context.loaded.project, example.trim_start_matches('/')) {
        return Ok(folder);
    }
    let patterns = context.loaded.project.manifests.join(", ");
    let message = format!("no file in --into `{into}` would be a manifest of the project");
    Err(CliError::new(Exit::Usage, message).hint(format!(
        "its manifests are {patterns}; name another folder, or add it to `manifests` in offerctl.yaml"
    )))
}

/// An offer of an open create may be among the live ones, and would be bound a second time.
fn refuse_open_creates(state: &State) -> Result<(), CliError> {
    if state.intents.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} of an earlier run {} open, and nobody knows yet what was made",
        plural(state.intents.len(), "create"),
        if state.intents.len() == 1 {
            "is"
        } else {
            "are"
        }
    );
    Err(CliError::new(Exit::Refused, message)
        .hint("`offerctl state pending` shows them; the next `offerctl apply` settles them"))
}

async fn read(context: &Context, state: &State, inactive: bool, ui: &Ui) -> Result<Live, CliError> {
    let api = context.environment.api;
    let wanted = |live: &Live| wanted_for_import(live, (api, state), inactive);
    let live = context.read_with_details(state, wanted, ui).await?;
    context
        .refuse_other_account(&live, state, Exit::Refused)
        .await?;
    Ok(live)
}

/// The files of the folder that are there already.
fn taken(context: &Context, folder: &str) -> Result<BTreeSet<String>, CliError> {
    let path = context.loaded.root.join(folder);
    if !path.is_dir() || stays_inside(&context.loaded.root, &path).is_err() {
        return Ok(BTreeSet::new());
    }
    let failed = |error| {
        CliError::new(Exit::Error, format!("failed to read `{}`", path.display())).caused_by(error)
    };
    let mut taken = BTreeSet::new();
    for entry in fs::read_dir(&path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let below = format!("{folder}/{}", name.to_string_lossy());
        taken.insert(below.trim_start_matches('/').to_owned());
    }
    Ok(taken)
}

/// What other files declare would be declared twice.
fn refuse_other_manifests(context: &Context, imported: &Imported) -> Result<(), CliError> {
    let is_ours = |path: &str| imported.files.iter().any(|file| file.path == path);
    let sources = &context.loaded.sources;
    let path_of = |manifest: &Manifest| {
        let span = manifest.places.of(Part::Name);
        sources.file(span.file).map(|file| &file.path)
    };
    let others: BTreeSet<&Foreign> = context
        .loaded
        .manifests
        .iter()
        .filter_map(path_of)
        .filter(|path| !is_ours(path.raw()))
        .collect();
    let Some(first) = others.first() else {
        return Ok(());
    };
    let more = match others.len() {
        1 => String::new(),
        count => format!(" and {}", plural(count - 1, "other file")),
    };
    let message = format!("`{first}`{more} declare offers already, and nothing was written");
    Err(CliError::new(Exit::Refused, message).hint(
        "--adopt keeps these files: it binds what they declare, and writes the rest beside them",
    ))
}

/// Nothing is read or written where a link leads out of the project.
fn refuse_ways_out(
    context: &Context,
    imported: &Imported,
    schema: &Schema,
) -> Result<(), CliError> {
    let root = &context.loaded.root;
    let schema = schema.is_missing.then_some(schema.path.as_str());
    let files = imported.files.iter().map(|file| file.path.as_str());
    for path in schema.into_iter().chain(files) {
        file::refuse_way_out(root, &root.join(path), path)?;
    }
    Ok(())
}

/// What is to become of each file: what is there and says something else is never written over.
fn look_at_files<'i>(
    context: &Context,
    imported: &'i Imported,
) -> Result<Vec<(&'i str, Written)>, CliError> {
    let mut files = Vec::new();
    for file in &imported.files {
        let path = context.loaded.root.join(&file.path);
        let written = match read_regular(&path, MAX_FILE_BYTES as u64) {
            Ok(found) if found == file.text.as_bytes() => Written::Unchanged,
            Ok(_) => {
                let message = format!(
                    "`{}` is there and says something else, and nothing was written",
                    file.path
                );
                return Err(CliError::new(Exit::Refused, message)
                    .hint("--adopt keeps what is written, and adds what is not declared; --into DIR writes elsewhere"));
            }
            Err(_) if path.symlink_metadata().is_err() => Written::New,
            Err(error) => {
                let message = format!("failed to read `{}`, and nothing was written", file.path);
                return Err(CliError::new(Exit::Error, message).caused_by(error));
            }
        };
        files.push((file.path.as_str(), written));
    }
    Ok(files)
}

fn write(
    context: &Context,
    imported: &Imported,
    files: &[(&str, Written)],
    schema: &Schema,
) -> Result<(), CliError> {
    let root = &context.loaded.root;
    let new = |made: &&ImportedFile| files.contains(&(made.path.as_str(), Written::New));
    let manifests = imported.files.iter().filter(new);
    let manifests = manifests.map(|made| (made.path.clone(), made.text.clone()));
    let wanted = schema.is_missing && !imported.files.is_empty();
    let schema = wanted.then(|| (schema.path.clone(), SchemaKind::Manifest.text().to_owned()));
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, text) in schema.into_iter().chain(manifests) {
        let path = root.join(path);
        if let Err(error) = put(&path, &text) {
            // Manifests without bindings would be offers to be made: all of them, or none.
            for path in &written {
                let _gone = fs::remove_file(path);
            }
            return Err(error.hint("nothing was imported; import again once it can be written"));
        }
        written.push(path);
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> Result<(), CliError> {
    make_folder(path)?;
    file::replace(path, text.as_bytes()).map_err(|error| unwritten(path).caused_by(error))
}

fn make_folder(path: &Path) -> Result<(), CliError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| unwritten(folder).caused_by(error))
}

fn unwritten(path: &Path) -> CliError {
    CliError::new(Exit::Error, format!("failed to write `{}`", path.display()))
}

/// The schema that editors check the new files with.
struct Schema {
    /// Its path, relative to the project.
    path: String,
    /// Its path as seen from the folder of the new files.
    from_folder: String,
    is_missing: bool,
}

impl Schema {
    /// The schema of the project, or of the repository that it is in.
    fn of(context: &Context, folder: &str) -> Self {
        let name = SchemaKind::Manifest.project_path();
        let depth = folder.split('/').filter(|part| !part.is_empty()).count();
        let root = &context.loaded.root;
        let mut above = String::new();
        let found = root.ancestors().find_map(|here| {
            if here.join(&name).is_file() {
                return Some(Some(above.clone()));
            }
            above.push_str("../");
            here.join(".git").exists().then_some(None)
        });
        let found = found.flatten();
        let is_missing = found.is_none();
        let path = format!("{}{name}", found.unwrap_or_default());
        Self {
            from_folder: format!("{}{path}", "../".repeat(depth)),
            path,
            is_missing,
        }
    }
}
