//! An offer as REST shows it: [`Resource`] (docs/cleeng-api.md §5.3).

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::code::Country;
use crate::field::{Field, FieldValue};
use crate::json::Json;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::{Quirks, RestEmpty};
use crate::rest::geo::Geo;
use crate::rest::price;
use crate::rest::term::{billing_cycle, entitlement, show_entitlement, show_span};
use crate::rest::trial::Trial;

/// All rows under one stem.
///
/// The base is the row that is no localization. JSON-RPC's multi-currency offers consist of nothing else; of those it is
/// the row of the account's country, or else the first by country.
#[derive(Clone, Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) base: &'a Offer,
    /// By country.
    pub(crate) localizations: Vec<&'a Offer>,
}

impl<'a> Resource<'a> {
    /// Returns the offer of these rows, if there are any.
    pub(crate) fn of(mut rows: Vec<&'a Offer>, country: &Country) -> Option<Self> {
        if rows.is_empty() {
            return None;
        }
        let place = rows
            .iter()
            .position(|row| !row.is_localized())
            .or_else(|| {
                rows.iter()
                    .position(|row| row.id().country() == country.as_str())
            })
            .unwrap_or(0);
        let base = rows.remove(place);
        Some(Self {
            base,
            localizations: rows,
        })
    }

    /// Returns the number of the version.
    pub(crate) fn version(&self) -> u32 {
        self.rows().map(Offer::version).max().unwrap_or(1)
    }

    fn rows(&self) -> impl Iterator<Item = &'a Offer> {
        [self.base]
            .into_iter()
            .chain(self.localizations.iter().copied())
    }

    /// Shows it. Members of other types are left out, and those that the offer has nothing for and that cannot be null;
    /// `hasLandingPage` is read-only and always false.
    pub(crate) fn show(&self, quirks: &Quirks) -> Json {
        let base = self.base;
        let mut shown = Shown {
            quirks,
            members: Vec::new(),
        };
        shown.add("id", Json::text(base.id().stem()));
        shown.add("longId", Json::text(base.id().as_str()));
        shown.add("type", Json::text(kind_name(base.kind())));
        shown.add("title", Json::text(said(base, Field::Title)));
        shown.add_text("description", base, Field::Description);
        shown.add_text("url", base, Field::Url);
        shown.add_text("imageUrl", base, Field::ImageUrl);
        shown.add("tags", tags(base));
        shown.add("active", Json::Bool(base.is_active()));
        shown.add("price", price::show(base));
        match base.kind() {
            Kind::Subscription => {
                if let Some(cycle) = billing_cycle(base.fields()) {
                    shown.add("billingCycle", show_span(cycle));
                }
                shown.add("freeTrial", trial(base));
                let cycles = integer(base, Field::Pause);
                let pause = cycles.map(|cycles| Json::object([("maxBillingCycles", cycles)]));
                shown.add("pause", pause.unwrap_or(Json::Null));
                if let Some(FieldValue::Text(group)) = base.get(Field::SeasonGroupId) {
                    shown.add("seasonGroupId", Json::text(group));
                }
            }
            Kind::Pass | Kind::Single | Kind::Rental | Kind::Vod => {
                if let Some(term) = entitlement(base.kind(), base.fields()) {
                    shown.add("entitlement", show_entitlement(term));
                }
            }
            Kind::Event => shown.add("event", event(base)),
        }
        shown.add("geoRestriction", geo(base));
        shown.add_map("externalProperties", base, Field::ExternalProperties);
        shown.add_map("appStoreProductIds", base, Field::AppStoreProductIds);
        let is_giftable = base.get(Field::Giftable) == Some(&FieldValue::Flag(true));
        shown.add("giftable", Json::Bool(is_giftable));
        let sessions = integer(base, Field::SessionsLimit);
        shown.add("sessionsLimit", sessions.unwrap_or(Json::Null));
        shown.add("hasLandingPage", Json::Bool(false));
        let localizations = self.localizations.iter();
        shown.add(
            "localizations",
            Json::List(localizations.map(|row| localization(row)).collect()),
        );
        shown.add("createdAt", Json::Integer(base.created_at()));
        let updated_at = self.rows().map(Offer::updated_at).max();
        shown.add("updatedAt", updated_at.map_or(Json::Null, Json::Integer));
        shown.add("version", Json::Integer(self.version().into()));
        Json::Object(shown.members)
    }
}

