//! Manifests in one order and one layout.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use offerctl_manifest::format::{FormatError, format};
use offerctl_manifest::manifest;
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;

pub(crate) fn source(text: &str) -> SourceFile {
    SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), text.as_bytes().to_vec()).0
}

/// Formats a text, which must be valid; formatting it once more must change nothing.
#[track_caller]
pub(crate) fn formatted(text: &str) -> String {
    let once = match format(&source(text)) {
        Ok(once) => once,
        Err(FormatError::Invalid(diagnostics)) => panic!("{diagnostics:#?}\n{text}"),
        Err(error) => panic!("{error}\n{text}"),
    };
    match format(&source(&once)) {
        Ok(twice) => assert_eq!(once, twice, "of\n{text}"),
        Err(error) => panic!("{error}\n{once}\nof\n{text}"),
    }
    once
}

/// The entries of an offer, formatted.
#[track_caller]
fn offer(entries: &str) -> String {
    let head = "version: 1\n\noffers:\n  news:\n";
    let indented: String = entries
        .lines()
        .map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("    {line}\n"),
        })
        .collect();
    let text = formatted(&format!("{head}    type: single\n{indented}"));
    let body = text.strip_prefix(head).unwrap();
    body.lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect()
}

#[test]
fn what_differs_per_environment_has_the_order_of_an_offer() {
    let text = formatted(
        "
version: 1
offers:
  club:
    environments:
      # where customers are
      production: {lifecycle: {protect: true}, localizations: {SE: null, FR: {price: 9.00, currency: EUR}}, price: 14.00,   title: Club}
      sandbox:
        price: 1.00

        title: Test   # of the club
    lifecycle: {protect: false}
    type: subscription
    price: 12.00
    period: month
    title: Club
    localizations: {US: {currency: USD}, SE: {currency: SEK, price: 99.00}}
    url: https://club.tv
",
    );
    let expected = "version: 1

offers:
  club:
    type: subscription
    title: Club
    url: https://club.tv
    price: 12.00
    period: month
    localizations: {US: {currency: USD}, SE: {currency: SEK, price: 99.00}}
    environments:
      # where customers are
      production:
        title: Club
        price: 14.00
        localizations: {SE: null, FR: {currency: EUR, price: 9.00}}
        lifecycle: {protect: true}
      sandbox:
        title: Test  # of the club
        price: 1.00
    lifecycle: {protect: false}
";
    assert_eq!(text, expected);
}

