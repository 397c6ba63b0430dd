//! A plan for a comment on a pull request: [`plan_markdown`].
//!
//! Whoever reviews reads this and nothing else, and strangers write some of the words in it. So what is dangerous stands
//! on top and is never folded; what does not fit is counted; and no word of an offer is ever anything but text.

mod dangers;
mod details;
pub(super) mod escape;
mod plan;
mod section;

pub use self::plan::MarkdownPlan;

use offerctl_model::words::{cut, plural};
use offerctl_reconcile::guard::group;
use offerctl_reconcile::headline::Headline;

use self::escape::code;
use self::section::fill;
use super::plan::{prices_line, summary_line};

/// The most characters of a comment on GitHub.
pub const COMMENT_LIMIT: usize = 65_536;

/// The most bytes of a job summary on GitHub.
pub const JOB_SUMMARY_LIMIT: usize = 1024 * 1024;

/// The least limit that is kept: the head of the page and the counts of what is not shown need so much.
pub const LEAST_LIMIT: usize = 8 * 1024;

/// The most characters of a name that comes from a file of the project or from the account.
const LONGEST_NAME: usize = 100;

/// Writes a plan as Markdown that GitHub and GitLab show, in at most `limit` bytes, and so in no more characters.
///
/// The first line is a hidden marker, by which a comment is found again; the second one has the `planId`. Less than
/// [`LEAST_LIMIT`] is taken for it.
pub fn plan_markdown(shown: &MarkdownPlan<'_>, limit: usize) -> String {
    let mut text = head(shown);
    let mut sections = dangers::sections(shown);
    sections.extend(details::sections(shown));
    let room = limit.max(LEAST_LIMIT).saturating_sub(text.len());
    text.push_str(&fill(&sections, room));
    text
}

/// The hidden line by which the comment of a project and environment is found again.
pub fn plan_marker(project: Option<&str>, environment: &str) -> String {
    marker("plan", project, environment)
}

/// The hidden line by which a page of a project and environment is found again.
pub(super) fn marker(page: &str, project: Option<&str>, environment: &str) -> String {
    let environment = in_comment(environment);
    let project = project.map_or_else(String::new, |project| in_comment(project) + "/");
    format!("<!-- offerctl:{page}:{project}{environment} -->")
}

/// A name that cannot end the comment that it stands in; every other character is written as its bytes, `%2F`.
fn in_comment(name: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    let name: String = name.chars().take(LONGEST_NAME).collect();
    name.bytes().map(encode).collect()
}

fn head(shown: &MarkdownPlan<'_>) -> String {
    let MarkdownPlan {
        plan,
        plan_id,
        project,
        headline,
        findings,
        sources: _,
        lost_conflicts,
    } = shown;
    let Headline {
        environment,
        endpoint,
        ..
    } = headline;
    let name = |text: &str| code(&cut(text, LONGEST_NAME));
    let account = headline.account_words(|account| name(account.raw()));
    let mut lines = vec![
        plan_marker(*project, environment),
        format!("<!-- offerctl:plan-id:{} -->", in_comment(plan_id)),
        format!("## Plan for {}", name(environment)),
        String::new(),
        // A word of ours stands first: three backquotes at the beginning of a line would begin a block.
        format!("Endpoint {}, {account}", name(endpoint)),
        String::new(),
    ];
    let conflicts = plan.conflicts.len() + lost_conflicts;
    let blocks: Vec<String> = [
        (conflicts, "conflict"),
        (group(&findings.refusals).len(), "refusal"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, noun)| plural(count, noun))
    .collect();
    if !blocks.is_empty() {
        let sentence = "Nothing is applied before that is settled.";
        lines.push(format!("**Blocked: {}.** {sentence}", blocks.join(", ")));
        lines.push(String::new());
    } else if plan.is_empty() && plan.pending.is_empty() {
        lines.push("No changes. The live catalogue matches the manifests.".to_owned());
        lines.push(String::new());
    }
    lines.push(format!("**{}**", summary_line(plan)));
    lines.extend(prices_line(plan));
    lines.push("\n".to_owned());
    lines.join("\n")
}
