//! Every field of every type: created, changed and cleared, and what the plan says of it.

use cleeng_emulator::{Field, FieldValue, Kind, Offer, OfferId};
use serde_json::{Value as Json, json};

use crate::support::{Draft, Shop};

/// One field with two values, each as it is written and as a plan shows it.
struct Case {
    field: &'static str,
    values: [(&'static str, Json); 2],
    cleared: Option<Json>,
    /// Lines that stand beside it.
    beside: &'static [(&'static str, &'static str)],
}

fn case(field: &'static str, first: (&'static str, Json), second: (&'static str, Json)) -> Case {
    Case {
        field,
        values: [first, second],
        cleared: None,
        beside: &[],
    }
}

impl Case {
    fn clears_to(mut self, value: Json) -> Self {
        self.cleared = Some(value);
        self
    }

    fn beside(mut self, lines: &'static [(&'static str, &'static str)]) -> Self {
        self.beside = lines;
        self
    }
}

fn text(field: &'static str) -> Case {
    case(
        field,
        ("First words", json!("First words")),
        (
            "\"Then: ünïcode, 12.0 & \\\"quotes\\\"\"",
            json!("Then: ünïcode, 12.0 & \"quotes\""),
        ),
    )
}

fn note(field: &'static str) -> Case {
    text(field).clears_to(json!(""))
}

fn number(field: &'static str, first: &'static str, second: &'static str) -> Case {
    let value = |text: &'static str| (text, text.parse::<i64>().unwrap().into());
    case(field, value(first), value(second))
}

fn tags(field: &'static str) -> Case {
    case(
        field,
        ("[b, a]", json!(["a", "b"])),
        ("[c, a]", json!(["a", "c"])),
    )
    .clears_to(json!([]))
}

fn price() -> Case {
    case(
        "price",
        ("12", json!({"amount": "12.00", "currency": "USD"})),
        ("9.50", json!({"amount": "9.50", "currency": "USD"})),
    )
}

fn web(field: &'static str) -> Case {
    case(
        field,
        ("https://a.tv/1?x=1&y=2", json!("https://a.tv/1?x=1&y=2")),
        ("https://a.tv/ø#z", json!("https://a.tv/ø#z")),
    )
}

fn geo() -> Case {
    case(
        "geoRestriction",
        (
            "{type: whitelist, countries: [US, NO]}",
            json!({"type": "whitelist", "countries": ["NO", "US"]}),
        ),
        (
            "{type: whitelist, countries: [US, NO, GB]}",
            json!({"type": "whitelist", "countries": ["GB", "NO", "US"]}),
        ),
    )
    .clears_to(Json::Null)
}

fn mail() -> Case {
    case(
        "associateEmail",
        ("a@club.tv", json!("a@club.tv")),
        ("b@club.tv", json!("b@club.tv")),
    )
    .clears_to(json!(""))
}

fn period(first: &'static str, second: &'static str) -> Case {
    case("period", (first, json!(first)), (second, json!(second)))
}

/// The fields that do not go without a word: their empty values sell more, or to nobody, or cannot be seen.
const ASKED: [&str; 5] = [
    "accessToTags",
    "associateEmail",
    "backgroundImageUrl",
    "geoRestriction",
    "tags",
];

/// Takes one field of a type through its life; what is wrong is returned.
fn check(kind: &str, case: &Case) -> Result<(), String> {
    let shop = Shop::new();
    let events = [123_456_780, 123_456_789].map(|number| {
        let id = OfferId::new('E', number, &"US".parse().unwrap()).unwrap();
        Offer::new(id, Kind::Event).with(Field::Title, "Seeded")
    });
    shop.emulator().seed_offers(events.to_vec()).unwrap();
    let field = case.field;
    let [(first, before), (second, after)] = &case.values;
    let draft = |value: &str| {
        case.beside
            .iter()
            .fold(Draft::new(kind, "thing"), |draft, (field, value)| {
                if *value == "-" {
                    draft.without(field)
                } else {
                    draft.with(field, value)
                }
            })
            .with(field, value)
    };
    let shows_nothing = |when: &str| {
        shop.requests();
        let run = shop.run("plan --detailed-exitcode");
        let writes = shop.writes();
        if run.code != 0 || writes != 0 {
            return Err(format!("{kind}.{field}, {when}: {writes} writes, {run:?}"));
        }
        Ok(())
    };
    let applies = |when: &str| {
        let run = shop.run("apply --auto-approve");
        if run.code != 0 {
            return Err(format!("{kind}.{field}, {when}: {run:?}"));
        }
        shows_nothing(when)
    };
    let changes = |when: &str, before: &Json, after: &Json, cause: &str| {
        let plan = shop.plan();
        let expected = json!([{"path": field, "before": before, "after": after, "cause": cause}]);
        let mut fields = plan["changes"][0]["fields"].clone();
        for found in fields.as_array_mut().into_iter().flatten() {
            // Whether it can be read back is another matter.
            found.as_object_mut().unwrap().remove("readable");
        }
        if plan["changes"].as_array().map(Vec::len) != Some(1)
            || plan["changes"][0]["action"] != "update"
            || fields != expected
        {
            return Err(format!(
                "{kind}.{field}, {when}: expected {expected}, got {plan:#}"
            ));
        }
        Ok(())
    };
    shop.declare(&[draft(first)]);
    applies("created")?;
    shop.declare(&[draft(second)]);
    changes("changed", before, after, "edited")?;
    applies("changed")?;
    witness(&shop, field, after).map_err(|error| format!("{kind}.{field}, changed: {error}"))?;
    if let Some(cleared) = &case.cleared {
        // No longer declared: it goes back to its empty value, or that is refused until git says what is intended.
        shop.declare(&[draft(first).without(field)]);
        if ASKED.contains(&field) {
            let run = shop.run("plan --detailed-exitcode");
            if run.code != 3 || !run.out.contains("field-removed") {
                return Err(format!("{kind}.{field}, removed: {run:?}"));
            }
        } else {
            changes("removed", after, cleared, "undeclared")?;
        }
        shop.declare(&[draft("null")]);
        changes("cleared", after, cleared, "edited")?;
        applies("cleared")?;
        witness(&shop, field, cleared)
            .map_err(|error| format!("{kind}.{field}, cleared: {error}"))?;
    }
    Ok(())
}

/// Looks what the emulator really holds.
fn witness(shop: &Shop, field: &str, value: &Json) -> Result<(), String> {
    let mut offers = shop.emulator().offers();
    offers.retain(|offer| offer.text(Field::Title) != Some("Seeded"));
    let [offer] = &offers[..] else {
        return Err(format!("there are {} offers", offers.len()));
    };
    if field == "geoRestriction" {
        let enabled = offer.get(Field::GeoRestrictionEnabled) == Some(&FieldValue::Flag(true));
        let countries = offer.get(Field::GeoRestrictionCountries);
        let fits = if value.is_null() {
            !enabled
        } else {
            let mut expected: Vec<_> = strings(&value["countries"]);
            expected.sort();
            enabled
                && offer.text(Field::GeoRestrictionType) == value["type"].as_str()
                && countries.is_some_and(|found| sorted(found) == FieldValue::List(expected))
        };
        return fits.then_some(()).ok_or_else(|| format!("{offer:?}"));
    }
    let found = offer.get(Field::from_name(field).unwrap());
    let fits = match (found, value) {
        (None, Json::String(text)) => text.is_empty(),
        (None, Json::Array(items)) => items.is_empty(),
        (None, Json::Number(number)) => number.as_i64() == Some(0),
        (None, value) => value.is_null() || *value == json!(false),
        (Some(FieldValue::Text(found)), Json::String(text)) => found == text,
        (Some(FieldValue::Integer(found)), Json::Number(number)) => number.as_i64() == Some(*found),
        (Some(FieldValue::Text(found)), Json::Number(number)) => *found == number.to_string(),
        (Some(FieldValue::Flag(found)), value) => value.as_bool().unwrap_or_default() == *found,
        (Some(list @ FieldValue::List(_)), value) => {
            sorted(list) == FieldValue::List(strings(value))
        }
        (Some(FieldValue::Amount(found)), value) => {
            value["amount"].as_str().unwrap_or_default().parse() == Ok(*found)
        }
        (Some(FieldValue::Integer(found)), Json::String(time)) => {
            time.parse::<jiff::Timestamp>().unwrap().as_second() == *found
        }
        (Some(_), _) => false,
    };
    fits.then_some(())
        .ok_or_else(|| format!("the service has {found:?} for {value}"))
}

fn strings(value: &Json) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .map(|item| item.as_str().unwrap().replace("id:", ""))
        .collect()
}

fn sorted(value: &FieldValue) -> FieldValue {
    let FieldValue::List(items) = value else {
        return value.clone();
    };
    let mut items = items.clone();
    items.sort();
    FieldValue::List(items)
}

fn check_all(kind: &str, cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| check(kind, case).err())
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn every_field_of_a_single_can_be_changed_and_cleared() {
    check_all(
        "single",
        &[
            price(),
            text("title"),
            web("url"),
            note("description"),
            note("videoId"),
            note("contentExternalId"),
            note("contentExternalData"),
            tags("tags"),
            geo(),
            mail(),
            case(
                "contentType",
                ("article", json!("article")),
                ("video", json!("video")),
            ),
            number("contentAgeRestriction", "12", "16"),
            case(
                "socialCommissionRate",
                ("0.05", json!("0.05")),
                ("0.10", json!("0.1")),
            ),
        ],
    );
}

#[test]
fn every_field_of_a_rental_can_be_changed_and_cleared() {
    check_all(
        "rental",
        &[
            price(),
            text("title"),
            web("url"),
            number("period", "12", "48"),
            note("description"),
            note("videoId"),
            note("contentExternalId"),
            note("contentExternalData"),
            tags("tags"),
            mail(),
        ],
    );
}

#[test]
fn every_field_of_a_subscription_can_be_changed_and_cleared() {
    check_all(
        "subscription",
        &[
            price(),
            text("title"),
            web("url"),
            period("week", "month"),
            period("3months", "6months"),
            period("year", "month"),
            note("description"),
            number("freePeriods", "1", "2").clears_to(json!(0)),
            number("freeDays", "7", "14").clears_to(json!(0)),
            tags("accessToTags"),
            case(
                "accessToTags",
                ("[\"(all)\"]", json!(["(all)"])),
                ("[a]", json!(["a"])),
            ),
            geo(),
            mail(),
        ],
    );
}

#[test]
fn every_field_of_a_pass_can_be_changed_and_cleared() {
    check_all(
        "pass",
        &[
            price(),
            text("title"),
            web("url"),
            period("week", "2weeks"),
            period("month", "3months"),
            period("6months", "year"),
            case(
                "expiresAt",
                ("2031-02-28T23:59:59+01:00", json!("2031-02-28T22:59:59Z")),
                ("1930000000", json!("2031-02-27T23:06:40Z")),
            )
            .beside(&[("period", "-")]),
            note("description"),
            tags("accessToTags"),
            geo(),
            mail(),
        ],
    );
}

#[test]
fn every_field_of_an_event_can_be_changed_and_cleared() {
    check_all(
        "event",
        &[
            price(),
            text("title"),
            web("url"),
            case(
                "startTime",
                ("2031-06-01T20:00:00+02:00", json!("2031-06-01T18:00:00Z")),
                ("2031-06-01T15:00:00Z", json!("2031-06-01T15:00:00Z")),
            ),
            case(
                "endTime",
                ("2031-06-01T22:00:00+02:00", json!("2031-06-01T20:00:00Z")),
                ("1938200000", json!("2031-06-02T20:53:20Z")),
            ),
            case(
                "timeZone",
                ("Europe/Oslo", json!("Europe/Oslo")),
                ("America/New_York", json!("America/New_York")),
            ),
            note("teaser"),
            note("description"),
            note("playerCode"),
            note("playerCodeHead"),
            web("backgroundImageUrl").clears_to(json!("")),
            note("videoId"),
            number("viewerEstimate", "2", "5"),
            case(
                "applyServiceFeeOnCustomer",
                ("true", json!(true)),
                ("false", json!(false)),
            ),
            tags("tags"),
            geo(),
            note("youtubePreviewVideoId"),
            mail(),
        ],
    );
}

#[test]
fn every_field_of_a_vod_can_be_changed_and_cleared() {
    check_all(
        "vod",
        &[
            price(),
            text("title"),
            web("url"),
            note("description"),
            note("videoId"),
            note("playerCode"),
            note("playerCodeHead"),
            number("rentalPeriod", "48", "72"),
            note("runtime"),
            note("videoQuality"),
            web("backgroundImageUrl").clears_to(json!("")),
            case(
                "eventAssociation",
                ("[\"id:E123456789_US\"]", json!(["id:E123456789_US"])),
                (
                    "[\"id:E123456780_US\", \"id:E123456789_US\"]",
                    json!(["id:E123456780_US", "id:E123456789_US"]),
                ),
            )
            .clears_to(json!([])),
            tags("tags"),
            geo(),
            mail(),
        ],
    );
}
