//! The plan for a terminal.

use offerctl_show::render::{Page, Style, plan_text, steps_text};

use super::{Scene, blocked, everything, everything_shuffled, headline, scene};
use crate::support::world::declared;

/// The last line is never broken, because scripts look for it.
const SUMMARY: &str = "Plan: ";

fn text(scene: &Scene, page: Page) -> String {
    plan_text(
        &scene.plan,
        &headline(),
        &scene.findings,
        &scene.sources,
        page,
    )
}

fn plain(scene: &Scene) -> String {
    text(scene, Page::new(Style::Plain))
}

fn news(more: &str) -> String {
    format!("news: {{type: single, title: News, url: 'https://club.tv/news'{more}}}")
}

const LIVE_NEWS: &str = "single A100000001_US title=News url=https://club.tv/news price=12";

#[test]
fn every_action_and_every_cause() {
    insta::assert_snapshot!(plain(&everything()));
}

#[test]
fn every_action_and_every_cause_in_colour() {
    insta::assert_snapshot!(text(&everything(), Page::new(Style::Color)).replace('\u{1b}', "^"));
}

#[test]
fn what_is_blocked_says_why_and_the_way_out() {
    insta::assert_snapshot!(plain(&blocked()));
}

#[test]
fn colour_changes_no_word() {
    for scene in [everything(), blocked()] {
        let mut colored = text(&scene, Page::new(Style::Color));
        for code in ["0", "1", "2", "31", "32", "33"] {
            colored = colored.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(colored, plain(&scene));
    }
}

#[test]
fn the_order_of_files_and_lists_changes_nothing_but_places() {
    // Where an offer stands in its file is the one thing that may differ.
    let without_places = |scene: &Scene| -> Vec<String> {
        let lines = plain(scene);
        let lines = lines.lines().filter(|line| !line.starts_with("    at "));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(
        without_places(&everything()),
        without_places(&everything_shuffled())
    );
}

#[test]
fn no_line_is_longer_than_the_page() {
    for scene in [everything(), blocked()] {
        for width in [72, 80, 100, 120] {
            let page = Page {
                style: Style::Plain,
                width,
            };
            let text = text(&scene, page) + &steps_text(&scene.plan, page);
            for line in text.lines() {
                let is_literal = line.contains(['`', '{']) || line.starts_with(SUMMARY);
                assert!(
                    line.chars().count() <= width || is_literal,
                    "{width} columns: {line}"
                );
                assert_eq!(line.trim_end(), line, "no blanks at the end");
            }
        }
    }
}

#[test]
fn commands_to_copy_stay_on_one_line() {
    let page = Page {
        style: Style::Plain,
        width: 40,
    };
    let text = text(&blocked(), page);
    for command in [
        "`offerctl state adopt biathlon P100000002_US`",
        "priceChange: {to: 3.00, reason: …, until: YYYY-MM-DD}",
        "removeCountries: {countries: [DK, SE], reason: …, until: YYYY-MM-DD}",
    ] {
        assert!(text.contains(command), "{command} in\n{text}");
    }
}

#[test]
fn nothing_to_do_is_said_before_the_summary() {
    let offer = news("");
    let found = scene(
        &offer,
        declared(&offer)
            .live(LIVE_NEWS)
            .state("news single A100000001_US applied"),
    );
    insta::assert_snapshot!(plain(&found), @"
    production (Cleeng production, account sales@club.tv)

    No changes. The live catalogue matches the manifests.
    Plan: 0 to create, 0 to change, 0 to deactivate.
    ");
}

#[test]
fn a_price_from_nothing_has_a_direction_and_no_percent() {
    let offer =
        news(", price: 9.00, lifecycle: {priceChange: {to: 9.00, reason: a, until: 2026-12-31}}");
    let found = scene(
        &offer,
        declared(&offer)
            .live("single A100000001_US title=News url=https://club.tv/news price=0")
            .state("news single A100000001_US applied"),
    );
    assert!(plain(&found).contains("    price  0.00 → 9.00 USD (up)\n"));
    assert!(plain(&found).contains("Prices: 1 moves, 1 up, 0 down.\n"));
}

#[test]
fn a_long_text_keeps_only_what_is_near_a_change() {
    let description = |word: &str| {
        format!(
            "The best of the {word} week in one place and with words around it that nobody wants to read"
        )
    };
    let offer = news(&format!(", description: {}", description("new")));
    let live = format!("{LIVE_NEWS} description=\"{}\"", description("old"));
    let found = scene(
        &offer,
        declared(&offer)
            .applied(&news(&format!(", description: {}", description("old"))))
            .live(&live)
            .state("news single A100000001_US applied"),
    );
    assert!(plain(&found).contains(
        "    description  The best of the [-old-]{+new+} week in one place and with …\n"
    ));
}

#[test]
fn words_of_a_stranger_cannot_drive_the_terminal() {
    let offer = news(", description: Declared");
    let live = format!("{LIVE_NEWS} description=\"\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}\"");
    let found = scene(
        &offer,
        declared(&offer)
            .live(&live)
            .state("news single A100000001_US applied"),
    );
    let text = plain(&found);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
}
