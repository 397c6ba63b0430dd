//! Which live offer is meant, where looks deceive: other spellings, shared addresses, offers that are declared to be others,
//! and those of other projects.

use offerctl_manifest::diagnostic::Code;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::check::check as independent;
use offerctl_reconcile::conflict::ConflictCode;
use offerctl_reconcile::plan::{Action, Plan};
use proptest::prelude::*;

use crate::support::desired::{file, read};
use crate::support::world::{Texts, declared};

const NEWS: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}";
const LIVE: &str = "pass P100000001_US title=News url=https://club.tv/news price=12 period=month";

#[track_caller]
fn check(texts: Texts<'_>, expected: &[&str]) {
    let found = texts.matching();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

fn codes(plan: &Plan) -> Vec<ConflictCode> {
    plan.conflicts
        .iter()
        .map(|conflict| conflict.code)
        .collect()
}

/// `NEWS` with more in it.
fn news(words: &str) -> String {
    NEWS.replace('}', &format!(", {words}}}"))
}

fn distinct(ids: &str) -> String {
    news(&format!("lifecycle: {{distinctFrom: [{ids}]}}"))
}

/// How a keyboard, an editor or a service may write a title or an address, and nobody sees it.
const SPELLINGS: [fn(&str) -> String; 9] = [
    |text| text.replace('é', "e\u{301}"),
    |text| text.replace("e\u{301}", "é"),
    |text| text.to_uppercase(),
    |text| format!("{text} "),
    |text| format!("\u{a0}{text}"),
    |text| text.replace(' ', "\u{a0} "),
    |text| format!("\u{feff}{}", text.replace('e', "e\u{200b}")),
    |text| text.replace('&', "&amp;"),
    |text| {
        text.chars()
            .map(|c| {
                if c == 'é' {
                    "&#233;".to_owned()
                } else {
                    c.to_string()
                }
            })
            .collect()
    },
];
const ADDRESSES: [&str; 5] = [
    "https://club.tv/news?a=1&b=2",
    "HTTPS://Club.TV/news?a=1&b=2",
    "https://club.tv/news?a=1&amp;b=2",
    "https://club.tv/news?a=1&b=2/",
    "https://club.tv/\u{200b}news?a=1&b=2",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_spelling_of_an_offer_never_leads_to_a_second_one(
        spellings in proptest::collection::vec(0..SPELLINGS.len(), 0..4),
        address in 0..ADDRESSES.len(),
        inactive in any::<bool>(),
    ) {
        let title = "Café & Sport News";
        let live_title = spellings.iter().fold(title.to_owned(), |text, index| SPELLINGS[*index](&text));
        let desired = format!(
            "news: {{type: pass, title: '{title}', url: '{}', period: month}}", ADDRESSES[0]
        );
        let live = format!(
            "pass P100000001_US title=\"{live_title}\" url={} price=12 period=month{}",
            ADDRESSES[address],
            if inactive { " inactive" } else { "" }
        );
        // An entity that was escaped twice is another text.
        prop_assume!(!live_title.contains("&amp;amp;") && !live_title.contains("&amp;#") && !live_title.contains("&AMP;"));
        let plan = declared(&desired).live(&live).plan();
        prop_assert_eq!(plan.count(Action::Create), 0, "{}: {:?}", live, plan.conflicts);
    }
}

#[test]
fn an_offer_that_differs_in_its_spelling_would_be_changed_by_its_adoption() {
    let live = LIVE.replace("title=News", "title=NEWS");
    let plan = declared(NEWS).live(&live).plan();
    assert_eq!(codes(&plan), [ConflictCode::AdoptChanges]);
    assert!(
        plan.conflicts[0].message.ends_with("change its `title`"),
        "{:?}",
        plan.conflicts
    );
}

#[test]
fn a_title_that_the_service_cut_is_the_same() {
    let title = format!("{} & Highlights", "Highlights of the season ".repeat(2));
    assert!(title.chars().count() <= 70);
    let title = format!("{title:x<70}");
    let shown: String = title.replace('&', "&amp;").chars().take(70).collect();
    let desired = NEWS.replace("title: News", &format!("title: '{title}'"));
    let live = |title: &str| LIVE.replace("title=News", &format!("title=\"{title}\""));
    let plan = declared(&desired).live(&live(&shown)).plan();
    assert_eq!(codes(&plan), [ConflictCode::AdoptChanges]);
    // One that is shorter than what the service keeps was not cut.
    let shorter: String = shown.chars().take(60).collect();
    let other = live(&shorter).replace("club.tv/news", "club.tv/other");
    assert_eq!(codes(&declared(&desired).live(&other).plan()), []);
}

#[test]
fn a_renamed_offer_and_an_inactive_one_are_known_again_by_other_spellings() {
    let live = LIVE
        .replace("title=News", "title=\"news \"")
        .replace("club.tv/news", "club.tv/news/");
    check(
        declared(&NEWS.replace("news:", "monthly:"))
            .live(&live)
            .state("news pass P100000001_US"),
        &[
            "monthly conflict renamed [P100000001_US]",
            "monthly: blocked",
            "news is no longer declared",
        ],
    );
    check(
        declared(NEWS).live(&format!("{live} inactive")),
        &[
            "news conflict inactive-twin [P100000001_US]",
            "news: blocked",
        ],
    );
}

#[test]
fn an_address_that_several_offers_share_says_nothing() {
    let plans = |id: &str, title: &str| {
        format!("pass {id} title={title} url=https://club.tv/plans price=1 period=week\n")
    };
    let two = "two: {type: pass, title: Two, url: 'https://club.tv/plans', period: month}";
    let one = two.replace("two:", "one:").replace("Two", "One");
    let three = two.replace("two:", "three:").replace("Two", "Three");
    let blocked = [
        "two conflict near-match [P100000009_US]",
        "two: blocked",
        "~ P100000009_US is unmanaged",
    ];
    // With nothing else at that address, it is evidence.
    check(
        declared(two).live(&plans("P100000009_US", "Strange")),
        &blocked,
    );
    // A bound offer, an unmanaged one, or a new one at the same address: it is none.
    let bound = format!("{one}\n{two}");
    let with_one = plans("P100000009_US", "Strange") + &plans("P100000001_US", "One");
    check(
        declared(&bound)
            .live(&with_one)
            .state("one pass P100000001_US"),
        &[
            "one = pass P100000001_US by binding",
            "two: create",
            "~ P100000009_US is unmanaged",
        ],
    );
    let strangers = plans("P100000009_US", "Strange") + &plans("P100000008_US", "Stranger");
    check(
        declared(two).live(&strangers),
        &[
            "two: create",
            "~ P100000008_US is unmanaged",
            "~ P100000009_US is unmanaged",
        ],
    );
    check(
        declared(&format!("{three}\n{two}")).live(&plans("P100000009_US", "Strange")),
        &[
            "three: create",
            "two: create",
            "~ P100000009_US is unmanaged",
        ],
    );
    // The same title still is.
    let same = plans("P100000009_US", "Two") + &plans("P100000001_US", "One");
    let expected = [
        &["one = pass P100000001_US by binding"],
        &["two conflict adopt-changes [P100000009_US]"],
        &blocked[1..2],
        &blocked[2..],
    ]
    .concat();
    check(
        declared(&bound).live(&same).state("one pass P100000001_US"),
        &expected,
    );
    // What is sold no more is at no address.
    let gone = plans("P100000009_US", "Strange")
        + &plans("P100000001_US", "One").replace('\n', " inactive\n");
    check(declared(two).live(&gone), &blocked);
}

#[test]
fn an_offer_that_is_declared_to_be_another_is_no_candidate() {
    for (live, id) in [
        (LIVE.to_owned(), "~ P100000001_US is unmanaged"),
        (
            LIVE.replace("price=12", "price=13"),
            "~ P100000001_US is unmanaged",
        ),
        (
            LIVE.replace("title=News", "title=Nows"),
            "~ P100000001_US is unmanaged",
        ),
        (format!("{LIVE} inactive"), ""),
        (
            format!("{LIVE} marker=q/news"),
            "~ P100000001_US is unmanaged",
        ),
    ] {
        for ids in ["P100000001", "P100000001_US", "P200000002, P100000001_FR"] {
            let desired = distinct(ids);
            let expected: Vec<&str> = ["news: create", id]
                .into_iter()
                .filter(|line| !line.is_empty())
                .collect();
            check(declared(&desired).live(&live), &expected);
            let world = declared(&desired).live(&live).world();
            assert_eq!(
                independent(&world.plan(), &world.desired, &world.live, &world.state),
                []
            );
        }
    }
    // One of two is left.
    let two = format!("{LIVE}\n{}", LIVE.replace("P100000001", "P100000002"));
    check(
        declared(&distinct("P100000001")).live(&two),
        &[
            "news = pass P100000002_US by equal",
            "~ P100000001_US is unmanaged",
        ],
    );
    // A bound offer that is no longer declared, and one that we deactivated.
    let monthly = distinct("P100000001").replace("news:", "monthly:");
    check(
        declared(&monthly)
            .live(LIVE)
            .state("news pass P100000001_US"),
        &["monthly: create", "news is no longer declared"],
    );
    let live = format!("{LIVE} inactive");
    check(
        declared(&distinct("P100000001"))
            .rest()
            .live(&live)
            .state("deactivated news pass P100000001_US"),
        &["news: create"],
    );
}

#[test]
fn offers_that_are_declared_to_be_others_do_not_look_alike() {
    let two = format!(
        "{LIVE}\n{}",
        LIVE.replace("P100000001", "P100000002")
            .replace("title=News", "title=\"NEWS\u{200b}\"")
    );
    let alike = |desired: &str| {
        let plan = declared(desired)
            .live(&two)
            .state("news pass P100000001_US applied")
            .plan();
        plan.lookalikes().count()
    };
    assert_eq!(alike(NEWS), 1);
    assert_eq!(alike(&distinct("P100000002")), 0);
}

#[test]
fn copies_are_found_in_other_spellings() {
    let copy = NEWS
        .replace("news:", "more:")
        .replace("title: News", "title: \"NEWS\"")
        .replace("club.tv/news", "CLUB.tv/news/");
    let plan = declared(&format!("{NEWS}\n{copy}")).plan();
    let copies: Vec<&str> = plan
        .facts
        .copies
        .values()
        .map(offerctl_model::name::Name::as_str)
        .collect();
    assert_eq!(copies, ["more"]);
}

#[test]
fn the_advice_names_all_that_an_offer_is_distinct_from() {
    let desired = distinct("P200000002");
    let plan = declared(&desired)
        .live(&LIVE.replace("price=12", "price=13"))
        .plan();
    let help = &plan.conflicts[0].help;
    assert!(
        help.contains("`lifecycle: {distinctFrom: [P100000001, P200000002]}`"),
        "{help}"
    );
}

/// The codes and lines of what is wrong with manifests.
fn problems(api: Api, texts: &[String]) -> Vec<(Code, String)> {
    let (_, diagnostics, sources) = read(api, texts);
    let line = |diagnostic: &offerctl_manifest::diagnostic::Diagnostic| {
        let span = diagnostic.span.expect("it has a place");
        let text = &sources.file(span.file).expect("it has a file").text;
        text[span.start as usize..][..span.length as usize].to_owned()
    };
    diagnostics
        .errors()
        .map(|diagnostic| (diagnostic.code, line(diagnostic)))
        .collect()
}

#[test]
fn ids_that_are_listed_wrongly_are_pointed_to() {
    let wrong = |ids: &str| problems(Api::JsonRpc, &[file(&distinct(ids))]);
    assert_eq!(
        wrong("P100000001, P100000001_US"),
        [(Code::DuplicateEntry, "P100000001_US".to_owned())]
    );
    assert_eq!(wrong("P100000001, 12"), [(Code::OfferId, "12".to_owned())]);
    assert_eq!(
        wrong("S100000001"),
        [(Code::OfferId, "S100000001".to_owned())]
    );
    assert_eq!(wrong("P100000001_US, P100000002"), []);
    assert_eq!(wrong(""), []);
    // A rental may have either letter over REST, so a list for all environments may have both.
    let rental = "film: {type: rental, title: F, url: 'https://club.tv/f', period: 48, lifecycle: {distinctFrom: [A100000001, R100000002]}}";
    assert_eq!(problems(Api::JsonRpc, &[file(rental)]), []);
}

#[test]
fn ids_and_distinct_from_cannot_name_one_offer() {
    let both =
        news("ids: {local: P100000001_US}, lifecycle: {distinctFrom: [P100000002, P100000001]}");
    assert_eq!(
        problems(Api::JsonRpc, &[file(&both)]),
        [(Code::OfferId, "[P100000002, P100000001]".to_owned())]
    );
    let elsewhere = news(
        "ids: {local: P100000001_US}, environments: {local: {lifecycle: {distinctFrom: [P100000001]}}}",
    );
    assert_eq!(
        problems(Api::JsonRpc, &[file(&elsewhere)]),
        [(Code::OfferId, "[P100000001]".to_owned())]
    );
}

#[test]
fn defaults_cannot_say_what_offers_are_not() {
    let text = file(NEWS).replace(
        "defaults: {",
        "defaults: {lifecycle: {distinctFrom: [P100000001]}, ",
    );
    assert_eq!(
        problems(Api::JsonRpc, &[text]),
        [(Code::UnknownKey, "distinctFrom".to_owned())]
    );
}

/// What another project has marked.
fn theirs() -> String {
    format!("{LIVE} marker=q/news")
}

#[test]
fn an_offer_of_another_project_is_adopted_by_no_rule() {
    let live = theirs();
    let named = news("ids: {local: P100000001_US}");
    let inactive = format!("{live} inactive");
    for (texts, ids) in [
        (declared(NEWS).live(&live), "P100000001_US"),
        (declared(&named).live(&live), "P100000001_US"),
        (
            declared(NEWS)
                .live(&inactive)
                .state("deactivated news pass P100000001_US"),
            "P100000001_US",
        ),
        (
            declared(NEWS).live(&live).state("news pass P100000001_US"),
            "P100000001_US",
        ),
        (
            declared(NEWS)
                .live(&live)
                .state("news pass P100000001_US applied"),
            "P100000001_US",
        ),
    ] {
        let plan = texts.marked().plan();
        assert_eq!(codes(&plan), [ConflictCode::OtherProject]);
        assert!(plan.steps.is_empty() && plan.changes.is_empty(), "{plan:?}");
        let conflict = &plan.conflicts[0];
        assert_eq!(conflict.ids[0].raw(), ids);
        assert!(
            conflict.message.contains("the project `q`"),
            "{}",
            conflict.message
        );
        assert!(
            conflict
                .help
                .contains("`offerctl apply --take-over-from q`"),
            "{}",
            conflict.help
        );
        // It is allowed for that very project.
        assert_eq!(
            codes(&texts.marked().take_over_from("p").plan()),
            [ConflictCode::OtherProject]
        );
        let plan = texts.marked().take_over_from("q").plan();
        assert_eq!(codes(&plan), []);
        assert!(
            plan.steps.iter().any(|step| step.operation.is_sent()),
            "the marker is set"
        );
    }
}

#[test]
fn what_another_project_has_is_not_deactivated_as_no_longer_declared() {
    let sport = "sport: {type: pass, title: Sport, url: 'https://club.tv/sport', period: month}";
    let live = theirs();
    let texts = declared(sport)
        .marked()
        .live(&live)
        .applied(NEWS)
        .state("news pass P100000001_US applied");
    let plan = texts.plan();
    assert_eq!(codes(&plan), [ConflictCode::OtherProject]);
    assert_eq!(plan.count(Action::Deactivate), 0);
    assert!(
        plan.conflicts[0]
            .help
            .contains("`offerctl state forget news`")
    );
}

#[test]
fn a_marker_that_we_set_under_another_project_name_is_ours() {
    let world = |live: &str| {
        let mut world = declared(NEWS)
            .marked()
            .live(live)
            .state("news pass P100000001_US applied")
            .world();
        let binding = world.state.bindings.values_mut().next().unwrap();
        let applied = binding.applied.as_mut().unwrap();
        applied.fields.set(
            offerctl_model::field::Field::Marker,
            offerctl_model::value::Value::text("old-tv/news"),
        );
        world.plan()
    };
    let plan = world(&format!("{LIVE} marker=old-tv/news"));
    assert_eq!(codes(&plan), []);
    assert_eq!(
        plan.count(Action::Update),
        1,
        "the marker follows the name of the project"
    );
    assert_eq!(codes(&world(&theirs())), [ConflictCode::OtherProject]);
}

#[test]
fn what_may_be_taken_over_and_would_change_is_still_asked_for() {
    let live = theirs().replace("price=12", "price=13");
    let plan = declared(NEWS)
        .marked()
        .live(&live)
        .take_over_from("q")
        .plan();
    assert_eq!(codes(&plan), [ConflictCode::AdoptChanges]);
    let help = &plan.conflicts[0].help;
    assert!(
        help.contains("`offerctl state adopt news P100000001_US --take-over-from q`"),
        "{help}"
    );
}
