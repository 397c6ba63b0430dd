//! Projects: where they are found, environments, tokens, flags, and what goes to which stream.

use std::process::{Command, Stdio};

use cleeng_emulator::{Account, Config, Token};
use serde_json::Value as Json;

use crate::support::{Draft, Run, STATE, Shop, TOKEN, offerctl};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

fn shop_with_an_offer() -> Shop {
    let shop = Shop::new();
    shop.declare(&[single("film")]);
    shop
}

/// Runs a line in a folder of the project, with more of an environment.
fn run_in(shop: &Shop, folder: &str, line: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = shop.command(line);
    command
        .current_dir(shop.path(folder))
        .envs(variables.iter().copied());
    Run::of(&mut command, line)
}

#[test]
fn the_project_is_found_above_up_to_the_root_of_the_repository() {
    let shop = shop_with_an_offer();
    std::fs::create_dir_all(shop.path("deep/er")).unwrap();
    let run = run_in(&shop, "deep/er", "plan", &[]).exits(0);
    assert!(run.out.contains("+ create film"), "{run:?}");
    let _run = run_in(&shop, "deep/er", "apply -y", &[]).exits(0);
    assert!(
        shop.path(STATE).is_file(),
        "the state is beside the project"
    );
    // A repository of its own begins here: what is above is none of its business.
    std::fs::create_dir_all(shop.path("deep/.git")).unwrap();
    let run = run_in(&shop, "deep/er", "plan", &[]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.out.contains("no-manifests"), "{run:?}");
}

#[test]
fn the_folder_of_the_project_can_be_named() {
    let shop = shop_with_an_offer();
    for folder in [".", "offers", "./offers/../"] {
        let line = format!("-C {folder} plan --format json");
        let run = shop.run(&line).exits(0);
        assert_eq!(run.json()["summary"]["create"], 1);
    }
    let line = format!("plan --directory {}", shop.path("").display());
    let mut command = shop.command(&line);
    command.current_dir("/");
    Run::of(&mut command, &line).exits(0).says("+ create film");
    let run = run_in(&shop, "offers", "plan", &[("OFFERCTL_DIRECTORY", "..")]);
    assert_eq!(run.code, 0, "{run:?}");
    for wrong in ["nowhere", "offerctl.yaml"] {
        for command in ["plan", "validate", "apply -y", "drift", "state list"] {
            let run = shop.run(&format!("-C {wrong} {command}")).exits(64);
            assert!(run.err.contains(wrong), "{run:?}");
        }
    }
}

#[test]
fn a_folder_without_a_project_file_has_an_environment_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("offers/sub")).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let text = format!("version: 1\noffers:\n{}", single("film").yaml());
    std::fs::write(folder.path().join("offers/sub/all.yml"), text).unwrap();
    let run = |line: &str| Run::of(offerctl(folder.path()).args(line.split_whitespace()), line);
    run("validate").exits(0).says("for local");
    let _run = run("plan").exits(0).says("local (embedded emulator");
    let _run = run("apply -y").exits(0);
    let _run = run("apply -y -e local").exits(0).says("No changes.");
    let _run = run("plan -e shop").exits(64);
    assert!(folder.path().join(".offerctl/local/state.json").is_file());
    assert!(
        folder
            .path()
            .join(".offerctl/local/emulator.jsonl")
            .is_file()
    );
}

/// Adds an environment, and perhaps more.
fn with_another(shop: &Shop, more: &str) {
    shop.configure(&format!("  market: {{endpoint: emulator}}\n{more}"));
}

#[test]
fn several_environments_need_a_name_or_a_default() {
    let shop = shop_with_an_offer();
    with_another(&shop, "");
    for line in ["plan", "apply -y", "drift", "state list", "apply --dry-run"] {
        let run = shop.run(line).exits(64);
        assert!(
            run.err.contains("`shop`") && run.err.contains("`market`") && run.err.contains("-e"),
            "{run:?}"
        );
    }
    shop.run("validate").exits(0).says("market, shop");
    shop.run("plan -e shop").exits(0).says("shop (");
    shop.run("plan --environment market").exits(0);
    let run = run_in(&shop, ".", "plan", &[("OFFERCTL_ENVIRONMENT", "market")]);
    assert!(run.code == 0 && run.out.contains("market ("), "{run:?}");
    with_another(&shop, "defaultEnvironment: market\n");
    shop.run("plan").exits(0).says("market (");
    shop.run("plan -e shop").exits(0).says("shop (");
}

