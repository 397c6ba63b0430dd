//! Prices that hold for a time, held against the price beside them.

use offerctl_reconcile::guard::GuardCode;

use super::case;
use crate::support::world::declared;

const SALE: &str = "{name: Sale, from: 1900000000, to: 1900003600, amount: AMOUNT}";

fn news(price: &str, rule: &str, more: &str) -> String {
    let rule = SALE.replace("AMOUNT", rule);
    format!(
        "news: {{type: pass, title: News, url: 'https://club.tv/news', period: month, \
         price: {{amount: {price}, rules: [{rule}]}}{more}}}"
    )
}

/// The codes and the first words of what is refused for a new offer.
fn refused(manifest: &str) -> Vec<String> {
    let case = case(declared(manifest).rest());
    let refusals = case.refusals().into_iter();
    let words = refusals.map(|found| {
        let words: Vec<&str> = found.message.split(' ').collect();
        format!("{}: {}", found.code.as_str(), words[..8].join(" "))
    });
    words.collect()
}

#[test]
fn a_rule_near_the_price_passes_and_one_far_from_it_does_not() {
    assert!(refused(&news("12.00", "6.00", "")).is_empty());
    assert_eq!(
        refused(&news("12.00", "1.20", "")),
        ["price-change: a rule of `news` sells for 1.20 what"]
    );
    assert_eq!(refused(&news("12.00", "120.00", "")).len(), 1);
}

#[test]
fn a_rule_at_the_top_is_a_rule_of_every_country_that_has_none() {
    let rows = ", localizations: {SE: {currency: SEK, price: 99.00}}";
    assert_eq!(
        refused(&news("12.00", "9.00", rows)),
        ["price-change: a rule of `news` in SE sells for"]
    );
    let own = SALE.replace("AMOUNT", "89.00");
    let rows = format!(
        ", localizations: {{SE: {{currency: SEK, price: {{amount: 99.00, rules: [{own}]}}}}}}"
    );
    assert!(refused(&news("12.00", "9.00", &rows)).is_empty());
}

#[test]
fn a_rule_that_is_meant_says_so() {
    let meant = ", lifecycle: {priceChange: {to: 1.20, reason: sale, until: 2099-01-01}}";
    assert!(refused(&news("12.00", "1.20", meant)).is_empty());
    let other = meant.replace("1.20", "2.20");
    assert_eq!(refused(&news("12.00", "1.20", &other)).len(), 1);
}

#[test]
fn what_was_a_rule_before_is_not_looked_at_again() {
    let manifest = news("12.00", "1.20", "").replace("title: News", "title: New");
    let live = "pass P100000001_US title=News url=https://club.tv/news price=12 period=month \
        price.rules=[{\"from\":1900000000,\"to\":1900003600,\"amount\":\"1.2\",\"name\":\"Sale\"}]";
    let case = case(
        declared(&manifest)
            .rest()
            .live(live)
            .state("news pass P100000001_US"),
    );
    let codes: Vec<GuardCode> = case.refusals().iter().map(|found| found.code).collect();
    assert_eq!(codes, []);
}
