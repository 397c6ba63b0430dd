//! What a plan is refused for: every code of [`GuardCode`], just inside and just outside.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::project::{Account, GuardPolicy, PriceRange};
use offerctl_reconcile::guard::{Finding, Findings, GuardCode, Policy, account_mismatch, review};
use offerctl_reconcile::plan::Plan;
use offerctl_reconcile::state::{Use, UseKey};

mod account;
mod copy;
mod decimal_point;
mod price_rules;
mod undone;

use crate::support::world::{Texts, declared};

/// A plan to be reviewed, and what it is reviewed with.
#[derive(Clone)]
struct Case {
    plan: Plan,
    guards: GuardPolicy,
    account: Account,
    account_of_another: Option<String>,
    today: &'static str,
    allow: Option<usize>,
    uses: BTreeMap<UseKey, Use>,
    found_manifests: Option<bool>,
}

/// What the default guards find in a plan.
pub(crate) fn findings(plan: Plan) -> Findings {
    of_plan(plan).findings()
}

#[track_caller]
fn case(texts: Texts<'_>) -> Case {
    of_plan(texts.plan())
}

fn of_plan(plan: Plan) -> Case {
    Case {
        plan,
        guards: GuardPolicy::default(),
        account: Account::default(),
        account_of_another: None,
        today: "2026-06-15",
        allow: None,
        uses: BTreeMap::new(),
        found_manifests: Some(true),
    }
}

impl Case {
    fn findings(&self) -> Findings {
        let policy = Policy {
            guards: &self.guards,
            account: &self.account,
            account_of_another: self.account_of_another.clone(),
            today: self.today.parse().unwrap(),
            allow_deactivations: self.allow,
            uses: &self.uses,
            found_manifests: self.found_manifests,
        };
        let found = review(&self.plan, &policy);
        for Finding { message, help, .. } in found.refusals.iter().chain(&found.warnings) {
            assert!(message.len() > 20 && !message.ends_with('.'), "{message}");
            assert!(help.len() > 15 && !help.ends_with('.'), "{help}");
        }
        found
    }

    fn refusals(&self) -> Vec<Finding> {
        self.findings().refusals
    }

    fn codes(&self) -> Vec<GuardCode> {
        self.refusals().iter().map(|refusal| refusal.code).collect()
    }

    #[track_caller]
    fn passes(&self) {
        assert_eq!(self.refusals(), []);
    }

    #[track_caller]
    fn refused(&self, code: GuardCode) -> Finding {
        let mut refusals = self.refusals();
        let codes: Vec<GuardCode> = refusals.iter().map(|refusal| refusal.code).collect();
        assert_eq!(codes, [code]);
        refusals.remove(0)
    }
}

/// A pass; `words` stand before its end.
fn pass(name: &str, words: &str) -> String {
    format!(
        "{name}: {{type: pass, title: {name}, url: 'https://club.tv/{name}', period: month{words}}}\n"
    )
}

fn live(name: &str, number: usize, words: &str) -> String {
    format!(
        "pass P10000{number:04}_US title={name} url=https://club.tv/{name} price=12 period=month {words}\n"
    )
}

/// So many managed offers, of which the first so many are no longer declared.
fn deactivations(managed: usize, gone: usize) -> Case {
    let name = |index: usize| format!("offer-{index}");
    let offers: String = (gone..managed)
        .map(|index| pass(&name(index), ""))
        .collect();
    let rows: String = (0..managed)
        .map(|index| live(&name(index), index, ""))
        .collect();
    let state: String = (0..managed)
        .map(|index| format!("{} pass P10000{index:04}_US\n", name(index)))
        .collect();
    case(declared(&offers).applied("").live(&rows).state(&state))
}

#[test]
fn a_plan_without_any_file_is_refused() {
    let mut found = case(declared(""));
    found.found_manifests = Some(false);
    found.refused(GuardCode::NoManifests);
    found.found_manifests = Some(true);
    found.refused(GuardCode::NoOffers);
    found.found_manifests = None;
    found.refused(GuardCode::NoOffers);
}

#[test]
fn a_plan_whose_offers_are_all_of_other_environments_is_refused() {
    let elsewhere = pass("news", ", only: []");
    case(declared(&elsewhere)).refused(GuardCode::NoOffers);
    case(declared(&pass("news", ""))).passes();
}

