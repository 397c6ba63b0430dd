//! Prices that look as if their decimal point were in the wrong place.
//!
//! Over REST, where no documented bounds catch most of them before.

use super::*;

/// A new localized pass: `US USD 12.00, FR EUR 9.99`.
fn new(prices: &str, words: &str) -> Case {
    case(declared(&localized(prices, words)).rest())
}

/// A bound localized pass whose prices move; `before` says all rows.
fn moved(before: &str, after: &str) -> Case {
    let offers = localized(after, "");
    let applied = localized(before, "");
    let rows: String = entries(before)
        .map(|(country, currency, price)| {
            format!(
                "pass P100000001_{country} title=news url=https://club.tv/news price={price} \
                 currency={currency} period=month\n"
            )
        })
        .collect();
    let mut found = case(
        declared(&offers)
            .rest()
            .applied(&applied)
            .live(&rows)
            .state("news pass P100000001 applied"),
    );
    // What is looked at here is not how far a price moves.
    found.guards.max_price_change = "100000".parse().unwrap();
    found
}

fn entries(prices: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    prices.split(", ").map(|entry| {
        let mut words = entry.split(' ');
        let mut word = || words.next().unwrap();
        (word(), word(), word())
    })
}

fn localized(prices: &str, words: &str) -> String {
    let rows: Vec<String> = entries(prices)
        .map(|(country, currency, price)| {
            format!("{country}: {{currency: {currency}, price: {price}}}")
        })
        .collect();
    let rows = rows.join(", ");
    pass(
        "news",
        &format!(", price: 12.00, localizations: {{{rows}}}{words}"),
    )
}

impl Case {
    /// The countries that are warned of; nothing may be refused.
    #[track_caller]
    fn warned(&self) -> Vec<String> {
        let Findings {
            refusals, warnings, ..
        } = self.findings();
        assert_eq!(refusals, []);
        let country = |found: &Finding| {
            assert_eq!(found.code, GuardCode::DecimalPoint);
            assert_eq!(found.name.as_ref().unwrap().as_str(), "news");
            assert!(found.span.is_some());
            let (_, rest) = found.message.split_once("` in ").unwrap();
            rest[..2].to_owned()
        };
        warnings.iter().map(country).collect()
    }
}

#[test]
fn one_price_beside_its_siblings() {
    const USUAL: &str = "US USD 12.00, DE EUR 10.99, GB GBP 9.99, SE SEK 119.00, SN XOF 6500";
    assert_eq!(new(USUAL, "").warned(), [""; 0]);
    for (right, wrong, country) in [
        ("10.99", "109.90", "DE"),
        ("10.99", "1099.00", "DE"),
        ("10.99", "1.10", "DE"),
        ("9.99", "0.10", "GB"),
        ("119.00", "11.90", "SE"),
        ("119.00", "11.99", "SE"),
        ("6500", "65", "SN"),
        ("6500", "650000", "SN"),
        ("12.00", "1200", "US"),
    ] {
        let prices = USUAL.replacen(right, wrong, 1);
        assert_eq!(new(&prices, "").warned(), [country], "{prices}");
    }
}

#[test]
fn a_price_in_the_currency_of_another_country() {
    assert_eq!(
        new("US USD 12.00, DE EUR 10.99, SE EUR 119.00", "").warned(),
        ["SE"]
    );
    // The price at the top is a number that every row takes, in its own currency.
    let inherited = pass(
        "news",
        ", price: 12.00, localizations: {US: {currency: USD}, DE: {currency: EUR}, SN: {currency: XOF}}",
    );
    assert_eq!(case(declared(&inherited).rest()).warned(), ["SN"]);
}

#[test]
fn what_is_meant_and_probably_right_is_said() {
    let found = new("US USD 12.00, DE EUR 109.90, GB GBP 9.99", "");
    let warnings = found.findings().warnings;
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        warnings[0].message,
        "the price of `news` in DE, 109.90 EUR, is about 10 times what its other countries pay \
         (about 10.80 EUR at rough rates): the decimal point may be in the wrong place"
    );
    assert_eq!(
        warnings[0].help,
        "did you mean 10.99? if that is meant, write into its `lifecycle`: \
         priceChange: {to: 109.90, country: DE, reason: …, until: YYYY-MM-DD}"
    );
    let low = new("US USD 12.00, DE EUR 0.11, GB GBP 9.99", "").findings();
    assert!(low.warnings[0].message.contains("times less than"));
    assert!(low.warnings[0].help.starts_with("did you mean 11.00? "));
}

#[test]
fn a_strict_environment_refuses_it() {
    let mut found = new("US USD 12.00, DE EUR 109.90, GB GBP 9.99", "");
    found.guards.strict = true;
    found.refused(GuardCode::DecimalPoint);
    assert_eq!(found.findings().warnings, []);
}

#[test]
fn an_override_silences_it_until_its_last_day() {
    let meant = |price: &str, country: &str, until: &str| {
        let words = format!(
            ", lifecycle: {{priceChange: {{to: {price}, country: {country}, reason: gala, until: {until}}}}}"
        );
        new("US USD 12.00, DE EUR 109.90, GB GBP 9.99", &words).warned()
    };
    assert_eq!(meant("109.90", "DE", "2026-06-15"), [""; 0]);
    assert_eq!(meant("109.90", "DE", "2026-06-14"), ["DE"]);
    assert_eq!(meant("109.91", "DE", "2026-06-15"), ["DE"]);
    assert_eq!(meant("109.90", "GB", "2026-06-15"), ["DE"]);
}

