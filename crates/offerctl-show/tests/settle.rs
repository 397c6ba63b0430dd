//! What became of creates whose answers were lost, case by case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Moment;
use offerctl_reconcile::settle::{Verdict, settle};
use offerctl_reconcile::state::Run;

use crate::support::desired::Options;
use crate::support::rows::as_resources;
use crate::support::{desired, live, state};

const NEWS: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}";
const NEWS_ROW: &str = "title=News url=https://club.tv/news price=12 period=month";
const LOCALIZED: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month, \
    localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD}}}";
const FRENCH: &str = "title=News url=https://club.tv/news price=9 period=month currency=EUR";

/// The names that were sent, as `state` has them: `intent news pass`, with bindings and tombstones beside them.
#[track_caller]
fn check(sent: &str, memory: &str, baseline: &str, rows: &str, expect: &str) {
    check_for(Api::JsonRpc, (sent, memory), baseline, rows, expect);
}

/// The same over a generation of the API.
#[track_caller]
fn check_for(api: Api, (sent, memory): (&str, &str), baseline: &str, rows: &str, expect: &str) {
    let options = Options {
        markers: api == Api::Rest,
        ..api.into()
    };
    let declared = desired::offers_for(options, sent);
    let mut state = state::state(memory, &declared);
    let ids: BTreeSet<OfferId> = baseline.split_whitespace().map(OfferId::new).collect();
    let run = Run {
        since: Moment::EPOCH,
        baseline: BTreeMap::from([(OfferType::Pass, ids)]),
    };
    state.runs.insert("run".to_owned(), run);
    let mut live = live::live(rows);
    if api == Api::Rest {
        live = as_resources(&live);
    }
    let mut found = String::new();
    for (intent, verdict) in settle(api, OfferType::Pass, &live, &state) {
        let name = &state.intents[&intent].name;
        match verdict {
            Verdict::Made(id) => writeln!(found, "{name} is {id}").unwrap(),
            Verdict::NotMade => writeln!(found, "{name} was not made").unwrap(),
            Verdict::Undecidable(ids) => {
                let ids: Vec<&str> = ids.iter().map(OfferId::raw).collect();
                writeln!(found, "{name} may be {}", ids.join(" ")).unwrap();
            }
        }
    }
    assert_eq!(found.trim_end(), expect);
}

fn row(id: &str, words: &str) -> String {
    format!("pass {id} {words}\n")
}

#[test]
fn an_offer_that_is_equal_is_ours() {
    let rows = row("P100000001_US", NEWS_ROW);
    check(NEWS, "intent news pass", "", &rows, "news is P100000001_US");
}

#[test]
fn nothing_that_looks_like_it_proves_that_it_was_not_made() {
    check(NEWS, "intent news pass", "", "", "news was not made");
    let rows = row(
        "P100000001_US",
        "title=Sport url=https://club.tv/sport price=12",
    );
    check(NEWS, "intent news pass", "", &rows, "news was not made");
}

#[test]
fn what_was_there_before_is_not_ours() {
    let rows = row("P100000001_US", NEWS_ROW);
    check(
        NEWS,
        "intent news pass",
        "P100000001",
        &rows,
        "news was not made",
    );
}

#[test]
fn what_another_name_has_is_not_ours() {
    let rows = row("P100000001_US", NEWS_ROW);
    for memory in [
        "other pass P100000001_US",
        "deactivated other pass P100000001",
    ] {
        let memory = format!("intent news pass\n{memory}");
        check(NEWS, &memory, "", &rows, "news was not made");
    }
    let memory = "intent news pass\nother pass P100000009_US retiring=pass:P100000001_US";
    check(NEWS, memory, "", &rows, "news was not made");
}

#[test]
fn what_other_types_list_is_not_ours() {
    let rows = format!(
        "single P100000001_US {}",
        NEWS_ROW.replace(" period=month", "")
    );
    check(NEWS, "intent news pass", "", &rows, "news was not made");
}

#[test]
fn the_same_title_or_url_alone_leaves_it_open() {
    for words in [
        "title=News url=https://club.tv/else price=12 period=month",
        "title=Else url=https://club.tv/news price=12 period=month",
        "title=News url=https://club.tv/news price=12.01 period=month",
        "title=News url=https://club.tv/news price=12 period=week",
        "title=News url=https://club.tv/news price=12",
    ] {
        let rows = row("P100000001_US", words);
        check(
            NEWS,
            "intent news pass",
            "",
            &rows,
            "news may be P100000001_US",
        );
    }
}

#[test]
fn an_inactive_offer_counts_as_evidence_too() {
    let rows = row("P100000001_US", &format!("{NEWS_ROW} inactive"));
    check(NEWS, "intent news pass", "", &rows, "news is P100000001_US");
}

#[test]
fn a_country_that_is_not_there_yet_leaves_it_open() {
    let american = row("P100000001_US", NEWS_ROW);
    let french = row("P100000001_FR", FRENCH);
    let both = format!("{american}{french}");
    check(
        LOCALIZED,
        "intent news pass",
        "",
        &both,
        "news is P100000001",
    );
    check(
        LOCALIZED,
        "intent news pass",
        "",
        &american,
        "news may be P100000001_US",
    );
    check(
        LOCALIZED,
        "intent news pass",
        "",
        &french,
        "news may be P100000001_FR",
    );
    let third = row("P100000001_NO", &FRENCH.replace("EUR", "NOK"));
    check(
        LOCALIZED,
        "intent news pass",
        "",
        &format!("{both}{third}"),
        "news may be P100000001",
    );
    // A plain offer with two rows is not what was sent either.
    check(
        NEWS,
        "intent news pass",
        "",
        &both,
        "news may be P100000001",
    );
}