#[test]
fn an_account_without_offers_is_refused_only_if_some_are_bound() {
    let news = pass("news", "");
    case(declared(&news)).passes();
    let mut empty = case(declared(&news).state("news pass P100000001_US"));
    empty.refused(GuardCode::AccountEmpty);
    empty.found_manifests = None;
    empty.refused(GuardCode::AccountEmpty);
}

#[test]
fn an_account_that_lists_none_of_the_bound_offers_is_refused() {
    let two = pass("news", "") + &pass("sport", "");
    let state = "news pass P100000001_US\nsport pass P100000002_US";
    let rows = live("other", 9, "");
    case(declared(&two).live(&rows).state(state)).refused(GuardCode::AccountUnfamiliar);
    let rows = live("news", 1, "");
    case(
        declared(&two)
            .live(&rows)
            .state("news pass P100000001_US\nsport pass P100000002_US"),
    )
    .passes();
}

#[test]
fn an_account_other_than_at_the_first_apply_is_refused() {
    let news = pass("news", "");
    let rows = live("news", 1, "");
    let at = |state| case(declared(&news).live(&rows).state(state));
    at("account sales@club.tv").passes();
    let refusal = at("account other@club.tv").refused(GuardCode::AccountMismatch);
    assert!(refusal.message.contains("sales@club.tv") && refusal.message.contains("other@club.tv"));
    let silent = live("news", 1, "email=none");
    case(declared(&news).live(&silent).state("account other@club.tv")).passes();
}

#[test]
fn commands_without_a_plan_know_another_account_as_well() {
    let news = pass("news", "");
    let rows = live("news", 1, "");
    let mismatch = |rows: &str, state: &str, expected: Option<&str>| {
        let world = declared(&news).live(rows).state(state).world();
        let account = Account {
            publisher_email: expected.map(Into::into),
            ..Account::default()
        };
        account_mismatch(&world.live, &world.state, &account)
    };
    let bound = "news pass P100000001_US";
    assert_eq!(mismatch(&rows, bound, None), None);
    assert_eq!(mismatch(&rows, bound, Some("sales@club.tv")), None);
    assert_eq!(mismatch(&rows, "account sales@club.tv", None), None);
    assert_eq!(
        mismatch("", "", Some("other@club.tv")),
        None,
        "it shows nobody"
    );
    for found in [
        mismatch(&rows, bound, Some("other@club.tv")),
        mismatch(&rows, "account other@club.tv", None),
        mismatch(&rows, "account other@club.tv", Some("sales@club.tv")),
    ] {
        let words = "the offers are published by sales@club.tv, not by other@club.tv";
        assert_eq!(found.as_deref(), Some(words));
    }
    assert_eq!(
        mismatch("", bound, None).as_deref(),
        Some("the account has no offer at all, but 1 are bound")
    );
}

#[test]
fn an_account_other_than_the_environments_is_refused() {
    let news = pass("news", "");
    let rows = live("news", 1, "");
    let with = |email: Option<&str>, country: Option<&str>, currency: Option<&str>| {
        let mut found = case(declared(&news).live(&rows));
        found.account = Account {
            publisher_email: email.map(Into::into),
            country: country.map(|code| code.to_owned().try_into().unwrap()),
            currency: currency.map(|code| code.to_owned().try_into().unwrap()),
        };
        found
    };
    with(Some("sales@club.tv"), Some("US"), Some("USD")).passes();
    with(Some("other@club.tv"), None, None).refused(GuardCode::AccountMismatch);
    with(None, Some("PL"), None).refused(GuardCode::AccountMismatch);
    with(None, None, Some("EUR")).refused(GuardCode::AccountMismatch);
    let mut empty = case(declared(&news));
    empty.account = with(Some("other@club.tv"), Some("PL"), Some("EUR")).account;
    empty.passes();
}

#[test]
fn a_tenth_of_the_managed_offers_may_go_and_always_one() {
    for (managed, allowed) in [(3, 1), (9, 1), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3)] {
        deactivations(managed, allowed).passes();
        deactivations(managed, allowed + 1).refused(GuardCode::Deactivations);
    }
}