/// Returns REST's name of a type (docs/cleeng-api.md §5.6). Singles, rentals and VODs are all one there.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Subscription => "subscription",
        Kind::Pass => "pass",
        Kind::Event => "live",
        Kind::Single | Kind::Rental | Kind::Vod => "vod",
    }
}

/// Returns the field that REST's `tags` are: those that an offer carries, or those that it opens (docs/cleeng-api.md §5.6).
pub(crate) fn tag_field(kind: Kind) -> Field {
    match kind {
        Kind::Subscription | Kind::Pass => Field::AccessToTags,
        Kind::Single | Kind::Rental | Kind::Event | Kind::Vod => Field::Tags,
    }
}

/// The members of an offer as they are put together.
struct Shown<'a> {
    quirks: &'a Quirks,
    members: Vec<(Cow<'static, str>, Json)>,
}

impl Shown<'_> {
    fn add(&mut self, name: &'static str, value: Json) {
        self.members.push((Cow::Borrowed(name), value));
    }

    fn add_text(&mut self, name: &'static str, offer: &Offer, field: Field) {
        match offer.text(field) {
            Some(text) if !text.is_empty() => self.add(name, Json::text(text)),
            Some(_) | None => self.add_nothing(name, Json::text("")),
        }
    }

    fn add_map(&mut self, name: &'static str, offer: &Offer, field: Field) {
        match offer.get(field) {
            Some(FieldValue::Map(map)) if !map.is_empty() => self.add(name, texts(map)),
            _ => self.add_nothing(name, Json::object([])),
        }
    }

    fn add_nothing(&mut self, name: &'static str, blank: Json) {
        match self.quirks.rest_empty {
            RestEmpty::Null => self.add(name, Json::Null),
            RestEmpty::Blank => self.add(name, blank),
            RestEmpty::Absent => {}
        }
    }
}

fn localization(row: &Offer) -> Json {
    Json::object([
        ("id", Json::text(row.id().as_str())),
        ("title", Json::text(said(row, Field::Title))),
        ("description", Json::text(said(row, Field::Description))),
        ("price", price::show(row)),
        ("active", Json::Bool(row.is_active())),
        ("countryCode", Json::text(row.id().country())),
        ("geoRestriction", geo(row)),
        ("freeTrial", trial(row)),
    ])
}

fn said(offer: &Offer, field: Field) -> &str {
    offer.text(field).unwrap_or_default()
}

fn tags(offer: &Offer) -> Json {
    match offer.get(tag_field(offer.kind())) {
        Some(FieldValue::List(tags)) => Json::texts(tags),
        _ => Json::List(Vec::new()),
    }
}

fn trial(offer: &Offer) -> Json {
    Trial::of(offer.fields()).map_or(Json::Null, Trial::show)
}

fn geo(offer: &Offer) -> Json {
    Geo::of(offer.fields()).map_or(Json::Null, |geo| geo.show())
}

fn event(offer: &Offer) -> Json {
    let time = |field| integer(offer, field).unwrap_or(Json::Null);
    Json::object([
        ("startsAt", time(Field::StartTime)),
        ("endsAt", time(Field::EndTime)),
        ("timezone", Json::text(said(offer, Field::TimeZone))),
    ])
}

fn integer(offer: &Offer, field: Field) -> Option<Json> {
    match offer.get(field) {
        Some(FieldValue::Integer(number)) => Some(Json::Integer(*number)),
        _ => None,
    }
}

fn texts(map: &BTreeMap<String, String>) -> Json {
    Json::Object(
        map.iter()
            .map(|(name, text)| (Cow::Owned(name.clone()), Json::text(text)))
            .collect(),
    )
}
