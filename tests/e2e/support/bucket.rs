//! A bucket at a real S3-speaking server: [`Bucket`].

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use bucket_emulator::Proxy;
use tokio::runtime::Runtime;

/// What every test of remote state can find in no output: the key, its secret, the session.
pub(crate) const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIACANARY5D21E8F0"),
    ("AWS_SECRET_ACCESS_KEY", "canary-secret-90c1b7aa34f2"),
    ("AWS_SESSION_TOKEN", "canary-session-5e67d1c20b98"),
];

/// A moto, installed from `PyPI` below `target/` by the first test that needs it. It ends when this process does, as
/// its standard input closes.
struct Server {
    port: u16,
    _process: Child,
}

impl Server {
    fn start(variables: &[(&str, &str)]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/e2e/moto/run.sh");
        let mut process = Command::new("sh")
            .arg(&script)
            .arg(env!("CARGO_TARGET_TMPDIR"))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let _read = out.read_line(&mut line).unwrap();
        let mut err = process.stderr.take().unwrap();
        let Ok(port) = line.trim().parse() else {
            let mut said = String::new();
            let _read = err.read_to_string(&mut said);
            panic!("moto, an S3 server from PyPI, does not start:\n{said}");
        };
        // It logs each request, and would wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut err, &mut std::io::sink()));
        Self {
            port,
            _process: process,
        }
    }

    fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start(&[]))
    }

    /// One that lets nobody in after the first bucket was made.
    fn forbidding() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start(&[("INITIAL_NO_AUTH_ACTION_COUNT", "1")]))
    }
}

/// A bucket of its own.
pub(crate) struct Bucket {
    port: u16,
    pub(crate) name: String,
}

impl Bucket {
    /// Makes an empty one.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let bucket = Self {
            port: Server::shared().port,
            name: format!("offers-{number}"),
        };
        assert_eq!(bucket.request("PUT", "", b"").0, 200);
        bucket
    }

    /// One that nobody is let into.
    pub(crate) fn forbidden() -> Self {
        let bucket = Self {
            port: Server::forbidding().port,
            name: "forbidden".to_owned(),
        };
        let _status = bucket.request("PUT", "", b"");
        bucket
    }

    /// The port of its server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The variables that lead there.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let mut variables = vec![
            ("AWS_ENDPOINT_URL".to_owned(), endpoint),
            ("AWS_REGION".to_owned(), "us-east-1".to_owned()),
            ("AWS_ALLOW_HTTP".to_owned(), "true".to_owned()),
        ];
        variables.extend(CREDENTIALS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables
    }

    /// An object; `None` if there is none.
    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let (status, body) = self.request("GET", key, b"");
        (status == 200).then_some(body)
    }

    /// Writes an object past everything.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        assert_eq!(self.request("PUT", key, bytes).0, 200);
    }

    /// All objects.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let (status, body) = self.request("GET", "?list-type=2", b"");
        assert_eq!(status, 200);
        let text = String::from_utf8(body).unwrap();
        let keys = text.split("<Key>").skip(1);
        let keys = keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned());
        keys.map(|key| {
            let bytes = self.get(&key).unwrap();
            (key, bytes)
        })
        .collect()
    }

    fn request(&self, method: &str, key: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let answer = ask(self.port, method, (&self.name, key), &[], body);
        (answer.status, answer.body)
    }
}

/// What a store answered.
pub(crate) struct StoreAnswer {
    pub(crate) status: u16,
    /// The status line and the headers.
    head: String,
    pub(crate) body: Vec<u8>,
}

impl StoreAnswer {
    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// Asks an S3-speaking server on a port for something.
pub(crate) fn ask(
    port: u16,
    method: &str,
    (bucket, key): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> StoreAnswer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "{method} /{bucket}/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n{more}\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    let _read = stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    StoreAnswer {
        status: head[9..12].parse().unwrap(),
        head,
        body: answer[end + 4..].to_vec(),
    }
}

/// The way to a bucket, with somebody in between.
pub(crate) struct Between {
    pub(crate) proxy: Proxy,
    _runtime: Runtime,
}

impl Between {
    /// Somebody who passes everything on.
    pub(crate) fn here_and(bucket: &Bucket) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let upstream = ([127, 0, 0, 1], bucket.port).into();
        let proxy = runtime.block_on(Proxy::start(upstream)).unwrap();
        Self {
            proxy,
            _runtime: runtime,
        }
    }

    /// Where it listens, for `AWS_ENDPOINT_URL`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.proxy.address())
    }
}