#[test]
fn the_environment_says_how_many_may_go() {
    for max in [0, 2, 5] {
        let mut found = deactivations(12, max);
        found.guards.max_deactivations = Some(max);
        found.passes();
        let mut found = deactivations(12, max + 1);
        found.guards.max_deactivations = Some(max);
        let refusal = found.refused(GuardCode::Deactivations);
        assert!(
            refusal
                .help
                .contains(&format!("--allow-deactivations {}", max + 1))
        );
    }
}

#[test]
fn the_number_on_the_command_line_is_the_exact_one() {
    let mut found = deactivations(12, 6);
    found.refused(GuardCode::Deactivations);
    found.allow = Some(6);
    found.passes();
    for wrong in [0, 5, 7, 100] {
        found.allow = Some(wrong);
        found.refused(GuardCode::DeactivationsCount);
    }
    let mut few = deactivations(12, 1);
    few.allow = Some(2);
    few.refused(GuardCode::DeactivationsCount);
}

/// A pass that becomes a single.
fn replacement(words: &str, state: &str) -> Case {
    let offers = pass("news", words)
        .replace("type: pass", "type: single")
        .replace(", period: month", "")
        + &pass("stay", "");
    let rows = live("news", 1, "") + &live("stay", 2, "");
    case(declared(&offers).applied("").live(&rows).state(&format!(
        "news pass P100000001_US {state}\nstay pass P100000002_US"
    )))
}

#[test]
fn a_replacement_counts_as_a_deactivation() {
    let mut found = replacement(", lifecycle: {onImmutableChange: replace}", "");
    found.passes();
    found.guards.max_deactivations = Some(0);
    found.refused(GuardCode::Deactivations);
    found.allow = Some(1);
    found.passes();
}

#[test]
fn what_an_interrupted_replacement_left_counts_as_a_deactivation() {
    let rows =
        live("news", 1, "") + "single A100000001_US title=news url=https://club.tv/news price=12";
    let state = "news pass P100000001_US applied retiring=single:A100000001_US";
    for words in ["", ", description: x"] {
        let offers = pass("news", words);
        let mut found = case(declared(&offers).live(&rows).state(state));
        found.passes();
        found.guards.max_deactivations = Some(0);
        found.refused(GuardCode::Deactivations);
        found.allow = Some(1);
        found.passes();
    }
    let mut orphan = case(
        declared(&pass("other", ""))
            .applied("")
            .live(&rows)
            .state(&state.replace("applied ", "")),
    );
    orphan.allow = Some(2);
    orphan.passes();
}

#[test]
fn a_replacement_must_be_meant() {
    let refusal = replacement("", "").refused(GuardCode::Replacement);
    assert!(
        refusal.message.contains("from pass to single"),
        "{}",
        refusal.message
    );
    replacement(", lifecycle: {onImmutableChange: refuse}", "").refused(GuardCode::Replacement);
    replacement(", lifecycle: {onImmutableChange: replace}", "").passes();
}

#[test]
fn a_protected_offer_is_neither_replaced_nor_deactivated() {
    let refusal = replacement(
        ", lifecycle: {onImmutableChange: replace, protect: true}",
        "",
    )
    .refused(GuardCode::Protected);
    assert!(
        refusal.message.ends_with("would be replaced"),
        "{refusal:?}"
    );
    assert!(
        refusal
            .help
            .starts_with("apply a change with `protect: false`")
    );
    let two = pass("news", "") + &pass("stay", "");
    let rows = live("news", 1, "") + &live("stay", 2, "");
    let gone = |state: &str| {
        let state = format!("news pass P100000001_US {state}\nstay pass P100000002_US");
        case(
            declared(&pass("stay", ""))
                .applied(&two)
                .live(&rows)
                .state(&state),
        )
    };
    gone("").passes();
    let refusal = gone("protect").refused(GuardCode::Protected);
    assert!(
        refusal.message.ends_with("would be deactivated"),
        "{refusal:?}"
    );
    assert!(
        refusal
            .help
            .starts_with("declare it again with `protect: false`")
    );
    assert_eq!(refusal.name.unwrap().as_str(), "news");
    assert_eq!(refusal.span, None);
}

