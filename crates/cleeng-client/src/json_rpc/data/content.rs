//! Data of the offers that are content: singles, rentals, events and VOD.

use super::declaration::{offer_data, request_data};
use crate::offer_id::OfferId;

offer_data! {
    /// Data of a single offer (docs/cleeng-api.md §2.1). A create needs price, title and url.
    SingleOfferData {
        /// The publisher's own id of the video.
        video_id: String,
        /// For the publisher's own use, at most 50 characters.
        content_external_id: String,
        /// For the publisher's own use, at most 4 kB.
        content_external_data: String,
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String>,
        /// Whether the offer is limited to some countries, or closed to some.
        geo_restriction_enabled: bool,
        /// `whitelist` or `blacklist`.
        geo_restriction_type: String,
        /// The countries of the list, ISO 3166-1 alpha-2.
        geo_restriction_countries: Vec<String>,
        /// From 2013, gone from today's documentation.
        #[serde(serialize_with = "crate::number::serialize")]
        social_commission_rate: rust_decimal::Decimal,
        /// `article`, `video`, `download` or `image`. From 2013, gone from today's documentation.
        content_type: String,
        /// From 2013, gone from today's documentation.
        content_age_restriction: u32,
    }
}

offer_data! {
    /// Data of a rental (docs/cleeng-api.md §2.2). A create needs price, title, period and url.
    RentalOfferData {
        /// How long access lasts, in hours.
        period: u32,
        /// The publisher's own id of the video.
        video_id: String,
        /// For the publisher's own use, at most 50 characters.
        content_external_id: String,
        /// For the publisher's own use, at most 4 kB.
        content_external_data: String,
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String>,
        /// From 2013, gone from today's documentation.
        #[serde(serialize_with = "crate::number::serialize")]
        social_commission_rate: rust_decimal::Decimal,
        /// `article`, `video`, `download` or `image`. From 2013, gone from today's documentation.
        content_type: String,
        /// From 2013, gone from today's documentation.
        content_age_restriction: u32,
    }
}

offer_data! {
    /// Data of an event (docs/cleeng-api.md §2.5). A create needs title, url, start, end and time zone;
    /// whether it needs teaser and price is unclear.
    EventOfferData {
        /// The currency: USD, EUR, GBP, CAD, AUD, NZD, SEK, DKK, NOK, TRL, ZAR or XOF. Without
        /// one, the publisher's.
        currency: String,
        /// When it begins, in unix seconds.
        start_time: i64,
        /// When it ends, in unix seconds.
        end_time: i64,
        /// The time zone, an IANA name: `America/New_York`.
        time_zone: String,
        /// The teaser, at most 150 characters.
        teaser: String,
        /// The player's embed code.
        player_code: String,
        /// The player's embed code for the head of the page.
        player_code_head: String,
        /// The address of the background image. Answers have one per size.
        background_image_url: String,
        /// The publisher's own id of the video.
        video_id: String,
        /// How many viewers are expected: 1 up to 1000 (the default), 2 up to 2000, 3 up to 5000,
        /// 4 up to 10000, 5 more.
        viewer_estimate: u32,
        /// Whether the customer pays the service's fee rather than the publisher.
        apply_service_fee_on_customer: bool,
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String>,
        /// The `YouTube` video of the preview. In today's documentation only, in no SDK.
        youtube_preview_video_id: String,
        /// Whether the offer is limited to some countries, or closed to some.
        geo_restriction_enabled: bool,
        /// `whitelist` or `blacklist`.
        geo_restriction_type: String,
        /// The countries of the list, ISO 3166-1 alpha-2.
        geo_restriction_countries: Vec<String>,
    }
}

offer_data! {
    /// Data of a VOD offer (docs/cleeng-api.md §2.6). A create needs price, title and url.
    VodOfferData {
        /// The publisher's own id of the video.
        video_id: String,
        /// The player's embed code.
        player_code: String,
        /// The player's embed code for the head of the page.
        player_code_head: String,
        /// How long access lasts; the unit is not documented, the sample has `7`.
        rental_period: String,
        /// How long the video is.
        runtime: String,
        /// The quality of the video, such as `hd` or `4k`.
        video_quality: String,
        /// The address of the background image. Answers have one per size.
        background_image_url: String,
        /// The events whose buyers get this video. They must exist.
        event_association: Vec<OfferId>,
        /// The tags that make subscriptions and passes open it.
        tags: Vec<String>,
        /// Whether the offer is limited to some countries, or closed to some.
        geo_restriction_enabled: bool,
        /// `whitelist` or `blacklist`.
        geo_restriction_type: String,
        /// The countries of the list, ISO 3166-1 alpha-2.
        geo_restriction_countries: Vec<String>,
    }
}
