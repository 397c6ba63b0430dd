//! `offerctl emulator`, `completions` and `schema`: the commands that need no project.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::support::{Draft, Run, Shop, TOKEN, offerctl};

/// An emulator in a process of its own.
struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    url: String,
}

fn serve(folder: &Path, flags: &str) -> Served {
    let mut command = offerctl(folder);
    command
        .args(["emulator", "--listen", "127.0.0.1:0"])
        .args(flags.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let url = line
        .strip_prefix("listening on ")
        .and_then(|rest| rest.strip_suffix('\n'))
        .unwrap_or_else(|| panic!("{line:?}"))
        .to_owned();
    Served { child, out, url }
}

impl Served {
    /// Asks it to end, and returns its code and the rest of what it printed.
    fn end(mut self, signal: &str) -> (Option<i32>, String, String) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let code = self.child.wait().unwrap().code();
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        (code, out, err)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// A project that is applied to an emulator elsewhere.
fn shop_at(served: &Served) -> Shop {
    let shop = Shop::new();
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace(&shop.emulator().url(), &served.url),
    );
    shop
}

#[cfg(unix)]
#[test]
fn the_first_line_says_where_it_listens_and_a_signal_ends_it() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let served = serve(folder.path(), "");
        let port = served.url.strip_prefix("http://127.0.0.1:").unwrap();
        assert_ne!(port.parse::<u16>().unwrap(), 0);
        let shop = shop_at(&served);
        shop.declare(&[Draft::new("single", "film")]);
        let _run = shop.apply();
        shop.run("apply -y").exits(0).says("No changes.");
        let (code, out, err) = served.end(signal);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_data_file_keeps_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("catalogue.jsonl");
    let flags = format!("--data {}", data.display());
    let served = serve(folder.path(), &flags);
    let shop = shop_at(&served);
    let drafts = [
        Draft::new("single", "film"),
        Draft::new("subscription", "world").localized(),
    ];
    shop.declare(&drafts);
    let _run = shop.apply();
    let (code, _, _) = served.end("-TERM");
    assert_eq!(code, Some(0));
    assert!(data.is_file());
    let again = serve(folder.path(), &flags);
    let shop_again = shop_at(&again);
    shop_again.declare(&drafts);
    let document = shop_again.run("plan --format json").exits(0).json();
    assert_eq!(document["summary"]["adopt"], 2, "{document:#}");
    assert_eq!(document["summary"]["create"], 0, "{document:#}");
}

#[cfg(unix)]
#[test]
fn a_data_file_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("catalogue.jsonl");
    let flags = format!("--data {}", data.display());
    let served = serve(folder.path(), &flags);
    let shop = shop_at(&served);
    shop.declare(&[Draft::new("single", "film")]);
    let _run = shop.apply();
    drop(served);
    let again = serve(folder.path(), &flags);
    let shop_again = shop_at(&again);
    shop_again.declare(&[Draft::new("single", "film")]);
    let document = shop_again.run("plan --format json").exits(0).json();
    assert_eq!(document["summary"]["adopt"], 1, "{document:#}");
}

#[test]
fn only_the_token_that_was_given_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve(folder.path(), &format!("--token {TOKEN}"));
    let shop = shop_at(&served);
    shop.declare(&[Draft::new("single", "film")]);
    let _run = shop.apply();
    let mut command = shop.command("plan");
    command.env("CLEENG_PUBLISHER_TOKEN", "another");
    let _run = Run::of(&mut command, "plan").exits(1);
}

/// What a page of that origin, or a program, gets from the emulator.
fn asked_from(served: &Served, origin: Option<&str>) -> String {
    let address = served.url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
    let request = format!(
        "GET /_emulator/requests HTTP/1.1\r\nHost: {address}\r\n{origin}Connection: close\r\n\r\n"
    );
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn web_pages_are_served_only_where_a_flag_allows_them() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "--allow-origin http://localhost:3000 --allow-origin https://app.example";
    let served = serve(folder.path(), flags);
    assert!(asked_from(&served, None).starts_with("HTTP/1.1 200"));
    for origin in ["http://localhost:3000", "https://app.example"] {
        let answer = asked_from(&served, Some(origin));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let header = format!("access-control-allow-origin: {origin}\r\n");
        assert!(answer.contains(&header), "{answer}");
    }
    let answer = asked_from(&served, Some("https://evil.example"));
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(
        answer.contains("--allow-origin https://evil.example"),
        "{answer}"
    );
}

#[test]
fn the_current_profile_lacks_what_is_no_longer_available() {
    let folder = tempfile::tempdir().unwrap();
    for (profile, code) in [("classic", 0), ("current", 1)] {
        let served = serve(folder.path(), &format!("--profile {profile}"));
        let shop = shop_at(&served);
        shop.declare(&[Draft::new("pass", "news")]);
        let _run = shop.apply();
        shop.declare(&[Draft::new("pass", "news").with("description", "New")]);
        let run = shop.run("apply -y").exits(code);
        assert!(
            code == 0 || run.out.contains("updatePassOffer"),
            "it says which method: {run:?}"
        );
    }
}

