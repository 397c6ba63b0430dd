//! Every conflict that JSON-RPC can get into: nothing is written, and the way out that is printed is one.

use cleeng_emulator::{Account, Config, Country, Field, Kind, Offer, OfferId};
use serde_json::Value as Json;

use crate::support::{Api, Draft, STATE, Shop, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

/// A shop with offers applied.
fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop
}

/// An offer that somebody made by hand, as a draft of that name would be.
fn by_hand(shop: &Shop, kind: Kind, number: u32, name: &str) -> OfferId {
    let offer = made_by_hand(kind, number, name);
    let id = offer.id().clone();
    shop.emulator().seed_offers(vec![offer]).unwrap();
    id
}

fn made_by_hand(kind: Kind, number: u32, name: &str) -> Offer {
    let country: Country = "US".parse().unwrap();
    let id = OfferId::new(kind.letter(false), 700_000_000 + number, &country).unwrap();
    let price: rust_decimal::Decimal = "10.00".parse().unwrap();
    Offer::new(id, kind)
        .with(Field::Title, format!("Title of {name}"))
        .with(Field::Url, format!("https://club.tv/{name}"))
        .with(Field::Price, price)
}

/// Expects that plan and apply stop at a conflict about a name, and returns it.
#[track_caller]
fn conflict(shop: &Shop, code: &str, name: &str) -> Json {
    let before = shop.emulator().offers();
    shop.requests();
    let find = |document: &Json| {
        let conflicts = document["conflicts"].as_array().unwrap();
        let found = conflicts
            .iter()
            .find(|conflict| conflict["code"] == code && conflict["name"] == name);
        found
            .unwrap_or_else(|| panic!("no {code} of {name} in {document:#}"))
            .clone()
    };
    let planned = shop.run("plan --format json").exits(3).json();
    let found = find(&planned);
    assert_eq!(
        planned["summary"]["conflicts"],
        planned["conflicts"].as_array().unwrap().len()
    );
    shop.fits("plan", &planned);
    let run = shop.run("apply --auto-approve --format json").exits(3);
    assert_eq!(find(&run.json()), found);
    let shown = shop
        .run("plan")
        .exits(3)
        .says(&format!("! conflict {code}"));
    // Lines are broken where the page ends.
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = on_one_line(found["help"].as_str().unwrap());
    assert!(on_one_line(&shown.out).contains(&help), "{shown:?}");
    assert_eq!(shop.writes(), 0, "{run:?}");
    assert_eq!(shop.emulator().offers(), before);
    let state = shop.run("state list --format json").exits(0).json();
    assert!(state["pending"].as_array().unwrap().is_empty());
    found
}

/// Expects that the conflict shows where the offer is declared.
#[track_caller]
fn placed(conflict: &Json) {
    assert_eq!(conflict["file"], "offers/all.yaml", "{conflict:#}");
    assert!(conflict["line"].as_u64().is_some_and(|line| line >= 3));
}

/// The commands in backquotes of a help text; the dots of a repeated command stand for its beginning.
fn commands(conflict: &Json) -> Vec<String> {
    let help = conflict["help"].as_str().unwrap();
    help.split('`')
        .skip(1)
        .step_by(2)
        .map(|quoted| quoted.replace("… ", "offerctl state "))
        .filter_map(|quoted| quoted.strip_prefix("offerctl ").map(str::to_owned))
        .collect()
}

/// The `lifecycle` that the help prints, which says that an offer is another.
fn distinct(conflict: &Json) -> String {
    let help = conflict["help"].as_str().unwrap();
    let line = help
        .split('`')
        .find_map(|quoted| quoted.strip_prefix("lifecycle: "));
    line.unwrap_or_else(|| panic!("no `lifecycle` in {conflict:#}"))
        .to_owned()
}

/// Types the commands that the help prints, as they are printed.
#[track_caller]
fn follow(shop: &Shop, conflict: &Json) {
    let commands = commands(conflict);
    assert!(!commands.is_empty(), "{conflict:#}");
    for command in commands {
        shop.run(&approved(&command)).exits(0);
    }
}

