//! `drift --accept`: from the account into the files, and nowhere else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cleeng_emulator::{Field, FieldValue};
use serde_json::json;

use super::{amount, applied, drifted, single};
use crate::support::{Api, Draft, Run, STATE, Shop};

const FILE: &str = "offers/all.yaml";

/// Accepts, and expects that nothing but the manifests was written, and that plan and drift agree afterwards.
#[track_caller]
fn accepts(shop: &Shop, names: &str) -> Run {
    let before = others(shop);
    shop.requests();
    let run = shop.run(&format!("drift --accept {names}")).exits(0);
    assert_eq!(shop.writes(), 0);
    assert_eq!(others(shop), before, "only manifests are written");
    shop.run("drift").exits(2);
    shop.expect_no_changes();
    shop.apply();
    assert_eq!(shop.writes(), 0, "there is nothing to write at Cleeng");
    shop.run("drift").exits(0);
    run
}

/// All files but the manifests, which have no marks of a run in them.
fn others(shop: &Shop) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = shop.files();
    files.retain(|path, _| path.extension().is_none_or(|ending| ending != "yaml"));
    files
}

/// Expects that nothing at all was written.
#[track_caller]
fn refuses(shop: &Shop, names: &str, code: i32) -> Run {
    let before = shop.files();
    shop.requests();
    let run = shop.run(&format!("drift --accept {names}")).exits(code);
    assert_eq!(shop.writes(), 0);
    assert_eq!(shop.files(), before, "{run:?}");
    run
}

