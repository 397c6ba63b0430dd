//! Signals: [`Stopping`].

use tokio::sync::watch;

use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Ending before the end: the first signal lets what is under way finish, the second stops at once.
pub(super) struct Stopping {
    sender: watch::Sender<bool>,
}

impl Stopping {
    pub(super) fn new() -> Self {
        Self {
            sender: watch::Sender::new(false),
        }
    }

    pub(super) fn receiver(&self) -> watch::Receiver<bool> {
        self.sender.subscribe()
    }

    /// Does what writes nothing yet, unless a signal comes first.
    pub(super) async fn or<T>(
        &self,
        done: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        let mut stop = self.receiver();
        tokio::select! {
            done = done => done,
            _ = stop.wait_for(|stop| *stop) => {
                Err(CliError::new(Exit::Error, "interrupted, and nothing was written"))
            }
        }
    }

    /// Does the whole, and listens for signals meanwhile; `None` if the second one ended it.
    pub(super) async fn watch(
        &self,
        done: impl Future<Output = Result<Exit, CliError>>,
        ui: &Ui,
    ) -> Option<Result<Exit, CliError>> {
        let signals = async {
            wait_for_signal().await;
            self.sender.send_replace(true);
            ui.say(
                "\nInterrupted: finishing what is under way. Interrupt again to stop at once.\n",
            );
            wait_for_signal().await;
        };
        tokio::select! {
            done = done => Some(done),
            () = signals => None,
        }
    }
}

/// Waits for an interrupt, or for being asked to end.
pub(super) async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _signal = tokio::signal::ctrl_c().await;
}
