//! The table of fields: one [`Row`] each.

use super::kind::{Kind, Member, Removal, Visibility};
use super::list::Field;
use crate::offer_type::{Api, OfferType};

/// A set of offer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    const fn of(types: &[OfferType]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < types.len() {
            bits |= 1 << types[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    pub(super) const fn contains(self, offer_type: OfferType) -> bool {
        self.0 & (1 << offer_type as u8) != 0
    }
}

const NONE: Types = Types::of(&[]);
const ALL: Types = Types::of(&OfferType::ALL);
const SUBSCRIPTION: Types = Types::of(&[OfferType::Subscription]);
const PASS: Types = Types::of(&[OfferType::Pass]);
const SINGLE: Types = Types::of(&[OfferType::Single]);
const RENTAL: Types = Types::of(&[OfferType::Rental]);
const EVENT: Types = Types::of(&[OfferType::Event]);
const VOD: Types = Types::of(&[OfferType::Vod]);
const ACCESS: Types = Types::of(&[OfferType::Subscription, OfferType::Pass]);
const CONTENT: Types = Types::of(&[
    OfferType::Single,
    OfferType::Rental,
    OfferType::Event,
    OfferType::Vod,
]);
const ASSETS: Types = Types::of(&[OfferType::Single, OfferType::Rental]);
const PLAYED: Types = Types::of(&[OfferType::Event, OfferType::Vod]);
const PASS_AND_ONE_TIME: Types = Types::of(&[OfferType::Pass, OfferType::Single, OfferType::Vod]);
/// The types that JSON-RPC can localize (docs/cleeng-api.md §4).
const LOCALIZED: Types = Types::of(&[
    OfferType::Subscription,
    OfferType::Pass,
    OfferType::Single,
    OfferType::Rental,
]);
const ALL_BUT_RENTAL: Types = Types::of(&[
    OfferType::Subscription,
    OfferType::Pass,
    OfferType::Single,
    OfferType::Event,
    OfferType::Vod,
]);

/// What is known of one field.
pub(super) struct Row {
    pub(super) field: Field,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The types whose plain offers have it over JSON-RPC (docs/cleeng-api.md §2).
    json_rpc: Types,
    /// The types whose `localizedData` has it over JSON-RPC (docs/cleeng-api.md §4).
    json_rpc_localized: Types,
    /// The types whose `offerData` has it beside `localizedData` (docs/cleeng-api.md §4).
    pub(super) localized_base: Types,
    /// The types that have it over REST (docs/cleeng-api.md §5.3 to §5.6).
    rest: Types,
    /// The types whose localizations have it over REST (docs/cleeng-api.md §5.5).
    rest_localized: Types,
    pub(super) visibility: Visibility,
    /// What becomes of a sent value that is no longer declared.
    pub(super) removal: Removal,
    pub(super) doc: &'static str,
}

impl Row {
    pub(super) fn types(&self, api: Api) -> Types {
        match api {
            Api::JsonRpc => self.json_rpc,
            Api::Rest => self.rest,
        }
    }

    pub(super) fn localizable(&self, api: Api) -> Types {
        match api {
            Api::JsonRpc => self.json_rpc_localized,
            Api::Rest => self.rest_localized,
        }
    }
}

pub(super) fn row(field: Field) -> &'static Row {
    &TABLE[field as usize]
}

/// A field that exists nowhere yet; each row says what differs.
const fn blank(field: Field, name: &'static str, kind: Kind, doc: &'static str) -> Row {
    Row {
        field,
        name,
        kind,
        json_rpc: NONE,
        json_rpc_localized: NONE,
        localized_base: NONE,
        rest: NONE,
        rest_localized: NONE,
        visibility: Visibility::Listed,
        removal: Removal::Clears,
        doc,
    }
}

const INTEGER: Kind = Kind::Integer {
    min: 0,
    max: u32::MAX,
};
const AT_LEAST_ONE: Kind = Kind::Integer {
    min: 1,
    max: u32::MAX,
};

