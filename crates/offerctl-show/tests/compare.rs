//! What differs between two accounts.

use offerctl_model::offer_type::Api;
use offerctl_reconcile::compare::{Compared, Side, compare};
use offerctl_reconcile::headline::Headline;
use offerctl_show::document::DiffDocument;
use offerctl_show::render::{Page, Style, compared_text};
use serde_json::json;

use crate::support::{desired, live, state};

/// One account: offers of the manifests, rows of the lists, bindings.
type Account<'a> = (&'a str, &'a str, &'a str);

fn headlines() -> [Headline; 2] {
    ["production", "sandbox"].map(|name| Headline {
        environment: name.to_owned(),
        endpoint: format!("Cleeng {name}"),
        account: Some(format!("{name}@club.tv").into()),
        ..Headline::default()
    })
}

fn compared(accounts: [Account<'_>; 2]) -> Compared {
    let read = accounts.map(|(offers, rows, bindings)| {
        let desired = desired::offers_for(Api::JsonRpc, offers);
        let state = state::state(bindings, &desired);
        (desired, live::live(rows), state)
    });
    let sides = [&read[0], &read[1]].map(|(desired, live, state)| Side {
        desired,
        live,
        state,
    });
    compare(sides)
}

fn text(accounts: [Account<'_>; 2]) -> String {
    let text = compared_text(&compared(accounts), &headlines(), Page::new(Style::Plain));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

#[test]
fn what_differs_is_told_by_name() {
    let text = text([
        (
            "news: {type: pass, title: News, url: 'https://club.tv', price: 14.00, period: month}
books: {type: pass, title: Books, url: 'https://club.tv/books', price: 3.00, period: month}
only-here: {type: pass, title: Only, url: 'https://club.tv/only', price: 1.00, period: month}
match: {type: event, title: Match, url: 'https://club.tv/match'}
film: {type: vod, title: Film, url: 'https://club.tv/film', eventAssociation: [match]}
world: {type: pass, title: World, url: 'https://club.tv/world', period: month, localizations: {FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 90.00}}}",
            "pass P100000001_US title=News url=https://club.tv price=14 currency=USD period=month
pass P100000002_US title=Books url=https://club.tv/books price=3 currency=USD period=month
pass P100000003_US title=Only url=https://club.tv/only price=1 currency=USD period=month
event E100000004_US title=Match url=https://club.tv/match price=12 startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo
vod A100000005_US title=Film url=https://club.tv/film price=12 eventAssociation=id:E100000004_US
pass P100000006_FR title=World url=https://club.tv/world price=9 currency=EUR period=month
pass P100000006_NO title=World url=https://club.tv/world price=90 currency=NOK period=month
pass P100000009_US title=Nobody url=https://club.tv/x price=5 currency=USD period=month",
            "news pass P100000001_US applied
books pass P100000002_US applied
only-here pass P100000003_US applied
match event E100000004_US applied
film vod A100000005_US applied
world pass P100000006 applied",
        ),
        (
            "news: {type: pass, title: News, url: 'https://club.tv', price: 12.00, period: month}
books: {type: pass, title: Books, url: 'https://club.tv/books', price: 3.00, period: month}
match: {type: event, title: Match, url: 'https://club.tv/match'}
film: {type: vod, title: Film, url: 'https://club.tv/film', eventAssociation: [match]}
world: {type: pass, title: World, url: 'https://club.tv/world', period: month, localizations: {FR: {currency: EUR, price: 8.00}, NO: {currency: NOK, price: 90.00}}}",
            "pass P200000001_NO title=News url=https://club.tv price=12 currency=USD period=month
pass P200000002_NO inactive title=Books url=https://club.tv/books price=3 currency=USD period=month
event E200000004_NO title=Match url=https://club.tv/match price=12 startTime=1900000000 endTime=1900003600 timeZone=Europe/Oslo
vod A200000005_NO title=Film! url=https://club.tv/film price=12 eventAssociation=id:E200000004_NO
pass P200000006_FR title=World url=https://club.tv/world price=8 currency=EUR period=month
pass P200000006_NO title=World url=https://club.tv/world price=95 currency=NOK period=month
pass P200000006_SE title=World url=https://club.tv/world price=99 currency=SEK period=month
pass P200000009_NO title=Nobody url=https://club.tv/x price=6 currency=EUR period=month",
            "news pass P200000001_NO applied
books pass P200000002_NO applied
match event E200000004_NO applied
film vod A200000005_NO applied
world pass P200000006 applied",
        ),
    ]);
    insta::assert_snapshot!(text, @r#"
    production (Cleeng production, account production@club.tv)
    sandbox (Cleeng sandbox, account sandbox@club.tv)

    ! books (pass) is on sale only in production, unexpected:
        production P100000002_US, sandbox P200000002_NO (not on sale)

    ! film (vod) differs, unexpected: production A100000005_US,
        sandbox A200000005_NO
        title, unexpected
          production  "Film"
          sandbox     "Film!"

    ~ news (pass) differs, as declared: production P100000001_US,
        sandbox P200000001_NO
        price, as declared
          production  14.00 USD
          sandbox     12.00 USD (−14.3 %)

    ~ only-here (pass) is on sale only in production, as declared:
        production P100000003_US

    ! world (pass) differs, unexpected: production P100000006, sandbox P200000006
        price of  production  sandbox
              FR  9.00 EUR    8.00 EUR (−11.1 %)  as declared
              NO  90.00 NOK   95.00 NOK (+5.6 %)  unexpected
              SE  not sold    99.00 SEK           unexpected

    ! unmanaged "Nobody" (pass) differs, unexpected: production P100000009_US,
        sandbox P200000009_NO
        price, unexpected
          production  5.00 USD
          sandbox     6.00 EUR

    Unmanaged: 1 in production, 1 in sandbox.
    Different: 4 in both, 2 only in production, 0 only in sandbox; of these 4
        unexpected. Alike: 1.
    "#);
}

#[test]
fn equal_accounts_have_no_differences() {
    let account = (
        "news: {type: pass, title: News, url: 'https://club.tv', price: 12.00, period: month}",
        "pass P100000001_US title=News url=https://club.tv price=12 period=month",
        "",
    );
    let text = text([account, account]);
    assert!(text.ends_with("\n\nNo differences. Alike: 1.\n"), "{text}");
}

#[test]
fn tax_that_was_taken_out_is_no_difference() {
    let offers = "film: {type: vod, title: Film, url: 'https://club.tv', price: 13.00}";
    let found = compared([
        (
            offers,
            "vod A100000001_US title=Film url=https://club.tv price=13",
            "film vod A100000001_US applied",
        ),
        (
            offers,
            "vod A100000001_PL title=Film url=https://club.tv price=10.5691",
            "film vod A100000001_PL applied",
        ),
    ]);
    assert_eq!((found.alike, found.different.len()), (1, 0));
}

#[test]
fn what_a_person_has_to_decide_is_not_compared() {
    let offers =
        "news: {type: pass, title: News, url: 'https://club.tv', price: 12.00, period: month}";
    let row = "pass P100000001_US title=News url=https://club.tv price=12 period=month";
    let accounts = [
        (offers, row, ""),
        (
            offers,
            "pass P100000001_US title=News url=https://club.tv/other price=12 period=month",
            "",
        ),
    ];
    let text = text(accounts);
    assert!(text.contains("! undecided in sandbox: news."), "{text}");
    let document = DiffDocument::new(&compared(accounts), &headlines());
    let document = serde_json::to_value(&document).unwrap();
    assert_eq!(document["environments"][1]["undecided"], json!(["news"]));
    assert_eq!(document["differences"], json!([]));
}
