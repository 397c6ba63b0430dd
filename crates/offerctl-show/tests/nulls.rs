//! What `null` says of each field, of each type, at each place, in each generation of the API.

use offerctl_manifest::diagnostic::{Code, Severity};
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use crate::support::desired::read;

/// Where `null` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// At the top of an offer with localizations.
    Localized,
    Row,
    Defaults,
    RowOfDefaults,
    Environment,
    RowOfEnvironment,
}

impl Place {
    const ALL: [Self; 7] = [
        Self::Top,
        Self::Localized,
        Self::Row,
        Self::Defaults,
        Self::RowOfDefaults,
        Self::Environment,
        Self::RowOfEnvironment,
    ];

    fn is_row(self) -> bool {
        matches!(
            self,
            Self::Row | Self::RowOfDefaults | Self::RowOfEnvironment
        )
    }
}

/// What it says there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// The field is cleared.
    Empty,
    /// Nothing is declared.
    Nothing,
    /// It is a mistake.
    Mistake,
}

/// What the table of fields makes of it.
fn expected(field: Field, api: Api, offer_type: OfferType, place: Place) -> Says {
    let can_be_empty = Value::cleared(field.kind()).is_some() && !field.is_essential();
    let exists = field.exists_in(api, offer_type);
    let is_here = match place {
        Place::Localized => field.fits_localized_offer(api, offer_type),
        Place::Top | Place::Defaults | Place::Environment => exists,
        Place::Row | Place::RowOfDefaults | Place::RowOfEnvironment => {
            field.is_localizable(api, offer_type)
        }
    };
    // A field that has one value for all countries can be cleared for none of them.
    let is_elsewhere = place.is_row() && exists;
    match (is_here, can_be_empty) {
        (true, true) => Says::Empty,
        (true, false) => Says::Mistake,
        (false, _) if is_elsewhere => Says::Mistake,
        (false, _) => Says::Nothing,
    }
}

/// A text with all that an offer of the type needs.
fn text(field: Field, api: Api, offer_type: OfferType, place: Place) -> String {
    let mut lines = vec![
        ("title", "Thing"),
        ("url", "https://club.tv/thing"),
        ("price", "12.00"),
    ];
    match offer_type {
        OfferType::Subscription | OfferType::Pass => lines.push(("period", "month")),
        OfferType::Rental => lines.push(("period", "48")),
        OfferType::Event => lines.extend([
            ("startTime", "2031-06-01T20:00:00Z"),
            ("endTime", "2031-06-01T22:00:00Z"),
            ("timeZone", "Europe/Oslo"),
        ]),
        OfferType::Single | OfferType::Vod if api == Api::Rest => {
            lines.push(("entitlement", "{duration: {periodUnit: year, amount: 1}}"));
        }
        OfferType::Single | OfferType::Vod => {}
    }
    let name = field.name();
    if !place.is_row() {
        lines.retain(|(key, _)| *key != name);
    }
    let null = format!("{name}: null");
    let row = format!("localizations: {{US: {{currency: USD}}, FR: {{currency: EUR, {null}}}}}");
    let rows = "localizations: {US: {currency: USD}, FR: {currency: EUR}}".to_owned();
    let (mut defaults, mut offer) = (Vec::new(), Vec::new());
    match place {
        Place::Top => offer.push(null),
        Place::Localized => offer.extend([null, rows]),
        Place::Row => offer.push(row),
        Place::Defaults => defaults.push(null),
        Place::RowOfDefaults => defaults.push(row),
        Place::Environment => offer.push(format!("environments: {{local: {{{null}}}}}")),
        Place::RowOfEnvironment => {
            offer.push(rows);
            let row = format!("{{localizations: {{FR: {{{null}}}}}}}");
            offer.push(format!("environments: {{local: {row}}}"));
        }
    }
    let lines = lines.iter().map(|(key, value)| format!("{key}: {value}"));
    let lines: Vec<String> = lines.chain(offer).collect();
    let defaults = defaults.join("\n  ");
    let defaults = if defaults.is_empty() {
        String::new()
    } else {
        format!("defaults:\n  {defaults}\n")
    };
    format!(
        "version: 1\n{defaults}offers:\n  thing:\n    type: {offer_type}\n    {}\n",
        lines.join("\n    ")
    )
}

/// What is declared of the field.
fn declared(content: &Content, field: Field, place: Place) -> Option<Value> {
    let fields = if place.is_row() {
        let rows = content.localizations.as_ref()?;
        &rows.get(&Country::new("FR")?)?.fields
    } else {
        &content.fields
    };
    fields.get(field).cloned()
}

