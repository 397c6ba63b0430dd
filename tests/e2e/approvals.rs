//! `allow:` in git: what it lets an apply do, once, and how the refusals lead there.

use cleeng_emulator::{Field, FieldValue};
use serde_json::Value as Json;

use crate::lock::{start, until_written};
use crate::support::{Api, Draft, STATE, Shop, both};

/// Films with a price: `film-0`, `film-1` and so on.
fn films(count: usize, price: &str) -> Vec<Draft> {
    let film = |index: usize| Draft::new("single", &format!("film-{index}")).with("price", price);
    (0..count).map(film).collect()
}

/// A shop with so many films for 10.00.
fn shop_of(api: Api, count: usize) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&films(count, "10.00"));
    let _run = shop.apply();
    shop.requests();
    shop
}

/// Declares offers beside entries of `allow`.
fn declare(shop: &Shop, entries: &str, drafts: &[Draft]) {
    shop.declare(drafts);
    let text = shop.read("offers/all.yaml");
    shop.write("offers/all.yaml", &format!("{text}allow:\n{entries}"));
}

/// An entry that ends on a day.
fn entry(what: &str, until: &str) -> String {
    format!("  - {what}\n    reason: price list 2027\n    until: {until}\n")
}

const LATER: &str = "2099-12-31";

const SIXTY: &str = "priceChange: {offers: [film-*], max: 60%, direction: up}";

