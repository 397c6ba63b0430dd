//! `import`: from the account into files and state, and never the other way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cleeng_emulator::Field;

use crate::drift::amount;
use crate::support::{Api, Draft, LOCALIZED, Run, STATE, Shop, TYPES, both};

/// An account with offers of all types, made by an apply whose manifests and state are gone.
fn stocked(api: Api) -> Shop {
    let shop = Shop::of(api);
    let mut drafts: Vec<Draft> = TYPES
        .iter()
        .map(|kind| Draft::new(kind, &format!("one-{kind}")))
        .collect();
    for kind in LOCALIZED {
        drafts.push(Draft::new(kind, &format!("many-{kind}")).localized());
    }
    let gala = Draft::new("event", "gala").with("title", "\"Gala: the #1 — 🎬\"");
    let replay = Draft::new("vod", "replay");
    drafts.extend(match api {
        Api::JsonRpc => [
            gala.with("playerCode", "\"<script>\\n  go()\\n</script>\\n\"")
                .with("viewerEstimate", "3"),
            replay.with("eventAssociation", "[gala]"),
        ],
        Api::Rest => [gala, replay],
    });
    drafts.push(Draft::new("subscription", "trial").with("freeDays", "7"));
    shop.declare(&drafts);
    let _run = shop.apply();
    forget_all(&shop);
    shop
}

fn forget_all(shop: &Shop) {
    for folder in ["offers", ".offerctl"] {
        let path = shop.path(folder);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
    shop.requests();
}

fn manifests(shop: &Shop) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = shop.files();
    files.retain(|path, _| path.extension().is_some_and(|ending| ending == "yaml"));
    files
}

/// Imports, and expects that nothing was written at Cleeng.
#[track_caller]
fn imports(shop: &Shop, flags: &str, code: i32) -> Run {
    shop.requests();
    let run = shop.run(&format!("import {flags}")).exits(code);
    assert_eq!(shop.writes(), 0, "{run:?}");
    run
}

/// Expects that nothing was written anywhere.
#[track_caller]
fn refuses(shop: &Shop, flags: &str, code: i32) -> Run {
    let before = shop.files();
    let run = imports(shop, flags, code);
    let mut after = shop.files();
    after.retain(|path, _| before.contains_key(path) || !path.ends_with("lock"));
    assert!(after == before, "{:?} {run:?}", after.keys());
    run
}

