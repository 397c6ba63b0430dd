//! The state: damage, leftovers, and the commands that look into it and mend it.

use serde_json::{Value as Json, json};

use crate::support::{Api, Draft, Run, STATE, Shop, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

/// A shop with two offers applied, and nothing in its record.
fn applied(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), Draft::new("pass", "news")]);
    let _run = shop.apply();
    shop.requests();
    shop
}

/// Expects that no command that needs the state does anything, and that none of them mends the file in silence.
#[track_caller]
fn unusable(shop: &Shop) -> Run {
    let text = std::fs::read(shop.path(STATE)).unwrap();
    shop.requests();
    for line in [
        "plan",
        "apply --auto-approve",
        "apply --dry-run",
        "drift",
        "state list",
        "state show film",
        "state forget film",
    ] {
        let run = shop.run(line).exits(1);
        assert!(
            run.err.contains("state") && run.err.contains(".offerctl"),
            "{run:?}"
        );
    }
    assert_eq!(shop.writes(), 0);
    assert_eq!(std::fs::read(shop.path(STATE)).unwrap(), text);
    shop.run("validate").exits(0);
    shop.run("plan")
}

#[test]
fn a_state_that_was_cut_short_is_never_taken_for_an_empty_one() {
    let shop = applied(Api::JsonRpc);
    let whole = std::fs::read(shop.path(STATE)).unwrap();
    for length in [0, 1, whole.len() / 4, whole.len() / 2, whole.len() - 3] {
        std::fs::write(shop.path(STATE), &whole[..length]).unwrap();
        unusable(&shop);
    }
    std::fs::write(shop.path(STATE), whole).unwrap();
    shop.expect_no_changes();
}

#[test]
fn garbage_in_the_place_of_a_state_is_an_error() {
    let shop = applied(Api::JsonRpc);
    for text in [
        "garbage",
        "null",
        "[]",
        "{}",
        "{\"formatVersion\": \"1\"}",
        "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n",
    ] {
        shop.write(STATE, text);
        unusable(&shop);
    }
    std::fs::write(shop.path(STATE), [0xff, 0xfe, 0x00]).unwrap();
    unusable(&shop);
}

#[test]
fn a_state_with_something_that_is_not_known_is_an_error() {
    let shop = applied(Api::JsonRpc);
    let mut state = shop.state();
    state["surprise"] = json!(true);
    shop.write(STATE, &state.to_string());
    unusable(&shop);
}

#[test]
fn a_state_of_a_newer_version_says_so() {
    let shop = applied(Api::JsonRpc);
    let mut state = shop.state();
    state["formatVersion"] = json!(3);
    state["whatever"] = json!("comes");
    shop.write(STATE, &state.to_string());
    let run = unusable(&shop);
    assert!(
        run.err.contains("version 3") && run.err.contains("newer"),
        "{run:?}"
    );
}

#[test]
fn a_state_of_another_environment_is_refused() {
    let shop = applied(Api::JsonRpc);
    let mut state = shop.state();
    state["environment"] = json!("production");
    shop.write(STATE, &state.to_string());
    let run = unusable(&shop);
    assert!(
        run.err.contains("`production`") && run.err.contains("`shop`"),
        "{run:?}"
    );
}

both!(a_state_that_is_gone_is_found_again);