#[test]
fn keys_have_an_order_and_offers_stay_where_they_are() {
    assert_snapshot!(formatted("
offers:
  zebra:
    lifecycle: {copyOf: {until: 2026-12-31, reason: twins, offer: ape}, protect: true}
    dependsOn: [ape]
    price: {rules: [], amount: 4.00}
    localizations:
      US: {title: Zebra, price: 4.00, currency: USD}
      DE: {price: 5.00, description: Ein Tier, title: Zebra, currency: EUR}
    title: Zebra
    only: [local]
    ids: {local: P123456789_US}
    movedFrom: horse
    geoRestriction: {countries: [US, CA], type: whitelist}
    type: pass
  ape:
    price: 1.00
    description: Swings
    title: Ape
    type: pass
defaults: {url: \"https://club.tv\", description: Animals}
version: 1
"), @r#"
    version: 1
    defaults: {description: Animals, url: "https://club.tv"}

    offers:
      zebra:
        type: pass
        movedFrom: horse
        ids: {local: P123456789_US}
        only: [local]
        title: Zebra
        price: {amount: 4.00, rules: []}
        geoRestriction: {type: whitelist, countries: [US, CA]}
        localizations:
          US: {currency: USD, price: 4.00, title: Zebra}
          DE: {currency: EUR, price: 5.00, title: Zebra, description: Ein Tier}
        dependsOn: [ape]
        lifecycle: {protect: true, copyOf: {offer: ape, reason: twins, until: 2026-12-31}}

      ape:
        type: pass
        title: Ape
        description: Swings
        price: 1.00
    "#);
}

#[test]
fn comments_go_with_what_they_are_about() {
    assert_snapshot!(formatted("# yaml-language-server: $schema=x.json
# About the file.

# About the offers.
offers:   # all of them
  # About the first.

  # Still about it.
  first:
    price: 1.00
    title: First     # the best
                     # of all
    # About the type.
    type: pass
    # url: https://club.tv/first
  # About the second.
  second: # it comes later
    type: single
    # At the end of the second.
    tags:
    - a # one
    # Before the other.
    - b
    # About the price.
    price:
      # What it costs.
      2.00
  # third:
  #   type: pass
# At the end.
version: 1 # the only one
# At the very end.
"), @"
    # yaml-language-server: $schema=x.json
    # About the file.
    # At the end.
    version: 1  # the only one

    # About the offers.
    offers:  # all of them
      # About the first.

      # Still about it.
      first:
        # About the type.
        type: pass
        title: First  # the best
                      # of all
        price: 1.00
        # url: https://club.tv/first

      # About the second.
      second:  # it comes later
        type: single
        # About the price.
        # What it costs.
        price: 2.00
        # At the end of the second.
        tags:
          - a  # one
          # Before the other.
          - b
      # third:
      #   type: pass
    # At the very end.
    ");
}

#[test]
fn comments_between_brackets_need_lines() {
    assert_snapshot!(offer("
tags: [ # all
  a, # one
  b # two
  , c
  # the end
] # behind
geoRestriction: {type: whitelist, countries: [US, # America
  CA]}
only: [local] # here

"), @"
    type: single
    only: [local]  # here

    tags:  # behind
      # all
      - a  # one
      - b  # two
      - c
      # the end
    geoRestriction:
      type: whitelist
      countries:
        - US  # America
        - CA
    ");
}

#[test]
fn blank_lines_stay_but_not_in_a_row() {
    assert_snapshot!(formatted("


# About the file.



version: 1
offers:


  one:

    type: single


    title: One
    tags:

      - a

      - b


  two: {type: pass}
  three: {type: pass}


"), @"
    # About the file.

    version: 1

    offers:
      one:
        type: single

        title: One
        tags:
          - a

          - b

      two: {type: pass}

      three: {type: pass}
    ");
}

#[test]
fn brackets_stay_where_they_fit() {
    assert_snapshot!(offer("
only:   [ one,two ,   \"three\"  , ]
tags: [one-hundred, two-hundred, three-hundred, four-hundred, five-hundred, six-hundred, seven-hundred]
localizations: {FR: {currency: EUR, price: 9.00, title: \"Tous les articles, chaque mois\"}, US: {currency: USD}, CA: {currency: USD}}
ids: {}
"), @r#"
    type: single
    ids: {}

    only: [one, two, three]
    tags:
      - one-hundred
      - two-hundred
      - three-hundred
      - four-hundred
      - five-hundred
      - six-hundred
      - seven-hundred
    localizations:
      FR: {currency: EUR, price: 9.00, title: "Tous les articles, chaque mois"}
      US: {currency: USD}
      CA: {currency: USD}
    "#);
}

#[test]
fn quotes_go_where_nobody_needs_them() {
    assert_snapshot!(offer("
title: 'News, every day'
description: 'it''s \"new\"'
url: '${vars.site}/news'
price: \"12.00\"
tags: ['a', 'b, c', \"NO\", 'no', \"(all)\", '1e3', \"caf\\u00e9\", \"a\\u200bb\", \"\\\\\"]
localizations: {\"NO\": {currency: 'NOK'}, 'FR': {currency: EUR}}
"), @r#"
    type: single

    title: News, every day
    description: 'it''s "new"'
    url: "${vars.site}/news"
    price: "12.00"
    tags: [a, "b, c", "NO", "no", "(all)", "1e3", café, "a\u200bb", "\\"]
    localizations: {"NO": {currency: NOK}, FR: {currency: EUR}}
    "#);
}

#[test]
fn texts_in_several_lines_keep_them() {
    assert_snapshot!(offer("
description: >-  # folded
        One
          more
        two


tags:
    - |-
      a
      b
title: |2-
    Title
   of news

contentExternalData: |+
  a

  b


url: \"one \\
   two\\  \n   three\n\n   four\"  # quoted
contentExternalId: one
     two

     three # plain
"), @r#"
    type: single
    title: |2-
        Title
       of news

    description: >-  # folded
      One
        more
      two
    url: "one \
      two\ 
      three

      four"  # quoted

    tags:
      - |-
        a
        b
    contentExternalId: one
      two

      three  # plain

    contentExternalData: |+
      a

      b
    "#);
}

#[test]
fn nothing_is_written_as_null() {
    assert_snapshot!(offer("
description: ~ # nothing
tags:
lifecycle: Null
"), @"
    type: single

    description: null  # nothing
    tags: null
    lifecycle: null
    ");
}

#[test]
fn anchors_and_aliases_keep_their_order() {
    assert_snapshot!(formatted("
version: 1
offers:
  news:   {type: pass, accessToTags: &all   [a, b], title: &t 'News'}
  more:
    localizations: &l
      FR: &fr {currency: EUR}
    type: pass
    accessToTags:   *all
    title: *t
  again: &again
    localizations: *l
    type: pass
"), @"
    version: 1

    offers:
      news: {type: pass, accessToTags: &all [a, b], title: &t News}

      more:
        localizations: &l
          FR: &fr {currency: EUR}
        type: pass
        accessToTags: *all
        title: *t

      again: &again
        localizations: *l
        type: pass
    ");
}

#[test]
fn json_becomes_yaml() {
    assert_snapshot!(formatted(
        r#"{"version": 1, "offers": {"news": {"type": "single", "title": "News", "price": "1.00", "tags": ["a", "b"], "localizations": {"FR": {"currency": "EUR"}}}}}"#
    ), @r#"
    version: 1

    offers:
      news:
        type: single
        title: News
        price: "1.00"
        tags: [a, b]
        localizations: {FR: {currency: EUR}}
    "#);
}

#[test]
fn rare_signs_are_followed() {
    assert_snapshot!(formatted("---   # begin
? version
: 1
? offers
# of these
:
  ? news
  : type: single
    tags:
    -   a
    - 'b'
... # end
# behind
"), @"
    # begin
    version: 1

    # of these
    offers:
      news:
        type: single
        tags:
          - a
          - b
    # end
    # behind
    ");
}

#[test]
fn line_ends_of_the_file_stay() {
    let text = "version: 1\r\noffers:\r\n  a: # x\r\n    type: 'pass'\r\n    description: |\r\n      one\r\n      two\r\n";
    assert_eq!(
        formatted(text),
        "version: 1\r\n\r\noffers:\r\n  a:  # x\r\n    type: pass\r\n    description: |\r\n      one\r\n      two\r\n"
    );
}

#[test]
fn a_carriage_return_alone_is_refused_at_its_place() {
    let text = "version: 1\noffers:\n  a: {type: pass, title: \"b\rc\"}\n";
    let error = format(&source(text)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a line that ends with a carriage return alone at 3:28 cannot be formatted"
    );
}

#[test]
fn what_is_invalid_is_not_formatted() {
    let error = format(&source("version: 1\noffers:\n  a: {type: pas}\n")).unwrap_err();
    assert!(matches!(error, FormatError::Invalid(found) if found.has_errors()));
}

/// All files that people or a fuzzer wrote as manifests, valid or not, with their paths.
#[expect(clippy::disallowed_methods, reason = "tests read their cases")]
pub(crate) fn corpus() -> Vec<(String, SourceFile)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [
        "tests/scenarios/valid",
        "tests/scenarios/diagnostics",
        "tests/fuzz/corpus/manifests",
        "offers.example/offers",
    ];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.is_file());
    let sources = paths.into_iter().filter_map(|path| {
        let bytes = fs::read(&path).unwrap();
        let (source, problem) = SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), bytes);
        problem
            .is_none()
            .then(|| (path.display().to_string(), source))
    });
    sources.collect()
}

#[test]
fn whatever_is_valid_in_the_corpora_is_formatted() {
    let mut count = 0;
    for (path, source) in corpus() {
        if manifest::read(&source).diagnostics.has_errors() {
            assert!(format(&source).is_err(), "{path}");
            continue;
        }
        match format(&source) {
            Ok(once) => {
                count += 1;
                assert_eq!(format(&self::source(&once)).unwrap(), once, "{path}");
            }
            Err(error) => panic!("{path}: {error}"),
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn empty_lines_at_the_end_go_unless_a_text_keeps_them() {
    let text = "version: 1\n\noffers:\n  news: {type: single, title: News}\n";
    assert_eq!(formatted(&format!("{text}\n\n\n")), text);
    assert_eq!(
        formatted(&format!("{text}  \n\n# the end\n\n\n")),
        format!("{text}\n# the end\n")
    );
    let kept =
        "version: 1\n\noffers:\n  news:\n    type: single\n    description: |+\n      a\n\n\n";
    assert_eq!(formatted(kept), kept);
}