/// An adoption asks on a terminal; here is none.
fn approved(command: &str) -> String {
    if command.starts_with("state adopt ") {
        format!("{command} -y")
    } else {
        command.to_owned()
    }
}

/// Types a command of the help with an id in the place of `ID`.
#[track_caller]
fn follow_with(shop: &Shop, conflict: &Json, id: &OfferId) {
    let commands = commands(conflict);
    let command = commands
        .iter()
        .find(|command| command.ends_with(" ID"))
        .unwrap_or_else(|| panic!("no `ID` in {conflict:#}"));
    let help = conflict["help"].as_str().unwrap();
    assert!(help.contains(id.as_str()) || !help.contains("one of"));
    let command = command.replace("ID", id.as_str());
    shop.run(&approved(&command)).exits(0);
}

/// Applies, and expects so many offers on sale under a title in the end.
#[track_caller]
fn settles(shop: &Shop, title: &str, rows: usize) {
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.active(title).len(), rows);
}

fn rebind(shop: &Shop, name: &str, change: impl FnOnce(&mut Json)) {
    let mut state = shop.state();
    change(&mut state["offers"][name]);
    shop.write(STATE, &state.to_string());
}

both!(bound_offer_that_is_not_listed_is_never_made_again);

fn bound_offer_that_is_not_listed_is_never_made_again(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    rebind(&shop, "film", |binding| {
        binding["id"] = "A999999999_US".into();
    });
    let found = conflict(&shop, "bound-missing", "film");
    placed(&found);
    let id = shop.id("Title of film");
    let forget = commands(&found).remove(0);
    assert_eq!(forget, "state forget film");
    shop.run(&forget).exits(0);
    follow_with(&shop, &found, &id);
    settles(&shop, "Title of film", 1);
}

both!(bound_offer_that_is_not_listed_and_not_declared_is_a_conflict_too);

fn bound_offer_that_is_not_listed_and_not_declared_is_a_conflict_too(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    rebind(&shop, "film", |binding| {
        binding["id"] = "A999999999_US".into();
    });
    shop.declare(&[single("other")]);
    let found = conflict(&shop, "bound-missing", "film");
    assert_eq!(found.get("line").cloned().unwrap_or(Json::Null), Json::Null);
    shop.run("state forget film").exits(0);
    settles(&shop, "Title of film", 1);
}

#[test]
fn bound_offer_that_another_type_lists() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    rebind(&shop, "film", |binding| {
        binding["type"] = "rental".into();
    });
    let found = conflict(&shop, "bound-other-type", "film");
    placed(&found);
    follow(&shop, &found);
    settles(&shop, "Title of film", 1);
}

#[test]
fn offer_that_was_deactivated_by_hand_is_sold_again_as_a_new_one() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    shop.edit("Title of film", |offer| offer.set_active(false));
    let found = conflict(&shop, "deactivated-by-hand", "film");
    placed(&found);
    follow(&shop, &found);
    settles(&shop, "Title of film", 1);
    assert_eq!(shop.emulator().offers().len(), 3);
}

#[test]
fn offer_that_was_deactivated_by_hand_may_stay_so() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    shop.edit("Title of film", |offer| offer.set_active(false));
    let _found = conflict(&shop, "deactivated-by-hand", "film");
    shop.declare(&[single("other")]);
    shop.requests();
    settles(&shop, "Title of film", 0);
    assert_eq!(shop.writes(), 0);
    // Declared again later, it is a new offer: nothing stands in its way.
    shop.declare(&[single("film"), single("other")]);
    let run = shop.run("plan");
    assert!([0, 3].contains(&run.code), "{run:?}");
}

