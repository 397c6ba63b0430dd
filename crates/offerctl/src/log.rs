//! Log lines on standard error.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Global, LogFormat};

/// The crates whose lines are shown. Libraries below them could log headers and bodies, tokens among them.
const OWN: [&str; 5] = [
    "offerctl",
    "offerctl_core",
    "offerctl_engine",
    "cleeng_client",
    "cleeng_emulator",
];

/// Begins to write log lines, as many as the flags ask for.
pub(crate) fn start(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let targets = Targets::new().with_targets(OWN.map(|name| (name, level)));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let registry = tracing_subscriber::registry().with(targets);
    // A second start would only happen in tests of this process; the first one stays.
    let _started = match global.log_format {
        LogFormat::Text => registry
            .with(lines.without_time().with_target(false))
            .try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
}
