//! `offerctl doctor`: is everything there that an apply needs?

use std::time::UNIX_EPOCH;

use offerctl_core::desired::resolve;
use offerctl_core::diagnostic::Diagnostics;
use offerctl_core::doctor::{Check, Verdict, account, bindings, clock};
use offerctl_core::document::{DoctorDocument, to_text};
use offerctl_core::guard::ACCOUNT_OF_ANOTHER_HELP;
use offerctl_core::live::{Completeness, Live};
use offerctl_core::project::{Endpoint, TokenSource};
use offerctl_core::render::{doctor_text, plural};
use offerctl_core::state::State;
use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::{bound_ids, fetch};
use offerctl_engine::store::{FolderLock, Holder, StateStore, Store};

use crate::args::{Format, Global};
use crate::context::{Context, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::Connection;
use crate::ui::Ui;

/// Looks at one thing after another, and writes nothing. What fails stops nothing that does not need it.
pub(crate) async fn run(global: &Global, ui: &Ui) -> Result<Exit, CliError> {
    let context = Context::of_manifests(global, ui)?;
    let mut checks = vec![project(&context), manifests(&context), token(&context)];
    let store = context.store();
    let (state, of_state) = backend(&context, &store).await;
    checks.extend(of_state);
    let live = service(
        &context,
        &state.clone().unwrap_or_default(),
        &mut checks,
        ui,
    )
    .await;
    match &state {
        Some(state) => checks.push(bindings(live.as_ref(), state)),
        None => checks.push(Check::skipped("bindings", "the state cannot be read")),
    }
    let failed = checks.iter().any(|check| check.verdict == Verdict::Failed);
    let environment = &context.environment;
    match global.format {
        Format::Json => ui.data(&to_text(&DoctorDocument::new(&environment.name, checks))),
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            let endpoint = environment.endpoint.describe();
            let headline = format!("{} ({endpoint})", environment.name);
            ui.data(&doctor_text(&headline, &checks, ui.page()));
        }
    }
    Ok(if failed { Exit::Error } else { Exit::Success })
}

fn project(context: &Context) -> Check {
    let loaded = &context.loaded;
    let count = plural(loaded.project.environments.len(), "environment");
    if !loaded.has_project_file {
        let message = format!("no offerctl.yaml above {}", loaded.root.display());
        let next = "`offerctl init` makes one";
        return Check::warning("project", message, next);
    }
    if let Err(error) = context.refuse_fleeting_state() {
        let next = error.hints().join("; ");
        return Check::failed("project", error.chain(), next);
    }
    Check::ok("project", format!("{count} in {}", loaded.root.display()))
}

fn manifests(context: &Context) -> Check {
    let loaded = &context.loaded;
    let (desired, found) = resolve(&loaded.manifests, &loaded.project, &context.environment);
    let mut all: Diagnostics = loaded.all_diagnostics();
    all.append(found);
    let wrong = all.errors().count();
    if wrong > 0 {
        let message = format!("{} in them", plural(wrong, "problem"));
        return Check::failed("manifests", message, "`offerctl validate` shows each");
    }
    let offers = desired.offers().len();
    let files = plural(loaded.manifest_files, "file");
    if offers == 0 {
        let message = format!("no offer in {files}");
        let next = "`offerctl import` makes them of what is live";
        return Check::warning("manifests", message, next);
    }
    Check::ok(
        "manifests",
        format!("{} in {files}", plural(offers, "offer")),
    )
}

fn token(context: &Context) -> Check {
    let environment = &context.environment;
    if environment.endpoint == Endpoint::Emulator {
        return Check::ok("token", "the embedded emulator needs none");
    }
    let source = match &environment.token {
        TokenSource::Env(variable) => format!("from the variable {variable}"),
        TokenSource::File(path) => format!("from the file {path}"),
        TokenSource::Command(words) => {
            let program = words.first().map_or("", String::as_str);
            format!("from the command {program}")
        }
    };
    match crate::secret::token(&context.loaded.root, environment) {
        Ok(_) => Check::ok("token", source),
        Err(error) => {
            let next = error.hints().join("; ");
            let next = if next.is_empty() {
                "see `token` of the environment in offerctl.yaml".to_owned()
            } else {
                next
            };
            Check::failed("token", error.chain(), next)
        }
    }
}

