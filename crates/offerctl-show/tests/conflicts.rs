//! What a person has to decide: every code of [`ConflictCode`], with the offer and the live ids that it names.

use std::collections::BTreeSet;

use offerctl_reconcile::conflict::ConflictCode;

use crate::support::world::{Texts, declared};

const NEWS: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}";
const SPORT: &str =
    "sport: {type: pass, title: Sport, url: 'https://club.tv/sport', period: month}";
const LIVE: &str = "pass P100000001_US title=News url=https://club.tv/news price=12 period=month";
const LOCALIZED: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', period: month, \
    localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD}}}";
const FRENCH: &str =
    "pass P100000001_FR title=News url=https://club.tv/news price=9 period=month currency=EUR";
const AMERICAN: &str =
    "pass P100000001_US title=News url=https://club.tv/news price=12 period=month";
const BOUND: &str = "news pass P100000001 applied";

const RETYPED: &str = "news: {type: single, title: News, url: 'https://club.tv/news'}";
const SINGLE: &str = "single A100000001_US title=News url=https://club.tv/news price=12";

/// A code, a situation with just that conflict, the name it is about, and the live ids.
struct Case {
    code: ConflictCode,
    what: &'static str,
    desired: String,
    live: String,
    state: &'static str,
    applied: &'static str,
    name: &'static str,
    ids: &'static str,
}

fn case(code: ConflictCode, what: &'static str) -> Case {
    Case {
        code,
        what,
        desired: NEWS.to_owned(),
        live: LIVE.to_owned(),
        state: "",
        applied: NEWS,
        name: "news",
        ids: "P100000001_US",
    }
}

/// `NEWS` with more in it.
fn news(words: &str) -> String {
    NEWS.replace('}', &format!(", {words}}}"))
}

fn lines(lines: &[&str]) -> String {
    lines.join("\n")
}

#[test]
fn what_an_unsettled_create_may_have_made_was_not_made_late_by_the_one_before_it() {
    let live = lines(&[LIVE, &LIVE.replace("P100000001", "P100000002")]);
    let watched = "news pass P100000001_US applied\nwatched news pass";
    for (state, count) in [
        (watched.to_owned(), 1),
        (format!("{watched}\nintent news pass"), 0),
    ] {
        let plan = declared(NEWS).live(&live).state(&state).plan();
        assert_eq!(plan.conflicts.len(), count, "{state}: {:?}", plan.conflicts);
    }
}

