//! The plan as JSON: what other programs read.

use std::collections::BTreeSet;

use cleeng_emulator::{Field, Kind, Offer};
use serde_json::{Value as Json, json};

use crate::support::{Api, Draft, Shop, both};

/// The plan of a shop, checked against the schema that the same binary prints, and against itself.
#[track_caller]
fn check(shop: &Shop) -> Json {
    let plan = shop.plan();
    shop.fits("plan", &plan);
    let keys: BTreeSet<&str> = plan["summary"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "create",
        "update",
        "replace",
        "deactivate",
        "activate",
        "adopt",
        "unchanged",
        "conflicts",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    for action in [
        "create",
        "update",
        "replace",
        "deactivate",
        "activate",
        "adopt",
    ] {
        let count = changes(&plan)
            .filter(|change| change["action"] == action)
            .count();
        assert_eq!(plan["summary"][action], count, "{plan:#}");
    }
    assert_eq!(plan["formatVersion"], 1);
    assert_eq!(plan["environment"], "shop");
    assert_eq!(
        plan["summary"]["conflicts"],
        plan["conflicts"].as_array().unwrap().len()
    );
    for problem in ["conflicts", "refusals"]
        .iter()
        .flat_map(|list| plan[list].as_array().unwrap())
    {
        for word in ["code", "message", "help"] {
            assert!(!problem[word].as_str().unwrap().is_empty(), "{plan:#}");
        }
    }
    plan
}

fn changes(plan: &Json) -> impl Iterator<Item = &Json> {
    plan["changes"].as_array().unwrap().iter()
}

/// The change of one offer.
#[track_caller]
fn change<'a>(plan: &'a Json, name: &str) -> &'a Json {
    changes(plan)
        .find(|change| change["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {plan:#}"))
}

fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop
}

fn film() -> Draft {
    Draft::new("single", "film")
}

fn other() -> Draft {
    Draft::new("single", "other")
}

both!(create_has_no_id_and_shows_all_its_fields);

fn create_has_no_id_and_shows_all_its_fields(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[film()
        .with("tags", "[b, a]")
        .with("geoRestriction", "{type: blacklist, countries: [US, GB]}")]);
    let plan = check(&shop);
    assert_eq!(plan["account"], Json::Null);
    let film = change(&plan, "film");
    assert_eq!(film["id"], Json::Null);
    assert!(
        film.as_object().unwrap().contains_key("id"),
        "null, not absent"
    );
    assert_eq!(
        (&film["type"], &film["action"], &film["adopted"]),
        (&json!("single"), &json!("create"), &json!(false))
    );
    let fields: Vec<(&str, &Json, &Json)> = film["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (
                field["path"].as_str().unwrap(),
                &field["before"],
                &field["after"],
            )
        })
        .collect();
    let nothing = &Json::Null;
    for expected in [
        ("title", nothing, &json!("Title of film")),
        ("url", nothing, &json!("https://club.tv/film")),
        ("tags", nothing, &json!(["a", "b"])),
        (
            "geoRestriction",
            nothing,
            &json!({"type": "blacklist", "countries": ["GB", "US"]}),
        ),
    ] {
        assert!(fields.contains(&expected), "{expected:?} in {fields:?}");
    }
    let price = fields.iter().find(|field| field.0 == "price").unwrap().2;
    assert_eq!(price["amount"], "10.00");
}

both!(create_of_a_localized_offer_shows_each_country);

fn create_of_a_localized_offer_shows_each_country(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[film().localized()]);
    let plan = check(&shop);
    let fields = change(&plan, "film")["fields"].as_array().unwrap();
    for (path, amount, currency) in [
        ("localizations.FR.price", "9.00", "EUR"),
        ("localizations.NO.price", "99.00", "NOK"),
        ("localizations.US.price", "10.00", "USD"),
    ] {
        let field = fields.iter().find(|field| field["path"] == path).unwrap();
        assert_eq!(
            field["after"],
            json!({"amount": amount, "currency": currency})
        );
        assert_eq!(field["before"], Json::Null);
    }
}

both!(update_shows_the_fields_that_change_and_no_others);

