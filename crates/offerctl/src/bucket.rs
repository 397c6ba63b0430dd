//! What the environment says of object storage: [`open`].

mod profile;
mod variable;

use std::collections::BTreeMap;
use std::time::Duration;

use offerctl_engine::store::{BucketStore, Settings};
use offerctl_manifest::project::Environment;

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
pub(crate) fn open(address: &str, environment: &Environment) -> Result<BucketStore, CliError> {
    let times = times(environment)?;
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
    BucketStore::open(address, &environment.name, &settings, times).map_err(|error| {
        CliError::new(
            Exit::Error,
            format!("the state of `{}` cannot be reached", environment.name),
        )
        .caused_by(error)
    })
}

/// How long a lock in a bucket lives without renewal, and a request takes at most.
///
/// A holder sends nothing in the second half of the time to live without asking the store, and is taken over at its end. So
/// what it sent before has to have ended by then.
pub(crate) fn times(environment: &Environment) -> Result<(Duration, Duration), CliError> {
    let ttl = lock_ttl()?;
    let request = Duration::from_millis(environment.limits.timeout_milliseconds);
    if request <= ttl / 2 {
        return Ok((ttl, request));
    }
    let [request, half, ttl, enough] =
        [request, ttl / 2, ttl, request * 2].map(|time| time.as_secs_f64());
    let message = format!(
        "`limits.timeoutSeconds` of `{}` is {request}, more than half of the {ttl} s for which a lock in a bucket lasts: a \
         request could take effect when another run has the lock already",
        environment.name
    );
    let hint = format!(
        "set timeoutSeconds to {half} or less, or {LOCK_TTL_VARIABLE} to {enough} or more, for all that use this state"
    );
    Err(CliError::new(Exit::Invalid, message).hint(&hint))
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
