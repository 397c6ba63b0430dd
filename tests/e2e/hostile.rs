//! Hostile inputs: every command ends soon, takes little memory, says what is wrong, and never panics.

use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Draft, Run, Shop};

/// Three seconds are promised of a release build on a quiet machine; these tests run on others.
const LONGEST: Duration = Duration::from_secs(40);

/// Of the binary, in kilobytes.
const MOST_MEMORY: u64 = 500 * 1024;

/// More than anybody reads.
const MOST_OUTPUT: usize = 50 * 1024 * 1024;

/// The most memory that a process has had so far, in kilobytes.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

/// Runs a command and watches it.
#[track_caller]
fn watch(mut command: Command, line: &str) -> Run {
    let start = Instant::now();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut peak = 0;
    let status = std::thread::scope(|scope| {
        let _out = scope.spawn(|| stdout.read_to_end(&mut out));
        let _err = scope.spawn(|| stderr.read_to_end(&mut err));
        loop {
            peak = peak.max(memory(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if start.elapsed() > LONGEST || peak > MOST_MEMORY {
                child.kill().unwrap();
                return child.wait().unwrap();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let elapsed = start.elapsed();
    let length = out.len() + err.len();
    let cut = |mut bytes: Vec<u8>| {
        bytes.truncate(3000);
        bytes
    };
    let output = std::process::Output {
        status,
        stdout: cut(out),
        stderr: cut(err),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let run = Run {
        line: line.to_owned(),
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    };
    assert!(
        peak <= MOST_MEMORY,
        "{peak} kB of memory in {elapsed:?}: {run:?}"
    );
    assert!(elapsed <= LONGEST, "{elapsed:?}: {run:?}");
    assert!(length <= MOST_OUTPUT, "{length} bytes of output: {run:?}");
    assert!(!run.err.contains("panicked"), "{run:?}");
    assert!(run.code >= 0, "it was ended by a signal: {run:?}");
    run
}

/// Runs a line in a project, watched.
#[track_caller]
fn run(shop: &Shop, line: &str) -> Run {
    watch(shop.command(line), line)
}

/// Expects that a project with this file is refused with one of these codes, in both forms.
#[track_caller]
fn refused(bytes: &[u8], codes: &[&str]) {
    let shop = Shop::new();
    shop.write("offers/good.yaml", "version: 1\noffers: {}\n");
    std::fs::write(shop.path("offers/hostile.yaml"), bytes).unwrap();
    let text = run(&shop, "validate");
    assert_eq!(text.code, 65, "{text:?}");
    let known = codes
        .iter()
        .any(|code| text.err.contains(&format!("[{code}]")));
    assert!(known, "none of {codes:?} in {text:?}");
    let json = run(&shop, "validate --format json");
    assert_eq!(json.code, 65, "{json:?}");
    assert_eq!(shop.requests().http_requests(), 0);
}

const HEAD: &str = "version: 1\noffers:\n";

#[test]
fn aliases_that_multiply() {
    let mut bomb = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    refused(bomb.as_bytes(), &["yaml-alias"]);
    // An offer that is an alias of a large one, many times over.
    let mut copies = format!(
        "{HEAD}  first: &a {{type: single, title: \"{}\"}}\n",
        "x".repeat(1_000_000)
    );
    for number in 0..2_000 {
        writeln!(copies, "  copy-{number}: *a").unwrap();
    }
    refused(copies.as_bytes(), &["yaml-alias", "file-size"]);
    refused(b"&a [*a, *a]", &["yaml-alias", "yaml-syntax"]);
}

#[test]
fn nesting_without_end() {
    for text in ["[", "{a: ", "- ", "? ", "[[{"] {
        let deep = text.repeat(1_000_000 / text.len());
        refused(deep.as_bytes(), &["yaml-depth", "yaml-syntax", "yaml-key"]);
    }
    let mut indented = String::new();
    for depth in 0..3_000 {
        writeln!(indented, "{}a:", " ".repeat(depth)).unwrap();
    }
    refused(indented.as_bytes(), &["yaml-depth", "yaml-syntax"]);
}

#[test]
fn files_that_are_too_large() {
    let mut large = format!("{HEAD}# ").into_bytes();
    large.resize(100 * 1024 * 1024, b'x');
    refused(&large, &["file-size"]);
    let mut line = b"version: \"".to_vec();
    line.resize(50 * 1024 * 1024, b'x');
    refused(&line, &["file-size"]);
    refused(&vec![b'\n'; 20 * 1024 * 1024], &["file-size"]);
}

#[test]
fn a_file_without_end() {
    let shop = Shop::new();
    std::fs::create_dir_all(shop.path("offers")).unwrap();
    let file = std::fs::File::create(shop.path("offers/sparse.yaml")).unwrap();
    file.set_len(50_000_000_000).unwrap();
    let found = run(&shop, "validate");
    assert!(
        found.code == 65 && found.err.contains("file-size"),
        "{found:?}"
    );
    drop(file);
    std::fs::remove_file(shop.path("offers/sparse.yaml")).unwrap();
    std::fs::write(shop.path("offerctl.yaml"), "").unwrap();
    let file = std::fs::File::create(shop.path("offerctl.yaml")).unwrap();
    file.set_len(50_000_000_000).unwrap();
    let found = run(&shop, "validate");
    assert!(
        found.code == 65 && found.err.contains("file-size"),
        "{found:?}"
    );
}

#[test]
fn long_lines_and_long_words_below_the_limit() {
    let long = "x".repeat(14 * 1024 * 1024);
    refused(long.as_bytes(), &["wrong-shape", "yaml-syntax"]);
    let title = format!(
        "{HEAD}  film: {{type: single, url: \"https://club.tv\", price: 1.00, title: \"{long}\"}}\n"
    );
    refused(
        title.as_bytes(),
        &["text-length", "text-too-long", "title-length", "too-long"],
    );
    let key = format!(
        "{HEAD}  film:\n    type: single\n    {}: 1\n",
        "t".repeat(900)
    );
    refused(key.as_bytes(), &["unknown-key"]);
    let long_key = format!("{HEAD}  film:\n    type: single\n    ? {long}\n    : 1\n");
    refused(long_key.as_bytes(), &["unknown-key", "yaml-syntax"]);
    let name = format!("{HEAD}  ? {long}\n  : {{type: single}}\n");
    refused(name.as_bytes(), &["name", "yaml-syntax"]);
}

#[test]
fn numbers_without_end() {
    for price in [
        "9".repeat(1_000_000),
        format!("0.{}", "1".repeat(1_000_000)),
        "1e999999999".to_owned(),
        "1e-999999999".to_owned(),
        ".inf".to_owned(),
        ".nan".to_owned(),
        "0x10".to_owned(),
        "-1".to_owned(),
        "79228162514264337593543950336".to_owned(),
    ] {
        let text = format!(
            "{HEAD}  film: {{type: single, title: Film, url: \"https://club.tv\", price: {price}}}\n"
        );
        let shop = Shop::new();
        shop.write("offers/hostile.yaml", &text);
        let found = run(&shop, "validate");
        assert_eq!(found.code, 65, "{found:?}");
    }
    for time in [
        "99999999999999999999",
        "9223372036854775807",
        "-1",
        "2031-13-45T99:99:99Z",
        "+999999-01-01T00:00:00Z",
    ] {
        let shop = Shop::new();
        shop.declare(&[Draft::new("event", "final").with("startTime", time)]);
        let found = run(&shop, "validate");
        assert_eq!(found.code, 65, "{found:?}");
    }
}

#[test]
fn a_hundred_thousand_keys() {
    let mut keys = format!("{HEAD}  film:\n    type: single\n");
    for number in 0..100_000 {
        writeln!(keys, "    key{number}: 1").unwrap();
    }
    refused(keys.as_bytes(), &["unknown-key", "file-size"]);
    let mut top = "version: 1\noffers: {}\n".to_owned();
    for number in 0..20_000 {
        writeln!(top, "key{number}: 1").unwrap();
    }
    refused(top.as_bytes(), &["unknown-key", "file-size"]);
    // All on one line: the line is not shown for each of them.
    let mut line = "version: 1\noffers: {film: {type: single".to_owned();
    for number in 0..30_000 {
        write!(line, ", key{number}: 1").unwrap();
    }
    line.push_str("}}\n");
    refused(line.as_bytes(), &["unknown-key", "file-size"]);
}

#[test]
fn a_hundred_thousand_offers_with_mistakes() {
    let mut names = HEAD.to_owned();
    for number in 0..20_000 {
        writeln!(names, "  Film {number}: {{tipe: single}}").unwrap();
    }
    refused(names.as_bytes(), &["name", "unknown-key", "missing-field"]);
    let mut same = HEAD.to_owned();
    for _ in 0..30_000 {
        same.push_str("  film: {type: single}\n");
    }
    refused(same.as_bytes(), &["duplicate-key", "duplicate-name"]);
}

#[test]
fn lists_that_are_too_long() {
    let tags = "a, ".repeat(500_000);
    let text = format!(
        "{HEAD}  film: {{type: single, title: Film, url: \"https://club.tv\", price: 1, tags: [{tags}]}}\n"
    );
    refused(text.as_bytes(), &["file-size", "duplicate-entry"]);
    let mut rows = String::new();
    for first in 'A'..='Z' {
        for second in 'A'..='Z' {
            write!(rows, "{first}{second}: {{currency: USD}}, ").unwrap();
        }
    }
    let text = format!(
        "{HEAD}  film: {{type: single, title: Film, url: \"https://club.tv\", price: 1, localizations: {{{rows}}}}}\n"
    );
    refused(text.as_bytes(), &["country"]);
}

#[test]
fn many_offers_on_one_line() {
    let offers: Vec<String> = (0..20_000)
        .map(|number| {
            format!("\"film-{number}\": {{\"type\": \"single\", \"title\": \"Film {number}\", \"url\": \"https://club.tv/{number}\", \"price\": 9.99}}")
        })
        .collect();
    let text = format!("{{\"version\": 1, \"offers\": {{{}}}}}", offers.join(", "));
    let shop = Shop::new();
    shop.write("offers/generated.yaml", &text);
    let found = run(&shop, "validate");
    assert!(
        found.code == 0 && found.out.contains("20000 offers"),
        "{found:?}"
    );
}

#[test]
fn many_offers_that_share_a_part() {
    let mut text = HEAD.to_owned();
    for number in 0..10_000 {
        let lifecycle = if number == 0 {
            "&shared {protect: true}"
        } else {
            "*shared"
        };
        let draft = Draft::new("single", &format!("film-{number}")).with("lifecycle", lifecycle);
        text.push_str(&draft.yaml());
    }
    let shop = Shop::new();
    shop.write("offers/shared.yaml", &text);
    let found = run(&shop, "validate");
    assert!(
        found.code == 0 && found.out.contains("10000 offers"),
        "{found:?}"
    );
}

#[test]
fn bytes_that_are_no_text() {
    refused(&vec![0; 100_000], &["yaml-syntax", "utf8"]);
    refused(
        b"version: 1\noffers:\n  film: {type: \"\0\"}\n",
        &["yaml-syntax", "utf8"],
    );
    refused(b"version: 1\noffers: {}\n# \xff\xfe\n", &["utf8"]);
    refused(b"\xff\xfev\0e\0r\0s\0", &["utf8"]);
    refused(b"version: 1\noffers: {}\n# \xed\xa0\x80\n", &["utf8"]);
    refused(
        "version: 1\noffers:\n\tfilm: {}\n".as_bytes(),
        &["yaml-syntax", "yaml-tab"],
    );
    refused(&b"\x1b[2J\x07\x08version: 1\n"[..], &["yaml-syntax"]);
}

#[test]
fn what_a_file_says_does_not_command_the_terminal() {
    let text = format!("{HEAD}  film: {{type: \"\\e[2J\\a\", \"\\e]0;gone\\a\": 1}}\n");
    let shop = Shop::new();
    shop.write("offers/hostile.yaml", &text);
    for line in ["validate", "plan"] {
        let found = run(&shop, line);
        assert_eq!(found.code, 65, "{found:?}");
        assert!(
            !found.err.contains('\u{1b}') && !found.err.contains('\u{7}'),
            "{found:?}"
        );
    }
    let title = format!(
        "{HEAD}  film: {{type: single, url: \"https://club.tv\", price: 1, title: \"a\\e[2Jb\\u202ec\"}}\n"
    );
    shop.write("offers/hostile.yaml", &title);
    let found = run(&shop, "plan");
    assert!(!found.out.contains('\u{1b}'), "{found:?}");
}

#[test]
fn many_documents_and_many_anchors() {
    let documents = "---\nversion: 1\n".repeat(200_000);
    refused(
        documents.as_bytes(),
        &["yaml-syntax", "yaml-documents", "yaml-multiple"],
    );
    let mut anchors = "version: 1\noffers:\n".to_owned();
    for number in 0..20_000 {
        writeln!(anchors, "  film-{number}: &a{number} {{}}").unwrap();
    }
    refused(anchors.as_bytes(), &["missing-field"]);
}

#[test]
fn thousands_of_files() {
    let shop = Shop::new();
    for number in 0..3_000 {
        let draft = Draft::new("single", &format!("film-{number}"));
        let text = format!("{HEAD}{}", draft.yaml());
        shop.write(&format!("offers/{}/{number}.yaml", number % 50), &text);
    }
    let found = run(&shop, "validate");
    assert!(
        found.code == 0 && found.out.contains("3000 offers"),
        "{found:?}"
    );
    let found = run(&shop, "plan --format json");
    assert_eq!(found.code, 0, "{found:?}");
}

#[test]
fn a_chain_of_references_without_an_end_in_sight() {
    const COUNT: usize = 5_000;
    let chain = |closed: bool| {
        let mut text = HEAD.to_owned();
        for number in 0..COUNT {
            let next = number + 1;
            let draft = Draft::new("single", &format!("film-{number}"));
            let draft = if next < COUNT {
                draft.with("dependsOn", &format!("[film-{next}]"))
            } else if closed {
                draft.with("dependsOn", "[film-0]")
            } else {
                draft
            };
            text.push_str(&draft.yaml());
        }
        text
    };
    refused(chain(true).as_bytes(), &["cycle"]);
    let shop = Shop::new();
    shop.write("offers/chain.yaml", &chain(false));
    let found = run(&shop, "plan --format json");
    assert_eq!(found.code, 0, "{found:?}");
}

#[test]
fn everything_hangs_on_everything() {
    const COUNT: usize = 400;
    let mut text = HEAD.to_owned();
    for number in 0..COUNT {
        let others: Vec<String> = (0..number).map(|other| format!("film-{other}")).collect();
        let draft = Draft::new("single", &format!("film-{number}"))
            .with("dependsOn", &format!("[{}]", others.join(", ")));
        text.push_str(&draft.yaml());
    }
    let shop = Shop::new();
    shop.write("offers/all.yaml", &text);
    let found = run(&shop, "plan");
    assert_eq!(found.code, 0, "{found:?}");
}

/// A service that says the same to everybody, and perhaps never ends.
pub(crate) struct Raw {
    address: String,
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

pub(crate) fn serve(head: &'static str, body: &'static [u8], repeat: usize) -> Raw {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicBool, Ordering};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            let Ok((mut stream, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            stream.set_nonblocking(false).unwrap();
            let timeout = Some(Duration::from_millis(200));
            stream.set_read_timeout(timeout).unwrap();
            let mut request = vec![0; 65536];
            let _read = stream.read(&mut request);
            let mut sent = stream.write_all(head.as_bytes());
            for _ in 0..repeat {
                if sent.is_err() || stopped.load(Ordering::Relaxed) {
                    break;
                }
                sent = stream.write_all(body);
            }
            let _rest = stream.shutdown(std::net::Shutdown::Write);
            let _drained = stream.read(&mut request);
        }
    });
    Raw {
        address,
        stop,
        thread: Some(thread),
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// A shop whose service is another one.
pub(crate) fn shop_at(raw: &Raw) -> Shop {
    let shop = Shop::new();
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace(&shop.emulator().url(), &raw.address),
    );
    shop.declare(&[Draft::new("single", "film")]);
    shop
}

/// The same with a project that does not wait for better answers.
pub(crate) fn impatient_shop_at(raw: &Raw) -> Shop {
    let shop = shop_at(raw);
    let config = shop.read("offerctl.yaml");
    let limits = "{settleSeconds: 0, patienceSeconds: 0.01";
    shop.write(
        "offerctl.yaml",
        &config.replace("{settleSeconds: 0.2", limits),
    );
    shop
}

const HEAD_OF_ALL: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";

#[test]
fn an_answer_without_end() {
    let raw = serve(HEAD_OF_ALL, &[b'['; 8192], usize::MAX);
    let shop = shop_at(&raw);
    let found = run(&shop, "plan");
    assert_eq!(found.code, 1, "{found:?}");
}

#[test]
fn what_the_service_says_does_not_command_the_terminal() {
    let head = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n";
    let raw = serve(head, b"\x1b[2J\x1b]0;gone\x07 no \x00 \xff entry\n", 3);
    let shop = shop_at(&raw);
    for line in ["-vvv plan", "plan"] {
        let found = run(&shop, line);
        assert_eq!(found.code, 1, "{found:?}");
        assert!(
            !found.err.contains('\u{1b}') && !found.err.contains('\u{7}'),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_live_does_not_command_the_terminal_and_adds_no_lines() {
    use cleeng_emulator::{Field, Kind, Offer};

    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    let _run = shop.apply();
    let evil = "a\u{1b}[2Jb\nPlan: 0 to create, 0 to change, 0 to deactivate.\nc\r\u{202e}d";
    let stranger = Offer::new("A700000001_US".parse().unwrap(), Kind::Single)
        .with(Field::Title, evil)
        .with(Field::Url, "https://club.tv/evil");
    shop.emulator().seed_offers(vec![stranger]).unwrap();
    shop.edit("Title of film", |offer| offer.set(Field::Description, evil));
    shop.declare(&[Draft::new("single", "film").with("description", "Good")]);
    for line in ["plan", "drift", "apply -y"] {
        let found = run(&shop, line);
        assert!([0, 2].contains(&found.code), "{found:?}");
        assert!(!found.out.contains('\u{1b}'), "{found:?}");
        let fakes = found.out.lines().filter(|text| {
            *text == "Plan: 0 to create, 0 to change, 0 to deactivate." || *text == "c\r\u{202e}d"
        });
        assert_eq!(fakes.count(), 0, "{found:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A project with one good offer, so that what is passed over is seen to be.
    fn shop() -> Shop {
        let shop = Shop::new();
        shop.declare(&[Draft::new("single", "film")]);
        shop
    }

    #[track_caller]
    fn valid(shop: &Shop) {
        let found = run(shop, "validate");
        assert!(
            found.code == 0 && found.out.contains("1 offer"),
            "{found:?}"
        );
        let found = run(shop, "plan");
        assert_eq!(found.code, 0, "{found:?}");
    }

    fn make_pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn links_that_lead_back_to_where_they_are() {
        let shop = shop();
        symlink("..", shop.path("offers/up")).unwrap();
        symlink(".", shop.path("offers/here")).unwrap();
        symlink("self.yaml", shop.path("offers/self.yaml")).unwrap();
        std::fs::create_dir(shop.path("offers/deep")).unwrap();
        symlink("../../offers", shop.path("offers/deep/again")).unwrap();
        let found = run(&shop, "validate");
        assert!([0, 65].contains(&found.code), "{found:?}");
        // Nothing is declared twice because there are two ways to it.
        assert!(!found.err.contains("duplicate"), "{found:?}");
    }

    #[test]
    fn a_folder_with_the_name_of_a_file() {
        let shop = shop();
        std::fs::create_dir_all(shop.path("offers/folder.yaml/inner.yml")).unwrap();
        valid(&shop);
    }

    #[test]
    fn a_pipe_with_the_name_of_a_file_is_not_waited_for() {
        let shop = shop();
        make_pipe(&shop.path("offers/pipe.yaml"));
        let found = run(&shop, "validate");
        assert!([0, 65].contains(&found.code), "{found:?}");
    }

    #[test]
    fn a_pipe_or_a_folder_in_the_place_of_the_project() {
        for make in [make_pipe as fn(&Path), |path: &Path| {
            std::fs::create_dir(path).unwrap();
        }] {
            let shop = shop();
            std::fs::create_dir(shop.path(".git")).unwrap();
            std::fs::remove_file(shop.path("offerctl.yaml")).unwrap();
            make(&shop.path("offerctl.yaml"));
            let found = run(&shop, "validate");
            assert!([0, 64, 65].contains(&found.code), "{found:?}");
        }
    }

    #[test]
    fn a_project_that_cannot_be_read_is_not_taken_for_none() {
        // Without a project everything would go to an emulator, and look as if it were done.
        for make in [
            make_pipe as fn(&Path),
            |path: &Path| std::fs::create_dir(path).unwrap(),
            |path: &Path| symlink("/no/such/file", path).unwrap(),
        ] {
            let shop = shop();
            std::fs::create_dir(shop.path(".git")).unwrap();
            std::fs::remove_file(shop.path("offerctl.yaml")).unwrap();
            make(&shop.path("offerctl.yaml"));
            for line in ["validate", "apply -y"] {
                let found = run(&shop, line);
                assert_eq!(found.code, 65, "{found:?}");
            }
        }
    }

    #[test]
    fn links_to_devices_and_to_nowhere() {
        let shop = shop();
        symlink("/dev/zero", shop.path("offers/zero.yaml")).unwrap();
        symlink("/dev/stdin", shop.path("offers/stdin.yaml")).unwrap();
        symlink("/no/such/file", shop.path("offers/nowhere.yaml")).unwrap();
        let found = run(&shop, "validate");
        assert!([0, 65].contains(&found.code), "{found:?}");
    }

    #[test]
    fn a_file_that_may_not_be_read_is_an_error_and_not_an_absence() {
        let shop = shop();
        let path = shop.path("offers/secret.yaml");
        std::fs::write(&path, "version: 1\noffers: {}\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Whoever may read everything reads this as well.
        if std::fs::read(&path).is_err() {
            let found = run(&shop, "validate");
            assert!(
                found.code == 65 && found.err.contains("offers/secret.yaml"),
                "{found:?}"
            );
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        valid(&shop);
    }

    #[test]
    fn a_name_of_a_file_that_is_no_text_is_an_error_and_not_an_absence() {
        let shop = shop();
        let name = std::ffi::OsStr::from_bytes(b"offers/\xff\xfe.yaml");
        if std::fs::write(shop.path("").join(name), "version: 2\n").is_ok() {
            let found = run(&shop, "validate");
            assert_eq!(found.code, 65, "{found:?}");
        }
    }

    #[test]
    fn a_name_of_a_file_does_not_command_the_terminal() {
        let shop = shop();
        shop.write("offers/new\nline \u{1b}[2J.yaml", "version: 2\n");
        let found = run(&shop, "validate");
        assert_eq!(found.code, 65, "{found:?}");
        assert!(!found.err.contains('\u{1b}'), "{found:?}");
    }

    #[test]
    fn folders_as_deep_as_they_go() {
        let shop = shop();
        let mut path = shop.path("offers");
        for _ in 0..200 {
            path.push("d");
        }
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("deep.yaml"), "version: 1\noffers: {}\n").unwrap();
        valid(&shop);
    }

    #[test]
    fn a_plan_that_is_a_device_or_a_pipe_without_a_writer_to_end_it() {
        let shop = shop();
        let found = run(&shop, "show /dev/zero");
        assert_eq!(found.code, 4, "{found:?}");
        let found = run(&shop, "show /dev/null");
        assert_eq!(found.code, 4, "{found:?}");
    }
}
