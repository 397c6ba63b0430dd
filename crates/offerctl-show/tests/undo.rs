//! What git no longer says is undone, with its limits.

use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::value::Moment;
use offerctl_reconcile::diff::Cause;
use offerctl_reconcile::drift::drift;
use offerctl_reconcile::plan::Operation;
use offerctl_reconcile::state::{Leftover, Sent};

use crate::diff::{check, lines};
use crate::guard::findings;
use crate::support::rows::Show;
use crate::support::service::apply;
use crate::support::world::{Texts, World, declared};

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

const SUBSCRIPTION: &str =
    "club: {type: subscription, title: Club, url: 'https://club.tv', price: 9}";
const CLUB: &str = "subscription S100000001_US title=Club url=https://club.tv price=9";

fn subscription(more: &str) -> String {
    SUBSCRIPTION.replace('}', &format!(", {more}}}"))
}

#[test]
fn what_an_apply_sent_goes_back_to_its_empty_value() {
    check(
        declared(PASS)
            .applied(&pass("description: More"))
            .live(&live("description=More"))
            .state(SENT),
        &[
            "description: \"More\" → \"\" (undeclared)",
            "sent: description",
        ],
    );
}

#[test]
fn what_was_only_found_is_released_and_stays() {
    check(
        declared(PASS)
            .applied(&pass("description: More"))
            .live(&live("description=More"))
            .state(FOUND),
        &["released: description"],
    );
}

#[test]
fn what_is_empty_already_needs_no_request() {
    for more in ["description=", "accessToTags="] {
        check(
            declared(PASS)
                .applied(&pass("description: More"))
                .live(&live(more))
                .state(SENT),
            &[],
        );
    }
}

#[test]
fn a_value_that_was_changed_by_hand_since_is_shown_with_what_was_sent() {
    let plan = declared(PASS)
        .applied(&pass("description: More"))
        .live(&live("description=Other"))
        .state(SENT)
        .plan();
    let field = &plan.changes[0].fields[0];
    assert_eq!(field.cause, Cause::Undeclared);
    assert!(field.applied.is_some(), "{field:?}");
}

#[test]
fn what_has_no_empty_value_is_released() {
    let club = subscription("period: month, sessionsLimit: 2");
    check(
        declared(&subscription("period: month"))
            .rest()
            .applied(&club)
            .live(&format!("{CLUB} period=month sessionsLimit=2"))
            .state("club subscription S100000001_US sent"),
        &["released: sessionsLimit"],
    );
}

#[test]
fn values_sent_over_the_other_generation_count_as_found() {
    let more = pass("description: More");
    let mut world = declared(PASS)
        .rest()
        .applied(&more)
        .live(&live("description=More"))
        .state(SENT)
        .world();
    let binding = world.state.bindings.values_mut().next().unwrap();
    binding.sent = Some(Sent::everything(Api::JsonRpc));
    assert_eq!(lines(&world.plan()), ["released: description"]);
}

#[test]
fn the_other_word_of_a_trial_is_cleared_over_json_rpc() {
    let days = subscription("period: month, freeDays: 7");
    let periods = subscription("period: month, freePeriods: 1");
    let there = format!("{CLUB} period=month freeDays=7 freePeriods=0");
    for state in ["sent", "applied"] {
        check(
            declared(&periods)
                .applied(&days)
                .live(&there)
                .state(&format!("club subscription S100000001_US {state}")),
            &[
                "freeDays: 7 → 0 (undeclared)",
                "freePeriods: 0 → 1 (edited)",
                "sent: freeDays freePeriods",
            ],
        );
    }
}