#[test]
fn a_country_in_another_currency_leaves_it_open() {
    let american = row("P100000001_US", NEWS_ROW);
    let french = row(
        "P100000001_FR",
        &FRENCH.replace("currency=EUR", "currency=GBP"),
    );
    let rows = format!("{american}{french}");
    check(
        LOCALIZED,
        "intent news pass",
        "",
        &rows,
        "news may be P100000001",
    );
}

#[test]
fn equal_creates_are_interchangeable() {
    let sent = format!("{NEWS}\n{}", NEWS.replace("news: ", "again: "));
    let memory = "intent news pass\nintent again pass";
    let first = row("P100000001_US", NEWS_ROW);
    let second = row("P100000002_US", NEWS_ROW);
    let third = row("P100000003_US", NEWS_ROW);
    check(
        &sent,
        memory,
        "",
        &first,
        "again is P100000001_US\nnews was not made",
    );
    let rows = format!("{second}{first}");
    check(
        &sent,
        memory,
        "",
        &rows,
        "again is P100000001_US\nnews is P100000002_US",
    );
    let rows = format!("{first}{second}{third}");
    let all = "P100000001_US P100000002_US P100000003_US";
    check(
        &sent,
        memory,
        "",
        &rows,
        &format!("again may be {all}\nnews may be {all}"),
    );
}

#[test]
fn more_equal_offers_than_creates_leave_it_open() {
    let rows = row("P100000001_US", NEWS_ROW) + &row("P100000002_US", NEWS_ROW);
    check(
        NEWS,
        "intent news pass",
        "",
        &rows,
        "news may be P100000001_US P100000002_US",
    );
}

#[test]
fn one_offer_that_two_different_creates_may_have_made_leaves_both_open() {
    // They differ in what nobody can read back, so the offer that is there is one of the two: which, nobody knows.
    let with = |name: &str, email: &str| {
        NEWS.replace("news: ", &format!("{name}: "))
            .replace('}', &format!(", associateEmail: {email}}}"))
    };
    let sent = format!(
        "{}\n{}",
        with("news", "a@club.tv"),
        with("other", "b@club.tv")
    );
    let memory = "intent news pass\nintent other pass";
    let rows = row("P100000001_US", NEWS_ROW);
    check(
        &sent,
        memory,
        "",
        &rows,
        "news may be P100000001_US\nother may be P100000001_US",
    );
}

#[test]
fn over_rest_the_marker_decides() {
    let rest = |rows: &str, expect: &str| {
        check_for(Api::Rest, (NEWS, "intent news pass"), "", rows, expect);
    };
    let marked = format!("{NEWS_ROW} marker=news");
    rest(&row("P100000001_US", &marked), "news is P100000001_US");
    let kept = marked.replace("News", "NEWS").replace("=12", "=12.01");
    rest(&row("P100000001_US", &kept), "news is P100000001_US");
}

#[test]
fn over_rest_an_offer_that_looks_like_it_without_our_marker_leaves_it_open() {
    let rest = |rows: &str, expect: &str| {
        check_for(Api::Rest, (NEWS, "intent news pass"), "", rows, expect);
    };
    for words in [
        NEWS_ROW.to_owned(),
        format!("{NEWS_ROW} marker=other/news"),
        NEWS_ROW.replace("/news", "/else"),
        NEWS_ROW.replace("title=News", "title=Else"),
        NEWS_ROW
            .replace("title=News", "title=NEWS")
            .replace("/news", "/else"),
    ] {
        rest(&row("P100000001_US", &words), "news may be P100000001_US");
    }
    rest(
        &row(
            "P100000001_US",
            &NEWS_ROW
                .replace("title=News", "title=Else")
                .replace("/news", "/else"),
        ),
        "news was not made",
    );
}

#[test]
fn texts_are_compared_as_people_read_them() {
    for words in [
        "title=\"news\u{200b} \" url=https://club.tv/else price=12 period=month",
        "title=Ne\u{ad}ws url=https://club.tv/else price=12 period=month",
        "title=Else url=HTTPS://CLUB.tv/news/ price=12 period=month",
    ] {
        let rows = row("P100000001_US", words);
        check(
            NEWS,
            "intent news pass",
            "",
            &rows,
            "news may be P100000001_US",
        );
    }
}

#[test]
fn an_address_that_others_have_as_well_is_no_evidence() {
    let stranger = row(
        "P100000001_US",
        "title=Else url=https://club.tv/news price=5 period=month",
    );
    let sport = "sport: {type: pass, title: Sport, url: 'https://club.tv/news/', period: month}";
    // A live offer that was there before has it.
    let old = row(
        "P100000002_US",
        "title=Sport url=https://club.tv/news price=12 period=month",
    );
    check(
        NEWS,
        "intent news pass",
        "P100000002",
        &format!("{stranger}{old}"),
        "news was not made",
    );
    // Another create has it.
    check(
        &format!("{NEWS}\n{sport}"),
        "intent news pass\nintent sport pass",
        "",
        &stranger,
        "news was not made\nsport was not made",
    );
    // Something that is bound has it, and no list of this type shows it.
    check(
        &format!("{NEWS}\n{}", sport.replace("pass", "subscription")),
        "intent news pass\nsport subscription S100000001_US applied",
        "",
        &stranger,
        "news was not made",
    );
    // Two that may have come of it have it: that is no reason to make a third.
    let second = stranger.replace("P100000001", "P100000003");
    check(
        NEWS,
        "intent news pass",
        "",
        &format!("{stranger}{second}"),
        "news may be P100000001_US P100000003_US",
    );
}