/// Expects that an apply is refused for a reason, with these words, and writes nothing.
#[track_caller]
fn refused(shop: &Shop, code: &str, words: &str) -> Json {
    shop.requests();
    let run = shop.run("apply -y --format json").exits(3);
    let document = run.json();
    shop.fits("report", &document);
    let refusals = document["refusals"].as_array().unwrap();
    let found = refusals.iter().find(|found| found["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {document:#}"));
    let message = found["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    assert_eq!(shop.writes(), 0, "{run:?}");
    found.clone()
}

/// The group of refusals of a plan.
#[track_caller]
fn group(shop: &Shop) -> Json {
    let plan = shop.plan();
    shop.fits("plan", &plan);
    let groups = plan["refusalGroups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{groups:#?}");
    groups[0].clone()
}

/// The entries that a help has ready, with their blanks filled in.
#[track_caller]
fn pasted(help: &Json) -> String {
    let lines = help.as_str().unwrap().lines();
    let entries = lines.filter(|line| line.starts_with("- {"));
    let filled = entries.map(|line| {
        let line = line.replace('…', "price list").replace("YYYY-MM-DD", LATER);
        format!("  {line}\n")
    });
    filled.collect()
}

both!(a_price_list_is_one_entry_and_passes_once);

fn a_price_list_is_one_entry_and_passes_once(api: Api) {
    let shop = shop_of(api, 12);
    let raised = films(12, "16.00");
    shop.declare(&raised);
    let group = group(&shop);
    assert_eq!(group["count"], 12);
    shop.run("plan")
        .exits(3)
        .says("12 prices move further than allowed")
        .says("and 2 more")
        .says("Blocked: 1 refusal");
    let entries = pasted(&group["help"]);
    assert!(entries.contains("max: 60%, direction: up"), "{entries}");
    declare(&shop, &entries, &raised);
    let plan = shop.plan();
    shop.fits("plan", &plan);
    let approval = &plan["changes"][0]["approvals"][0];
    assert_eq!(approval["kind"], "priceChange", "{plan:#}");
    assert_eq!(approval["reason"], "price list");
    assert_eq!(approval["until"], LATER);
    assert_eq!(approval["file"], "offers/all.yaml");
    let run = shop.run("plan").exits(0);
    let line = approval["line"].as_u64().unwrap();
    assert!(
        run.out.contains(&format!(
            "approved: priceChange until 2099-12-31 at offers/all.yaml:{line}, because"
        )),
        "{run:?}"
    );
    shop.run("plan --format markdown")
        .exits(0)
        .says("Approved in git: 1 approval")
        .says("of 12 offers");
    shop.requests();
    let _run = shop.apply();
    assert_eq!(shop.writes(), 12);
    let uses = shop.state()["approvals"].as_array().unwrap().clone();
    assert_eq!(uses.len(), 12);
    assert!(
        uses.iter()
            .all(|used| used["done"] == true && used["before"].as_str().unwrap().starts_with("10"))
    );
    shop.expect_no_changes();
    // The same entry does not approve the next sixty percent.
    declare(&shop, &entries, &films(12, "25.00"));
    let _refusal = refused(&shop, "price-change", "was used on");
    let _refusal = refused(&shop, "price-change", "for a move from 10.00");
}

both!(an_entry_in_another_file_approves_nothing);

fn an_entry_in_another_file_approves_nothing(api: Api) {
    let shop = shop_of(api, 2);
    shop.declare(&films(2, "16.00"));
    let other = format!("version: 1\noffers: {{}}\nallow:\n{}", entry(SIXTY, LATER));
    shop.write("offers/other.yaml", &other);
    let _refusal = refused(
        &shop,
        "price-change",
        "the approval at offers/other.yaml:4 acts on the offers of that file only",
    );
    std::fs::remove_file(shop.path("offers/other.yaml")).unwrap();
    let config = shop.read("offerctl.yaml");
    let everywhere = format!("{config}allow:\n{}", entry(SIXTY, LATER));
    shop.write("offerctl.yaml", &everywhere);
    let _run = shop.apply();
}

both!(an_entry_that_ended_is_a_warning_and_approves_nothing);

fn an_entry_that_ended_is_a_warning_and_approves_nothing(api: Api) {
    let shop = shop_of(api, 1);
    declare(&shop, &entry(SIXTY, "2026-01-31"), &films(1, "16.00"));
    let _refusal = refused(&shop, "price-change", "ended on 2026-01-31");
    for line in ["plan", "validate"] {
        let run = shop.run(line);
        assert_eq!(run.code, if line == "plan" { 3 } else { 0 });
        assert!(run.err.contains("warning[approval-expired]"), "{run:?}");
        assert!(run.err.contains("offers/all.yaml:"), "{run:?}");
    }
}

both!(an_entry_that_approves_nothing_is_a_note);

fn an_entry_that_approves_nothing_is_a_note(api: Api) {
    let shop = shop_of(api, 1);
    declare(&shop, &entry(SIXTY, LATER), &films(1, "11.00"));
    shop.run("plan").exits(0).says("approves nothing");
    let plan = shop.plan();
    shop.fits("plan", &plan);
    assert_eq!(plan["unusedApprovals"][0]["kind"], "priceChange");
    let _run = shop.apply();
    assert_eq!(shop.state().get("approvals"), None);
}

both!(deactivations_need_no_flag_in_ci);

fn deactivations_need_no_flag_in_ci(api: Api) {
    let shop = shop_of(api, 5);
    let left = films(2, "10.00");
    shop.declare(&left);
    let plan = shop.plan();
    let gone = &plan["changes"][0];
    assert_eq!(gone["sold"]["title"], "Title of film-2", "{plan:#}");
    assert_eq!(gone["sold"]["prices"][0]["amount"], "10.00");
    shop.run("plan")
        .exits(3)
        .says("\"Title of film-2\", 10.00 USD");
    let help = &plan["refusals"][0]["help"];
    let text = help.as_str().unwrap();
    assert!(
        text.starts_with("if intended, add this under `allow:` in `offers/all.yaml`"),
        "{text}"
    );
    assert!(text.ends_with("--allow-deactivations 3"), "{text}");
    declare(&shop, &pasted(help), &left);
    let _run = shop.apply();
    assert_eq!(shop.active("Title of film-2").len(), 0);
    assert_eq!(shop.state()["approvals"].as_array().unwrap().len(), 3);
    shop.expect_no_changes();
}

both!(a_state_that_knows_no_files_takes_entries_of_the_project_only);

fn a_state_that_knows_no_files_takes_entries_of_the_project_only(api: Api) {
    let shop = shop_of(api, 5);
    let mut state = shop.state();
    state.as_object_mut().unwrap().remove("files").unwrap();
    shop.write(STATE, &state.to_string());
    let entries = entry("deactivations: {offers: [film-*]}", LATER);
    declare(&shop, &entries, &films(2, "10.00"));
    let _refusal = refused(&shop, "deactivations", "only an entry in offerctl.yaml");
    shop.declare(&films(2, "10.00"));
    let config = shop.read("offerctl.yaml");
    shop.write("offerctl.yaml", &format!("{config}allow:\n{entries}"));
    let _run = shop.apply();
}

both!(a_saved_plan_carries_its_approvals_and_asks_whether_they_were_used);

fn a_saved_plan_carries_its_approvals_and_asks_whether_they_were_used(api: Api) {
    let shop = shop_of(api, 2);
    declare(&shop, &entry(SIXTY, LATER), &films(2, "16.00"));
    shop.run("plan --out plan.json").exits(0);
    // Applying it reads no manifests.
    std::fs::rename(shop.path("offers"), shop.path("elsewhere")).unwrap();
    shop.run("show plan.json").exits(0);
    shop.run("apply plan.json --dry-run")
        .exits(0)
        .says("approved: priceChange until 2099-12-31 at offers/all.yaml:");
    let unused = shop.read(STATE);
    shop.run("apply plan.json -y").exits(0);
    assert_eq!(shop.state()["approvals"].as_array().unwrap().len(), 2);
    // A plan whose approval was used meanwhile is refused.
    std::fs::rename(shop.path("elsewhere"), shop.path("offers")).unwrap();
    let uses = shop.state()["approvals"].clone();
    declare(&shop, &entry(SIXTY, LATER), &films(2, "25.00"));
    let mut without = shop.state();
    without.as_object_mut().unwrap().remove("approvals");
    shop.write(STATE, &without.to_string());
    shop.run("plan --out next.json").exits(0);
    without["approvals"] = uses;
    shop.write(STATE, &without.to_string());
    shop.requests();
    shop.run("apply next.json -y").exits(3).says("was used on");
    assert_eq!(shop.writes(), 0);
    assert!(!unused.contains("approvals"));
}

both!(a_step_that_fails_uses_no_approval_up);

fn a_step_that_fails_uses_no_approval_up(api: Api) {
    let shop = shop_of(api, 2);
    shop.one_by_one();
    declare(&shop, &entry(SIXTY, LATER), &films(2, "16.00"));
    let fault = format!("{}#1={}", api.call("updateSingleOffer"), api.refusal());
    shop.fault(&fault);
    shop.run("apply -y").exits(5);
    let uses = shop.state()["approvals"].as_array().unwrap().clone();
    let done = uses.iter().filter(|used| used["done"] == true).count();
    assert_eq!((uses.len(), done), (2, 1));
    // What failed may be repeated with the same entry, and is used up then.
    let _run = shop.apply();
    let uses = shop.state()["approvals"].as_array().unwrap().clone();
    assert!(uses.iter().all(|used| used["done"] == true), "{uses:#?}");
    shop.expect_no_changes();
}

both!(a_kill_before_the_write_leaves_the_approval_and_one_after_it_does_not);

fn a_kill_before_the_write_leaves_the_approval_and_one_after_it_does_not(api: Api) {
    let method = api.call("updateSingleOffer");
    for (fault, is_done) in [("delay:30000", false), ("delay:30000,after", true)] {
        let shop = shop_of(api, 1);
        declare(&shop, &entry(SIXTY, LATER), &films(1, "16.00"));
        shop.fault(&format!("{method}#1={fault}"));
        let going = start(&shop, "apply -y");
        if is_done {
            until_written(&shop, 1);
        } else {
            std::thread::sleep(std::time::Duration::from_millis(1500));
        }
        going.kill();
        // Both runs end with the price that git says; only the first had to use the approval.
        let _run = shop.apply();
        declare(&shop, &entry(SIXTY, LATER), &films(1, "25.00"));
        let _refusal = refused(&shop, "price-change", "for a move from 10.00");
    }
}

#[test]
fn the_countries_that_a_failed_apply_did_not_reach_are_done_with_the_same_entry() {
    let shop = Shop::of(Api::Rest);
    shop.one_by_one();
    let film = |price: &str| {
        let row = |country: &str, currency: &str| {
            format!("{country}: {{currency: {currency}, price: {price}}}")
        };
        let rows = [row("FR", "EUR"), row("SE", "SEK")].join(", ");
        Draft::new("pass", "film-0")
            .with("price", price)
            .with("localizations", &format!("{{{rows}}}"))
    };
    shop.declare(&[film("100")]).apply();
    declare(&shop, &entry(SIXTY, LATER), &[film("160")]);
    shop.fault("patchLocalization#2=status:422");
    shop.run("apply -y").exits(5);
    let uses = shop.state()["approvals"].as_array().unwrap().clone();
    let done = uses.iter().filter(|used| used["done"] == true).count();
    assert_eq!((uses.len(), done), (3, 2), "{uses:#?}");
    // What a run sent before it failed was changed by no hand.
    shop.run("drift").exits(0);
    let _run = shop.apply();
    shop.expect_no_changes();
    declare(&shop, &entry(SIXTY, LATER), &[film("256")]);
    let _refusal = refused(&shop, "price-change", "was used on");
}

#[test]
fn a_sale_that_was_approved_and_taken_away_by_hand_comes_back_without_a_new_entry() {
    let shop = Shop::of(Api::Rest);
    let film = |rules: &str| {
        Draft::new("pass", "film-0").with("price", &format!("{{amount: 100, rules: [{rules}]}}"))
    };
    shop.declare(&[film("")]).apply();
    let sale = "{from: 2031-01-01T00:00:00Z, to: 2031-02-01T00:00:00Z, amount: 42.00, name: Sale}";
    let sixty = "priceChange: {offers: [film-*], max: 60%}";
    declare(&shop, &entry(sixty, LATER), &[film(sale)]);
    let _run = shop.apply();
    shop.edit("Title of film-0", |offer| {
        offer.set(Field::PriceRules, FieldValue::Rules(Vec::new()));
    });
    shop.run("plan --detailed-exitcode").exits(2);
    let _run = shop.apply();
    shop.expect_no_changes();
}

#[test]
fn entries_that_approve_nothing_any_more_are_pruned_from_all_files() {
    let shop = shop_of(Api::Rest, 1);
    let all = entry(SIXTY, LATER)
        + &entry(SIXTY, "2026-01-31")
        + &entry("adopt: {offers: [legacy-*]}", LATER)
        + &entry("deactivations: {offers: [summer]}", LATER);
    declare(&shop, &all, &films(1, "10.00"));
    let config = shop.read("offerctl.yaml");
    let old = entry("replacements: {offers: [film-*]}", "2026-01-31");
    shop.write(
        "offerctl.yaml",
        &format!("{config}# for once\nallow:\n{old}"),
    );
    let run = shop.run("fmt --prune --check").exits(1);
    assert_eq!(run.out, "offerctl.yaml\noffers/all.yaml\n");
    shop.run("fmt --prune").exits(0);
    assert_eq!(shop.read("offerctl.yaml"), config);
    let text = shop.read("offers/all.yaml");
    assert_eq!(text.matches("reason:").count(), 2, "{text}");
    assert!(text.contains("film-*") && text.contains("summer"), "{text}");
    shop.run("fmt --prune --check").exits(0);
    shop.run("validate").exits(0);
}