#[test]
fn an_offer_is_in_the_environments_that_it_names() {
    let shop = Shop::new();
    with_another(&shop, "");
    shop.declare(&[
        single("film"),
        single("here").with("only", "[shop]"),
        single("there").with("only", "[market]"),
    ]);
    for (environment, expected) in [("shop", ["film", "here"]), ("market", ["film", "there"])] {
        let document = shop
            .run(&format!("plan -e {environment} --format json"))
            .exits(0)
            .json();
        let names: Vec<&str> = document["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected);
        assert_eq!(document["environment"], environment);
    }
    // What leaves an environment goes there, and stays elsewhere.
    shop.run("apply -y -e shop").exits(0);
    shop.declare(&[single("film"), single("here").with("only", "[market]")]);
    shop.run("plan -e shop").exits(0).says("- deactivate here");
}

#[test]
fn variables_are_those_of_the_environment() {
    let shop = Shop::new();
    shop.configure(
        "    vars: {site: \"https://staging.club.tv\"}\n  market: {endpoint: emulator, vars: {site: \"https://club.tv\"}}\n",
    );
    shop.declare(&[single("film").with("url", "\"${vars.site}/film\"")]);
    for (environment, url) in [
        ("shop", "https://staging.club.tv/film"),
        ("market", "https://club.tv/film"),
    ] {
        shop.run(&format!("plan -e {environment}"))
            .exits(0)
            .says(url);
    }
    shop.configure("  market: {endpoint: emulator, vars: {site: \"https://club.tv\"}}\n");
    let run = shop.run("validate --format json").exits(65);
    let document = run.json();
    assert_eq!(
        document["diagnostics"][0]["environments"],
        serde_json::json!(["shop"])
    );
    shop.run("validate").exits(65).says("shop");
    shop.run("validate -e market").exits(0);
    shop.run("plan -e market").exits(0);
    shop.run("plan -e shop").exits(65);
}

/// A shop that takes no token but one.
fn guarded(token: &str) -> Shop {
    let shop = Shop::with_emulator(Config {
        account: Account {
            token: Some(Token::new(TOKEN)),
            ..Account::default()
        },
        ..Config::default()
    });
    shop.declare(&[single("film")]);
    shop.configure(&format!("    token: {token}\n"));
    shop
}

#[test]
fn the_token_comes_from_a_variable_a_file_or_a_program() {
    let shop = guarded("{env: SHOP_TOKEN}");
    let _run = run_in(&shop, ".", "plan", &[("SHOP_TOKEN", TOKEN)]).exits(0);
    let _run = run_in(&shop, ".", "plan", &[("SHOP_TOKEN", "another")]).exits(1);
    let _run = run_in(&shop, ".", "plan", &[("SHOP_TOKEN", "")]).exits(1);
    shop.run("plan").exits(1).complains("SHOP_TOKEN");
    for text in [
        TOKEN.to_owned(),
        format!("{TOKEN}\n"),
        format!("{TOKEN}\r\n"),
    ] {
        let shop = guarded("{file: secrets/token}");
        shop.write("secrets/token", &text);
        shop.run("plan").exits(0);
        let _run = run_in(&shop, "offers", "plan", &[]).exits(0);
    }
    let shop = guarded("{command: [printf, \"%s\", canary-token-7f3a9c51e2d84b06]}");
    shop.run("plan").exits(0);
}

#[test]
fn a_token_that_cannot_be_had_is_an_error_that_says_where_it_was_looked_for() {
    for (token, words) in [
        ("{env: NO_SUCH_VARIABLE}", "NO_SUCH_VARIABLE"),
        ("{file: no/such/file}", "no/such/file"),
        ("{command: [no-such-program]}", "shop"),
        (
            "{command: [sh, -c, \"echo secret-words >&2; exit 3\"]}",
            "shop",
        ),
        ("{command: [\"true\"]}", "shop"),
    ] {
        let shop = guarded(token);
        for line in ["plan", "apply -y", "drift"] {
            let run = shop.run(line).exits(1);
            assert!(run.err.contains(words), "{run:?}");
            assert!(!run.err.contains("secret-words"), "{run:?}");
        }
        assert_eq!(shop.requests().http_requests(), 0);
        shop.run("validate").exits(0);
        shop.run("state list").exits(0);
    }
}

#[test]
fn an_endpoint_may_be_written_in_several_ways() {
    let shop = shop_with_an_offer();
    let _run = shop.apply();
    let config = shop.read("offerctl.yaml");
    let url = shop.emulator().url();
    for ending in ["", "/", "/3.0/json-rpc", "/3.0/json-rpc/"] {
        shop.write(
            "offerctl.yaml",
            &config.replace(&url, &format!("\"{url}{ending}\"")),
        );
        shop.run("plan --detailed-exitcode").exits(0);
    }
    for wrong in [
        "ftp://club.tv",
        "localhost:8787",
        "127.0.0.1",
        "http://",
        "Emulator",
        "\"\"",
        "http://user:canary-token-7f3a9c51e2d84b06@club.tv",
    ] {
        shop.write("offerctl.yaml", &config.replace(&url, wrong));
        shop.run("plan").exits(65);
        shop.run("validate").exits(65);
    }
}

#[test]
fn the_state_of_a_real_account_is_not_kept_on_the_disk_of_a_runner() {
    let shop = Shop::new();
    shop.declare(&[single("film")]);
    for site in ["sandbox", "production"] {
        shop.write(
            "offerctl.yaml",
            &format!("version: 1\nenvironments:\n  shop: {{site: {site}}}\n"),
        );
        let run = run_in(&shop, ".", "apply -y", &[("CI", "true")]).exits(65);
        assert!(run.err.contains("`state`"), "{run:?}");
    }
    // An emulator is no real account.
    shop.configure("");
    let _run = run_in(&shop, ".", "apply -y", &[("CI", "true")]).exits(0);
}

#[test]
fn an_environment_that_is_to_be_confirmed_is_named_and_nothing_stands_in_for_it() {
    let shop = shop_with_an_offer();
    shop.configure("    confirm: true\n");
    for line in [
        "apply",
        "apply -y",
        "apply -y --no-input",
        "apply --confirm other",
        "apply -y --confirm other",
        "apply -y --confirm Shop",
    ] {
        let run = shop.run(line).exits(64);
        assert!(
            run.err.contains("--confirm") && run.err.contains("shop"),
            "{run:?}"
        );
    }
    shop.run("plan --out plan.json").exits(0);
    shop.run("apply plan.json").exits(64);
    shop.run("apply plan.json -y").exits(64);
    assert_eq!(shop.writes(), 0);
    shop.run("apply --dry-run").exits(0);
    shop.run("apply plan.json --confirm shop").exits(0);
    assert_eq!(shop.writes(), 1);
    shop.declare(&[single("film").with("description", "New")]);
    shop.run("apply --confirm shop").exits(0);
    shop.run("apply -y --confirm shop").exits(0);
}

#[test]
fn naming_the_environment_is_an_approval_where_none_was_asked_for() {
    let shop = shop_with_an_offer();
    shop.run("apply").exits(64).complains("--auto-approve");
    shop.run("apply --no-input")
        .exits(64)
        .complains("--auto-approve");
    shop.run("apply --confirm other").exits(64);
    assert_eq!(shop.writes(), 0);
    for line in ["apply --yes", "apply -y --no-input"] {
        shop.run(line).exits(0);
    }
}

#[test]
fn settings_may_come_from_the_environment() {
    let shop = shop_with_an_offer();
    let run = run_in(&shop, ".", "plan", &[("OFFERCTL_FORMAT", "json")]).exits(0);
    assert_eq!(run.json()["summary"]["create"], 1);
    // A flag goes before a variable.
    let run = run_in(
        &shop,
        ".",
        "plan --format text",
        &[("OFFERCTL_FORMAT", "json")],
    );
    assert!(run.code == 0 && run.out.contains("+ create"), "{run:?}");
    for value in ["1", "true", "yes"] {
        let run = run_in(&shop, ".", "apply", &[("OFFERCTL_NO_INPUT", value)]).exits(64);
        assert!(run.err.contains("--auto-approve"), "{run:?}");
    }
    for value in ["0", "false", ""] {
        let _run = run_in(&shop, ".", "plan", &[("OFFERCTL_NO_INPUT", value)]).exits(0);
    }
    let _run = run_in(&shop, ".", "plan", &[("OFFERCTL_FORMAT", "yaml")]).exits(64);
}

#[test]
fn quiet_leaves_data_and_errors() {
    let shop = shop_with_an_offer();
    for line in ["-q plan", "apply -y -q", "drift --quiet", "-q validate"] {
        let run = shop.run(line).exits(0);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{run:?}");
    }
    shop.offers("  film: {type: single}\n");
    let run = shop.run("-q validate").exits(65);
    assert!(run.err.contains("error"), "{run:?}");
    let run = shop.run("-q plan").exits(65);
    assert!(run.err.contains("error"), "{run:?}");
}

#[test]
fn verbose_says_more_on_standard_error_and_the_same_as_data() {
    let shop = shop_with_an_offer();
    let _run = shop.apply();
    let texts: Vec<Run> = ["plan", "-v plan", "-vv plan", "-vvv plan"]
        .iter()
        .map(|line| shop.run(line).exits(0))
        .collect();
    for run in &texts {
        assert_eq!(run.out, texts[0].out);
    }
    assert!(texts[0].err.is_empty());
    assert!(texts[3].err.len() > texts[0].err.len());
    assert!(texts[3].err.contains("list"), "{:?}", texts[3]);
}

#[test]
fn log_lines_may_be_json() {
    let shop = shop_with_an_offer();
    for line in ["plan", "apply -y", "drift", "plan --format json"] {
        let run = shop.run(&format!("-vvv --log-format json {line}")).exits(0);
        assert!(!run.err.is_empty());
        for line in run.err.lines() {
            let parsed: Result<Json, _> = serde_json::from_str(line);
            assert!(parsed.is_ok_and(|json| json.is_object()), "{line}");
        }
    }
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let shop = Shop::new();
    shop.declare(&[single("film"), Draft::new("pass", "news")]);
    let lines = [
        ("plan", 0),
        ("plan --out plan.json --steps", 0),
        ("show plan.json", 0),
        ("show plan.json --steps", 0),
        ("apply --dry-run", 0),
        ("apply -y", 0),
        ("apply -y", 0),
        ("plan", 0),
        ("drift", 0),
        ("validate", 0),
        ("state list", 0),
        ("state show film", 0),
        ("schema plan", 0),
    ];
    for (line, code) in lines {
        let run = shop.run(&format!("{line} --format json")).exits(code);
        assert!(run.json().is_object(), "{run:?}");
        assert!(run.out.ends_with('\n'), "{run:?}");
    }
    for line in ["plan", "apply -y", "drift", "validate", "state list"] {
        let document = shop.run(&format!("{line} --format json")).json();
        assert_eq!(document["formatVersion"], 1, "{line}");
    }
    shop.declare(&[single("film").with("price", "1.00")]);
    for line in ["plan", "apply -y", "apply --dry-run"] {
        let run = shop.run(&format!("{line} --format json")).exits(3);
        assert!(
            !run.json()["refusals"].as_array().unwrap().is_empty(),
            "{run:?}"
        );
    }
}

#[test]
fn an_error_is_on_standard_error_and_leaves_no_half_document() {
    let shop = shop_with_an_offer();
    shop.fault("*=error:1");
    for line in ["plan", "apply -y", "drift"] {
        for format in ["text", "json"] {
            let run = shop.run(&format!("{line} --format {format}")).exits(1);
            assert!(run.out.is_empty() && run.err.contains("error:"), "{run:?}");
        }
    }
}

const ESCAPE: &str = "\u{1b}[";

#[test]
fn colours_are_for_terminals_or_for_whoever_asks() {
    let shop = shop_with_an_offer();
    shop.declare(&[single("film"), single("other").with("price", "0.01")]);
    let coloured = |line: &str, variables: &[(&str, &str)]| {
        let run = run_in(&shop, ".", line, variables);
        run.out.contains(ESCAPE) || run.err.contains(ESCAPE)
    };
    shop.declare(&[single("film")]);
    assert!(!coloured("plan", &[]));
    assert!(!coloured("plan --color never", &[]));
    assert!(!coloured(
        "plan --color auto",
        &[("TERM", "xterm-256color")]
    ));
    assert!(coloured("plan --color always", &[]));
    assert!(!coloured("plan", &[("NO_COLOR", "1")]));
    assert!(!coloured(
        "plan",
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]
    ));
    assert!(coloured("plan --color always", &[("NO_COLOR", "1")]));
    assert!(!coloured("plan --format json --color always", &[]));
    // Errors and diagnostics are words too.
    shop.write("offers/broken.yaml", "version: 2\n");
    assert!(!coloured("validate", &[]));
    assert!(coloured("validate --color always", &[]));
}

