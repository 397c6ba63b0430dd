//! From fields to bodies of REST: what makes an offer or a localization, and what changes one (docs/cleeng-api.md §5.4, §5.5).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a field that a body has no place for is refused, also one that is new"
)]

use std::collections::BTreeMap;

use cleeng_client::Member;
use cleeng_client::rest::{
    CreateLocalization, CreateOffer, EntitlementData, EventData, FreeTrialData, GeoRestrictionData,
    PatchEntitlement, PatchEvent, PatchLocalization, PatchOffer, PatchPrice, PauseData, PeriodData,
    PriceData, PriceRuleData,
};
use offerctl_manifest::desired::MARKER_KEY;
use offerctl_model::content::{Content, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use crate::remote::RemoteError;
use crate::wire::form::{code, decimal, flag, number, seconds, tags, text, unfit};

fn no_place(field: Field) -> RemoteError {
    RemoteError::unsupported(&format!("REST has no place for `{field}` in this request"))
}

fn missing(what: &str) -> RemoteError {
    RemoteError::unsupported(&format!("{what} is missing, and REST needs it"))
}

/// The body that makes an offer; its localizations are in it.
pub(super) fn create(
    offer_type: OfferType,
    content: &Content,
    home: Option<Country>,
) -> Result<CreateOffer, RemoteError> {
    // The offer itself is what is sold at home.
    let fields = home.map_or_else(
        || content.fields.clone(),
        |home| content.effective_fields(home),
    );
    let title = need(&fields, Field::Title, text)?;
    let mut price = price(&fields)?;
    let own = content.localizations.as_ref().zip(home);
    if let Some(row) = own.and_then(|(rows, home)| rows.get(&home)) {
        price = price.currency(row.currency.to_string());
    }
    let mut body = match offer_type {
        OfferType::Subscription => CreateOffer::subscription(title, price, billing_cycle(&fields)?),
        OfferType::Pass => CreateOffer::pass(title, price, entitlement(&fields)?),
        OfferType::Single | OfferType::Rental | OfferType::Vod => {
            CreateOffer::vod(title, price, entitlement(&fields)?)
        }
        OfferType::Event => CreateOffer::live(title, price, event(&fields)?),
    };
    // A new offer says nothing by itself: what is cleared need not be.
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_cleared()) {
        match field {
            Field::Description => body.description = Some(text(field, value)?),
            Field::Url => body.url = Some(text(field, value)?),
            Field::ImageUrl => body.image_url = Some(text(field, value)?),
            Field::Tags | Field::AccessToTags => body.tags = Some(tags(field, value)?),
            Field::GeoRestriction => body.geo_restriction = geo(field, value)?,
            Field::FreeDays | Field::FreePeriods | Field::FreeTrial => {
                body.free_trial = trial(field, value)?;
            }
            Field::ExternalProperties | Field::Marker => {
                body.external_properties = properties(&fields)?;
            }
            Field::AppStoreProductIds => {
                body.app_store_product_ids = Some(texts(field, value)?);
            }
            Field::Giftable => body.giftable = Some(flag(field, value)?),
            Field::Pause => {
                let max_billing_cycles = number(field, member(field, value, "maxBillingCycles")?)?;
                body.pause = Some(PauseData { max_billing_cycles });
            }
            Field::SeasonGroupId => body.season_group_id = Some(text(field, value)?),
            Field::SessionsLimit => body.sessions_limit = Some(number(field, value)?),
            // What the price, the entitlement, the billing cycle and the times are made of.
            Field::Title
            | Field::Price
            | Field::PriceRules
            | Field::Currency
            | Field::Period
            | Field::RentalHours
            | Field::RentalPeriod
            | Field::BillingCycle
            | Field::ExpiresAt
            | Field::Entitlement
            | Field::StartTime
            | Field::EndTime
            | Field::TimeZone => {}
            _ => return Err(no_place(field)),
        }
    }
    let others = content.localizations.iter().flatten();
    let others = others.filter(|(country, _)| Some(**country) != home);
    let others: Result<Vec<_>, _> = others
        .map(|(country, row)| {
            let localization = Localization {
                currency: row.currency,
                fields: content.localized_fields(*country, Api::Rest, offer_type),
            };
            create_localization(*country, &localization)
        })
        .collect();
    let others = others?;
    if !others.is_empty() {
        body.localizations = Some(others);
    }
    Ok(body)
}

