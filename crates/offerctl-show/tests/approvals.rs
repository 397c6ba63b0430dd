//! `allow:` in files and in offerctl.yaml: what each kind lets pass, where, until when, and how often.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::manifest::{self, Approved, Date};
use offerctl_manifest::project::{self, Account, GuardPolicy, PriceRange};
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;
use offerctl_model::country::Country;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::value::Moment;
use offerctl_reconcile::approval::adoption;
use offerctl_reconcile::guard::{Findings, Granted, GuardCode, Policy, by_step, group, review};
use offerctl_reconcile::plan::{Operation, Plan, plan};
use offerctl_reconcile::state::{Entry, State};

use crate::support::{live, state};

/// What git says, what is live, and what is remembered.
#[derive(Default)]
struct Case {
    /// Offers and entries of `allow` by file.
    files: Vec<(&'static str, String, String)>,
    /// The entries of offerctl.yaml.
    project: String,
    live: String,
    state: State,
    guards: GuardPolicy,
    environment: Option<&'static str>,
    today: Option<&'static str>,
}

/// An entry that ends on the last day of 2026.
fn entry(what: &str) -> String {
    format!("  - {what}\n    reason: price list\n    until: 2026-12-31\n")
}

fn allow(entries: &str) -> String {
    if entries.is_empty() {
        String::new()
    } else {
        format!("allow:\n{entries}")
    }
}

impl Case {
    /// Adds a file with passes: names and prices.
    fn file(mut self, path: &'static str, entries: &str, passes: &[(&str, &str)]) -> Self {
        let offers = passes.iter().map(|(name, price)| {
            format!("  {name}: {{type: pass, title: {name}, url: 'https://club.tv/{name}', price: {price}, period: month}}\n")
        });
        self.files
            .push((path, entries.to_owned(), offers.collect()));
        self
    }

    /// Makes offers live and bound: names and prices.
    fn live(mut self, passes: &[(&str, &str)]) -> Self {
        let none = Desired::default();
        for (name, price) in passes {
            let id = format!("P1000{:05}_US", self.live.len());
            let row = [
                "pass ",
                &id,
                " title=",
                name,
                " url=https://club.tv/",
                name,
                " price=",
                price,
                " period=month\n",
            ];
            self.live.push_str(&row.concat());
            let bound = state::state(&format!("{name} pass {id}"), &none);
            self.state.bindings.extend(bound.bindings);
        }
        self
    }

    fn desired(&self) -> Desired {
        let config = format!(
            "version: 1\nenvironments:\n  shop: {{endpoint: emulator, account: {{currency: USD}}}}\n  other: {{endpoint: emulator}}\n{}",
            allow(&self.project)
        );
        let source = SourceFile::new(FileId(0), "offerctl.yaml".to_owned(), config);
        let (mut project, mut diagnostics) = project::read(&source);
        let mut manifests = Vec::new();
        for (id, (path, entries, offers)) in (1..).zip(&self.files) {
            let text = format!("version: 1\n{}offers:\n{offers}", allow(entries));
            let source = SourceFile::new(FileId(id), (*path).to_owned(), text);
            let file = manifest::read(&source);
            diagnostics.append(file.diagnostics);
            manifests.extend(file.manifests);
            project.approvals.extend(file.approvals);
        }
        let environment = &project.environments[self.environment.unwrap_or("shop")];
        let (mut desired, found) = resolve(&manifests, &project, environment);
        diagnostics.append(found);
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        desired.today = Some(self.today());
        desired
    }

    fn today(&self) -> Date {
        self.today.unwrap_or("2026-06-15").parse().unwrap()
    }

    fn plan(&self) -> Plan {
        plan(&self.desired(), &live::live(&self.live), &self.state)
    }

    fn findings(&self) -> Findings {
        let account = Account {
            country: Country::new("US"),
            currency: Currency::new("USD"),
            ..Account::default()
        };
        let policy = Policy {
            guards: &self.guards,
            account: &account,
            account_of_another: None,
            today: self.today(),
            allow_deactivations: None,
            uses: &self.state.approvals,
            found_manifests: Some(true),
        };
        review(&self.plan(), &policy)
    }

    #[track_caller]
    fn passes(&self) -> Vec<Granted> {
        let found = self.findings();
        assert_eq!(found.refusals, []);
        found.approved
    }

