//! How an offer looks in an answer: [`View`].

use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::account::Account;
use crate::field::{Field, FieldValue};
use crate::json::Json;
use crate::json_rpc::member::{Member, REDUCED_VOD, Shown, members};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::{
    ActiveForm, CountryShown, DeactivateAnswers, EmptyTags, EmptyText, ImageForm, ListExternals,
    PriceForm, PublisherForm, Quirks, RentalPeriodForm, TaxRateForm, TimestampForm, UnusedTerm,
    VodActive, VodCurrency, VodList, VodPrice, VodTaxRate,
};

/// The rating of every offer: a fresh one has it, in the samples and in a live test (docs/cleeng-api.md §2.0).
const AVERAGE_RATING: i64 = 4;

/// The audience of an event that names none: up to 1000 viewers (docs/cleeng-api.md §2.5).
const DEFAULT_VIEWER_ESTIMATE: i64 = 1;

/// The number that stands for the publisher where the quirk wants one: that of a documented sample (docs/cleeng-api.md §2.0).
const PUBLISHER_ID: &str = "761790883";

/// What an answer is rendered with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) account: &'a Account,
    pub(crate) quirks: &'a Quirks,
    pub(crate) place: Place,
}

/// Where in an answer an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The result of a get, create or update.
    Alone,
    /// The result of a deactivation.
    Deactivated,
    /// An item of a list.
    Item,
    /// One of the localizations in a multi-currency answer.
    Localization,
}

