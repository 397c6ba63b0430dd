//! Totals, links and pages without end: a reading ends, with what has arrived in memory and nothing that was promised.

use super::*;
use crate::read::SIDE_BY_SIDE;
use crate::remote::READS;

/// Endless passes, in pages as long as they are asked for.
fn endless(asked: Asked) -> Vec<String> {
    if asked.active == Some(false) {
        return Vec::new();
    }
    let from = offset(asked);
    let end = from.saturating_add(asked.limit.unwrap_or(100));
    passes(from..end, u64::MAX)
}

/// A pass with a long description, as JSON.
fn long_pass(number: u64, description: &str) -> String {
    format!(r#"{{"id":"P{number}","type":"pass","active":true,"description":"{description}"}}"#)
}

#[tokio::test(start_paused = true)]
async fn a_huge_total_costs_no_more_than_what_arrives() {
    for total in [1_000_000_000, u64::MAX / 2, u64::MAX] {
        for count in [0, 1, 3, 100, 250] {
            let read = read(|wanted| {
                let asked = asked(wanted);
                let all = filtered(asked, (count, 0));
                Page {
                    offers: part(all, offset(asked), 100),
                    total: Some(if asked.active == Some(true) { total } else { 0 }),
                    ..Page::default()
                }
            })
            .await;
            let error = read.error();
            let both = [format!("{count} offers"), format!("total is {total}")];
            assert!(both.iter().all(|number| error.contains(number)), "{error}");
            let most = READS * (2 + 3 + SIDE_BY_SIDE);
            assert!(read.wanted.len() <= most, "{} pages", read.wanted.len());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn endless_pages_end_by_the_number_of_offers() {
    for total in [None, Some(u64::MAX), Some(1_000_000)] {
        let read = read_within(few(5_000), |wanted| Page {
            offers: endless(asked(wanted)),
            total: total.filter(|_| asked(wanted).active == Some(true)),
            ..Page::default()
        })
        .await;
        let error = read.error();
        assert!(error.contains("more than 5000 offers"), "{error}");
        assert!(error.contains("limits.maxOffers"), "{error}");
        let pages = read.wanted.len();
        assert!(pages <= 51 + 2 * SIDE_BY_SIDE, "{pages} pages");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_links_end_by_the_number_of_offers() {
    let read = read_within(few(50), |wanted| {
        let number = match wanted {
            Wanted::Asked(asked) if asked.active == Some(false) => return Page::default(),
            Wanted::Asked(_) => 0,
            Wanted::Linked(link) => link.parse().unwrap(),
        };
        Page {
            offers: passes([number], u64::MAX),
            next: Some((number + 1).to_string()),
            ..Page::default()
        }
    })
    .await;
    let error = read.error();
    assert!(error.contains("more than 50 offers"), "{error}");
    assert!(read.wanted.len() <= 2 + 51, "{} pages", read.wanted.len());
}

#[tokio::test(start_paused = true)]
async fn endless_numbers_of_pages_end_by_the_number_of_offers() {
    let read = read_within(few(50), |wanted| {
        let number = match asked(wanted).place {
            Place::Number(number) => number,
            Place::First | Place::Offset(_) => 1,
        };
        Page {
            offers: passes(10 * number..10 * number + 10, u64::MAX),
            ..Page::default()
        }
    })
    .await;
    let error = read.error();
    assert!(error.contains("more than 50 offers"), "{error}");
}

/// Reads a list whose pages have the links that a function says; returns the error and how many pages were read.
async fn linked(next: impl Fn(Option<u64>) -> String + Send + Sync) -> (String, usize) {
    let read = read(|wanted| {
        let page = match wanted {
            Wanted::Asked(asked) if asked.active == Some(false) => return Page::default(),
            Wanted::Asked(_) => None,
            Wanted::Linked(link) => Some(link.parse().unwrap_or(1_000)),
        };
        let number = page.map_or(0, |page| page + 1);
        Page {
            offers: passes([number], u64::MAX),
            next: Some(next(page)),
            ..Page::default()
        }
    })
    .await;
    // The inactive list is asked for as often, unless the active one ends before.
    let is_active = |wanted: &&Wanted<String>| match wanted {
        Wanted::Asked(asked) => asked.active == Some(true),
        Wanted::Linked(_) => true,
    };
    (read.error(), read.wanted.iter().filter(is_active).count())
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_once_whatever_the_links_say() {
    let first = Asked {
        active: Some(true),
        place: Place::First,
        limit: Some(100),
    };
    // A link to the very page.
    let (error, pages) = linked(|_| format!("{first:?}")).await;
    assert!(error.contains("on page 1 leads back"), "{error}");
    assert_eq!(pages, READS);
    // A link to itself on the second page, and a circle of three.
    let (error, pages) = linked(|_| "1".to_owned()).await;
    assert!(error.contains("on page 2 leads back"), "{error}");
    assert_eq!(pages, READS * 2);
    let (error, pages) = linked(|page| page.map_or(0, |page| (page + 1) % 3).to_string()).await;
    assert!(error.contains("on page 4 leads back"), "{error}");
    assert_eq!(pages, READS * 4);
}

#[tokio::test(start_paused = true)]
async fn both_lists_may_go_on_with_the_same_page() {
    // The service forgets the filter in its links.
    let read = read(|wanted| match wanted {
        Wanted::Asked(_) => Page {
            offers: passes(0..2, 4),
            next: Some("second".to_owned()),
            ..Page::default()
        },
        Wanted::Linked(_) => Page {
            offers: passes(2..4, 4),
            ..Page::default()
        },
    })
    .await;
    assert_eq!(read.found(), (4, Completeness::Assumed));
}

#[tokio::test(start_paused = true)]
async fn long_offers_end_by_their_bytes() {
    let long = "x".repeat(1_000_000);
    let read = read_within(few(20_000), |wanted| {
        let from = offset(asked(wanted));
        Page {
            offers: (from..from + 4)
                .map(|number| long_pass(number, &long))
                .collect(),
            ..Page::default()
        }
    })
    .await;
    let error = read.error();
    assert!(error.contains("25 MiB"), "{error}");
    assert!(error.contains("limits.maxOffers: 20000"), "{error}");
    let pages = read.wanted.len();
    assert!(pages < 12 + 2 * SIDE_BY_SIDE, "{pages} pages");
}

#[tokio::test(start_paused = true)]
async fn long_answers_of_which_nothing_is_kept_end_by_their_bytes() {
    let read = read(|wanted| Page {
        offers: endless(asked(wanted)).into_iter().take(1).collect(),
        bytes: 8 * 1024 * 1024,
        ..Page::default()
    })
    .await;
    let error = read.error();
    assert!(error.contains("longer than 255 MiB"), "{error}");
    let pages = read.wanted.len();
    assert!(pages < 32 + 2 * SIDE_BY_SIDE, "{pages} pages");
}

#[tokio::test(start_paused = true)]
async fn a_short_page_that_would_become_hundreds_of_long_rows_is_not_taken_in() {
    // One offer of 200 KB in 200 countries is 40 MB of rows, as a single, a rental and a VOD three times that.
    let codes =
        ('A'..='J').flat_map(|first| ('A'..='T').map(move |second| format!("{first}{second}")));
    let countries: Vec<String> = codes
        .map(|code| format!(r#"{{"countryCode":"{code}"}}"#))
        .collect();
    let (countries, long) = (countries.join(","), "x".repeat(200_000));
    let offer = format!(
        r#"{{"id":"A1","type":"vod","active":true,"description":"{long}","localizations":[{countries}]}}"#
    );
    let read = read_within(few(20_000), |_| Page {
        offers: vec![offer.clone()],
        ..Page::default()
    })
    .await;
    let error = read.error();
    assert!(error.contains("25 MiB"), "{error}");
    // It is not asked for again either.
    assert!(read.wanted.len() <= 2, "{} pages", read.wanted.len());
}

#[tokio::test(start_paused = true)]
async fn what_a_reading_before_kept_does_not_count() {
    // A list without a total is read twice; each reading is more than half of what is allowed.
    let long = "x".repeat(100_000);
    let read = read_within(few(100), |wanted| {
        let asked = asked(wanted);
        let count = if asked.active == Some(true) { 100 } else { 0 };
        let all = (0..count).map(|number| long_pass(number, &long)).collect();
        Page {
            offers: part(all, offset(asked), 50),
            ..Page::default()
        }
    })
    .await;
    assert_eq!(read.found(), (100, Completeness::Assumed));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_shown_twice_is_kept_once() {
    // The service does not hear the filter: the same offers come three times, and fill two thirds of what is allowed.
    let long = "x".repeat(120_000);
    let read = read_within(few(100), |wanted| {
        let all = (0..90).map(|number| long_pass(number, &long)).collect();
        Page {
            offers: part(all, offset(asked(wanted)), 2),
            ..Page::default()
        }
    })
    .await;
    assert_eq!(read.found(), (90, Completeness::Assumed));
}