/// What was printed, without its line breaks.
fn words(run: &Run) -> String {
    run.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plan_after_an_import_is_empty_and_a_second_import_writes_the_same() {
    let shop = stocked(Api::JsonRpc);
    let run = imports(&shop, "", 0)
        .says("+ written    offers/subscriptions.yaml")
        .says("Imported: 13 offers in 6 files, 13 bound, 0 left out.\n");
    assert!(run.err.contains("offerctl plan"), "{run:?}");
    shop.expect_no_changes();
    shop.run("validate").exits(0);
    shop.run("drift").exits(0);
    let (files, state) = (manifests(&shop), shop.state());
    let run = imports(&shop, "", 0).says("  unchanged  offers/events.yaml");
    assert!(!run.out.contains("written"), "{run:?}");
    assert_eq!((manifests(&shop), shop.state()), (files, state));
    let events = shop.read("offers/events.yaml");
    let expected = "# yaml-language-server: $schema=../schemas/offerctl/manifest.v1.schema.json
version: 1

offers:
  gala-the-1:
    type: event
    title: \"Gala: the #1 — 🎬\"
    url: https://club.tv/gala
    price: 10.00
    startTime: 2031-06-01T20:00:00+02:00
    endTime: 2031-06-01T22:00:00+02:00
    timeZone: Europe/Oslo
    viewerEstimate: 3
    playerCode: |
      <script>
        go()
      </script>
";
    assert!(events.starts_with(expected), "{events}");
    let vods = shop.read("offers/vods.yaml");
    assert!(
        vods.contains("    eventAssociation: [gala-the-1]\n"),
        "{vods}"
    );
    let subscriptions = shop.read("offers/subscriptions.yaml");
    for line in [
        "freeDays: 7",
        "      \"NO\": {currency: NOK, price: 99.00}",
        "      US: {currency: USD}",
    ] {
        let plain = line.replace('"', "");
        assert!(
            subscriptions.contains(&plain),
            "no {plain} in {subscriptions}"
        );
    }
    // The schema that editors look for is there, and the program's own.
    let schema: serde_json::Value =
        serde_json::from_str(&shop.read("schemas/offerctl/manifest.v1.schema.json")).unwrap();
    assert_eq!(schema, shop.run("schema manifest").exits(0).json());
}

both!(what_is_imported_is_planned_as_it_is);

fn what_is_imported_is_planned_as_it_is(api: Api) {
    let shop = stocked(api);
    let run = imports(&shop, "", 0);
    assert!(run.out.contains("Imported: 13 offers"), "{run:?}");
    shop.expect_no_changes();
    shop.run("validate").exits(0);
    shop.run("drift").exits(0);
    let before = manifests(&shop);
    let _run = imports(&shop, "", 0);
    assert_eq!(manifests(&shop), before);
}

#[test]
fn a_dry_run_writes_nothing() {
    let shop = stocked(Api::JsonRpc);
    let run = refuses(&shop, "--dry-run", 0)
        .says("+ to write   offers/vods.yaml")
        .says("To import: 13 offers in 6 files, 13 bound, 0 left out.\n");
    assert!(
        !shop.path(".offerctl/shop").join("state.json").exists(),
        "{run:?}"
    );
    let document = refuses(&shop, "--dry-run --format json", 0).json();
    assert_eq!(document["files"][0]["outcome"], "planned");
    assert_eq!(document["offers"].as_array().unwrap().len(), 13);
}

#[test]
fn what_was_written_since_is_never_written_over() {
    let shop = stocked(Api::JsonRpc);
    let _run = imports(&shop, "", 0);
    let path = "offers/passes.yaml";
    let edited = format!("# mine\n{}", shop.read(path));
    shop.write(path, &edited);
    let run =
        refuses(&shop, "", 3).complains("`offers/passes.yaml` is there and says something else");
    assert!(run.err.contains("--adopt"), "{run:?}");
    // A new offer is found beside what is declared.
    let by_hand = shop.make_by_hand("someone");
    let run = imports(&shop, "--adopt", 0).says("+ written    offers/singles-2.yaml  1 offer");
    assert_eq!(shop.read(path), edited);
    let new = shop.read("offers/singles-2.yaml");
    assert!(
        new.contains("  title-of-someone:\n    type: single\n    title: "),
        "{new}"
    );
    let document = shop.state();
    assert_eq!(
        document["offers"]["title-of-someone"]["id"],
        by_hand.to_string(),
        "{run:?}"
    );
    shop.expect_no_changes();
}

#[test]
fn manifests_that_are_there_are_bound_and_stay_as_they_are() {
    let shop = stocked(Api::JsonRpc);
    let dearer = shop.id("Title of one-single");
    let own = format!(
        "version: 1\noffers:\n  # the one\n  mine: {{type: pass, title: Title of one-pass, url: \"https://club.tv/one-pass\", price: 10.00, period: month}}\n  dearer: {{type: single, title: Title of one-single, url: \"https://club.tv/one-single\", price: 12.00, ids: {{shop: {dearer}}}}}\n  near: {{type: rental, title: Title of one-rental, url: \"https://club.tv/other\", price: 10.00, period: 48}}\n"
    );
    shop.write("offers/own.yaml", &own);
    let _refused = refuses(&shop, "", 3).complains("`offers/own.yaml` declare offers already");
    let run = imports(&shop, "--adopt", 5)
        .says("→ bound mine to P")
        .says("→ bound dearer to A")
        .says("! open near:")
        .says("Imported: 10 offers in")
        .says("0 left out, 1 open.\n");
    assert!(
        words(&run).contains("; it is not as the manifest says, which a plan shows"),
        "{run:?}"
    );
    assert!(
        words(&run).contains("offerctl state adopt near R"),
        "{run:?}"
    );
    assert_eq!(shop.read("offers/own.yaml"), own);
    let plan = shop.plan();
    assert_eq!(plan["summary"]["update"], 1, "{run:?}");
    assert_eq!(plan["summary"]["create"], 0);
    assert_eq!(plan["changes"][0]["name"], "dearer");
    assert_eq!(plan["conflicts"].as_array().unwrap().len(), 1);
    let document = imports(&shop, "--adopt --format json", 5).json();
    assert_eq!(document["open"][0]["name"], "near");
    assert_eq!(document["files"], serde_json::json!([]));
}

#[test]
fn what_only_one_account_has_is_declared_for_it_alone() {
    let shop = stocked(Api::JsonRpc);
    let url = shop.emulator().url();
    let project = format!(
        "version: 1\ndefaultEnvironment: shop\nenvironments:\n  shop: {{endpoint: \"{url}\"}}\n  other: {{endpoint: emulator}}\n"
    );
    shop.write("offerctl.yaml", &project);
    shop.write(
        "offers/own.yaml",
        "version: 1\noffers:\n  mine: {type: pass, title: Title of one-pass, url: \"https://club.tv/one-pass\", price: 10.00, period: month}\n",
    );
    let _run = imports(&shop, "--adopt", 0);
    let singles = shop.read("offers/singles.yaml");
    assert!(
        singles.contains("    type: single\n    only: [shop]\n"),
        "{singles}"
    );
    shop.expect_no_changes();
    let other = shop.run("plan -e other --format json").exits(0).json();
    assert_eq!(
        other["summary"]["create"], 1,
        "only what was declared for both"
    );
}

#[test]
fn what_no_manifest_can_say_is_left_out_and_named() {
    let shop = stocked(Api::JsonRpc);
    let id = shop.edit("Title of one-single", |offer| {
        offer.set(Field::Url, "nowhere");
    });
    let replay = shop.edit("Gala: the #1 — 🎬", |offer| {
        offer.set(Field::Title, "Gala \u{7}");
    });
    let run = imports(&shop, "", 5)
        .says(&format!("! left out {id} (single) \"Title of one-single\"\n    `nowhere` is not an http or https address: write it in full"))
        .says(&format!("! left out {replay} (event)"))
        .says("11 offers in 6 files, 11 bound, 2 left out.\n");
    assert!(run.out.contains("U+0007"), "{run:?}");
    // Who names it names its id from now on.
    let vods = shop.read("offers/vods.yaml");
    assert!(
        vods.contains(&format!("eventAssociation: [id:{replay}]")),
        "{vods}"
    );
    shop.expect_no_changes();
    let document = imports(&shop, "--format json", 5).json();
    assert_eq!(document["left"].as_array().unwrap().len(), 2);
    let plan = shop.plan();
    assert_eq!(plan["unmanaged"].as_array().unwrap().len(), 2);
}

both!(offers_that_cannot_be_bought_go_into_a_file_of_their_own);

fn offers_that_cannot_be_bought_go_into_a_file_of_their_own(api: Api) {
    let shop = stocked(api);
    let id = shop.edit("Title of one-pass", |offer| offer.set_active(false));
    let run = imports(&shop, "--dry-run", 0).says("1 offer cannot be bought and was left out");
    assert!(run.out.contains("--inactive"), "{run:?}");
    let _run = imports(&shop, "--inactive", 0).says("offers/inactive.yaml");
    let inactive = shop.read("offers/inactive.yaml");
    let expected = format!(
        "offers:\n  title-of-one-pass:\n    type: pass\n    ids: {{shop: {id}}}\n    only: []\n    title: Title of one-pass\n"
    );
    assert!(inactive.contains(&expected), "{inactive}");
    shop.expect_no_changes();
    let before = manifests(&shop);
    let _run = imports(&shop, "--inactive", 0);
    assert_eq!(manifests(&shop), before);
    assert!(
        !shop.state()["offers"]
            .as_object()
            .unwrap()
            .contains_key("title-of-one-pass")
    );
}

#[test]
fn nothing_is_imported_from_a_catalogue_that_cannot_be_read_or_is_another() {
    let shop = stocked(Api::JsonRpc);
    shop.fault("listPassOffers=status:503");
    let _run = refuses(&shop, "", 1).complains("failed to read the live catalogue");
    shop.emulator().clear_faults();
    shop.configure("    account: {publisherEmail: other@club.tv}\n");
    let _run = refuses(&shop, "", 3).complains("other@club.tv");
    shop.configure("");
    let _run = refuses(&shop, "--into ../outside", 64).complains("inside of the project");
    let _run = refuses(&shop, "--into elsewhere", 64).complains("offers/**/*.yaml");
    // Where a folder belongs, a file stands.
    shop.write("offers/sub", "x");
    let _run = refuses(&shop, "--into offers/sub", 1).complains("offers/sub");
    let _run = imports(&shop, "--into offers/main", 0).says("offers/main/passes.yaml");
    let text = shop.read("offers/main/passes.yaml");
    assert!(
        text.starts_with("# yaml-language-server: $schema=../../schemas/"),
        "{text}"
    );
}

#[test]
fn nothing_is_imported_while_a_create_is_open() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    shop.fault("createSingleOffer#1=cut");
    shop.fault("listSingleOffers#3=status:500");
    shop.fault("listSingleOffers=status:500");
    let run = shop.run("apply -y");
    shop.emulator().clear_faults();
    let state = shop.path(STATE);
    if !std::fs::read_to_string(&state).is_ok_and(|text| text.contains("intents")) {
        // The lists failed before the create could be sent.
        assert_eq!(run.code, 1, "{run:?}");
        return;
    }
    std::fs::remove_dir_all(shop.path("offers")).unwrap();
    let _run = refuses(&shop, "", 3).complains("`offerctl state pending`");
}