    #[track_caller]
    fn refused(&self, code: GuardCode, words: &str) -> String {
        let found = self.findings();
        let codes: Vec<GuardCode> = found.refusals.iter().map(|found| found.code).collect();
        assert_eq!(codes, [code]);
        let message = &found.refusals[0].message;
        assert!(message.contains(words), "{message}");
        assert_eq!(found.approved, [], "a refused change uses nothing up");
        found.refusals[0].help.clone()
    }

    /// Lets all that was approved happen, or begin to happen.
    fn use_up(&mut self, done: bool) {
        let since: Moment = "2026-06-01T12:00:00Z".parse().unwrap();
        let plan = self.plan();
        for granted in self.findings().approved {
            let used = granted.to_use(&plan, (since, done)).unwrap();
            self.state.apply(Entry::Approved { used });
        }
    }
}

/// One pass of which the price moves, approved by an entry of its file.
fn moved(what: &str, before: &str, after: &str) -> Case {
    Case::default()
        .file("offers/a.yaml", &entry(what), &[("films-a", after)])
        .live(&[("films-a", before)])
}

const SIXTY: &str = "priceChange: {offers: [films-*], max: 60%}";

#[test]
fn a_price_moves_as_far_as_the_entry_says_and_no_further() {
    for (before, after) in [("10", "16"), ("10", "4")] {
        let granted = moved(SIXTY, before, after).passes();
        assert_eq!(granted.len(), 1);
        assert_eq!(granted[0].before, Some(before.parse().unwrap()));
    }
    for (before, after) in [("10", "16.01"), ("10", "3.99")] {
        moved(SIXTY, before, after).refused(GuardCode::PriceChange, "more than the 50% allowed");
    }
    let small = moved(SIXTY, "10", "15").passes();
    assert_eq!(small, [], "what needs no approval uses none");
}

#[test]
fn a_direction_is_kept() {
    let up = "priceChange: {offers: [films-a], max: 90%, direction: up}";
    moved(up, "10", "18").passes();
    moved(up, "10", "2").refused(GuardCode::PriceChange, "");
    let down = "priceChange: {offers: [films-a], max: 90%, direction: down}";
    moved(down, "10", "2").passes();
    moved(down, "10", "18").refused(GuardCode::PriceChange, "");
}

#[test]
fn no_percentage_approves_a_price_of_nothing() {
    let all = "priceChange: {offers: ['*'], max: 100000%}";
    moved(all, "0", "10").refused(GuardCode::PriceChange, "");
}

#[test]
fn an_entry_names_its_offers_and_countries() {
    let other = "priceChange: {offers: [films-b, news-*], max: 60%}";
    moved(other, "10", "16").refused(GuardCode::PriceChange, "");
    let country = "priceChange: {offers: [films-a], max: 60%, countries: [US]}";
    let help = moved(country, "10", "16").refused(GuardCode::PriceChange, "");
    assert!(help.contains("priceChange: {to: 16"), "{help}");
}

#[test]
fn an_entry_in_a_file_acts_on_its_offers_only_and_one_of_the_project_on_all() {
    let elsewhere = Case::default()
        .file("offers/a.yaml", "", &[("films-a", "16")])
        .file("offers/b.yaml", &entry(SIXTY), &[("films-b", "10")])
        .live(&[("films-a", "10"), ("films-b", "10")]);
    elsewhere.refused(
        GuardCode::PriceChange,
        "the approval at offers/b.yaml:3 acts on the offers of that file only",
    );
    let mut everywhere = Case::default()
        .file("offers/a.yaml", "", &[("films-a", "16")])
        .live(&[("films-a", "10")]);
    everywhere.project = entry(SIXTY);
    everywhere.passes();
}

#[test]
fn an_entry_holds_on_its_last_day_and_not_after_it() {
    let mut case = moved(SIXTY, "10", "16");
    case.today = Some("2026-12-31");
    case.passes();
    case.today = Some("2027-01-01");
    case.refused(
        GuardCode::PriceChange,
        "the approval at offers/a.yaml:3 ended on 2026-12-31",
    );
}

#[test]
fn an_entry_holds_in_its_environments() {
    let there = "priceChange: {offers: [films-*], max: 60%, environments: [other]}";
    let mut case = moved(there, "10", "16");
    case.refused(GuardCode::PriceChange, "");
    case.environment = Some("other");
    case.passes();
}

#[test]
fn an_entry_is_used_once_and_the_refusal_says_from_which_price() {
    let mut case = moved(SIXTY, "10", "16");
    case.use_up(true);
    case.refused(
        GuardCode::PriceChange,
        "the approval at offers/a.yaml:3 was used on 2026-06-01 for a move from 10.00 USD",
    );
    // The next sixty percent.
    let mut next = moved(SIXTY, "16", "25.60");
    next.state.approvals = case.state.approvals.clone();
    next.refused(GuardCode::PriceChange, "was used on 2026-06-01");
    // Neither another place, nor more offers or countries make it another entry.
    let longer = "priceChange: {offers: [films-*, news], max: 60%}";
    let mut wider = moved(longer, "16", "25.60");
    wider.files[0].1 = entry("adopt: {offers: [news]}") + &wider.files[0].1;
    wider.state.approvals = case.state.approvals.clone();
    wider.refused(GuardCode::PriceChange, "was used on 2026-06-01");
    let more = "priceChange: {offers: [films-*], max: 61%}";
    let mut new = moved(more, "16", "25.60");
    new.state.approvals = case.state.approvals;
    new.passes();
}

#[test]
fn a_request_that_may_have_been_lost_is_told_by_the_price() {
    let mut case = moved(SIXTY, "10", "16");
    case.use_up(false);
    case.passes();
    let mut done = moved(SIXTY, "16", "25.60");
    done.state.approvals = case.state.approvals;
    done.refused(GuardCode::PriceChange, "was used on 2026-06-01");
}

#[test]
fn a_use_is_kept_for_a_week_after_the_last_day_and_follows_a_new_name() {
    let mut case = moved(SIXTY, "10", "16");
    case.use_up(true);
    let name = |text: &str| text.parse::<Name>().unwrap();
    case.state.apply(Entry::Moved {
        from: name("films-a"),
        to: name("films-z"),
    });
    let offers = |state: &State| -> Vec<String> {
        state
            .approvals
            .values()
            .map(|used| used.offer.to_string())
            .collect()
    };
    assert_eq!(offers(&case.state), ["films-z"]);
    let at = |text: &str| text.parse::<Moment>().unwrap();
    assert!(!case.state.expire(at("2027-01-07T23:59:59Z")));
    assert!(case.state.expire(at("2027-01-08T00:00:00Z")));
    assert_eq!(offers(&case.state), Vec::<String>::new());
}

#[test]
fn a_new_name_in_the_same_plan_does_not_renew_an_entry() {
    let mut case = moved(SIXTY, "10", "16");
    case.use_up(true);
    let mut next = Case::default()
        .file("offers/a.yaml", &entry(SIXTY), &[("films-z", "25.60")])
        .live(&[("films-a", "16")]);
    next.files[0].2 = next.files[0]
        .2
        .replace("period: month}", "period: month, movedFrom: films-a}");
    next.state.approvals = case.state.approvals;
    next.refused(GuardCode::PriceChange, "was used on 2026-06-01");
}

#[test]
fn the_home_country_is_the_offer_itself_whichever_way_its_price_is_said() {
    let mut case = moved(SIXTY, "10", "16");
    case.use_up(true);
    let mut next = moved(SIXTY, "16", "25.60");
    next.files[0].2 = next.files[0].2.replace(
        "price: 25.60,",
        "price: 16, localizations: {US: {currency: USD, price: 25.60}},",
    );
    next.live = next
        .live
        .replace(" price=16", " country=US currency=USD price=16");
    next.state.approvals = case.state.approvals;
    next.refused(GuardCode::PriceChange, "was used on 2026-06-01");
}

#[test]
fn a_price_out_of_range_passes_within_the_range_of_the_entry() {
    let case = |what: &str, price: &str| {
        let mut case = moved(what, "100", price);
        let range = PriceRange {
            min: Some("1".parse().unwrap()),
            max: Some("110".parse().unwrap()),
        };
        case.guards
            .price
            .insert(Currency::new("USD").unwrap(), range);
        case
    };
    let range = "priceRange: {offers: [films-a], currency: USD, min: 111, max: 120}";
    assert_eq!(case(range, "120").passes().len(), 1);
    case(range, "120.01").refused(GuardCode::PriceRange, "out of the range");
    case(range, "110.50").refused(GuardCode::PriceRange, "out of the range");
    let euros = "priceRange: {offers: [films-a], currency: EUR, max: 120}";
    case(euros, "120").refused(GuardCode::PriceRange, "out of the range");
    // Each reason needs an approval of its own, and one alone is not used up.
    let far = "priceRange: {offers: [films-a], currency: USD, max: 160}";
    case(far, "160").refused(GuardCode::PriceChange, "");
}

/// Ten offers of one file, of which the first so many go; the state knows their file.
fn going(entries: &str, gone: usize) -> Case {
    let names: Vec<String> = (0..10).map(|index| format!("cup-{index}")).collect();
    let all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "10")).collect();
    let mut case = Case::default()
        .file("offers/cups.yaml", entries, &all[gone..])
        .live(&all);
    let before = Case::default().file("offers/cups.yaml", "", &all);
    let files = before.plan().files;
    assert_eq!(files.len(), 10);
    case.state.apply(Entry::Declared { files });
    case
}

