//! What the answer to a create proves, case by case.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Moment;
use offerctl_reconcile::live::View;
use offerctl_reconcile::settle::answer::{Answered, accept};
use offerctl_reconcile::state::Run;

use crate::support::desired::Options;
use crate::support::rows::as_resources;
use crate::support::{desired, live, state};

const NEWS: &str =
    "news: {type: pass, title: News, url: 'https://club.tv/news', period: month, price: 12.00}";
const SPORT: &str =
    "sport: {type: pass, title: Sport, url: 'https://club.tv/sport', period: month, price: 5.00}";
const BOTH: &str = "intent news pass\nintent sport pass";
const NEWS_ROW: &str =
    "pass P100000001_US title=News url=https://club.tv/news price=12 period=month";
const SPORT_ROW: &str =
    "pass P100000002_US title=Sport url=https://club.tv/sport price=5 period=month";

struct Case<'a> {
    api: Api,
    sent: &'a str,
    memory: &'a str,
    baseline: &'a str,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            api: Api::JsonRpc,
            sent: NEWS,
            memory: "intent news pass",
            baseline: "",
        }
    }
}

impl Case<'_> {
    /// Which creates are answered with what was sent; the answers are those to the first names, one paragraph each.
    #[track_caller]
    fn check(&self, answers: &str, expect: &[bool]) {
        let options = Options {
            markers: self.api == Api::Rest,
            ..self.api.into()
        };
        let declared = desired::offers_for(options, self.sent);
        let mut state = state::state(self.memory, &declared);
        let ids: BTreeSet<OfferId> = self.baseline.split_whitespace().map(OfferId::new).collect();
        let run = Run {
            since: Moment::EPOCH,
            baseline: BTreeMap::from([(OfferType::Pass, ids)]),
        };
        state.runs.insert("run".to_owned(), run);
        let views: Vec<View> = answers
            .split("\n\n")
            .map(|rows| view(self.api, rows))
            .collect();
        let intents: Vec<_> = state.intents.keys().collect();
        let answered: Vec<Answered<'_>> = intents
            .iter()
            .zip(&views)
            .map(|(intent, view)| Answered { intent, view })
            .collect();
        assert_eq!(accept(self.api, &answered, &state), expect, "{answers}");
    }
}

fn view(api: Api, rows: &str) -> View {
    let mut rows = live::live(rows);
    if api == Api::Rest {
        rows = as_resources(&rows);
    }
    let mut all = rows.offers().map(|offer| {
        let offer_type = offer.types().next().unwrap();
        offer.view(offer_type).unwrap().clone()
    });
    let mut view = all
        .next()
        .unwrap_or_else(|| View::of_rows(true, Vec::new()));
    view.rows.extend(all.flat_map(|view| view.rows));
    view
}

#[track_caller]
fn check(answer: &str, expect: bool) {
    Case::default().check(answer, &[expect]);
}

#[test]
fn an_answer_that_says_what_was_sent_is_the_offer() {
    check(NEWS_ROW, true);
}

#[test]
fn one_of_three_may_be_otherwise() {
    check(&NEWS_ROW.replace("title=News", "title=Else"), true);
    check(&NEWS_ROW.replace("/news", "/else"), true);
    check(&NEWS_ROW.replace("=12", "=13"), true);
    check(&NEWS_ROW.replace("month", "year"), true);
    check(&NEWS_ROW.replace("url=https://club.tv/news ", ""), true);
    check(
        &NEWS_ROW.replace(
            "title=News url=https://club.tv/news",
            "title=Else url=https://x.tv",
        ),
        false,
    );
    check(
        &NEWS_ROW.replace("/news", "/else").replace("month", "year"),
        false,
    );
    check("pass P100000001_US title=News", false);
    check("pass P100000001_US", false);
    check(SPORT_ROW, false);
    check("", false);
}

#[test]
fn texts_are_compared_as_people_read_them() {
    let kept = NEWS_ROW
        .replace("title=News", "title=\"NEWS \u{200b}\"")
        .replace(
            "https://club.tv/news price=12",
            "HTTPS://club.tv/news/ price=99",
        );
    check(&kept, true);
}

