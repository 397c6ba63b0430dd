//! From answers to rows: [`ToRow`].
//!
//! Together with its sibling that makes requests, this is the only place that knows both the types of the wire
//! and those of core.

use cleeng_client::Member;
use cleeng_client::json_rpc::{
    EventOffer, PassOffer, RentalOffer, SingleOffer, SubscriptionOffer, VodOffer,
};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::OfferId;
use offerctl_model::value::{EventRef, Moment, Value};
use offerctl_reconcile::live::Row;
use rust_decimal::Decimal;

use crate::remote::ShownRow;
use crate::wire::gather::{Gathered, restriction};

/// An answer that is one row.
pub(super) trait ToRow {
    /// Returns the row.
    fn to_row(self) -> ShownRow;
}

/// The geo restriction out of its three members.
fn geo(
    fields: &mut Gathered,
    enabled: Member<bool>,
    mode: &Member<String>,
    countries: Member<Vec<String>>,
) {
    if enabled.is_absent() && mode.is_absent() && countries.is_absent() {
        return;
    }
    let mode = mode.value().map_or("", String::as_str);
    let countries = countries.into_value().unwrap_or_default();
    // An answer without the switch has it on if there is something to switch.
    let on = enabled
        .value()
        .copied()
        .unwrap_or(!mode.is_empty() && !countries.is_empty());
    let value = if on {
        restriction(mode, &countries)
    } else {
        Value::Geo(None)
    };
    fields.0.set(Field::GeoRestriction, value);
}

/// The members that all six answers have.
struct Common {
    id: String,
    publisher_email: Member<String>,
    publisher_id: Member<String>,
    currency: Member<String>,
    country: Member<String>,
    active: Member<bool>,
    created_at: Member<i64>,
    updated_at: Member<i64>,
    applicable_tax_rate: Member<Decimal>,
}

impl Common {
    fn row(self, fields: Gathered) -> ShownRow {
        let id = OfferId::new(&self.id);
        // The country in the id is that of the localization.
        let country = id
            .country()
            .map(str::to_owned)
            .or(self.country.into_value());
        let row = Row {
            country: country.and_then(|code| Country::new(&code)),
            currency: self
                .currency
                .into_value()
                .and_then(|code| Currency::new(&code)),
            tax_rate: self.applicable_tax_rate.into_value().map(Amount::new),
            publisher_email: self
                .publisher_email
                .into_value()
                .or(self.publisher_id.into_value())
                .map(Foreign::from),
            created_at: self.created_at.into_value().and_then(Moment::from_unix),
            updated_at: self.updated_at.into_value().and_then(Moment::from_unix),
            fields: fields.0,
            id,
        };
        ShownRow {
            row,
            active: self.active.into_value(),
        }
    }
}

/// Gathers what all six answers have, and splits off what is no field.
macro_rules! common {
    ($offer:ident, $fields:ident) => {{
        $fields.text(Field::Title, $offer.title);
        $fields.text(Field::Description, $offer.description);
        $fields.text(Field::Url, $offer.url);
        $fields.amount(Field::Price, $offer.price);
        let (enabled, mode) = ($offer.geo_restriction_enabled, &$offer.geo_restriction_type);
        geo(
            &mut $fields,
            enabled,
            mode,
            $offer.geo_restriction_countries,
        );
        Common {
            id: $offer.id.as_str().to_owned(),
            publisher_email: $offer.publisher_email,
            publisher_id: $offer.publisher_id,
            currency: $offer.currency,
            country: $offer.country,
            active: $offer.active,
            created_at: $offer.created_at,
            updated_at: $offer.updated_at,
            applicable_tax_rate: $offer.applicable_tax_rate,
        }
    }};
}

impl ToRow for SubscriptionOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.word(Field::Period, self.period);
        fields.integer(Field::FreePeriods, self.free_periods);
        fields.integer(Field::FreeDays, self.free_days);
        fields.tags(Field::AccessToTags, self.access_to_tags);
        common!(self, fields).row(fields)
    }
}

impl ToRow for PassOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.word(Field::Period, self.period);
        fields.time(Field::ExpiresAt, self.expires_at);
        fields.tags(Field::AccessToTags, self.access_to_tags);
        common!(self, fields).row(fields)
    }
}

impl ToRow for SingleOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.text(Field::VideoId, self.video_id);
        fields.text(Field::ContentExternalId, self.content_external_id);
        fields.text(Field::ContentExternalData, self.content_external_data);
        fields.tags(Field::Tags, self.tags);
        fields.text(Field::ContentType, self.content_type);
        fields.integer(Field::ContentAgeRestriction, self.content_age_restriction);
        fields.amount(Field::SocialCommissionRate, self.social_commission_rate);
        common!(self, fields).row(fields)
    }
}

impl ToRow for RentalOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.integer(Field::RentalHours, self.period);
        fields.text(Field::VideoId, self.video_id);
        fields.text(Field::ContentExternalId, self.content_external_id);
        fields.text(Field::ContentExternalData, self.content_external_data);
        fields.tags(Field::Tags, self.tags);
        common!(self, fields).row(fields)
    }
}

impl ToRow for EventOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.time(Field::StartTime, self.start_time);
        fields.time(Field::EndTime, self.end_time);
        fields.word(Field::TimeZone, self.time_zone);
        fields.text(Field::Teaser, self.teaser);
        fields.text(Field::PlayerCode, self.player_code);
        fields.text(Field::PlayerCodeHead, self.player_code_head);
        fields.text(Field::VideoId, self.video_id);
        fields.integer(Field::ViewerEstimate, self.viewer_estimate);
        fields.flag(
            Field::ApplyServiceFeeOnCustomer,
            self.apply_service_fee_on_customer,
        );
        fields.tags(Field::Tags, self.tags);
        fields.text(Field::YoutubePreviewVideoId, self.youtube_preview_video_id);
        common!(self, fields).row(fields)
    }
}

impl ToRow for VodOffer {
    fn to_row(self) -> ShownRow {
        let mut fields = Gathered::default();
        fields.text(Field::VideoId, self.video_id);
        fields.set(Field::RentalPeriod, self.rental_period, |text| {
            Some(hours(&text))
        });
        fields.text(Field::PlayerCode, self.player_code);
        fields.text(Field::PlayerCodeHead, self.player_code_head);
        fields.text(Field::Runtime, self.runtime);
        fields.text(Field::VideoQuality, self.video_quality);
        fields.set(Field::EventAssociation, self.event_association, |events| {
            let events = events
                .into_iter()
                .map(|id| EventRef::Id(OfferId::new(id.as_str())));
            Some(Value::events(events))
        });
        fields.tags(Field::Tags, self.tags);
        common!(self, fields).row(fields)
    }
}

/// The rental period of a VOD is a text in requests and a number in answers (docs/cleeng-api.md §2.6).
fn hours(text: &str) -> Value {
    match text.trim() {
        "" => Value::Integer(0),
        digits => digits
            .parse()
            .map_or_else(|_| Value::text(text), Value::Integer),
    }
}