const BLOCK: &str = "# The films.
version: 1
defaults: {price: 10.00}
offers:
  film:   # the one
    type: single
    title: \"Film\"
    url: https://club.tv/film
    description: |-
      Two lines
      of words.

    # What opens it.
    tags:
      - films   # all
      - nordic
  other: {type: single, title: Other, url: \"https://club.tv/other\", tags: [films]}
";

#[test]
fn values_go_into_blocks_and_brackets() {
    let shop = Shop::new();
    shop.write(FILE, BLOCK);
    let _run = shop.apply();
    shop.edit("Film", |offer| {
        offer.set(Field::Description, "Other words,\non other lines.");
        offer.set(
            Field::Tags,
            FieldValue::List(vec!["films".into(), "NO".into()]),
        );
        offer.set(Field::Price, amount("12.50"));
        offer.set(Field::Title, "Film: \"the\" film");
    });
    shop.edit("Other", |offer| {
        offer.set(
            Field::Tags,
            FieldValue::List(vec!["films".into(), "b, c".into()]),
        );
        offer.set(Field::Price, amount("9"));
    });
    let run = accepts(&shop, "film other");
    let expected = BLOCK
        .replace("\"Film\"", "\"Film: \\\"the\\\" film\"")
        .replace(
            "Two lines\n      of words.",
            "Other words,\n      on other lines.",
        )
        .replace("- nordic", "- \"NO\"")
        .replace("film\n    desc", "film\n    price: 12.50\n    desc")
        .replace("tags: [films]", "price: 9.00, tags: [films, \"b, c\"]");
    assert_eq!(shop.read(FILE), expected);
    for words in [
        "~ accepted film\n    offers/all.yaml:7: title \"Film\" → \"Film: \\\"the\\\" film\"\n",
        "    offers/all.yaml:9: price 10.00 → 12.50 USD (+25.0 %)\n",
        "~ accepted other\n",
        "Accepted: 6 values in 1 file. The next apply records it.\n",
    ] {
        let words = words.replace("\\\"the\\\"", "\"the\"");
        assert!(run.out.contains(&words), "no {words:?} in {run:?}");
    }
}

#[test]
fn prices_of_countries_go_into_their_rows() {
    let offers = "version: 1\noffers:\n  news:\n    type: pass\n    title: News\n    url: https://club.tv/news\n    price: 12.00\n    period: month\n    localizations:\n      US: {currency: USD}\n      FR: {currency: EUR, price: 9.00}  # since May\n      \"NO\":\n        currency: NOK\n        price: 99.00\n";
    let shop = Shop::new();
    shop.write(FILE, offers);
    let _run = shop.apply();
    for (country, price) in [("US", "14"), ("FR", "11"), ("NO", "89")] {
        let rows = shop.active("News");
        let row = rows.iter().find(|row| row.id().country() == country);
        shop.emulator()
            .edit(row.unwrap().id(), |offer| {
                offer.set(Field::Price, amount(price));
            })
            .unwrap();
    }
    accepts(&shop, "news");
    let expected = offers
        .replace("12.00", "14.00")
        .replace("price: 9.00", "price: 11.00")
        .replace("99.00", "89.00");
    assert_eq!(shop.read(FILE), expected);
}

#[test]
fn line_ends_marks_and_modes_stay() {
    let text = format!("\u{feff}{}", BLOCK.trim_end().replace('\n', "\r\n"));
    let shop = Shop::new();
    shop.write(FILE, &text);
    let _run = shop.apply();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(shop.path(FILE), mode).unwrap();
    }
    shop.edit("Film", |offer| offer.set(Field::Title, "Movie"));
    accepts(&shop, "film");
    assert_eq!(shop.read(FILE), text.replace("\"Film\"", "\"Movie\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(shop.path(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}

#[test]
fn offers_of_several_files_are_taken_together() {
    let shop = Shop::new();
    let file = |name: &str| format!("version: 1\noffers:\n{}", single(name).yaml());
    shop.write("offers/a.yaml", &file("a"));
    shop.write("offers/b.yaml", &file("b"));
    let _run = shop.apply();
    for title in ["Title of a", "Title of b"] {
        shop.edit(title, |offer| offer.set(Field::Price, amount("11")));
    }
    let run = accepts(&shop, "a --accept b").says("Accepted: 2 values in 2 files.");
    assert!(run.out.contains("offers/b.yaml:"), "{run:?}");
    assert!(shop.read("offers/a.yaml").contains("price: 11.00"));
}

#[test]
fn accepting_again_changes_nothing() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    shop.run("drift --accept film").exits(0);
    let files = shop.files();
    shop.run("drift --accept film")
        .exits(0)
        .says("Nothing to accept: the manifests say what is live.");
    assert_eq!(shop.files(), files);
}

#[test]
fn document_has_what_was_accepted() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    let line = "drift --accept film --format json --json-into drift.json --metrics-into drift.prom";
    let run = shop.run(line).exits(0);
    shop.fits("drift", &run.json());
    assert_eq!(
        run.json()["accepted"],
        json!([{
            "name": "film", "file": FILE, "line": 7, "path": "price",
            "before": {"amount": "10.00", "currency": "USD"},
            "after": {"amount": "11.00", "currency": "USD"},
        }])
    );
    assert_eq!(shop.read("drift.json"), run.out);
    assert!(shop.read("drift.prom").contains("kind=\"changed\"} 1\n"));
}

#[test]
fn quiet_leaves_only_data() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    let run = shop.run("drift -q --accept film").exits(0);
    assert!(
        run.err.is_empty() && run.out.contains("Accepted: 1 value in 1 file."),
        "{run:?}"
    );
}

#[test]
fn offers_without_drift_are_no_error_and_unknown_ones_are() {
    let shop = drifted(Api::JsonRpc);
    let before = shop.files();
    shop.run("drift --accept same")
        .exits(0)
        .says("Nothing to accept");
    assert_eq!(shop.files(), before);
    refuses(&shop, "changed chenged", 64)
        .complains("there is no offer `chenged`")
        .complains("did you mean `changed` by `chenged`?");
    refuses(&shop, "all", 64).complains("there is no offer `all`");
    refuses(&shop, "", 64);
}

#[test]
fn what_is_no_value_is_refused_with_the_way_out() {
    let shop = drifted(Api::JsonRpc);
    for (name, words) in [
        ("off", "remove off from the manifests, then offerctl apply"),
        ("gone", "offerctl state forget gone"),
        ("back", "offerctl state adopt back"),
    ] {
        refuses(&shop, name, 3)
            .complains(&format!("! refused {name}: "))
            .complains(words)
            .complains("nothing was written");
    }
    refuses(&shop, "changed off", 3);
    accept_one(&shop);
}