fn update_shows_the_fields_that_change_and_no_others(api: Api) {
    let shop = applied(
        api,
        &[
            film().with("description", "Same").with("tags", "[a]"),
            other(),
        ],
    );
    shop.declare(&[
        film()
            .with("description", "Same")
            .with("tags", "[a, b]")
            .with("price", "9.00"),
        other(),
    ]);
    let plan = check(&shop);
    assert_eq!(plan["summary"]["unchanged"], 1);
    assert_eq!(changes(&plan).count(), 1, "no entry for what stays");
    let film = change(&plan, "film");
    assert_eq!(film["id"], shop.id("Title of film").as_str().to_owned());
    assert_eq!(film["adopted"], false);
    let mut fields = film["fields"].as_array().unwrap().clone();
    fields.sort_by_key(|field| field["path"].to_string());
    assert_eq!(
        fields,
        [
            json!({"path": "price", "before": {"amount": "10.00", "currency": "USD"}, "after": {"amount": "9.00", "currency": "USD"}, "cause": "edited"}),
            json!({"path": "tags", "before": ["a"], "after": ["a", "b"], "cause": "edited"}),
        ]
    );
}

both!(cause_tells_who_moved);

fn cause_tells_who_moved(api: Api) {
    let draft = film()
        .with("description", "One")
        .with("url", "https://club.tv/one")
        .with("tags", "[one]");
    let shop = applied(api, std::slice::from_ref(&draft));
    shop.edit("Title of film", |offer| {
        offer.set(Field::Description, "By hand");
        offer.set(Field::Url, "https://club.tv/by-hand");
    });
    shop.declare(&[draft
        .with("url", "https://club.tv/two")
        .with("tags", "[two]")]);
    let plan = check(&shop);
    let causes: Vec<(&Json, &Json)> = change(&plan, "film")["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (&field["path"], &field["cause"]))
        .collect();
    for (path, cause) in [
        ("description", "drifted"),
        ("url", "both"),
        ("tags", "edited"),
    ] {
        assert!(
            causes.contains(&(&json!(path), &json!(cause))),
            "{path} {cause}: {causes:?}"
        );
    }
    assert_eq!(causes.len(), 3);
}

both!(hand_and_manifest_that_agree_are_no_change);

fn hand_and_manifest_that_agree_are_no_change(api: Api) {
    let shop = applied(api, &[film().with("description", "One")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Description, "Two");
    });
    shop.declare(&[film().with("description", "Two")]);
    assert_eq!(changes(&check(&shop)).count(), 0);
    shop.expect_no_changes();
}

both!(deactivation_names_the_offer);

fn deactivation_names_the_offer(api: Api) {
    let shop = applied(api, &[film(), other()]);
    shop.declare(&[film()]);
    let plan = check(&shop);
    let other = change(&plan, "other");
    assert_eq!(
        (&other["action"], &other["fields"]),
        (&json!("deactivate"), &json!([]))
    );
    assert!(other["id"].is_string());
}

both!(replacement_names_the_old_offer);

fn replacement_names_the_old_offer(api: Api) {
    let lifecycle = "{onImmutableChange: replace}";
    let shop = applied(api, &[film().with("lifecycle", lifecycle)]);
    let id = shop.id("Title of film");
    shop.declare(&[Draft::new("pass", "film").with("lifecycle", lifecycle)]);
    let plan = check(&shop);
    let film = change(&plan, "film");
    assert_eq!(
        (&film["action"], &film["type"]),
        (&json!("replace"), &json!("pass"))
    );
    assert_eq!(film["id"], id.as_str());
}

both!(adoption_is_adopt_and_one_that_changes_is_an_update);

fn adoption_is_adopt_and_one_that_changes_is_an_update(api: Api) {
    let shop = applied(api, &[film(), other()]);
    std::fs::remove_file(shop.path(crate::support::STATE)).unwrap();
    let ids = format!("{{shop: {}}}", shop.id("Title of other"));
    let described = other().with("description", "New").with("ids", &ids);
    shop.declare(&[film(), described]);
    let plan = check(&shop);
    let [film, other] = ["film", "other"].map(|name| change(&plan, name));
    assert_eq!(
        (&film["action"], &film["adopted"], &film["fields"]),
        (&json!("adopt"), &json!(true), &json!([]))
    );
    assert_eq!(
        (&other["action"], &other["adopted"]),
        (&json!("update"), &json!(true))
    );
    assert_eq!(
        other["fields"],
        json!([{"path": "description", "before": "", "after": "New", "cause": "adopted"}])
    );
    assert!(film["id"].is_string() && other["id"].is_string());
}