fn matching_cases() -> Vec<Case> {
    use ConflictCode as Code;
    vec![
        Case {
            live: lines(&[LIVE, &LIVE.replace("P100000001", "P100000002")]),
            state: "news pass P100000001_US applied\nwatched news pass",
            ids: "P100000002_US",
            ..case(Code::MadeTwice, "a create that seemed lost shows up late")
        },
        Case {
            live: LIVE.replace("P100000001", "P100000002"),
            state: "news pass P100000001_US",
            ..case(Code::BoundMissing, "bound offer is not listed")
        },
        Case {
            desired: SPORT.to_owned(),
            live: String::new(),
            state: BOUND,
            ids: "P100000001",
            ..case(
                Code::BoundMissing,
                "bound offer of an undeclared name is not listed",
            )
        },
        Case {
            live: LIVE
                .replace("pass P", "single P")
                .replace(" period=month", ""),
            state: BOUND,
            ids: "P100000001",
            ..case(
                Code::BoundOtherType,
                "bound offer is listed by another type",
            )
        },
        Case {
            live: format!("{LIVE} inactive"),
            state: BOUND,
            ..case(
                Code::DeactivatedByHand,
                "bound offer is inactive over JSON-RPC",
            )
        },
        Case {
            desired: news("ids: {local: P100000002_US}"),
            state: BOUND,
            ids: "P100000002_US P100000001",
            ..case(
                Code::IdsContradictBinding,
                "`ids` and the binding name different offers",
            )
        },
        Case {
            desired: news("ids: {local: P100000002_US}"),
            ids: "P100000002_US",
            ..case(Code::IdsMissing, "`ids` names an offer that is not listed")
        },
        Case {
            desired: lines(&[&news("ids: {local: P100000001_US}"), SPORT]),
            state: "sport pass P100000001_US",
            ..case(Code::IdsTaken, "`ids` names an offer that another name has")
        },
        Case {
            desired: news("ids: {local: P100000001_US}"),
            live: format!("{LIVE} inactive"),
            ..case(
                Code::IdsInactive,
                "`ids` names an inactive offer over JSON-RPC",
            )
        },
        Case {
            live: lines(&[
                &format!("{LIVE} marker=news"),
                &format!("{LIVE} marker=news").replace("P100000001", "P100000002"),
            ]),
            ids: "P100000001_US P100000002_US",
            ..case(Code::MarkerTwice, "two offers carry the marker")
        },
        Case {
            live: "single A100000001_US title=x url=https://club.tv/x price=1 marker=news"
                .to_owned(),
            ids: "A100000001_US",
            ..case(
                Code::NearMatch,
                "an offer of another type carries the marker",
            )
        },
        Case {
            live: lines(&[LIVE, &LIVE.replace("P100000001", "P100000002")]),
            ids: "P100000001_US P100000002_US",
            ..case(Code::Ambiguous, "two live offers are equal to one name")
        },
        Case {
            live: LIVE.replace("title=News", "title=Nows"),
            ..case(Code::NearMatch, "only the url is the same")
        },
        Case {
            live: LIVE.replace("price=12", "price=13"),
            ..case(
                Code::AdoptChanges,
                "the price of what looks the same differs",
            )
        },
        Case {
            live: format!("{LIVE} marker=q/news"),
            ..case(
                Code::OtherProject,
                "another project has marked what looks the same",
            )
        },
        Case {
            live: format!("{LIVE} marker=q/news"),
            state: "news pass P100000001_US applied",
            ..case(
                Code::OtherProject,
                "another project has marked a bound offer",
            )
        },
        Case {
            desired: SPORT.to_owned(),
            live: format!("{LIVE} marker=q/news"),
            state: "news pass P100000001_US applied",
            ..case(
                Code::OtherProject,
                "another project has marked an offer that is no longer declared",
            )
        },
        Case {
            desired: news("ids: {local: P100000001_US}"),
            live: format!("{LIVE} marker=q/news"),
            ..case(
                Code::OtherProject,
                "`ids` names an offer of another project",
            )
        },
        Case {
            desired: news("lifecycle: {distinctFrom: [P100000001]}"),
            state: BOUND,
            ids: "P100000001",
            ..case(
                Code::DistinctFromOwn,
                "`distinctFrom` names the bound offer",
            )
        },
        Case {
            desired: news("lifecycle: {distinctFrom: [P100000001_US]}"),
            live: format!("{LIVE} marker=news"),
            ..case(
                Code::DistinctFromOwn,
                "`distinctFrom` names what has the marker",
            )
        },
        Case {
            desired: RETYPED.to_owned(),
            live: lines(&[LIVE, SINGLE]),
            state: "news pass P100000001_US",
            applied: "",
            ids: "A100000001_US",
            ..case(
                Code::NearMatch,
                "a name changes its type, and a new offer would stand beside one like it",
            )
        },
        Case {
            desired: RETYPED.to_owned(),
            live: lines(&[LIVE, &format!("{SINGLE} inactive")]),
            state: "news pass P100000001_US",
            applied: "",
            ids: "A100000001_US",
            ..case(
                Code::InactiveTwin,
                "a name changes its type, and one like the new offer was deactivated",
            )
        },
        Case {
            live: format!("{LIVE} inactive"),
            ..case(
                Code::InactiveTwin,
                "an inactive offer has the same title and url",
            )
        },
        Case {
            desired: NEWS.replace("news:", "monthly:"),
            state: "news pass P100000001_US applied",
            name: "monthly",
            ..case(
                Code::Renamed,
                "a name goes and another with the same looks comes",
            )
        },
        Case {
            desired: news("movedFrom: old"),
            live: lines(&[LIVE, &LIVE.replace("P100000001", "P100000002")]),
            state: "news pass P100000001_US\nold pass P100000002_US",
            ids: "P100000001_US P100000002_US",
            ..case(
                Code::MovedTwice,
                "`movedFrom` names an offer that is bound beside the new name",
            )
        },
    ]
}

