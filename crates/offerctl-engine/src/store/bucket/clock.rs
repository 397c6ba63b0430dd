//! The time of the object store: [`ServerClock`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use tokio::time::Instant;

use super::name::{CLOCK, DOCUMENT, LOCK};

/// The objects whose answers are listened to; the lock is what the time is for.
const OBJECTS: [&str; 3] = [LOCK, DOCUMENT, CLOCK];

/// What the store said the time was, in the `Date` of its last answer.
///
/// Times that the store gives its objects are compared with this and never with a clock of ours.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerClock(Arc<Mutex<Option<(Instant, SystemTime)>>>);

impl ServerClock {
    /// Notes what the time is.
    pub(super) fn note(&self, time: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), time));
    }

    /// The time, if the store ever said it.
    pub(super) fn now(&self) -> Option<SystemTime> {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.map(|(at, time)| time + at.elapsed())
    }

    /// Makes connections that listen for the time.
    pub(super) fn connector(&self) -> impl HttpConnector {
        Connector(self.clone())
    }
}

#[derive(Debug)]
struct Connector(ServerClock);

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Listening {
            client: ReqwestConnector::default().connect(options)?,
            clock: self.0.clone(),
        }))
    }
}

struct Listening {
    client: HttpClient,
    clock: ServerClock,
}

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Listening")
    }
}

#[async_trait]
impl HttpService for Listening {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Credentials come from other servers, whose time is not that of the objects.
        let is_object = OBJECTS
            .iter()
            .any(|name| request.uri().path().ends_with(name));
        let response = self.client.execute(request).await?;
        let date = response.headers().get("date");
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        if let Some(date) = date.filter(|_| is_object) {
            self.clock.note(date);
        }
        Ok(response)
    }
}
