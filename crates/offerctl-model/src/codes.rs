//! Enumerations of stable codes, each with its name and an explanation: the macro [`codes!`](crate::codes!).

/// Declares an enumeration whose variants have a printed name and, in their documentation, an explanation.
#[macro_export]
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $codes:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $codes { $($(#[doc = $doc])+ $variant,)+ }

        impl $codes {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that is printed; scripts can rely on it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One or more sentences on what the code means.
            pub fn explain(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }

        impl std::fmt::Display for $codes {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}