#[test]
fn deactivations_that_are_approved_do_not_count() {
    let entries = entry("deactivations: {offers: [cup-0, cup-1]}");
    assert_eq!(going(&entries, 2).passes().len(), 2);
    assert_eq!(
        going(&entries, 3).passes().len(),
        2,
        "one more is the limit"
    );
    let found = going(&entries, 4).findings();
    assert_eq!(found.refusals.len(), 1);
    let message = &found.refusals[0].message;
    assert!(
        message
            .contains("2 of 10 managed offers would be deactivated and not approved (2 more are)"),
        "{message}"
    );
    let help = &found.refusals[0].help;
    assert!(
        help.contains("under `allow:` in `offers/cups.yaml`"),
        "{help}"
    );
    assert!(
        help.contains("- {deactivations: {offers: [cup-2, cup-3]},"),
        "{help}"
    );
}

#[test]
fn an_offer_whose_file_nobody_knows_is_approved_by_the_project_only() {
    let entries = entry("deactivations: {offers: [cup-*]}");
    let mut case = going(&entries, 2);
    case.state.files.clear();
    case.refused(
        GuardCode::Deactivations,
        "only an entry in offerctl.yaml can approve it",
    );
    case.project = entries;
    case.passes();
    let mut moved = going("", 2);
    moved.files[0].0 = "offers/other.yaml";
    moved.files[0].1 = entry("deactivations: {offers: [cup-*]}");
    moved.refused(
        GuardCode::Deactivations,
        "acts on the offers of that file only",
    );
}