#[test]
fn what_a_protected_offer_replaced_before_may_go() {
    let news = pass("news", ", lifecycle: {protect: true}");
    let rows =
        live("news", 1, "") + "single A100000001_US title=news url=https://club.tv/news price=12";
    case(
        declared(&news)
            .live(&rows)
            .state("news pass P100000001_US protect applied retiring=single:A100000001_US"),
    )
    .passes();
}

#[test]
fn a_protected_offer_may_change_and_be_forgotten() {
    let news = pass("news", ", description: x, lifecycle: {protect: true}");
    case(
        declared(&news)
            .live(&live("news", 1, ""))
            .state("news pass P100000001_US protect"),
    )
    .passes();
    let rows = live("news", 1, "inactive") + &live("stay", 2, "");
    let stay = pass("stay", "");
    case(
        declared(&stay)
            .live(&rows)
            .state("news pass P100000001_US protect\nstay pass P100000002_US"),
    )
    .passes();
}

/// A bound pass with a live price of 12.00; `words` are more of its manifest.
fn price(to: &str, words: &str) -> Case {
    price_from("12", to, (words, "12.00"))
}

fn price_from(from: &str, to: &str, (words, applied): (&str, &str)) -> Case {
    let say = |price: &str| pass("news", &format!(", price: {price}{words}"));
    let rows = live("news", 1, "").replace("price=12", &format!("price={from}"));
    let applied = say(applied);
    case(
        declared(&say(to))
            .applied(&applied)
            .live(&rows)
            .state("news pass P100000001_US applied"),
    )
}

#[test]
fn a_price_that_moves_too_far_is_shown_with_both_amounts_and_the_percent() {
    let refusal = price("18.01", "").refused(GuardCode::PriceChange);
    assert_eq!(
        refusal.message,
        "the price of `news` moves from 12.00 USD to 18.01 USD (+50.1 %), more than the 50% allowed"
    );
}

#[test]
fn a_price_may_move_by_the_limit_and_no_further() {
    for inside in ["18.00", "6.00", "12.01"] {
        price(inside, "").passes();
    }
    for outside in ["18.01", "5.99", "120.00", "0.14"] {
        let refusal = price(outside, "").refused(GuardCode::PriceChange);
        assert!(
            refusal
                .help
                .contains(&format!("priceChange: {{to: {outside}, ")),
            "{}",
            refusal.help
        );
        assert!(refusal.span.is_some());
    }
}

#[test]
fn the_environment_says_how_far_a_price_may_move() {
    let mut found = price("13.20", "");
    found.guards.max_price_change = "10".parse().unwrap();
    found.passes();
    let mut found = price("13.21", "");
    found.guards.max_price_change = "10".parse().unwrap();
    found.refused(GuardCode::PriceChange);
    let mut found = price("12.01", "");
    found.guards.max_price_change = "0".parse().unwrap();
    found.refused(GuardCode::PriceChange);
    let mut found = price("36.00", "");
    found.guards.max_price_change = "200".parse().unwrap();
    found.passes();
}

#[test]
fn a_price_from_or_to_nothing_never_moves_by_itself() {
    let free = |from: &str, to: &str, words: &str| {
        let offers = pass("news", &format!(", price: {to}{words}"));
        let rows = live("news", 1, "").replace("price=12", &format!("price={from}"));
        let mut found = case(
            declared(&offers)
                .rest()
                .live(&rows)
                .state("news pass P100000001_US"),
        );
        found.guards.max_price_change = "1000000".parse().unwrap();
        found
    };
    free("12", "0", "").refused(GuardCode::PriceChange);
    free("0", "12", "").refused(GuardCode::PriceChange);
    free("0", "0", ", description: x").passes();
    let meant = ", lifecycle: {priceChange: {to: 0, reason: gift, until: 2026-12-31}}";
    free("12", "0", meant).passes();
}

#[test]
fn an_override_names_the_very_price() {
    let meant = |to: &str| {
        format!(", lifecycle: {{priceChange: {{to: {to}, reason: sale, until: 2026-12-31}}}}")
    };
    price("4.99", &meant("4.99")).passes();
    price("4.99", &meant("4.990")).passes();
    for other in ["5.00", "4.98", "12.00"] {
        price("4.99", &meant(other)).refused(GuardCode::PriceChange);
    }
}