#[test]
fn offers_that_look_alike_are_pointed_out() {
    let shop = stocked(Api::JsonRpc);
    let original = shop.id("Title of one-single");
    let copy = cleeng_emulator::Offer::new(
        "A999000222_US".parse().unwrap(),
        cleeng_emulator::Kind::Single,
    )
    .with(Field::Title, "Title of one-single")
    .with(Field::Url, "https://club.tv/copy")
    .with(Field::Price, amount("10.00"));
    let _run = imports(&shop, "", 0);
    shop.emulator().seed_offers(vec![copy]).unwrap();
    let plan = shop.plan();
    assert_eq!(plan["lookalikes"][0]["title"], "Title of one-single");
    shop.fits("plan", &plan);
    let run = shop.run("plan").exits(0).says("No changes.");
    let text = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let words =
        format!("title-of-one-single ({original}) and A999000222_US (unmanaged) look alike");
    assert!(text.contains(&words), "{run:?}");
    assert!(
        text.contains("deactivate A999000222_US in Cleeng's dashboard"),
        "{run:?}"
    );
    let _run = imports(&shop, "--adopt", 0);
    let run = shop.run("plan").exits(0);
    assert!(run.out.contains("copyOf"), "{run:?}");
}

#[test]
fn an_import_does_not_depend_on_how_answers_are_written() {
    for quirk in [
        "active=words",
        "price=string",
        "empty=null",
        "empty=absent",
        "unused-term=null",
        "timestamps=string",
        "tax-rate=string",
        "rental-period=number",
        "country=as-samples",
        "publisher=id",
        "list-externals=zeroed",
        "vod-price=net",
        "vod-list=full",
        "vod-active=shown",
        "vod-currency=absent",
        "vod-listed=twice",
    ] {
        let shop = Shop::with_quirks(&[quirk]);
        let mut drafts: Vec<Draft> = TYPES
            .iter()
            .map(|kind| Draft::new(kind, &format!("one-{kind}")))
            .collect();
        drafts.push(Draft::new("pass", "many").localized());
        drafts.push(
            Draft::new("vod", "rich")
                .with("runtime", "\"94\"")
                .with("tags", "[a]"),
        );
        shop.declare(&drafts);
        let _run = shop.apply();
        forget_all(&shop);
        let _run = imports(&shop, "", 0).says("Imported: 8 offers");
        shop.expect_no_changes();
        shop.run("drift").exits(0);
        let before = manifests(&shop);
        let _run = imports(&shop, "", 0);
        assert_eq!(manifests(&shop), before, "{quirk}");
    }
}

