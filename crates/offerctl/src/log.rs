//! Log lines on standard error.

use std::fmt;

use offerctl_model::foreign::escaped;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Global, LogFormat};
use crate::ui::LogLines;

/// The crates whose lines are shown. Libraries below them could log headers and bodies, tokens among them.
const OWN: [&str; 4] = [
    "offerctl",
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
    let is_json = global.log_format == LogFormat::Json;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || LogLines { is_json })
        .with_ansi(false);
    let registry = tracing_subscriber::registry().with(targets);
    // A second start would only happen in tests of this process; the first one stays.
    let _started = match global.log_format {
        LogFormat::Text => registry.with(lines.event_format(Plain)).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
}

/// Log lines that look like the other lines for people: `warning: …`.
struct Plain;

impl<S, F> FormatEvent<S, F> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, F>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "{}: ", label(*event.metadata().level()))?;
        // What the service says is among the fields.
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        writeln!(writer, "{}", escaped(&fields))
    }
}

fn label(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}