#[test]
fn an_override_holds_through_its_last_day() {
    let meant = ", lifecycle: {priceChange: {to: 4.99, reason: sale, until: 2026-06-15}}";
    let mut found = price("4.99", meant);
    found.passes();
    found.today = "2026-06-14";
    found.passes();
    found.today = "2026-06-16";
    found.refused(GuardCode::OverrideExpired);
}

#[test]
fn an_expired_override_matters_only_while_the_change_is_pending() {
    let meant = ", lifecycle: {priceChange: {to: 4.99, reason: sale, until: 2020-01-01}}";
    price("12.00", meant).passes();
    price("12.50", meant).passes();
    price_from("4.99", "4.99", (meant, "4.99")).passes();
}

#[test]
fn one_override_that_holds_is_enough() {
    let two = |first: &str, second: &str| {
        format!(
            ", lifecycle: {{priceChange: [{{to: 4.99, reason: old, until: {first}}}, \
             {{to: 4.99, reason: new, until: {second}}}]}}"
        )
    };
    price("4.99", &two("2020-01-01", "2026-12-31")).passes();
    price("4.99", &two("2026-12-31", "2020-01-01")).passes();
    price("4.99", &two("2020-01-01", "2021-01-01")).refused(GuardCode::OverrideExpired);
}

#[test]
fn a_move_back_to_what_was_last_applied_was_reviewed_then() {
    price_from("1.00", "99.00", ("", "99.00")).passes();
    price_from("1.00", "98.00", ("", "99.00")).refused(GuardCode::PriceChange);
}

#[test]
fn an_adopted_price_was_never_reviewed() {
    let offers = pass("news", ", price: 99.00");
    let rows = live("news", 1, "");
    let named = pass("news", ", price: 99.00, ids: {local: P100000001_US}");
    case(declared(&named).live(&rows)).refused(GuardCode::PriceChange);
    case(
        declared(&offers)
            .live(&rows)
            .state("news pass P100000001_US"),
    )
    .refused(GuardCode::PriceChange);
}

/// An environment with a range of prices in USD.
fn ranged(mut found: Case, min: Option<&str>, max: Option<&str>) -> Case {
    let [min, max] = [min, max].map(|bound| bound.map(|bound| bound.parse().unwrap()));
    let currency = "USD".to_owned().try_into().unwrap();
    found.guards.price.insert(currency, PriceRange { min, max });
    found
}

#[test]
fn a_price_out_of_range_is_refused_at_its_bounds() {
    let at = |to: &str, words: &str| ranged(price(to, words), Some("10.00"), Some("15.00"));
    at("10.00", "").passes();
    at("15.00", "").passes();
    at("9.99", "").refused(GuardCode::PriceRange);
    at("15.01", "").refused(GuardCode::PriceRange);
    ranged(price("9.99", ""), None, Some("15.00")).passes();
    ranged(price("17.00", ""), Some("10.00"), None).passes();
    let meant = |until: &str| {
        format!(", lifecycle: {{priceChange: {{to: 9.99, reason: sale, until: {until}}}}}")
    };
    at("9.99", &meant("2026-12-31")).passes();
    at("9.99", &meant("2020-12-31")).refused(GuardCode::OverrideExpired);
    at("12.00", ", description: x").passes();
}

#[test]
fn a_price_too_far_and_out_of_range_is_refused_for_both() {
    let found = ranged(price("99.00", ""), None, Some("15.00"));
    assert_eq!(
        found.codes(),
        [GuardCode::PriceChange, GuardCode::PriceRange]
    );
}

#[test]
fn the_price_of_a_new_offer_is_held_to_the_range() {
    let offers = pass("news", ", price: 99.00");
    let rows = live("other", 1, "");
    ranged(case(declared(&offers).live(&rows)), None, Some("15.00")).refused(GuardCode::PriceRange);
    let euros = live("other", 1, "currency=EUR");
    ranged(case(declared(&offers).live(&euros)), None, Some("15.00")).passes();
}

#[test]
fn the_first_offer_of_an_account_is_held_to_the_range_of_the_accounts_currency() {
    let mut found = ranged(
        case(declared(&pass("news", ", price: 99.00"))),
        None,
        Some("15.00"),
    );
    found.account.currency = Some("USD".to_owned().try_into().unwrap());
    found.refused(GuardCode::PriceRange);
    found.account.currency = Some("EUR".to_owned().try_into().unwrap());
    found.passes();
}

