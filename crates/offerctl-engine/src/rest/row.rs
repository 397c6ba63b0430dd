//! From an offer of REST to what core knows of it: [`views`] and [`shown`] (docs/cleeng-api.md §5.3, §5.6).
//!
//! The offer itself is the first row, and each localization one more: what it does not say for itself is the offer's.
//! Lengths of time are there in each form in which a manifest can say them.

use cleeng_client::Member;
use cleeng_client::rest::{
    Entitlement, FreeTrial, GeoRestriction, Localization, Offer, Period, Price, PriceRule,
};
use offerctl_manifest::desired::MARKER_KEY;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{Moment, Value};
use offerctl_reconcile::live::{Row, View};

use crate::remote::{ShownOffer, ShownRow};
use crate::wire::gather::{Gathered, restriction};

/// The type of an offer, in the words of REST; empty if it does not say one.
pub(super) fn offer_type(offer: &Offer) -> &str {
    offer.offer_type.value().map_or("", String::as_str)
}

/// The types that an offer of a type of REST may be; none if the type is not known.
///
/// Whether an offer of type `vod` is a single, a rental or a VOD is for its name to say.
pub(super) fn types_of(offer_type: &str) -> &'static [OfferType] {
    match offer_type {
        "subscription" => &[OfferType::Subscription],
        "pass" => &[OfferType::Pass],
        "live" => &[OfferType::Event],
        "vod" => OfferType::Vod.kin(),
        _ => &[],
    }
}

/// About how long the texts of all rows of an offer are as so many types, in bytes: what a localization does not say for
/// itself, each of its rows repeats.
pub(super) fn length_of_rows(offer: &Offer, types: usize) -> u64 {
    let text = |text: &Member<String>| text.value().map_or(0, String::len);
    let texts = |texts: &Member<std::collections::BTreeMap<String, String>>| -> usize {
        let texts = texts.value().into_iter().flatten();
        texts.map(|(key, text)| key.len() + text.len()).sum()
    };
    let rules = |price: &Member<Price>| {
        let rules = price.value().and_then(|price| price.rules.value());
        rules.map_or(0, |rules| rules.len() * LENGTH_OF_RULE)
    };
    let tags = offer.tags.value().into_iter().flatten();
    let own = offer.id.as_str().len()
        + text(&offer.title)
        + text(&offer.description)
        + text(&offer.url)
        + text(&offer.image_url)
        + text(&offer.season_group_id)
        + tags
            .map(|tag| tag.len() + size_of::<Box<str>>())
            .sum::<usize>()
        + texts(&offer.external_properties)
        + texts(&offer.app_store_product_ids)
        + rules(&offer.price);
    let localizations = offer.localizations.value().map_or(&[][..], Vec::as_slice);
    let theirs = localizations.iter().map(|localization| {
        text(&localization.title) + text(&localization.description) + rules(&localization.price)
    });
    let all = own * (1 + localizations.len()) + theirs.sum::<usize>();
    (all * types) as u64
}

/// About how long a rule of a price is.
const LENGTH_OF_RULE: usize = 200;

/// The offer as each type that it may be.
pub(super) fn views(offer: &Offer, types: &[OfferType]) -> Vec<(OfferType, View)> {
    let views = types.iter().map(|offer_type| {
        let ShownOffer { rows, home } = shown(offer, *offer_type);
        let active = rows.first().is_some_and(|row| row.active != Some(false));
        let is_home = |index: usize| index == 0;
        let (sold, dormant): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .enumerate()
            .partition(|(index, shown)| is_home(*index) || shown.active != Some(false));
        let row = |(_, shown): (usize, ShownRow)| shown.row;
        let view = View {
            active,
            rows: sold.into_iter().map(row).collect(),
            home,
            dormant: dormant.into_iter().map(row).collect(),
        };
        (*offer_type, view)
    });
    views.collect()
}

/// The rows of an offer of a type, the offer itself first.
pub(super) fn shown(offer: &Offer, offer_type: OfferType) -> ShownOffer {
    let id = offer.long_id.value().unwrap_or(&offer.id);
    let id = OfferId::new(id.as_str());
    let home = id.country().and_then(Country::new);
    let of_offer = fields_of_offer(offer, offer_type);
    let mut rows = vec![ShownRow {
        row: row((id.clone(), home), offer, (offer.price.value(), &of_offer)),
        active: offer.active.value().copied(),
    }];
    let mut localizations: Vec<ShownRow> = offer
        .localizations
        .value()
        .into_iter()
        .flatten()
        .filter_map(|localization| localized_row((&id, offer), localization, &of_offer))
        .collect();
    localizations.sort_by_key(|shown| shown.row.country);
    rows.append(&mut localizations);
    ShownOffer { rows, home }
}

fn row(
    (id, country): (OfferId, Option<Country>),
    offer: &Offer,
    (price, fields): (Option<&Price>, &Gathered),
) -> Row {
    let currency = price.and_then(|price| price.currency.value());
    let moment = |member: &Member<i64>| member.value().copied().and_then(Moment::from_unix);
    Row {
        id,
        country,
        currency: currency.and_then(|code| Currency::new(code)),
        tax_rate: None,
        publisher_email: None,
        created_at: moment(&offer.created_at),
        updated_at: moment(&offer.updated_at),
        fields: fields.0.clone(),
    }
}