impl View<'_> {
    /// Returns the offer as a result of the methods of a type, which is its own but for VODs listed twice.
    pub(crate) fn offer(&self, offer: &Offer, kind: Kind) -> Json {
        let is_reduced = kind == Kind::Vod
            && self.place == Place::Item
            && self.quirks.vod_list == VodList::Reduced;
        let members = if is_reduced {
            REDUCED_VOD
        } else {
            members(kind)
        };
        let shown = members
            .iter()
            .filter_map(|member| self.member(offer, kind, *member))
            .filter(|(name, _)| self.place != Place::Item || !self.quirks.omits_in_lists(name))
            .map(|(name, value)| (Cow::Borrowed(name), value))
            .collect();
        Json::Object(shown)
    }

    fn member(&self, offer: &Offer, kind: Kind, member: Member) -> Option<(&'static str, Json)> {
        let shown = match member {
            Member::Id => ("id", Json::text(offer.id().as_str())),
            Member::Publisher => match self.quirks.publisher {
                PublisherForm::Email => {
                    ("publisherEmail", Json::text(&self.account.publisher_email))
                }
                PublisherForm::Id => ("publisherId", Json::text(PUBLISHER_ID)),
            },
            Member::Country(shown) => {
                if shown == Shown::Sometimes && self.quirks.country == CountryShown::AsSamples {
                    return None;
                }
                ("country", Json::text(offer.id().country()))
            }
            Member::Currency(shown) => {
                if shown == Shown::Sometimes && self.quirks.vod_currency == VodCurrency::Absent {
                    return None;
                }
                ("currency", Json::text(offer.currency().as_str()))
            }
            Member::Active(shown) => {
                if shown == Shown::Sometimes && self.quirks.vod_active == VodActive::Absent {
                    return None;
                }
                ("active", self.active(offer))
            }
            Member::CreatedAt => ("createdAt", self.time(offer.created_at())),
            Member::UpdatedAt => ("updatedAt", self.time(offer.updated_at())),
            Member::TaxRate(shown) => {
                if shown == Shown::Sometimes && !self.shows_tax_rate(kind) {
                    return None;
                }
                ("applicableTaxRate", self.tax_rate(kind))
            }
            Member::AverageRating => ("averageRating", Json::Integer(AVERAGE_RATING)),
            // Nobody is to follow it: the name is reserved for addresses that lead nowhere.
            Member::ShortUrl => (
                "shortUrl",
                Json::Text(format!("http://short.invalid/{}", offer.id().stem())),
            ),
            Member::StreamingPlatform => ("streamingPlatform", Json::text("")),
            Member::MembershipOnly => ("membershipOnly", Json::Bool(false)),
            Member::Field(field) => (field.name(), self.field(offer, kind, field)?),
            Member::IfSaid(field) => {
                offer.get(field)?;
                (field.name(), self.field(offer, kind, field)?)
            }
            // A text whatever the form of images: the library that knows this name reads nothing else.
            Member::Background => (
                "background",
                match offer.text(Field::BackgroundImageUrl) {
                    Some(url) => Json::text(url),
                    None => self.nothing(Json::text(""))?,
                },
            ),
        };
        Some(shown)
    }

    fn active(&self, offer: &Offer) -> Json {
        let active = match (self.place, self.quirks.deactivate_answers) {
            (Place::Deactivated, DeactivateAnswers::Active) => true,
            (
                Place::Alone | Place::Deactivated | Place::Item | Place::Localization,
                DeactivateAnswers::Active | DeactivateAnswers::Inactive,
            ) => offer.is_active(),
        };
        match self.quirks.active {
            ActiveForm::Bool => Json::Bool(active),
            ActiveForm::Number => Json::Integer(active.into()),
            ActiveForm::Text => Json::text(if active { "1" } else { "0" }),
            ActiveForm::Words => Json::text(if active { "true" } else { "false" }),
        }
    }

    fn time(&self, seconds: i64) -> Json {
        match self.quirks.timestamps {
            TimestampForm::Number => Json::Integer(seconds),
            TimestampForm::Text => Json::Text(seconds.to_string()),
        }
    }

    /// Samples of one single, rental or subscription have no tax rate, samples of lists and of localizations have.
    fn shows_tax_rate(&self, kind: Kind) -> bool {
        match self.place {
            Place::Alone | Place::Deactivated => false,
            Place::Localization => true,
            Place::Item => kind != Kind::Vod || self.quirks.vod_tax_rate == VodTaxRate::Shown,
        }
    }

    fn tax_rate(&self, kind: Kind) -> Json {
        let rate = self.account.tax_rate;
        let text = || {
            let mut rate = rate.normalize();
            if rate.scale() < 2 {
                rate.rescale(2);
            }
            Json::Text(rate.to_string())
        };
        match self.quirks.tax_rate {
            TaxRateForm::Mixed if kind == Kind::Event => Json::Integer(0),
            TaxRateForm::Mixed | TaxRateForm::Text => text(),
            TaxRateForm::Number => Json::Number(rate.normalize()),
        }
    }

    /// Returns a field, or its form of "nothing"; `None` where the member is to be absent.
    fn field(&self, offer: &Offer, kind: Kind, field: Field) -> Option<Json> {
        let said = offer.get(field);
        match field {
            Field::Price => match said {
                Some(FieldValue::Amount(price)) => Some(self.price(*price, kind)),
                _ => self.nothing(Json::Null),
            },
            Field::Period | Field::ExpiresAt => match said {
                Some(FieldValue::Integer(number)) if field == Field::ExpiresAt => {
                    Some(self.time(*number))
                }
                Some(FieldValue::Integer(hours)) => Some(self.hours(*hours)),
                Some(value) => Some(plain(value)),
                None => match hours(offer) {
                    Some(hours) if kind == Kind::Rental => Some(self.hours(hours)),
                    _ => (self.quirks.unused_term == UnusedTerm::Null).then_some(Json::Null),
                },
            },
            Field::StartTime | Field::EndTime => match said {
                Some(FieldValue::Integer(seconds)) => Some(self.time(*seconds)),
                _ => self.nothing(Json::Null),
            },
            Field::ViewerEstimate => Some(Json::Text(match said {
                Some(FieldValue::Integer(level)) => level.to_string(),
                _ => DEFAULT_VIEWER_ESTIMATE.to_string(),
            })),
            Field::FreePeriods | Field::FreeDays => Some(said.map_or(Json::Integer(0), plain)),
            Field::RentalPeriod => Some(match said {
                Some(value) => plain(value),
                None => Json::Integer(hours(offer).unwrap_or(0)),
            }),
            Field::ApplyServiceFeeOnCustomer | Field::GeoRestrictionEnabled => {
                Some(said.map_or(Json::Bool(false), plain))
            }
            Field::Tags | Field::AccessToTags => Some(match (said, self.quirks.empty_tags) {
                (Some(value), _) => plain(value),
                (None, EmptyTags::List) => Json::List(Vec::new()),
                (None, EmptyTags::Blank) => Json::texts([""]),
            }),
            Field::GeoRestrictionCountries | Field::EventAssociation => {
                Some(said.map_or(Json::List(Vec::new()), plain))
            }
            Field::BackgroundImageUrl => Some(self.image(offer.text(field))),
            Field::ContentExternalId if said.is_none() && self.zeroes_externals() => {
                Some(Json::text("0"))
            }
            Field::ContentExternalData if said.is_none() && self.zeroes_externals() => {
                Some(Json::Null)
            }
            Field::Title
            | Field::Url
            | Field::Description
            | Field::VideoId
            | Field::ContentExternalId
            | Field::ContentExternalData
            | Field::TimeZone
            | Field::Teaser
            | Field::Currency
            | Field::PlayerCode
            | Field::PlayerCodeHead
            | Field::YoutubePreviewVideoId
            | Field::Runtime
            | Field::VideoQuality
            | Field::GeoRestrictionType
            | Field::AssociateEmail
            | Field::SocialCommissionRate
            | Field::ContentType
            | Field::ContentAgeRestriction
            | Field::ImageUrl
            | Field::ExternalProperties
            | Field::AppStoreProductIds
            | Field::PriceRules
            | Field::TaxIncluded
            | Field::Giftable
            | Field::Pause
            | Field::SeasonGroupId
            | Field::SessionsLimit
            | Field::Duration => match said {
                Some(value) => Some(plain(value)),
                None => self.nothing(Json::text("")),
            },
        }
    }

    fn hours(&self, hours: i64) -> Json {
        match self.quirks.rental_period {
            RentalPeriodForm::Text => Json::Text(hours.to_string()),
            RentalPeriodForm::Number => Json::Integer(hours),
        }
    }

    fn zeroes_externals(&self) -> bool {
        self.place == Place::Item && self.quirks.list_externals == ListExternals::Zeroed
    }

    /// The form of an optional member that the offer does not say; `usual` is what it looks like by default.
    fn nothing(&self, usual: Json) -> Option<Json> {
        match self.quirks.empty {
            EmptyText::Text => Some(usual),
            EmptyText::Null => Some(Json::Null),
            EmptyText::Absent => None,
        }
    }

    fn price(&self, price: Decimal, kind: Kind) -> Json {
        if kind == Kind::Vod {
            let shown = match self.quirks.vod_price {
                VodPrice::Gross => price,
                VodPrice::Net => price / (Decimal::ONE + self.account.tax_rate),
            };
            let mut shown = shown.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
            shown.rescale(4);
            return Json::Text(shown.to_string());
        }
        match self.quirks.price {
            PriceForm::Number => Json::Number(price.normalize()),
            PriceForm::Text => Json::Text(price.normalize().to_string()),
        }
    }

    fn image(&self, url: Option<&str>) -> Json {
        match (self.quirks.image, url) {
            (ImageForm::Text, url) => Json::text(url.unwrap_or_default()),
            (ImageForm::Object, None) => Json::Null,
            (ImageForm::ObjectOrList, None) => Json::List(Vec::new()),
            (ImageForm::Object | ImageForm::ObjectOrList, Some(url)) => Json::object([
                ("small", Json::text(url)),
                ("medium", Json::text(url)),
                ("large", Json::text(url)),
            ]),
        }
    }
}

/// A value in its own form.
fn plain(value: &FieldValue) -> Json {
    match value {
        FieldValue::Amount(amount) => Json::Number(amount.normalize()),
        FieldValue::Text(text) => Json::text(text),
        FieldValue::Integer(number) => Json::Integer(*number),
        FieldValue::Flag(flag) => Json::Bool(*flag),
        FieldValue::List(list) => Json::texts(list),
        // No member of this generation holds one.
        FieldValue::Map(_) | FieldValue::Rules(_) | FieldValue::Span(_) => Json::Null,
    }
}

/// Returns the hours of a duration that was given in another unit over REST, as far as hours can say it.
fn hours(offer: &Offer) -> Option<i64> {
    match offer.get(Field::Duration) {
        Some(FieldValue::Span(span)) => span.hours(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