fn planning_cases() -> Vec<Case> {
    use ConflictCode as Code;
    let event =
        "final: {type: event, title: Final, url: 'https://club.tv/final', price: 9, currency: EUR}";
    let live_event = "event E100000001_US title=Final url=https://club.tv/final price=9 startTime=1900000000 \
        endTime=1900003600 timeZone=Europe/Oslo";
    vec![
        Case {
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::LocalizationsUndeclared, "the live offer is localized, the manifest is not")
        },
        Case {
            desired: LOCALIZED.to_owned(),
            live: LIVE.replace("_US", "_GB"),
            state: BOUND,
            ids: "P100000001_GB",
            ..case(Code::LocalizePlain, "the manifest localizes a plain offer")
        },
        Case {
            desired: LOCALIZED.replace("{FR", "{DE: {currency: EUR}, FR"),
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::CountryAdded, "a country comes")
        },
        Case {
            desired: LOCALIZED.replace("FR: {currency: EUR, price: 9.00}, ", ""),
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::CountryRemoved, "a country goes")
        },
        Case {
            desired: LOCALIZED.replace("currency: EUR", "currency: GBP"),
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::CurrencyChanged, "the currency of a country changes")
        },
        Case {
            desired: event.replace("EUR", "GBP"),
            live: format!("{live_event} currency=EUR"),
            state: "final event E100000001_US applied",
            applied: event,
            name: "final",
            ids: "E100000001_US",
            ..case(Code::CurrencyChanged, "the currency of an event changes")
        },
        Case {
            desired: event.replace("EUR", "GBP"),
            live: format!("{live_event} currency=none"),
            state: "final event E100000001_US applied",
            applied: event,
            name: "final",
            ids: "E100000001_US",
            ..case(Code::CurrencyChanged, "the currency changes, and the service does not say it")
        },
        Case {
            desired: SPORT.to_owned(),
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::DeactivateLocalized, "a localized offer is no longer declared")
        },
        Case {
            desired: "news: {type: subscription, title: News, url: 'https://club.tv/news', period: month, \
                lifecycle: {onImmutableChange: replace}}"
                .to_owned(),
            live: lines(&[FRENCH, AMERICAN]),
            state: BOUND,
            ids: "P100000001",
            ..case(Code::DeactivateLocalized, "a localized offer changes its type")
        },
        Case {
            desired: NEWS.replace("period", "price: 12.50, period"),
            live: lines(&[&LIVE.replace("P100000001", "P100000009").replace("News", "x").replace("/news", "/x"), ""])
                .replace("price=12", "price=12 currency=XOF"),
            ids: "",
            ..case(Code::PriceDigits, "a new price has cents where the account has none")
        },
        Case {
            desired: NEWS.replace("period", "price: 12.50, period"),
            live: format!("{LIVE} currency=XOF"),
            state: BOUND,
            ids: "",
            ..case(Code::PriceDigits, "a changed price has cents where the account has none")
        },
        Case {
            desired: "news: {type: subscription, title: News, url: 'https://club.tv/news', period: month, \
                price: 12.50, lifecycle: {onImmutableChange: replace}}"
                .to_owned(),
            live: format!("{LIVE} currency=XOF"),
            state: BOUND,
            ids: "",
            ..case(Code::PriceDigits, "a replacement has cents where the account has none")
        },
    ]
}

fn cases() -> Vec<Case> {
    let mut cases = matching_cases();
    cases.extend(planning_cases());
    cases
}

impl Case {
    fn texts(&self) -> Texts<'_> {
        declared(&self.desired)
            .applied(self.applied)
            .live(&self.live)
            .state(self.state)
    }
}

