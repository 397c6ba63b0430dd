//! A runner with everything that it can reach, and what befalls it: [`Runner`].

use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bucket_emulator::{Deed, Passing, Proxy};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::super::program::{Place, Program, Told, start_at};
use super::schedule::{Accident, Blow, Point, StoreFault, Totals};

/// The longest that a schedule, or one apply of it, may take before something hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// A runner with a folder of its own, and its ways to the service and to the store.
pub(super) struct Runner {
    pub(super) folder: TempDir,
    pub(super) place: Place,
    pub(super) wire: Arc<Wire>,
    pub(super) _proxies: [Proxy; 2],
    /// The process, while it is under way.
    child: Option<Child>,
    /// Its number at the system, once it was started.
    pub(super) pid: Option<u32>,
    pub(super) told: Option<Told>,
}

/// What a runner sends through, and what is to befall it there.
pub(super) struct Wire {
    pid: OnceLock<Pid>,
    /// How much later each answer of the service comes.
    slowness: Duration,
    now: Mutex<Now>,
}

#[derive(Default)]
pub(super) struct Now {
    blows: Vec<Blow>,
    any: u64,
    store: u64,
    service: u64,
    documents: u64,
    segments: u64,
    cut_until: Option<Instant>,
    /// Since when it is stopped, and for how long; until all others have ended if that is not said.
    pub(super) stopped: Option<(Instant, Option<Duration>)>,
    pub(super) is_to_unlock: bool,
    /// How many blows were struck.
    pub(super) struck: usize,
}