fn localized_row(
    (id, offer): (&OfferId, &Offer),
    localization: &Localization,
    of_offer: &Gathered,
) -> Option<ShownRow> {
    let code = localization.country_code.value();
    let own_id = localization.id.value().map(|id| OfferId::new(id.as_str()));
    let from_id = || own_id.as_ref()?.country().map(str::to_owned);
    let code = code.cloned().or_else(from_id)?;
    let country = Country::new(&code)?;
    let own_id = own_id.unwrap_or_else(|| OfferId::new(&format!("{}_{country}", id.stem())));
    let mut fields = Gathered(of_offer.0.clone());
    fields.text(Field::Title, localization.title.clone());
    fields.text(Field::Description, localization.description.clone());
    set_price(&mut fields, localization.price.as_ref());
    set_geo(&mut fields, localization.geo_restriction.as_ref());
    if of_offer.0.get(Field::FreeTrial).is_some() || !localization.free_trial.is_absent() {
        set_trial(&mut fields, localization.free_trial.as_ref());
    }
    Some(ShownRow {
        row: row(
            (own_id, Some(country)),
            offer,
            (localization.price.value(), &fields),
        ),
        active: localization.active.value().copied(),
    })
}

fn fields_of_offer(offer: &Offer, offer_type: OfferType) -> Gathered {
    let mut fields = Gathered::default();
    fields.text(Field::Title, offer.title.clone());
    fields.text(Field::Description, offer.description.clone());
    fields.text(Field::Url, offer.url.clone());
    fields.text(Field::ImageUrl, offer.image_url.clone());
    set_price(&mut fields, offer.price.as_ref());
    let tags = if offer_type.gives_access() {
        Field::AccessToTags
    } else {
        Field::Tags
    };
    fields.tags(tags, offer.tags.clone());
    set_geo(&mut fields, offer.geo_restriction.as_ref());
    fields.integer(Field::SessionsLimit, offer.sessions_limit);
    fields.flag(Field::Giftable, offer.giftable);
    set_texts(&mut fields, offer);
    match offer_type {
        OfferType::Subscription => {
            set_trial(&mut fields, offer.free_trial.as_ref());
            if let Some(cycle) = offer.billing_cycle.value() {
                set(&mut fields, Field::BillingCycle, period(cycle));
                fields.0.set(Field::Period, Value::text(word(cycle)));
            }
            let pause = offer.pause.value();
            let cycles = pause.and_then(|pause| pause.max_billing_cycles.value());
            let pause = cycles.and_then(|cycles| Some(("maxBillingCycles", integer(*cycles)?)));
            set(
                &mut fields,
                Field::Pause,
                pause.map(|member| Value::Record([member].into())),
            );
            fields.text(Field::SeasonGroupId, offer.season_group_id.clone());
        }
        OfferType::Event => {
            if let Some(event) = offer.event.value() {
                fields.time(Field::StartTime, event.starts_at);
                fields.time(Field::EndTime, event.ends_at);
                fields.word(Field::TimeZone, event.timezone.clone());
            }
        }
        OfferType::Pass | OfferType::Single | OfferType::Rental | OfferType::Vod => {
            set_entitlement(&mut fields, offer_type, offer.entitlement.value());
        }
    }
    fields
}

fn set(fields: &mut Gathered, field: Field, value: Option<Value>) {
    if let Some(value) = value {
        fields.0.set(field, value);
    }
}

fn integer(number: i64) -> Option<Value> {
    u64::try_from(number).ok().map(Value::Integer)
}

/// A price has its amount, and the prices that hold for a time.
fn set_price(fields: &mut Gathered, price: Member<&Price>) {
    let Some(price) = price.into_value() else {
        return;
    };
    fields.amount(Field::Price, price.amount);
    let rules = price.rules.value().map_or(&[][..], Vec::as_slice);
    let rules: Option<Vec<Value>> = rules.iter().map(rule).collect();
    // A rule that cannot be read is kept as a text, so that it is never equal to a declared one.
    let rules = rules.map_or_else(
        || Value::text("rules that cannot be read"),
        |rules| Value::Records(rules.into()),
    );
    fields.0.set(Field::PriceRules, rules);
}

fn rule(rule: &PriceRule) -> Option<Value> {
    let time = |member: &Member<i64>| {
        let moment = Moment::from_unix(*member.value()?)?;
        Some(Value::Time(moment))
    };
    let name = rule.name.value().cloned().unwrap_or_default();
    let members = [
        ("from", time(&rule.from)?),
        ("to", time(&rule.to)?),
        ("amount", Value::Amount(Amount::new(*rule.amount.value()?))),
        ("name", Value::text(name)),
    ];
    Some(Value::Record(members.into()))
}

