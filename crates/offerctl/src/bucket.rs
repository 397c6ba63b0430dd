//! What the environment says of object storage: [`open`].

mod profile;
mod variable;

use std::collections::BTreeMap;
use std::time::Duration;

use offerctl_engine::store::{BucketStore, Settings};

use crate::error::CliError;
use crate::exit::Exit;

/// How long a lock lasts that is not renewed. Four heartbeats: one or two may be lost without harm, and after a crash
/// nobody waits longer than it takes to notice.
const LOCK_TTL: Duration = Duration::from_mins(1);

/// The variable that sets another time to live, in seconds.
const LOCK_TTL_VARIABLE: &str = "OFFERCTL_LOCK_TTL";

/// The shortest and the longest time to live, in seconds: shorter, a slow answer loses the lock.
const LOCK_TTL_RANGE: std::ops::RangeInclusive<f64> = 1.0..=3600.0;

/// The beginnings of the variables that the clouds' own tools read.
const PREFIXES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// Sets up the place of a state such as `s3://bucket/prefix`.
pub(crate) fn open(address: &str, environment: &str) -> Result<BucketStore, CliError> {
    let ttl = lock_ttl()?;
    let cloud = cloud_of(address);
    let mut settings = BTreeMap::new();
    for (name, value) in std::env::vars_os().filter(|(_, value)| !value.is_empty()) {
        let Ok(name) = name.into_string() else {
            continue;
        };
        variable::check(cloud, &name, &value)?;
        if PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            && let Ok(value) = value.into_string()
        {
            settings.insert(name, value);
        }
    }
    if address.starts_with("s3:") || address.contains(".amazonaws.com") {
        profile::add(&mut settings)?;
    }
    let settings = Settings(settings);
    BucketStore::open(address, environment, &settings, ttl).map_err(|error| {
        CliError::new(
            Exit::Error,
            format!("the state of `{environment}` cannot be reached"),
        )
        .caused_by(error)
    })
}

/// The beginning of the variables of the cloud that an address leads to.
fn cloud_of(address: &str) -> &'static str {
    if address.starts_with("gs:") {
        "GOOGLE_"
    } else if address.starts_with("az:") || address.contains(".blob.core.windows.net") {
        "AZURE_"
    } else {
        "AWS_"
    }
}

fn lock_ttl() -> Result<Duration, CliError> {
    let Some(text) = std::env::var_os(LOCK_TTL_VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(LOCK_TTL);
    };
    let seconds = text.to_str().and_then(|text| text.parse::<f64>().ok());
    seconds
        .filter(|seconds| LOCK_TTL_RANGE.contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                format!("{LOCK_TTL_VARIABLE} is not a number of seconds from 1 to 3600"),
            )
        })
}