impl Wire {
    pub(super) fn new(blows: Vec<Blow>, slowness: Duration) -> Arc<Self> {
        Arc::new(Self {
            pid: OnceLock::new(),
            slowness,
            now: Mutex::new(Now {
                blows,
                ..Now::default()
            }),
        })
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests were sent: in all, and to the store.
    pub(super) fn counts(&self) -> Totals {
        let now = self.now();
        Totals {
            any: now.any,
            store: now.store,
        }
    }

    /// Decides what becomes of a request to the service.
    pub(super) fn to_service(self: &Arc<Self>) -> impl Fn(&Passing) -> Deed + use<> {
        let wire = Arc::clone(self);
        move |_| {
            let mut now = wire.now();
            now.any += 1;
            now.service += 1;
            let at = [Point::Any(now.any), Point::Service(now.service)];
            let blow = now.take(&at);
            drop(now);
            if blow.is_none() && !wire.slowness.is_zero() {
                return Deed::Delay {
                    before: Duration::ZERO,
                    after: wire.slowness,
                };
            }
            wire.strike(blow)
        }
    }

    /// Decides what becomes of a request to the store.
    pub(super) fn to_store(self: &Arc<Self>) -> impl Fn(&Passing) -> Deed + use<> {
        let wire = Arc::clone(self);
        move |passing| {
            let mut now = wire.now();
            now.any += 1;
            now.store += 1;
            let mut at = vec![Point::Any(now.any), Point::Store(now.store)];
            if passing.method == "PUT" && passing.path.ends_with("/state.json") {
                now.documents += 1;
                at.push(Point::Document(now.documents));
            }
            if passing.method == "PUT" && passing.path.contains("/journal/") {
                now.segments += 1;
                at.push(Point::Segment(now.segments));
            }
            if now.cut_until.is_some_and(|until| Instant::now() < until) {
                return Deed::Drop;
            }
            let mut deed = Deed::Pass;
            while let Some(blow) = now.take(&at) {
                drop(now);
                let struck = wire.strike(Some(blow));
                if !matches!(struck, Deed::Pass) {
                    deed = struck;
                }
                now = wire.now();
            }
            deed
        }
    }

    fn strike(self: &Arc<Self>, blow: Option<Blow>) -> Deed {
        let Some(blow) = blow else {
            return Deed::Pass;
        };
        if let Accident::Store(fault) = blow.accident {
            self.now().struck += 1;
            return fault.deed();
        }
        if blow.is_after {
            let wire = Arc::clone(self);
            return Deed::Then(Box::new(move || wire.befall(blow.accident)));
        }
        self.befall(blow.accident);
        Deed::Pass
    }

    fn befall(&self, accident: Accident) {
        let mut now = self.now();
        now.struck += 1;
        match accident {
            Accident::Store(_) => {}
            Accident::Sleep => {
                now.stopped = Some((Instant::now(), None));
                self.signal(Signal::SIGSTOP);
            }
            Accident::Nap(milliseconds) => {
                now.stopped = Some((Instant::now(), Some(Duration::from_millis(milliseconds))));
                self.signal(Signal::SIGSTOP);
            }
            Accident::Kill => self.signal(Signal::SIGKILL),
            Accident::Unlock => now.is_to_unlock = true,
            Accident::CutOff(milliseconds) => {
                now.cut_until = Some(Instant::now() + Duration::from_millis(milliseconds));
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // One that has ended in the meantime needs none.
        let _sent = self.pid.get().map(|pid| kill(*pid, signal));
    }
}

impl Now {
    fn take(&mut self, at: &[Point]) -> Option<Blow> {
        let index = self.blows.iter().position(|blow| at.contains(&blow.at))?;
        Some(self.blows.remove(index))
    }
}

impl StoreFault {
    fn deed(self) -> Deed {
        let milliseconds = Duration::from_millis;
        match self {
            Self::Delay { before, after } => Deed::Delay {
                before: milliseconds(before),
                after: milliseconds(after),
            },
            Self::Drop => Deed::Drop,
            Self::DropAnswer => Deed::DropAnswer,
            Self::Late(late) => Deed::Late(milliseconds(late)),
            Self::Repeat => Deed::Repeat,
            Self::Answer { status, is_done } => Deed::Answer { status, is_done },
        }
    }
}

impl Runner {
    pub(super) fn new(
        folder: TempDir,
        place: Place,
        (wire, proxies): (Arc<Wire>, [Proxy; 2]),
    ) -> Self {
        Self {
            folder,
            place,
            wire,
            _proxies: proxies,
            child: None,
            pid: None,
            told: None,
        }
    }

    /// Starts an apply.
    pub(super) fn start(&mut self, program: Program<'_>, lock_timeout: f64) -> anyhow::Result<()> {
        let child = start_at(program, self.folder.path(), (&self.place, lock_timeout))?;
        let pid = child.id();
        self.pid = Some(pid);
        let pid = i32::try_from(pid).context("the number of a process")?;
        let _first = self.wire.pid.set(Pid::from_raw(pid));
        self.child = Some(child);
        Ok(())
    }

    pub(super) fn is_started(&self) -> bool {
        self.pid.is_some()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.wire.now().stopped.is_some()
    }

    /// Whether it is under way; notes what it ended with.
    pub(super) fn is_going(&mut self) -> anyhow::Result<bool> {
        let Some(child) = &mut self.child else {
            return Ok(false);
        };
        if child.try_wait()?.is_none() {
            return Ok(true);
        }
        if let Some(child) = self.child.take() {
            self.told = Some(Told::of(&child.wait_with_output()?));
        }
        // One that is killed while it is stopped is stopped no more.
        self.wire.now().stopped = None;
        Ok(false)
    }

    /// Waits for its end, where nothing befalls it.
    pub(super) fn end(&mut self) -> anyhow::Result<Told> {
        let began = Instant::now();
        while self.is_going()? {
            ensure!(began.elapsed() < PATIENCE, "an apply hangs");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.told.take().context("it was started")
    }

    /// The same for an apply that has to end right.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        let told = self.end()?;
        ensure!(told.code == Some(0), "exit {:?}: {}", told.code, told.text);
        Ok(())
    }

    /// Lets it go on, if it is time.
    pub(super) fn wake(&self, others_ended: bool) {
        let mut now = self.wire.now();
        let is_due = now.stopped.is_some_and(|(since, nap)| match nap {
            Some(nap) => since.elapsed() >= nap,
            None => others_ended,
        });
        if is_due {
            now.stopped = None;
            self.wire.signal(Signal::SIGCONT);
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _killed = child.kill();
            let _ended = child.wait();
        }
    }
}
