//! Lost answers over REST: our marker alone tells what became of a create, whatever the offer says by then.

use cleeng_emulator::{Field, Kind, Offer, OfferId};

use super::{amount, applied, conflict, expect_writes, film, nothing_is_left, other, properties};
use crate::lock::{start, until};
use crate::support::{Api, Draft, Shop};

fn settling(seconds: &str) -> Shop {
    let shop = Shop::of(Api::Rest);
    let config = shop.read("offerctl.yaml");
    let config = config.replace("settleSeconds: 0.2", &format!("settleSeconds: {seconds}"));
    shop.write("offerctl.yaml", &config);
    shop
}

/// A shop whose run was killed when its create had been done, and not answered yet.
fn killed_amid_its_create() -> Shop {
    let shop = settling("1");
    shop.declare(&[film()]);
    shop.fault("createOffer#1=delay:2000,after");
    let going = start(&shop, "apply -y");
    until("it is made", || !shop.emulator().offers().is_empty());
    going.kill();
    shop
}

/// Changes the only offer, so that nothing of it is as it was made but its marker.
fn edit_beyond_recognition(shop: &Shop) -> OfferId {
    let offers = shop.emulator().offers();
    assert_eq!(offers.len(), 1, "{offers:?}");
    let id = offers[0].id().clone();
    let _offer = shop
        .emulator()
        .edit(&id, |offer| {
            offer.set(Field::Title, "By hand");
            offer.set(Field::Url, "https://elsewhere.example/x");
            offer.set(Field::Price, amount("11.00"));
        })
        .unwrap();
    id
}

#[test]
fn a_create_whose_offer_was_edited_meanwhile_is_found_in_the_same_run() {
    let shop = settling("3");
    shop.declare(&[film()]);
    // It shows in lists when the edit is done.
    shop.fault("createOffer#1=cut,after,late:700");
    let going = start(&shop, "apply -y");
    until("it is made", || !shop.emulator().offers().is_empty());
    let id = edit_beyond_recognition(&shop);
    let run = going.end();
    assert!([0, 1, 5].contains(&run.code), "{run:?}");
    assert_eq!(
        shop.requests().calls_of("createOffer").count(),
        1,
        "{run:?}"
    );
    assert_eq!(shop.state()["offers"]["film"]["id"], id.as_str());
    // What was edited is put back by the next plan.
    let _run = shop.apply();
    nothing_is_left(&shop);
    assert_eq!(shop.id("Title of film"), id);
}

#[test]
fn a_create_of_a_killed_run_is_found_by_the_next_though_the_offer_was_edited() {
    let shop = killed_amid_its_create();
    let id = edit_beyond_recognition(&shop);
    shop.run("plan").exits(0).says("?");
    let run = shop.run("apply -y").exits(0);
    assert!(
        run.err
            .contains("The create of film by an earlier apply made "),
        "{run:?}"
    );
    nothing_is_left(&shop);
    assert_eq!(shop.id("Title of film"), id);
}

#[test]
fn what_somebody_makes_just_like_it_meanwhile_is_not_taken_for_it() {
    let shop = settling("1");
    shop.declare(&[Draft::new("rental", "film")]);
    shop.fault("createOffer#1=delay:700");
    shop.fault("createOffer#1=cut");
    let going = start(&shop, "apply -y");
    until("its intent is stored", || shop.state_intents() > 0);
    let twin = Offer::new("R999000111_US".parse().unwrap(), Kind::Rental)
        .with(Field::Title, "Title of film")
        .with(Field::Url, "https://club.tv/film")
        .with(Field::Period, 48_i64)
        .with(Field::Price, amount("10.00"));
    shop.emulator().seed_offers(vec![twin]).unwrap();
    let _run = going.end().exits(0);
    let ids: Vec<String> = shop
        .active("Title of film")
        .iter()
        .map(|offer| offer.id().to_string())
        .collect();
    assert_eq!(ids.len(), 2, "the one by hand stays what it is");
    assert_ne!(shop.state()["offers"]["film"]["id"], "R999000111_US");
}

