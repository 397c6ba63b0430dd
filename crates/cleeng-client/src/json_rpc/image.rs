//! The background image of events and VOD: [`BackgroundImage`].

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::wire::{self, Mismatch, Scalar, Wire};

/// A background image. Requests send one address; answers have one per size (docs/cleeng-api.md §2.5, §2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackgroundImage {
    /// One address, as it was sent.
    Url(String),
    /// An address per size.
    Sizes {
        /// The small image.
        small: Option<String>,
        /// The medium image.
        medium: Option<String>,
        /// The large image.
        large: Option<String>,
    },
}

impl Wire for BackgroundImage {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        const NEITHER: Mismatch = Mismatch("an image");
        match Scalar::parse(json).ok_or(NEITHER)? {
            Scalar::Null => Ok(None),
            Scalar::Text(text) if text.is_empty() => Ok(None),
            Scalar::Text(text) => Ok(Some(Self::Url(text.into_owned()))),
            Scalar::Compound(json) if json.starts_with('[') => {
                // PHP writes an object without members as an empty array.
                match serde_json::from_str::<Vec<IgnoredAny>>(json) {
                    Ok(list) if list.is_empty() => Ok(None),
                    Ok(_) | Err(_) => Err(NEITHER),
                }
            }
            Scalar::Compound(json) => sizes(json),
            Scalar::Bool(_) | Scalar::Number(_) => Err(NEITHER),
        }
    }
}

fn sizes(json: &str) -> Result<Option<BackgroundImage>, Mismatch> {
    // The C# SDK knows `Large` with a capital letter.
    #[derive(Deserialize)]
    struct Sizes<'a> {
        #[serde(borrow, default, alias = "Small")]
        small: Option<&'a RawValue>,
        #[serde(borrow, default, alias = "Medium")]
        medium: Option<&'a RawValue>,
        #[serde(borrow, default, alias = "Large")]
        large: Option<&'a RawValue>,
    }

    fn url(value: Option<&RawValue>) -> Result<Option<String>, Mismatch> {
        match value {
            None => Ok(None),
            Some(value) => Ok(String::read(value.get())?.filter(|url| !url.is_empty())),
        }
    }

    let sizes: Sizes<'_> = wire::object(&mut serde_json::Deserializer::from_str(json))
        .map_err(|_| Mismatch("an image"))?;
    let (small, medium, large) = (url(sizes.small)?, url(sizes.medium)?, url(sizes.large)?);
    if small.is_none() && medium.is_none() && large.is_none() {
        return Ok(None);
    }
    Ok(Some(BackgroundImage::Sizes {
        small,
        medium,
        large,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "reads better where it is called"
    )]
    fn check(json: &str, expect: Option<BackgroundImage>) {
        assert_eq!(BackgroundImage::read(json).unwrap(), expect, "{json}");
    }

    #[test]
    fn an_image_is_an_address_or_several() {
        check(
            r#""http:\/\/img""#,
            Some(BackgroundImage::Url("http://img".to_owned())),
        );
        check(
            r#"{"small":"s","medium":null,"Large":"l","other":1}"#,
            Some(BackgroundImage::Sizes {
                small: Some("s".to_owned()),
                medium: None,
                large: Some("l".to_owned()),
            }),
        );
    }

    #[test]
    fn no_image_has_five_forms() {
        for json in [
            "null",
            "\"\"",
            "[]",
            "[ ]",
            "{}",
            r#"{"small":"","large":null}"#,
        ] {
            check(json, None);
        }
    }

    #[test]
    fn anything_else_is_no_image() {
        for json in ["1", "true", "[1]", "[[]]", r#"["a"]"#, r#"{"small":{}}"#] {
            assert!(
                BackgroundImage::read(json).is_err(),
                "{json}: {:?}",
                BackgroundImage::read(json)
            );
        }
    }
}
