//! Which type of offer has which field, and within which bounds: [`rules`].
//!
//! This is the table of methods and fields of the JSON-RPC API. A page of its documentation describes the `offerData`
//! of plain creates and updates, the `offerData` of multi-currency ones, or an entry of `localizedData`; each pair of
//! type and page has its list. Where the documentation states no bound, none stands here. Fields that a list does not
//! have are ignored, the way a PHP service leaves members alone that it does not know.

use rust_decimal::Decimal;

use crate::field::Field;
use crate::json_rpc::shape::{Length, Shape};
use crate::kind::Kind;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) field: Field,
    pub(crate) shape: Shape,
    pub(crate) need: Need,
}

/// Whether an offer can be without the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A create needs it and no update can empty it.
    Required,
    Optional,
}

/// Which documented object the fields stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// `offerData` of create and update.
    Plain,
    /// `offerData` of the multi-currency methods (docs/cleeng-api.md §4).
    Base,
    /// An entry of `localizedData` (docs/cleeng-api.md §4).
    Row,
}

/// Returns the fields of that type on that page. Types that cannot be localized have none but on the plain page.
pub(crate) fn rules(kind: Kind, page: Page) -> &'static [Rule] {
    match (page, kind) {
        (Page::Plain, Kind::Single) => SINGLE,
        (Page::Plain, Kind::Rental) => RENTAL,
        (Page::Plain, Kind::Subscription) => SUBSCRIPTION,
        (Page::Plain, Kind::Pass) => PASS,
        (Page::Plain, Kind::Event) => EVENT,
        (Page::Plain, Kind::Vod) => VOD,
        (Page::Base, Kind::Single) => SINGLE_BASE,
        (Page::Base, Kind::Rental) => RENTAL_BASE,
        (Page::Base, Kind::Subscription) => SUBSCRIPTION_BASE,
        (Page::Base, Kind::Pass) => PASS_BASE,
        (Page::Row, Kind::Single) => SINGLE_ROW,
        (Page::Row, Kind::Rental) => RENTAL_ROW,
        (Page::Row, Kind::Subscription) => SUBSCRIPTION_ROW,
        (Page::Row, Kind::Pass) => PASS_ROW,
        (Page::Base | Page::Row, Kind::Event | Kind::Vod) => &[],
    }
}

/// The currencies that a request may name, with the old lira's code as documented (docs/cleeng-api.md §2.5 and §4).
pub(crate) const CURRENCIES: &[&str] = &[
    "USD", "EUR", "GBP", "CAD", "AUD", "NZD", "SEK", "DKK", "NOK", "TRL", "ZAR", "XOF",
];

/// Periods of a subscription: the create, update and multi-currency pages agree on these (docs/cleeng-api.md §2.7). `day` and
/// `2weeks` stand on an older page only.
const SUBSCRIPTION_PERIODS: &[&str] = &["week", "month", "3months", "6months", "year"];

/// Periods of a plain pass (docs/cleeng-api.md §2.7).
const PASS_PERIODS: &[&str] = &["week", "2weeks", "month", "3months", "6months", "year"];

/// Periods of a multi-currency pass: its page has `day` too (docs/cleeng-api.md §2.7).
const PASS_BASE_PERIODS: &[&str] = &[
    "day", "week", "2weeks", "month", "3months", "6months", "year",
];

/// 0.14, the least price of everything but events (docs/cleeng-api.md §2.8). For rentals an older page says 0.15, for
/// subscriptions another says 1.49.
const LEAST_PRICE: Decimal = Decimal::from_parts(14, 0, 0, false, 2);

/// 5, the least price of events (docs/cleeng-api.md §2.5).
const LEAST_EVENT_PRICE: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// 99.99, the highest price (docs/cleeng-api.md §2.8).
const MOST_PRICE: Decimal = Decimal::from_parts(9999, 0, 0, false, 2);

/// Length of titles (docs/cleeng-api.md §2.8: every page says up to 70 chars).
const TITLE: Length = Length::Characters(70);

/// Length of descriptions, but for events, which have no bound (docs/cleeng-api.md §2.8).
const DESCRIPTION: Length = Length::Characters(110);

/// Length of the teasers of events (docs/cleeng-api.md §2.8).
const TEASER: Length = Length::Characters(150);

/// Length of `contentExternalId`; one page states it, for rentals (docs/cleeng-api.md §2.1).
const EXTERNAL_ID: Length = Length::Characters(50);