#[test]
fn a_large_account_is_read_in_batches() {
    let shop = Shop::new();
    let drafts: Vec<Draft> = (0..60)
        .map(|number| Draft::new("vod", &format!("film-{number}")))
        .collect();
    shop.declare(&drafts);
    let _run = shop.apply();
    forget_all(&shop);
    let _run = imports(&shop, "", 0);
    let _requests = shop.requests();
    forget_all(&shop);
    shop.run("import").exits(0);
    let requests = shop.requests();
    assert_eq!(requests.calls_of("getVodOffer").count(), 60);
    assert!(
        requests.http_requests() <= 5,
        "{}",
        requests.http_requests()
    );
    forget_all(&shop);
    shop.fault("getVodOffer#7=error:13");
    let _run = refuses(&shop, "", 1).complains("failed to read A");
}

#[test]
fn files_are_split_and_moved_and_offers_renamed_without_a_plan() {
    let shop = stocked(Api::JsonRpc);
    let _run = imports(&shop, "", 0);
    // One file becomes two, in folders of their own, with the offers in another order.
    let text = shop.read("offers/subscriptions.yaml");
    let (head, offers) = text.split_once("offers:\n").unwrap();
    let mut blocks: Vec<&str> = offers.split("\n\n").collect();
    blocks.reverse();
    assert_eq!(blocks.len(), 3);
    for (path, blocks) in [
        ("offers/a/one.yaml", &blocks[..1]),
        ("offers/b/c/rest.yml", &blocks[1..]),
    ] {
        let blocks: Vec<&str> = blocks.iter().map(|block| block.trim_end()).collect();
        shop.write(path, &format!("{head}offers:\n{}\n", blocks.join("\n\n")));
    }
    std::fs::remove_file(shop.path("offers/subscriptions.yaml")).unwrap();
    std::fs::rename(
        shop.path("offers/events.yaml"),
        shop.path("offers/live.yaml"),
    )
    .unwrap();
    shop.expect_no_changes();
    // A new name that says what it was is no change; one that does not is a question.
    let passes = shop.read("offers/passes.yaml");
    let renamed = passes.replace(
        "  title-of-one-pass:\n",
        "  the-pass:\n    movedFrom: title-of-one-pass\n",
    );
    assert_ne!(renamed, passes);
    shop.write("offers/passes.yaml", &renamed);
    shop.expect_no_changes();
    let silent = passes.replace("  title-of-one-pass:\n", "  the-pass:\n");
    shop.write("offers/passes.yaml", &silent);
    let plan = shop.plan();
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    assert_eq!(plan["summary"]["deactivate"], 0, "{plan:#}");
    let conflict = &plan["conflicts"][0];
    assert_eq!(conflict["code"], "renamed", "{plan:#}");
    assert!(
        conflict["help"]
            .as_str()
            .unwrap()
            .contains("movedFrom: title-of-one-pass"),
        "{conflict:#}"
    );
    shop.requests();
    let _refused = shop.run("apply -y").exits(3);
    assert_eq!(shop.writes(), 0);
    // `state mv` says the same without a line in git.
    shop.run("state mv title-of-one-pass the-pass").exits(0);
    shop.expect_no_changes();
}

