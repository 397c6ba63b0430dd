//! Fields that are no longer declared: `field-removed` and `clears`.

use offerctl_reconcile::guard::GuardCode;

use super::case;
use crate::support::world::declared;

const PASS: &str =
    "news: {type: pass, title: News, url: 'https://club.tv/news', price: 12, period: month}";
const LIVE: &str = "pass P100000001_US title=News url=https://club.tv/news price=12 period=month";
const SENT: &str = "news pass P100000001_US sent";
const FOUND: &str = "news pass P100000001_US applied";

/// The pass with more in it.
fn pass(more: &str) -> String {
    PASS.replace("period", &format!("{more}, period"))
}

fn live(more: &str) -> String {
    format!("{LIVE} {more}")
}

#[test]
fn a_field_whose_removal_sells_more_or_to_nobody_is_refused_until_git_says_what_is_intended() {
    let tags = pass("accessToTags: [a]");
    let there = live("accessToTags=a");
    let removed = declared(PASS).applied(&tags).live(&there);
    let found = case(removed.state(SENT)).refused(GuardCode::FieldRemoved);
    assert_eq!(
        found.message,
        "`accessToTags` of `news` is no longer declared, and without it customers lose access to all content"
    );
    assert_eq!(found.name, Some("news".parse().unwrap()));
    case(removed.state(FOUND)).passes();
    for said in [
        "accessToTags: null",
        "accessToTags: [b]",
        "lifecycle: {ignore: [accessToTags]}",
    ] {
        let said = pass(said);
        case(declared(&said).applied(&tags).live(&there).state(SENT)).passes();
    }
}

#[test]
fn a_write_only_field_is_refused_as_well() {
    let mail = pass("associateEmail: a@club.tv");
    let texts = declared(PASS).applied(&mail).live(LIVE).state(SENT);
    let found = case(texts).refused(GuardCode::FieldRemoved);
    assert!(found.message.contains("`associateEmail`"), "{found:?}");
}
#[test]
fn the_same_field_on_many_offers_at_once_is_refused() {
    let offers = |count: usize, more: &str| -> String {
        let offer = |index: usize| {
            let more = if index < 5 { more } else { "" };
            format!(
                "p{index}: {{type: pass, title: T{index}, url: 'https://club.tv/{index}', price: 12, {more} period: month}}\n"
            )
        };
        (0..count).map(offer).collect()
    };
    let rows = |count: usize| -> String {
        let row = |index: usize| {
            format!(
                "pass P10000{index:04}_US title=T{index} url=https://club.tv/{index} price=12 period=month description=More\n"
            )
        };
        (0..count).map(row).collect()
    };
    let bound = |count: usize| -> String {
        (0..count)
            .map(|index| format!("p{index} pass P10000{index:04}_US sent\n"))
            .collect()
    };
    for (count, cleared, refused) in [(5, 1, false), (5, 2, true), (40, 4, false), (40, 5, true)] {
        let all = offers(count, "description: More,");
        let mut left = all.clone();
        for index in 0..cleared {
            let line = all.lines().nth(index).unwrap();
            left = left.replace(line, &line.replace("description: More,", ""));
        }
        let (rows, bound) = (rows(count), bound(count));
        let live: String = rows
            .lines()
            .enumerate()
            .map(|(index, row)| {
                if index < 5 {
                    format!("{row}\n")
                } else {
                    row.replace(" description=More", "\n")
                }
            })
            .collect();
        let texts = declared(&left).applied(&all).live(&live).state(&bound);
        if refused {
            case(texts).refused(GuardCode::Clears);
        } else {
            case(texts).passes();
        }
    }
}