#[test]
fn one_length_of_time_in_another_word_is_no_change_over_rest() {
    let month = subscription("period: month");
    let cycle = subscription("billingCycle: {periodUnit: month, amount: 1}");
    let there = format!(r#"{CLUB} period=month billingCycle={{"periodUnit":"month","amount":1}}"#);
    check(
        declared(&cycle)
            .rest()
            .applied(&month)
            .live(&there)
            .state("club subscription S100000001_US sent"),
        &[],
    );
}

const SALE: &str =
    r#"price.rules=[{"from":1767225600,"to":1769904000,"amount":"0.1","name":"Sale"}]"#;

fn at(texts: Texts<'_>, moment: i64) -> World {
    let mut world = texts.world();
    world.live.set_read_at(Moment::from_unix(moment));
    world
}

#[test]
fn a_price_owns_its_rules() {
    let there = live(SALE);
    let texts = declared(PASS).rest().live(&there).state(SENT);
    let during = at(texts, 1_768_000_000);
    assert_eq!(
        lines(&during.plan()).last().unwrap(),
        "sent: price price.rules",
        "a sale that nobody declares ends"
    );
    assert_eq!(drift(Api::Rest, &during.live, &during.state).len(), 1);
    let after = at(texts, 1_770_000_000);
    assert_eq!(
        lines(&after.plan()),
        [] as [&str; 0],
        "what is over is as if it were not there"
    );
    assert_eq!(drift(Api::Rest, &after.live, &after.state), []);
    let ignored = pass("lifecycle: {ignore: [price.rules]}");
    let texts = declared(&ignored).rest().live(&there).state(FOUND);
    assert_eq!(lines(&at(texts, 1_768_000_000).plan()), [] as [&str; 0]);
}

#[test]
fn rules_that_are_taken_out_of_git_end_the_sale_and_are_no_clear() {
    let sale = PASS.replace(
        "price: 12",
        "price: {amount: 12, rules: [{from: 1767225600, to: 1769904000, amount: 9, name: Sale}]}",
    );
    let there = live(&SALE.replace("0.1", "9"));
    let world = at(
        declared(PASS)
            .rest()
            .applied(&sale)
            .live(&there)
            .state(SENT),
        1_768_000_000,
    );
    let plan = world.plan();
    assert_eq!(plan.changes[0].fields[0].cause, Cause::Undeclared);
    assert_eq!(findings(plan).refusals, []);
}

#[test]
fn a_field_that_is_left_alone_is_sent_once_and_neither_compared_nor_cleared() {
    let ignored = pass("description: First, lifecycle: {ignore: [description]}");
    let plan = declared(&ignored).plan();
    let Operation::Create { content, .. } = &plan.steps[0].operation else {
        panic!("{:?}", plan.steps);
    };
    let description = offerctl_model::field::Field::Description;
    assert!(content.fields.get(description).is_some());
    let applied = plan.steps[0]
        .record
        .as_ref()
        .unwrap()
        .applied
        .as_ref()
        .unwrap();
    assert!(
        applied.fields.get(description).is_none(),
        "so it cannot drift either"
    );
    let there = live("description=Other");
    check(
        declared(&ignored).applied(PASS).live(&there).state(SENT),
        &[],
    );
    let without = pass("lifecycle: {ignore: [description]}");
    let before = pass("description: More");
    check(
        declared(&without).applied(&before).live(&there).state(SENT),
        &[],
    );
}

/// Applies what is declared, and says what was sent then by field, the offer itself as `-`.
fn sent_after(texts: Texts<'_>) -> (World, String) {
    let world = texts.world();
    let plan = world.plan();
    let world = apply(&world, &plan, Show::Everything);
    let binding = world.state.bindings.values().next().unwrap();
    let sent = serde_json::to_string(&binding.sent).unwrap();
    (world, sent)
}

#[test]
fn the_state_remembers_which_values_were_sent() {
    let (_, sent) = sent_after(declared(PASS));
    assert_eq!(sent, r#"{"api":"json-rpc"}"#, "a create sends everything");
    let said = pass("description: More");
    let there = live("description=Old");
    let (_, sent) = sent_after(declared(&said).live(&there).applied(PASS).state(FOUND));
    assert_eq!(sent, r#"{"api":"json-rpc","only":{"description":[null]}}"#);
    let (_, sent) = sent_after(declared(&said).live(&live("description=More")).state(FOUND));
    assert_eq!(sent, "null", "what was live already was only found");
    let (_, sent) = sent_after(
        declared(&said)
            .live(&live("description=More"))
            .applied(PASS)
            .state(SENT),
    );
    assert!(!sent.contains("description"), "{sent}");
}

const LOCALIZED: &str = "news: {type: pass, title: News, url: 'https://club.tv/news', price: 12, period: month, \
     localizations: {FR: {currency: EUR, price: 9}, SE: {currency: SEK, price: 99}}}";

#[test]
fn a_value_of_one_country_goes_there_alone() {
    let said = LOCALIZED.replace("price: 9}", "price: 9, description: Bonjour}");
    let there = format!(
        "{LIVE}\npass P100000001_FR title=News url=https://club.tv/news price=9 period=month currency=EUR description=Bonjour\n\
         pass P100000001_SE title=News url=https://club.tv/news price=99 period=month currency=SEK description=Hej"
    );
    let state = "news pass P100000001 sent";
    let plan = declared(LOCALIZED)
        .rest()
        .applied(&said)
        .live(&there)
        .state(state)
        .plan();
    let words: Vec<String> = plan
        .changes
        .iter()
        .flat_map(|change| &change.fields)
        .map(|field| field.path.to_string())
        .collect();
    assert_eq!(words, ["localizations.FR.description"]);
}

#[test]
fn a_country_that_comes_back_has_nothing_left_of_what_was_sent_to_it_before() {
    let said = LOCALIZED.replace("price: 9}", "price: 9, description: Bonjour}");
    let without = LOCALIZED.replace("FR: {currency: EUR, price: 9}, ", "");
    let begun = apply(
        &declared(&said).rest().world(),
        &declared(&said).rest().plan(),
        Show::Everything,
    );
    let mut world = begun;
    for text in [&without, LOCALIZED] {
        world.desired = declared(text).rest().world().desired;
        let plan = world.plan();
        world = apply(&world, &plan, Show::Everything);
    }
    let offer = world.live.offers().next().unwrap();
    let view = offer.view(offer.offer_type()).unwrap();
    let france = offerctl_model::country::Country::new("FR").unwrap();
    let row = view.row(france).unwrap();
    let description = row.fields.get(offerctl_model::field::Field::Description);
    assert!(
        description.is_none_or(offerctl_model::value::Value::is_cleared),
        "{description:?}"
    );
    assert_eq!(world.plan().changes, []);
}

/// An offer that is live so, and the description that a run sent and the state notes.
fn cut_off(described: &str, doubtful: bool) -> World {
    let mut world = declared(PASS).live(&live(described)).state(SENT).world();
    let name = "news".parse().unwrap();
    let more = declared(&pass("description: More")).world().desired;
    let content = &more.get(&name).unwrap().content;
    let description = offerctl_model::field::Field::Description;
    let fields = [(
        description,
        content.fields.get(description).unwrap().clone(),
    )];
    world.state.bindings.get_mut(&name).unwrap().leftovers = vec![Leftover {
        country: None,
        fields: fields.into_iter().collect(),
        doubtful,
    }];
    world
}

#[test]
fn what_a_run_sent_before_it_was_cut_off_is_undone_as_well() {
    for doubtful in [false, true] {
        assert_eq!(
            lines(&cut_off("description=More", doubtful).plan()),
            [
                "description: \"More\" → \"\" (undeclared)",
                "sent: description"
            ]
        );
    }
}

#[test]
fn what_may_never_have_arrived_and_is_not_live_was_not_sent() {
    let world = cut_off("description=By_hand", true);
    assert_eq!(lines(&world.plan()), Vec::<String>::new());
    // What certainly arrived was ours, whatever somebody made of it since.
    let world = cut_off("description=By_hand", false);
    assert_eq!(world.plan().changes.len(), 1);
}

#[test]
fn what_a_run_sent_before_it_was_cut_off_is_no_drift() {
    let mut world = cut_off("description=More", true);
    let name: Name = "news".parse().unwrap();
    let binding = world.state.bindings.get_mut(&name).unwrap();
    let mut applied = binding.applied.clone().unwrap();
    let description = offerctl_model::field::Field::Description;
    applied.fields.set(
        description,
        offerctl_model::value::Value::Text("Every article".into()),
    );
    binding.applied = Some(applied);
    let found = drift(Api::Rest, &world.live, &world.state);
    assert_eq!(found, []);
    let binding = world.state.bindings.get_mut(&name).unwrap();
    binding.leftovers.clear();
    assert_eq!(drift(Api::Rest, &world.live, &world.state).len(), 1);
}
