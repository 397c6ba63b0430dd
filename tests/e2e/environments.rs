//! One project with two accounts: what differs between them on purpose.

use cleeng_emulator::{Account, Config, Field};
use serde_json::json;

use crate::drift::amount;
use crate::support::{Api, Shop, both};

/// A project with the environments `shop` and `market`, each with an account of its own.
pub(crate) struct Two {
    api: Api,
    pub(crate) shop: Shop,
    pub(crate) market: Shop,
}

/// An account that shows an e-mail, and whose ids are its own.
fn account(email: &str, seed: u64) -> Shop {
    Shop::with_emulator(Config {
        account: Account {
            publisher_email: email.to_owned(),
            ..Account::default()
        },
        seed: Some(seed),
        ..Config::default()
    })
}

impl Two {
    pub(crate) fn new() -> Self {
        Self::of(Api::JsonRpc)
    }

    /// The same over a generation of the API.
    pub(crate) fn of(api: Api) -> Self {
        let two = Self {
            api,
            shop: account("shop@club.example", 1),
            market: account("market@club.example", 2),
        };
        two.configure([&two.shop, &two.market], ["", ""]);
        two
    }

    /// Writes `offerctl.yaml` with the accounts of `shop` and `market`, and more entries of each.
    pub(crate) fn configure(&self, accounts: [&Shop; 2], more: [&str; 2]) {
        let mut text = "version: 1\nproject: test\nenvironments:\n".to_owned();
        for (index, name) in ["shop", "market"].into_iter().enumerate() {
            let url = accounts[index].emulator().url();
            let lines = [
                format!("  {name}:\n    endpoint: {url}\n"),
                "    limits: {settleSeconds: 0.2}\n".to_owned(),
                self.api.lines(more[index]).to_owned(),
                more[index].to_owned(),
            ];
            text.push_str(&lines.concat());
        }
        self.shop.write("offerctl.yaml", &text);
    }

    /// How many calls that write both accounts got since the last look.
    pub(crate) fn writes(&self) -> u64 {
        self.shop.writes() + self.market.writes()
    }
}

const CLUB: &str = "  club:
    type: subscription
    title: Club
    price: 12.00
    url: https://club.tv/club
    period: month
";

both!(the_same_manifests_have_other_prices_in_another_environment);

fn the_same_manifests_have_other_prices_in_another_environment(api: Api) {
    let two = Two::of(api);
    two.shop.offers(&format!(
        "{CLUB}    environments:\n      market: {{price: 14.00, title: \"Club: market\"}}\n"
    ));
    for (name, price, title) in [
        ("shop", "12.00", "Club"),
        ("market", "14.00", "Club: market"),
    ] {
        let line = format!("plan -e {name} --format json");
        let plan = two.shop.run(&line).exits(0).json();
        let fields = plan["changes"][0]["fields"].as_array().unwrap();
        let after = |path: &str| {
            let found = fields.iter().find(|field| field["path"] == path);
            found.unwrap()["after"].clone()
        };
        assert_eq!(after("price")["amount"], price);
        assert_eq!(after("title"), title);
        two.shop.run(&format!("apply -y -e {name}")).exits(0);
        let again = two.shop.run(&format!("plan -e {name}")).exits(0);
        assert!(again.out.contains("No changes."), "{again:?}");
    }
    assert_eq!(two.shop.active("Club").len(), 1);
    assert_eq!(two.market.active("Club: market").len(), 1);
}

// Bounds of prices are documented for JSON-RPC only.
#[test]
fn a_mistake_in_one_environment_names_just_that() {
    let two = Two::new();
    two.shop.offers(&format!(
        "{CLUB}    environments:\n      market: {{price: 140.00}}\n"
    ));
    let run = two.shop.run("validate").exits(65);
    assert!(
        run.out.starts_with("Invalid for market: 1 problem"),
        "{run:?}"
    );
    let document = two.shop.run("validate --format json").exits(65).json();
    let found = &document["diagnostics"][0];
    assert_eq!(found["environments"], json!(["market"]));
    assert_eq!(
        (&found["line"], &found["code"]),
        (&json!(10), &json!("price-bounds"))
    );
    two.shop.run("plan -e shop").exits(0);
    two.shop.run("plan -e market").exits(65);
}

both!(what_was_changed_by_hand_is_accepted_for_its_account_only);

fn what_was_changed_by_hand_is_accepted_for_its_account_only(api: Api) {
    let two = Two::of(api);
    two.shop.offers(CLUB);
    for name in ["shop", "market"] {
        two.shop.run(&format!("apply -y -e {name}")).exits(0);
    }
    two.market.edit("Club", |offer| {
        offer.set(Field::Price, amount("13.00"));
    });
    two.shop
        .run("drift -e market --accept club")
        .exits(0)
        .says("written for market only");
    let text = two.shop.read("offers/all.yaml");
    assert!(
        text.contains("environments: {market: {price: 13.00}}"),
        "{text}"
    );
    for name in ["shop", "market"] {
        let run = two.shop.run(&format!("plan -e {name}")).exits(0);
        assert!(run.out.contains("No changes."), "{run:?}");
    }
}

