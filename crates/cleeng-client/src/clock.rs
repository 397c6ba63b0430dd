//! What time it is at the service: [`service_time`].

use std::time::SystemTime;

use reqwest::header::DATE;

use crate::config::Config;
use crate::transport;

/// Asks the service what time it is: the `Date` of any answer. No token is sent.
///
/// `None` if it cannot be reached, or does not say.
pub async fn service_time(config: &Config) -> Option<SystemTime> {
    let url = config.endpoint.json_rpc();
    let client = transport::client_builder(config, &url).ok()?.build().ok()?;
    let answer = client.head(url).send().await.ok()?;
    let date = answer.headers().get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()
}
