//! The forms of values in requests: each is what a field holds, or an error with which nothing is sent.

use offerctl_model::field::Field;
use offerctl_model::value::Value;

use crate::remote::RemoteError;

pub(crate) fn unfit(field: Field) -> RemoteError {
    RemoteError::unsupported(&format!(
        "the value of `{field}` does not fit into the request"
    ))
}

pub(crate) fn text(field: Field, value: &Value) -> Result<String, RemoteError> {
    if let Value::Text(text) = value {
        Ok(text.raw().to_owned())
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn decimal(field: Field, value: &Value) -> Result<rust_decimal::Decimal, RemoteError> {
    if let Value::Amount(amount) = value {
        Ok(amount.decimal())
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn number(field: Field, value: &Value) -> Result<u32, RemoteError> {
    if let Value::Integer(number) = value {
        u32::try_from(*number).map_err(|_| unfit(field))
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn seconds(field: Field, value: &Value) -> Result<i64, RemoteError> {
    if let Value::Time(moment) = value {
        Ok(moment.unix())
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn flag(field: Field, value: &Value) -> Result<bool, RemoteError> {
    if let Value::Flag(flag) = value {
        Ok(*flag)
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn code(field: Field, value: &Value) -> Result<String, RemoteError> {
    if let Value::Currency(currency) = value {
        Ok(currency.to_string())
    } else {
        Err(unfit(field))
    }
}

pub(crate) fn tags(field: Field, value: &Value) -> Result<Vec<String>, RemoteError> {
    if let Value::Tags(tags) = value {
        Ok(tags.iter().map(|tag| tag.raw().to_owned()).collect())
    } else {
        Err(unfit(field))
    }
}