#[test]
fn ids_that_contradict_the_binding() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    let bound = shop.id("Title of film");
    let wanted = by_hand(&shop, Kind::Single, 1, "hand-made");
    let said = single("film").with("ids", &format!("{{shop: {wanted}}}"));
    shop.declare(&[said.clone(), single("other")]);
    let found = conflict(&shop, "ids-contradict-binding", "film");
    placed(&found);
    // One way out: correct `ids`.
    shop.declare(&[
        single("film").with("ids", &format!("{{shop: {bound}}}")),
        single("other"),
    ]);
    shop.expect_no_changes();
    // The other: drop the binding.
    shop.declare(&[said, single("other")]);
    follow(&shop, &found);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.state()["offers"]["film"]["id"], wanted.as_str());
}

both!(ids_of_an_offer_that_is_not_there_or_not_of_the_type);

fn ids_of_an_offer_that_is_not_there_or_not_of_the_type(api: Api) {
    let shop = applied(api, &[single("other")]);
    let vod = by_hand(&shop, Kind::Vod, 1, "news");
    let ids = match api {
        Api::JsonRpc => &["A999999999_US", vod.as_str()][..],
        // There singles and VODs are one type.
        Api::Rest => &["A999999999_US"],
    };
    for id in ids {
        shop.declare(&[
            single("film").with("ids", &format!("{{shop: {id}}}")),
            single("other"),
        ]);
        placed(&conflict(&shop, "ids-missing", "film"));
    }
    let right = by_hand(&shop, Kind::Single, 2, "film");
    shop.declare(&[
        single("film").with("ids", &format!("{{shop: {right}}}")),
        single("other"),
    ]);
    settles(&shop, "Title of film", 1);
}

#[test]
fn ids_of_an_offer_that_another_name_has() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    let id = shop.id("Title of film");
    let usurper = single("film")
        .named("usurper")
        .with("ids", &format!("{{shop: {id}}}"));
    shop.declare(&[single("film"), single("other"), usurper.clone()]);
    let found = conflict(&shop, "ids-taken", "usurper");
    placed(&found);
    // One way out: it was renamed.
    shop.declare(&[usurper.clone().with("movedFrom", "film"), single("other")]);
    settles(&shop, "Title of film", 1);
    // The other: the owner gives it up.
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    let id = shop.id("Title of film");
    let usurper = usurper.with("ids", &format!("{{shop: {id}}}"));
    shop.declare(&[single("other"), usurper]);
    let found = conflict(&shop, "ids-taken", "usurper");
    follow(&shop, &found);
    settles(&shop, "Title of film", 1);
    assert_eq!(shop.state()["offers"]["usurper"]["id"], id.as_str());
}

both!(ids_of_two_names_that_say_the_same);

fn ids_of_two_names_that_say_the_same(api: Api) {
    let shop = applied(api, &[single("other")]);
    let id = by_hand(&shop, Kind::Single, 1, "film");
    let ids = format!("{{shop: {id}}}");
    let one = single("film").with("ids", &ids);
    let two = single("film").named("twin").with("ids", &ids);
    shop.declare(&[one.clone(), two, single("other")]);
    placed(&conflict(&shop, "ids-taken", "film"));
    placed(&conflict(&shop, "ids-taken", "twin"));
    shop.declare(&[one, single("other")]);
    settles(&shop, "Title of film", 1);
}

#[test]
fn ids_of_an_offer_that_was_deactivated() {
    let shop = applied(Api::JsonRpc, &[single("other")]);
    let gone = made_by_hand(Kind::Single, 1, "film").inactive();
    let ids = format!("{{shop: {}}}", gone.id());
    shop.emulator().seed_offers(vec![gone]).unwrap();
    shop.declare(&[single("film").with("ids", &ids), single("other")]);
    placed(&conflict(&shop, "ids-inactive", "film"));
    // Without `ids` there is a twin that was deactivated, and that has a way out as well.
    shop.declare(&[single("film"), single("other")]);
    let found = conflict(&shop, "inactive-twin", "film");
    let another = single("film").with("lifecycle", &distinct(&found));
    shop.declare(&[another, single("other")]);
    settles(&shop, "Title of film", 1);
}

