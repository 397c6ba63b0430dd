//! `offerctl doctor`: is everything there that an apply needs?

use std::time::UNIX_EPOCH;

use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::bound_ids;
use offerctl_engine::store::{FolderLock, Holder, StateStore, Store};
use offerctl_manifest::desired::resolve;
use offerctl_manifest::diagnostic::Diagnostics;
use offerctl_manifest::project::Endpoint;
use offerctl_model::foreign::escaped;
use offerctl_model::json::to_text;
use offerctl_model::offer_type::Api;
use offerctl_model::words::plural;
use offerctl_reconcile::doctor::{Check, Verdict, account, bindings, clock};
use offerctl_reconcile::guard::ACCOUNT_OF_ANOTHER_HELP;
use offerctl_reconcile::live::{Completeness, Live};
use offerctl_reconcile::state::State;
use offerctl_show::document::DoctorDocument;
use offerctl_show::render::doctor_text;

use crate::args::{Format, Global};
use crate::context::{Context, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::{Connection, Unanswered};
use crate::ui::Ui;

/// Looks at one thing after another, and writes nothing. What fails stops nothing that does not need it.
pub(crate) async fn run(global: &Global, ui: &Ui) -> Result<Exit, CliError> {
    let context = Context::of_manifests(global, ui)?;
    let mut checks = vec![project(&context), manifests(&context)];
    checks.push(token(&context).await);
    let store = context.store();
    let what = format!("reading the state of `{}`", context.environment.name);
    let (state, of_state) = ui.watch(what, backend(&context, &store)).await;
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
            let endpoint = escaped(&environment.endpoint.describe());
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

async fn token(context: &Context) -> Check {
    let environment = &context.environment;
    if environment.endpoint == Endpoint::Emulator {
        return Check::ok("token", "the embedded emulator needs none");
    }
    match crate::secret::token(&context.loaded.root, environment).await {
        Ok(_) => Check::ok("token", context.service().token_source()),
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
    let token_failed = checks
        .iter()
        .any(|check| check.subject == "token" && check.verdict == Verdict::Failed);
    if token_failed {
        checks.push(Check::skipped("api", "there is no token to ask with"));
        skip(checks, "the service cannot be asked");
        return None;
    }
    let connection = match context.connect().await {
        Ok(connection) => connection,
        Err(error) => {
            checks.push(api_failed(context, &error));
            skip(checks, "the service cannot be asked");
            return None;
        }
    };
    let live = ask(context, &connection, state, (checks, ui)).await;
    connection.close().await;
    live
}

/// Asks whatever there is to be asked. A host that does not answer one question is not asked another.
async fn ask(
    context: &Context,
    connection: &Connection,
    state: &State,
    (checks, ui): (&mut Vec<Check>, &Ui),
) -> Option<Live> {
    let api = context.environment.api;
    let what = format!("asking the service of `{}`", context.environment.name);
    let live = match ui.watch(&what, connection.ask(api)).await {
        Err(unanswered) if unanswered.obstacle().is_silence() => {
            Err(context.service().unanswered(unanswered))
        }
        // What else it answers, the lists show as well.
        Ok(()) | Err(_) => read(context, connection, state, ui).await,
    };
    match live {
        Ok(live) => {
            let asked = ui.watch(&what, connection.ask(other(api))).await;
            checks.push(api_ok(api, &live, asked));
            let of_another = context.account_of_another(&live, state).await;
            checks.push(match of_another {
                Some(problem) => Check::failed("account", problem, ACCOUNT_OF_ANOTHER_HELP),
                None => account(&live, state, &context.environment),
            });
            checks.push(clock_of(connection, (&what, ui)).await);
            Some(live)
        }
        Err(error) if error.is_silence() => {
            checks.push(api_failed(context, &error));
            skip(checks, "not asked, since the host does not answer");
            None
        }
        Err(error) => {
            checks.push(api_failed(context, &error));
            checks.push(Check::skipped("account", "the catalogue cannot be read"));
            checks.push(clock_of(connection, (&what, ui)).await);
            None
        }
    }
}

async fn read(
    context: &Context,
    connection: &Connection,
    state: &State,
    ui: &Ui,
) -> Result<Live, CliError> {
    let reader = connection.reader()?;
    let budget = Budget::new(&context.environment.limits);
    let known = bound_ids(state);
    context.read_listed((&reader, &budget), &known, ui).await
}

fn skip(checks: &mut Vec<Check>, why: &str) {
    checks.push(Check::skipped("account", why));
    checks.push(Check::skipped("clock", why));
}

/// The other generation of the API.
fn other(api: Api) -> Api {
    match api {
        Api::JsonRpc => Api::Rest,
        Api::Rest => Api::JsonRpc,
    }
}

fn api_ok(api: Api, live: &Live, asked: Result<(), Unanswered>) -> Check {
    let other = other(api);
    let asked = match asked {
        Ok(()) => format!("{other} answers, too"),
        Err(problem) => format!("{other} does not answer ({})", problem.in_short()),
    };
    let lists = match live.completeness() {
        Completeness::Proven => "its lists are complete",
        Completeness::Assumed => {
            "its list tells no total, so that it is only assumed to be complete"
        }
    };
    Check::ok("api", format!("{api} answers, and {lists}; {asked}"))
}

/// The service does not do what it should: with all that a person has to know to do something about it.
fn api_failed(context: &Context, error: &CliError) -> Check {
    let service = context.service();
    let message = format!("{} ({})", error.chain(), service.facts_in_short());
    let next = match error.hints() {
        [] => "see what the message says, then check again with".to_owned(),
        hints => format!("{}; then check again with", hints.join("; ")),
    };
    Check::failed("api", message, next).with_command(service.doctor())
}

async fn clock_of(connection: &Connection, (what, ui): (&str, &Ui)) -> Check {
    let time = ui.watch(what, connection.service_time()).await;
    let seconds = time.and_then(|time| {
        let since = time.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    });
    clock(now().unix(), seconds)
}
