//! The plan for a comment on a pull request: what it says, how long it is, and that no stranger speaks in it.

use comrak::{Options, markdown_to_html};
use offerctl_manifest::source::Sources;
use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::value::Value;
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::fingerprint::plan_id;
use offerctl_reconcile::guard::{Finding, Findings, GuardCode};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::plan::{Plan, plan};
use offerctl_show::render::{
    COMMENT_LIMIT, JOB_SUMMARY_LIMIT, LEAST_LIMIT, MarkdownPlan, plan_markdown, plan_marker,
};
use proptest::prelude::*;

use super::{Scene, blocked, everything, everything_shuffled, findings, headline, scene};
use crate::laws::config;
use crate::support::catalogue::rough;
use crate::support::world::declared;

fn markdown(scene: &Scene, limit: usize) -> String {
    let headline = headline();
    let shown = MarkdownPlan {
        plan: &scene.plan,
        plan_id: "2f1c",
        project: Some("club-tv"),
        headline: &headline,
        findings: &scene.findings,
        sources: &scene.sources,
        lost_conflicts: 0,
    };
    plan_markdown(&shown, limit)
}

/// What GitHub and GitLab make of a text: tables, tasks, links of addresses, and HTML as it stands.
fn html(text: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    markdown_to_html(text, &options)
}

/// The elements that a plan is made of.
const OURS: [&str; 18] = [
    "h2", "h3", "p", "strong", "code", "pre", "ul", "li", "br", "table", "thead", "tbody", "tr",
    "th", "td", "details", "summary", "em",
];

/// What is shown outside of code; panics at an element that is not one of ours.
#[track_caller]
fn words_outside_of_code(html: &str) -> String {
    let mut words = String::new();
    let mut depth = 0_usize;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if depth == 0 {
            words.push_str(&rest[..start]);
            words.push(' ');
        }
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let (inside, behind) = comment.split_once("-->").unwrap();
            assert!(inside.starts_with(" offerctl:plan"), "{inside}");
            rest = behind;
            continue;
        }
        let (tag, behind) = rest[1..].split_once('>').unwrap();
        rest = behind;
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '/']).next().unwrap();
        assert!(OURS.contains(&name), "<{tag}> in\n{html}");
        let attributes = tag.trim_start_matches('/')[name.len()..].trim();
        let known = attributes.is_empty()
            || attributes == "/"
            || attributes.starts_with("align=")
            || attributes.starts_with("class=\"language-");
        assert!(known, "<{tag}> in\n{html}");
        if name == "code" {
            if tag.starts_with('/') {
                depth -= 1;
            } else {
                depth += 1;
            }
        }
    }
    assert_eq!(depth, 0, "{html}");
    words + rest
}

/// Expects that nothing outside of code calls somebody, or leads somewhere.
#[track_caller]
fn is_harmless(text: &str) {
    let words = words_outside_of_code(&html(text));
    for (index, character) in words.char_indices() {
        let is_entity = || {
            let entity = words[index..].split_inclusive(';').next().unwrap();
            ["&lt;", "&gt;", "&amp;", "&quot;"].contains(&entity)
        };
        let is_harmless = match character {
            '@' | '#' | '!' | '$' | '~' | '<' | '>' | '[' | ']' | '`' | '\\' => {
                // Our own symbols stand before their words.
                ["! conflict", "! refused", "! warning"]
                    .iter()
                    .any(|ours| words[index..].starts_with(ours))
            }
            '&' => is_entity(),
            '%' => {
                index > 0
                    && !words[index..]
                        .chars()
                        .nth(1)
                        .is_some_and(char::is_alphanumeric)
            }
            _ => true,
        };
        assert!(
            is_harmless,
            "{character:?} at {index} in\n{words}\nof\n{text}"
        );
    }
    assert!(!words.contains("://") && !words.contains("www."), "{words}");
    let quick = |line: &&str| line.trim_start().starts_with('/');
    assert_eq!(text.lines().find(quick), None, "a quick action of GitLab");
}

/// Expects that folds and blocks of code that begin also end.
#[track_caller]
fn is_whole(text: &str) {
    let mut fence: Option<&str> = None;
    let mut folds = 0_i32;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                // In the middle of a line only code has one, as `is_harmless` sees.
                folds += i32::from(line.starts_with("<details>"));
                folds -= i32::from(line.starts_with("</details>"));
                assert!((0..=1).contains(&folds), "{text}");
            }
        }
    }
    assert_eq!((fence, folds), (None, 0), "{text}");
}

