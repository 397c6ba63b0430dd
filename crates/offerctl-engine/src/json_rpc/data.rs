//! From fields to requests: [`FromFields`].

use cleeng_client::OfferId as WireId;
use cleeng_client::json_rpc::{
    EventOfferData, LocalizedPassData, LocalizedRentalData, LocalizedSingleData,
    LocalizedSubscriptionData, PassOfferData, RentalOfferData, SingleOfferData,
    SubscriptionOfferData, VodOfferData,
};
use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};

use crate::remote::RemoteError;
use crate::wire::form::{code, decimal, flag, number, seconds, tags, text, unfit};

/// The data of a request, made of fields.
pub(super) trait FromFields: Sized {
    /// Makes the data; a field that it has no place for is an error, and nothing is sent.
    fn from_fields(fields: &Fields) -> Result<Self, RemoteError>;

    /// Says which localization it is; the currency is only said when it is made.
    fn in_country(self, country: Country, currency: Option<Currency>) -> Self {
        let _ = (country, currency);
        self
    }
}

/// The values that `offerData` of a localized offer takes (docs/cleeng-api.md §4).
pub(super) fn localized_base(offer_type: OfferType, fields: &Fields) -> Fields {
    let fits = |(field, _): &(Field, &Value)| field.is_offer_data_of_localized(offer_type);
    fields
        .iter()
        .filter(fits)
        .map(|(field, value)| (field, value.clone()))
        .collect()
}

/// Sets the members of a request from fields; the arms name the member and the form of its value.
macro_rules! from_fields {
    ($($data:ident { $($field:ident => $member:ident: $form:ident),* $(,)? } $([$geo:ident])? $(@ $country:ident)?;)*) => {$(
        impl FromFields for $data {
            fn from_fields(fields: &Fields) -> Result<Self, RemoteError> {
                let mut data = Self::default();
                for (field, value) in fields.iter() {
                    match field {
                        Field::Title => data.title = Some(text(field, value)?),
                        Field::Description => data.description = Some(text(field, value)?),
                        Field::Url => data.url = Some(text(field, value)?),
                        Field::Price => data.price = Some(decimal(field, value)?),
                        $(Field::$field => data.$member = Some($form(field, value)?),)*
                        $(Field::GeoRestriction => {
                            let (enabled, mode, countries) = $geo(field, value)?;
                            data.geo_restriction_enabled = Some(enabled);
                            data.geo_restriction_type = mode;
                            data.geo_restriction_countries = countries;
                        })?
                        _ => return Err(no_place(field)),
                    }
                }
                Ok(data)
            }

            $(fn in_country(mut self, $country: Country, currency: Option<Currency>) -> Self {
                self.country = Some($country.to_string());
                self.currency = currency.map(|currency| currency.to_string());
                self
            })?
        }
    )*};
}

from_fields! {
    SubscriptionOfferData {
        AssociateEmail => associate_email: text,
        Period => period: text,
        FreePeriods => free_periods: number,
        FreeDays => free_days: number,
        AccessToTags => access_to_tags: tags,
    } [geo];
    PassOfferData {
        AssociateEmail => associate_email: text,
        Period => period: text,
        ExpiresAt => expires_at: seconds,
        AccessToTags => access_to_tags: tags,
    } [geo];
    SingleOfferData {
        AssociateEmail => associate_email: text,
        VideoId => video_id: text,
        ContentExternalId => content_external_id: text,
        ContentExternalData => content_external_data: text,
        Tags => tags: tags,
        SocialCommissionRate => social_commission_rate: decimal,
        ContentType => content_type: text,
        ContentAgeRestriction => content_age_restriction: number,
    } [geo];
    RentalOfferData {
        AssociateEmail => associate_email: text,
        RentalHours => period: number,
        VideoId => video_id: text,
        ContentExternalId => content_external_id: text,
        ContentExternalData => content_external_data: text,
        Tags => tags: tags,
    };
    EventOfferData {
        AssociateEmail => associate_email: text,
        Currency => currency: code,
        StartTime => start_time: seconds,
        EndTime => end_time: seconds,
        TimeZone => time_zone: text,
        Teaser => teaser: text,
        PlayerCode => player_code: text,
        PlayerCodeHead => player_code_head: text,
        BackgroundImageUrl => background_image_url: text,
        VideoId => video_id: text,
        ViewerEstimate => viewer_estimate: number,
        ApplyServiceFeeOnCustomer => apply_service_fee_on_customer: flag,
        Tags => tags: tags,
        YoutubePreviewVideoId => youtube_preview_video_id: text,
    } [geo];
    VodOfferData {
        AssociateEmail => associate_email: text,
        VideoId => video_id: text,
        PlayerCode => player_code: text,
        PlayerCodeHead => player_code_head: text,
        RentalPeriod => rental_period: digits,
        Runtime => runtime: text,
        VideoQuality => video_quality: text,
        BackgroundImageUrl => background_image_url: text,
        EventAssociation => event_association: ids,
        Tags => tags: tags,
    } [geo];
    LocalizedSubscriptionData {
        Period => period: text,
        FreePeriods => free_periods: number,
        FreeDays => free_days: number,
        AccessToTags => access_to_tags: tags,
    } [geo] @ country;
    LocalizedPassData {} [geo] @ country;
    LocalizedSingleData {
        VideoId => video_id: text,
        ContentExternalId => content_external_id: text,
        ContentExternalData => content_external_data: text,
    } [geo] @ country;
    LocalizedRentalData {
        VideoId => video_id: text,
        ContentExternalId => content_external_id: text,
        ContentExternalData => content_external_data: text,
    } [geo] @ country;
}

fn no_place(field: Field) -> RemoteError {
    RemoteError::unsupported(&format!(
        "JSON-RPC has no place for `{field}` in this request"
    ))
}

fn digits(field: Field, value: &Value) -> Result<String, RemoteError> {
    if let Value::Integer(number) = value {
        Ok(number.to_string())
    } else {
        Err(unfit(field))
    }
}

fn ids(field: Field, value: &Value) -> Result<Vec<WireId>, RemoteError> {
    let Value::Events(events) = value else {
        return Err(unfit(field));
    };
    let id = |event: &EventRef| match event {
        EventRef::Id(id) => Ok(WireId::from(id.raw())),
        EventRef::Offer(name) => Err(RemoteError::unsupported(&format!(
            "the event `{name}` has no id yet"
        ))),
    };
    events.iter().map(id).collect()
}

/// The switch, the kind and the countries of a geo restriction.
type Geo = (bool, Option<String>, Option<Vec<String>>);

fn geo(field: Field, value: &Value) -> Result<Geo, RemoteError> {
    match value {
        Value::Geo(None) => Ok((false, None, None)),
        Value::Geo(Some(restriction)) => {
            let countries = restriction
                .countries
                .iter()
                .map(ToString::to_string)
                .collect();
            Ok((
                true,
                Some(restriction.mode.as_str().to_owned()),
                Some(countries),
            ))
        }
        Value::Text(_)
        | Value::Integer(_)
        | Value::Flag(_)
        | Value::Amount(_)
        | Value::Currency(_)
        | Value::Time(_)
        | Value::Tags(_)
        | Value::Events(_)
        | Value::Texts(_)
        | Value::Record(_)
        | Value::Records(_) => Err(unfit(field)),
    }
}
