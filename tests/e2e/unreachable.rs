//! Services that cannot be reached, say nothing or send everybody away: what a person gets to read, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cleeng_emulator::{Account, Config, Token};

use crate::support::{Api, Draft, Run, Shop, TOKEN, both, offerctl};

/// Nobody listens to this port.
const CLOSED: &str = "127.0.0.1:9";

/// Every command that talks to the service, and none of which writes anything if it cannot.
const LINES: [&str; 10] = [
    "plan",
    "plan --format json",
    "apply --auto-approve",
    "apply --dry-run",
    "drift",
    "import",
    "import --dry-run --format json",
    "diff -e shop -e other",
    "state rebuild --dry-run",
    "state adopt film A100000001_US",
];

/// A project whose service is at an address that no emulator has.
struct Project {
    api: Api,
    folder: tempfile::TempDir,
}

impl Project {
    fn new(api: Api, host: &str, limits: &str) -> Self {
        let project = Self {
            api,
            folder: tempfile::tempdir().unwrap(),
        };
        project.configure(host, limits, "token: {env: CLUB_TOKEN}");
        let film = Draft::new("single", "film").yaml_over(api);
        project.write("offers/all.yaml", &format!("version: 1\noffers:\n{film}"));
        project
    }

    fn configure(&self, host: &str, limits: &str, token: &str) {
        let lines = self.api.lines("");
        let environment = |name: &str| {
            format!(
                "  {name}:\n    endpoint: http://{host}/base\n    limits: {{settleSeconds: 0.2, {limits}}}\n    {token}\n{lines}"
            )
        };
        let (shop, other) = (environment("shop"), environment("other"));
        self.write(
            "offerctl.yaml",
            &format!(
                "version: 1\nproject: test\ndefaultEnvironment: shop\nenvironments:\n{shop}{other}"
            ),
        );
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = offerctl(self.folder.path());
        command
            .env("CLUB_TOKEN", TOKEN)
            .args(line.split_whitespace());
        command
    }

    fn run(&self, line: &str) -> Run {
        Run::of(&mut self.command(line), line)
    }

    /// The files that are there, but for locks.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files.retain(|file| !file.ends_with("/lock"));
        files.sort();
        files
    }
}

fn collect(folder: &std::path::Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path.to_string_lossy().into_owned());
        }
    }
}

