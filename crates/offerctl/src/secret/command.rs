//! The token from a program, such as that of a password manager: [`output`].
//!
//! The program has thirty seconds and 64 KiB. It is in a process group of its own, and the whole group ends with it, or with
//! us: nothing in it waits for a password that nobody types any more. What leaves the group, as `setsid` and `timeout` do, is
//! on its own.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use offerctl_manifest::project::TokenSource;

use crate::error::CliError;
use crate::exit::Exit;
use crate::token_place::Source;

/// The longest token, in bytes, with the white space around it: many times what a header takes.
pub(super) const MAX_BYTES: u64 = 64 * 1024;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a program and returns what it prints. What it says on standard error may have the secret in it, and goes nowhere.
pub(super) async fn output(root: &Path, name: &str, words: &[String]) -> Result<String, CliError> {
    output_within(PATIENCE, root, name, words).await
}

async fn output_within(
    patience: Duration,
    root: &Path,
    name: &str,
    words: &[String],
) -> Result<String, CliError> {
    let failed = || {
        let message = format!("the command for the token of `{name}` failed");
        CliError::new(Exit::Error, message)
    };
    let source = TokenSource::Command(words.to_vec());
    let source = Source(&source);
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed());
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(|error| failed().caused_by(error))?;
    let group = Group::of(&child);
    let _ending = EndsWithUs(group.clone());
    let ended = tokio::task::spawn_blocking(move || run(child, &group));
    let Ok(ended) = tokio::time::timeout(patience, ended).await else {
        let message = format!("{source} did not end within {} s", patience.as_secs());
        return Err(failed().hint(message));
    };
    let ended = ended.unwrap_or_else(|error| Err(io::Error::other(error)));
    let (printed, status) = ended.map_err(|error| failed().caused_by(error))?;
    if printed.len() as u64 > MAX_BYTES {
        return Err(failed().hint(format!(
            "{source} printed more than the {MAX_BYTES} bytes that a token may have"
        )));
    }
    if !status.success() {
        return Err(failed().hint(format!("{source} ended with {status}")));
    }
    String::from_utf8(printed)
        .map_err(|_| failed().hint(format!("what {source} printed is not UTF-8")))
}

/// How long what a program printed is read once it has ended: something that left its group may still hold the pipe.
const GRACE: Duration = Duration::from_secs(1);

/// Reads what a program prints until it ends, or until that is too much.
fn run(mut child: Child, group: &Group) -> io::Result<(Vec<u8>, ExitStatus)> {
    let printed: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (told, told_end) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        let (printed, group) = (Arc::clone(&printed), group.clone());
        // It is not waited for: what holds the pipe may never end.
        let _reading = std::thread::spawn(move || {
            let end = read(output, &printed, &group);
            let _told = told.send(end);
        });
    }
    let ended = group.wait(&mut child)?;
    if let Ok(Err(error)) = told_end.recv_timeout(GRACE) {
        return Err(error);
    }
    let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((std::mem::take(&mut *printed), ended))
}

/// Reads to the end, or until it is too much; then the program is ended.
fn read(mut output: impl Read, printed: &Mutex<Vec<u8>>, group: &Group) -> io::Result<()> {
    let mut part = [0; 4096];
    loop {
        let length = match output.read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            found => found?,
        };
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.extend_from_slice(&part[..length]);
        if length == 0 {
            return Ok(());
        }
        if printed.len() as u64 > MAX_BYTES {
            group.end();
            return Ok(());
        }
    }
}

/// The process group of a program, by its number; `None` once another group may have that.
#[derive(Debug, Clone)]
struct Group(Arc<Mutex<Option<u32>>>);

/// Ends a group when nobody waits for its program any more.
struct EndsWithUs(Group);

impl Drop for EndsWithUs {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Group {
    fn of(child: &Child) -> Self {
        Self(Arc::new(Mutex::new(Some(child.id()))))
    }

    /// Ends all of its processes.
    fn end(&self) {
        let number = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(unix)]
        if let Some(group) = number.and_then(pid) {
            use rustix::process::{Signal, kill_process_group};
            // It may have ended by itself.
            let _sent = kill_process_group(group, Signal::KILL);
        }
        #[cfg(not(unix))]
        drop(number);
    }

    /// Waits for the program, and ends what it started.
    fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        #[cfg(unix)]
        wait_unreaped(child)?;
        self.end();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        child.wait()
    }
}

#[cfg(unix)]
fn pid(number: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(number).ok()?)
}

/// Waits until a program has ended, and leaves its number taken.
#[cfg(unix)]
fn wait_unreaped(child: &Child) -> io::Result<()> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let pid = pid(child.id()).ok_or_else(|| io::Error::other("a program without a number"))?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(pid), options) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    async fn said(patience: Duration, script: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let words = ["sh".to_owned(), "-c".to_owned(), script.to_owned()];
        let said = output_within(patience, folder.path(), "shop", &words).await;
        said.map_err(|error| format!("{}; {}", error.chain(), error.hints().join("; ")))
    }

    #[tokio::test]
    async fn a_program_says_the_token() {
        assert_eq!(
            said(PATIENCE, "echo token")
                .await
                .expect("the program says it"),
            "token\n"
        );
        let large = said(PATIENCE, "yes | head -c 65536")
            .await
            .expect("the program says it");
        assert_eq!(large.len() as u64, MAX_BYTES);
    }

    #[tokio::test]
    async fn a_program_that_fails_is_named_and_not_what_it_says() {
        let error = said(PATIENCE, "echo secret; echo secret >&2; exit 3")
            .await
            .expect_err("it fails");
        assert!(error.contains("`sh` ended with exit status: 3"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }

    #[tokio::test]
    async fn a_program_has_so_much_time_and_room() {
        let start = Instant::now();
        let error = said(Duration::from_secs(1), "echo token; sleep 60")
            .await
            .expect_err("it fails");
        assert!(error.contains("did not end within 1 s"), "{error}");
        let error = said(PATIENCE, "yes secret").await.expect_err("it fails");
        assert!(error.contains("more than the 65536 bytes"), "{error}");
        let token = said(PATIENCE, "setsid sleep 5 & echo token")
            .await
            .expect("the program says it");
        assert_eq!(token, "token\n");
        let token = said(PATIENCE, "sleep 60 & echo token")
            .await
            .expect("the program says it");
        assert_eq!(token, "token\n");
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
