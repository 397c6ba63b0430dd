//! Verdicts with their next steps, in words.

use offerctl_model::words::plural;
use offerctl_reconcile::doctor::{Check, Verdict};

use super::flow::Flow;
use super::page::{Page, Tone, push_line};

/// Writes what was looked at for people, one verdict a line; the summary is on the last line.
pub fn doctor_text(headline: &str, checks: &[Check], page: Page) -> String {
    let style = page.style;
    let mut text = format!("{}\n\n", style.paint(Tone::Strong, headline));
    let width = checks
        .iter()
        .map(|check| check.subject.len())
        .max()
        .unwrap_or(0);
    for check in checks {
        let (tone, sign) = match check.verdict {
            Verdict::Ok => (Tone::Good, "✓ ok     "),
            Verdict::Skipped => (Tone::Faint, "- skipped"),
            Verdict::Warning => (Tone::Change, "! warning"),
            Verdict::Failed => (Tone::Bad, "✗ failed "),
        };
        let margin = 9 + 2 + width + 2;
        let subject = format!("{:width$}", check.subject);
        text.push_str(&style.paint(tone, sign));
        text.push_str("  ");
        text.push_str(&subject);
        text.push_str("  ");
        let mut flow = Flow::new();
        flow.prose(None, &check.message);
        text.push_str(&flow.lay(page, margin, margin));
        text.push('\n');
        if let Some(next) = &check.next {
            let mut flow = Flow::new();
            flow.text(Tone::Faint, "next:").prose(None, next);
            text.push_str(&" ".repeat(margin));
            text.push_str(&flow.lay(page, margin, margin + 2));
            text.push('\n');
        }
        if let Some(command) = &check.command {
            // Whole, however wide the page is: the line is copied and run.
            push_line(&mut text, format_args!("{:1$}{command}", "", margin + 2));
        }
    }
    let count = |verdict: Verdict| {
        let of = checks.iter().filter(|check| check.verdict == verdict);
        of.count()
    };
    text.push('\n');
    push_line(
        &mut text,
        format_args!(
            "Doctor: {} ok, {}, {} failed.",
            count(Verdict::Ok),
            plural(count(Verdict::Warning), "warning"),
            count(Verdict::Failed)
        ),
    );
    text
}