const fn member(name: &'static str, kind: Kind, required: bool) -> Member {
    Member {
        name,
        kind,
        required,
    }
}

/// The members of `billingCycle` (docs/cleeng-api.md §5.3).
const BILLING_CYCLE: &[Member] = &[
    member(
        "periodUnit",
        Kind::Choice(&["day", "week", "month", "year", "season"]),
        true,
    ),
    member("amount", AT_LEAST_ONE, true),
];

/// The members of `entitlement`; one of `expiresAt` and `duration` is needed (docs/cleeng-api.md §5.3).
const ENTITLEMENT: &[Member] = &[
    member("expiresAt", Kind::Time, false),
    member(
        "duration",
        Kind::Record(&[
            member(
                "periodUnit",
                Kind::Choice(&["hour", "day", "week", "month", "year"]),
                true,
            ),
            member("amount", AT_LEAST_ONE, true),
        ]),
        false,
    ),
];

/// The members of `freeTrial` (docs/cleeng-api.md §5.3).
const FREE_TRIAL: &[Member] = &[
    member("type", Kind::Choice(&["day", "period"]), true),
    member("duration", INTEGER, true),
];

/// The members of `pause` (docs/cleeng-api.md §5.3).
const PAUSE: &[Member] = &[member("maxBillingCycles", AT_LEAST_ONE, true)];

/// The members of one entry of `price.rules` (docs/cleeng-api.md §5.3).
const PRICE_RULE: &[Member] = &[
    member("from", Kind::Time, true),
    member("to", Kind::Time, true),
    member("amount", Kind::Price, true),
    member("name", Kind::Text, true),
];

/// The stores of `appStoreProductIds` (docs/cleeng-api.md §5.3).
const STORES: &[&str] = &["apple", "amazon", "android", "roku", "samsung", "vizio"];

