//! What most commands begin with: the project, the environment, the state, the clock.

mod reading;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offerctl_engine::file::read_regular;
use offerctl_engine::load::{Loaded, load, load_project};
use offerctl_engine::store::{
    Holder, Journal, LocalStore, LockError, StateStore, Store, StoreError,
};
use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::diagnostic::Diagnostics;
use offerctl_manifest::manifest::{Date, expired};
use offerctl_manifest::project::{Endpoint, Environment};
use offerctl_manifest::source::Sources;
use offerctl_model::foreign::Foreign;
use offerctl_model::value::Moment;
use offerctl_model::words::plural;
use offerctl_reconcile::guard::{
    ACCOUNT_OF_ANOTHER_HELP, OtherEnvironment, account_mismatch, account_of_another, is_own_account,
};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::{Entry, State};
use offerctl_show::render::diagnostics_text;

use crate::args::{Global, TakeOver};
use crate::bucket;
use crate::error::CliError;
use crate::exit::Exit;
use crate::next::command;
use crate::ui::Ui;

/// The longest name of a host that is looked for, in bytes: names have no more than 253.
const MAX_HOST_NAME: u64 = 4096;

/// A project with one environment of it.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) loaded: Loaded,
    pub(crate) environment: Environment,
    /// What `-C` says.
    directory: PathBuf,
}

impl Context {
    /// Reads only `offerctl.yaml`, for commands that need no manifests.
    pub(crate) fn of_project(global: &Global, ui: &Ui) -> Result<Self, CliError> {
        let loaded =
            load_project(&global.directory).map_err(|error| unreadable(global).caused_by(error))?;
        Self::choose(loaded, global, ui)
    }

    /// Reads `offerctl.yaml` and all manifests.
    pub(crate) fn of_manifests(global: &Global, ui: &Ui) -> Result<Self, CliError> {
        let loaded =
            load(&global.directory).map_err(|error| unreadable(global).caused_by(error))?;
        Self::choose(loaded, global, ui)
    }

    fn choose(loaded: Loaded, global: &Global, ui: &Ui) -> Result<Self, CliError> {
        // What is wrong in the project file makes the choice of an environment meaningless.
        if loaded.project_diagnostics.has_errors() {
            report(&loaded.all_diagnostics(), &loaded.sources, ui)?;
        }
        let environment = choose_environment(&loaded, global.environment.as_deref())?;
        Ok(Self {
            loaded,
            environment,
            directory: global.directory.clone(),
        })
    }

    /// What the manifests say for the environment.
    pub(crate) fn desired(&self, ui: &Ui) -> Result<Desired, CliError> {
        let Loaded {
            manifests,
            project,
            sources,
            ..
        } = &self.loaded;
        let (mut desired, found) = resolve(manifests, project, &self.environment);
        let today = Date::of(now());
        desired.today = Some(today);
        let mut diagnostics = self.loaded.all_diagnostics();
        diagnostics.append(expired(&project.approvals, today));
        diagnostics.append(found);
        report(&diagnostics.sorted(), sources, ui)?;
        Ok(desired)
    }

    /// What the manifests say for the environment, where offers of these other projects may be taken over.
    pub(crate) fn desired_with(&self, take_over: &TakeOver, ui: &Ui) -> Result<Desired, CliError> {
        let projects = &take_over.take_over_from;
        if let Some(own) = &self.loaded.project.name
            && projects.contains(own)
        {
            let message = format!("--take-over-from names `{own}`, which is this project");
            return Err(CliError::new(Exit::Usage, message)
                .hint("name the project that the conflict names, or leave the flag out"));
        }
        let mut desired = self.desired(ui)?;
        desired.take_over_from = projects.iter().cloned().collect();
        Ok(desired)
    }

    /// A command line of this program for people to paste, which is about this project and environment.
    pub(crate) fn command(&self, words: &str) -> String {
        command(words, &self.directory, &self.environment.name)
    }