#[test]
fn the_account_of_another_environment_is_not_imported() {
    let shop = stocked(Api::JsonRpc);
    let _run = imports(&shop, "", 0);
    let url = shop.emulator().url();
    let project = format!(
        "version: 1\nproject: test\nenvironments:\n  shop: {{endpoint: \"{url}\"}}\n  other: {{endpoint: \"{url}\"}}\n"
    );
    shop.write("offerctl.yaml", &project);
    let _run = refuses(&shop, "-e other --adopt", 3).complains("`shop`");
    shop.run("state rebuild -e other -y")
        .exits(3)
        .complains("`shop`");
    let run = shop.run("doctor -e other").exits(1);
    assert!(run.out.contains("✗ failed   account"), "{run:?}");
}

#[test]
fn an_import_never_promises_an_empty_plan_that_is_not() {
    let shop = stocked(Api::JsonRpc);
    shop.write(
        "offers/own.yaml",
        "version: 1\noffers:\n  fresh: {type: single, title: New, url: \"https://club.tv/new\", price: 5.00}\n",
    );
    let run = imports(&shop, "--adopt", 0).says("note: 1 offer is declared and not live");
    assert!(!run.err.contains("nothing to do"), "{run:?}");
    assert!(run.err.contains("offerctl plan"), "{run:?}");
    assert_eq!(shop.plan()["summary"]["create"], 1);
    let document = imports(&shop, "--adopt --format json", 0).json();
    assert_eq!(document["absent"], serde_json::json!(["fresh"]));
}

#[test]
fn nothing_is_left_behind_by_an_import_that_could_not_write() {
    let shop = stocked(Api::JsonRpc);
    shop.write("schemas", "a file");
    let run = refuses(&shop, "", 1).complains("schemas/offerctl");
    assert!(!shop.path("offers").exists(), "{run:?}");
    std::fs::remove_file(shop.path("schemas")).unwrap();
    let _run = imports(&shop, "", 0);
    shop.expect_no_changes();
}
