//! Drift as Markdown, for one issue that is updated as long as there is any and closed when there is none.

use super::drift::{happened, sides};
use super::push_line;
use crate::document::Headline;
use crate::drift::{Drift, DriftKind, ways_out};
use crate::offer_type::Api;

/// The most characters of a text: an issue of GitHub takes 65,536.
const MOST: usize = 60_000;

/// Writes what drifted as the text of an issue; its first line is a hidden mark by which the issue is found again.
pub fn drift_markdown(
    found: &[Drift],
    (checked, api): (usize, Api),
    project: Option<&str>,
    headline: &Headline,
) -> String {
    let Headline {
        environment,
        endpoint,
        account,
    } = headline;
    let mut text = String::new();
    push_line(
        &mut text,
        format_args!("<!-- offerctl:drift:{} -->", mark(project, environment)),
    );
    push_line(
        &mut text,
        format_args!("## Drift in {}\n", escape(environment)),
    );
    let account = account.as_ref().map_or_else(String::new, |account| {
        format!(", account {}", escape(account))
    });
    let place = format!("{}{account}", escape(endpoint));
    if found.is_empty() {
        push_line(
            &mut text,
            format_args!(
                "**No drift.** All bound offers ({checked}) are as last applied ({place})."
            ),
        );
        return text;
    }
    let counts: Vec<String> = DriftKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let count = found.iter().filter(|drift| drift.kind == kind).count();
            (count > 0).then(|| format!("**{count}** {}", kind.as_str()))
        })
        .collect();
    push_line(
        &mut text,
        format_args!(
            "{} of {checked} bound offers ({place}).\n",
            counts.join(", ")
        ),
    );
    let mut left = 0;
    for kind in DriftKind::ALL {
        for drift in found.iter().filter(|drift| drift.kind == kind) {
            let section = section(drift, api);
            if left > 0 || text.len() + section.len() > MOST {
                left += 1;
            } else {
                text.push_str(&section);
            }
        }
    }
    if left > 0 {
        push_line(
            &mut text,
            format_args!("There are {left} more: `offerctl drift` shows all.\n"),
        );
    }
    text
}

fn section(drift: &Drift, api: Api) -> String {
    let mut text = String::new();
    let (symbol, words) = happened(drift.kind);
    push_line(
        &mut text,
        format_args!(
            "### `{symbol}` {words}: `{}` ({}) `{}`\n",
            drift.name,
            drift.offer_type,
            code(drift.id.as_str())
        ),
    );
    if let Some(moment) = drift.updated_at {
        push_line(&mut text, format_args!("Last changed {moment}.\n"));
    }
    if !drift.fields.is_empty() {
        text.push_str("| | applied | now |\n|---|---|---|\n");
        for field in &drift.fields {
            let (before, after) = sides(field, drift);
            push_line(
                &mut text,
                format_args!(
                    "| `{}` | {} | {} |",
                    field.path,
                    escape(&before),
                    escape(&after)
                ),
            );
        }
        text.push('\n');
    }
    for way in ways_out(drift, api) {
        push_line(
            &mut text,
            format_args!("- to {}: `{}`", way.purpose, code(&way.action_for(drift))),
        );
    }
    text.push('\n');
    text
}

/// What is in the mark: the environment, behind the project if that has a name.
fn mark(project: Option<&str>, environment: &str) -> String {
    let words = project.map_or_else(
        || environment.to_owned(),
        |project| format!("{project}/{environment}"),
    );
    // A comment ends at `-->`, and what is in it must be found again as it is.
    words
        .replace(['<', '>', '\n', '\r'], "_")
        .replace("--", "-_")
}

/// A text that stands between backticks.
fn code(text: &str) -> String {
    text.replace(['`', '\n', '\r', '|'], " ")
}

/// Writes a text so that it is shown as it is: it neither ends its cell, nor is it markup, nor does it call people.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Nobody is called, and no issue and no commit is linked, once a joiner without width is in between.
            '@' | '#' => escaped.extend([character, '\u{2060}']),
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$' => {
                escaped.extend(['\\', character]);
            }
            // Addresses become links by themselves.
            ':' => escaped.push_str("&#58;"),
            character if character.is_control() => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline() -> Headline {
        Headline {
            environment: "production".to_owned(),
            endpoint: "Cleeng production".to_owned(),
            account: Some("sales@club.tv".to_owned()),
        }
    }

    #[test]
    fn no_drift_says_so_under_the_same_mark() {
        let text = drift_markdown(&[], (3, Api::JsonRpc), Some("club-tv"), &headline());
        assert!(
            text.starts_with("<!-- offerctl:drift:club-tv/production -->\n"),
            "{text}"
        );
        assert!(
            text.contains("**No drift.** All bound offers (3)"),
            "{text}"
        );
        let text = drift_markdown(&[], (3, Api::JsonRpc), None, &headline());
        assert!(
            text.starts_with("<!-- offerctl:drift:production -->\n"),
            "{text}"
        );
    }

    #[test]
    fn a_mark_cannot_end_early() {
        assert_eq!(mark(Some("a-->b"), "c\nd"), "a-__b/c_d");
    }

    #[test]
    fn texts_of_strangers_are_only_texts() {
        let text =
            escape("@all #1 | <b>x</b> `y` [z](https://evil.example) **b**\n# c --> ![i](j)");
        for bad in ["@all", "#1", "<b>", "](", "https://", "\n", " | "] {
            assert!(!text.contains(bad), "{bad} in {text}");
        }
    }
}