    /// Fails if the state of an environment is in a bucket, and its times do not fit the lock there.
    pub(crate) fn check_times(environment: &Environment) -> Result<(), CliError> {
        let is_bucket = environment.state.as_deref().is_some_and(is_bucket);
        if is_bucket {
            bucket::times(environment)?;
        }
        Ok(())
    }

    /// Where the state is.
    pub(crate) fn store(&self) -> Result<Store, CliError> {
        self.store_of(&self.environment)
    }

    fn store_of(&self, environment: &Environment) -> Result<Store, CliError> {
        let name = &environment.name;
        match self.state_place(environment) {
            Place::Bucket(address) => Ok(Store::Bucket(bucket::open(&address, environment)?)),
            Place::Folder(_) if environment.state.is_none() => Ok(Store::Local(
                LocalStore::of_project(&self.loaded.root, name),
            )),
            Place::Folder(folder) => Ok(Store::Local(LocalStore::new(folder, name))),
        }
    }

    fn state_place(&self, environment: &Environment) -> Place {
        let root = &self.loaded.root;
        match &environment.state {
            None => Place::Folder(root.join(".offerctl").join(&environment.name)),
            Some(address) if is_bucket(address) => {
                Place::Bucket(address.trim_end_matches('/').to_owned())
            }
            // The parts of the path, so that `./a/` is `a`.
            Some(folder) => Place::Folder(root.join(folder).components().collect()),
        }
    }

    /// Says which other environment of the project the account belongs to, and why.
    ///
    /// For the first contact with an account: where this environment knows its account, nothing more is read.
    pub(crate) async fn account_of_another(&self, live: &Live, state: &State) -> Option<String> {
        if is_own_account(live, &self.environment, state) {
            return None;
        }
        let here = self.state_place(&self.environment);
        let mut others = Vec::new();
        for other in self.loaded.project.environments.values() {
            // What shares a state is one environment under two names.
            if other.name != self.environment.name && self.state_place(other) != here {
                let state = self.state_of(other).await;
                others.push(OtherEnvironment::new(other, state.as_ref()));
            }
        }
        account_of_another(live, (&self.environment, state), &others)
    }

    /// Refuses to go on with an account that is not the environment's, for commands that make no plan.
    pub(crate) async fn refuse_other_account(
        &self,
        live: &Live,
        state: &State,
        exit: Exit,
    ) -> Result<(), CliError> {
        self.refuse_unexpected_account(live, state, exit)?;
        match self.account_of_another(live, state).await {
            Some(problem) => {
                let error = CliError::new(exit, problem).hint(ACCOUNT_OF_ANOTHER_HELP);
                Err(self.service().about(error))
            }
            None => Ok(()),
        }
    }

    /// Refuses to go on with an account that is not the one that the environment or its state says.
    pub(crate) fn refuse_unexpected_account(
        &self,
        live: &Live,
        state: &State,
        exit: Exit,
    ) -> Result<(), CliError> {
        match account_mismatch(live, state, &self.environment.account) {
            Some(problem) => {
                let error = CliError::new(exit, problem)
                    .hint("check the token and the endpoint of the environment");
                Err(self.service().about(error))
            }
            None => Ok(()),
        }
    }

    /// The state of another environment, if it can be read from here: whoever works with one account need not have the
    /// credentials of the others.
    async fn state_of(&self, other: &Environment) -> Option<State> {
        /// A cloud that is asked without credentials may take long to say no.
        const PATIENCE: Duration = Duration::from_secs(5);

        let name = &other.name;
        let found = match self.store_of(other) {
            Ok(store) => tokio::time::timeout(PATIENCE, store.load()).await,
            Err(error) => {
                tracing::debug!(environment = %name, error = %error.chain(), "the state of {name} cannot be looked at");
                return None;
            }
        };
        match found {
            Ok(Ok(loaded)) => Some(loaded.state),
            Ok(Err(error)) => {
                tracing::debug!(environment = %name, %error, "the state of {name} cannot be looked at");
                None
            }
            Err(_) => {
                tracing::debug!(environment = %name, "the state of {name} takes too long to be looked at");
                None
            }
        }
    }