/// What is refused together with others is taken by itself.
fn accept_one(shop: &Shop) {
    shop.run("drift --accept changed").exits(0);
    assert!(shop.read(FILE).contains("price: 12.50"));
}

#[test]
fn what_cannot_be_written_is_refused_at_its_place() {
    let shop = Shop::new();
    shop.configure("    vars: {site: \"https://club.tv\"}\n");
    shop.write(
        FILE,
        "version: 1\noffers:\n  film: {type: single, title: &t Film, url: \"${vars.site}/film\", price: 10.00}\n  other: {type: single, title: *t, url: \"${vars.site}/other\", price: 10.00}\n",
    );
    let _run = shop.apply();
    let film = shop.active("Film").into_iter().find(|offer| {
        offer
            .text(Field::Url)
            .is_some_and(|url| url.ends_with("/film"))
    });
    let id = film.unwrap().id().clone();
    shop.emulator()
        .edit(&id, |offer| offer.set(Field::Url, "https://other.tv"))
        .unwrap();
    refuses(&shop, "film", 3)
        .complains("`url` is written with a variable")
        .complains("at offers/all.yaml:3:");
    shop.emulator()
        .edit(&id, |offer| {
            offer.set(Field::Url, "https://club.tv/film");
            offer.set(Field::Title, "Movie");
        })
        .unwrap();
    refuses(&shop, "film", 3).complains("has a YAML anchor");
}

#[test]
fn what_was_edited_as_well_is_refused() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    shop.declare(&[single("film").with("price", "12.00")]);
    refuses(&shop, "film", 3).complains("`price` was changed by hand, and in the manifest as well");
}

/// A shop whose offer is no longer sold in Sweden, though that was applied.
fn without_sweden() -> Shop {
    let shop = applied(Api::JsonRpc, &[Draft::new("pass", "news").localized()]);
    let mut state = shop.state();
    let row = json!({"currency": "SEK"});
    state["offers"]["news"]["applied"]["localizations"]["SE"] = row;
    shop.write(STATE, &state.to_string());
    shop
}

const FOUR: &str = "{US: {currency: USD}, FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 99.00}, SE: {currency: SEK}}";

#[test]
fn a_country_that_went_and_that_only_the_offer_has_is_refused() {
    let shop = without_sweden();
    shop.declare(&[Draft::new("pass", "news").with("localizations", FOUR)]);
    refuses(&shop, "news", 3).complains("its countries changed by hand (SE)");
}

#[test]
fn a_country_that_went_and_that_the_manifest_took_out_is_accepted_already() {
    let shop = without_sweden();
    let run = shop.run("drift --accept news").exits(0);
    assert!(run.out.contains("says already what is live"), "{run:?}");
}

#[test]
fn a_country_of_the_defaults_that_went_is_taken_out_of_the_offer() {
    let shop = without_sweden();
    let offer = Draft::new("pass", "news").yaml();
    let defaults = format!("version: 1\ndefaults:\n  localizations: {FOUR}\noffers:\n{offer}");
    shop.write(FILE, &defaults);
    let run = shop.run("drift --accept news").exits(0);
    assert!(run.out.contains("→ nothing"), "{run:?}");
    let text = shop.read(FILE);
    assert_eq!(text, format!("{defaults}    localizations: {{SE: null}}\n"));
    shop.run("plan --detailed-exitcode").exits(0);
}

#[test]
fn values_that_no_manifest_may_have_are_refused() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("10.123"));
    });
    refuses(&shop, "film", 3).complains("is not valid in the environment `shop`");
}

#[test]
fn broken_manifests_blind_only_those_who_write_into_them() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    shop.write("offers/broken.yaml", "version: 1\noffers: [\n");
    shop.run("drift").exits(2);
    refuses(&shop, "film", 65);
}

#[test]
fn other_environments_with_the_offer_are_told_of() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &format!("{config}  production:\n    endpoint: emulator\ndefaultEnvironment: shop\n"),
    );
    shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("11"));
    });
    shop.run("drift --accept film")
        .exits(0)
        .says("note: film is declared for production as well");
}
