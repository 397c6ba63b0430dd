//! Signals: [`Stopping`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::signal;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// How long the rest may take after the second signal, before the process ends in the middle of it.
const AT_ONCE: Duration = Duration::from_millis(800);

/// Ending before the end: the first signal lets what is under way finish, the second stops at once.
pub(super) struct Stopping {
    signals: watch::Sender<u32>,
    stop: watch::Sender<bool>,
    /// What waits for signals, as long as this lives.
    waiting: Mutex<JoinSet<()>>,
}

impl Stopping {
    pub(super) fn new() -> Self {
        Self {
            signals: watch::Sender::new(0),
            stop: watch::Sender::new(false),
            waiting: Mutex::default(),
        }
    }

    pub(super) fn receiver(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
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

    fn wait_beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        let waiting = self.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner).spawn(task);
    }

    /// Does the whole, and listens for signals meanwhile; `None` if the second one ended it.
    ///
    /// Signals are waited for by a task of its own, which works while the whole computes something or waits for a disk. A
    /// moment after the second one it ends the process with the code that `exit` then tells, whatever is still going on.
    pub(super) async fn watch<T>(
        &self,
        done: impl Future<Output = T>,
        exit: impl Fn() -> Exit + Send + Sync + 'static,
        ui: &Ui,
    ) -> Option<T> {
        // Here, and not in the task: a signal that comes before the task begins counts.
        let mut signals = Signals::new();
        let (count, stop) = (self.signals.clone(), self.stop.clone());
        self.wait_beside(async move {
            signals.next().await;
            stop.send_replace(true);
            count.send_replace(1);
            signals.next().await;
            count.send_replace(2);
            tokio::time::sleep(AT_ONCE).await;
            end_process(exit());
        });
        let mut count = self.signals.subscribe();
        let stopped = async {
            drop(count.wait_for(|count| *count >= 1).await);
            ui.say(
                "\nInterrupted: finishing what is under way. Interrupt again to stop at once.\n",
            );
            drop(count.wait_for(|count| *count >= 2).await);
        };
        tokio::select! {
            biased;
            () = stopped => None,
            done = done => Some(done),
        }
    }
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "what cannot be ended in any other way was asked twice to end"
)]
fn end_process(exit: Exit) {
    std::process::exit(i32::from(exit.code()));
}

/// Whether a command waits for signals itself.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// Does the work of a command. Unless the command waits for signals itself, the first one lets go of the work, which ends
/// what was started for it; what does not let go in time is ended with the process.
pub(super) async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    let (interrupt, interrupted) = tokio::sync::oneshot::channel();
    let mut signals = Signals::unasked();
    let mut waiting = JoinSet::new();
    waiting.spawn(async move {
        signals.next().await;
        if !IS_AWAITED.load(Ordering::SeqCst) {
            let _sent = interrupt.send(());
            tokio::time::sleep(AT_ONCE).await;
            end_process(Exit::Error);
        }
        std::future::pending::<()>().await;
    });
    tokio::select! {
        biased;
        Ok(()) = interrupted => Err(CliError::new(Exit::Error, "interrupted")),
        done = work => done,
    }
}

/// The signals that ask to end: an interrupt, a termination, a terminal that hangs up.
pub(super) struct Signals {
    #[cfg(unix)]
    listeners: Vec<signal::unix::Signal>,
}

impl Signals {
    /// Listens from now on, for the command: none is missed between two.
    pub(super) fn new() -> Self {
        IS_AWAITED.store(true, Ordering::SeqCst);
        Self::unasked()
    }

    fn unasked() -> Self {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
            // A process that was started by `nohup` goes on without its terminal.
            if !ignores_hangup() {
                kinds.push(SignalKind::hangup());
            }
            let listeners = kinds.into_iter().filter_map(|kind| signal(kind).ok());
            Self {
                listeners: listeners.collect(),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        {
            use std::task::Poll;
            std::future::poll_fn(|context| {
                let mut polls = self.listeners.iter_mut();
                let came = polls.any(|listener| listener.poll_recv(context).is_ready());
                if came { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        #[cfg(not(unix))]
        {
            let _signal = signal::ctrl_c().await;
        }
    }
}

/// Whether the process was started with hang-ups ignored, where the system tells that in a file.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let ignored = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & HANGUP != 0)
}