/// Reads the state and looks who holds its lock.
async fn backend(
    context: &Context,
    store: &Result<Store, CliError>,
) -> (Option<State>, [Check; 2]) {
    let no_lock = Check::skipped("lock", "the state cannot be read");
    let address = context.environment.state.as_deref();
    let next = match address {
        Some(address) if address.contains("://") => {
            "see docs/state.md for the credentials and permissions that it needs"
        }
        Some(_) | None => "see that the folder can be read and written; docs/state.md says more",
    };
    let store = match store {
        Ok(store) => store,
        Err(error) => return (None, [Check::failed("state", error.chain(), next), no_lock]),
    };
    let place = store.place();
    match store.load().await {
        Err(error) => {
            let error = CliError::new(Exit::Error, "it cannot be used").caused_by(error);
            let checks = [Check::failed("state", error.chain(), next), no_lock];
            (None, checks)
        }
        Ok(stored) => {
            let message = if stored.serial == 0 && stored.segments == 0 {
                format!("none yet in {place}")
            } else {
                format!("serial {} in {place}", stored.serial)
            };
            let checks = [Check::ok("state", message), lock(store).await];
            (Some(stored.state), checks)
        }
    }
}

async fn lock(store: &Store) -> Check {
    let held = |holder: Option<&Holder>| {
        let who = holder.map_or_else(|| "somebody".to_owned(), ToString::to_string);
        let next = "wait for it with --lock-timeout; `offerctl state unlock` says more";
        Check::warning("lock", format!("held by {who}"), next)
    };
    let looked = match store {
        Store::Local(store) => match store.look_at_lock() {
            Ok(FolderLock::Free) => Ok(None),
            Ok(FolderLock::Held(holder)) => Ok(Some(held(holder.as_ref()))),
            Err(error) => Err(error),
        },
        Store::Bucket(store) => match store.lockholder().await {
            Ok(None) => Ok(None),
            Ok(Some(found)) => Ok(Some(held(found.holder()))),
            Err(error) => Err(error),
        },
    };
    match looked {
        Ok(None) => Check::ok("lock", "nobody holds it"),
        Ok(Some(check)) => check,
        Err(error) => {
            let error = CliError::new(Exit::Error, "it cannot be looked at").caused_by(error);
            Check::failed("lock", error.chain(), "see that the state can be read")
        }
    }
}

/// Asks the service: which generation it answers, whose account it is, and what time it has.
async fn service(
    context: &Context,
    state: &State,
    checks: &mut Vec<Check>,
    ui: &Ui,
) -> Option<Live> {
    let environment = &context.environment;
    let skipped = |checks: &mut Vec<Check>| {
        checks.push(Check::skipped("account", "the service cannot be asked"));
        checks.push(Check::skipped("clock", "the service cannot be asked"));
    };
    let token_failed = checks
        .iter()
        .any(|check| check.subject == "token" && check.verdict == Verdict::Failed);
    if token_failed {
        checks.push(Check::skipped("api", "there is no token to ask with"));
        skipped(checks);
        return None;
    }
    let connection = match Connection::open(&context.loaded.root, environment).await {
        Ok(connection) => connection,
        Err(error) => {
            let next = error.hints().join("; ");
            checks.push(Check::failed("api", error.chain(), next));
            skipped(checks);
            return None;
        }
    };
    let read = async {
        let _progress = ui.spinner("Reading the live catalogue");
        let reader = connection.reader()?;
        let budget = Budget::new(&environment.limits);
        fetch(context.fetcher(&reader, &budget), &bound_ids(state))
            .await
            .map_err(|error| {
                CliError::new(Exit::Error, "the catalogue cannot be read").caused_by(error)
            })
    };
    let live = read.await;
    let (other, asked) = connection.ask_other().await;
    let service_time = connection.service_time().await;
    connection.close().await;
    let live = match live {
        Ok(live) => {
            let asked = match asked {
                Ok(()) => format!("{other} answers, too"),
                Err(problem) => format!("{other} does not answer ({problem})"),
            };
            let lists = match live.completeness() {
                Completeness::Proven => "its lists are complete",
                Completeness::Assumed => {
                    "its list tells no total, so that it is only assumed to be complete"
                }
            };
            let message = format!("{} answers, and {lists}; {asked}", environment.api);
            checks.push(Check::ok("api", message));
            let of_another = context.account_of_another(&live, state).await;
            checks.push(match of_another {
                Some(problem) => Check::failed("account", problem, ACCOUNT_OF_ANOTHER_HELP),
                None => account(&live, state, environment),
            });
            Some(live)
        }
        Err(error) => {
            let next = "see that `site` or `endpoint` is right, that the token is of this site, and that the network \
                        lets it through";
            checks.push(Check::failed("api", error.chain(), next));
            checks.push(Check::skipped("account", "the catalogue cannot be read"));
            None
        }
    };
    let seconds = service_time.and_then(|time| {
        let since = time.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    });
    checks.push(clock(now().unix(), seconds));
    live
}
