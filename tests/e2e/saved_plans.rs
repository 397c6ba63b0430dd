//! Saved plans: applied as they were shown, once, or not at all.

use cleeng_emulator::{Account, Config, Country, Field, Kind, Offer, OfferId};
use serde_json::Value as Json;

use crate::support::{Api, Draft, Run, STATE, Shop, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

/// What was applied before the plan is made.
fn before() -> Vec<Draft> {
    vec![
        single("film"),
        single("gone"),
        single("stays"),
        Draft::new("event", "final"),
    ]
}

/// What the plan is made for: an update, a create that waits for an event, a create, a deactivation.
fn after(api: Api) -> Vec<Draft> {
    let replay = Draft::new("vod", "replay");
    // Over REST nothing comes with an event.
    let replay = match api {
        Api::JsonRpc => replay.with("eventAssociation", "[final]"),
        Api::Rest => replay.with("dependsOn", "[final]"),
    };
    vec![
        single("film").with("price", "12.00"),
        single("stays"),
        Draft::new("event", "final"),
        replay,
        Draft::new("pass", "news"),
    ]
}

/// A shop with a saved plan in `plan.json`, and nothing in its record.
fn planned(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&before());
    let _run = shop.apply();
    shop.declare(&after(api));
    shop.run("plan --out plan.json").exits(0);
    shop.requests();
    shop
}

/// Expects that the plan does not fit, and that nothing is written.
#[track_caller]
fn stale(shop: &Shop, line: &str) -> Run {
    let before = shop.emulator().offers();
    let state = shop.read(STATE);
    shop.requests();
    let run = shop.run(line).exits(4);
    assert_eq!(shop.writes(), 0, "{run:?}");
    assert_eq!(shop.emulator().offers(), before);
    assert_eq!(shop.read(STATE), state);
    assert!(!run.err.is_empty(), "{run:?}");
    run
}

/// Expects that the plan is applied as it was shown.
#[track_caller]
fn fits(shop: &Shop) {
    shop.run("apply plan.json").exits(0);
    assert_eq!(shop.active("Title of replay").len(), 1);
    assert_eq!(shop.active("Title of news").len(), 1);
    assert_eq!(shop.active("Title of gone").len(), 0);
    shop.expect_no_changes();
}

both!(a_plan_that_fits_is_applied_without_a_question_and_without_manifests);

fn a_plan_that_fits_is_applied_without_a_question_and_without_manifests(api: Api) {
    let shop = planned(api);
    std::fs::remove_dir_all(shop.path("offers")).unwrap();
    let run = shop.run("apply plan.json").exits(0);
    assert!(run.out.contains("Applied: 4 succeeded"), "{run:?}");
    shop.declare(&after(api));
    shop.expect_no_changes();
}

both!(broken_manifests_are_no_matter_of_a_saved_plan);

fn broken_manifests_are_no_matter_of_a_saved_plan(api: Api) {
    let shop = planned(api);
    shop.write("offers/broken.yaml", "][");
    shop.run("apply plan.json").exits(0);
}

both!(a_plan_is_applied_from_any_folder_below_the_project_and_from_anywhere_with_the_flag);

fn a_plan_is_applied_from_any_folder_below_the_project_and_from_anywhere_with_the_flag(api: Api) {
    let shop = planned(api);
    std::fs::create_dir_all(shop.path("deep/er")).unwrap();
    let mut command = shop.command("apply ../../plan.json --dry-run");
    command.current_dir(shop.path("deep/er"));
    let _run = Run::of(&mut command, "apply ../../plan.json --dry-run").exits(0);
    let line = format!(
        "-C {} apply {}",
        shop.path(".").display(),
        shop.path("plan.json").display()
    );
    let mut command = shop.command(&line);
    command.current_dir("/");
    let _run = Run::of(&mut command, &line).exits(0);
}

both!(a_changed_byte_anywhere_is_found);