#[test]
fn a_price_whose_currency_the_service_does_not_say_is_held_to_the_range() {
    let offers = pass("stay", "")
        + "again: {type: vod, title: Again, url: 'https://club.tv/again', price: 17}";
    let rows = live("stay", 1, "")
        + "vod A100000001_US title=Again url=https://club.tv/again price=12 currency=none";
    let state = "stay pass P100000001_US\nagain vod A100000001_US";
    let found = case(declared(&offers).live(&rows).state(state));
    found.passes();
    ranged(found, None, Some("15.00")).refused(GuardCode::PriceRange);
}

/// A localized pass whose French price is live at 9.00.
fn french(to: &str, words: &str) -> Case {
    let say = |price: &str| {
        pass(
            "news",
            &format!(
                ", localizations: {{FR: {{currency: EUR, price: {price}}}, US: {{currency: USD}}}}{words}"
            ),
        )
    };
    let rows = live("news", 1, "")
        + &live("news", 1, "currency=EUR")
            .replace("_US", "_FR")
            .replace("price=12", "price=9");
    let applied = say("9.00");
    case(
        declared(&say(to))
            .applied(&applied)
            .live(&rows)
            .state("news pass P100000001 applied"),
    )
}

#[test]
fn a_price_of_a_country_moves_by_the_same_rules() {
    french("13.50", "").passes();
    let refusal = french("13.51", "").refused(GuardCode::PriceChange);
    assert!(
        refusal.message.contains("in FR") && refusal.message.contains("13.51 EUR"),
        "{}",
        refusal.message
    );
    assert!(
        refusal
            .help
            .contains("priceChange: {to: 13.51, country: FR, "),
        "{}",
        refusal.help
    );
}

#[test]
fn an_override_is_for_its_country_only() {
    let meant = |country: &str| {
        format!(
            ", lifecycle: {{priceChange: {{to: 4.00{country}, reason: sale, until: 2026-12-31}}}}"
        )
    };
    french("4.00", &meant(", country: FR")).passes();
    french("4.00", &meant(", country: US")).refused(GuardCode::PriceChange);
    french("4.00", &meant("")).refused(GuardCode::PriceChange);
    price("4.00", &meant(", country: FR")).refused(GuardCode::PriceChange);
}

/// A bound pass with a live geo restriction.
fn geo(before: &str, after: &str, words: &str) -> Case {
    let offers = pass("news", &format!(", geoRestriction: {after}{words}"));
    let rows = format!(
        "pass P100000001_US title=news url=https://club.tv/news price=12 period=month geoRestriction={before}"
    );
    case(
        declared(&offers)
            .applied("")
            .live(&rows)
            .state("news pass P100000001_US"),
    )
}

const WHITE: &str = r#"{"type":"whitelist","countries":["NO","SE","US"]}"#;
const BLACK: &str = r#"{"type":"blacklist","countries":["NO"]}"#;

#[test]
fn a_country_that_is_no_longer_sold_to_is_refused() {
    let refusal =
        geo(WHITE, "{type: whitelist, countries: [NO, US]}", "").refused(GuardCode::CountryLost);
    assert!(
        refusal.message.contains("SE") && !refusal.message.contains("NO"),
        "{}",
        refusal.message
    );
    geo(WHITE, "{type: whitelist, countries: [NO, US, SE, DK]}", "").passes();
    geo(WHITE, "{type: blacklist, countries: [DK]}", "").passes();
    geo(WHITE, "{type: blacklist, countries: [SE]}", "").refused(GuardCode::CountryLost);
    geo(WHITE, "null", "").passes();
    geo(BLACK, "{type: blacklist, countries: [NO, SE]}", "").refused(GuardCode::CountryLost);
    geo(BLACK, "{type: blacklist, countries: [DK]}", "").refused(GuardCode::CountryLost);
    geo(BLACK, "null", "").passes();
    geo(BLACK, "{type: whitelist, countries: [US]}", "").refused(GuardCode::CountryLost);
    geo("none", "{type: blacklist, countries: [NO]}", "").refused(GuardCode::CountryLost);
    geo("none", "{type: whitelist, countries: [NO]}", "").refused(GuardCode::CountryLost);
}