#[test]
fn purchasing_power_is_no_misplaced_point() {
    assert_eq!(
        new("US USD 12.00, DE EUR 10.99, ZA ZAR 60.00", "").warned(),
        [""; 0],
        "a third of the usual"
    );
    // Four times as much, and just within and beyond five times.
    assert_eq!(new("US USD 10, CA USD 10, GB USD 40", "").warned(), [""; 0]);
    assert_eq!(
        new("US USD 10, CA USD 10, GB USD 49.99", "").warned(),
        [""; 0]
    );
    assert_eq!(new("US USD 10, CA USD 10, GB USD 50", "").warned(), ["GB"]);
}

#[test]
fn two_groups_of_prices_are_left_alone() {
    let two = "US USD 10, CA USD 10, ZA USD 1, SN USD 1";
    assert_eq!(new(two, "").warned(), [""; 0]);
}

#[test]
fn the_same_mistake_in_two_of_many_countries_is_found_twice() {
    let many = "US USD 10, CA USD 10, AU USD 10, NZ USD 10, GB USD 10, ES USD 100, FR USD 100";
    assert_eq!(new(many, "").warned(), ["ES", "FR"]);
}

#[test]
fn of_two_new_prices_one_is_named() {
    assert_eq!(new("US USD 12.00, DE EUR 109.90", "").warned(), ["DE"]);
    assert_eq!(new("US USD 120.00, DE EUR 10.99", "").warned(), ["US"]);
}

#[test]
fn a_price_that_moves_is_held_against_those_that_stay() {
    let before = "US USD 12.00, DE EUR 10.99";
    assert_eq!(
        moved(before, "US USD 12.00, DE EUR 1.09").warned(),
        ["DE"],
        "the lower one, because the other stays"
    );
    assert_eq!(
        moved(before, "US USD 13.00, DE EUR 109.90").warned(),
        ["DE"],
        "a small move is no doubt"
    );
    assert_eq!(
        moved(before, "US USD 120.00, DE EUR 109.90").warned(),
        [""; 0],
        "all of them moved alike: no sibling tells, and `price-change` does"
    );
}

#[test]
fn a_price_that_was_far_away_before_may_move_on() {
    let before = "US USD 12.00, DE EUR 109.90, GB GBP 9.99";
    assert_eq!(
        moved(before, "US USD 12.00, DE EUR 119.90, GB GBP 9.99").warned(),
        [""; 0]
    );
}

#[test]
fn a_price_may_always_go_back_to_what_was_applied() {
    let mut found = moved(
        "US USD 12.00, DE EUR 10.99, GB GBP 9.99",
        "US USD 12.00, DE EUR 109.90, GB GBP 9.99",
    );
    assert_eq!(found.warned(), ["DE"]);
    let mut applied = found.plan.steps[0].record.clone().unwrap().applied.unwrap();
    std::mem::swap(
        found.plan.changes[0].applied.as_mut().unwrap(),
        &mut applied,
    );
    assert_eq!(found.warned(), [""; 0]);
}

#[test]
fn rates_are_the_users_where_they_are_given() {
    let mut found = new("US USD 12.00, SE SEK 119.00, NO NOK 119.00", "");
    assert_eq!(found.warned(), [""; 0]);
    found
        .guards
        .exchange_rates
        .insert("SEK".to_owned().try_into().unwrap(), "1".parse().unwrap());
    assert_eq!(found.warned(), ["SE"]);
}

#[test]
fn a_currency_that_nobody_has_a_rate_for_is_left_out() {
    let prices = "US USD 12.00, DE EUR 10.99, LA LAK 250000";
    let mut told = new(prices, "");
    assert_eq!(told.warned(), [""; 0]);
    told.guards.exchange_rates.insert(
        "LAK".to_owned().try_into().unwrap(),
        "21000".parse().unwrap(),
    );
    assert_eq!(told.warned(), [""; 0]);
    told.guards.exchange_rates.insert(
        "LAK".to_owned().try_into().unwrap(),
        "2100".parse().unwrap(),
    );
    assert_eq!(told.warned(), ["LA"]);
}

#[test]
fn what_costs_nothing_has_no_decimal_point() {
    assert_eq!(
        new("US USD 12.00, DE EUR 10.99, GB GBP 0", "").warned(),
        [""; 0]
    );
    assert_eq!(
        new("US USD 12.00, DE EUR 109.90, GB GBP 0", "").warned(),
        ["DE"],
        "and is no sibling either"
    );
}

#[test]
fn near_is_less_than_the_square_root_of_ten() {
    assert_eq!(
        new("US USD 10, CA USD 6.32, GB USD 31.60", "").warned(),
        ["GB"],
        "just not near to the one, and five times the other"
    );
    assert_eq!(
        new("US USD 10, CA USD 6.30, GB USD 31.59", "").warned(),
        [""; 0]
    );
    let before = "US USD 6.00, CA USD 6.00, GB USD 10.00";
    let to = |price: &str| moved(before, &format!("US USD 6.00, CA USD 6.00, GB USD {price}"));
    assert_eq!(to("31.60").warned(), ["GB"]);
    assert_eq!(to("31.59").warned(), [""; 0], "so small a move is no doubt");
}

#[test]
fn the_price_that_was_meant_is_the_nearest_power_of_ten_away() {
    for (price, meant) in [
        ("200.00", "20.00"),
        ("310.00", "31.00"),
        ("320.00", "3.20"),
        ("3200.00", "3.20"),
        ("0.50", "5.00"),
        ("0.04", "4.00"),
    ] {
        let found = new(&format!("US USD 10, CA USD 10, GB USD {price}"), "").findings();
        let help = &found.warnings[0].help;
        assert!(
            help.starts_with(&format!("did you mean {meant}? ")),
            "{price}: {help}"
        );
    }
    let found = new("US USD 10, CA USD 10, GB USD 99999", "").findings();
    assert!(
        found.warnings[0].help.starts_with("if that is meant"),
        "more than a misplaced point"
    );
}