fn a_state_that_is_gone_is_found_again(api: Api) {
    let shop = applied(api);
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], 2, "{plan:#}");
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    let _run = shop.apply();
    assert_eq!(shop.writes(), 0);
    shop.expect_no_changes();
    assert_eq!(shop.emulator().offers().len(), 2);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_before_anything_is_written() {
    let shop = Shop::new();
    shop.declare(&[single("film")]);
    shop.write(".offerctl", "a file");
    let run = shop.run("apply --auto-approve").exits(1);
    assert!(run.err.contains(".offerctl"), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_journal_that_cannot_be_written_is_an_error_before_anything_is_written() {
    let shop = applied(Api::JsonRpc);
    shop.declare(&[single("film"), Draft::new("pass", "news"), single("new")]);
    let journal = shop.path(".offerctl/shop/journal");
    let _removed = std::fs::remove_dir_all(&journal);
    std::fs::write(&journal, "a file").unwrap();
    let run = shop.run("apply --auto-approve").exits(1);
    assert!(!run.err.is_empty(), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only_is_an_error_before_anything_is_written() {
    use std::os::unix::fs::PermissionsExt;

    let shop = applied(Api::JsonRpc);
    shop.declare(&[single("film"), Draft::new("pass", "news"), single("new")]);
    let mode = |mode| {
        for path in [".offerctl/shop/journal", ".offerctl/shop"] {
            let path = shop.path(path);
            if path.exists() {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    };
    mode(0o555);
    // Whoever may do everything writes here as well.
    let may_write = std::fs::write(shop.path(".offerctl/shop/probe"), "").is_ok();
    if !may_write {
        shop.run("plan").exits(0);
        shop.run("apply --auto-approve").exits(1);
        assert_eq!(shop.writes(), 0);
    }
    mode(0o755);
    let _run = shop.apply();
}

fn journal(shop: &Shop) -> Vec<String> {
    std::fs::read_dir(shop.path(".offerctl/shop/journal")).map_or_else(
        |_| Vec::new(),
        |entries| {
            entries
                .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
                .collect()
        },
    )
}

both!(an_apply_leaves_one_document_and_its_serial_grows);

fn an_apply_leaves_one_document_and_its_serial_grows(api: Api) {
    let shop = applied(api);
    assert_eq!(journal(&shop), Vec::<String>::new());
    let serial = shop.state()["serial"].as_u64().unwrap();
    shop.declare(&[
        single("film").with("description", "x"),
        Draft::new("pass", "news"),
    ]);
    let _run = shop.apply();
    assert_eq!(shop.state()["serial"], serial + 1);
    let text = shop.read(STATE);
    // Nothing to do writes nothing.
    let _run = shop.apply();
    assert_eq!(shop.read(STATE), text);
    assert_eq!(journal(&shop), Vec::<String>::new());
}

#[test]
fn what_a_run_left_beside_the_document_does_no_harm() {
    let shop = applied(Api::JsonRpc);
    for path in [
        // Of a document before; half of a file; something else.
        "journal/00000000-000001.json",
        "journal/00000001-000001.tmp",
        "journal/notes.txt",
        "state.tmp",
        "lock",
    ] {
        shop.write(&format!(".offerctl/shop/{path}"), "{\"half\": ");
    }
    shop.expect_no_changes();
    shop.declare(&[
        single("film").with("description", "x"),
        Draft::new("pass", "news"),
    ]);
    let _run = shop.apply();
    shop.expect_no_changes();
}

#[test]
fn a_segment_that_is_broken_or_missing_is_an_error() {
    let shop = applied(Api::JsonRpc);
    let serial = shop.state()["serial"].as_u64().unwrap();
    for (path, text) in [(1, "{\"half\": "), (1, ""), (2, "{}")] {
        let path = format!(".offerctl/shop/journal/{serial:08}-{path:06}.json");
        shop.write(&path, text);
        unusable(&shop);
        std::fs::remove_file(shop.path(&path)).unwrap();
    }
    shop.expect_no_changes();
}

#[test]
fn the_state_never_holds_what_is_none_of_its_business() {
    let shop = applied(Api::JsonRpc);
    let state = shop.state();
    assert_eq!(state["account"]["publisherEmail"], "publisher@example.com");
    let keys: Vec<&String> = state.as_object().unwrap().keys().collect();
    for key in keys {
        assert!(!key.to_lowercase().contains("token"), "{key}");
    }
}

#[test]
fn the_list_shows_names_types_and_ids() {
    let shop = applied(Api::JsonRpc);
    let (film, news) = (shop.id("Title of film"), shop.id("Title of news"));
    let run = shop.run("state list").exits(0);
    let lines: Vec<Vec<&str>> = run
        .out
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines,
        [
            ["film", "single", film.as_str()],
            ["news", "pass", news.as_str()]
        ]
    );
    let document = shop.run("state list --format json").exits(0).json();
    assert_eq!(
        document["offers"],
        json!([
            {"name": "film", "type": "single", "id": film.as_str()},
            {"name": "news", "type": "pass", "id": news.as_str()}
        ])
    );
    assert_eq!(document["formatVersion"], 1);
    assert_eq!(shop.requests().http_requests(), 0);
}

#[test]
fn the_list_of_an_empty_state() {
    let shop = Shop::new();
    let files = shop.files();
    shop.run("state list").exits(0);
    let document = shop.run("state list --format json").exits(0).json();
    assert_eq!(document["offers"], json!([]));
    assert_eq!(shop.files(), files, "looking writes nothing");
}

both!(one_offer_is_shown_with_what_was_applied_last);

fn one_offer_is_shown_with_what_was_applied_last(api: Api) {
    let shop = applied(api);
    let id = shop.id("Title of film");
    for line in ["state show film", "state show film --format json"] {
        let document = shop.run(line).exits(0).json();
        assert_eq!(document["id"], id.as_str(), "{document:#}");
        assert_eq!(document["type"], "single");
        assert!(
            document.to_string().contains("Title of film"),
            "{document:#}"
        );
    }
    shop.run("state show nobody")
        .exits(1)
        .complains("nobody")
        .complains("state list");
}

#[test]
fn wrong_arguments_are_sixty_four() {
    let shop = applied(Api::JsonRpc);
    let before = shop.read(STATE);
    for line in [
        "state",
        "state bogus",
        "state list extra",
        "state show",
        "state show Film",
        "state show film news",
        "state adopt",
        "state adopt film",
        "state adopt FILM A1",
        "state forget",
        "state forget Film!",
        "state forget film news",
        "state forget film --force",
    ] {
        let run = shop.run(line).exits(64);
        assert!(run.out.is_empty(), "{run:?}");
    }
    assert_eq!(shop.read(STATE), before);
}

both!(an_adoption_binds_a_live_offer_with_or_without_its_country);

fn an_adoption_binds_a_live_offer_with_or_without_its_country(api: Api) {
    for with_country in [true, false] {
        let shop = applied(api);
        let id = shop.id("Title of film");
        shop.run("state forget film").exits(0);
        let written = if with_country { id.as_str() } else { id.stem() };
        let run = shop.run(&format!("state adopt film {written} -y")).exits(0);
        assert!(run.err.contains(id.stem()), "{run:?}");
        assert_eq!(shop.writes(), 0);
        let bound = shop.state()["offers"]["film"]["id"].clone();
        assert!(bound.as_str().unwrap().starts_with(id.stem()));
        let _run = shop.apply();
        shop.expect_no_changes();
    }
}

both!(any_row_of_a_localized_offer_stands_for_it);

fn any_row_of_a_localized_offer_stands_for_it(api: Api) {
    for country in ["US", "FR", "NO"] {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("subscription", "world").localized()]);
        let _run = shop.apply();
        let rows = shop.active("Title of world");
        let id = format!("{}_{country}", rows[0].id().stem());
        shop.run("state forget world").exits(0);
        shop.run(&format!("state adopt world {id} -y")).exits(0);
        let _run = shop.apply();
        shop.expect_no_changes();
        assert_eq!(shop.emulator().offers().len(), 3);
    }
}

both!(an_adoption_of_what_is_there_already_is_no_harm);

fn an_adoption_of_what_is_there_already_is_no_harm(api: Api) {
    let shop = applied(api);
    let id = shop.id("Title of film");
    shop.run(&format!("state adopt film {id} -y")).exits(0);
    shop.expect_no_changes();
}

both!(an_adoption_that_cannot_be_is_refused_and_changes_nothing);

fn an_adoption_that_cannot_be_is_refused_and_changes_nothing(api: Api) {
    let shop = applied(api);
    shop.declare(&[single("film"), Draft::new("pass", "news"), single("third")]);
    let (film, news) = (shop.id("Title of film"), shop.id("Title of news"));
    let before = shop.state()["offers"].clone();
    for line in [
        // Not there, another's, bound to another, of another type.
        "state adopt third A999999999_US".to_owned(),
        "state adopt third nonsense".to_owned(),
        format!("state adopt third {film}"),
        format!("state adopt film {news}"),
    ] {
        let run = shop.run(&line);
        assert!([3, 64].contains(&run.code), "{run:?}");
    }
    shop.run("state forget news").exits(0);
    shop.run(&format!("state adopt third {news}")).exits(3);
    assert_eq!(shop.state()["offers"]["film"], before["film"]);
    assert_eq!(shop.writes(), 0);
}

both!(a_refused_adoption_says_what_to_do_first);

fn a_refused_adoption_says_what_to_do_first(api: Api) {
    let shop = applied(api);
    shop.declare(&[single("film"), Draft::new("pass", "news"), single("third")]);
    let film = shop.id("Title of film");
    let run = shop.run(&format!("state adopt third {film}")).exits(3);
    assert!(run.err.contains("offerctl state forget film"), "{run:?}");
    shop.run("state forget film").exits(0);
    shop.run(&format!("state adopt third {film} -y")).exits(0);
}

both!(what_was_forgotten_stays_on_sale_and_is_unmanaged);

fn what_was_forgotten_stays_on_sale_and_is_unmanaged(api: Api) {
    let shop = applied(api);
    let id = shop.id("Title of film");
    let run = shop.run("state forget film").exits(0);
    assert!(run.err.contains(id.stem()), "{run:?}");
    assert_eq!(shop.requests().http_requests(), 0, "nobody is asked");
    assert_eq!(shop.state()["offers"]["film"], Json::Null);
    shop.declare(&[Draft::new("pass", "news")]);
    let plan = shop.plan();
    let unmanaged = plan["unmanaged"].as_array().unwrap();
    assert!(
        unmanaged.iter().any(|offer| offer["id"]
            .as_str()
            .is_some_and(|found| found.starts_with(id.stem()))),
        "{plan:#}"
    );
    shop.expect_no_changes();
    assert_eq!(shop.active("Title of film").len(), 1);
    shop.run("state forget film").exits(1);
}

#[test]
fn commands_on_the_state_keep_quiet_when_told() {
    let shop = applied(Api::JsonRpc);
    let run = shop.run("-q state forget film").exits(0);
    assert!(run.out.is_empty() && run.err.is_empty(), "{run:?}");
}

#[test]
fn a_state_elsewhere() {
    let shop = Shop::new();
    shop.configure("    state: kept/here\n");
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    assert!(shop.path("kept/here/state.json").is_file());
    assert!(!shop.path(".offerctl").exists());
    shop.expect_no_changes();
}

#[test]
fn two_environments_have_two_states() {
    let shop = Shop::new();
    shop.configure("  other: {endpoint: emulator}\n");
    shop.declare(&[single("film")]);
    shop.run("apply -y -e shop").exits(0);
    shop.run("state list -e other").exits(0);
    shop.run("apply -y -e other").exits(0);
    for environment in ["shop", "other"] {
        let state: Json =
            serde_json::from_str(&shop.read(&format!(".offerctl/{environment}/state.json")))
                .unwrap();
        assert_eq!(state["environment"], environment);
        assert_eq!(state["offers"].as_object().unwrap().len(), 1);
    }
}
