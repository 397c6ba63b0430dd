//! A report in words.

use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::report::{OfferOutcome, Report, Verdict};

use super::page::{Style, Tone, headline_text, push_line};

/// Writes a report for people, the summary on its last line.
pub fn report_text(report: &Report, headline: &Headline, style: Style) -> String {
    let mut text = headline_text(headline, style);
    text.push('\n');
    for outcome in &report.outcomes {
        text.push_str(&outcome_line(outcome, style));
        text.push('\n');
        if !outcome.commands.is_empty() {
            text.push_str("    look into Cleeng's dashboard, then tell which it is:\n");
            for line in settling_lines(&outcome.commands) {
                push_line(&mut text, format_args!("      {line}"));
            }
        }
    }
    if !report.outcomes.is_empty() {
        text.push('\n');
    }
    if report.interrupted {
        text.push_str("The apply was interrupted.\n");
    }
    let summary = report.summary();
    push_line(
        &mut text,
        format_args!(
            "Applied: {} succeeded, {} failed, {} unknown, {} skipped.",
            summary.succeeded, summary.failed, summary.unknown, summary.skipped
        ),
    );
    text
}

/// Says of each of the commands that settle a create when it is the right one.
pub fn settling_lines(commands: &[String]) -> Vec<String> {
    let Some((forget, adopt)) = commands.split_last() else {
        return Vec::new();
    };
    let adopt = adopt
        .iter()
        .map(|command| format!("{command}    if this is the offer"));
    adopt
        .chain([format!("{forget}    if it was never made")])
        .collect()
}

/// Writes what became of one offer.
pub fn outcome_line(outcome: &OfferOutcome, style: Style) -> String {
    let OfferOutcome {
        name,
        offer_type,
        action,
        id,
        verdict,
        error,
        commands: _,
    } = outcome;
    let (tone, symbol) = match verdict {
        Verdict::Succeeded => (Tone::Good, action.symbol()),
        Verdict::Failed => (Tone::Bad, "!"),
        Verdict::Unknown => (Tone::Change, "?"),
        Verdict::Skipped => (Tone::Faint, "."),
    };
    let id = id.as_ref().map_or_else(String::new, |id| format!(" {id}"));
    let head = style.paint(tone, &format!("{symbol} {}", action.as_str()));
    let error = error
        .as_ref()
        .map_or_else(String::new, |error| format!(": {error}"));
    let verdict = if *verdict == Verdict::Succeeded {
        String::new()
    } else {
        format!(" {}", verdict.as_str())
    };
    format!("{head} {name} ({offer_type}){id}{verdict}{error}")
}