fn set_geo(fields: &mut Gathered, geo: Member<&GeoRestriction>) {
    let value = match geo {
        Member::Absent => return,
        Member::Null => Value::Geo(None),
        Member::Value(geo) => {
            let mode = geo.restriction_type.value().map_or("", String::as_str);
            let countries = geo.countries.value().map_or(&[][..], Vec::as_slice);
            restriction(mode, countries)
        }
    };
    fields.0.set(Field::GeoRestriction, value);
}

/// The free trial, in the words of both generations (docs/cleeng-api.md §5.6).
fn set_trial(fields: &mut Gathered, trial: Member<&FreeTrial>) {
    let (mut days, mut periods) = (0, 0);
    let value = match trial {
        Member::Absent => return,
        Member::Null => Value::Record(Box::default()),
        Member::Value(trial) => {
            let duration = trial.duration.value().copied().unwrap_or_default();
            let duration = u64::try_from(duration).unwrap_or_default();
            let kind = trial.trial_type.value().map_or("", String::as_str);
            match kind {
                "day" => days = duration,
                "period" => periods = duration,
                _ => {}
            }
            let members = [
                ("type", Value::text(kind)),
                ("duration", Value::Integer(duration)),
            ];
            Value::Record(members.into())
        }
    };
    fields.0.set(Field::FreeTrial, value);
    fields.0.set(Field::FreeDays, Value::Integer(days));
    fields.0.set(Field::FreePeriods, Value::Integer(periods));
}

/// The publisher's own texts; our marker is one of them.
fn set_texts(fields: &mut Gathered, offer: &Offer) {
    if let Member::Value(properties) = &offer.external_properties {
        let mut own = properties.clone();
        if let Some(marker) = own.remove(MARKER_KEY) {
            fields.0.set(Field::Marker, Value::text(marker));
        }
        fields.0.set(Field::ExternalProperties, texts(own));
    }
    if let Member::Value(ids) = &offer.app_store_product_ids {
        fields.0.set(Field::AppStoreProductIds, texts(ids.clone()));
    }
}

fn texts(texts: std::collections::BTreeMap<String, String>) -> Value {
    let texts = texts.into_iter();
    Value::Texts(texts.map(|(key, text)| (key.into(), text.into())).collect())
}

fn set_entitlement(fields: &mut Gathered, offer_type: OfferType, found: Option<&Entitlement>) {
    let Some(entitlement) = found else {
        if offer_type == OfferType::Vod {
            fields.0.set(Field::RentalPeriod, Value::Integer(0));
        }
        return;
    };
    let expires_at = entitlement.expires_at.value().copied();
    let expires_at = expires_at.and_then(Moment::from_unix).map(Value::Time);
    let duration = entitlement.duration.value();
    let record = match (&expires_at, duration) {
        (Some(time), _) => Some(("expiresAt", time.clone())),
        (None, Some(duration)) => period(duration).map(|value| ("duration", value)),
        (None, None) => None,
    };
    if offer_type != OfferType::Rental {
        let record = record.map(|member| Value::Record([member].into()));
        set(fields, Field::Entitlement, record);
    }
    match offer_type {
        OfferType::Pass => {
            if let Some(duration) = duration {
                fields.0.set(Field::Period, Value::text(word(duration)));
            }
            set(fields, Field::ExpiresAt, expires_at);
        }
        OfferType::Rental | OfferType::Vod => {
            let field = if offer_type == OfferType::Rental {
                Field::RentalHours
            } else {
                Field::RentalPeriod
            };
            let hours = duration.and_then(hours);
            let otherwise =
                || duration.map_or_else(|| Value::text("until a date"), |it| Value::text(word(it)));
            fields
                .0
                .set(field, hours.map_or_else(otherwise, Value::Integer));
        }
        OfferType::Single | OfferType::Subscription | OfferType::Event => {}
    }
}

fn period(period: &Period) -> Option<Value> {
    let unit = period.period_unit.value()?;
    let members = [
        ("periodUnit", Value::text(unit.as_str())),
        ("amount", integer(*period.amount.value()?)?),
    ];
    Some(Value::Record(members.into()))
}

/// The hours of a length of time, if it has a number of them.
fn hours(period: &Period) -> Option<u64> {
    let each = match period.period_unit.value()?.as_str() {
        "hour" => 1,
        "day" => 24,
        "week" => 24 * 7,
        _ => return None,
    };
    u64::try_from(*period.amount.value()?)
        .ok()?
        .checked_mul(each)
}

/// A length of time in the words of JSON-RPC, or in others where it has none, which no manifest can say.
fn word(period: &Period) -> String {
    let unit = period.period_unit.value().map_or("", String::as_str);
    let amount = period.amount.value().copied().unwrap_or_default();
    match (unit, amount) {
        ("day" | "week" | "month" | "year", 1) => unit.to_owned(),
        ("day", 7) => "week".to_owned(),
        ("day", 14) | ("week", 2) => "2weeks".to_owned(),
        ("month", 3) => "3months".to_owned(),
        ("month", 6) => "6months".to_owned(),
        ("month", 12) => "year".to_owned(),
        _ => format!("{amount} times a {unit}"),
    }
}
