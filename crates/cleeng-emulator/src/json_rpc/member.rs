//! Which members the result for each type of offer has, in which order: [`members`] (docs/cleeng-api.md §2.1 to §2.6).

use crate::field::Field;
use crate::kind::Kind;

/// One member of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Id,
    Publisher,
    /// In every answer, or only where the documented samples have it.
    Country(Shown),
    Currency(Shown),
    Active(Shown),
    CreatedAt,
    UpdatedAt,
    /// Everywhere, or only in lists and multi-currency answers.
    TaxRate(Shown),
    AverageRating,
    ShortUrl,
    StreamingPlatform,
    MembershipOnly,
    /// A field, with its form of "nothing" where the offer says nothing.
    Field(Field),
    /// A field that is only there when the offer says something.
    IfSaid(Field),
    /// The background image under the name that it has in the reduced list of VODs.
    Background,
}

/// Whether a member belongs to the documented samples of every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Always,
    /// Only somewhere, or only with a quirk.
    Sometimes,
}

/// Returns the members of the result for that type.
pub(crate) fn members(kind: Kind) -> &'static [Member] {
    match kind {
        Kind::Single => SINGLE,
        Kind::Rental => RENTAL,
        Kind::Subscription => SUBSCRIPTION,
        Kind::Pass => PASS,
        Kind::Event => EVENT,
        Kind::Vod => VOD,
    }
}

use Member::{
    Active, AverageRating, Background, Country, CreatedAt, Currency, Field as Said, Id, IfSaid,
    MembershipOnly, Publisher, ShortUrl, StreamingPlatform, TaxRate, UpdatedAt,
};
use Shown::{Always, Sometimes};

/// In the order of the createSingleOffer sample. `country` is in no single sample.
const SINGLE: &[Member] = &[
    Id,
    Publisher,
    Said(Field::Url),
    Said(Field::Title),
    Said(Field::Description),
    Currency(Always),
    Country(Sometimes),
    Said(Field::VideoId),
    Said(Field::ContentExternalId),
    Said(Field::ContentExternalData),
    AverageRating,
    Active(Always),
    CreatedAt,
    UpdatedAt,
    Said(Field::Price),
    TaxRate(Sometimes),
    Said(Field::Tags),
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
    IfSaid(Field::SocialCommissionRate),
    IfSaid(Field::ContentType),
    IfSaid(Field::ContentAgeRestriction),
];

/// As a single, with the period (docs/cleeng-api.md §2.2).
const RENTAL: &[Member] = &[
    Id,
    Publisher,
    Said(Field::Url),
    Said(Field::Title),
    Said(Field::Description),
    Currency(Always),
    Country(Sometimes),
    Said(Field::VideoId),
    Said(Field::ContentExternalId),
    Said(Field::ContentExternalData),
    AverageRating,
    Active(Always),
    CreatedAt,
    UpdatedAt,
    Said(Field::Price),
    TaxRate(Sometimes),
    Said(Field::Period),
    Said(Field::Tags),
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
];

/// In the order of the createSubscriptionOffer sample, with what the multi-currency sample and the types of the client
/// libraries add (docs/cleeng-api.md §2.3).
const SUBSCRIPTION: &[Member] = &[
    Id,
    Publisher,
    Said(Field::Title),
    Said(Field::Description),
    Said(Field::Url),
    Currency(Always),
    Country(Always),
    Said(Field::Period),
    Active(Always),
    Said(Field::Price),
    CreatedAt,
    UpdatedAt,
    TaxRate(Sometimes),
    Said(Field::ExpiresAt),
    Said(Field::AccessToTags),
    Said(Field::FreePeriods),
    Said(Field::FreeDays),
    AverageRating,
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
];

/// In the order of the createPassOffer sample (docs/cleeng-api.md §2.4).
const PASS: &[Member] = &[
    Id,
    Publisher,
    Said(Field::Title),
    Said(Field::Description),
    Said(Field::Url),
    Currency(Always),
    Country(Always),
    Active(Always),
    CreatedAt,
    UpdatedAt,
    Said(Field::Price),
    TaxRate(Always),
    Said(Field::Period),
    Said(Field::ExpiresAt),
    Said(Field::AccessToTags),
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
];

/// No sample of an event is known: the members are those of the client libraries' types (docs/cleeng-api.md §2.5).
const EVENT: &[Member] = &[
    Id,
    Publisher,
    Country(Always),
    Said(Field::Url),
    ShortUrl,
    Said(Field::Title),
    Said(Field::Description),
    Said(Field::Price),
    Currency(Always),
    TaxRate(Always),
    Said(Field::StartTime),
    Said(Field::EndTime),
    Said(Field::TimeZone),
    Said(Field::VideoId),
    Said(Field::ViewerEstimate),
    Said(Field::Teaser),
    Said(Field::ApplyServiceFeeOnCustomer),
    Said(Field::PlayerCode),
    Said(Field::PlayerCodeHead),
    Said(Field::BackgroundImageUrl),
    Said(Field::Tags),
    Active(Always),
    CreatedAt,
    UpdatedAt,
    AverageRating,
    IfSaid(Field::YoutubePreviewVideoId),
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
];

/// The documented list of `vod`, which has neither `active` nor `currency` nor `country` (docs/cleeng-api.md §2.6).
const VOD: &[Member] = &[
    Id,
    Said(Field::Title),
    Said(Field::Description),
    Said(Field::Url),
    Said(Field::Price),
    Said(Field::VideoId),
    Said(Field::RentalPeriod),
    Publisher,
    Currency(Sometimes),
    Country(Sometimes),
    Active(Sometimes),
    TaxRate(Sometimes),
    Said(Field::PlayerCode),
    Said(Field::PlayerCodeHead),
    StreamingPlatform,
    Said(Field::Runtime),
    Said(Field::VideoQuality),
    Said(Field::BackgroundImageUrl),
    Said(Field::EventAssociation),
    Said(Field::GeoRestrictionEnabled),
    Said(Field::GeoRestrictionType),
    Said(Field::GeoRestrictionCountries),
    MembershipOnly,
    CreatedAt,
    UpdatedAt,
    Said(Field::Tags),
];

/// The smaller set of members in VOD lists that one client library knows (docs/cleeng-api.md §2.6).
pub(crate) const REDUCED_VOD: &[Member] = &[
    Said(Field::Url),
    Said(Field::Price),
    CreatedAt,
    TaxRate(Sometimes),
    Said(Field::Description),
    Background,
    Said(Field::Title),
    Said(Field::Tags),
    Currency(Always),
    UpdatedAt,
    Id,
    ShortUrl,
    Publisher,
];