both!(two_live_offers_for_one_name);

fn two_live_offers_for_one_name(api: Api) {
    let shop = applied(api, &[single("other")]);
    let first = by_hand(&shop, Kind::Single, 1, "film");
    let second = by_hand(&shop, Kind::Single, 2, "film");
    shop.declare(&[single("film"), single("other")]);
    let found = conflict(&shop, "ambiguous-match", "film");
    placed(&found);
    let message = found["message"].as_str().unwrap();
    assert!(message.contains(first.as_str()) && message.contains(second.as_str()));
    follow_with(&shop, &found, &second);
    settles(&shop, "Title of film", 2);
    assert_eq!(shop.state()["offers"]["film"]["id"], second.as_str());
}

both!(one_live_offer_for_two_names);

fn one_live_offer_for_two_names(api: Api) {
    let shop = applied(api, &[single("other")]);
    let id = by_hand(&shop, Kind::Single, 1, "film");
    shop.declare(&[
        single("film"),
        single("film").named("twin"),
        single("other"),
    ]);
    let found = conflict(&shop, "ambiguous-match", "film");
    placed(&conflict(&shop, "ambiguous-match", "twin"));
    assert_eq!(commands(&found), [format!("state adopt film {id}")]);
    follow(&shop, &found);
    // With the live offer given to one name, the other is a new offer.
    settles(&shop, "Title of film", 2);
}

both!(near_offers_are_never_adopted_and_nothing_is_made_over_them);

fn near_offers_are_never_adopted_and_nothing_is_made_over_them(api: Api) {
    for near in [
        single("film").with("url", "https://club.tv/elsewhere"),
        single("film").with("title", "Another title"),
    ] {
        let shop = applied(api, &[single("other")]);
        let id = by_hand(&shop, Kind::Single, 1, "film");
        shop.declare(&[near, single("other")]);
        let found = conflict(&shop, "near-match", "film");
        placed(&found);
        assert_eq!(commands(&found), [format!("state adopt film {id}")]);
        follow(&shop, &found);
        let _run = shop.apply();
        shop.expect_no_changes();
        assert_eq!(shop.emulator().offers().len(), 2);
    }
}

both!(several_near_offers_are_all_named);

fn several_near_offers_are_all_named(api: Api) {
    let shop = applied(api, &[single("other")]);
    let by_title = by_hand(&shop, Kind::Single, 1, "film");
    let second = by_hand(&shop, Kind::Single, 2, "film");
    shop.declare(&[
        single("film").with("url", "https://club.tv/elsewhere"),
        single("other"),
    ]);
    let found = conflict(&shop, "near-match", "film");
    let help = found["help"].as_str().unwrap();
    assert!(
        help.contains(by_title.as_str()) && help.contains(second.as_str()),
        "{help}"
    );
    follow_with(&shop, &found, &by_title);
    let _run = shop.apply();
    shop.expect_no_changes();
}

both!(the_same_title_in_another_type_is_no_conflict);

fn the_same_title_in_another_type_is_no_conflict(api: Api) {
    let shop = applied(api, &[single("other")]);
    by_hand(&shop, Kind::Pass, 1, "film");
    shop.declare(&[single("film"), single("other")]);
    settles(&shop, "Title of film", 2);
}

both!(twin_that_was_deactivated_by_hand);

fn twin_that_was_deactivated_by_hand(api: Api) {
    let shop = applied(api, &[single("other")]);
    let gone = made_by_hand(Kind::Single, 1, "film").inactive();
    shop.emulator().seed_offers(vec![gone]).unwrap();
    shop.declare(&[single("film"), single("other")]);
    let found = conflict(&shop, "inactive-twin", "film");
    placed(&found);
    let another = single("film").with("lifecycle", &distinct(&found));
    shop.declare(&[another, single("other")]);
    settles(&shop, "Title of film", 1);
    // What cannot be sold again is not offered to be adopted.
    let commands = commands(&found).len();
    assert_eq!(commands, usize::from(api == Api::Rest), "{found:#}");
}