#[test]
fn what_is_dangerous_stands_on_top_and_the_rest_is_folded() {
    let text = markdown(&everything(), COMMENT_LIMIT);
    is_whole(&text);
    is_harmless(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn what_blocks_a_plan_stands_before_everything() {
    let text = markdown(&blocked(), COMMENT_LIMIT);
    is_whole(&text);
    is_harmless(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn the_order_of_files_and_lists_changes_nothing() {
    let without_places = |scene: &Scene| -> Vec<String> {
        let text = markdown(scene, COMMENT_LIMIT);
        text.lines()
            .map(|line| line.split("<br>at `").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        without_places(&everything()),
        without_places(&everything_shuffled())
    );
}

#[test]
fn a_marker_has_the_project_and_cannot_be_ended() {
    assert_eq!(
        plan_marker(Some("club-tv"), "production"),
        "<!-- offerctl:plan:club-tv/production -->"
    );
    assert_eq!(plan_marker(None, "local"), "<!-- offerctl:plan:local -->");
    assert_eq!(
        plan_marker(Some("a --> <b>\n/c"), "local"),
        "<!-- offerctl:plan:a%20--%3E%20%3Cb%3E%0A%2Fc/local -->"
    );
}

/// So many new offers, each with its price.
fn many(count: usize) -> Scene {
    let offers: String = (0..count)
        .map(|index| {
            format!("offer-{index:04}: {{type: single, title: Offer {index}, url: 'https://club.tv/{index}'}}\n")
        })
        .collect();
    scene(&offers, declared(&offers))
}

#[test]
fn a_thousand_offers_fit_and_what_does_not_is_counted() {
    let scene = many(1500);
    let text = markdown(&scene, COMMENT_LIMIT);
    assert!(text.len() <= COMMENT_LIMIT);
    is_whole(&text);
    let shown = text.matches("+ create offer-").count();
    assert!(shown > 100, "{shown}");
    assert!(
        text.contains(&format!(
            "**{} of 1500 offers are not shown here.**",
            1500 - shown
        )),
        "{text}"
    );
    let summary = markdown(&scene, JOB_SUMMARY_LIMIT);
    assert_eq!(summary.matches("+ create offer-").count(), 1500);
    assert!(!summary.contains("not shown here"));
}

#[test]
fn a_thousand_refusals_are_counted_exactly() {
    let mut scene = blocked();
    scene.findings.refusals = (0..1000)
        .map(|index| Finding {
            wanted: None,
            name: None,
            code: GuardCode::PriceChange,
            message: format!("the price of `offer-{index}` moves from 10.00 USD to 3.00 USD"),
            // What has the same way out is one message.
            help: format!("if that is meant, write it into the `lifecycle` of `offer-{index}`"),
            span: None,
        })
        .collect();
    let text = markdown(&scene, LEAST_LIMIT);
    assert!(text.len() <= LEAST_LIMIT, "{}", text.len());
    is_whole(&text);
    let shown = text.matches("- **! refused").count();
    assert!(shown > 5, "{text}");
    assert!(
        text.contains(&format!(
            "**{} of 1000 refusals are not shown here.**",
            1000 - shown
        )),
        "{text}"
    );
    assert!(
        text.contains("price moves are not shown") || text.contains("price moves is not shown"),
        "{text}"
    );
}

/// Words that mean something to Markdown, HTML, GitHub or GitLab.
fn hostile() -> impl Strategy<Value = String> {
    let parts = proptest::sample::select(
        &[
            "`",
            "``",
            "```",
            "````\n",
            "|",
            "\n",
            "\r\n",
            "\n\n",
            "\n/close\n",
            "/assign @root",
            "@user",
            "@org/team",
            "#123",
            "GH-1",
            "!12",
            "%milestone",
            "%\"v 1\"",
            "$1",
            "~label",
            "&1",
            "deadbeef",
            "0123456789abcdef0123456789abcdef01234567",
            "user@example.com",
            "https://evil.example/",
            "www.evil.example",
            "[a](https://evil.example)",
            "![a](https://evil.example/x.png)",
            "<b>",
            "<img src=x onerror=alert(1)>",
            "<script>",
            "</details>",
            "</summary>",
            "<!--",
            "-->",
            "<br>",
            "&lt;",
            "&#64;user",
            "**a**",
            "__a__",
            "~~a~~",
            "# head",
            "- item",
            "1. item",
            "> quote",
            "- [ ] task",
            "\n```diff\n",
            "---",
            "| a | b |\n|---|---|\n",
            "\\",
            "\\`",
            "\\|",
            ":smile:",
            "[^1]",
            "[^1]: note",
            "{+x+}",
            "[-x-]",
            "\u{202e}",
            "\u{1b}[31m",
            "\u{200b}",
            " ",
            "word",
            "ABC-123",
            "<user@example.com>",
            "<https://evil.example>",
            "mailto:a@b.tv",
            "\u{2028}",
        ][..],
    );
    proptest::collection::vec(parts, 1..8).prop_map(|parts| parts.concat())
}

/// Puts words of a stranger wherever they can come from: values, messages, titles, names of files and projects.
fn haunted(mut scene: Scene, words: &[String; 4]) -> (Scene, Headline) {
    let [one, two, three, four] = words;
    for (index, change) in scene.plan.changes.iter_mut().enumerate() {
        let text = |text: &str| Some(Value::text(text.to_owned()));
        let field = |field, before, after| FieldChange {
            path: FieldPath::top(field),
            before,
            after,
            applied: text(three),
            currency: None,
            cause: Cause::Both,
            readable: true,
        };
        change
            .fields
            .push(field(Field::Title, text(one), text(two)));
        let long = format!("{one} {two} and much more than forty characters");
        let other = format!("{three} {two} and much more than forty characters");
        change
            .fields
            .push(field(Field::Description, text(&long), text(&other)));
        let tags = |tag: &str| Some(Value::tags([tag, "news"]));
        change.fields.push(field(Field::Tags, tags(one), tags(two)));
        if index % 2 == 0 {
            change.reason = Some(four.clone());
        }
    }
    for conflict in &mut scene.plan.conflicts {
        conflict.message = format!("the title is {one}, not `{two}`");
        conflict.help = format!("write `{three}`\n{four}");
    }
    for finding in &mut scene.findings.refusals {
        finding.message.clone_from(two);
        finding.help.clone_from(one);
    }
    for offer in &mut scene.plan.unmanaged {
        offer.title = four.as_str().into();
    }
    let headline = Headline {
        environment: one.clone(),
        endpoint: two.clone(),
        account: Some(three.clone().into()),
        ..Headline::default()
    };
    (scene, headline)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..config() })]

    #[test]
    fn words_of_a_stranger_are_nothing_but_words(words in [hostile(), hostile(), hostile(), hostile()]) {
        for scene in [everything(), blocked()] {
            let (scene, headline) = haunted(scene, &words);
            let shown = MarkdownPlan {
                plan: &scene.plan,
                plan_id: &words[1],
                project: Some(&words[3]),
                headline: &headline,
                findings: &scene.findings,
                sources: &scene.sources,
                lost_conflicts: 0,
            };
            let text = plan_markdown(&shown, COMMENT_LIMIT);
            is_harmless(&text);
            is_whole(&text);
            prop_assert!(!text.chars().any(|character| character.is_control() && character != '\n'));
        }
    }

    #[test]
    fn every_plan_fits_into_every_limit(catalogue in rough(), limit in LEAST_LIMIT..20_000, copies in 1..12_usize) {
        let world = catalogue.world();
        let mut plan: Plan = plan(&world.desired, &world.live, &world.state);
        // More of everything than a small catalogue has.
        plan.changes = std::iter::repeat_n(plan.changes, copies).flatten().collect();
        plan.conflicts = std::iter::repeat_n(plan.conflicts, copies * copies).flatten().collect();
        let found: Findings = findings(&plan);
        let id = plan_id("local", &plan, &world.live);
        let headline = headline();
        let shown = MarkdownPlan {
            plan: &plan,
            plan_id: &id,
            project: None,
            headline: &headline,
            findings: &found,
            sources: &Sources::default(),
            lost_conflicts: 0,
        };
        let text = plan_markdown(&shown, limit);
        prop_assert!(text.len() <= limit);
        let marker = format!("<!-- offerctl:plan:production -->\n<!-- offerctl:plan-id:{id} -->\n");
        prop_assert!(text.starts_with(&marker));
        is_whole(&text);
        is_harmless(&text);
    }
}