#[test]
fn countries_go_where_the_entry_names_them() {
    let case = |what: &str, before: &str, after: &str| {
        let mut case = moved(what, "10", "10");
        case.files[0].2 = case.files[0]
            .2
            .replace('}', &format!(", geoRestriction: {after}}}"));
        case.live = case
            .live
            .replace('\n', &format!(" geoRestriction={before}\n"));
        case
    };
    let two = "removeCountries: {offers: [films-a], countries: [SE, NO]}";
    let (before, after) = (
        r#"{"type":"whitelist","countries":["US","SE","NO"]}"#,
        "{type: whitelist, countries: [US]}",
    );
    let countries: Vec<Option<Country>> = case(two, before, after)
        .passes()
        .iter()
        .map(|granted| granted.country)
        .collect();
    assert_eq!(countries, [Country::new("NO"), Country::new("SE")]);
    let one = "removeCountries: {offers: [films-a], countries: [SE]}";
    let found = case(one, before, after).findings();
    assert!(
        found.refusals[0].message.ends_with("sold in NO"),
        "{found:?}"
    );
    let star = "removeCountries: {offers: [films-a], countries: ['*']}";
    let blacklist = r#"{"type":"blacklist","countries":["SE"]}"#;
    case(star, blacklist, after).passes();
    case(two, blacklist, after).refused(GuardCode::CountryLost, "every country");
}

#[test]
fn a_replacement_passes_and_is_no_deactivation() {
    let case = |what: &str| {
        let mut case = moved(what, "10", "10");
        case.files[0].2 = "  films-a: {type: single, title: films-a, url: 'https://club.tv/films-a', price: 10}\n".to_owned();
        case
    };
    let mut approved = case("replacements: {offers: [films-*]}");
    approved.guards.max_deactivations = Some(0);
    let granted = approved.passes();
    assert_eq!(granted.len(), 1);
    let plan = approved.plan();
    let steps = by_step(&plan, &granted);
    let step = plan.step(*steps.keys().next().unwrap()).unwrap();
    assert!(
        matches!(step.operation, Operation::Create { .. }),
        "{step:?}"
    );
    case("adopt: {offers: [films-*]}").refused(GuardCode::Replacement, "would be replaced");
}