/// A project whose accounts differ as declared, by hand, and by offers that belong to no name.
fn compared() -> Two {
    let two = Two::new();
    two.shop.offers(
        "  club:
    type: subscription
    title: Club
    price: 12.00
    url: https://club.tv/club
    period: month
    environments:
      market: {price: 14.00}
  news:
    type: pass
    title: News
    price: 5.00
    url: https://club.tv/news
    period: month
    localizations:
      FR: {currency: EUR, price: 4.00}
      NO: {currency: NOK, price: 49.00}
  match:
    type: event
    title: Match
    price: 9.00
    url: https://club.tv/match
    startTime: 1900000000
    endTime: 1900003600
    timeZone: Europe/Oslo
  film:
    type: vod
    title: Film
    price: 7.00
    url: https://club.tv/film
    eventAssociation: [match]
  gala:
    type: single
    title: Gala
    price: 3.00
    url: https://club.tv/gala
    only: [market]
",
    );
    for name in ["shop", "market"] {
        two.shop.run(&format!("apply -y -e {name}")).exits(0);
    }
    two
}

#[test]
fn two_accounts_are_compared_by_name() {
    let two = compared();
    two.writes();
    let before = two.shop.files();
    let run = two.shop.run("diff -e shop -e market").exits(0);
    assert!(
        run.out
            .contains("~ club (subscription) differs, as declared:"),
        "{run:?}"
    );
    assert!(
        run.out
            .contains("      shop    12.00 USD\n      market  14.00 USD (+16.7 %)\n"),
        "{run:?}"
    );
    assert!(
        run.out
            .contains("~ gala (single) is on sale only in market, as declared:"),
        "{run:?}"
    );
    assert!(
        !run.out.contains("film") && !run.out.contains("news"),
        "{run:?}"
    );
    assert!(
        run.out.replace("\n    ", " ").ends_with(
            "Different: 1 in both, 0 only in shop, 1 only in market; of these 0 unexpected. Alike: 3.\n"
        ),
        "{run:?}"
    );
    assert_eq!(two.writes(), 0);
    assert_eq!(two.shop.files(), before);
}

#[test]
fn what_was_changed_by_hand_in_one_account_is_unexpected() {
    let two = compared();
    two.market.edit("Film", |offer| {
        offer.set(Field::Price, amount("8.00"));
    });
    for row in two.market.active("News") {
        let _offer = two.market.emulator().edit(row.id(), |offer| {
            offer.set(Field::Price, amount("6.00"));
        });
    }
    let by_hand = two.shop.make_by_hand("nobody");
    let document = two
        .shop
        .run("--format json diff -e shop -e market")
        .exits(0)
        .json();
    let names: Vec<_> = document["differences"].as_array().unwrap().iter().collect();
    let of = |name: &str| *names.iter().find(|found| found["name"] == name).unwrap();
    assert_eq!(of("film")["declared"], json!(false));
    let price = &of("film")["fields"][0];
    assert_eq!(price["path"], "price");
    assert_eq!(price["values"]["shop"]["amount"], "7.00");
    assert_eq!(price["values"]["market"]["amount"], "8.00");
    let paths: Vec<_> = of("news")["fields"].as_array().unwrap().iter().collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert_eq!(paths[0]["path"], "localizations.FR.price");
    assert_eq!(
        paths[0]["values"]["market"],
        json!({"amount": "6.00", "currency": "EUR"})
    );
    assert_eq!(of("club")["declared"], json!(true));
    assert_eq!(
        document["summary"],
        json!({"alike": 1, "different": 3, "onlyInFirst": 0, "onlyInSecond": 1, "unexpected": 2})
    );
    assert_eq!(document["environments"][0]["unmanaged"], 1, "{by_hand}");
    assert_eq!(document["environments"][0]["account"], "shop@club.example");
}

#[test]
fn accounts_that_cannot_be_compared_are_told() {
    let two = Two::new();
    two.shop.offers(CLUB);
    for (line, words) in [
        ("diff", "none is named"),
        ("diff -e shop", "only one is named"),
        (
            "diff -e shop -e shop",
            "`shop` cannot be compared with itself",
        ),
        ("diff -e shop -e market -e shop", "3 are named"),
        (
            "diff -e shop -e nowhere",
            "there is no environment `nowhere`",
        ),
        ("plan -e shop -e market", "-e stands twice"),
        ("validate -e shop -e market", "-e stands twice"),
    ] {
        let run = two.shop.run(line).exits(64);
        assert!(run.err.contains(words), "{run:?}");
    }
    let named = two.shop.run("diff -e shop -e market").exits(0);
    assert!(named.out.contains("No differences. Alike: 0."), "{named:?}");
    two.shop.offers("  club: {type: subscription}\n");
    two.shop.run("diff -e shop -e market").exits(65);
    two.shop.offers(CLUB);
    two.market.fault("list*=status:401");
    let failed = two.shop.run("diff -e shop -e market").exits(1);
    assert!(failed.err.contains("this is about `market`"), "{failed:?}");
}