/// Length of `contentExternalData`, "4 kB"; the same page states it.
const EXTERNAL_DATA: Length = Length::Bytes(4096);

const PRICE: Shape = Shape::Price {
    least: LEAST_PRICE,
    most: MOST_PRICE,
};
const EVENT_PRICE: Shape = Shape::Price {
    least: LEAST_EVENT_PRICE,
    most: MOST_PRICE,
};
const ANY_TEXT: Shape = Shape::Text(Length::Any);

const fn required(field: Field, shape: Shape) -> Rule {
    Rule {
        field,
        shape,
        need: Need::Required,
    }
}

const fn optional(field: Field, shape: Shape) -> Rule {
    Rule {
        field,
        shape,
        need: Need::Optional,
    }
}

const GEO_ENABLED: Rule = optional(Field::GeoRestrictionEnabled, Shape::Flag);
const GEO_TYPE: Rule = optional(
    Field::GeoRestrictionType,
    Shape::Word(&["whitelist", "blacklist"]),
);
const GEO_COUNTRIES: Rule = optional(Field::GeoRestrictionCountries, Shape::Countries);

/// The single offer (docs/cleeng-api.md §2.1). The last three are fields of 2013 that current pages no longer list.
const SINGLE: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::ContentExternalId, Shape::Text(EXTERNAL_ID)),
    optional(Field::ContentExternalData, Shape::Text(EXTERNAL_DATA)),
    optional(Field::Tags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
    optional(Field::AssociateEmail, ANY_TEXT),
    optional(Field::SocialCommissionRate, ANY_TEXT),
    optional(
        Field::ContentType,
        Shape::Word(&["article", "video", "download", "image"]),
    ),
    optional(Field::ContentAgeRestriction, ANY_TEXT),
];

/// The rental offer (docs/cleeng-api.md §2.2). The period is a number of hours. The geo restriction is listed for its
/// localizations only. Its create page states no bounds of the price; those of the multi-currency page are taken.
const RENTAL: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Period, Shape::Hours),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::ContentExternalId, Shape::Text(EXTERNAL_ID)),
    optional(Field::ContentExternalData, Shape::Text(EXTERNAL_DATA)),
    optional(Field::Tags, Shape::Texts),
    optional(Field::AssociateEmail, ANY_TEXT),
];

/// The subscription offer (docs/cleeng-api.md §2.3). The bounds of the price are those of the update page.
const SUBSCRIPTION: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Period, Shape::Word(SUBSCRIPTION_PERIODS)),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::FreePeriods, Shape::Count),
    optional(Field::FreeDays, Shape::Count),
    optional(Field::AccessToTags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
    optional(Field::AssociateEmail, ANY_TEXT),
];

/// The pass offer (docs/cleeng-api.md §2.4). Exactly one of period and expiresAt is needed, which is checked on the whole offer.
/// The plain page states no bounds of the price.
const PASS: &[Rule] = &[
    required(Field::Price, Shape::PositivePrice),
    optional(Field::Period, Shape::Term(PASS_PERIODS)),
    optional(Field::ExpiresAt, Shape::Time),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::AccessToTags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
    optional(Field::AssociateEmail, ANY_TEXT),
];

/// The event offer (docs/cleeng-api.md §2.5). The page leaves it unclear whether teaser and price are required: neither is here.
const EVENT: &[Rule] = &[
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    required(Field::StartTime, Shape::Time),
    required(Field::EndTime, Shape::Time),
    required(Field::TimeZone, Shape::TimeZone),
    optional(Field::Teaser, Shape::Text(TEASER)),
    optional(Field::Price, EVENT_PRICE),
    optional(Field::Currency, Shape::Term(CURRENCIES)),
    optional(Field::Description, ANY_TEXT),
    optional(Field::PlayerCode, ANY_TEXT),
    optional(Field::PlayerCodeHead, ANY_TEXT),
    optional(Field::BackgroundImageUrl, ANY_TEXT),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::ViewerEstimate, Shape::Level { least: 1, most: 5 }),
    optional(Field::ApplyServiceFeeOnCustomer, Shape::Flag),
    optional(Field::Tags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
    optional(Field::YoutubePreviewVideoId, ANY_TEXT),
    optional(Field::AssociateEmail, ANY_TEXT),
];

