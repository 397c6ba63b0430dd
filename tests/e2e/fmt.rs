//! `fmt`: what it writes, what it leaves, and how it ends.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Draft, Run, Shop, offerctl};

const UNTIDY: &str = "# yaml-language-server: $schema=x.json
offers:
  film:
      price:   12.00 # each
      title: 'Film'
      # Where it is.
      url: \"https://club.tv/film\"
      type: single
version: 1
";

const TIDY: &str = "# yaml-language-server: $schema=x.json
version: 1

offers:
  film:
    type: single
    title: Film
    # Where it is.
    url: \"https://club.tv/film\"
    price: 12.00  # each
";

fn untidy() -> Shop {
    let shop = Shop::new();
    shop.write("offers/untidy.yaml", UNTIDY);
    shop.write("offers/tidy.yaml", &TIDY.replace("film", "serial"));
    shop
}

/// Runs a line with a text on standard input.
fn with_input(shop: &Shop, line: &str, input: &str) -> Run {
    let mut command = shop.command(line);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    Run::from_output(&process.wait_with_output().unwrap(), line)
}

#[test]
fn untidy_files_are_written_and_named() {
    let shop = untidy();
    let run = shop.run("fmt").exits(0);
    assert_eq!(run.out, "offers/untidy.yaml\n");
    assert!(run.err.contains("Formatted: 1 of 2 files."), "{run:?}");
    assert_eq!(shop.read("offers/untidy.yaml"), TIDY);
    let run = shop.run("fmt").exits(0);
    assert_eq!(run.out, "");
    assert_eq!(shop.requests().write_calls(), 0);
}

#[test]
fn check_writes_nothing_and_exits_with_1() {
    let shop = untidy();
    let before = shop.files();
    let run = shop.run("fmt --check").exits(1);
    assert_eq!(run.out, "offers/untidy.yaml\n");
    assert_eq!(shop.files(), before);
    let run = shop.run("fmt --check --format json").exits(1);
    assert_eq!(
        run.json()["changed"],
        serde_json::json!(["offers/untidy.yaml"])
    );
    shop.fits("format", &run.json());
    assert_eq!(shop.files(), before);
    let _formatted = shop.run("fmt -q").exits(0);
    let run = shop.run("fmt --check --format json").exits(0);
    assert_eq!(
        run.json(),
        serde_json::json!({"formatVersion": 1, "changed": []})
    );
}

#[test]
fn the_lines_that_change_can_be_shown() {
    let shop = untidy();
    let run = shop.run("fmt --check --diff").exits(1);
    assert!(
        run.out
            .starts_with("--- offers/untidy.yaml\n+++ offers/untidy.yaml\n@@ "),
        "{run:?}"
    );
    assert!(run.out.contains("\n-      title: 'Film'\n"), "{run:?}");
    assert!(run.out.contains("\n+    title: Film\n"), "{run:?}");
    assert_eq!(shop.read("offers/untidy.yaml"), UNTIDY);
    let _refused = shop.run("fmt --diff --format json").exits(64);
}

#[test]
fn a_mistake_in_one_file_leaves_all_as_they_are() {
    let shop = untidy();
    shop.write(
        "offers/wrong.yaml",
        "version: 1\noffers: {a: {type: pas}}\n",
    );
    let before = shop.files();
    for line in [
        "fmt",
        "fmt --check",
        "fmt offers/untidy.yaml offers/wrong.yaml",
    ] {
        let run = shop.run(line).exits(65);
        assert_eq!(run.out, "");
        assert!(run.err.contains("offers/wrong.yaml:2:20"), "{run:?}");
        assert!(run.err.contains("did you mean `pass`?"), "{run:?}");
        assert_eq!(shop.files(), before);
    }
    let run = shop.run("fmt offers/untidy.yaml").exits(0);
    assert_eq!(run.out, "offers/untidy.yaml\n");
    let _missing = shop.run("fmt offers/none.yaml").exits(65);
    let run = shop.run("fmt offers").exits(65);
    assert!(run.err.contains("it is no regular file"), "{run:?}");
}

#[test]
fn a_layout_that_cannot_be_followed_is_refused_at_its_place() {
    let shop = untidy();
    let text = TIDY.replace("title: Film", "title: \"Film\r      on tape\"");
    shop.write("offers/odd.yaml", &text.replace("film:", "tape:"));
    let before = shop.files();
    let run = shop.run("fmt").exits(65);
    assert!(run.err.contains("`offers/odd.yaml`: "), "{run:?}");
    assert!(run.err.contains("at 7:"), "{run:?}");
    assert_eq!(shop.files(), before);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let shop = untidy();
    let before = shop.files();
    assert_eq!(with_input(&shop, "fmt -", UNTIDY).exits(0).out, TIDY);
    assert_eq!(with_input(&shop, "fmt -", TIDY).exits(0).out, TIDY);
    let run = with_input(&shop, "fmt --check -", UNTIDY).exits(1);
    assert_eq!(run.out, "<standard input>\n");
    let run = with_input(&shop, "fmt -", "version: 2\n").exits(65);
    assert_eq!(run.out, "");
    let _both = with_input(&shop, "fmt - offers/untidy.yaml", UNTIDY).exits(64);
    assert_eq!(shop.files(), before);
}

#[test]
fn marks_and_line_ends_stay() {
    let shop = Shop::new();
    let text = format!("\u{feff}{}", UNTIDY.replace('\n', "\r\n"));
    shop.write("offers/all.yaml", &text);
    let _formatted = shop.run("fmt").exits(0);
    let expected = format!("\u{feff}{}", TIDY.replace('\n', "\r\n"));
    assert_eq!(shop.read("offers/all.yaml"), expected);
    let run = with_input(&shop, "fmt -", &format!("\u{feff}{TIDY}\n\n")).exits(0);
    assert_eq!(run.out, format!("\u{feff}{TIDY}"));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let shop = Shop::new();
    shop.write("shared/film.yaml", UNTIDY);
    std::fs::create_dir(shop.path("offers")).unwrap();
    std::os::unix::fs::symlink("../shared/film.yaml", shop.path("offers/film.yaml")).unwrap();
    let run = shop.run("fmt").exits(0);
    assert_eq!(run.out, "offers/film.yaml\n");
    assert!(shop.path("offers/film.yaml").is_symlink());
    assert_eq!(shop.read("shared/film.yaml"), TIDY);
}

#[test]
fn formatting_plans_nothing() {
    let shop = Shop::new();
    let drafts = ["single", "pass", "subscription", "event", "vod", "rental"];
    shop.declare(&drafts.map(|kind| Draft::new(kind, kind)));
    let _applied = shop.apply();
    let before = shop.read("offers/all.yaml");
    let _formatted = shop.run("fmt").exits(0);
    assert_ne!(shop.read("offers/all.yaml"), before);
    shop.expect_no_changes();
}

#[test]
fn the_example_is_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../offers.example");
    let mut command: Command = offerctl(&root);
    let run = Run::of(
        command.args(["fmt", "--check", "--diff"]),
        "fmt --check --diff",
    );
    assert_eq!(run.code, 0, "{run:?}");
}