#[test]
fn equal_creates_that_are_lost_are_each_found_under_their_name() {
    let twin = |name: &str| film().named(name);
    let shop = Shop::of(Api::Rest);
    shop.declare(&[twin("a"), twin("b"), twin("c")]);
    shop.fault("createOffer=cut,after");
    let _run = shop.apply();
    assert_eq!(shop.requests().calls_of("createOffer").count(), 3);
    for name in ["a", "b", "c"] {
        let id: OfferId = shop.state()["offers"][name]["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let offer = shop.emulator().offer(&id).unwrap();
        let found = format!("{:?}", offer.get(Field::ExternalProperties));
        assert!(found.contains(&format!("test/{name}")), "{found}");
    }
    nothing_is_left(&shop);
}

#[test]
fn an_answer_that_says_only_the_id_is_enough() {
    let shop = Shop::of_quirks(Api::Rest, &["rest-create-answers=id"]);
    shop.declare(&[film(), Draft::new("subscription", "world").localized()]);
    let _run = shop.apply();
    nothing_is_left(&shop);
}

/// Applies a change of the offer and of one of its countries, with a fault; how often the offer was patched.
fn patched(fault: &str) -> usize {
    let world = || Draft::new("subscription", "world").localized();
    let shop = applied(&[world(), other()]);
    let rows = "{US: {currency: USD}, FR: {currency: EUR, price: 8.00}, NO: {currency: NOK, price: 99.00}}";
    shop.declare(&[
        world()
            .with("title", "Renamed")
            .with("price", "11.00")
            .with("localizations", rows),
        other(),
    ]);
    shop.fault(fault);
    let run = shop.run("apply -y");
    assert_eq!(run.code, 0, "{fault}: {run:?}");
    let patches = shop.requests().calls_of("patchOffer").count();
    nothing_is_left(&shop);
    patches
}

#[test]
fn a_lost_patch_is_read_back_and_what_comes_after_it_knows_the_new_version() {
    assert_eq!(patched("patchOffer#1=cut,after"), 1);
    assert_eq!(patched("patchOffer#1=status:503,after"), 1);
    assert_eq!(patched("patchOffer#1=cut"), 2);
    assert_eq!(patched("patchLocalization#1=cut,after"), 1);
    assert_eq!(patched("patchLocalization#1=cut"), 1);
}

#[test]
fn lost_answers_of_countries_and_activations_are_read_back() {
    let countries = |rows: &str| {
        Draft::new("subscription", "world").with(
            "localizations",
            &format!("{{US: {{currency: USD}}, {rows}}}"),
        )
    };
    let fr = "FR: {currency: EUR, price: 9.00}";
    let no = "NO: {currency: NOK, price: 99.00}";
    let both = format!("{fr}, {no}");
    let leaving = "{removeCountries: {countries: [\"NO\"], reason: licence, until: 2099-12-31}}";
    for loss in ["cut", "cut,after", "status:503,after", "garbage"] {
        let shop = applied(&[countries(fr), other()]);
        for (drafts, method) in [
            (vec![countries(&both), other()], "createLocalization"),
            (
                vec![countries(fr).with("lifecycle", leaving), other()],
                "deactivateLocalization",
            ),
            (vec![countries(&both), other()], "activateLocalization"),
            (vec![other()], "deactivateOffer"),
            (vec![other(), countries(fr)], "activateOffer"),
        ] {
            shop.declare(&drafts);
            shop.emulator().clear_faults();
            shop.fault(&format!("{method}#1={loss}"));
            shop.requests();
            let run = shop.run("apply -y");
            assert_eq!(run.code, 0, "{method} {loss}: {run:?}");
            let once = usize::from(!loss.ends_with("after"));
            assert_eq!(
                shop.requests().calls_of(method).count(),
                1 + once,
                "{method} {loss}"
            );
            nothing_is_left(&shop);
        }
    }
}

#[test]
fn the_marker_of_a_lost_create_is_in_the_request() {
    let shop = Shop::of(Api::Rest);
    shop.declare(&[film()]);
    let _run = shop.apply();
    let requests = shop.requests();
    let create = requests.calls_of("createOffer").next().unwrap();
    assert_eq!(
        create.params["body"]["externalProperties"]["offerctl"],
        "test/film"
    );
    assert!(!properties(&shop, "Title of film").is_empty());
    expect_writes(&shop, &[]);
}

#[test]
fn two_with_the_marker_of_a_lost_create_are_for_a_person_to_tell() {
    let shop = killed_amid_its_create();
    let made = shop.emulator().offers().remove(0);
    let id = "R999000111_US".parse().unwrap();
    let fields = made.fields().iter();
    let copy = fields.fold(Offer::new(id, made.kind()), |offer, (field, value)| {
        offer.with(*field, value.clone())
    });
    shop.emulator().seed_offers(vec![copy]).unwrap();
    // What needs no offer of that type goes on.
    shop.declare(&[film(), Draft::new("pass", "news")]);
    for made in [1, 0] {
        shop.requests();
        let line = "apply -y --format json";
        let report = shop.run(line).exits(6).json();
        shop.fits("report", &report);
        assert_eq!(shop.requests().calls_of("createOffer").count(), made);
    }
    shop.run("state forget film").exits(0);
    let adopt = format!("state adopt film {} -y", made.id());
    shop.run(&adopt).exits(0);
    // The other one is still on sale, which every plan says until somebody has taken it out of the shop.
    assert_eq!(conflict(&shop), "made-twice");
    let copy = "R999000111_US".parse().unwrap();
    let _copy = shop
        .emulator()
        .edit(&copy, |copy| copy.set_active(false))
        .unwrap();
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(shop.emulator().offers().len(), 3);
}