fn a_changed_byte_anywhere_is_found(api: Api) {
    let shop = planned(api);
    let whole = std::fs::read(shop.path("plan.json")).unwrap();
    assert!(whole.len() > 1000);
    // Positions all over the file, and the first and the last byte.
    let step = whole.len() / 48;
    let positions = (0..whole.len()).step_by(step).chain([whole.len() - 1]);
    for (turn, position) in positions.enumerate() {
        let mut bytes = whole.clone();
        bytes[position] ^= if turn % 2 == 0 { 0x01 } else { 0x20 };
        std::fs::write(shop.path("plan.json"), bytes).unwrap();
        let run = stale(&shop, "apply plan.json");
        assert!(run.out.is_empty(), "byte {position}: {run:?}");
    }
    assert_eq!(shop.requests().http_requests(), 0, "nobody was asked");
    std::fs::write(shop.path("plan.json"), whole).unwrap();
    fits(&shop);
}

both!(a_changed_word_or_a_missing_or_added_part_is_found);

fn a_changed_word_or_a_missing_or_added_part_is_found(api: Api) {
    let shop = planned(api);
    let whole = shop.read("plan.json");
    let price = whole.replace("\"12\"", "\"21\"");
    assert_ne!(price, whole, "{whole}");
    let half = whole[..whole.len() / 2].to_owned();
    let more = whole.clone() + " ";
    let mut unknown: Json = serde_json::from_str(&whole).unwrap();
    unknown["extra"] = Json::Bool(true);
    let mut less: Json = serde_json::from_str(&whole).unwrap();
    less["steps"].as_array_mut().unwrap().pop();
    for text in [
        price,
        half,
        more,
        unknown.to_string(),
        less.to_string(),
        whole.clone() + &whole,
        whole.replace('\n', "\r\n"),
        format!("\u{feff}{whole}"),
    ] {
        shop.write("plan.json", &text);
        stale(&shop, "apply plan.json");
        shop.run("show plan.json").exits(4);
    }
}

both!(a_file_that_is_no_plan_is_four);

fn a_file_that_is_no_plan_is_four(api: Api) {
    let shop = planned(api);
    shop.write("empty.json", "")
        .write("text.json", "hello")
        .write("null.json", "null")
        .write("array.json", "[]")
        .write("object.json", "{}")
        .write("deep.json", &"[".repeat(100_000))
        .write("version.json", "{\"formatVersion\": 1}");
    std::fs::write(shop.path("bytes.json"), [0xff, 0x00, 0xfe]).unwrap();
    shop.run("plan --json-into document.json").exits(0);
    std::fs::create_dir(shop.path("folder.json")).unwrap();
    for file in [
        "empty", "text", "null", "array", "object", "deep", "version", "bytes", "document",
        "folder", "missing",
    ] {
        stale(&shop, &format!("apply {file}.json"));
        stale(&shop, &format!("apply {file}.json --dry-run"));
        shop.run(&format!("show {file}.json")).exits(4);
    }
}

both!(a_huge_file_is_no_plan);

fn a_huge_file_is_no_plan(api: Api) {
    let shop = planned(api);
    let file = std::fs::File::create(shop.path("huge.json")).unwrap();
    // Sparse: it takes no room on the disk.
    file.set_len(20_000_000_000).unwrap();
    stale(&shop, "apply huge.json");
}

#[cfg(unix)]
both!(a_plan_that_may_not_be_read_is_four);