#[test]
fn every_symbol_has_its_word_without_colour() {
    let shop = Shop::new();
    shop.declare(&[single("film"), single("gone")]);
    let _run = shop.apply();
    shop.declare(&[
        single("film").with("price", "12.00"),
        Draft::new("pass", "new"),
    ]);
    let run = shop.run("plan").exits(0);
    for words in ["+ create new", "~ update film", "- deactivate gone"] {
        assert!(run.out.contains(words), "{run:?}");
    }
    assert_eq!(
        run.out.lines().last().unwrap(),
        "Plan: 1 to create, 1 to change, 1 to deactivate."
    );
    for word in ["10.00", "12.00", "USD", "+20.0 %"] {
        assert!(run.out.contains(word), "no {word} in {run:?}");
    }
}

/// Runs a line whose reader goes away at once.
fn with_closed_pipes(shop: &Shop, line: &str, both: bool) -> (Option<i32>, String) {
    let mut command = shop.command(line);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let mut words = String::new();
    if both {
        drop(child.stderr.take());
    } else {
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut words).unwrap();
    }
    (child.wait().unwrap().code(), words)
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let shop = Shop::new();
    let drafts: Vec<Draft> = (0..400)
        .map(|index| single(&format!("film-{index}")))
        .collect();
    shop.declare(&drafts);
    for line in [
        "plan",
        "plan --format json",
        "plan --steps",
        "validate",
        "schema manifest",
        "completions bash",
        "--help",
        "apply --dry-run",
        "apply -y",
        "state list",
    ] {
        for both in [false, true] {
            let (code, words) = with_closed_pipes(&shop, line, both);
            assert_eq!(code, Some(0), "{line}: {words}");
            assert!(
                !words.contains("panicked") && !words.to_lowercase().contains("pipe"),
                "{line}: {words}"
            );
        }
    }
    assert_eq!(shop.emulator().offers().len(), 400, "it was applied");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error_and_no_silence() {
    let shop = shop_with_an_offer();
    for line in [
        "plan",
        "plan --format json",
        "validate",
        "state list",
        "schema plan",
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut command = shop.command(line);
        command.stdout(full.unwrap()).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        // An empty list has nothing to be written.
        let nothing = line == "state list";
        assert!(
            output.status.code() == Some(1) || nothing,
            "{line}: {output:?}"
        );
        assert!(words.contains("standard output") || nothing, "{words}");
    }
    // What was applied is applied, whoever learns of it.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = shop.command("apply -y");
    command.stdout(full.unwrap()).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("standard output"),
        "{output:?}"
    );
    assert_eq!(shop.active("Title of film").len(), 1);
    shop.expect_no_changes();
}

