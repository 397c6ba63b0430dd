//! Drift as Markdown, for one issue that is updated as long as there is any and closed when there is none.

use offerctl_model::foreign::escaped;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::diff::FieldChange;
use offerctl_reconcile::drift::{Drift, DriftKind, ways_out};
use offerctl_reconcile::headline::Headline;

use super::drift::{happened, sides};
use super::markdown::escape::{Fence, code};
use super::markdown::marker;
use super::page::push_line;

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
        ..
    } = headline;
    let mut text = String::new();
    push_line(
        &mut text,
        format_args!("{}", marker("drift", project, environment)),
    );
    push_line(
        &mut text,
        format_args!("## Drift in {}\n", code(environment)),
    );
    let account = account.as_ref().map_or_else(String::new, |account| {
        format!(", account {}", code(account.raw()))
    });
    let place = format!("{}{account}", code(endpoint));
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
            "### `{symbol}` {words}: {} ({}) {}\n",
            code(drift.name.as_str()),
            drift.offer_type,
            code(&drift.id.to_string())
        ),
    );
    if let Some(moment) = drift.updated_at {
        push_line(&mut text, format_args!("Last changed {moment}.\n"));
    }
    if !drift.fields.is_empty() {
        // In a block of code nothing is mark-up, and nobody is looked for.
        let lines: Vec<String> = drift
            .fields
            .iter()
            .flat_map(|field| lines(field, drift))
            .collect();
        let fence = Fence::around(&lines);
        text.push_str(&fence.open("diff"));
        for line in &lines {
            push_line(&mut text, format_args!("{line}"));
        }
        text.push_str(&fence.close());
        text.push('\n');
    }
    for way in ways_out(drift, api) {
        push_line(
            &mut text,
            format_args!("- to {}: {}", way.purpose, code(&way.action_for(drift))),
        );
    }
    text.push('\n');
    text
}

/// What was applied to a field, and what is live.
fn lines(field: &FieldChange, drift: &Drift) -> [String; 3] {
    let (before, after) = sides(field, drift);
    [
        format!("  {}", field.path),
        format!("-   applied {}", escaped(&before)),
        format!("+   now     {}", escaped(&after)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline() -> Headline {
        Headline {
            environment: "production".to_owned(),
            endpoint: "Cleeng production".to_owned(),
            account: Some("sales@club.tv".into()),
            ..Headline::default()
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
}