#[test]
fn adoptions_are_approved_by_name_and_file_until_their_last_day() {
    let entries = entry("adopt: {offers: [films-*]}");
    let case = Case::default()
        .file("offers/a.yaml", &entries, &[("films-a", "10")])
        .file("offers/b.yaml", "", &[("films-b", "10")]);
    let name = |text: &str| text.parse::<Name>().unwrap();
    let mut desired = case.desired();
    let state = State::default();
    let adopts = |desired: &Desired, of: &str| adoption(desired, &state, &name(of)).is_some();
    assert!(adopts(&desired, "films-a"));
    assert!(!adopts(&desired, "films-b"), "another file");
    desired.today = Some("2027-01-01".parse().unwrap());
    assert!(!adopts(&desired, "films-a"));
    desired.today = None;
    assert!(!adopts(&desired, "films-a"), "nobody knows the day");
}

#[test]
fn what_approves_nothing_is_told_and_what_ended_is_not() {
    let mut case = moved(SIXTY, "10", "12");
    assert_eq!(case.findings().unused, [0]);
    case.today = Some("2027-01-01");
    assert_eq!(case.findings().unused, Vec::<usize>::new());
    assert_eq!(
        moved(SIXTY, "10", "16").findings().unused,
        Vec::<usize>::new()
    );
}

#[test]
fn many_refusals_of_one_kind_are_one_message_with_an_entry_that_approves_them() {
    let names: Vec<String> = (0..30).map(|index| format!("films-{index:02}")).collect();
    let all = |price: &'static str| -> Vec<(&str, &str)> {
        names.iter().map(|name| (name.as_str(), price)).collect()
    };
    let case = |entries: &str| {
        Case::default()
            .file("offers/films.yaml", entries, &all("16.05"))
            .live(&all("10"))
    };
    let refusals = case("").findings().refusals;
    assert_eq!(refusals.len(), 30);
    let groups = group(&refusals);
    assert_eq!(groups.len(), 1);
    let message = &groups[0].message;
    assert!(
        message.starts_with("30 prices move further than allowed: "),
        "{message}"
    );
    assert!(
        message.contains("`films-00` from 10.00 USD to 16.05 USD (+60.5 %)"),
        "{message}"
    );
    assert!(message.ends_with("and 20 more"), "{message}");
    assert!(groups[0].span.is_some());
    let help = &groups[0].help;
    assert!(
        help.contains("in `offers/films.yaml`:\n- {priceChange: "),
        "{help}"
    );
    assert!(help.contains("max: 61%, direction: up}"), "{help}");
    // What is to be pasted does what it says.
    let entries: String = help
        .lines()
        .skip(1)
        .map(|line| {
            let filled = line
                .replace('…', "price list")
                .replace("YYYY-MM-DD", "2026-12-31");
            format!("  {filled}\n")
        })
        .collect();
    assert_eq!(entries.lines().count(), 2, "25 offers and 5");
    let granted = case(&entries).passes();
    assert_eq!(granted.len(), 30);
    let by_step = by_step(&case(&entries).plan(), &granted)
        .into_values()
        .map(|granted| granted.len());
    assert_eq!(by_step.collect::<Vec<_>>(), [1; 30]);
}

#[test]
fn one_refusal_alone_keeps_its_own_words() {
    let refusals = moved("adopt: {offers: [news]}", "10", "16")
        .findings()
        .refusals;
    let groups = group(&refusals);
    assert_eq!(groups[0].message, refusals[0].message);
    assert_eq!(groups[0].help, refusals[0].help);
    assert_eq!(group(&[]), []);
}

#[test]
fn the_state_learns_the_files_of_offers_and_forgets_those_of_others() {
    let case = moved(SIXTY, "10", "10");
    let files = case.plan().files;
    assert_eq!(files.len(), 1);
    let mut state = case.state.clone();
    state.apply(Entry::Declared { files });
    state.tidy();
    assert_eq!(state.files.len(), 1);
    let again = plan(&case.desired(), &live::live(&case.live), &state);
    assert_eq!(again.files, BTreeMap::new());
    state.bindings.clear();
    state.tidy();
    assert_eq!(state.files, BTreeMap::new());
}

/// The blocks of YAML in the page about approvals.
#[test]
fn the_examples_of_the_page_are_read_and_show_every_kind() {
    let page = include_str!("../../../docs/approving.md");
    let blocks = page.split("```yaml\n").skip(1);
    let mut kinds = BTreeSet::new();
    for (number, block) in (1..).zip(blocks) {
        let (text, _) = block.split_once("```").unwrap();
        let source = SourceFile::new(FileId(number), "page.yaml".to_owned(), text.to_owned());
        let file = manifest::read(&source);
        assert!(file.diagnostics.is_empty(), "{text}{:?}", file.diagnostics);
        kinds.extend(file.approvals.iter().map(|approval| approval.what.kind()));
    }
    assert_eq!(kinds, Approved::KINDS.into());
}
