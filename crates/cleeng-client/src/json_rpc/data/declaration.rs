//! How the data of requests is declared: [`offer_data`] and [`request_data`].

/// Declares a struct of optional fields in the service's spelling, each with a method that sets it.
macro_rules! request_data {
    ($(#[$about:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[$meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl $name {
            $(
                #[doc = concat!("Sets [`Self::", stringify!($field), "`].")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$type>) -> Self {
                    self.$field = Some(value.into());
                    self
                }
            )*
        }
    };
}

/// Declares the data of a type of offer: what all types have, and what it has besides.
macro_rules! offer_data {
    ($(#[$about:meta])* $name:ident { $($more:tt)* }) => {
        request_data! {
            $(#[$about])*
            $name {
                /// The price in the publisher's currency, gross. The documented bounds disagree
                /// (docs/cleeng-api.md §2.8); 0.14 to 99.99 is what most pages say.
                #[serde(serialize_with = "crate::number::serialize")]
                price: rust_decimal::Decimal,
                /// The title, at most 70 characters.
                title: String,
                /// The address of the content.
                url: String,
                /// The description, at most 110 characters (for events no limit is documented).
                description: String,
                /// The associate who owns the offer (enterprise accounts only; old documentation
                /// and SDKs).
                associate_email: String,
                $($more)*
            }
        }
    };
}

pub(super) use offer_data;
pub(crate) use request_data;
