//! `doctor`: a verdict and a next step for whatever an apply needs.

use serde_json::Value as Json;

use crate::support::{Draft, Run, Shop};

const ACCOUNT: &str = "    account: {publisherEmail: publisher@example.com}\n";

fn shop() -> Shop {
    let shop = Shop::new();
    shop.configure(ACCOUNT);
    shop.declare(&[Draft::new("pass", "news"), Draft::new("single", "film")]);
    let _run = shop.apply();
    shop.requests();
    shop
}

/// The verdict and the next step of a subject; nothing is written in finding out.
#[track_caller]
fn verdict(shop: &Shop, subject: &str, code: i32) -> (String, String) {
    let before = shop.files();
    let document = shop.run("doctor --format json").exits(code).json();
    assert_eq!(shop.writes(), 0);
    assert_eq!(shop.files(), before);
    assert_eq!(document["healthy"], code == 0);
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["subject"] == subject);
    let found = found.unwrap_or_else(|| panic!("no {subject} in {document:#}"));
    let text = |member: &Json| member.as_str().unwrap_or_default().to_owned();
    (
        text(&found["verdict"]),
        format!("{} | {}", text(&found["message"]), text(&found["next"])),
    )
}

#[track_caller]
fn expect(shop: &Shop, subject: &str, verdict_wanted: &str, words: &str) {
    let code = i32::from(verdict_wanted == "failed");
    let (found, said) = verdict(shop, subject, code);
    assert_eq!(found, verdict_wanted, "{said}");
    assert!(said.contains(words), "no {words:?} in {said:?}");
}

#[test]
fn a_sound_project_is_said_to_be_sound() {
    let shop = shop();
    let run = shop.run("doctor").exits(0);
    let lines: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.starts_with('✓'))
        .collect();
    let subjects: Vec<&str> = lines
        .iter()
        .map(|line| line.split_whitespace().nth(2).unwrap())
        .collect();
    assert_eq!(
        subjects,
        [
            "project",
            "manifests",
            "token",
            "state",
            "lock",
            "api",
            "account",
            "clock",
            "bindings"
        ],
        "{run:?}"
    );
    assert!(
        run.out.ends_with("Doctor: 9 ok, 0 warnings, 0 failed.\n"),
        "{run:?}"
    );
    expect(
        &shop,
        "api",
        "ok",
        "json-rpc answers, and its lists are complete; rest answers, too",
    );
    shop.fault("listOffers=status:404");
    expect(&shop, "api", "ok", "rest does not answer (HTTP 404)");
    shop.emulator().clear_faults();
    expect(
        &shop,
        "account",
        "ok",
        "publisher@example.com, 2 offers, prices in USD",
    );
}

#[test]
fn a_token_that_is_missing_or_wrong_is_told_apart() {
    let shop = Shop::with_emulator(cleeng_emulator::Config {
        account: cleeng_emulator::Account {
            token: Some(cleeng_emulator::Token::new("another")),
            ..cleeng_emulator::Account::default()
        },
        ..cleeng_emulator::Config::default()
    });
    expect(&shop, "api", "failed", "token");
    let mut command = shop.command("doctor");
    command.env_remove("CLEENG_PUBLISHER_TOKEN");
    let run = Run::of(&mut command, "doctor").exits(1);
    assert!(
        run.out
            .contains("✗ failed   token      the variable `CLEENG_PUBLISHER_TOKEN`"),
        "{run:?}"
    );
    assert!(run.out.contains("- skipped  api"), "{run:?}");
}

#[test]
fn another_account_and_missing_offers_are_found() {
    let shop = shop();
    shop.configure("    account: {publisherEmail: other@club.tv}\n");
    expect(&shop, "account", "failed", "not by other@club.tv");
    shop.configure("");
    // The state remembers it.
    expect(&shop, "account", "ok", "publisher@example.com");
    let state = shop.read(crate::support::STATE);
    let id = shop.id("Title of news").to_string();
    shop.write(crate::support::STATE, &state.replace(&id, "P987654321_US"));
    expect(
        &shop,
        "bindings",
        "failed",
        "1 of 2 offers bound are not listed: news",
    );
}

#[test]
fn what_is_wrong_in_files_is_counted() {
    let shop = shop();
    shop.offers("  news: {type: pas}\n");
    expect(&shop, "manifests", "failed", "`offerctl validate`");
    shop.declare(&[]);
    expect(&shop, "manifests", "warning", "`offerctl import`");
    shop.declare(&[Draft::new("pass", "news"), Draft::new("single", "film")]);
    shop.write(crate::support::STATE, "{");
    let (found, said) = verdict(&shop, "state", 1);
    assert_eq!(found, "failed", "{said}");
    let (found, _) = verdict(&shop, "bindings", 1);
    assert_eq!(found, "skipped");
}

#[test]
fn a_service_that_fails_or_is_not_there_is_said() {
    let shop = shop();
    shop.fault("listPassOffers=status:503");
    expect(&shop, "api", "failed", "503");
    shop.emulator().clear_faults();
    shop.write(
        "offerctl.yaml",
        "version: 1\nenvironments: {shop: {endpoint: \"http://127.0.0.1:9\", limits: {timeoutSeconds: 1}}}\n",
    );
    let run = shop.run("doctor").exits(1);
    assert!(run.out.contains("✗ failed   api"), "{run:?}");
    assert!(run.out.contains("- skipped  clock"), "{run:?}");
}
