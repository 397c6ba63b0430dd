//! What the state costs a large apply: time, and bytes written for each batch, in a folder and in a bucket.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cleeng_emulator::{Config, Emulator};

use super::catalogue::{Shape, write_catalogue};
use super::{TOKEN, milliseconds, row};
use crate::process::root;

const SHAPE: Shape = Shape {
    offers: 1000,
    localizations: 0,
    per_file: 100,
};

/// How many segments make the figures of the beginning and of the end.
const SAMPLE: usize = 10;

/// Applies 1,000 creates on each kind of state.
pub(super) fn run(program: &Path) -> anyhow::Result<()> {
    let (folder, wall) = apply(program, "{settleSeconds: 0.2}", &[], |folder| {
        sizes(&folder.join(".offerctl/bench/journal"))
    })?;
    show("folder", wall, &folder);
    let server = Server::start()?;
    let state = "{settleSeconds: 0.2}\n    state: s3://bench/offers/bench";
    let variables = server.variables();
    let (_, wall) = apply(program, state, &variables, |_| Ok(BTreeMap::new()))?;
    show("S3 (moto on this machine)", wall, &server.segments()?);
    Ok(())
}

/// Applies the catalogue, and looks at the state again and again meanwhile.
fn apply(
    program: &Path,
    limits: &str,
    variables: &[(&str, String)],
    look: impl Fn(&Path) -> anyhow::Result<BTreeMap<String, u64>>,
) -> anyhow::Result<(BTreeMap<String, u64>, Duration)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let emulator = runtime.block_on(Emulator::start(Config::default()))?;
    let folder = tempfile::tempdir()?;
    let environment = format!("endpoint: {}\n    limits: {limits}", emulator.url());
    write_catalogue(folder.path(), SHAPE, &environment)?;
    let start = Instant::now();
    let mut process = Command::new(program)
        .args(["apply", "--auto-approve", "--quiet"])
        .current_dir(folder.path())
        .env("CLEENG_PUBLISHER_TOKEN", TOKEN)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let mut seen = BTreeMap::new();
    let status = loop {
        seen.extend(look(folder.path())?);
        if let Some(status) = process.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = start.elapsed();
    ensure!(status.success(), "the apply ended with {status}");
    ensure!(
        emulator.offers().len() == SHAPE.offers,
        "the catalogue was not applied"
    );
    runtime.block_on(emulator.shutdown());
    Ok((seen, wall))
}

/// The segments of a journal by name. They stay there until the apply is through.
fn sizes(journal: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(journal) else {
        return Ok(sizes);
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // One that is just being written, or is gone, is seen another time.
        let is_segment = entry.path().extension().is_some_and(|end| end == "json");
        if let (Ok(meta), true) = (entry.metadata(), is_segment) {
            sizes.insert(name, meta.len());
        }
    }
    Ok(sizes)
}

fn show(place: &str, wall: Duration, segments: &BTreeMap<String, u64>) {
    let name = format!("apply 1,000 creates, state in {place}");
    row(&format!("{name}: wall"), &milliseconds(wall), "", "");
    let sizes: Vec<u64> = segments.values().copied().collect();
    let mean = |sizes: &[u64]| sizes.iter().sum::<u64>() / (sizes.len().max(1) as u64);
    let first = sizes.first().copied().unwrap_or_default();
    // The first segment has the account as it was found; it is written once a run.
    let rest = sizes.get(2..).unwrap_or_default();
    let (begin, end) = (
        &rest[..SAMPLE.min(rest.len())],
        &rest[rest.len().saturating_sub(SAMPLE)..],
    );
    row(
        "  segments written, the largest of the first two",
        &sizes.len().to_string(),
        &bytes(first.max(sizes.get(1).copied().unwrap_or_default())),
        "",
    );
    row(
        "  bytes of a segment, first ten and last ten on average",
        &bytes(mean(begin)),
        &bytes(mean(end)),
        "the same",
    );
}

fn bytes(bytes: u64) -> String {
    format!("{bytes} B")
}

/// The S3 server that the tests use too. It ends when its standard input closes.
struct Server {
    port: String,
    log: PathBuf,
    _folder: tempfile::TempDir,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("writes");
        let mut process = Command::new("sh")
            .arg(root().join("tests/e2e/moto/run.sh"))
            .arg(root().join("target/tmp"))
            .arg(&log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = process.stdout.take().context("moto has no output")?;
        let mut port = String::new();
        let _read = BufReader::new(out).read_line(&mut port)?;
        let port = port.trim().to_owned();
        let server = Self {
            port,
            log,
            _folder: folder,
            process,
        };
        let address = format!("127.0.0.1:{}", server.port);
        let mut stream = TcpStream::connect(&address).context(
            "moto, an S3 server from PyPI, does not start; tests/e2e/moto/run.sh shows why",
        )?;
        stream.write_all(
            b"PUT /bench HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )?;
        let _read = stream.read_to_end(&mut Vec::new())?;
        Ok(server)
    }

    fn variables(&self) -> [(&'static str, String); 5] {
        [
            (
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "bench".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
        ]
    }

    /// The segments that were put, by name.
    fn segments(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let text = std::fs::read_to_string(&self.log)?;
        let mut segments = BTreeMap::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, path, length] = words[..] else {
                continue;
            };
            if path.contains("/journal/") {
                segments.insert(path.to_owned(), length.parse()?);
            }
        }
        Ok(segments)
    }
}