#[test]
fn a_loss_that_is_meant_is_named_country_by_country() {
    let meant = |countries: &str, until: &str| {
        format!(
            ", lifecycle: {{removeCountries: {{countries: [{countries}], reason: ended, until: {until}}}}}"
        )
    };
    let two = "{type: whitelist, countries: [US]}";
    geo(WHITE, two, &meant("NO, SE", "2026-12-31")).passes();
    geo(WHITE, two, &meant("NO, SE, DK", "2026-12-31")).passes();
    geo(WHITE, two, &meant("NO", "2026-12-31")).refused(GuardCode::CountryLost);
    geo(WHITE, two, &meant("'*'", "2026-12-31")).refused(GuardCode::CountryLost);
    geo(WHITE, two, &meant("NO, SE", "2026-06-15")).passes();
    geo(WHITE, two, &meant("NO, SE", "2026-06-14")).refused(GuardCode::OverrideExpired);
    geo("none", two, &meant("'*'", "2026-12-31")).passes();
    geo("none", two, &meant("NO", "2026-12-31")).refused(GuardCode::CountryLost);
    geo("none", two, &meant("'*'", "2020-12-31")).refused(GuardCode::OverrideExpired);
    let help = geo(WHITE, two, "").refused(GuardCode::CountryLost).help;
    assert!(
        help.contains("removeCountries: {countries: [NO, SE], "),
        "{help}"
    );
}

#[test]
fn several_overrides_add_up() {
    let words = ", lifecycle: {removeCountries: [{countries: [NO], reason: a, until: 2026-12-31}, \
        {countries: [SE], reason: b, until: 2026-12-31}]}";
    geo(WHITE, "{type: whitelist, countries: [US]}", words).passes();
}

#[test]
fn a_country_that_a_localized_offer_loses_is_refused_beside_the_conflict() {
    let offers = pass("news", ", localizations: {US: {currency: USD}}");
    let rows = live("news", 1, "") + &live("news", 1, "currency=EUR").replace("_US", "_FR");
    let found = case(
        declared(&offers)
            .applied("")
            .live(&rows)
            .state("news pass P100000001"),
    );
    assert_eq!(found.plan.conflicts.len(), 1);
    found.refused(GuardCode::CountryLost);
}

#[test]
fn what_only_goes_or_is_only_bound_moves_no_price() {
    let rows = live("news", 1, "").replace("price=12", "price=500") + &live("stay", 2, "");
    let stay = pass("stay", "");
    let found = case(
        declared(&stay)
            .live(&rows)
            .state("news pass P100000001_US\nstay pass P100000002_US"),
    );
    ranged(found, None, Some("15.00")).passes();
    let offers = pass("news", ", price: 500") + &stay;
    ranged(case(declared(&offers).live(&rows)), None, Some("15.00")).passes();
}

#[test]
fn the_account_of_another_environment_is_refused() {
    let news = pass("news", "");
    let mut found = case(declared(&news));
    let message = "the account is that of the environment `sandbox`: why";
    found.account_of_another = Some(message.to_owned());
    let refusal = found.refused(GuardCode::AccountOfAnotherEnvironment);
    assert_eq!(refusal.message, message);
}

#[test]
fn refusals_come_in_one_order_whatever_the_names() {
    let offers =
        pass("b", ", price: 99.00") + &pass("a", ", price: 99.00") + &pass("c", ", price: 99.00");
    let rows = live("a", 1, "") + &live("b", 2, "") + &live("c", 3, "");
    let state = "a pass P100000001_US\nb pass P100000002_US\nc pass P100000003_US";
    let found = case(declared(&offers).live(&rows).state(state));
    let names: Vec<_> = found
        .refusals()
        .into_iter()
        .map(|refusal| refusal.name.unwrap().to_string())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn every_code_has_a_test_here() {
    let text = concat!(
        include_str!("guard.rs"),
        include_str!("guard/copy.rs"),
        include_str!("guard/decimal_point.rs"),
        include_str!("guard/undone.rs")
    );
    let shown: BTreeSet<&GuardCode> = GuardCode::ALL
        .iter()
        .filter(|code| {
            let refused = format!("refused(GuardCode::{code:?})");
            text.contains(&refused)
        })
        .collect();
    assert_eq!(shown, GuardCode::ALL.iter().collect());
}