/// The body that sells an offer in one more country.
pub(super) fn create_localization(
    country: Country,
    localization: &Localization,
) -> Result<CreateLocalization, RemoteError> {
    let fields = &localization.fields;
    let title = need(fields, Field::Title, text)?;
    let price = price(fields)?.currency(localization.currency.to_string());
    let mut body = CreateLocalization::new(country.as_str(), title, price);
    // A country may take from the offer what it does not say: so what is cleared is said, too.
    for (field, value) in fields.iter() {
        match field {
            Field::Description => body.description = Some(text(field, value)?),
            Field::GeoRestriction => body.geo_restriction = nullable(geo(field, value)?),
            Field::FreeDays | Field::FreePeriods | Field::FreeTrial => {
                body.free_trial = patch_trial(fields)?;
            }
            Field::Title | Field::Price | Field::PriceRules => {}
            _ => return Err(no_place(field)),
        }
    }
    Ok(body)
}

/// The body that changes an offer.
pub(super) fn patch(fields: &Fields) -> Result<PatchOffer, RemoteError> {
    let mut body = PatchOffer::default();
    for (field, value) in fields.iter() {
        match field {
            Field::Title => body.title = Some(text(field, value)?),
            Field::Description => body.description = Some(text(field, value)?),
            Field::Url => body.url = Member::Value(text(field, value)?),
            Field::ImageUrl => body.image_url = or_null(value, || text(field, value))?,
            Field::Tags | Field::AccessToTags => body.tags = Some(tags(field, value)?),
            Field::Price | Field::PriceRules => body.price = Some(patch_price(fields)?),
            Field::GeoRestriction => body.geo_restriction = nullable(geo(field, value)?),
            Field::Period
            | Field::ExpiresAt
            | Field::Entitlement
            | Field::RentalHours
            | Field::RentalPeriod => {
                body.entitlement = Some(match entitlement(fields)? {
                    EntitlementData::FixedDate(time) => PatchEntitlement::FixedDate(time),
                    EntitlementData::Duration(period) => PatchEntitlement::Duration(period),
                });
            }
            Field::StartTime | Field::EndTime | Field::TimeZone => {
                let event = body.event.get_or_insert_with(PatchEvent::default);
                if field == Field::StartTime {
                    event.starts_at = Some(seconds(field, value)?);
                } else if field == Field::EndTime {
                    event.ends_at = Some(seconds(field, value)?);
                } else {
                    event.timezone = Some(text(field, value)?);
                }
            }
            Field::FreeDays | Field::FreePeriods | Field::FreeTrial => {
                body.free_trial = patch_trial(fields)?;
            }
            Field::ExternalProperties | Field::Marker => {
                body.external_properties = nullable(properties(fields)?);
            }
            Field::AppStoreProductIds => {
                body.app_store_product_ids = or_null(value, || texts(field, value))?;
            }
            Field::SeasonGroupId => body.season_group_id = Some(text(field, value)?),
            Field::Giftable => body.giftable = Some(flag(field, value)?),
            _ => return Err(no_place(field)),
        }
    }
    Ok(body)
}

/// The body that changes an offer in one country.
pub(super) fn patch_localization(fields: &Fields) -> Result<PatchLocalization, RemoteError> {
    let mut body = PatchLocalization::default();
    for (field, value) in fields.iter() {
        match field {
            Field::Title => body.title = Some(text(field, value)?),
            Field::Description => body.description = Some(text(field, value)?),
            Field::Price | Field::PriceRules => body.price = Some(patch_price(fields)?),
            Field::GeoRestriction => body.geo_restriction = nullable(geo(field, value)?),
            Field::FreeDays | Field::FreePeriods | Field::FreeTrial => {
                body.free_trial = patch_trial(fields)?;
            }
            _ => return Err(no_place(field)),
        }
    }
    Ok(body)
}

