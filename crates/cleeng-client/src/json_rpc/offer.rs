//! What answers say of an offer: one struct per type.
//!
//! A request and an answer are two things: an answer has fields that nobody can set, writes the
//! same value in several forms, and may leave out anything but the id. So each field is a
//! [`Member`]. Fields that no documentation knows are passed over.

use std::{fmt, marker::PhantomData};

use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::image::BackgroundImage;
use crate::member::Member;
use crate::offer_id::OfferId;
use crate::wire::{self, Key};

/// Reads the members of an object into a `T`.
struct Members<T>(PhantomData<T>);

/// Declares an answer from the names of its fields: `field: Type = "nameInTheAnswer"`.
///
/// The implementation is written out here rather than derived, because a derived one takes an
/// array for an object, refuses an answer in which a field is written twice (the documentation
/// spells one of them in two ways), and does not say which field it could not read.
macro_rules! answer {
    ($(#[$about:meta])* $name:ident {
        $($(#[$meta:meta])* $field:ident: $type:ty = $key:literal $(| $misspelt:literal)?,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            /// The offer's id. An answer without one is an error.
            pub id: OfferId,
            $($(#[$meta])* pub $field: Member<$type>,)*
        }

        impl $name {
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(Members::<Self>(PhantomData))
            }
        }

        impl<'de> Visitor<'de> for Members<$name> {
            type Value = $name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an offer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<$name, A::Error> {
                let mut id = Member::Absent;
                $(let mut $field = Member::Absent;)*
                while let Some(Key(key)) = members.next_key()? {
                    match &*key {
                        "id" => id = wire::member(&key, members.next_value()?)?,
                        $($key $(| $misspelt)? => {
                            wire::put(&mut $field, wire::member(&key, members.next_value()?)?);
                        })*
                        _ => {
                            members.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let Member::Value(id) = id else {
                    return Err(A::Error::missing_field("id"));
                };
                Ok($name { id, $($field,)* })
            }
        }
    };
}

/// Declares the answer for a type of offer: what all types may have, and what it has besides.
macro_rules! offer {
    ($(#[$about:meta])* $name:ident { $($more:tt)* }) => {
        answer! {
            $(#[$about])*
            $name {
                /// The e-mail address of the publisher.
                publisher_email: String = "publisherEmail",
                /// The number of the publisher, which some old answers have in place of the address.
                publisher_id: String = "publisherId",
                /// The title.
                title: String = "title",
                /// The description.
                description: String = "description",
                /// The address of the content, not always with `http://`.
                url: String = "url",
                /// The price, as it is written. For VOD it seems to be without tax (docs/cleeng-api.md §2.0).
                price: Decimal = "price",
                /// The currency, ISO 4217. Lists and VOD may leave it out.
                currency: String = "currency",
                /// The country, ISO 3166-1 alpha-2. Single offers and rentals leave it out.
                country: String = "country",
                /// Whether the offer is on sale.
                active: bool = "active",
                /// When it was created, in unix seconds.
                created_at: i64 = "createdAt",
                /// When it was last changed, in unix seconds.
                updated_at: i64 = "updatedAt",
                /// The rate of the tax: `0.21` is 21 %.
                applicable_tax_rate: Decimal = "applicableTaxRate",
                /// The rating of customers, 4 for an offer without any.
                average_rating: Decimal = "averageRating",
                /// From 2012, gone from today's documentation.
                social_commission_rate: Decimal = "socialCommissionRate",
                /// From 2012, gone from today's documentation.
                content_type: String = "contentType",
                /// From 2012, gone from today's documentation.
                content_age_restriction: i64 = "contentAgeRestriction",
                /// Whether the offer is limited to some countries, or closed to some.
                geo_restriction_enabled: bool = "geoRestrictionEnabled",
                /// `whitelist` or `blacklist`.
                geo_restriction_type: String = "geoRestrictionType",
                /// The countries of the list, ISO 3166-1 alpha-2.
                geo_restriction_countries: Vec<String> = "geoRestrictionCountries",
                $($more)*
            }
        }
    };
}

offer! {
    /// A single offer, as the service describes it (docs/cleeng-api.md §2.1).
    SingleOffer {
        /// The publisher's own id of the video.
        video_id: String = "videoId",
        /// For the publisher's own use. Lists have `"0"` where there is none.
        content_external_id: String = "contentExternalId",
        /// For the publisher's own use.
        content_external_data: String = "contentExternalData",
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String> = "tags",
    }
}

offer! {
    /// A rental, as the service describes it (docs/cleeng-api.md §2.2).
    RentalOffer {
        /// How long access lasts, in hours.
        period: i64 = "period",
        /// The publisher's own id of the video.
        video_id: String = "videoId",
        /// For the publisher's own use. Lists have `"0"` where there is none.
        content_external_id: String = "contentExternalId",
        /// For the publisher's own use.
        content_external_data: String = "contentExternalData",
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String> = "tags",
    }
}

offer! {
    /// A subscription, as the service describes it (docs/cleeng-api.md §2.3).
    SubscriptionOffer {
        /// The billing period: `month`.
        period: String = "period",
        /// The trial, in billing periods.
        free_periods: i64 = "freePeriods",
        /// The trial, in days.
        free_days: i64 = "freeDays",
        /// Null in the samples: it is a field of passes.
        expires_at: i64 = "expiresAt",
        /// The tags of the content that it opens.
        access_to_tags: Vec<String> = "accessToTags",
    }
}

offer! {
    /// A pass, as the service describes it (docs/cleeng-api.md §2.4).
    PassOffer {
        /// How long it lasts: `month`. Not with an expiry.
        period: String = "period",
        /// When it ends, in unix seconds; 0 stands for none. Not with a period.
        expires_at: i64 = "expiresAt",
        /// The tags of the content that it opens.
        access_to_tags: Vec<String> = "accessToTags",
    }
}

offer! {
    /// An event, as the service describes it (docs/cleeng-api.md §2.5). No sample of it is documented: the
    /// fields are those of the SDKs.
    EventOffer {
        /// The short address of the event's page.
        short_url: String = "shortUrl",
        /// When it begins, in unix seconds.
        start_time: i64 = "startTime",
        /// When it ends, in unix seconds.
        end_time: i64 = "endTime",
        /// The time zone, an IANA name.
        time_zone: String = "timeZone",
        /// The teaser.
        teaser: String = "teaser",
        /// The player's embed code.
        player_code: String = "playerCode",
        /// The player's embed code for the head of the page.
        player_code_head: String = "playerCodeHead",
        /// The background image.
        background_image_url: BackgroundImage = "backgroundImageUrl" | "backgroungImageUrl",
        /// The publisher's own id of the video.
        video_id: String = "videoId",
        /// How many viewers are expected: 1 to 5.
        viewer_estimate: i64 = "viewerEstimate",
        /// Whether the customer pays the service's fee rather than the publisher.
        apply_service_fee_on_customer: bool = "applyServiceFeeOnCustomer",
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String> = "tags",
        /// The `YouTube` video of the preview.
        youtube_preview_video_id: String = "youtubePreviewVideoId",
    }
}

offer! {
    /// A VOD offer, as the service describes it (docs/cleeng-api.md §2.6).
    ///
    /// It is read with and without the `{"vod": …}` around it, in which every method but the list
    /// puts it.
    VodOffer {
        /// The short address of the offer's page.
        short_url: String = "shortUrl",
        /// The publisher's own id of the video.
        video_id: String = "videoId",
        /// How long access lasts, a number without a documented unit; `0` stands for no limit.
        rental_period: String = "rentalPeriod",
        /// The player's embed code.
        player_code: String = "playerCode",
        /// The player's embed code for the head of the page.
        player_code_head: String = "playerCodeHead",
        /// Where the video comes from, such as `YouTube`. Nobody can set it.
        streaming_platform: String = "streamingPlatform",
        /// How long the video is.
        runtime: String = "runtime",
        /// The quality of the video.
        video_quality: String = "videoQuality",
        /// The background image.
        background_image_url: BackgroundImage = "backgroundImageUrl" | "backgroungImageUrl",
        /// The events whose buyers get this video.
        event_association: Vec<OfferId> = "eventAssociation",
        /// Whether it can be had only with a subscription. Nobody can set it.
        membership_only: bool = "membershipOnly",
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String> = "tags",
    }
}

macro_rules! deserialize {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::read(deserializer)
            }
        }
    )*};
}

deserialize!(
    SingleOffer,
    RentalOffer,
    SubscriptionOffer,
    PassOffer,
    EventOffer
);

impl<'de> Deserialize<'de> for VodOffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped<'a> {
            #[serde(borrow)]
            vod: Option<&'a RawValue>,
        }

        let json = <&RawValue>::deserialize(deserializer)?.get();
        let wrapped: Wrapped<'_> = wire::object(&mut serde_json::Deserializer::from_str(json))
            .map_err(D::Error::custom)?;
        let json = wrapped.vod.map_or(json, RawValue::get);
        Self::read(&mut serde_json::Deserializer::from_str(json)).map_err(D::Error::custom)
    }
}