fn found(field: Field, api: Api, offer_type: OfferType, place: Place) -> Says {
    let text = text(field, api, offer_type, place);
    let (desired, diagnostics, _) = read(api, std::slice::from_ref(&text));
    let named = format!("`{field}`");
    let is_mistake = |diagnostic: &&offerctl_manifest::diagnostic::Diagnostic| {
        let codes = [Code::Null, Code::ApiField, Code::ApiLocalization];
        diagnostic.severity == Severity::Error
            && codes.contains(&diagnostic.code)
            && diagnostic.message.contains(&named)
    };
    let mistakes: Vec<_> = diagnostics.iter().filter(is_mistake).collect();
    assert!(mistakes.len() < 2, "{mistakes:#?}\n{text}");
    let offer = desired.offers().values().next().unwrap();
    match declared(&offer.content, field, place) {
        _ if !mistakes.is_empty() => Says::Mistake,
        Some(value) => {
            assert!(value.is_cleared(), "{value:?}\n{text}");
            Says::Empty
        }
        None => Says::Nothing,
    }
}

#[test]
fn null_clears_says_nothing_or_is_a_mistake_as_the_table_of_fields_has_it() {
    // `null` takes one of these out of the defaults, so that another one of the group can stand there.
    let replaceable = [
        Field::Period,
        Field::ExpiresAt,
        Field::BillingCycle,
        Field::Entitlement,
    ];
    let mut wrong = Vec::new();
    let mut counts = [0; 3];
    for offer_type in OfferType::ALL {
        let fields = Field::all()
            .filter(|field| Field::of_type(field.name(), offer_type) == Some(*field))
            .filter(|field| !field.name().contains('.'));
        for (field, api, place) in fields
            .flat_map(|field| Api::ALL.map(|api| (field, api)))
            .flat_map(|(field, api)| Place::ALL.map(|place| (field, api, place)))
        {
            let is_localized = place.is_row() || place == Place::Localized;
            let cannot_be = is_localized && !Field::Price.is_localizable(api, offer_type);
            // The currency of a row is no field, and over REST hours cannot stand beside the entitlement that a VOD needs.
            let is_something_else = place.is_row() && field == Field::Currency
                || api == Api::Rest && field == Field::RentalPeriod;
            if cannot_be || is_something_else {
                continue;
            }
            let expected = if !place.is_row() && replaceable.contains(&field) {
                Says::Nothing
            } else {
                expected(field, api, offer_type, place)
            };
            let found = found(field, api, offer_type, place);
            counts[expected as usize] += 1;
            if found != expected {
                let at = format!("{offer_type}.{field} over {api}, {place:?}");
                wrong.push(format!("{at}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

#[test]
fn some_fields_in_words() {
    let rows = [
        (
            "sessionsLimit",
            OfferType::Pass,
            Place::Top,
            [Says::Nothing, Says::Mistake],
        ),
        (
            "sessionsLimit",
            OfferType::Pass,
            Place::Row,
            [Says::Nothing, Says::Mistake],
        ),
        (
            "currency",
            OfferType::Pass,
            Place::Defaults,
            [Says::Nothing, Says::Mistake],
        ),
        (
            "viewerEstimate",
            OfferType::Event,
            Place::Environment,
            [Says::Mistake, Says::Nothing],
        ),
        (
            "videoId",
            OfferType::Rental,
            Place::Row,
            [Says::Empty, Says::Nothing],
        ),
        (
            "accessToTags",
            OfferType::Subscription,
            Place::Row,
            [Says::Empty, Says::Mistake],
        ),
        (
            "geoRestriction",
            OfferType::Rental,
            Place::Top,
            [Says::Nothing, Says::Empty],
        ),
        (
            "freeTrial",
            OfferType::Subscription,
            Place::Row,
            [Says::Nothing, Says::Empty],
        ),
        (
            "title",
            OfferType::Event,
            Place::Top,
            [Says::Mistake, Says::Mistake],
        ),
        (
            "price",
            OfferType::Pass,
            Place::RowOfEnvironment,
            [Says::Mistake, Says::Mistake],
        ),
    ];
    for (name, offer_type, place, says) in rows {
        let field = Field::of_type(name, offer_type).unwrap();
        let found = [Api::JsonRpc, Api::Rest].map(|api| found(field, api, offer_type, place));
        assert_eq!(found, says, "{name} of a {offer_type}, {place:?}");
    }
}

#[test]
fn null_takes_a_value_away_where_the_api_does_not_have_the_field() {
    let offer = "version: 1
defaults: {sessionsLimit: 3}
offers:
  thing:
    type: pass
    title: Thing
    url: https://club.tv/thing
    price: {amount: 12.00, rules: null}
    period: month
";
    let field = |text: &str, api: Api| {
        let (desired, found, _) = read(api, &[text.to_owned()]);
        let offer = desired.offers().values().next().unwrap();
        let limit = offer.content.fields.get(Field::SessionsLimit).is_some();
        (limit, found.has_errors())
    };
    for line in [
        "    environments: {local: {sessionsLimit: null}}\n",
        "    sessionsLimit: null\n",
        "    sessionsLimit: 2\n    environments: {local: {sessionsLimit: null}}\n",
    ] {
        let text = format!("{offer}{line}");
        assert_eq!(field(&text, Api::JsonRpc), (false, false), "{line}");
        assert_eq!(field(&text, Api::Rest), (false, true), "{line}");
    }
    assert_eq!(field(offer, Api::JsonRpc), (true, true));
    assert_eq!(field(offer, Api::Rest), (true, false));
}