#[test]
fn every_case_has_its_conflict_and_no_other() {
    for case in cases() {
        let plan = case.texts().plan();
        let found: Vec<String> = plan
            .conflicts
            .iter()
            .map(|conflict| {
                let ids: Vec<&str> = conflict
                    .ids
                    .iter()
                    .map(offerctl_model::name::OfferId::raw)
                    .collect();
                format!("{} {} {}", conflict.name, conflict.code, ids.join(" "))
            })
            .collect();
        let expected = format!("{} {} {}", case.name, case.code, case.ids);
        assert_eq!(found, [expected], "{}", case.what);
    }
}

#[test]
fn every_conflict_says_what_it_is_about_and_the_way_out() {
    for case in cases() {
        for conflict in case.texts().plan().conflicts {
            let (message, help) = (&conflict.message, &conflict.help);
            let named = message.contains(&format!("`{}`", case.name));
            assert!(named && !message.ends_with('.'), "{}: {message}", case.what);
            assert!(
                help.len() > 20 && !help.ends_with('.'),
                "{}: {help}",
                case.what
            );
            assert_eq!(
                conflict.span.is_some(),
                case.desired.contains(&format!("{}:", case.name))
            );
        }
    }
}

#[test]
fn nothing_is_made_for_a_name_in_conflict() {
    for case in cases() {
        if case.code == ConflictCode::PriceDigits {
            // The price is what is wrong: everything else is planned, and not applied.
            continue;
        }
        let plan = case.texts().plan();
        let sent = |step: &&offerctl_reconcile::plan::Step| {
            step.operation.is_sent() && step.name.as_str() == case.name
        };
        let steps: Vec<_> = plan.steps.iter().filter(sent).collect();
        assert!(steps.is_empty(), "{}: {steps:?}", case.what);
    }
}

#[test]
fn every_code_has_a_case() {
    let mut shown: BTreeSet<ConflictCode> = cases().iter().map(|case| case.code).collect();
    // Those that only REST knows have tests of their own.
    shown.extend(crate::rest::CONFLICTS);
    assert_eq!(shown, ConflictCode::ALL.iter().copied().collect());
}

#[test]
fn an_unreadable_currency_that_is_as_it_was_is_no_conflict_and_no_change() {
    let event = "final: {type: event, title: Final, url: 'https://club.tv/final', currency: EUR}";
    let live = "event E100000001_US title=Final url=https://club.tv/final price=12 startTime=1900000000 \
        endTime=1900003600 timeZone=Europe/Oslo currency=none";
    for state in [
        "final event E100000001_US applied",
        "final event E100000001_US",
        "",
    ] {
        let plan = declared(event).live(live).state(state).plan();
        assert_eq!(plan.conflicts, [], "{state}");
        assert!(
            plan.steps.iter().all(|step| !step.operation.is_sent()),
            "{state}"
        );
    }
}

#[test]
fn over_rest_what_only_json_rpc_cannot_do_is_no_conflict() {
    let inactive = declared(NEWS).rest().live(
        "pass P100000001_US title=News url=https://club.tv/news price=12 period=month inactive",
    );
    let plan = inactive.state(BOUND).plan();
    assert_eq!(plan.conflicts, []);
    assert_eq!(plan.steps[0].operation.verb(), "activate");
    let rows = lines(&[FRENCH, AMERICAN]);
    let gone = declared(SPORT)
        .rest()
        .applied(NEWS)
        .live(&rows)
        .state(BOUND);
    assert_eq!(gone.plan().conflicts, []);
}

#[test]
fn what_else_changes_is_shown_beside_a_country_that_goes() {
    let desired = LOCALIZED
        .replace("FR: {currency: EUR, price: 9.00}, ", "")
        .replace("{currency: USD}", "{currency: USD, price: 15.00}");
    let live = lines(&[FRENCH, AMERICAN]);
    let plan = declared(&desired)
        .applied(LOCALIZED)
        .live(&live)
        .state(BOUND)
        .plan();
    let change = &plan.changes[0];
    assert_eq!(change.lost.len(), 1);
    let paths: Vec<String> = change
        .fields
        .iter()
        .map(|field| field.path.to_string())
        .collect();
    assert_eq!(paths, ["localizations.US.price"]);
    assert!(plan.steps.is_empty() || !plan.conflicts.is_empty());
}
