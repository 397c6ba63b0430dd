//! A catalogue to try things on: [`offers`].

use cleeng_emulator::{Field, FieldValue, Kind, Offer};
use rust_decimal::Decimal;

/// What is sold: its title, the tag of what it opens or belongs to.
const SUBJECTS: [(&str, &str); 12] = [
    ("Football", "football"),
    ("Cross-country skiing", "skiing"),
    ("Northern \"Noir\"", "noir"),
    ("Documentaries: the sea", "documentary"),
    ("Kids & cartoons", "kids"),
    ("Opera — live", "opera"),
    ("Jazz 🎷 nights", "jazz"),
    ("NO: Norwegian classics", "classics"),
    ("Handball", "handball"),
    ("Science #1", "science"),
    ("Crime, uncut", "crime"),
    ("Cinéma français", "cinema"),
];

/// Countries of localized offers with their currencies, and what a dollar is there, roughly.
const COUNTRIES: [(&str, &str, i64); 4] = [
    ("US", "USD", 100),
    ("DE", "EUR", 92),
    ("GB", "GBP", 79),
    ("NO", "NOK", 1050),
];

/// The first moment of 2031, in unix seconds.
const SEASON: i64 = 1_924_992_000;

/// The season of the first offers, which goes without saying.
const FIRST_SEASON: u32 = 2020;

/// A day in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Returns so many offers of all types: the same in every run.
pub(super) fn offers(count: u32) -> Vec<Offer> {
    (0..count).flat_map(offer).collect()
}

fn offer(number: u32) -> Vec<Offer> {
    let round = number / 12;
    let (subject, tag) = SUBJECTS[number as usize % SUBJECTS.len()];
    let cents = 499 + i64::from(number * 37 % 40) * 50;
    let season = FIRST_SEASON + number / 120;
    match (number + round) % 10 {
        0 => localized(number, ('S', Kind::Subscription), cents, |offer| {
            let offer = offer
                .with(Field::Title, format!("{subject}, month by month"))
                .with(Field::Url, "https://club.example/plans")
                .with(Field::Period, "month")
                .with(Field::AccessToTags, [tag]);
            titled(offer, season)
        }),
        1 => vec![titled(
            plain(number, ('S', Kind::Subscription), 4 * cents)
                .with(Field::Title, format!("{subject}, all year"))
                .with(Field::Url, "https://club.example/plans")
                .with(Field::Period, "year")
                .with(Field::FreeDays, 7)
                .with(Field::AccessToTags, [tag]),
            season,
        )],
        2 => localized(number, ('P', Kind::Pass), cents, |offer| {
            let offer = offer
                .with(Field::Title, format!("A week of {subject}"))
                .with(Field::Url, "https://club.example/passes")
                .with(Field::Period, "week")
                .with(Field::AccessToTags, [tag]);
            titled(offer, season)
        }),
        3 => vec![
            titled(
                plain(number, ('P', Kind::Pass), 3 * cents)
                    .with(Field::Title, format!("{subject}: the whole season"))
                    .with(Field::Url, "https://club.example/passes")
                    .with(Field::AccessToTags, [tag]),
                season,
            )
            .with(Field::ExpiresAt, SEASON + i64::from(number) * DAY),
        ],
        4 | 5 => vec![
            titled(
                content(number, ('A', Kind::Single), cents, tag)
                    .with(Field::Title, format!("{subject}, to keep")),
                season,
            )
            .with(Field::VideoId, format!("film-{number:04}")),
        ],
        6 => vec![titled(
            content(number, ('R', Kind::Rental), cents, tag)
                .with(Field::Title, format!("{subject} for two days"))
                .with(Field::Period, "48"),
            season,
        )],
        7 => vec![titled(
            content(number, ('E', Kind::Event), cents + 500, tag)
                .with(Field::Title, format!("{subject}, live"))
                .with(Field::Teaser, "One evening, and then only in the archive.")
                .with(
                    Field::StartTime,
                    SEASON + i64::from(number) * DAY + 19 * 3600,
                )
                .with(Field::EndTime, SEASON + i64::from(number) * DAY + 22 * 3600)
                .with(Field::TimeZone, "Europe/Oslo"),
            season,
        )],
        _ => vec![
            titled(
                content(number, ('A', Kind::Vod), cents, tag)
                    .with(Field::Title, format!("{subject}, on demand")),
                season,
            )
            .with(Field::VideoQuality, "hd"),
        ],
    }
}

/// The title with the season, so that most titles are different.
fn titled(offer: Offer, season: u32) -> Offer {
    let title = offer.text(Field::Title).unwrap_or_default().to_owned();
    if season == FIRST_SEASON {
        return offer;
    }
    offer.with(Field::Title, format!("{title} {season}"))
}

fn amount(cents: i64) -> FieldValue {
    FieldValue::Amount(Decimal::new(cents, 2))
}

fn plain(number: u32, (letter, kind): (char, Kind), cents: i64) -> Offer {
    row(number, (letter, kind), "US").with(Field::Price, amount(cents))
}

fn content(number: u32, kind: (char, Kind), cents: i64, tag: &str) -> Offer {
    plain(number, kind, cents)
        .with(Field::Url, format!("https://club.example/watch/{number}"))
        .with(Field::Tags, [tag])
}

fn localized(
    number: u32,
    kind: (char, Kind),
    cents: i64,
    with: impl Fn(Offer) -> Offer,
) -> Vec<Offer> {
    let rows = COUNTRIES.iter().filter_map(|(country, currency, rate)| {
        // The least that is sold has to stay below the bound of 99.99 in every currency (docs/cleeng-api.md §2.8).
        let price = cents.min(899) * rate / 100 / 50 * 50 - 1;
        let row = row(number, kind, country)
            .localized()
            .in_currency(currency.parse().ok()?)
            .with(Field::Price, amount(price));
        Some(with(row))
    });
    rows.collect()
}

fn row(number: u32, (letter, kind): (char, Kind), country: &str) -> Offer {
    let id = format!("{letter}{}_{country}", 200_000_000 + number);
    let id = id.parse().expect("the id has the documented form");
    Offer::new(id, kind).made_at(1_700_000_000 + i64::from(number) * 60)
}