#[test]
fn help_fits_into_eighty_columns() {
    let shop = Shop::new();
    for line in [
        "--help",
        "help plan",
        "help apply",
        "help state",
        "help emulator",
        "-h",
        "plan -h",
    ] {
        let run = run_in(&shop, ".", line, &[("COLUMNS", "80")]).exits(0);
        for text in run.out.lines() {
            assert!(text.chars().count() <= 80, "{line}: {text}");
        }
    }
}

#[test]
fn a_wrong_flag_names_what_was_meant() {
    let shop = Shop::new();
    for (line, meant) in [
        ("plan --detailed-exitcod", "--detailed-exitcode"),
        ("aply", "apply"),
        ("apply --allow-deactivation 3", "--allow-deactivations"),
        ("state adpt film A1", "adopt"),
    ] {
        let run = shop.run(line).exits(64);
        assert!(run.err.contains(meant), "{run:?}");
    }
}

/// Runs a line on a terminal, and types something; `None` where there is no program that makes a terminal.
fn on_a_terminal(shop: &Shop, line: &str, typed: &str) -> Option<(i32, String)> {
    use std::io::Write;

    let binary = env!("CARGO_BIN_EXE_offerctl");
    let mut command = Command::new("script");
    command
        .args(["-qec", &format!("{binary} {line}"), "/dev/null"])
        .current_dir(shop.path("."))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", shop.path("."))
        .env("TERM", "xterm")
        .env("CLEENG_PUBLISHER_TOKEN", TOKEN)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(typed.as_bytes()).unwrap();
    // It stays open: whoever sits there may think for a while.
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    let seen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!seen.contains(TOKEN), "{seen}");
    Some((output.status.code().unwrap_or(-1), seen))
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_only_yes_is_taken_for_an_answer() {
    for (typed, applies) in [
        ("yes\n", true),
        ("y\n", false),
        ("YES\n", false),
        ("\n", false),
        ("no\n", false),
        ("yes please\n", false),
    ] {
        let shop = shop_with_an_offer();
        let Some((code, seen)) = on_a_terminal(&shop, "apply", typed) else {
            return;
        };
        assert_eq!(code == 0, applies, "{typed:?}: {code} {seen}");
        assert!(seen.contains("create"), "{seen}");
        assert_eq!(shop.writes(), u64::from(applies), "{typed:?}: {seen}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_an_environment_to_confirm_is_named() {
    for (line, typed, applies) in [
        ("apply", "shop\n", true),
        ("apply", "yes\n", false),
        ("apply -y", "yes\n", false),
        ("apply -y", "shop\n", true),
        ("apply -y", "Shop\n", false),
        ("apply --confirm shop", "", true),
        ("apply plan.json", "shop\n", true),
        ("apply plan.json", "yes\n", false),
    ] {
        let shop = shop_with_an_offer();
        shop.configure("    confirm: true\n");
        shop.run("plan --out plan.json").exits(0);
        let Some((code, seen)) = on_a_terminal(&shop, line, typed) else {
            return;
        };
        assert_eq!(code == 0, applies, "{line} {typed:?}: {code} {seen}");
        assert_eq!(shop.writes(), u64::from(applies), "{line} {typed:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_nothing_is_asked_where_nothing_is_to_decide() {
    let shop = shop_with_an_offer();
    let Some((code, seen)) = on_a_terminal(&shop, "apply --no-input", "yes\n") else {
        return;
    };
    assert_eq!(code, 64, "{seen}");
    let _run = shop.apply();
    // Nothing to do, nothing to ask.
    let (code, seen) = on_a_terminal(&shop, "apply", "").unwrap();
    assert!(code == 0 && seen.contains("No changes."), "{code} {seen}");
    shop.declare(&[single("film").with("price", "1.00")]);
    let (code, seen) = on_a_terminal(&shop, "apply", "").unwrap();
    assert_eq!(code, 3, "{seen}");
    assert!(seen.contains(ESCAPE), "a terminal has colours: {seen}");
}