    /// Takes the lock of the state, waiting for it at most so long; what is no longer looked out for goes from the state.
    pub(crate) async fn lock_state<'s, S: StateStore>(
        &self,
        store: &'s S,
        wait: Duration,
        ui: &Ui,
    ) -> Result<Journal<'s, S>, CliError> {
        let name = &self.environment.name;
        let what = format!("waiting for the lock on the state of `{name}`");
        let opened = Journal::open(store, name, holder(), wait);
        let mut journal = ui.watch(what, opened).await.map_err(lock_failed)?;
        journal.expire(now());
        Ok(journal)
    }

    /// How long what was made may take to show (`settleSeconds`).
    pub(crate) fn window(&self) -> Duration {
        Duration::from_millis(self.environment.limits.settle_milliseconds)
    }

    /// The first line of plans and reports.
    pub(crate) fn headline(&self, live: &Live, state: &State) -> Headline {
        let emails: Vec<&str> = live
            .publisher_emails()
            .into_iter()
            .map(Foreign::raw)
            .collect();
        let shown = (!emails.is_empty()).then(|| Foreign::from(emails.join(", ")));
        Headline {
            environment: self.environment.name.clone(),
            endpoint: self.environment.endpoint.describe(),
            account: shown.or_else(|| state.account.publisher_email.clone()),
            has_offers: !live.is_empty(),
            completeness: live.completeness(),
        }
    }

    /// Refuses to keep the state of a real account on the disk of a CI machine.
    pub(crate) fn refuse_fleeting_state(&self) -> Result<(), CliError> {
        let in_ci =
            std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let real = matches!(self.environment.endpoint, Endpoint::Site(_));
        if !(in_ci && real && self.environment.state.is_none()) {
            return Ok(());
        }
        let message = format!(
            "the environment `{}` has no `state`, and the disk of a CI machine does not last",
            self.environment.name
        );
        Err(CliError::new(Exit::Invalid, message)
            .hint("give it a `state` that lasts in offerctl.yaml"))
    }
}

/// Whether a place of a state is one in a bucket.
fn is_bucket(address: &str) -> bool {
    address.contains("://")
}

/// Where the state of an environment is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Folder(PathBuf),
    Bucket(String),
}

fn unreadable(global: &Global) -> CliError {
    CliError::new(
        Exit::Usage,
        format!(
            "failed to find a project from `{}`",
            global.directory.display()
        ),
    )
}

/// Prints diagnostics; an error among them ends the command.
pub(crate) fn report(
    diagnostics: &Diagnostics,
    sources: &Sources,
    ui: &Ui,
) -> Result<(), CliError> {
    if !diagnostics.is_empty() {
        Ui::to_stderr(&diagnostics_text(
            diagnostics,
            sources,
            |_| Vec::new(),
            ui.err_style(),
        ));
    }
    if !diagnostics.has_errors() {
        return Ok(());
    }
    let message = format!(
        "{} in the manifests or in offerctl.yaml",
        plural(diagnostics.len(), "problem")
    );
    Err(CliError::new(Exit::Invalid, message))
}

/// The environment that was named, or the default one, or the only one.
pub(crate) fn choose_environment(
    loaded: &Loaded,
    named: Option<&str>,
) -> Result<Environment, CliError> {
    let environments = &loaded.project.environments;
    let names = environments
        .keys()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let wanted = named.or(loaded.project.default_environment.as_deref());
    let wanted = match (wanted, environments.len()) {
        (Some(wanted), _) => wanted,
        (None, 1) => environments.keys().next().map_or("", String::as_str),
        (None, _) => {
            let message = format!("there are several environments and no default: {names}");
            return Err(CliError::new(Exit::Usage, message)
                .hint("name one with -e, or set `defaultEnvironment`"));
        }
    };
    environments.get(wanted).cloned().ok_or_else(|| {
        CliError::new(Exit::Usage, format!("there is no environment `{wanted}`"))
            .hint(format!("there are {names}"))
    })
}

