//! Objects in memory: [`Store`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::serve::{Closed, Listener};

/// A store on a free port of 127.0.0.1. It ends when it is dropped.
///
/// It speaks as much of S3 as a state needs, with the path style of addresses: `/bucket/key`. Every bucket is there. What it
/// answers is compared with another implementation by the tests of the state in a bucket.
#[derive(Debug)]
pub struct Store {
    listener: Listener,
    buckets: Arc<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets(Mutex<BTreeMap<String, Bucket>>);

#[derive(Debug, Default)]
struct Bucket {
    objects: BTreeMap<String, Object>,
    /// Everything that was written, in the order in which it was.
    written: Vec<(String, Bytes)>,
}

#[derive(Debug, Clone)]
struct Object {
    bytes: Bytes,
    modified: SystemTime,
}

impl Object {
    /// The tag, made of the bytes as that of S3 is.
    fn tag(&self) -> String {
        let digest = Sha256::digest(&self.bytes);
        let mut tag = String::from("\"");
        for byte in &digest[..16] {
            let _written = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        tag
    }
}

impl Store {
    /// Starts an empty one.
    pub async fn start() -> io::Result<Self> {
        let buckets = Arc::new(Buckets::default());
        let listener = {
            let buckets = Arc::clone(&buckets);
            Listener::start(move |request| Arc::clone(&buckets).answer(request)).await?
        };
        Ok(Self { listener, buckets })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address
    }

    /// The objects of a bucket, by key.
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let buckets = self.buckets.lock();
        let objects = buckets.get(bucket).map(|bucket| &bucket.objects);
        let objects = objects.into_iter().flatten();
        objects
            .map(|(key, object)| (key.clone(), object.bytes.to_vec()))
            .collect()
    }

    /// Puts objects into a bucket, past every condition.
    pub fn seed(&self, bucket: &str, objects: &BTreeMap<String, Vec<u8>>) {
        let mut buckets = self.buckets.lock();
        let bucket = buckets.entry(bucket.to_owned()).or_default();
        for (key, bytes) in objects {
            bucket.put(key, Bytes::copy_from_slice(bytes));
        }
    }

    /// All that was ever written under a key, in the order in which it was.
    pub fn written(&self, bucket: &str, key: &str) -> Vec<Vec<u8>> {
        let buckets = self.buckets.lock();
        let written = buckets.get(bucket).map(|bucket| &bucket.written);
        let written = written.into_iter().flatten();
        written
            .filter(|(found, _)| found == key)
            .map(|(_, bytes)| bytes.to_vec())
            .collect()
    }
}

impl Buckets {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Closed> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        let path = parts.uri.path().trim_start_matches('/');
        let (name, key) = path.split_once('/').unwrap_or((path, ""));
        let mut buckets = self.lock();
        let bucket = buckets.entry(name.to_owned()).or_default();
        Ok(match (&parts.method, key) {
            (&Method::GET, "") => bucket.list(name, parts.uri.query().unwrap_or_default()),
            (&Method::GET, key) => bucket.get(key),
            (&Method::PUT, key) if !key.is_empty() => bucket.put_if(key, &parts.headers, body),
            (&Method::DELETE, key) => {
                bucket.objects.remove(key);
                plain(StatusCode::NO_CONTENT)
            }
            _ => failure(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
        })
    }
}

impl Bucket {
    fn put(&mut self, key: &str, bytes: Bytes) -> Object {
        self.written.push((key.to_owned(), bytes.clone()));
        let object = Object {
            bytes,
            modified: SystemTime::now(),
        };
        self.objects.insert(key.to_owned(), object.clone());
        object
    }

    fn put_if(&mut self, key: &str, headers: &HeaderMap, bytes: Bytes) -> Response<Full<Bytes>> {
        let there = self.objects.get(key);
        if headers.contains_key(header::IF_NONE_MATCH) && there.is_some() {
            return failure(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
        }
        if let Some(tag) = headers.get(header::IF_MATCH) {
            match there {
                None => return failure(StatusCode::NOT_FOUND, "NoSuchKey"),
                Some(object) if tag.as_bytes() != object.tag().as_bytes() => {
                    return failure(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
                }
                Some(_) => {}
            }
        }
        let object = self.put(key, bytes);
        let mut answer = plain(StatusCode::OK);
        describe(&mut answer, &object);
        answer
    }

    fn get(&self, key: &str) -> Response<Full<Bytes>> {
        let Some(object) = self.objects.get(key) else {
            return failure(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        let mut answer = Response::new(Full::new(object.bytes.clone()));
        describe(&mut answer, object);
        answer
    }

    fn list(&self, name: &str, query: &str) -> Response<Full<Bytes>> {
        let prefix = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "prefix")
            .map(|(_, prefix)| prefix.into_owned())
            .unwrap_or_default();
        let found = self
            .objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix));
        let mut rows = String::new();
        let mut count = 0_usize;
        for (key, object) in found {
            count += 1;
            let (tag, size) = (object.tag(), object.bytes.len());
            let modified = jiff::Timestamp::try_from(object.modified).unwrap_or_default();
            let _written = write!(
                rows,
                "<Contents><Key>{key}</Key><LastModified>{modified}</LastModified><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
            );
        }
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>{name}</Name><Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        );
        Response::new(Full::from(text))
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

fn failure(status: StatusCode, code: &str) -> Response<Full<Bytes>> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
    );
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer
}

/// The headers that say which version of an object an answer is about. Times are whole seconds, as those of S3 are.
fn describe(answer: &mut Response<Full<Bytes>>, object: &Object) {
    let modified = httpdate::fmt_http_date(object.modified);
    let values = [
        (header::ETAG, object.tag()),
        (header::LAST_MODIFIED, modified),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    }
}
