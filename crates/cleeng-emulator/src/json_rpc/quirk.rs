//! Where the sources contradict each other or stay silent: [`Quirks`], one switch for each such point.
//!
//! A switch is written `name=value`. The defaults can be read by every client library that is known (API sheet, "quirk
//! box"), and follow the documented samples where those agree. One answer is left out: the only library that calls
//! `deactivateVodOffer` expects its own request there, with the image as a text (`image=string`).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// One switch as it is printed in a help text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuirkHelp {
    /// The name before the `=`.
    pub name: &'static str,
    /// The values that it takes, the default first.
    pub values: &'static [&'static str],
    /// What it changes, as a phrase.
    pub about: &'static str,
}

/// The text is no switch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseQuirkError {
    /// There is no `=` in it.
    #[error("`{0}` is not of the form `name=value`")]
    NoValue(String),
    /// There is no such switch.
    #[error("there is no quirk `{name}`; there are {}", names())]
    UnknownName {
        /// What was given.
        name: String,
    },
    /// The switch has no such value.
    #[error("quirk `{name}` has no value `{value}`; it has {}", values.join(", "))]
    UnknownValue {
        /// The switch.
        name: &'static str,
        /// What was given.
        value: String,
        /// What could have been given.
        values: &'static [&'static str],
    },
}

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

            /// Reads a switch from `name=value`.
            pub fn parse(text: &str) -> Result<Self, ParseQuirkError> {
                let (name, value) = text
                    .split_once('=')
                    .ok_or_else(|| ParseQuirkError::NoValue(text.to_owned()))?;
                match name {
                    $($name => $type::from_value(value).map(Self::$type).ok_or_else(|| {
                        ParseQuirkError::UnknownValue {
                            name: $name,
                            value: value.to_owned(),
                            values: $type::VALUES,
                        }
                    }),)+
                    LIST_OMITS => Ok(Self::ListOmits(
                        value
                            .split(',')
                            .filter(|name| !name.is_empty())
                            .map(str::to_owned)
                            .collect(),
                    )),
                    _ => Err(ParseQuirkError::UnknownName { name: name.to_owned() }),
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

const LIST_OMITS: &str = "list-omits";

quirks! {
    /// Form of `active` (API sheet, "quirk box")
    active: ActiveForm = "active" {
        /// `true`, `false`.
        Bool = "bool",
        /// `1`, `0`.
        Number = "number",
        /// `"1"`, `"0"`.
        Text = "string",
        /// `"true"`, `"false"`.
        Words = "words",
    }
    /// What the answer of a deactivation says of `active`; the documented pass sample still says active (API sheet §2.0)
    deactivate_answers: DeactivateAnswers = "deactivate-answers" {
        /// Inactive, as it is.
        Inactive = "inactive",
        /// Active, as it was.
        Active = "active",
    }
    /// Form of prices, but for VOD, whose prices are always texts of four decimals (API sheet §2.0)
    price: PriceForm = "price" {
        /// `12.34`.
        Number = "number",
        /// `"12.34"`.
        Text = "string",
    }
    /// Form of `totalItemCount` (API sheet §3)
    total: TotalForm = "total" {
        /// `2`.
        Number = "number",
        /// `"2"`.
        Text = "string",
    }
    /// Form of a list of tags without tags (API sheet, "quirk box")
    empty_tags: EmptyTags = "empty-tags" {
        /// `[]`.
        List = "list",
        /// `[""]`.
        Blank = "blank",
    }
    /// Form of an optional text without text (API sheet, "quirk box")
    empty: EmptyText = "empty" {
        /// `""`.
        Text = "text",
        /// `null`.
        Null = "null",
        /// The member is not there.
        Absent = "absent",
    }
    /// Form of the one of `period` and `expiresAt` that an offer does not use (API sheet §2.3 and §2.4)
    unused_term: UnusedTerm = "unused-term" {
        /// The member is not there.
        Absent = "absent",
        /// `null`; subscriptions then have `"expiresAt":null`.
        Null = "null",
    }
    /// Form of times (API sheet §2.0)
    timestamps: TimestampForm = "timestamps" {
        /// `1384263564`.
        Number = "number",
        /// `"1384263564"`.
        Text = "string",
    }
    /// Form of `applicableTaxRate` (API sheet, "quirk box")
    tax_rate: TaxRateForm = "tax-rate" {
        /// `"0.21"`, but the integer `0` in events, since one client library reads nothing else there.
        Mixed = "mixed",
        /// `"0.21"` everywhere.
        Text = "string",
        /// `0.21` everywhere.
        Number = "number",
    }
    /// Form of a rental's `period` (API sheet §2.2)
    rental_period: RentalPeriodForm = "rental-period" {
        /// `"48"`.
        Text = "string",
        /// `48`.
        Number = "number",
    }
    /// Whether every result has `country`, or only those whose documented samples have it (API sheet §2.0)
    country: CountryShown = "country" {
        /// Subscriptions, passes and events.
        AsSamples = "as-samples",
        /// Every type.
        Always = "always",
    }
    /// Form of a background image in results (API sheet, "quirk box")
    image: ImageForm = "image" {
        /// An object of `small`, `medium` and `large`; null without an image, since one client library cannot read `[]`.
        Object = "object",
        /// The same, but `[]` without an image, as PHP writes an empty object.
        ObjectOrList = "object-or-list",
        /// The address as it was sent.
        Text = "string",
    }
    /// Who the publisher is in results (API sheet §2.0)
    publisher: PublisherForm = "publisher" {
        /// `publisherEmail`.
        Email = "email",
        /// `publisherId`.
        Id = "id",
    }
    /// What items of lists say of `contentExternalId` and `contentExternalData` without them (API sheet, "quirk box")
    list_externals: ListExternals = "list-externals" {
        /// The same as elsewhere.
        AsElsewhere = "as-elsewhere",
        /// `"0"` and `null`.
        Zeroed = "zeroed",
    }
    /// The price of a VOD in results (API sheet §2.0, "Tax")
    vod_price: VodPrice = "vod-price" {
        /// As it was sent.
        Gross = "gross",
        /// Without the account's tax.
        Net = "net",
    }
    /// Whether VOD items of lists have `applicableTaxRate` (API sheet §2.6)
    vod_tax_rate: VodTaxRate = "vod-tax-rate" {
        /// They have.
        Shown = "shown",
        /// They have not.
        Hidden = "hidden",
    }
    /// Members of the VOD items of lists (API sheet §2.6)
    vod_list: VodList = "vod-list" {
        /// The documented full set.
        Full = "full",
        /// The smaller set that one client library knows, with the image as the text `background`.
        Reduced = "reduced",
    }
    /// Shape of the answer of `deactivateVodOffer` (API sheet §2.6)
    vod_deactivate: VodDeactivate = "vod-deactivate" {
        /// The offer itself.
        Bare = "bare",
        /// The offer inside `vod`, as the other VOD methods answer.
        Wrapped = "wrapped",
    }
    /// Whether VOD results have `active`, which no documented list of their members names (API sheet §2.6)
    vod_active: VodActive = "vod-active" {
        /// They have not.
        Absent = "absent",
        /// They have.
        Shown = "shown",
    }
    /// Whether VOD results have `currency`, which no documented list of their members names (API sheet §2.6)
    vod_currency: VodCurrency = "vod-currency" {
        /// They have not.
        Absent = "absent",
        /// They have.
        Shown = "shown",
    }
    /// Which lists have the VODs (API sheet §2.0: A and R do not tell them from singles and rentals)
    vod_listed: VodListed = "vod-listed" {
        /// Only `listVodOffers`.
        Once = "once",
        /// Also `listSingleOffers` (A) and `listRentalOffers` (R).
        Twice = "twice",
    }
    /// Whether each localization must bring what its page stars, or inherits it from `offerData` (API sheet §4)
    row_values: RowValues = "row-values" {
        /// It inherits all but country and currency.
        Inherited = "inherited",
        /// It brings price, title and (but for rentals) url.
        Required = "required",
    }
    /// Form of the id of answers (API sheet §1.1)
    response_id: ResponseId = "response-id" {
        /// Always a text.
        Text = "string",
        /// A number where the id is one.
        Number = "number",
    }
    /// Slashes in answers (API sheet §1.4)
    slashes: Slashes = "slashes" {
        /// `\/`, as PHP writes them.
        Escaped = "escaped",
        /// `/`.
        Plain = "plain",
    }
    /// Characters beyond ASCII in answers (API sheet §1.4)
    unicode: Unicode = "unicode" {
        /// `\uXXXX`, as PHP writes them.
        Escaped = "escaped",
        /// As they are.
        Plain = "plain",
    }
}

impl FromStr for Quirk {
    type Err = ParseQuirkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<T: IntoIterator<Item = Quirk>>(quirks: T) -> Self {
        let mut all = Self::default();
        for quirk in quirks {
            all.set(quirk);
        }
        all
    }
}

impl fmt::Display for QuirkHelp {
    /// Writes one line: `active=bool|number|string|words: form of …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self
            .values
            .iter()
            .copied()
            .filter(|value| !value.is_empty())
            .collect();
        write!(
            formatter,
            "{}={}: {}",
            self.name,
            values.join("|"),
            self.about.trim()
        )
    }
}

impl Quirks {
    /// Whether items of lists lack the member of that name.
    pub(crate) fn omits_in_lists(&self, member: &str) -> bool {
        self.list_omits
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => member.starts_with(start),
                None => member == pattern,
            })
    }
}

fn names() -> String {
    Quirk::ALL
        .iter()
        .map(|help| help.name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests;
