//! How the objects of an answer are read: [`object`], a macro, over [`Field`].
//!
//! As over JSON-RPC, every member may be missing and every scalar is read from all forms in which
//! the service writes it. REST nests, so a member can be an object, a list of objects or a map of
//! texts as well.

use std::collections::BTreeMap;

use serde::{
    Deserialize,
    de::{Error, IgnoredAny},
};
use serde_json::value::RawValue;

use crate::member::Member;
use crate::wire::{self, Wire};

/// A type that a member of an answer can have.
pub(super) trait Field: Sized {
    /// Reads the member, and names it where that fails.
    fn read_member<E: Error>(key: &str, value: &RawValue) -> Result<Member<Self>, E>;
}

impl<T: Wire> Field for T {
    fn read_member<E: Error>(key: &str, value: &RawValue) -> Result<Member<Self>, E> {
        wire::member(key, value)
    }
}

/// Own texts by own keys. A value that is no text is kept as its JSON: it is not ours to lose.
impl Field for BTreeMap<String, String> {
    fn read_member<E: Error>(key: &str, value: &RawValue) -> Result<Member<Self>, E> {
        if is_empty_array(value) {
            return Ok(Member::Value(Self::new()));
        }
        let map: Member<BTreeMap<String, Option<&RawValue>>> = object(key, value)?;
        Ok(map.map(|map| {
            map.into_iter()
                .filter_map(|(key, value)| {
                    let json = value?.get();
                    let text = String::read(json).ok().flatten();
                    Some((key, text.unwrap_or_else(|| json.to_owned())))
                })
                .collect()
        }))
    }
}

/// Reads an object. PHP writes one without members as `[]`: that has no value.
pub(super) fn object<'a, T: Deserialize<'a>, E: Error>(
    key: &str,
    value: &'a RawValue,
) -> Result<Member<T>, E> {
    if value.get() == "null" || is_empty_array(value) {
        return Ok(Member::Null);
    }
    match wire::object(&mut serde_json::Deserializer::from_str(value.get())) {
        Ok(object) => Ok(Member::Value(object)),
        Err(error) => Err(E::custom(format_args!("`{key}`: {error}"))),
    }
}

/// Most objects in a list inside an offer: there are 249 countries, and a price has a few rules.
const MAX_OBJECTS: usize = 1_000;

/// Reads a list of objects.
pub(super) fn objects<'a, T: Deserialize<'a>, E: Error>(
    key: &str,
    value: &'a RawValue,
) -> Result<Member<Vec<T>>, E> {
    if value.get() == "null" {
        return Ok(Member::Null);
    }
    let mut json = serde_json::Deserializer::from_str(value.get());
    match wire::list_up_to(MAX_OBJECTS, &mut json) {
        Ok(objects) => Ok(Member::Value(objects)),
        Err(error) => Err(E::custom(format_args!("`{key}`: {error}"))),
    }
}

fn is_empty_array(value: &RawValue) -> bool {
    value.get().starts_with('[')
        && serde_json::from_str::<Vec<IgnoredAny>>(value.get()).is_ok_and(|list| list.is_empty())
}

/// Declares an object of an answer from the names of its members: `field: Type = "nameOnTheWire"`.
///
/// In round brackets: the member without which it is none. In square brackets: what does not come
/// from the body.
///
/// The implementation is written out rather than derived for the same reasons as over JSON-RPC: a
/// derived one takes an array for an object, refuses a member that is there twice, and does not
/// say which one it could not read.
macro_rules! answer {
    (
        $(#[$about:meta])* $name:ident, $expecting:literal
        $(($(#[$key_meta:meta])* $key_field:ident: $key_type:ty = $key_name:literal))?
        $([$(#[$own_meta:meta])* $own:ident: $own_type:ty])?
        { $($(#[$meta:meta])* $field:ident: $type:ty = $member:literal,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$key_meta])* pub $key_field: $key_type,)?
            $($(#[$own_meta])* pub $own: $own_type,)?
            $($(#[$meta])* pub $field: $crate::member::Member<$type>,)*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$name, A::Error> {
                        $(let mut $key_field = $crate::member::Member::Absent;)?
                        $(let mut $field = $crate::member::Member::Absent;)*
                        while let Some($crate::wire::Key(key)) = members.next_key()? {
                            match &*key {
                                $($key_name => {
                                    let value: &serde_json::value::RawValue = members.next_value()?;
                                    $crate::wire::put(
                                        &mut $key_field,
                                        $crate::rest::object::Field::read_member(&key, value)?,
                                    );
                                })?
                                $($member => {
                                    let value: &serde_json::value::RawValue = members.next_value()?;
                                    $crate::wire::put(
                                        &mut $field,
                                        $crate::rest::object::Field::read_member(&key, value)?,
                                    );
                                })*
                                _ => {
                                    members.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($name {
                            $($key_field: match $key_field {
                                $crate::member::Member::Value(value) => value,
                                $crate::member::Member::Absent | $crate::member::Member::Null => {
                                    return Err(serde::de::Error::missing_field($key_name));
                                }
                            },)?
                            $($own: Default::default(),)?
                            $($field,)*
                        })
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }

        impl $crate::rest::object::Field for $name {
            fn read_member<E: serde::de::Error>(
                key: &str,
                value: &serde_json::value::RawValue,
            ) -> Result<$crate::member::Member<Self>, E> {
                $crate::rest::object::object(key, value)
            }
        }

        impl $crate::rest::object::Field for Vec<$name> {
            fn read_member<E: serde::de::Error>(
                key: &str,
                value: &serde_json::value::RawValue,
            ) -> Result<$crate::member::Member<Self>, E> {
                $crate::rest::object::objects(key, value)
            }
        }
    };
}

pub(super) use answer;
