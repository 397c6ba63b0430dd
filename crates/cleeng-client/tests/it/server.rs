//! A server that answers as it is told: [`Server`].

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use cleeng_client::{
    Config, Endpoint, Token,
    json_rpc::{Reader, Writer},
};

/// The token of every test that does not need another.
pub(crate) const TOKEN: &str = "TOK";

/// Answers requests in the order in which they come, over any number of connections, and keeps
/// what they were. Without a reply left it closes the connection.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    requests: Vec<Request>,
    connections: usize,
    closed_connections: usize,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
    /// Which connection it came over, from 1.
    pub(crate) connection: usize,
}

/// What to do with a request.
pub(crate) enum Reply {
    /// Sends these bytes and waits for the next request on the connection.
    Keep(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Sends nothing and keeps the connection open.
    Silence,
}

impl Reply {
    /// Answers with status 200 and a body.
    pub(crate) fn json(body: impl AsRef<[u8]>) -> Self {
        Self::status("200 OK", &[], body)
    }

    pub(crate) fn status(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
        for header in headers {
            bytes.push_str(header);
            bytes.push_str("\r\n");
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend(body);
        Self::Keep(bytes)
    }

    /// Closes the connection without an answer.
    pub(crate) fn close() -> Self {
        Self::Close(Vec::new())
    }
}

impl Server {
    pub(crate) fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            replies: replies.into_iter().collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                let connection = {
                    let mut state = lock(&state);
                    state.connections += 1;
                    state.connections
                };
                thread::spawn(move || {
                    serve(stream.unwrap(), connection, &state);
                    lock(&state).closed_connections += 1;
                });
            }
        });
        Self { address, state }
    }

    /// Starts a server that answers every call of a request with the same result.
    pub(crate) fn with_result(result: &str) -> Self {
        Self::start([Reply::json(format!(
            r#"{{"result":{result},"id":"1","error":null,"jsonrpc":"2.0"}}"#
        ))])
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn config(&self) -> Config {
        let endpoint: Endpoint = format!("http://{}", self.address).parse().unwrap();
        Config::new(endpoint, Token::new(TOKEN).unwrap())
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::new(&self.config()).unwrap()
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::new(&self.config()).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.state).requests.clone()
    }

    /// Returns how many connections the server has closed.
    pub(crate) fn closed_connections(&self) -> usize {
        lock(&self.state).closed_connections
    }

    /// Returns the only request.
    pub(crate) fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, connection: usize, state: &Mutex<State>) {
    let mut incoming = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut incoming, connection) {
        let reply = {
            let mut state = lock(state);
            state.requests.push(request);
            state.replies.pop_front()
        };
        match reply {
            Some(Reply::Keep(bytes)) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Some(Reply::Close(bytes)) => {
                // The client may have gone by now, which is its right.
                drop(stream.write_all(&bytes));
                return;
            }
            Some(Reply::Silence) => {
                thread::sleep(Duration::from_mins(1));
                return;
            }
            None => return,
        }
    }
}

fn read_request(incoming: &mut impl BufRead, connection: usize) -> Option<Request> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if incoming.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    incoming.read_exact(&mut body).ok()?;
    Some(Request {
        head,
        body: String::from_utf8(body).unwrap(),
        connection,
    })
}

/// Returns a sample body, `NAME.json` of `tests/fixtures/api`.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!(
        "{}/../../tests/fixtures/api/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