#[test]
fn an_id_that_is_not_new_is_another_offer() {
    let known = |memory: &str, baseline: &str| {
        let memory = format!("intent news pass\n{memory}");
        let case = Case {
            memory: &memory,
            baseline,
            ..Case::default()
        };
        case.check(NEWS_ROW, &[false]);
    };
    known("", "P100000001");
    known("other pass P100000001_US", "");
    known("other pass P100000009_US retiring=pass:P100000001_US", "");
    known("deactivated other pass P100000001", "");
    known("forgotten other pass P100000001", "");
}

#[test]
fn an_id_of_another_type_is_another_offer() {
    check(&NEWS_ROW.replace("P100000001", "S100000001"), false);
    check(&NEWS_ROW.replace("P100000001", "X1"), false);
}

#[test]
fn one_id_is_the_answer_to_one_create() {
    let case = Case {
        sent: &format!("{NEWS}\n{SPORT}"),
        memory: BOTH,
        ..Case::default()
    };
    case.check(&format!("{NEWS_ROW}\n\n{SPORT_ROW}"), &[true, true]);
    case.check(&format!("{NEWS_ROW}\n\n{NEWS_ROW}"), &[false, false]);
    case.check(&format!("{SPORT_ROW}\n\n{NEWS_ROW}"), &[false, false]);
}

#[test]
fn rows_of_several_offers_are_no_answer() {
    check(
        &format!(
            "{NEWS_ROW}\n{}",
            NEWS_ROW.replace("P100000001_US", "P100000003_FR")
        ),
        false,
    );
}

#[test]
fn what_fits_another_create_better_is_that_one() {
    let twin = SPORT.replace("/sport", "/news").replace("5.00", "12.00");
    let case = Case {
        sent: &format!("{NEWS}\n{twin}"),
        memory: BOTH,
        ..Case::default()
    };
    // Address and price are those of both; the title decides.
    case.check(&NEWS_ROW.replace("News", "Sport"), &[false]);
    case.check(NEWS_ROW, &[true]);
    case.check(&NEWS_ROW.replace("News", "Else"), &[true]);
}

#[test]
fn creates_that_say_the_same_take_each_others_answers() {
    let sent = format!("{NEWS}\n{}", NEWS.replace("news: ", "sport: "));
    let case = Case {
        sent: &sent,
        memory: BOTH,
        ..Case::default()
    };
    let second = NEWS_ROW.replace("P100000001", "P100000002");
    case.check(&format!("{second}\n\n{NEWS_ROW}"), &[true, true]);
}

#[test]
fn localizations_are_compared_country_by_country() {
    let sent = NEWS.replace(
        '}',
        ", localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD, price: 12.00}}}",
    );
    let case = Case {
        sent: &sent,
        ..Case::default()
    };
    let french =
        "pass P100000001_FR title=Else url=https://club.tv/news price=9 period=month currency=EUR";
    let american = NEWS_ROW.replace("News", "Else");
    case.check(&format!("{french}\n{american}"), &[true]);
    case.check(french, &[true]);
    case.check(&french.replace("EUR", "SEK"), &[false]);
    case.check(
        &format!("{}\n{american}", french.replace("=9", "=12")),
        &[false],
    );
}

#[test]
fn over_rest_the_marker_says_whose_an_answer_is() {
    let case = Case {
        api: Api::Rest,
        ..Case::default()
    };
    let marked = format!("{NEWS_ROW} marker=news");
    case.check(&marked, &[true]);
    case.check("pass P100000001_US title=Else marker=news", &[true]);
    case.check(NEWS_ROW, &[true]);
    case.check(&NEWS_ROW.replace("News", "Else"), &[true]);
    case.check(SPORT_ROW, &[false]);
    case.check(&format!("{NEWS_ROW} marker=sport"), &[false]);
    case.check(&format!("{NEWS_ROW} marker=other/news"), &[false]);
    let known = Case {
        baseline: "P100000001",
        api: Api::Rest,
        ..Case::default()
    };
    known.check(&marked, &[false]);
}