/// What is cleared is null.
fn or_null<T>(
    value: &Value,
    form: impl FnOnce() -> Result<T, RemoteError>,
) -> Result<Member<T>, RemoteError> {
    if value.is_cleared() {
        Ok(Member::Null)
    } else {
        form().map(Member::Value)
    }
}

/// What is not there is null.
fn nullable<T>(value: Option<T>) -> Member<T> {
    value.map_or(Member::Null, Member::Value)
}

fn need<T>(
    fields: &Fields,
    field: Field,
    form: fn(Field, &Value) -> Result<T, RemoteError>,
) -> Result<T, RemoteError> {
    let value = fields.get(field);
    form(field, value.ok_or_else(|| missing(&format!("`{field}`")))?)
}

fn price(fields: &Fields) -> Result<PriceData, RemoteError> {
    let mut price = PriceData::new(need(fields, Field::Price, decimal)?);
    if let Some(currency) = fields.get(Field::Currency) {
        price.currency = Some(code(Field::Currency, currency)?);
    }
    let said = fields.get(Field::PriceRules);
    if let Some(rules) = said.filter(|rules| !rules.is_cleared()) {
        price.rules = Some(price_rules(rules)?);
    }
    Ok(price)
}

fn patch_price(fields: &Fields) -> Result<PatchPrice, RemoteError> {
    let mut price = PatchPrice::default();
    if let Some(amount) = fields.get(Field::Price) {
        price.amount = Some(decimal(Field::Price, amount)?);
    }
    if let Some(rules) = fields.get(Field::PriceRules) {
        price.rules = Some(price_rules(rules)?);
    }
    Ok(price)
}

fn price_rules(value: &Value) -> Result<Vec<PriceRuleData>, RemoteError> {
    let field = Field::PriceRules;
    let Value::Records(rules) = value else {
        return Err(unfit(field));
    };
    let rule = |rule: &Value| {
        Ok(PriceRuleData {
            from: seconds(field, member(field, rule, "from")?)?,
            to: seconds(field, member(field, rule, "to")?)?,
            amount: decimal(field, member(field, rule, "amount")?)?,
            name: text(field, member(field, rule, "name")?)?,
        })
    };
    rules.iter().map(rule).collect()
}

fn member<'v>(field: Field, record: &'v Value, name: &str) -> Result<&'v Value, RemoteError> {
    let Value::Record(members) = record else {
        return Err(unfit(field));
    };
    let mut members = members.iter();
    let found = members.find(|(found, _)| *found == name);
    found.map(|(_, value)| value).ok_or_else(|| unfit(field))
}

/// A length of time in its record.
fn period(field: Field, value: &Value) -> Result<PeriodData, RemoteError> {
    let unit = text(field, member(field, value, "periodUnit")?)?;
    Ok(PeriodData::new(
        number(field, member(field, value, "amount")?)?,
        unit,
    ))
}

/// A length of time in the words of JSON-RPC (docs/cleeng-api.md §5.6).
fn period_of_word(field: Field, value: &Value) -> Result<PeriodData, RemoteError> {
    let (amount, unit) = match text(field, value)?.as_str() {
        "day" => (1, "day"),
        "week" => (1, "week"),
        "2weeks" => (2, "week"),
        "month" => (1, "month"),
        "3months" => (3, "month"),
        "6months" => (6, "month"),
        "year" => (1, "year"),
        _ => return Err(unfit(field)),
    };
    Ok(PeriodData::new(amount, unit))
}

fn billing_cycle(fields: &Fields) -> Result<PeriodData, RemoteError> {
    if let Some(cycle) = fields.get(Field::BillingCycle) {
        return period(Field::BillingCycle, cycle);
    }
    need(fields, Field::Period, period_of_word)
}