both!(two_twins_that_were_deactivated_by_hand);

fn two_twins_that_were_deactivated_by_hand(api: Api) {
    let shop = applied(api, &[single("other")]);
    let gone = [1, 2].map(|number| made_by_hand(Kind::Single, number, "film").inactive());
    shop.emulator().seed_offers(gone.to_vec()).unwrap();
    shop.declare(&[single("film"), single("other")]);
    let found = conflict(&shop, "inactive-twin", "film");
    let another = single("film").with("lifecycle", &distinct(&found));
    shop.declare(&[another, single("other")]);
    settles(&shop, "Title of film", 1);
}

both!(what_we_deactivated_ourselves_is_made_again_without_a_question);

fn what_we_deactivated_ourselves_is_made_again_without_a_question(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    shop.declare(&[single("other")]);
    let _run = shop.apply();
    shop.declare(&[single("film"), single("other")]);
    settles(&shop, "Title of film", 1);
}

both!(new_name_beside_a_bound_one_that_is_no_longer_declared);

fn new_name_beside_a_bound_one_that_is_no_longer_declared(api: Api) {
    for renamed in [
        single("film").named("movie"),
        single("film").named("movie").with("price", "12.00"),
        single("film")
            .named("movie")
            .with("url", "https://club.tv/movie"),
        single("film").named("movie").with("title", "The movie"),
    ] {
        let shop = applied(api, &[single("film"), single("other")]);
        let id = shop.id("Title of film");
        shop.declare(&[renamed.clone(), single("other")]);
        let found = conflict(&shop, "renamed", "movie");
        placed(&found);
        assert!(
            found["help"]
                .as_str()
                .unwrap()
                .contains("`movedFrom: film`"),
            "{found:#}"
        );
        shop.declare(&[renamed.clone().with("movedFrom", "film"), single("other")]);
        let _run = shop.apply();
        shop.expect_no_changes();
        assert_eq!(shop.state()["offers"]["movie"]["id"], id.as_str());
        assert_eq!(shop.emulator().offers().len(), 2);
        // `movedFrom` may stay, and may go.
        shop.declare(&[renamed, single("other")]);
        shop.expect_no_changes();
    }
}

both!(new_name_that_is_no_renaming_waits_for_the_old_one_to_go);

fn new_name_that_is_no_renaming_waits_for_the_old_one_to_go(api: Api) {
    let shop = applied(api, &[single("film"), single("other")]);
    let movie = single("film").named("movie");
    shop.declare(&[movie.clone(), single("other")]);
    let _found = conflict(&shop, "renamed", "movie");
    shop.declare(&[single("other")]);
    let _run = shop.apply();
    shop.declare(&[movie, single("other")]);
    settles(&shop, "Title of film", 1);
    assert_eq!(shop.emulator().offers().len(), 3);
}

both!(moved_from_a_name_that_is_bound_beside_the_new_one);

fn moved_from_a_name_that_is_bound_beside_the_new_one(api: Api) {
    let drafts = || {
        [
            single("other"),
            single("movie")
                .with("title", "Movie")
                .with("movedFrom", "film"),
        ]
    };
    for keep in ["film", "movie"] {
        let shop = applied(
            api,
            &[
                single("film"),
                single("movie").with("title", "Movie"),
                single("other"),
            ],
        );
        shop.declare(&drafts());
        let found = conflict(&shop, "moved-twice", "movie");
        placed(&found);
        let commands = commands(&found);
        assert_eq!(commands, ["state forget film", "state forget movie"]);
        let forget = commands
            .iter()
            .find(|command| !command.ends_with(keep))
            .unwrap();
        shop.run(forget).exits(0);
        let run = shop.run("apply --auto-approve");
        // What was forgotten is on sale and nobody's: with `film` moved here, it has the url of this one.
        if run.code == 3 {
            let found = conflict(&shop, "near-match", "movie");
            follow(&shop, &found);
            let _run = shop.apply();
        }
        shop.expect_no_changes();
        assert_eq!(shop.emulator().offers().len(), 3, "nothing was made");
    }
}

