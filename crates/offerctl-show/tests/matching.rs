//! Which live offer belongs to which name: every rule, and what is near and not enough.

use crate::support::world::{Texts, declared};

const NEWS: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}";

/// A live pass that says what `NEWS` says; further words change it.
fn pass(id: &str, words: &str) -> String {
    format!("pass {id} title=News url=https://club.tv/news price=12 period=month {words}\n")
}

#[track_caller]
fn check(texts: Texts<'_>, expected: &[&str]) {
    let found = texts.matching();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_name_that_nothing_live_looks_like_is_created() {
    check(declared(NEWS), &["news: create"]);
    let other = "pass P100000001_US title=Sport url=https://club.tv/sport price=12 period=month";
    check(
        declared(NEWS).live(other),
        &["news: create", "~ P100000001_US is unmanaged"],
    );
}

#[test]
fn the_binding_goes_before_everything_else() {
    let live = pass("P100000001_US", "title=Other") + &pass("P100000002_US", "marker=news");
    check(
        declared(NEWS).live(&live).state("news pass P100000001_US"),
        &[
            "news = pass P100000001_US by binding",
            "~ P100000002_US is unmanaged",
        ],
    );
}

#[test]
fn a_binding_with_or_without_its_country_is_the_same() {
    for id in ["P100000001", "P100000001_US", "P100000001_FR"] {
        check(
            declared(NEWS)
                .live(&pass("P100000001_US", ""))
                .state(&format!("news pass {id}")),
            &["news = pass P100000001_US by binding"],
        );
    }
}

#[test]
fn ids_of_the_manifest_go_before_marker_and_looks() {
    let named = NEWS.replace('}', ", ids: {local: P100000001}}");
    let live = pass("P100000001_US", "title=Other") + &pass("P100000002_US", "marker=news");
    check(
        declared(&named).live(&live),
        &[
            "news = pass P100000001_US by ids",
            "~ P100000002_US is unmanaged",
        ],
    );
}

#[test]
fn the_marker_goes_before_looks() {
    let live = pass("P100000001_US", "marker=news title=Other") + &pass("P100000002_US", "");
    check(
        declared(NEWS).live(&live),
        &[
            "news = pass P100000001_US by marker",
            "~ P100000002_US is unmanaged",
        ],
    );
}

#[test]
fn a_marker_on_a_bound_offer_says_nothing() {
    let two = format!(
        "{NEWS}\nsport: {{type: pass, title: Sport, url: 'https://club.tv/sport', period: month}}"
    );
    check(
        declared(&two)
            .live(&pass("P100000001_US", "marker=sport"))
            .state("news pass P100000001_US"),
        &["news = pass P100000001_US by binding", "sport: create"],
    );
}

#[test]
fn an_equal_offer_is_adopted() {
    check(
        declared(NEWS).live(&pass("P100000001_US", "description=More")),
        &["news = pass P100000001_US by equal"],
    );
}

#[test]
fn an_equal_offer_goes_before_one_of_the_same_title_and_url() {
    let live = pass("P100000001_US", "price=13") + &pass("P100000002_US", "");
    check(
        declared(NEWS).live(&live),
        &[
            "news = pass P100000002_US by equal",
            "~ P100000001_US is unmanaged",
        ],
    );
}

#[test]
fn an_offer_of_the_same_title_and_url_that_would_change_is_left_to_a_person() {
    let texts = pass("P100000001_US", "price=13 period=year description=Old");
    check(
        declared(NEWS).live(&texts),
        &[
            "news conflict adopt-changes [P100000001_US]",
            "news: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
    let plan = declared(NEWS).live(&texts).plan();
    let [conflict] = plan.conflicts.as_slice() else {
        panic!("{:?}", plan.conflicts);
    };
    assert_eq!(
        conflict.message,
        "P100000001_US has the type, title and url of `news`, and adopting it would change its `price` and `period`"
    );
    assert_eq!(
        conflict.help,
        "if it is the same offer, bind it: `offerctl state adopt news P100000001_US`; if it is another one, write \
         `lifecycle: {distinctFrom: [P100000001]}` into `news`"
    );
}

#[test]
fn an_offer_of_another_type_is_none_of_ours() {
    let single = "single A100000001_US title=News url=https://club.tv/news price=12";
    check(
        declared(NEWS).live(single),
        &["news: create", "~ A100000001_US is unmanaged"],
    );
}

#[test]
fn two_equal_offers_for_one_name_are_left_to_a_person() {
    let live = pass("P100000001_US", "") + &pass("P100000002_US", "");
    check(
        declared(NEWS).live(&live),
        &[
            "news conflict ambiguous-match [P100000001_US P100000002_US]",
            "news: blocked",
            "~ P100000001_US is unmanaged",
            "~ P100000002_US is unmanaged",
        ],
    );
}

#[test]
fn two_names_for_one_equal_offer_are_left_to_a_person() {
    let two = format!("{NEWS}\n{}", NEWS.replace("news:", "other:"));
    check(
        declared(&two).live(&pass("P100000001_US", "")),
        &[
            "news conflict ambiguous-match [P100000001_US]",
            "news: blocked",
            "other conflict ambiguous-match [P100000001_US]",
            "other: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
}

#[test]
fn two_names_for_one_offer_of_the_same_title_and_url_are_left_to_a_person() {
    let two = format!(
        "{NEWS}\n{}",
        NEWS.replace("news:", "other:").replace("month", "week")
    );
    check(
        declared(&two).live(&pass("P100000001_US", "price=13 period=year")),
        &[
            "news conflict ambiguous-match [P100000001_US]",
            "news: blocked",
            "other conflict ambiguous-match [P100000001_US]",
            "other: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
}

#[test]
fn two_names_and_two_offers_that_are_equal_crosswise_are_each_adopted() {
    let two = format!(
        "{NEWS}\n{}",
        NEWS.replace("news:", "other:").replace("month", "week")
    );
    let live = pass("P100000001_US", "period=week") + &pass("P100000002_US", "");
    check(
        declared(&two).live(&live),
        &[
            "news = pass P100000002_US by equal",
            "other = pass P100000001_US by equal",
        ],
    );
}

#[test]
fn the_same_title_alone_is_near_and_not_enough() {
    check(
        declared(NEWS).live(&pass("P100000001_US", "url=https://club.tv/other")),
        &[
            "news conflict near-match [P100000001_US]",
            "news: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
}

#[test]
fn the_same_url_alone_is_near_and_not_enough() {
    check(
        declared(NEWS).live(&pass("P100000001_US", "title=Other")),
        &[
            "news conflict near-match [P100000001_US]",
            "news: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
}

#[test]
fn what_is_near_a_bound_offer_only_is_created() {
    let other = NEWS
        .replace("news:", "other:")
        .replace("title: News", "title: Other");
    check(
        declared(&format!("{NEWS}\n{other}"))
            .live(&pass("P100000001_US", ""))
            .state("news pass P100000001_US"),
        &["news = pass P100000001_US by binding", "other: create"],
    );
}

#[test]
fn an_inactive_twin_is_left_to_a_person() {
    check(
        declared(NEWS).live(&pass("P100000001_US", "inactive")),
        &[
            "news conflict inactive-twin [P100000001_US]",
            "news: blocked",
        ],
    );
}

#[test]
fn an_inactive_offer_with_the_same_title_only_stands_in_nobodys_way() {
    check(
        declared(NEWS).live(&pass("P100000001_US", "url=https://club.tv/other inactive")),
        &["news: create"],
    );
}

#[test]
fn what_we_deactivated_ourselves_stands_in_nobodys_way() {
    for reason in ["deactivated", "forgotten"] {
        check(
            declared(NEWS)
                .live(&pass("P100000001_US", "inactive"))
                .state(&format!("{reason} news pass P100000001_US")),
            &["news: create"],
        );
    }
}

#[test]
fn what_we_deactivated_and_somebody_revived_is_adopted() {
    check(
        declared(NEWS)
            .live(&pass("P100000001_US", ""))
            .state("deactivated news pass P100000001_US"),
        &["news = pass P100000001_US by equal"],
    );
}

#[test]
fn over_rest_the_same_name_finds_what_we_deactivated() {
    let live = pass("P100000001_US", "inactive");
    for words in [
        "deactivated news pass P100000001_US",
        "deactivated news pass P100000001",
    ] {
        check(
            declared(NEWS).rest().live(&live).state(words),
            &["news = pass P100000001_US by tombstone"],
        );
    }
    check(
        declared(NEWS)
            .rest()
            .live(&live)
            .state("deactivated other pass P100000001_US"),
        &["news: create"],
    );
    check(
        declared(NEWS)
            .rest()
            .live(&live)
            .state("forgotten news pass P100000001_US"),
        &["news: create"],
    );
}

#[test]
fn over_rest_the_youngest_of_several_offers_that_a_name_had_is_the_one() {
    let live = pass("P100000001_US", "inactive") + &pass("P100000002_US", "inactive");
    let texts = declared(NEWS).rest().live(&live);
    let (first, second) = (
        "deactivated news pass P100000001_US",
        "deactivated news pass P100000002_US",
    );
    for (state, id) in [
        (format!("{first}\n{second}"), "P100000002_US"),
        (format!("{second}\n{first}"), "P100000001_US"),
        // It was replaced last, so what took its place is the one.
        (
            format!("{second}\n{}", first.replace("deactivated", "replaced")),
            "P100000002_US",
        ),
        // What an earlier version buried went before.
        (
            format!("{second}\n{}", first.replace("deactivated", "uncounted")),
            "P100000002_US",
        ),
    ] {
        let expected = format!("news = pass {id} by tombstone");
        check(texts.state(&state), &[&expected]);
    }
}

#[test]
fn over_rest_several_offers_of_an_earlier_version_are_left_to_a_person() {
    let live = pass("P100000001_US", "inactive") + &pass("P100000002_US", "inactive");
    let state = "uncounted news pass P100000001_US\nuncounted news pass P100000002_US";
    check(
        declared(NEWS).rest().live(&live).state(state),
        &[
            "news conflict ambiguous-match [P100000001_US P100000002_US]",
            "news: blocked",
        ],
    );
}

#[test]
fn what_was_only_ever_replaced_is_not_revived() {
    check(
        declared(NEWS)
            .rest()
            .live(&pass("P100000001_US", "inactive"))
            .state("replaced news pass P100000001_US"),
        &["news: create"],
    );
}

#[test]
fn over_rest_the_marker_finds_what_is_inactive() {
    check(
        declared(NEWS)
            .rest()
            .live(&pass("P100000001_US", "inactive marker=news")),
        &["news = pass P100000001_US by marker"],
    );
}

#[test]
fn a_moved_name_keeps_its_binding() {
    let moved = NEWS
        .replace("news:", "monthly:")
        .replace('}', ", movedFrom: news}");
    check(
        declared(&moved)
            .live(&pass("P100000001_US", ""))
            .state("news pass P100000001_US"),
        &[
            "monthly = pass P100000001_US by binding",
            "monthly was news",
        ],
    );
    check(
        declared(&moved)
            .live(&pass("P100000001_US", ""))
            .state("monthly pass P100000001_US"),
        &["monthly = pass P100000001_US by binding"],
    );
    check(declared(&moved), &["monthly: create"]);
}

#[test]
fn a_renamed_offer_with_the_same_title_and_url_is_left_to_a_person() {
    let renamed = NEWS.replace("news:", "monthly:").replace("month}", "year}");
    check(
        declared(&renamed)
            .live(&pass("P100000001_US", "price=99 description=x"))
            .state("news pass P100000001_US"),
        &[
            "monthly conflict renamed [P100000001_US]",
            "monthly: blocked",
            "news is no longer declared",
        ],
    );
}

#[test]
fn a_renamed_offer_equal_but_for_one_field_is_left_to_a_person() {
    let retitled = NEWS
        .replace("news:", "monthly:")
        .replace("title: News", "title: Monthly");
    check(
        declared(&retitled)
            .live(&pass("P100000001_US", ""))
            .state("news pass P100000001_US"),
        &[
            "monthly conflict renamed [P100000001_US]",
            "monthly: blocked",
            "news is no longer declared",
        ],
    );
}

#[test]
fn a_new_offer_that_differs_in_two_fields_from_the_one_that_goes_is_new() {
    let other = NEWS
        .replace("news:", "monthly:")
        .replace("title: News", "title: Monthly")
        .replace("month}", "year}");
    check(
        declared(&other)
            .live(&pass("P100000001_US", ""))
            .state("news pass P100000001_US"),
        &["monthly: create", "news is no longer declared"],
    );
}

#[test]
fn a_pending_create_keeps_its_name_from_every_rule_but_the_binding() {
    let live = pass("P100000001_US", "marker=news");
    check(
        declared(NEWS).live(&live).state("intent news pass"),
        &["news: pending", "~ P100000001_US is unmanaged"],
    );
    check(
        declared(NEWS)
            .live(&live)
            .state("intent news pass\nnews pass P100000001_US"),
        &["news = pass P100000001_US by binding"],
    );
    check(declared(NEWS).state("intent other pass"), &["news: create"]);
}

#[test]
fn an_id_that_two_types_list_belongs_to_the_type_of_its_binding() {
    let vod = "again: {type: vod, title: Again, url: 'https://club.tv/again'}";
    let single = "again: {type: single, title: Again, url: 'https://club.tv/again'}";
    let both = "single A100000001_US title=Again url=https://club.tv/again price=12
        vod A100000001_US title=Again url=https://club.tv/again price=12";
    check(
        declared(vod).live(both),
        &["again = vod A100000001_US by equal"],
    );
    check(
        declared(single)
            .live(both)
            .state("again single A100000001_US"),
        &["again = single A100000001_US by binding"],
    );
    check(
        declared(vod).live(both).state("again single A100000001_US"),
        &["again = single A100000001_US by binding"],
    );
    check(
        declared(&format!("{vod}\n{}", single.replace("again:", "other:"))).live(both),
        &[
            "again conflict ambiguous-match [A100000001_US]",
            "again: blocked",
            "other conflict ambiguous-match [A100000001_US]",
            "other: blocked",
            "~ A100000001_US is unmanaged",
        ],
    );
}

const LOCALIZED: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month, \
    localizations: {FR: {currency: EUR, price: 9.00, title: Infos}, US: {currency: USD}}}";

/// The live rows of `LOCALIZED`.
fn rows(stem: &str, words: &str) -> String {
    let row = |country: &str, words: &str| {
        format!("pass {stem}_{country} url=https://club.tv/news period=month {words}\n")
    };
    row("FR", &format!("currency=EUR title=Infos price=9 {words}"))
        + &row("US", &format!("title=News price=12 {words}"))
}

#[test]
fn a_localized_offer_is_adopted_as_a_whole() {
    check(
        declared(LOCALIZED).live(&rows("P100000001", "")),
        &["news = pass P100000001 by equal"],
    );
    check(
        declared(LOCALIZED).live(&rows("P100000001", "period=year")),
        &[
            "news conflict adopt-changes [P100000001]",
            "news: blocked",
            "~ P100000001 is unmanaged",
        ],
    );
}

#[test]
fn a_localized_offer_and_a_plain_one_are_near_and_not_the_same() {
    let plain = pass("P100000001_US", "");
    check(
        declared(LOCALIZED).live(&plain),
        &[
            "news conflict near-match [P100000001_US]",
            "news: blocked",
            "~ P100000001_US is unmanaged",
        ],
    );
    let rows = rows("P100000001", "title=News");
    check(
        declared(NEWS).live(&rows),
        &[
            "news conflict near-match [P100000001]",
            "news: blocked",
            "~ P100000001 is unmanaged",
        ],
    );
}

#[test]
fn an_offer_localized_for_other_countries_is_near_and_not_the_same() {
    let live = rows("P100000001", "").replace("_FR", "_DE");
    check(
        declared(LOCALIZED).live(&live),
        &[
            "news conflict near-match [P100000001]",
            "news: blocked",
            "~ P100000001 is unmanaged",
        ],
    );
}

#[test]
fn a_vod_is_equal_only_if_its_event_is_the_adopted_one() {
    let two = "final: {type: event, title: Final, url: 'https://club.tv/final'}
again: {type: vod, title: Again, url: 'https://club.tv/again', eventAssociation: [final]}";
    let live = "event E100000001_US title=Final url=https://club.tv/final price=12 startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo
        vod A100000001_US title=Again url=https://club.tv/again price=12 eventAssociation=id:E100000001_US
        vod A100000002_US title=Again url=https://club.tv/again price=12 eventAssociation=id:E100000009_US";
    check(
        declared(two).live(live),
        &[
            "again = vod A100000001_US by equal",
            "final = event E100000001_US by equal",
            "~ A100000002_US is unmanaged",
        ],
    );
}

#[test]
fn ids_cannot_name_an_offer_that_another_name_is_about_to_retire() {
    let two = format!(
        "{NEWS}\n{}",
        NEWS.replace("news:", "other:")
            .replace('}', ", ids: {local: P100000002_US}}")
    );
    let live = pass("P100000001_US", "") + &pass("P100000002_US", "");
    check(
        declared(&two)
            .live(&live)
            .state("news pass P100000001_US retiring=pass:P100000002_US"),
        &[
            "news = pass P100000001_US by binding",
            "other conflict ids-taken [P100000002_US]",
            "other: blocked",
        ],
    );
}

#[test]
fn no_two_names_ever_get_one_live_offer() {
    let two = format!(
        "{}\n{}",
        NEWS.replace('}', ", ids: {local: P100000001_US}}"),
        NEWS.replace("news:", "other:")
    );
    check(
        declared(&two).live(&pass("P100000001_US", "")),
        &["news = pass P100000001_US by ids", "other: create"],
    );
}