fn a_plan_that_may_not_be_read_is_four(api: Api) {
    use std::os::unix::fs::PermissionsExt;

    let shop = planned(api);
    let path = shop.path("plan.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything reads this as well.
    if std::fs::read(&path).is_err() {
        stale(&shop, "apply plan.json");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    fits(&shop);
}

both!(another_format_version_is_four);

fn another_format_version_is_four(api: Api) {
    let shop = planned(api);
    let mut plan: Json = serde_json::from_str(&shop.read("plan.json")).unwrap();
    for version in [0, 1, 3, 99] {
        plan["formatVersion"] = version.into();
        shop.write("plan.json", &plan.to_string());
        let run = stale(&shop, "apply plan.json");
        assert!(run.err.contains("version"), "{run:?}");
    }
}

both!(another_environment_is_four);

fn another_environment_is_four(api: Api) {
    let shop = planned(api);
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &format!("{config}  other: {{endpoint: emulator}}\n"),
    );
    let run = stale(&shop, "apply plan.json -e other");
    assert!(
        run.err.contains("`shop`") && run.err.contains("`other`"),
        "{run:?}"
    );
    stale(&shop, "apply plan.json -e nowhere");
    // Without `-e` the environment is the file's, though there is no default.
    shop.run("apply plan.json -e shop").exits(0);
}

both!(an_environment_that_is_gone_is_four);

fn an_environment_that_is_gone_is_four(api: Api) {
    let shop = planned(api);
    let config = shop.read("offerctl.yaml");
    shop.write("offerctl.yaml", &config.replace("  shop:", "  market:"));
    stale(&shop, "apply plan.json");
    shop.write("offerctl.yaml", &config);
    fits(&shop);
}

both!(another_endpoint_is_four);

fn another_endpoint_is_four(api: Api) {
    let shop = planned(api);
    let config = shop.read("offerctl.yaml");
    let other = planned(api);
    let ours = shop.emulator().url();
    for endpoint in [
        other.emulator().url(),
        "emulator".to_owned(),
        format!("{ours}/3.0/json-rpc"),
    ] {
        shop.write("offerctl.yaml", &config.replace(&ours, &endpoint));
        let run = shop.run("apply plan.json");
        // The same address in another spelling may fit.
        let same = endpoint.starts_with(&ours);
        assert!(run.code == 4 || (same && run.code == 0), "{run:?}");
    }
    assert_eq!(other.requests().http_requests(), 0);
    assert_eq!(shop.active("Title of gone").len(), 1);
}

// Over REST no offer shows the account's e-mail.
#[test]
fn another_account_is_four() {
    // The same address, and behind it another account: as if the token had been swapped.
    let shop = planned(Api::JsonRpc);
    let listen = shop.emulator().addr();
    let offers = shop.emulator().offers();
    let files = ["plan.json", "offerctl.yaml", STATE].map(|path| (path, shop.read(path)));
    drop(shop);
    let other = Shop::with_emulator(Config {
        listen,
        account: Account {
            publisher_email: "other@example.com".to_owned(),
            ..Account::default()
        },
        ..Config::default()
    });
    other.emulator().seed_offers(offers).unwrap();
    for (path, text) in files {
        other.write(path, &text);
    }
    other.requests();
    let run = other.run("apply plan.json");
    assert!([3, 4].contains(&run.code), "{run:?}");
    assert_eq!(run.code, 4, "{run:?}");
    assert_eq!(other.writes(), 0);
}

both!(a_plan_is_applied_once);

fn a_plan_is_applied_once(api: Api) {
    let shop = planned(api);
    fits(&shop);
    let run = stale(&shop, "apply plan.json");
    assert!(run.err.contains("applied already"), "{run:?}");
    // Also when everything is as it was when it was made.
    shop.declare(&before());
    shop.run("apply --auto-approve --allow-deactivations 2")
        .exits(0);
    stale(&shop, "apply plan.json");
}

both!(a_plan_that_was_applied_in_part_is_used_up);

fn a_plan_that_was_applied_in_part_is_used_up(api: Api) {
    let refused = match api {
        Api::JsonRpc => ["createPassOffer=error:8", "*Offer=error:8"],
        Api::Rest => ["createOffer#1=error:422", "*Offer=error:422"],
    };
    for (fault, code) in [(refused[0], 5), (refused[1], 1), ("create*=cut", 6)] {
        let shop = planned(api);
        // Lists go on.
        shop.fault("list*#1000000=cut");
        shop.fault(fault);
        let run = shop.run("apply plan.json");
        let settled = code == 6 && run.code == 0;
        assert!(run.code == code || settled || run.code == 5, "{run:?}");
        shop.emulator().clear_faults();
        stale(&shop, "apply plan.json");
        stale(&shop, "apply plan.json");
        let run = shop.run("apply --auto-approve");
        assert!([0, 6].contains(&run.code), "{run:?}");
        assert!(shop.active("Title of news").len() <= 1);
    }
}

both!(a_plan_that_does_nothing_is_applied_once_too);

fn a_plan_that_does_nothing_is_applied_once_too(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&before());
    let _run = shop.apply();
    shop.run("plan --out plan.json").exits(0);
    shop.requests();
    shop.run("apply plan.json").exits(0);
    assert_eq!(shop.writes(), 0);
    let run = shop.run("apply plan.json");
    assert!([0, 4].contains(&run.code), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

both!(what_the_plan_touches_was_changed_by_hand);

fn what_the_plan_touches_was_changed_by_hand(api: Api) {
    let shop = planned(api);
    let id = shop.edit("Title of film", |offer| {
        offer.set(Field::Description, "By hand");
    });
    let run = stale(&shop, "apply plan.json");
    assert!(run.err.contains(id.stem()), "{run:?}");
}

both!(what_the_plan_would_deactivate_is_gone_already);

fn what_the_plan_would_deactivate_is_gone_already(api: Api) {
    let shop = planned(api);
    shop.edit("Title of gone", |offer| offer.set_active(false));
    stale(&shop, "apply plan.json");
}

both!(what_the_plan_does_not_touch_may_change);

fn what_the_plan_does_not_touch_may_change(api: Api) {
    let shop = planned(api);
    shop.edit("Title of stays", |offer| {
        offer.set(Field::Description, "By hand");
    });
    shop.run("apply plan.json").exits(0);
    assert_eq!(
        shop.active("Title of stays")[0].text(Field::Description),
        Some("By hand")
    );
}

both!(a_list_in_another_order_is_the_same);

fn a_list_in_another_order_is_the_same(api: Api) {
    let shop = planned(api);
    // Touched or not, order is no content.
    shop.fault("*=shuffled");
    fits(&shop);
}

both!(a_binding_that_changed);

fn a_binding_that_changed(api: Api) {
    for line in ["state forget film", "state forget gone"] {
        let shop = planned(api);
        shop.run(line).exits(0);
        stale(&shop, "apply plan.json");
    }
}

both!(a_name_of_a_create_that_was_bound_since);

fn a_name_of_a_create_that_was_bound_since(api: Api) {
    let shop = planned(api);
    let id = by_hand(&shop, Kind::Pass, "other", "Title of other");
    shop.run(&format!("state adopt news {id} -y")).exits(0);
    stale(&shop, "apply plan.json");
}

both!(another_apply_in_between);

fn another_apply_in_between(api: Api) {
    let shop = planned(api);
    shop.declare(&after(api));
    let _run = shop.apply();
    stale(&shop, "apply plan.json");
}

/// An offer that somebody made by hand since the plan was saved.
fn by_hand(shop: &Shop, kind: Kind, slug: &str, title: &str) -> OfferId {
    let country: Country = "US".parse().unwrap();
    let id = OfferId::new(kind.letter(false), 700_000_001, &country).unwrap();
    let price: rust_decimal::Decimal = "10.00".parse().unwrap();
    let offer = Offer::new(id.clone(), kind)
        .with(Field::Title, title)
        .with(Field::Url, format!("https://club.tv/{slug}"))
        .with(Field::Price, price);
    shop.emulator().seed_offers(vec![offer]).unwrap();
    id
}

both!(something_like_what_would_be_made_appeared);

fn something_like_what_would_be_made_appeared(api: Api) {
    for (slug, title) in [
        ("news", "Title of news"),
        ("elsewhere", "Title of news"),
        ("news", "Another title"),
    ] {
        let shop = planned(api);
        by_hand(&shop, Kind::Pass, slug, title);
        stale(&shop, "apply plan.json");
    }
    let shop = planned(api);
    by_hand(&shop, Kind::Pass, "elsewhere", "Another title");
    shop.run("apply plan.json").exits(0);
}

// Over REST our marker tells which one it is.
#[test]
fn an_adoption_that_is_no_longer_the_only_one() {
    let shop = Shop::new();
    shop.declare(&[single("film"), single("other")]);
    let _run = shop.apply();
    shop.run("state forget film").exits(0);
    shop.run("plan --out plan.json").exits(0);
    let twin = shop.id("Title of film");
    by_hand(&shop, Kind::Single, "film", "Title of film");
    stale(&shop, "apply plan.json");
    // With the twin out of the way it fits again.
    let country: Country = "US".parse().unwrap();
    let id = OfferId::new('A', 700_000_001, &country).unwrap();
    let _offer = shop
        .emulator()
        .edit(&id, |offer| {
            offer.set(Field::Title, "Else");
            offer.set(Field::Url, "https://club.tv/else");
        })
        .unwrap();
    shop.run("apply plan.json").exits(0);
    assert_eq!(shop.state()["offers"]["film"]["id"], twin.as_str());
}

both!(guards_run_again_with_the_rules_and_the_day_of_the_apply);

fn guards_run_again_with_the_rules_and_the_day_of_the_apply(api: Api) {
    let shop = planned(api);
    let config = shop.read("offerctl.yaml");
    for guards in [
        "    guards: {maxPriceChange: 10%}\n",
        "    guards: {maxDeactivations: 0}\n",
        "    guards: {price: {USD: {max: 11.00}}}\n",
        "    account: {country: NO}\n",
    ] {
        shop.configure(guards);
        shop.requests();
        shop.run("apply plan.json").exits(3);
        assert_eq!(shop.writes(), 0);
    }
    shop.write("offerctl.yaml", &config);
    fits(&shop);
}

both!(an_override_that_has_expired_is_refused_when_the_plan_is_applied);

fn an_override_that_has_expired_is_refused_when_the_plan_is_applied(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    let of = |until: &str| {
        single("film").with("price", "4.99").with(
            "lifecycle",
            &format!("{{priceChange: {{to: 4.99, reason: sale, until: {until}}}}}"),
        )
    };
    shop.declare(&[of("2020-01-01")]);
    // It is refused, and written all the same.
    shop.run("plan --out plan.json").exits(3);
    shop.requests();
    let run = shop.run("apply plan.json --format json").exits(3);
    assert_eq!(run.json()["refusals"][0]["code"], "override-expired");
    assert_eq!(shop.writes(), 0);
    shop.declare(&[of("2099-01-01")]);
    shop.run("plan --out plan.json").exits(0);
    shop.run("apply plan.json").exits(0);
}

both!(deactivations_of_a_saved_plan_need_their_number_too);

fn deactivations_of_a_saved_plan_need_their_number_too(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&before());
    let _run = shop.apply();
    shop.declare(&[single("stays"), Draft::new("event", "final")]);
    shop.run("plan --out plan.json").exits(3);
    shop.requests();
    shop.run("apply plan.json").exits(3);
    shop.run("apply plan.json --allow-deactivations 1").exits(3);
    assert_eq!(shop.writes(), 0);
    shop.run("apply plan.json --allow-deactivations 2").exits(0);
    assert_eq!(shop.writes(), 2);
}

both!(a_plan_with_conflicts_is_written_and_never_applied);

fn a_plan_with_conflicts_is_written_and_never_applied(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&before());
    let _run = shop.apply();
    let mut drafts = after(api);
    drafts[0] = single("film").with("ids", "{shop: A999999999_US}");
    shop.declare(&drafts);
    shop.run("plan --out plan.json").exits(3);
    shop.run("show plan.json").exits(0);
    shop.requests();
    let run = shop.run("apply plan.json");
    assert!([3, 4].contains(&run.code), "{run:?}");
    assert_eq!(shop.writes(), 0);
    // What the conflict was about is out of the way: the plan is still one with conflicts.
    shop.run("state forget film").exits(0);
    let run = shop.run("apply plan.json");
    assert!([3, 4].contains(&run.code), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

both!(a_dry_run_of_a_plan_takes_no_lock_and_writes_nothing);

fn a_dry_run_of_a_plan_takes_no_lock_and_writes_nothing(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&after(api));
    shop.run("plan --out plan.json").exits(0);
    let files = shop.files();
    let run = shop.run("apply plan.json --dry-run").exits(0);
    assert!(run.out.contains("5 to create"), "{run:?}");
    let json = shop.run("apply plan.json --dry-run --format json").exits(0);
    assert_eq!(json.json()["summary"]["create"], 5, "{json:?}");
    shop.fits("plan", &json.json());
    assert_eq!(shop.files(), files);
    assert_eq!(shop.writes(), 0);
    shop.run("apply plan.json").exits(0);
    shop.run("apply plan.json --dry-run").exits(4);
}

both!(what_is_shown_is_what_was_planned);

fn what_is_shown_is_what_was_planned(api: Api) {
    let shop = planned(api);
    let document: Json = shop.run("plan --format json").exits(0).json();
    let shown = shop.run("show plan.json --format json").exits(0).json();
    for part in ["planId", "environment", "summary"] {
        assert_eq!(shown[part], document[part], "{part}");
    }
    let fields = |document: &Json| -> Vec<Json> {
        document["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| serde_json::json!([change["name"], change["action"], change["fields"]]))
            .collect()
    };
    assert_eq!(fields(&shown), fields(&document));
    shop.requests();
    shop.run("show plan.json").exits(0).says("Plan: ");
    assert_eq!(shop.requests().http_requests(), 0);
}

both!(two_plans_of_the_same_are_two_plans);

fn two_plans_of_the_same_are_two_plans(api: Api) {
    let shop = planned(api);
    shop.run("plan --out second.json").exits(0);
    assert_ne!(shop.read("plan.json"), shop.read("second.json"));
    fits(&shop);
    stale(&shop, "apply second.json");
}

both!(an_output_file_that_cannot_be_written_is_an_error);

fn an_output_file_that_cannot_be_written_is_an_error(api: Api) {
    let shop = planned(api);
    for flag in ["--out", "--json-into"] {
        let run = shop.run(&format!("plan {flag} nowhere/plan.json"));
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.err.contains("nowhere/plan.json"), "{run:?}");
    }
}

both!(a_plan_whose_apply_was_killed_is_used_up);

fn a_plan_whose_apply_was_killed_is_used_up(api: Api) {
    let shop = planned(api);
    shop.fault("*Offer=delay:1500");
    shop.fault("list*#1000000=cut");
    let mut command = shop.command("apply plan.json");
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let journal = shop.path(".offerctl/shop/journal");
    let start = std::time::Instant::now();
    // A segment that is not yet in its place is not there, and nothing was sent.
    let is_noted = || {
        let mut entries = std::fs::read_dir(&journal).ok()?;
        entries.find(|entry| {
            let name = entry.as_ref().ok().map(std::fs::DirEntry::file_name);
            name.is_some_and(|name| name.to_string_lossy().ends_with(".json"))
        })
    };
    while is_noted().is_none() {
        assert!(start.elapsed().as_secs() < 60, "nothing was written down");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    child.kill().unwrap();
    let _ended = child.wait().unwrap();
    shop.emulator().clear_faults();
    // What had left before the kill takes effect by then, and not while the account is compared with itself.
    std::thread::sleep(std::time::Duration::from_secs(2));
    stale(&shop, "apply plan.json");
}

both!(a_lock_that_is_held_keeps_a_saved_plan_for_later);

fn a_lock_that_is_held_keeps_a_saved_plan_for_later(api: Api) {
    let shop = planned(api);
    let lock = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(shop.path(".offerctl/shop/lock"))
        .unwrap();
    lock.lock().unwrap();
    shop.requests();
    shop.run("apply plan.json").exits(75);
    shop.run("apply plan.json --dry-run").exits(0);
    assert_eq!(shop.writes(), 0);
    drop(lock);
    fits(&shop);
}