both!(localized_offer_whose_manifest_says_no_localizations);

fn localized_offer_whose_manifest_says_no_localizations(api: Api) {
    let shop = applied(api, &[single("film").localized(), single("other")]);
    shop.declare(&[single("film"), single("other")]);
    let found = conflict(&shop, "localizations-undeclared", "film");
    placed(&found);
    let message = found["message"].as_str().unwrap();
    for country in ["US", "FR", "NO"] {
        assert!(message.contains(country), "{message}");
    }
    shop.declare(&[single("film").localized(), single("other")]);
    shop.expect_no_changes();
}

#[test]
fn plain_offer_that_the_manifest_localizes() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    let abroad = single("film").with(
        "localizations",
        "{FR: {currency: EUR}, NO: {currency: NOK}}",
    );
    for localized in [abroad, single("film").localized()] {
        shop.declare(&[localized, single("other")]);
        let run = shop.run("plan --format json").exits(3);
        let codes: Vec<Json> = run.json()["conflicts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|conflict| conflict["code"].clone())
            .collect();
        let code = codes[0].as_str().unwrap();
        assert!(["localize-plain", "country-added"].contains(&code));
        placed(&conflict(&shop, code, "film"));
    }
    // As it says: a new offer beside it.
    shop.declare(&[single("film"), single("world").localized(), single("other")]);
    settles(&shop, "Title of world", 3);
}

#[test]
fn country_that_a_localized_offer_gets_or_loses() {
    let shop = applied(Api::JsonRpc, &[single("film").localized(), single("other")]);
    let more = single("film").with(
        "localizations",
        "{US: {currency: USD}, FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 99.00}, SE: {currency: SEK, price: 99.00}}",
    );
    shop.declare(&[more.clone(), single("other")]);
    placed(&conflict(&shop, "country-added", "film"));
    // Made in the dashboard, it is what the manifest says.
    let row = shop
        .active("Title of film")
        .into_iter()
        .find(|row| row.id().country() == "NO")
        .unwrap();
    let id: OfferId = format!("{}_SE", row.id().stem()).parse().unwrap();
    let sweden = row.fields().iter().fold(
        Offer::new(id, row.kind())
            .localized()
            .in_currency("SEK".parse().unwrap()),
        |offer, (field, value)| offer.with(*field, value.clone()),
    );
    shop.emulator().seed_offers(vec![sweden]).unwrap();
    shop.run("plan").exits(0);
    // Without it, git takes a country that is live away.
    shop.declare(&[single("film").localized(), single("other")]);
    placed(&conflict(&shop, "country-removed", "film"));
    shop.declare(&[more, single("other")]);
    settles(&shop, "Title of film", 4);
}

#[test]
fn currency_of_a_country_that_changes() {
    let shop = applied(Api::JsonRpc, &[single("film").localized(), single("other")]);
    let changed = single("film").with(
        "localizations",
        "{US: {currency: USD}, FR: {currency: USD, price: 9.00}, NO: {currency: NOK, price: 99.00}}",
    );
    shop.declare(&[changed, single("other")]);
    placed(&conflict(&shop, "currency-changed", "film"));
    shop.declare(&[single("film").localized(), single("other")]);
    shop.expect_no_changes();
}

#[test]
fn currency_of_an_event_that_changes() {
    let event = || Draft::new("event", "final").with("currency", "EUR");
    let shop = applied(Api::JsonRpc, &[event(), single("other")]);
    shop.declare(&[event().with("currency", "USD"), single("other")]);
    placed(&conflict(&shop, "currency-changed", "final"));
    // As it says: under another name, and this one goes.
    let renamed = event()
        .named("final-in-dollars")
        .with("title", "Final")
        .with("url", "https://club.tv/final-usd")
        .with("currency", "USD");
    shop.declare(&[renamed, single("other")]);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.active("Final").len(), 1);
}