both!(conflict_names_the_offer_its_file_and_the_way_out);

fn conflict_names_the_offer_its_file_and_the_way_out(api: Api) {
    let shop = Shop::of(api);
    // By our marker it would be found.
    shop.configure("    markers: false\n");
    shop.declare(&[film()]);
    let _run = shop.apply();
    shop.run("state forget film").exits(0);
    shop.declare(&[film().with("title", "Another")]);
    let plan = check(&shop);
    let conflict = &plan["conflicts"][0];
    assert_eq!(conflict["name"], "film");
    assert_eq!(
        (&conflict["file"], &conflict["line"]),
        (&json!("offers/all.yaml"), &json!(3))
    );
    let id = shop.id("Title of film");
    let help = conflict["help"].as_str().unwrap();
    assert!(help.contains(&format!("state adopt film {id}")), "{plan:#}");
}

both!(refusal_names_the_offer_and_the_way_out);

fn refusal_names_the_offer_and_the_way_out(api: Api) {
    let shop = applied(api, &[film()]);
    shop.declare(&[film().with("price", "3.00")]);
    let plan = check(&shop);
    let refusal = &plan["refusals"][0];
    assert_eq!(refusal["name"], "film");
    assert!(
        refusal["help"].as_str().unwrap().contains("priceChange"),
        "{plan:#}"
    );
}

both!(unmanaged_offers_are_listed_and_left_alone);

fn unmanaged_offers_are_listed_and_left_alone(api: Api) {
    let shop = applied(api, &[film()]);
    let id = "S555555555_US".parse().unwrap();
    let seeded = Offer::new(id, Kind::Subscription).with(Field::Title, "By hand");
    shop.emulator().seed_offers(vec![seeded]).unwrap();
    let plan = check(&shop);
    assert_eq!(
        plan["unmanaged"],
        json!([{"id": "S555555555_US", "type": "subscription", "title": "By hand"}])
    );
    shop.expect_no_changes();
}

both!(pending_creates_are_named);

fn pending_creates_are_named(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[film().localized()]);
    shop.lose_create(1);
    shop.run("apply --auto-approve").exits(6);
    let plan = check(&shop);
    assert_eq!(plan["pending"], json!(["film"]));
    shop.run("plan").exits(0).says("?").says("film");
}

both!(document_is_all_that_is_on_standard_output);

fn document_is_all_that_is_on_standard_output(api: Api) {
    let shop = applied(api, &[film(), other()]);
    shop.declare(&[film().with("price", "9.00")]);
    let run = shop
        .run("plan --format json --json-into also.json")
        .exits(0);
    assert_eq!(run.err, "");
    assert_eq!(shop.read("also.json"), run.out, "the same document");
    let again = shop.run("plan --format json").exits(0);
    assert_eq!(again.out, run.out, "the same bytes");
    let dry = shop.run("apply --dry-run --format json").exits(0);
    assert_eq!(dry.out, run.out, "a dry run is a plan");
}

both!(changes_are_in_the_order_of_names);

fn changes_are_in_the_order_of_names(api: Api) {
    let shop = Shop::of(api);
    let names = ["zebra", "apple", "mango-2", "mango", "b"];
    shop.declare(&names.map(|name| Draft::new("single", name)));
    let plan = check(&shop);
    let found: Vec<&str> = changes(&plan)
        .map(|change| change["name"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["apple", "b", "mango", "mango-2", "zebra"]);
}

both!(refused_plan_is_written_into_its_files_all_the_same);

fn refused_plan_is_written_into_its_files_all_the_same(api: Api) {
    let shop = applied(api, &[film()]);
    shop.declare(&[film().with("price", "3.00")]);
    shop.run("plan --out plan.json --json-into also.json")
        .exits(3);
    let also: Json = serde_json::from_str(&shop.read("also.json")).unwrap();
    assert_eq!(also["refusals"].as_array().unwrap().len(), 1);
    assert!(shop.path("plan.json").exists());
}
