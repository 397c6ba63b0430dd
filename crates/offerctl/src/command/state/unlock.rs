//! `offerctl state unlock`: who holds the lock, and away with it.

use offerctl_engine::store::{BucketStore, FolderLock, Holder, LocalStore, Store};
use offerctl_model::foreign::escaped;

use crate::args::UnlockArgs;
use crate::context::store_failed;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Shows who holds the lock; takes it away where that can be done and is wanted.
pub(super) async fn run(
    environment: &str,
    store: &Store,
    args: &UnlockArgs,
    ui: &Ui,
) -> Result<Exit, CliError> {
    match store {
        Store::Local(store) => of_folder(environment, store, ui),
        Store::Bucket(store) => of_bucket(environment, store, args, ui).await,
    }
}

fn nobody(environment: &str, ui: &Ui) -> Exit {
    ui.data(&format!(
        "Nobody holds the lock on the state of {environment}.\n"
    ));
    Exit::Success
}

fn whose(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "somebody whose name cannot be read".to_owned(),
        Holder::to_string,
    )
}

/// The operating system holds this lock: it ends with the process, and never before.
fn of_folder(environment: &str, store: &LocalStore, ui: &Ui) -> Result<Exit, CliError> {
    let FolderLock::Held(holder) = store.look_at_lock().map_err(store_failed)? else {
        return Ok(nobody(environment, ui));
    };
    let message = format!(
        "the state of `{environment}` is locked by {}",
        whose(holder.as_ref())
    );
    Err(CliError::new(Exit::Locked, message)
        .hint("the lock of a folder ends with the process that holds it: wait for it, or end it"))
}

async fn of_bucket(
    environment: &str,
    store: &BucketStore,
    args: &UnlockArgs,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let look = ui.watch(
        "looking who holds the lock on the state",
        store.lockholder(),
    );
    let Some(lockholder) = look.await.map_err(store_failed)? else {
        return Ok(nobody(environment, ui));
    };
    let heartbeat = escaped(lockholder.heartbeat());
    let quiet = lockholder.quiet_after().as_secs_f64().ceil();
    ui.data(&format!(
        "The state of {environment} is locked by {}.\nIt was last renewed at {heartbeat}, by the clock of its holder.\n",
        whose(lockholder.holder())
    ));
    if !args.auto_approve {
        if !ui.is_interactive() {
            let message = "taking the lock away has to be approved, and there is nobody to ask";
            return Err(CliError::new(Exit::Usage, message).hint("add --auto-approve"));
        }
        let question = format!(
            "\nIf that process is still alive, it stops before its next request that writes. What it has sent by then may take \n\
             effect for up to {quiet} s: the next apply waits so long before it begins.\n\
             Take its lock away? Only `yes` is taken for an answer: "
        );
        if Ui::ask(&question).as_deref() != Some("yes") {
            return Err(CliError::new(
                Exit::Error,
                "not approved, and the lock is as it was",
            ));
        }
    }
    let unlock = ui.watch("taking the lock away", store.unlock(&lockholder));
    if !unlock.await.map_err(store_failed)? {
        let Some(now) = store.lockholder().await.map_err(store_failed)? else {
            return Ok(nobody(environment, ui));
        };
        let message = format!(
            "the lock was not taken away: it is held by {} now",
            whose(now.holder())
        );
        return Err(CliError::new(Exit::Locked, message)
            .hint("run `offerctl state unlock` again if that process is gone as well"));
    }
    ui.say(&format!(
        "The lock is free. What its holder sent may take effect for up to {quiet} s: the next apply waits so long, and then \
         finds out what became of it.\n"
    ));
    Ok(Exit::Success)
}