/// How long access lasts, in whichever words that is said.
fn entitlement(fields: &Fields) -> Result<EntitlementData, RemoteError> {
    if let Some(entitlement) = fields.get(Field::Entitlement) {
        let field = Field::Entitlement;
        return match member(field, entitlement, "expiresAt") {
            Ok(time) => seconds(field, time).map(EntitlementData::FixedDate),
            Err(_) => period(field, member(field, entitlement, "duration")?)
                .map(EntitlementData::Duration),
        };
    }
    if let Some(time) = fields.get(Field::ExpiresAt) {
        return seconds(Field::ExpiresAt, time).map(EntitlementData::FixedDate);
    }
    if let Some(word) = fields.get(Field::Period) {
        return period_of_word(Field::Period, word).map(EntitlementData::Duration);
    }
    for field in [Field::RentalHours, Field::RentalPeriod] {
        if let Some(hours) = fields.get(field).filter(|hours| !hours.is_cleared()) {
            let hours = PeriodData::new(number(field, hours)?, "hour");
            return Ok(EntitlementData::Duration(hours));
        }
    }
    Err(missing("how long access lasts"))
}

fn event(fields: &Fields) -> Result<EventData, RemoteError> {
    Ok(EventData {
        starts_at: need(fields, Field::StartTime, seconds)?,
        ends_at: need(fields, Field::EndTime, seconds)?,
        timezone: need(fields, Field::TimeZone, text)?,
    })
}

/// The free trial that a field says; `None` if it says that there is none.
fn trial(field: Field, value: &Value) -> Result<Option<FreeTrialData>, RemoteError> {
    if value.is_cleared() {
        return Ok(None);
    }
    if field == Field::FreeDays {
        return Ok(Some(FreeTrialData::days(number(field, value)?)));
    }
    if field == Field::FreePeriods {
        return Ok(Some(FreeTrialData::periods(number(field, value)?)));
    }
    Ok(Some(FreeTrialData {
        trial_type: text(field, member(field, value, "type")?)?,
        duration: number(field, member(field, value, "duration")?)?,
    }))
}

/// Of the words for a trial at most one says that there is one; none of them ends it.
fn patch_trial(fields: &Fields) -> Result<Member<FreeTrialData>, RemoteError> {
    for field in [Field::FreeTrial, Field::FreeDays, Field::FreePeriods] {
        if let Some(value) = fields.get(field)
            && let Some(trial) = trial(field, value)?
        {
            return Ok(Member::Value(trial));
        }
    }
    Ok(Member::Null)
}

fn geo(field: Field, value: &Value) -> Result<Option<GeoRestrictionData>, RemoteError> {
    let Value::Geo(restriction) = value else {
        return Err(unfit(field));
    };
    Ok(restriction.as_ref().map(|restriction| GeoRestrictionData {
        restriction_type: restriction.mode.as_str().to_owned(),
        countries: restriction
            .countries
            .iter()
            .map(ToString::to_string)
            .collect(),
    }))
}

fn texts(field: Field, value: &Value) -> Result<BTreeMap<String, String>, RemoteError> {
    let Value::Texts(texts) = value else {
        return Err(unfit(field));
    };
    let text = |(key, text): &(Foreign, Foreign)| (key.raw().to_owned(), text.raw().to_owned());
    Ok(texts.iter().map(text).collect())
}

/// The publisher's own texts with our marker among them; `None` if there is neither.
fn properties(fields: &Fields) -> Result<Option<BTreeMap<String, String>>, RemoteError> {
    let own = fields.get(Field::ExternalProperties);
    let mut properties = own.map_or_else(
        || Ok(BTreeMap::new()),
        |own| texts(Field::ExternalProperties, own),
    )?;
    if let Some(marker) = fields.get(Field::Marker) {
        properties.insert(MARKER_KEY.to_owned(), text(Field::Marker, marker)?);
    }
    Ok((!properties.is_empty()).then_some(properties))
}