/// The VOD offer (docs/cleeng-api.md §2.6). The unit of the rental period is not documented; a whole number is.
const VOD: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::PlayerCode, ANY_TEXT),
    optional(Field::PlayerCodeHead, ANY_TEXT),
    optional(Field::RentalPeriod, Shape::Count),
    optional(Field::Runtime, ANY_TEXT),
    optional(Field::VideoQuality, ANY_TEXT),
    optional(Field::BackgroundImageUrl, ANY_TEXT),
    optional(Field::EventAssociation, Shape::Texts),
    optional(Field::Tags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
    optional(Field::AssociateEmail, ANY_TEXT),
];

/// The base of a multi-currency single (docs/cleeng-api.md §4). Its page stars title and url, and its own sample has neither
/// (docs/cleeng-api.md §11): the localizations may bring them.
const SINGLE_BASE: &[Rule] = &[
    required(Field::Price, PRICE),
    optional(Field::Title, Shape::Text(TITLE)),
    optional(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::Tags, Shape::Texts),
];

/// The base of a multi-currency rental: that of a single and the period (docs/cleeng-api.md §4).
const RENTAL_BASE: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Period, Shape::Hours),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::Tags, Shape::Texts),
];

/// The base of a multi-currency subscription (docs/cleeng-api.md §4).
const SUBSCRIPTION_BASE: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Period, Shape::Word(SUBSCRIPTION_PERIODS)),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::FreePeriods, Shape::Count),
    optional(Field::FreeDays, Shape::Count),
    optional(Field::AccessToTags, Shape::Texts),
];

/// The base of a multi-currency pass, which has no `expiresAt` (docs/cleeng-api.md §4).
const PASS_BASE: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Period, Shape::Word(PASS_BASE_PERIODS)),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::AccessToTags, Shape::Texts),
];

/// A localization of a single, beside country and currency (docs/cleeng-api.md §4).
const SINGLE_ROW: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::ContentExternalId, Shape::Text(EXTERNAL_ID)),
    optional(Field::ContentExternalData, Shape::Text(EXTERNAL_DATA)),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
];

/// A localization of a rental: that of a single, but for the url, which it need not have (docs/cleeng-api.md §4).
const RENTAL_ROW: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    optional(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::VideoId, ANY_TEXT),
    optional(Field::ContentExternalId, Shape::Text(EXTERNAL_ID)),
    optional(Field::ContentExternalData, Shape::Text(EXTERNAL_DATA)),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
];

/// A localization of a subscription, beside country and currency (docs/cleeng-api.md §4).
const SUBSCRIPTION_ROW: &[Rule] = &[
    required(Field::Price, PRICE),
    optional(Field::Period, Shape::Term(SUBSCRIPTION_PERIODS)),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    optional(Field::FreePeriods, Shape::Count),
    optional(Field::FreeDays, Shape::Count),
    optional(Field::AccessToTags, Shape::Texts),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
];

/// A localization of a pass, beside country and currency (docs/cleeng-api.md §4).
const PASS_ROW: &[Rule] = &[
    required(Field::Price, PRICE),
    required(Field::Title, Shape::Text(TITLE)),
    required(Field::Url, ANY_TEXT),
    optional(Field::Description, Shape::Text(DESCRIPTION)),
    GEO_ENABLED,
    GEO_TYPE,
    GEO_COUNTRIES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_names_a_field_twice() {
        for kind in Kind::ALL {
            for page in [Page::Plain, Page::Base, Page::Row] {
                let mut fields: Vec<_> = rules(kind, page).iter().map(|rule| rule.field).collect();
                let count = fields.len();
                fields.sort_unstable();
                fields.dedup();
                assert_eq!(fields.len(), count, "{kind} {page:?}");
            }
        }
    }

    #[test]
    fn localizations_say_nothing_that_the_type_cannot_say() {
        let plain: Vec<_> = Kind::ALL
            .iter()
            .flat_map(|kind| rules(*kind, Page::Plain))
            .map(|rule| rule.field)
            .collect();
        for kind in Kind::ALL {
            for page in [Page::Base, Page::Row] {
                for rule in rules(kind, page) {
                    assert!(plain.contains(&rule.field), "{kind} {}", rule.field);
                }
            }
        }
    }

    #[test]
    fn bounds_are_the_documented_ones() {
        let bounds = [LEAST_PRICE, LEAST_EVENT_PRICE, MOST_PRICE].map(|bound| bound.to_string());
        assert_eq!(bounds, ["0.14", "5", "99.99"]);
    }
}
