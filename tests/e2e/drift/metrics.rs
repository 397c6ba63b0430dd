//! `drift --metrics-into`, read back by a strict parser of Prometheus's text format.

use std::collections::BTreeMap;

use super::{applied, drifted};
use crate::support::{Api, Draft, Shop};

/// The value of every time series, which is a count or a time here, by its name and labels as they are written.
type Series = BTreeMap<String, u64>;

/// Reads the text format, version 0.0.4; whatever is not just as it should be is an error.
fn parse(text: &str) -> Result<Series, String> {
    let text = text.strip_suffix('\n').ok_or("no line break at the end")?;
    let (mut helped, mut typed) = (Vec::new(), Vec::new());
    let mut series = Series::new();
    for line in text.split('\n') {
        let wrong = || format!("`{line}`");
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').ok_or_else(wrong)?;
            if words.is_empty() || helped.contains(&name) {
                return Err(wrong());
            }
            helped.push(name);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').ok_or_else(wrong)?;
            if kind != "gauge" || typed.contains(&name) || helped.last() != Some(&name) {
                return Err(wrong());
            }
            typed.push(name);
        } else {
            let (name, rest) = line.split_once('{').ok_or_else(wrong)?;
            // All series of a metric stand together, behind what is said of it.
            if typed.last() != Some(&name) || !is_name(name) {
                return Err(wrong());
            }
            let value = labels(rest).ok_or_else(wrong)?;
            let key = line[..line.len() - value.len()].trim_end().to_owned();
            let value = value.strip_prefix(' ').ok_or_else(wrong)?;
            let value: u64 = value.parse().map_err(|_| wrong())?;
            if series.insert(key, value).is_some() {
                return Err(wrong());
            }
        }
    }
    Ok(series)
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = |character: char| character.is_ascii_alphabetic() || character == '_';
    characters.next().is_some_and(first)
        && characters.all(|character| first(character) || character.is_ascii_digit())
}

/// Reads labels up to their brace, and returns what is behind it.
fn labels(mut rest: &str) -> Option<&str> {
    loop {
        let (name, value) = rest.split_once("=\"")?;
        if !is_name(name) {
            return None;
        }
        let mut characters = value.char_indices();
        let end = loop {
            match characters.next()? {
                (_, '\\') => {
                    let (_, escaped) = characters.next()?;
                    if !['\\', '"', 'n'].contains(&escaped) {
                        return None;
                    }
                }
                (end, '"') => break end,
                _ => {}
            }
        };
        rest = &value[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return rest.strip_prefix('}'),
        }
    }
}

fn metrics(shop: &Shop, path: &str) -> Series {
    parse(&shop.read(path)).unwrap()
}

fn of_kind(series: &Series, kind: &str) -> u64 {
    series[&format!("offerctl_drift_objects{{environment=\"shop\",kind=\"{kind}\"}}")]
}

const KINDS: [&str; 4] = ["changed", "deactivated", "missing", "revived"];

#[test]
fn every_kind_has_a_gauge_also_when_nothing_drifted() {
    let shop = applied(Api::JsonRpc, &[Draft::new("single", "film")]);
    shop.run("drift --metrics-into drift.prom").exits(0);
    let series = metrics(&shop, "drift.prom");
    assert_eq!(series.len(), 6);
    assert_eq!(KINDS.map(|kind| of_kind(&series, kind)), [0; 4]);
    assert_eq!(series["offerctl_bound_objects{environment=\"shop\"}"], 1);
    let finished = series["offerctl_last_success_timestamp_seconds{environment=\"shop\"}"];
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(now.as_secs().abs_diff(finished) < 60, "{finished}");
}

#[test]
fn gauges_count_what_drifted() {
    let shop = drifted(Api::JsonRpc);
    // Any name will do.
    shop.run("drift -q --metrics-into metrics").exits(2);
    let series = metrics(&shop, "metrics");
    assert_eq!(KINDS.map(|kind| of_kind(&series, kind)), [1; 4]);
}

#[test]
fn a_run_that_fails_leaves_the_file_as_it_was() {
    let shop = applied(Api::JsonRpc, &[Draft::new("single", "film")]);
    shop.write("drift.prom", "as it was\n");
    shop.fault("listSingleOffers=status:500");
    shop.run("drift --metrics-into drift.prom").exits(1);
    shop.emulator().clear_faults();
    assert_eq!(shop.read("drift.prom"), "as it was\n");
    shop.run("drift -e nowhere --metrics-into drift.prom")
        .exits(64);
    assert_eq!(shop.read("drift.prom"), "as it was\n");
    let config = shop.read("offerctl.yaml");
    shop.write("offerctl.yaml", "version: 2\n");
    shop.run("drift --metrics-into drift.prom").exits(65);
    assert_eq!(shop.read("drift.prom"), "as it was\n");
    shop.write("offerctl.yaml", &config);
    shop.run("drift --metrics-into drift.prom").exits(0);
    let _series = metrics(&shop, "drift.prom");
}

#[test]
fn nothing_is_left_beside_the_file_and_a_folder_that_is_not_there_is_an_error() {
    let shop = applied(Api::JsonRpc, &[Draft::new("single", "film")]);
    shop.run("drift --metrics-into drift.prom").exits(0);
    let left: Vec<_> = shop
        .files()
        .into_keys()
        .filter(|path| path.extension().is_some_and(|ending| ending == "tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    shop.run("drift --metrics-into nowhere/drift.prom")
        .exits(1)
        .complains("failed to write `nowhere/drift.prom`");
}

#[test]
fn the_parser_is_strict() {
    let good = "# HELP a b\n# TYPE a gauge\na{x=\"\\\\\\\"\\n\"} 1\n";
    assert!(parse(good).is_ok());
    for bad in [
        "a{x=\"1\"} 1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\"} one\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\"}1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"\\q\"} 1\n",
        "# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 1\n",
        "# HELP a b\n# TYPE a gauge\na{1x=\"1\"} 1\n",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