/// Runs command lines side by side, since all of their time is waiting.
fn all_at_once(lines: &[&str], check: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        let check = &check;
        let threads: Vec<_> = lines
            .iter()
            .map(|line| scope.spawn(move || check(line)))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A server that takes connections and never says a word.
struct Silent {
    host: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Silent {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                open.push(stream);
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        Self {
            host,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _wakes = TcpStream::connect(&self.host);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Whether words stand on a line of their own, so that whoever copies the line has them and nothing else.
#[track_caller]
fn has_line(run: &Run, line: &str) {
    assert!(
        run.err.lines().any(|found| found.trim() == line),
        "no line {line:?} in {run:?}"
    );
}

/// Expects all that a person needs, and that nothing was written.
#[track_caller]
fn tells_all(project: &Project, run: &Run, host: &str) {
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.out, "", "{run:?}");
    assert!(run.err.contains("nothing was written"), "{run:?}");
    has_line(run, "environment: shop");
    has_line(run, &format!("host:        {host}"));
    has_line(run, "token:       from the variable `CLUB_TOKEN`");
    has_line(run, "offerctl doctor -e shop");
    assert_eq!(project.files().len(), 2, "{:?}", project.files());
}

both!(a_closed_port_is_said_with_host_token_and_next_command);

fn a_closed_port_is_said_with_host_token_and_next_command(api: Api) {
    all_at_once(&LINES, |line| {
        let project = Project::new(api, CLOSED, "timeoutSeconds: 1");
        let run = project.run(line).complains("no connection");
        tells_all(&project, &run, CLOSED);
        let advice = "hint: check that `endpoint` of `shop` in offerctl.yaml is right, and that this machine can reach 127.0.0.1:9";
        assert!(run.err.contains(advice), "{run:?}");
    });
}

both!(a_silent_server_is_said_with_host_token_and_next_command);

fn a_silent_server_is_said_with_host_token_and_next_command(api: Api) {
    let silent = Silent::start();
    let host = &silent.host;
    all_at_once(&LINES, |line| {
        let project = Project::new(api, host, "timeoutSeconds: 1, patienceSeconds: 5");
        let run = project.run(line).complains("no answer came in time");
        tells_all(&project, &run, host);
        assert!(run.err.contains("timeoutSeconds"), "{run:?}");
    });
}

both!(a_service_that_is_asked_too_much_is_said_with_the_limit_that_bounds_the_wait);

fn a_service_that_is_asked_too_much_is_said_with_the_limit_that_bounds_the_wait(api: Api) {
    let shop = Shop::of(api);
    shop.limit("patienceSeconds: 1");
    shop.declare(&[Draft::new("single", "film")]);
    shop.fault("list*=status:429");
    for line in ["plan", "drift", "import", "apply --auto-approve"] {
        let run = shop.run(line).exits(1).complains("HTTP 429");
        let warning = "\nwarning: the service has too many requests";
        assert!(format!("\n{}", run.err).contains(warning), "{run:?}");
        has_line(&run, "environment: shop");
        has_line(&run, "offerctl doctor -e shop");
        assert!(
            run.err
                .contains("raise `patienceSeconds` in `limits` of `shop`"),
            "{run:?}"
        );
    }
}

both!(a_refused_token_is_said_with_where_it_comes_from);

fn a_refused_token_is_said_with_where_it_comes_from(api: Api) {
    let shop = Shop::of_emulator(
        api,
        Config {
            account: Account {
                token: Some(Token::new("another")),
                ..Account::default()
            },
            ..Config::default()
        },
    );
    shop.declare(&[Draft::new("single", "film")]);
    shop.write("secret/token.txt", TOKEN);
    let sources = [
        (
            "{env: CLEENG_PUBLISHER_TOKEN}",
            "from the variable `CLEENG_PUBLISHER_TOKEN`",
        ),
        (
            "{file: secret/token.txt}",
            "from the file `secret/token.txt`",
        ),
        (
            "{command: [cat, secret/token.txt]}",
            "from the command `cat`",
        ),
    ];
    for (token, source) in sources {
        shop.configure(&format!("    token: {token}\n"));
        for line in ["plan", "drift", "apply --auto-approve", "import"] {
            let run = shop.run(line).exits(1);
            has_line(&run, &format!("token:       {source}"));
            has_line(&run, "offerctl doctor -e shop");
            let advice = format!("hint: the service refused the token {source}");
            assert!(run.err.contains(&advice), "{run:?}");
        }
    }
    let refusals = ["list*=status:401", "list*=status:403"];
    let shop = Shop::of(api);
    for refusal in refusals {
        shop.fault(refusal);
        let run = shop.run("plan").exits(1);
        assert!(run.err.contains("the service refused the token"), "{run:?}");
        shop.emulator().clear_faults();
    }
}

/// With `-C` and any `-e`, the next command can still be pasted as it is.
#[test]
#[cfg(unix)]
fn the_next_command_names_folder_and_environment_and_runs() {
    let project = Project::new(Api::JsonRpc, CLOSED, "timeoutSeconds: 1");
    let root = project.folder.path().join("it's a shop");
    std::fs::create_dir(&root).unwrap();
    for name in ["offerctl.yaml", "offers"] {
        std::fs::rename(project.folder.path().join(name), root.join(name)).unwrap();
    }
    let mut command = project.command("drift -e other");
    let run = Run::of(command.args(["-C", "it's a shop"]), "drift -e other").exits(1);
    let next = r"offerctl doctor -C 'it'\''s a shop' -e other";
    has_line(&run, next);
    let program = env!("CARGO_BIN_EXE_offerctl");
    let mut shell = Command::new("sh");
    shell
        .current_dir(project.folder.path())
        .env("CLUB_TOKEN", TOKEN)
        .args(["-c", &next.replacen("offerctl", program, 1)]);
    let doctor = Run::of(&mut shell, next).exits(1);
    assert!(doctor.out.starts_with("other (http://"), "{doctor:?}");
}

/// What a doctor says of a subject.
#[track_caller]
fn check(document: &serde_json::Value, subject: &str) -> [String; 4] {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["subject"] == subject);
    let found = found.unwrap_or_else(|| panic!("no {subject} in {document:#}"));
    let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
    [
        text("verdict"),
        text("message"),
        text("next"),
        text("command"),
    ]
}

both!(a_doctor_asks_a_host_that_does_not_answer_once);

fn a_doctor_asks_a_host_that_does_not_answer_once(api: Api) {
    let silent = Silent::start();
    let host = &silent.host;
    for host in [host.as_str(), CLOSED] {
        let project = Project::new(api, host, "timeoutSeconds: 2");
        let began = Instant::now();
        let run = project.run("doctor --format json").exits(1);
        assert!(began.elapsed() < Duration::from_secs(4), "{run:?}");
        let document = run.json();
        let [verdict, message, next, command] = check(&document, "api");
        assert_eq!(verdict, "failed", "{run:?}");
        for fact in ["`shop`", host, "the variable `CLUB_TOKEN`"] {
            assert!(message.contains(fact), "no {fact} in {message}");
        }
        assert!(next.contains(host), "{next}");
        assert_eq!(command, "offerctl doctor -e shop");
        for subject in ["account", "clock"] {
            let [verdict, message, ..] = check(&document, subject);
            assert_eq!(verdict, "skipped", "{run:?}");
            assert_eq!(message, "not asked, since the host does not answer");
        }
        assert_eq!(project.files().len(), 2);
    }
}

#[test]
fn a_doctor_keeps_the_next_command_on_one_line() {
    let project = Project::new(Api::JsonRpc, CLOSED, "timeoutSeconds: 1");
    let run = project.run("doctor -e other").exits(1);
    let lines = run.out.lines();
    let has_command = lines
        .map(str::trim)
        .any(|line| line == "offerctl doctor -e other");
    assert!(has_command, "{run:?}");
}

/// Reads standard error of a child until words come, or for so long.
fn hears(child: &mut Child, words: &str, patience: Duration) -> (bool, String) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    std::thread::spawn(move || {
        lines
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let until = Instant::now() + patience;
    let mut heard = String::new();
    while let Ok(line) = receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
        heard.push_str(&line);
        heard.push('\n');
        if line.contains(words) {
            return (true, heard);
        }
    }
    (false, heard)
}

#[test]
fn whoever_waits_off_a_terminal_hears_every_ten_seconds_what_for() {
    let silent = Silent::start();
    let host = &silent.host;
    let project = Project::new(Api::JsonRpc, host, "timeoutSeconds: 14");
    let spawn = |line: &str| {
        let mut command = project.command(line);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let mut quiet = spawn("plan --quiet");
    let mut doctor = spawn("doctor");
    let mut plan = spawn("plan --format json");
    let words = "still reading the offers of `shop` (10 s)";
    let (found, heard) = hears(&mut plan, words, Duration::from_secs(13));
    assert!(found, "{heard}");
    let (found, heard) = hears(&mut doctor, "`shop` (10 s)", Duration::from_secs(2));
    assert!(found, "{heard}");
    let (_, heard) = hears(&mut quiet, "still", Duration::from_millis(500));
    assert_eq!(heard, "");
    for mut child in [quiet, doctor, plan] {
        child.kill().unwrap();
        child.wait().unwrap();
        let mut out = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(out, "");
    }
}
