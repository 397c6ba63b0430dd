//! Parameters that several methods have: [`identify`] and [`object`].

use serde_json::{Map, Value};

use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::shape;

/// By what a call names its offer.
#[derive(Debug)]
pub(crate) enum Identified {
    ById(String),
    ByVideo(String),
}

/// Returns what a call names its offer by.
pub(crate) fn identify(method: Method, params: &Map<String, Value>) -> Result<Identified, Failure> {
    let names = method.id_parameters();
    let of = |name: &str| {
        params
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| {
                shape::text(value)
                    .ok_or_else(|| Failure::bad_params(format!("{name} is not a text")))
            })
            .transpose()
    };
    for name in names {
        if let Some(id) = of(name)? {
            return Ok(Identified::ById(id));
        }
    }
    if method.finds_by_video()
        && let Some(video_id) = of("videoId")?
    {
        return Ok(Identified::ByVideo(video_id));
    }
    let documented = names.first().copied().unwrap_or_default();
    Err(Failure::bad_params(format!("{documented} is missing")))
}

/// Returns an object that may be missing, null, or the empty list as which PHP sends an empty object; `None` if it is
/// something else.
pub(crate) fn object<'a>(
    value: Option<&'a Value>,
    none: &'a Map<String, Value>,
) -> Option<&'a Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(none),
        Some(Value::Array(items)) if items.is_empty() => Some(none),
        Some(Value::Object(members)) => Some(members),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => None,
    }
}