/// The time.
pub(crate) fn now() -> Moment {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    i64::try_from(seconds)
        .ok()
        .and_then(Moment::from_unix)
        .unwrap_or(Moment::EPOCH)
}

/// Who takes a lock.
fn holder() -> Holder {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER")
        .or_else(|| variable("USERNAME"))
        .unwrap_or_else(|| "somebody".to_owned());
    let host = variable("HOSTNAME")
        .or_else(|| {
            let name = read_regular(Path::new("/etc/hostname"), MAX_HOST_NAME).ok()?;
            Some(String::from_utf8(name).ok()?.trim().to_owned())
        })
        .unwrap_or_else(|| "this machine".to_owned());
    Holder {
        who: user,
        host,
        pid: std::process::id(),
        since: now().to_string(),
        expiry: None,
    }
}

/// A flag that is a number of seconds.
pub(crate) fn seconds(flag: &str, seconds: f64) -> Result<Duration, CliError> {
    Duration::try_from_secs_f64(seconds).map_err(|error| {
        CliError::new(Exit::Usage, format!("{flag} is not a number of seconds")).caused_by(error)
    })
}

/// Reads the state without its lock, and without what is no longer looked out for.
pub(crate) async fn load_state(store: &Store, ui: &Ui) -> Result<State, CliError> {
    let what = format!("reading the state in {}", store.place());
    let stored = ui.watch(what, store.load()).await.map_err(store_failed)?;
    let mut state = stored.state;
    state.expire(now());
    Ok(state)
}

/// Writes entries into the state, and the state as one document.
pub(crate) async fn write_state(
    journal: &mut Journal<'_, Store>,
    entries: Vec<Entry>,
    ui: &Ui,
) -> Result<(), CliError> {
    let write = async {
        journal.append(entries).await?;
        journal.compact().await
    };
    let written = ui.watch("writing the state", write).await;
    written.map_err(store_failed)
}

/// Why the state could not be read or written.
pub(crate) fn store_failed(error: StoreError) -> CliError {
    let newer = matches!(
        &error,
        StoreError::Unusable {
            source: offerctl_reconcile::state::StateError::Newer { .. },
            ..
        }
    );
    let damaged = matches!(
        &error,
        StoreError::Gap { .. }
            | StoreError::Unusable {
                source: offerctl_reconcile::state::StateError::Broken(_),
                ..
            }
    );
    let is_lost = matches!(&error, StoreError::LockLost { .. });
    let is_foreign = matches!(&error, StoreError::ForeignLock { .. });
    let failed = CliError::new(Exit::Error, "failed to use the state").caused_by(error);
    if newer {
        failed.hint("use the newer offerctl that wrote it")
    } else if damaged {
        failed.hint(
            "put the version before it back, or move it away and `offerctl state rebuild`; docs/state.md says more",
        )
    } else if is_lost {
        failed.hint("`offerctl apply` again: it finds out what became of what was under way")
    } else if is_foreign {
        failed.hint("see what it is for, and move it away or choose another `state`")
    } else {
        failed
    }
}

/// Releases the lock that a command held. That the next one has to wait for it is no reason to fail.
pub(crate) async fn let_go(store: &impl StateStore, ui: &Ui) {
    let released = ui.watch("releasing the lock on the state", store.let_go());
    if let Err(error) = released.await {
        tracing::warn!(%error, "the lock of the state could not be released; it ends by itself");
    }
}

/// Why the lock could not be had.
fn lock_failed(error: LockError) -> CliError {
    match error {
        LockError::Held(_) => CliError::new(Exit::Locked, error.to_string())
            .hint("wait for it with --lock-timeout SECONDS; `offerctl state unlock` says more"),
        LockError::Store(error) => store_failed(error),
    }
}

/// Leaves what a command has read to the end of the process, which gives its memory back at once: piece by piece, that
/// took a large catalogue a twentieth of the time of a plan.
pub(crate) fn leave_to_the_end<T>(read: T) {
    std::mem::forget(read);
}
