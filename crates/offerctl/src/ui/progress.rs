//! What is shown while something takes long: [`Progress`].
//!
//! On a terminal that is a line that moves; elsewhere it is a line every ten seconds. Whatever else goes to standard
//! error goes through [`beside`], so that it does not land in the moving line.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often a line says what goes on where none can move.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The line that moves at the moment.
static MOVING: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// How much is said beside data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Errors only.
    Few,
    /// Also what goes on.
    Usual,
    /// Also a bar that moves, because there is a terminal to move it on.
    Moving,
}

/// Something that may take long, and how far it is. Its moving line goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    what: String,
    /// How many parts it has, if that is known.
    total: Option<usize>,
    done: AtomicUsize,
    words: Words,
    /// What takes the lines where none can move.
    say: fn(&str),
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(words: Words, what: String, total: Option<usize>, say: fn(&str)) -> Self {
        let target = if words == Words::Moving {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(total.map(|total| total as u64), target);
        let template = match total {
            // A bar would show how much of nothing is done.
            None => "{spinner} {msg} ({elapsed})",
            Some(_) => "{bar:30} {pos}/{len} {elapsed} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.clone());
        if words == Words::Moving {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        *moving() = Some(bar.clone());
        Self {
            what,
            total,
            done: AtomicUsize::new(0),
            words,
            say,
            bar,
        }
    }

    /// Notes that one more part is done.
    pub(crate) fn done(&self, words: String) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bar.set_message(words);
        self.bar.inc(1);
    }

    /// Waits for something, and says meanwhile that it goes on.
    pub(crate) fn watch<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        // Boxed, since each function that takes it in would make room for it once more.
        let work = Box::pin(work);
        let say = |passed| {
            if self.words == Words::Usual {
                (self.say)(&self.line(passed));
            }
        };
        watch(work, LINE_INTERVAL, say)
    }

    /// The line that says what goes on, and for how long.
    fn line(&self, passed: Duration) -> String {
        let Self { what, total, .. } = self;
        let seconds = passed.as_secs();
        match total {
            None => format!("still {what} ({seconds} s)\n"),
            Some(total) => {
                let done = self.done.load(Ordering::Relaxed);
                format!("still {what} ({seconds} s): {done} of {total} done\n")
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *moving() = None;
        self.bar.finish_and_clear();
    }
}

/// Waits for something, and tells at each interval how long that has taken so far.
async fn watch<T>(
    mut work: impl Future<Output = T> + Unpin,
    interval: Duration,
    mut say: impl FnMut(Duration),
) -> T {
    let began = Instant::now();
    let mut ticks = interval_at(began + interval, interval);
    // After a pause of the whole process one line is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = ticks.tick() => say(began.elapsed()),
        }
    }
}

/// Writes to standard error beside the line that moves there.
pub(super) fn beside<T>(write: impl FnOnce() -> T) -> T {
    let bar = moving().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn moving() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    // Nothing panics while it holds this.
    MOVING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// When something is said during work of some seconds.
    async fn said(seconds: u64) -> Vec<u64> {
        let said = RefCell::new(Vec::new());
        let work = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            seconds
        };
        let say = |passed: Duration| said.borrow_mut().push(passed.as_secs());
        assert_eq!(watch(Box::pin(work), LINE_INTERVAL, say).await, seconds);
        said.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn long_work_is_said_every_ten_seconds_and_short_work_is_not() {
        assert_eq!(said(0).await, [0; 0]);
        assert_eq!(said(9).await, [0; 0]);
        assert_eq!(said(35).await, [10, 20, 30]);
    }

    #[test]
    fn a_line_says_what_goes_on_for_how_long_and_how_far_it_is() {
        let progress =
            |total| Progress::new(Words::Usual, "reading `shop`".to_owned(), total, |_| {});
        let passed = Duration::from_millis(20_400);
        let line = progress(None).line(passed);
        assert_eq!(line, "still reading `shop` (20 s)\n");
        let counted = progress(Some(80));
        counted.done("create film".to_owned());
        let line = counted.line(passed);
        assert_eq!(line, "still reading `shop` (20 s): 1 of 80 done\n");
    }
}
