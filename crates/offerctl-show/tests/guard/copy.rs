//! New offers that customers could not tell from others.

use super::*;

fn news(name: &str, words: &str) -> String {
    pass("news", words).replacen("news:", &format!("{name}:"), 1)
}

#[track_caller]
fn warned(found: &Case) -> Vec<(String, String)> {
    let Findings {
        refusals, warnings, ..
    } = found.findings();
    assert_eq!(refusals, []);
    let words = |found: &Finding| {
        assert_eq!(found.code, GuardCode::Copy);
        let (_, rest) = found.message.split_once("a second `").unwrap();
        let (original, _) = rest.split_once('`').unwrap();
        (
            found.name.as_ref().unwrap().to_string(),
            original.to_owned(),
        )
    };
    warnings.iter().map(words).collect()
}

fn pair(copy: &str, original: &str) -> (String, String) {
    (copy.to_owned(), original.to_owned())
}

#[test]
fn a_block_under_another_name_is_a_copy_of_what_is_there() {
    let both = news("news", ", price: 12.00") + &news("a-copy", ", price: 12");
    let found = case(
        declared(&both)
            .applied(&pass("news", ", price: 12.00"))
            .live(&live("news", 1, ""))
            .state("news pass P100000001_US applied"),
    );
    assert_eq!(warned(&found), [pair("a-copy", "news")]);
    let mut strict = found.clone();
    strict.guards.strict = true;
    let refusal = strict.refused(GuardCode::Copy);
    assert!(refusal.span.is_some());
    assert!(
        refusal.help.contains("copyOf: {offer: news, "),
        "{refusal:?}"
    );
}

#[test]
fn of_new_offers_alike_the_first_is_the_original() {
    let three = news("c", "") + &news("a", "") + &news("b", "");
    let found = case(declared(&three));
    assert_eq!(warned(&found), [pair("b", "a"), pair("c", "a")]);
}

#[test]
fn what_customers_can_tell_apart_is_no_copy() {
    for other in [
        news("b", "").replace("title: news", "title: newer"),
        news("b", "").replace("club.tv/news", "club.tv/other"),
        news("b", ", price: 11.00"),
        news("b", "").replace("period: month", "period: week"),
        news("b", ", localizations: {US: {currency: USD}}"),
    ] {
        let found = case(declared(&(news("a", ", price: 12.00") + &other)));
        assert_eq!(warned(&found), [], "{other}");
    }
}

#[test]
fn what_is_there_twice_already_is_no_news() {
    let both = news("a", "") + &news("b", "");
    let rows = live("news", 1, "") + &live("news", 2, "");
    let found = case(
        declared(&both)
            .live(&rows)
            .state("a pass P100000001_US applied\nb pass P100000002_US applied"),
    );
    assert_eq!(warned(&found), []);
}

#[test]
fn a_copy_that_is_meant_is_named_with_its_original_and_a_last_day() {
    let meant = |original: &str, until: &str| {
        let words = format!(
            ", lifecycle: {{copyOf: {{offer: {original}, reason: for partners, until: {until}}}}}"
        );
        let both = news("a", "") + &news("b", &words);
        warned(&case(declared(&both))).len()
    };
    assert_eq!(meant("a", "2026-06-15"), 0);
    assert_eq!(meant("a", "2026-06-14"), 1);
    assert_eq!(meant("b", "2026-06-15"), 1);
}