/// One row per field, in the order of [`Field`].
pub(super) static TABLE: &[Row] = &[
    Row {
        json_rpc: ALL,
        json_rpc_localized: LOCALIZED,
        localized_base: LOCALIZED,
        rest: ALL,
        rest_localized: ALL,
        removal: Removal::Stays,
        ..blank(
            Field::Title,
            "title",
            Kind::Text,
            "Title of the offer, as customers see it; at most 70 characters.",
        )
    },
    Row {
        json_rpc: ALL,
        json_rpc_localized: LOCALIZED,
        localized_base: LOCALIZED,
        rest: ALL,
        rest_localized: ALL,
        ..blank(
            Field::Description,
            "description",
            Kind::Text,
            "What the offer is about; at most 110 characters over JSON-RPC (events: no bound), 255 over REST.",
        )
    },
    Row {
        json_rpc: EVENT,
        visibility: Visibility::Detail,
        ..blank(
            Field::Teaser,
            "teaser",
            Kind::Text,
            "Short text that advertises the event; at most 150 characters.",
        )
    },
    Row {
        json_rpc: ALL,
        json_rpc_localized: LOCALIZED,
        localized_base: LOCALIZED,
        rest: ALL,
        removal: Removal::Stays,
        ..blank(
            Field::Url,
            "url",
            Kind::Url,
            "Address of the content, beginning with http:// or https://.",
        )
    },
    Row {
        rest: ALL,
        ..blank(
            Field::ImageUrl,
            "imageUrl",
            Kind::Url,
            "Address of a picture; at most 255 characters. REST only.",
        )
    },
    Row {
        json_rpc: ALL,
        json_rpc_localized: LOCALIZED,
        localized_base: LOCALIZED,
        rest: ALL,
        rest_localized: ALL,
        removal: Removal::Stays,
        ..blank(
            Field::Price,
            "price",
            Kind::Price,
            "Price as a plain decimal number such as 12.00, in the currency of the account, or of the country in a \
             localization.",
        )
    },
    Row {
        rest: ALL,
        rest_localized: ALL,
        ..blank(
            Field::PriceRules,
            "price.rules",
            Kind::Records(PRICE_RULE),
            "Prices that hold for a time only, such as an early bird. REST only.",
        )
    },
    Row {
        json_rpc: EVENT,
        rest: ALL,
        removal: Removal::Stays,
        ..blank(
            Field::Currency,
            "currency",
            Kind::Currency,
            "Currency of the price, if it is not that of the account. Cannot be changed later. Over JSON-RPC only \
             events have it.",
        )
    },
    Row {
        json_rpc: ACCESS,
        json_rpc_localized: SUBSCRIPTION,
        localized_base: ACCESS,
        rest: ACCESS,
        removal: Removal::Stays,
        ..blank(
            Field::Period,
            "period",
            Kind::Period,
            "How long the customer has access before the next payment (subscription), or in all (pass).",
        )
    },
    Row {
        json_rpc: RENTAL,
        localized_base: RENTAL,
        rest: RENTAL,
        removal: Removal::Stays,
        ..blank(
            Field::RentalHours,
            "period",
            AT_LEAST_ONE,
            "Hours of access after the purchase.",
        )
    },
    Row {
        rest: SUBSCRIPTION,
        removal: Removal::Stays,
        ..blank(
            Field::BillingCycle,
            "billingCycle",
            Kind::Record(BILLING_CYCLE),
            "Time between two payments, where `period` has no word for it. REST only.",
        )
    },
    Row {
        json_rpc: PASS,
        rest: PASS,
        removal: Removal::Stays,
        ..blank(
            Field::ExpiresAt,
            "expiresAt",
            Kind::Time,
            "Moment at which the pass ends for everybody, instead of `period`: RFC 3339 with an offset, or unix seconds.",
        )
    },
    Row {
        rest: PASS_AND_ONE_TIME,
        removal: Removal::Stays,
        ..blank(
            Field::Entitlement,
            "entitlement",
            Kind::Record(ENTITLEMENT),
            "How long access lasts: until `expiresAt`, or for a `duration`. REST only, which needs it on single and vod.",
        )
    },
    Row {
        json_rpc: SUBSCRIPTION,
        json_rpc_localized: SUBSCRIPTION,
        localized_base: SUBSCRIPTION,
        rest: SUBSCRIPTION,
        rest_localized: SUBSCRIPTION,
        visibility: Visibility::Detail,
        ..blank(
            Field::FreeDays,
            "freeDays",
            INTEGER,
            "Length of the free trial in days.",
        )
    },
    Row {
        json_rpc: SUBSCRIPTION,
        json_rpc_localized: SUBSCRIPTION,
        localized_base: SUBSCRIPTION,
        rest: SUBSCRIPTION,
        rest_localized: SUBSCRIPTION,
        visibility: Visibility::Detail,
        ..blank(
            Field::FreePeriods,
            "freePeriods",
            INTEGER,
            "Length of the free trial in billing periods.",
        )
    },
    Row {
        rest: SUBSCRIPTION,
        rest_localized: SUBSCRIPTION,
        ..blank(
            Field::FreeTrial,
            "freeTrial",
            Kind::Record(FREE_TRIAL),
            "Free trial in days or billing periods, in the form of the newer API. REST only: over JSON-RPC write \
             `freeDays` or `freePeriods`.",
        )
    },
    Row {
        rest: SUBSCRIPTION,
        removal: Removal::Stays,
        ..blank(
            Field::Pause,
            "pause",
            Kind::Record(PAUSE),
            "For how many billing cycles customers may pause. Cannot be changed later. REST only.",
        )
    },
    Row {
        rest: SUBSCRIPTION,
        removal: Removal::Stays,
        ..blank(
            Field::SeasonGroupId,
            "seasonGroupId",
            Kind::Text,
            "Id of the season group that a seasonal subscription belongs to. REST only.",
        )
    },
    Row {
        rest: ALL,
        removal: Removal::Stays,
        ..blank(
            Field::SessionsLimit,
            "sessionsLimit",
            AT_LEAST_ONE,
            "How many sessions may run at once. Cannot be changed later. REST only.",
        )
    },
    Row {
        rest: ALL,
        ..blank(
            Field::Giftable,
            "giftable",
            Kind::Flag,
            "Whether the offer can be given as a present. REST only.",
        )
    },
    Row {
        json_rpc: EVENT,
        rest: EVENT,
        removal: Removal::Stays,
        ..blank(
            Field::StartTime,
            "startTime",
            Kind::Time,
            "Moment at which the event starts: RFC 3339 with an offset, or unix seconds.",
        )
    },
    Row {
        json_rpc: EVENT,
        rest: EVENT,
        removal: Removal::Stays,
        ..blank(
            Field::EndTime,
            "endTime",
            Kind::Time,
            "Moment at which the event ends: RFC 3339 with an offset, or unix seconds.",
        )
    },
    Row {
        json_rpc: EVENT,
        rest: EVENT,
        removal: Removal::Stays,
        ..blank(
            Field::TimeZone,
            "timeZone",
            Kind::TimeZone,
            "IANA name of the time zone, such as Europe/Oslo.",
        )
    },
    Row {
        json_rpc: EVENT,
        visibility: Visibility::Detail,
        removal: Removal::Stays,
        ..blank(
            Field::ViewerEstimate,
            "viewerEstimate",
            Kind::Integer { min: 1, max: 5 },
            "Expected audience: 1 up to 1000, 2 up to 2000, 3 up to 5000, 4 up to 10000, 5 more. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: EVENT,
        visibility: Visibility::Detail,
        ..blank(
            Field::ApplyServiceFeeOnCustomer,
            "applyServiceFeeOnCustomer",
            Kind::Flag,
            "Whether the customer pays the service fee instead of the publisher. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: VOD,
        visibility: Visibility::Detail,
        ..blank(
            Field::EventAssociation,
            "eventAssociation",
            Kind::Events,
            "Events whose buyers get this video: names of offers of this project, or `id:E123456789_US`. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: VOD,
        rest: VOD,
        visibility: Visibility::Detail,
        ..blank(
            Field::RentalPeriod,
            "rentalPeriod",
            INTEGER,
            "Hours of access after the purchase; 0 or nothing sells the video for good.",
        )
    },
    Row {
        json_rpc: VOD,
        visibility: Visibility::Detail,
        ..blank(
            Field::Runtime,
            "runtime",
            Kind::Text,
            "How long the video is, in your own words. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: VOD,
        visibility: Visibility::Detail,
        ..blank(
            Field::VideoQuality,
            "videoQuality",
            Kind::Text,
            "Quality of the video, such as hd or 4k. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: CONTENT,
        json_rpc_localized: ASSETS,
        visibility: Visibility::Detail,
        ..blank(
            Field::VideoId,
            "videoId",
            Kind::Text,
            "Your own id of the video asset. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: PLAYED,
        visibility: Visibility::Detail,
        ..blank(
            Field::PlayerCode,
            "playerCode",
            Kind::Text,
            "Code that embeds the player. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: PLAYED,
        visibility: Visibility::Detail,
        ..blank(
            Field::PlayerCodeHead,
            "playerCodeHead",
            Kind::Text,
            "Code that the player needs in the head of the page. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: PLAYED,
        visibility: Visibility::WriteOnly,
        removal: Removal::Refused,
        ..blank(
            Field::BackgroundImageUrl,
            "backgroundImageUrl",
            Kind::Url,
            "Address of a picture behind the player. Comes back in other sizes, so it is compared with what was last \
             applied. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: EVENT,
        visibility: Visibility::Detail,
        ..blank(
            Field::YoutubePreviewVideoId,
            "youtubePreviewVideoId",
            Kind::Text,
            "YouTube id of a preview. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: CONTENT,
        localized_base: ASSETS,
        rest: CONTENT,
        removal: Removal::Refused,
        ..blank(
            Field::Tags,
            "tags",
            Kind::Tags,
            "Tags of the content: subscriptions and passes with one of them in `accessToTags` open it.",
        )
    },
    Row {
        json_rpc: ACCESS,
        json_rpc_localized: SUBSCRIPTION,
        localized_base: ACCESS,
        rest: ACCESS,
        removal: Removal::Refused,
        ..blank(
            Field::AccessToTags,
            "accessToTags",
            Kind::Tags,
            "Content with any of these tags is open to the customer; `(all)` opens everything (JSON-RPC only).",
        )
    },
    Row {
        // Plain rentals have no geo restriction, localized ones do (docs/cleeng-api.md §2.2).
        json_rpc: ALL_BUT_RENTAL,
        json_rpc_localized: LOCALIZED,
        rest: ALL,
        rest_localized: ALL,
        visibility: Visibility::Detail,
        removal: Removal::Refused,
        ..blank(
            Field::GeoRestriction,
            "geoRestriction",
            Kind::GeoRestriction,
            "Countries in which the offer is sold (whitelist) or not sold (blacklist); null sells it everywhere.",
        )
    },
    Row {
        json_rpc: ASSETS,
        json_rpc_localized: ASSETS,
        visibility: Visibility::Detail,
        ..blank(
            Field::ContentExternalId,
            "contentExternalId",
            Kind::Text,
            "Your own id of the content; at most 50 characters. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: ASSETS,
        json_rpc_localized: ASSETS,
        visibility: Visibility::Detail,
        ..blank(
            Field::ContentExternalData,
            "contentExternalData",
            Kind::Text,
            "Your own data about the content; at most 4096 characters. JSON-RPC only.",
        )
    },
    Row {
        rest: ALL,
        removal: Removal::Refused,
        ..blank(
            Field::ExternalProperties,
            "externalProperties",
            Kind::TextMap,
            "Your own texts by your own keys. REST only.",
        )
    },
    Row {
        rest: ALL,
        removal: Removal::Refused,
        ..blank(
            Field::AppStoreProductIds,
            "appStoreProductIds",
            Kind::Texts(STORES),
            "Ids of the same product in app stores. REST only.",
        )
    },
    Row {
        json_rpc: ALL,
        visibility: Visibility::WriteOnly,
        removal: Removal::Refused,
        ..blank(
            Field::AssociateEmail,
            "associateEmail",
            Kind::Text,
            "E-mail address of the associate who sells the offer (enterprise accounts). Never comes back, so it is \
             compared with what was last applied. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: SINGLE,
        visibility: Visibility::Detail,
        ..blank(
            Field::ContentType,
            "contentType",
            Kind::Choice(&["article", "video", "download", "image"]),
            "Kind of content; of 2013, no longer documented. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: SINGLE,
        visibility: Visibility::Detail,
        ..blank(
            Field::ContentAgeRestriction,
            "contentAgeRestriction",
            INTEGER,
            "Age from which the content is suitable; of 2013, no longer documented. JSON-RPC only.",
        )
    },
    Row {
        json_rpc: SINGLE,
        visibility: Visibility::Detail,
        ..blank(
            Field::SocialCommissionRate,
            "socialCommissionRate",
            Kind::Rate,
            "Commission for recommending the offer; of 2013, no longer documented. JSON-RPC only.",
        )
    },
    // No type has it: nobody declares it, the project's name and that of the offer do.
    Row {
        removal: Removal::Stays,
        ..blank(
            Field::Marker,
            "externalProperties.offerctl",
            Kind::Text,
            "Our marker: the project and the name of the offer.",
        )
    },
];