#[test]
fn localized_offer_that_is_no_longer_declared() {
    let shop = applied(Api::JsonRpc, &[single("film").localized(), single("other")]);
    shop.declare(&[single("other")]);
    let found = conflict(&shop, "deactivate-localized", "film");
    for row in shop.active("Title of film") {
        let _offer = shop
            .emulator()
            .edit(row.id(), |offer| offer.set_active(false))
            .unwrap();
    }
    follow(&shop, &found);
    settles(&shop, "Title of film", 0);
}

#[test]
fn localized_offer_that_changes_its_type() {
    let shop = applied(Api::JsonRpc, &[single("film").localized(), single("other")]);
    shop.declare(&[
        Draft::new("pass", "film")
            .localized()
            .with("lifecycle", "{onImmutableChange: replace}"),
        single("other"),
    ]);
    placed(&conflict(&shop, "deactivate-localized", "film"));
}

both!(price_with_more_digits_than_the_account_counts_in);

fn price_with_more_digits_than_the_account_counts_in(api: Api) {
    let shop = Shop::of_emulator(
        api,
        Config {
            account: Account {
                currency: "XOF".parse().unwrap(),
                ..Account::default()
            },
            ..Config::default()
        },
    );
    // Nobody said which currency the account has: its offers show it.
    let shown = made_by_hand(Kind::Pass, 1, "shown").in_currency("XOF".parse().unwrap());
    shop.emulator().seed_offers(vec![shown]).unwrap();
    shop.declare(&[Draft::new("pass", "news").with("price", "12.50")]);
    let found = conflict(&shop, "price-digits", "news");
    placed(&found);
    let help = found["help"].as_str().unwrap();
    assert!(help.contains("at most 0"), "{help}");
    shop.declare(&[Draft::new("pass", "news").with("price", "12")]);
    settles(&shop, "Title of news", 1);
}

#[test]
fn a_conflict_keeps_everything_else_from_being_written_too() {
    let shop = applied(Api::JsonRpc, &[single("film"), single("other")]);
    shop.edit("Title of film", |offer| offer.set_active(false));
    shop.declare(&[
        single("film"),
        single("other").with("description", "New"),
        single("new"),
    ]);
    let _found = conflict(&shop, "deactivated-by-hand", "film");
}

#[test]
fn one_run_tells_every_conflict() {
    let shop = applied(
        Api::JsonRpc,
        &[single("film"), single("other"), single("moved")],
    );
    shop.edit("Title of film", |offer| offer.set_active(false));
    by_hand(&shop, Kind::Single, 1, "near");
    shop.declare(&[
        single("film"),
        single("other"),
        single("near").with("url", "https://club.tv/elsewhere"),
        single("moved").named("renamed"),
        single("wrong").with("ids", "{shop: A999999999_US}"),
    ]);
    for (code, name) in [
        ("deactivated-by-hand", "film"),
        ("near-match", "near"),
        ("renamed", "renamed"),
        ("ids-missing", "wrong"),
    ] {
        let _found = conflict(&shop, code, name);
    }
}

#[test]
fn a_country_that_was_taken_out_by_hand_is_a_conflict_and_not_a_broken_list() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film").localized()]);
    let _run = shop.apply();
    let french = shop
        .active("Title of film")
        .into_iter()
        .find(|offer| offer.id().country() == "FR")
        .unwrap();
    let _offer = shop
        .emulator()
        .edit(french.id(), |offer| offer.set_active(false))
        .unwrap();
    let plan = shop.run("plan --format json").exits(3).json();
    assert_eq!(plan["conflicts"][0]["code"], "country-added", "{plan:#}");
    shop.run("drift").exits(2);
}
