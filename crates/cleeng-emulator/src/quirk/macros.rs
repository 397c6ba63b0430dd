//! How one table of switches becomes the types: the macro `quirks!`.

macro_rules! quirks {
    ($(
        $(#[doc = $about:literal])+
        $member:ident: $type:ident = $name:literal {
            $(#[doc = $first_doc:literal])+ $first:ident = $first_value:literal,
            $($(#[doc = $doc:literal])+ $variant:ident = $value:literal,)+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub enum $type {
                $(#[doc = $first_doc])+
                #[default]
                $first,
                $($(#[doc = $doc])+ $variant,)+
            }

            impl $type {
                const VALUES: &'static [&'static str] = &[$first_value $(, $value)+];

                fn from_value(value: &str) -> Option<Self> {
                    match value {
                        $first_value => Some(Self::$first),
                        $($value => Some(Self::$variant),)+
                        _ => None,
                    }
                }

                fn value(self) -> &'static str {
                    match self {
                        Self::$first => $first_value,
                        $(Self::$variant => $value,)+
                    }
                }
            }
        )+

        /// How the emulator answers where the sources leave it open. The default is the most readable answer.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Quirks {
            $($(#[doc = $about])+ pub $member: $type,)+
            /// Members that items of lists lack, so that only a get shows them. A name may end in `*`.
            pub list_omits: Vec<String>,
        }

        /// One switch in one position.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Quirk {
            $($(#[doc = $about])+ $type($type),)+
            /// Members that items of lists lack.
            ListOmits(Vec<String>),
        }

        impl Quirk {
            /// Every switch, in the order of a help text.
            pub const ALL: &[QuirkHelp] = &[
                $(QuirkHelp { name: $name, values: $type::VALUES, about: concat!($($about),+) },)+
                QuirkHelp {
                    name: LIST_OMITS,
                    values: &["", "NAME,NAME*,…"],
                    about: " Members that items of lists lack, so that only a get shows them",
                },
            ];

            /// Returns the switch of that name in the position of that value, if there is one.
            pub(super) fn of(name: &str, value: &str) -> Option<Self> {
                match name {
                    $($name => $type::from_value(value).map(Self::$type),)+
                    LIST_OMITS => Some(Self::ListOmits(
                        value
                            .split(',')
                            .filter(|name| !name.is_empty())
                            .map(str::to_owned)
                            .collect(),
                    )),
                    _ => None,
                }
            }
        }

        impl fmt::Display for Quirk {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$type(value) => write!(formatter, "{}={}", $name, value.value()),)+
                    Self::ListOmits(names) => {
                        write!(formatter, "{LIST_OMITS}={}", names.join(","))
                    }
                }
            }
        }

        impl Quirks {
            /// Puts one switch into its position.
            pub fn set(&mut self, quirk: Quirk) {
                match quirk {
                    $(Quirk::$type(value) => self.$member = value,)+
                    Quirk::ListOmits(names) => self.list_omits = names,
                }
            }
        }
    };
}

pub(super) use quirks;
