//! What it costs to keep the state in a bucket, beside a folder.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::apply::Apply;
use super::cost::Costs;
use super::setup::Bench;
use super::table::{Aim, Figure, Line};
use crate::process::root;

/// How many objects show how long the server takes for one.
const PUTS: u32 = 40;

/// How many segments make the figures of the beginning and of the end.
const SAMPLE: usize = 10;

/// Applies the same catalogue with both kinds of state, in turn.
pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let server = Server::start()?;
    let variables = server.variables();
    let (mut local, mut bucket) = (Costs::default(), Costs::default());
    for number in 0..bench.runs {
        let folder = tempfile::tempdir()?;
        local
            .0
            .extend(Apply::to_shop(bench, folder.path(), "", &[])?.costs.0);
        let folder = tempfile::tempdir()?;
        let state = format!("    state: s3://bench/run-{number}\n");
        bucket.0.extend(
            Apply::to_shop(bench, folder.path(), &state, &variables)?
                .costs
                .0,
        );
    }
    let puts = server.time_of_puts()?;
    let segments: Vec<u64> = server.segments("run-0/")?.into_values().collect();
    let work = "`apply` of 1,000 creates, 50 ms of delay, state in S3";
    Ok(vec![
        Line::new(format!("{work}: wall"), bucket.wall())
            .bound("state in a folder", local.wall())
            .aim(Aim::Times(2.0)),
        Line::new("the same: CPU", bucket.cpu()).bound("state in a folder", local.cpu()),
        Line::new(
            "the same: segments written",
            Figure::count(segments.len() as u64),
        ),
        Line::new(
            "bytes of the last ten segments on average",
            mean(&last(&segments)),
        )
        .bound("of the first ten", mean(&first(&segments))),
        Line::new("one object put by itself to this server", puts),
    ])
}

/// The segments of the beginning. The first two hold the account as it was found, which is written once a run.
fn first(segments: &[u64]) -> Vec<u64> {
    segments.iter().skip(2).take(SAMPLE).copied().collect()
}

fn last(segments: &[u64]) -> Vec<u64> {
    segments
        .iter()
        .skip(2)
        .rev()
        .take(SAMPLE)
        .copied()
        .collect()
}

fn mean(sizes: &[u64]) -> Figure {
    Figure::count(sizes.iter().sum::<u64>() / (sizes.len().max(1) as u64))
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
        server.put("/bench", "")?;
        Ok(server)
    }

    /// Puts one object over a connection of its own.
    fn put(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", self.port)).context(
            "moto, an S3 server from PyPI, does not start; tests/e2e/moto/run.sh shows why",
        )?;
        let length = text.len();
        write!(
            stream,
            "PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{text}"
        )?;
        let mut answer = Vec::new();
        let _read = stream.read_to_end(&mut answer)?;
        ensure!(
            answer.starts_with(b"HTTP/1.1 200"),
            "moto refused an object"
        );
        Ok(())
    }

    /// How long the server takes for a put and for a get, which an append needs.
    fn time_of_puts(&self) -> anyhow::Result<Figure> {
        let text = "x".repeat(12_000);
        let times: anyhow::Result<Vec<Duration>> = (0..PUTS)
            .map(|number| {
                let start = Instant::now();
                self.put(&format!("/bench/object-{number}"), &text)?;
                Ok(start.elapsed())
            })
            .collect();
        Ok(Figure::time(times?))
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

    /// The segments that were put below a key, by name.
    fn segments(&self, below: &str) -> anyhow::Result<BTreeMap<String, u64>> {
        let text = std::fs::read_to_string(&self.log)?;
        let mut segments = BTreeMap::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, path, length] = words[..] else {
                continue;
            };
            if path.contains(below) && path.contains("/journal/") {
                segments.insert(path.to_owned(), length.parse()?);
            }
        }
        Ok(segments)
    }
}
