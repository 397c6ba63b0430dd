//! Drift as metrics, in the text format that Prometheus reads.

use offerctl_model::value::Moment;
use offerctl_reconcile::drift::DriftKind;

use super::page::push_line;
use crate::document::DriftSummary;

/// Writes drift as gauges: one per kind, also where nothing drifted, so that an alert never looks at a gap.
pub fn drift_metrics(
    environment: &str,
    summary: DriftSummary,
    bound: usize,
    finished: Moment,
) -> String {
    let environment = label_value(environment);
    let mut text = String::new();
    describe(
        &mut text,
        "offerctl_drift_objects",
        "Offers that are not as they were last applied, by what happened to them.",
    );
    for kind in DriftKind::ALL {
        let count = summary.count(kind);
        push_line(
            &mut text,
            format_args!(
                "offerctl_drift_objects{{environment=\"{environment}\",kind=\"{}\"}} {count}",
                kind.as_str()
            ),
        );
    }
    describe(
        &mut text,
        "offerctl_bound_objects",
        "Offers that are bound to a name, and so are looked at.",
    );
    push_line(
        &mut text,
        format_args!("offerctl_bound_objects{{environment=\"{environment}\"}} {bound}"),
    );
    describe(
        &mut text,
        "offerctl_last_success_timestamp_seconds",
        "When drift was last looked for to the end.",
    );
    push_line(
        &mut text,
        format_args!(
            "offerctl_last_success_timestamp_seconds{{environment=\"{environment}\"}} {}",
            finished.unix()
        ),
    );
    text
}

fn describe(text: &mut String, name: &str, help: &str) {
    push_line(text, format_args!("# HELP {name} {help}"));
    push_line(text, format_args!("# TYPE {name} gauge"));
}

/// Escapes what would end the value of a label, or its line.
fn label_value(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_gauge() {
        let summary = DriftSummary {
            changed: 2,
            deactivated: 0,
            missing: 1,
            revived: 0,
        };
        let finished = Moment::from_unix(1_900_000_000).unwrap();
        insta::assert_snapshot!(drift_metrics("production", summary, 40, finished), @r#"
        # HELP offerctl_drift_objects Offers that are not as they were last applied, by what happened to them.
        # TYPE offerctl_drift_objects gauge
        offerctl_drift_objects{environment="production",kind="changed"} 2
        offerctl_drift_objects{environment="production",kind="deactivated"} 0
        offerctl_drift_objects{environment="production",kind="missing"} 1
        offerctl_drift_objects{environment="production",kind="revived"} 0
        # HELP offerctl_bound_objects Offers that are bound to a name, and so are looked at.
        # TYPE offerctl_bound_objects gauge
        offerctl_bound_objects{environment="production"} 40
        # HELP offerctl_last_success_timestamp_seconds When drift was last looked for to the end.
        # TYPE offerctl_last_success_timestamp_seconds gauge
        offerctl_last_success_timestamp_seconds{environment="production"} 1900000000
        "#);
    }

    #[test]
    fn label_values_cannot_end_early() {
        assert_eq!(label_value("a\"b\\c\nd é"), "a\\\"b\\\\c\\nd é");
    }
}
