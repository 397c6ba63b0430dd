//! What an offer can say: [`Field`] and [`FieldValue`].
//!
//! The names are those of the JSON-RPC generation, and after them come the fields that only its successor has. Which type
//! has which field, and within which bounds, is a rule of a generation and does not stand here.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::span::Span;

macro_rules! fields {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// One thing that a publisher can say about an offer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])+ $variant,)+
        }

        impl Field {
            /// Every field, in the order in which they are declared.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name that the field has on the wire and in data files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

fields! {
    /// The gross price, an amount in the offer's currency.
    Price = "price",
    /// The title.
    Title = "title",
    /// The address of the content.
    Url = "url",
    /// The description.
    Description = "description",
    /// A word such as `month`; for a rental a number of hours.
    Period = "period",
    /// When a pass ends, in unix seconds.
    ExpiresAt = "expiresAt",
    /// The publisher's own id of the video; a lookup key of singles and rentals.
    VideoId = "videoId",
    /// Free for the publisher's own use.
    ContentExternalId = "contentExternalId",
    /// Free for the publisher's own use.
    ContentExternalData = "contentExternalData",
    /// The tags that a piece of content carries.
    Tags = "tags",
    /// The tags of the content that a subscription or pass opens.
    AccessToTags = "accessToTags",
    /// Trial, in billing periods.
    FreePeriods = "freePeriods",
    /// Trial, in days.
    FreeDays = "freeDays",
    /// When an event starts, in unix seconds.
    StartTime = "startTime",
    /// When an event ends, in unix seconds.
    EndTime = "endTime",
    /// The IANA name of an event's time zone.
    TimeZone = "timeZone",
    /// A short text about an event.
    Teaser = "teaser",
    /// The currency of an event. It is kept as the offer's currency, not among its fields.
    Currency = "currency",
    /// The embed code of the player.
    PlayerCode = "playerCode",
    /// The part of the embed code that goes into the head of the page.
    PlayerCodeHead = "playerCodeHead",
    /// The address of the background image.
    BackgroundImageUrl = "backgroundImageUrl",
    /// The expected size of the audience, from 1 to 5.
    ViewerEstimate = "viewerEstimate",
    /// Whether the customer pays the service fee.
    ApplyServiceFeeOnCustomer = "applyServiceFeeOnCustomer",
    /// The id of a preview video.
    YoutubePreviewVideoId = "youtubePreviewVideoId",
    /// For how long a VOD is rented; 0 is not at all. The unit is not documented.
    RentalPeriod = "rentalPeriod",
    /// The length of a VOD, a free text.
    Runtime = "runtime",
    /// The quality of a VOD, such as `hd`.
    VideoQuality = "videoQuality",
    /// Ids of the events whose buyers get a VOD.
    EventAssociation = "eventAssociation",
    /// Whether the geo restriction is on.
    GeoRestrictionEnabled = "geoRestrictionEnabled",
    /// `whitelist` or `blacklist`.
    GeoRestrictionType = "geoRestrictionType",
    /// The countries of the geo restriction.
    GeoRestrictionCountries = "geoRestrictionCountries",
    /// The e-mail of an associate (enterprise accounts).
    AssociateEmail = "associateEmail",
    /// A commission of the year 2013.
    SocialCommissionRate = "socialCommissionRate",
    /// A sort of content of the year 2013.
    ContentType = "contentType",
    /// An age limit of the year 2013.
    ContentAgeRestriction = "contentAgeRestriction",
    /// The address of an image; only REST has it (docs/cleeng-api.md §5.3). JSON-RPC's background image is another field.
    ImageUrl = "imageUrl",
    /// The publisher's own texts by name; only REST has them (docs/cleeng-api.md §5.3).
    ExternalProperties = "externalProperties",
    /// Ids in app stores, by store; only REST has them (docs/cleeng-api.md §5.3).
    AppStoreProductIds = "appStoreProductIds",
    /// Prices for some time; only REST has them (docs/cleeng-api.md §5.3).
    PriceRules = "priceRules",
    /// Whether the price has its tax in it, as it has if nothing is said; only REST says it (docs/cleeng-api.md §5.3).
    TaxIncluded = "taxIncluded",
    /// Whether it can be given away; only REST has it (docs/cleeng-api.md §5.3).
    Giftable = "giftable",
    /// For how many billing cycles a subscription may pause; only REST has it (docs/cleeng-api.md §5.3).
    Pause = "pause",
    /// The group of seasons that a seasonal subscription follows; only REST has it (docs/cleeng-api.md §5.3).
    SeasonGroupId = "seasonGroupId",
    /// How many sessions may run at once; only REST has it (docs/cleeng-api.md §5.3).
    SessionsLimit = "sessionsLimit",
    /// A billing cycle or a duration of access that no word or number of JSON-RPC says (docs/cleeng-api.md §5.3). An offer has it
    /// in place of a period.
    Duration = "duration",
}

impl Field {
    /// Returns the field of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// All fields of an offer that say something.
pub(crate) type Fields = BTreeMap<Field, FieldValue>;

/// The value of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// An amount of money.
    Amount(Decimal),
    /// A text or a word.
    Text(String),
    /// A count, a number of hours or a time in unix seconds.
    Integer(i64),
    /// A yes or no.
    Flag(bool),
    /// Tags, countries or ids.
    List(Vec<String>),
    /// Texts by name.
    Map(BTreeMap<String, String>),
    /// Prices for some time.
    Rules(Vec<PriceRule>),
    /// A length of time in units of the calendar.
    Span(Span),
}

/// A price that holds for some time, such as one for early birds (docs/cleeng-api.md §5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRule {
    /// When it begins, in unix seconds.
    pub from: i64,
    /// When it ends, in unix seconds.
    pub to: i64,
    /// The price.
    pub amount: Decimal,
    /// What it is called.
    pub name: String,
}

impl FieldValue {
    /// Returns the text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Amount(_)
            | Self::Integer(_)
            | Self::Flag(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Rules(_)
            | Self::Span(_) => None,
        }
    }
}

impl From<Decimal> for FieldValue {
    fn from(amount: Decimal) -> Self {
        Self::Amount(amount)
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for FieldValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for FieldValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for FieldValue {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl From<BTreeMap<String, String>> for FieldValue {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<PriceRule>> for FieldValue {
    fn from(rules: Vec<PriceRule>) -> Self {
        Self::Rules(rules)
    }
}

impl From<Span> for FieldValue {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

impl<const N: usize> From<[&str; N]> for FieldValue {
    fn from(list: [&str; N]) -> Self {
        Self::List(list.map(str::to_owned).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_field() {
        for field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(*field));
        }
        assert_eq!(Field::from_name("active"), None);
    }
}