#[test]
fn faults_quirks_and_the_account_come_from_flags() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve(
        folder.path(),
        "--fault createSingleOffer=error:8 --fault list*#1=cut --quirk vod-price=net \
         --publisher-email sales@club.tv --country NO --currency NOK --tax-rate 0.25 --latency 5 --seed 7",
    );
    let shop = shop_at(&served);
    shop.declare(&[Draft::new("single", "film"), Draft::new("pass", "news")]);
    let run = shop.run("apply -y --format json").exits(5);
    assert_eq!(run.json()["summary"]["failed"], 1);
    shop.run("plan").exits(0).says("sales@club.tv").says("NOK");
}

#[test]
fn what_cannot_be_is_sixty_four() {
    let shop = Shop::new();
    for flags in [
        "--listen nowhere",
        "--listen 127.0.0.1",
        "--listen 127.0.0.1:99999",
        "--profile modern",
        "--fault bogus",
        "--fault createPassOffer",
        "--fault createPassOffer=explode",
        "--fault createPassOffer#0=cut",
        "--fault listPassOffers=ignore:price",
        "--fault deletePassOffer=cut",
        "--quirk bogus",
        "--quirk vod-price=sideways",
        "--allow-origin app.example",
        "--allow-origin https://app.example/path",
        "--allow-origin *",
        "--country Norway",
        "--currency dollars",
        "--tax-rate much",
        "--latency soon",
        "--seed x",
        "--bogus",
        "extra",
    ] {
        let run = shop.run(&format!("emulator {flags}")).exits(64);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{run:?}");
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_said() {
    let shop = Shop::new();
    shop.run("emulator --fault createPassOffer=explode")
        .exits(64)
        .complains("--fault createPassOffer=explode")
        .complains("explode");
    shop.run("emulator --tax-rate 7").complains("tax rate");
}

#[test]
fn an_address_that_is_taken_and_a_file_that_is_no_catalogue_are_errors() {
    let shop = Shop::new();
    let address = shop.emulator().addr();
    let run = shop.run(&format!("emulator --listen {address}")).exits(1);
    assert!(
        run.out.is_empty() && run.err.contains(&address.to_string()),
        "{run:?}"
    );
    shop.write("catalogue.jsonl", "no catalogue\n");
    let before = shop.files();
    shop.run("emulator --listen 127.0.0.1:0 --data catalogue.jsonl")
        .exits(1);
    assert_eq!(shop.files(), before, "what is not understood is left alone");
}

#[test]
fn help_documents_the_rules() {
    let shop = Shop::new();
    let run = shop.run("emulator --help").exits(0);
    for words in [
        "METHOD[#NTH]=ACTION",
        "cut",
        "garbage",
        "late:",
        "Quirks",
        "vod-price",
        "--allow-origin",
        "Web pages cannot reach the emulator",
    ] {
        assert!(run.out.contains(words), "no {words}");
    }
}

#[test]
fn a_manual_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::of(offerctl(folder.path()).arg("man"), "man").exits(0);
    assert!(run.out.starts_with(".ie"), "{run:?}");
    assert!(run.out.contains(".TH offerctl 1"), "{run:?}");
    let line = "man --into pages/man1";
    let _run = Run::of(offerctl(folder.path()).args(line.split(' ')), line).exits(0);
    for name in ["offerctl", "offerctl-plan", "offerctl-state-rebuild"] {
        let path = folder.path().join(format!("pages/man1/{name}.1"));
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
    }
    std::fs::write(folder.path().join("file"), "").unwrap();
    let line = "man --into file";
    let _run = Run::of(offerctl(folder.path()).args(line.split(' ')), line).exits(1);
}

#[test]
fn completions_for_every_shell() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let line = format!("completions {shell}");
        let run = Run::of(offerctl(folder.path()).args(line.split_whitespace()), &line).exits(0);
        assert!(run.err.is_empty());
        for word in ["offerctl", "allow-deactivations", "adopt"] {
            assert!(run.out.contains(word), "{shell} lacks {word}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_schema_is_the_one_in_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut found = 0;
    for entry in std::fs::read_dir(&schemas).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(kind) = name.strip_suffix(".v1.schema.json") else {
            continue;
        };
        found += 1;
        let line = format!("schema {kind}");
        let run = Run::of(offerctl(folder.path()).args(line.split_whitespace()), &line).exits(0);
        assert_eq!(run.out, std::fs::read_to_string(&path).unwrap(), "{kind}");
        let schema: Json = run.json();
        assert!(
            jsonschema::meta::is_valid(&schema) && schema["title"].is_string(),
            "{kind}"
        );
    }
    assert!(found >= 4, "{found}");
}

#[test]
fn the_schema_of_manifests_refuses_mistakes() {
    let shop = Shop::new();
    let run = shop.run("schema manifest").exits(0);
    let validator = jsonschema::validator_for(&run.json()).unwrap();
    let json = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
    let good = json(
        r#"{"version": 1, "offers": {"film": {"type": "single", "title": "Film", "url": "https://club.tv/film", "price": 9.99}}}"#,
    );
    assert!(validator.is_valid(&good));
    for bad in [
        r#"{"offers": {}}"#,
        r#"{"version": 2, "offers": {}}"#,
        r#"{"version": 1, "offers": {}, "offer": {}}"#,
        r#"{"version": 1, "offers": {"film": {"type": "movie"}}}"#,
        r#"{"version": 1, "offers": {"film": {"type": "single", "prise": 9.99}}}"#,
        r#"{"version": 1, "offers": {"Film!": {"type": "single"}}}"#,
    ] {
        assert!(!validator.is_valid(&json(bad)), "{bad}");
    }
}
