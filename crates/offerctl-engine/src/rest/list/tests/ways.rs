//! Ways in which a list can be paged, and what is made of one that shows the same page whatever is asked.

use super::*;

/// A service that shows the first so many offers of a list, whatever page is asked for.
fn first_only(counts: (u64, u64), cap: u64) -> impl Fn(&Wanted<String>) -> Page + Send + Sync {
    move |wanted| Page {
        offers: part(filtered(asked(wanted), counts), 0, cap),
        ..Page::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_as_long_as_a_usual_page_is_whole_if_another_one_is_longer() {
    for active in [10, 15, 20, 25, 30, 50, 100] {
        for inactive in [1, 9, active, active + 1, 200] {
            let all = usize::try_from(active + inactive).unwrap();
            for counts in [(active, inactive), (inactive, active)] {
                let read = read(first_only(counts, u64::MAX)).await;
                assert_eq!(read.found(), (all, Completeness::Assumed), "{counts:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_list_that_is_longer_tells_also_if_without_a_filter_the_active_ones_are_shown() {
    let read = read(|wanted| {
        let active = asked(wanted).active.or(Some(true));
        let all = Asked {
            active,
            ..asked(wanted)
        };
        Page {
            offers: filtered(all, (20, 27)),
            ..Page::default()
        }
    })
    .await;
    assert_eq!(read.found(), (47, Completeness::Assumed));
}

#[tokio::test(start_paused = true)]
async fn a_list_as_long_as_a_usual_page_may_be_cut_off_if_nothing_is_longer() {
    for cap in [10, 20, 100] {
        for counts in [
            (cap, 0),
            (cap + 1, 0),
            (3 * cap, 3 * cap),
            (cap, cap),
            (0, cap),
        ] {
            let read = read(first_only(counts, cap)).await;
            let error = read.error();
            assert!(error.contains(&format!("the same {cap} offers")), "{error}");
            for way_out in ["one offer more or less", "`api: json-rpc`"] {
                assert!(error.contains(way_out), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_another_length_is_whole() {
    for count in [0, 1, 9, 11, 21, 99, 101, 137] {
        let read = read(first_only((count, 0), u64::MAX)).await;
        let count = usize::try_from(count).unwrap();
        assert_eq!(read.found(), (count, Completeness::Assumed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hears_the_limit_but_no_place_shows_all_if_there_was_room() {
    for (active, most, expect) in [
        (10, u64::MAX, Ok(10)),
        (20, u64::MAX, Ok(20)),
        (99, u64::MAX, Ok(99)),
        // Here a higher limit tells.
        (100, u64::MAX, Err("the same 100 offers")),
        (150, u64::MAX, Ok(150)),
        (200, u64::MAX, Err("200 offers or more")),
        (700, u64::MAX, Err("200 offers or more")),
        (150, 100, Err("the same 100 offers")),
    ] {
        let read = read(|wanted| {
            let asked = asked(wanted);
            let limit = asked.limit.unwrap_or(20).min(most);
            Page {
                offers: part(filtered(asked, (active, 0)), 0, limit),
                ..Page::default()
            }
        })
        .await;
        match expect {
            Ok(count) => assert_eq!(read.found(), (count, Completeness::Assumed)),
            Err(words) => assert!(read.error().contains(words), "{active}: {}", read.error()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_counts_pages_is_read_page_by_page() {
    for size in [3, 20, 100] {
        for count in [1, 3, 20, 60, 100, 137, 450] {
            let read = read(|wanted| {
                let asked = asked(wanted);
                let number = match asked.place {
                    Place::Number(number) => number,
                    Place::First | Place::Offset(_) => 1,
                };
                let limit = asked.limit.unwrap_or(size).min(size);
                let all = filtered(asked, (count, 2));
                Page {
                    offers: part(all, (number - 1) * limit, limit),
                    ..Page::default()
                }
            })
            .await;
            let all = usize::try_from(count + 2).unwrap();
            assert_eq!(read.found(), (all, Completeness::Assumed), "{size} {count}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_begins_anew_after_its_last_page_is_not_taken_for_one_that_has_but_one() {
    let read = read(|wanted| {
        let asked = asked(wanted);
        let from = offset(asked) % 60;
        Page {
            offers: part(filtered(asked, (60, 0)), from, 20),
            ..Page::default()
        }
    })
    .await;
    let error = read.error();
    assert!(error.contains("after 60 offers"), "{error}");
    assert!(error.contains("begins again"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_whole_with_and_without_its_total() {
    for counts in [(0, 0), (1, 0), (100, 100), (101, 7), (1_234, 56)] {
        for has_total in [false, true] {
            let read = read(|wanted| {
                let asked = asked(wanted);
                let all = filtered(asked, counts);
                Page {
                    total: has_total.then_some(all.len() as u64),
                    offers: part(all, offset(asked), 100),
                    ..Page::default()
                }
            })
            .await;
            let count = usize::try_from(counts.0 + counts.1).unwrap();
            let completeness = if has_total {
                Completeness::Proven
            } else {
                Completeness::Assumed
            };
            assert_eq!(read.found(), (count, completeness), "{counts:?}");
        }
    }
}
