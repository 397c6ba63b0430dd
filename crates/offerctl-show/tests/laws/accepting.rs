//! Laws of accepting drift: whatever the layout and whatever drifted, the files say what is live, and all else stays.

use std::collections::BTreeMap;

use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::Api;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::plan;
use offerctl_reconcile::state::{Binding, State};
use proptest::prelude::*;

use super::config;
use crate::accept::Files;
use crate::support::rows::{Show, rows};

/// How an offer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Block,
    Flow,
    FlowLines,
    Json,
}

/// How a list is written in a block.
#[derive(Debug, Clone, Copy)]
enum ListLayout {
    Flow,
    Lines,
    LinesAtTheKey,
    FlowLines,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent choice of the generator"
)]
struct Draft {
    layout: Layout,
    list: ListLayout,
    quote: u8,
    indent: usize,
    comments: bool,
    description: u8,
    localized: bool,
    /// Whether the price comes from `defaults`.
    inherits: bool,
    title: Option<String>,
    text: Option<String>,
    price: Option<u16>,
    tags: Option<Vec<String>>,
    geo: Option<u8>,
    french: (Option<String>, Option<u16>, bool),
}

const TITLES: &[&str] = &[
    "Films",
    "NO",
    "1e3",
    "007",
    "a: b",
    "a #b",
    "x ",
    " y",
    "🎬 — films",
    "it's",
    "\"q\"",
    "${vars.x}",
    "$${x",
    "[a]",
    "- a",
    "a, b",
    "yes",
    "null",
    "a:",
    "2026-06-01",
    "#",
    "%",
    "@",
    "`",
    "\\",
    "{}",
    "a\u{202e}b",
    "-",
    "12:30",
    "a]b",
    "? x",
    "! x",
    "& x",
    "* x",
    "| x",
    "> x",
    "a\nb",
];

const TEXTS: &[&str] = &[
    "One",
    "One\nTwo",
    "One\n\nTwo\n",
    " One",
    "One \nTwo",
    "# One\nTwo",
    "",
    "One\n\n",
    "a: b\nc: d",
    "- a\n- b",
];

const TAGS: &[&str] = &["a", "b", "no", "1", "(all)", "x y", "q,r", "a: b", "🎬"];

fn pick(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

fn maybe<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(values)
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let layout = prop_oneof![
        3 => Just(Layout::Block),
        1 => Just(Layout::Flow),
        1 => Just(Layout::FlowLines),
        1 => Just(Layout::Json),
    ];
    let list = prop_oneof![
        Just(ListLayout::Flow),
        Just(ListLayout::Lines),
        Just(ListLayout::LinesAtTheKey),
        Just(ListLayout::FlowLines),
    ];
    let shape = (
        layout,
        list,
        0..3_u8,
        2..5_usize,
        any::<bool>(),
        0..5_u8,
        any::<bool>(),
        any::<bool>(),
    );
    let tags = proptest::collection::vec(pick(TAGS), 0..4);
    let change = (
        maybe(pick(TITLES)),
        maybe(pick(TEXTS)),
        maybe(1..200_u16),
        maybe(tags),
        maybe(0..4_u8),
    );
    let french = (maybe(pick(TITLES)), maybe(1..200_u16), any::<bool>());
    let draft = (shape, change, french).prop_map(|(shape, change, french)| {
        let (layout, list, quote, indent, comments, description, localized, inherits) = shape;
        let (title, text, price, tags, geo) = change;
        Draft {
            layout,
            list,
            quote,
            indent,
            comments,
            description,
            localized,
            inherits,
            title,
            text,
            price,
            tags,
            geo,
            french,
        }
    });
    proptest::collection::vec(draft, 1..4)
}

/// Lines, each with the field that it belongs to; those of no field must stay as they are.
#[derive(Default)]
struct Lines {
    lines: Vec<(String, String)>,
    comments: usize,
}

impl Lines {
    fn push(&mut self, field: &str, line: String) {
        self.lines.push((field.to_owned(), line));
    }

    fn comment(&mut self, wanted: bool) -> String {
        if !wanted {
            return String::new();
        }
        self.comments += 1;
        format!("  # c{} it's: [\"", self.comments)
    }

    fn text(&self) -> String {
        self.lines
            .iter()
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    }
}

fn quoted(text: &str, quote: u8) -> String {
    match quote {
        0 => text.to_owned(),
        1 => format!("'{text}'"),
        _ => format!("\"{text}\""),
    }
}

impl Draft {
    fn entries(&self, index: usize) -> Vec<(&'static str, String)> {
        let mut entries = vec![
            ("type", "pass".to_owned()),
            ("title", quoted(&format!("Title {index}"), self.quote)),
            ("url", format!("\"https://club.tv/{index}\"")),
            ("period", "month".to_owned()),
        ];
        if !self.inherits {
            entries.push(("price", quoted("10.00", self.quote)));
        }
        entries
    }

    fn write(&self, index: usize, lines: &mut Lines) {
        let localizations = "{US: {currency: USD}, FR: {currency: EUR, price: 9.00}}";
        let mut entries = self.entries(index);
        let geo = "{type: whitelist, countries: [US, CA]}".to_owned();
        match self.layout {
            Layout::Block => {
                self.write_block(index, lines);
                return;
            }
            Layout::Flow | Layout::FlowLines | Layout::Json => {
                entries.push(("description", "\"Some words\"".to_owned()));
                entries.push(("accessToTags", "[a, b]".to_owned()));
                entries.push(("geoRestriction", geo));
                if self.localized {
                    entries.push(("localizations", localizations.to_owned()));
                }
            }
        }
        let quote = if self.layout == Layout::Json {
            "\""
        } else {
            ""
        };
        let entries: Vec<(&str, String)> = entries
            .into_iter()
            .map(|(key, value)| (key, format!("{quote}{key}{quote}: {value}")))
            .collect();
        if self.layout == Layout::FlowLines {
            lines.push("", format!("  offer-{index}: {{"));
            for (key, entry) in entries {
                let comment = lines.comment(self.comments);
                lines.push(key, format!("    {entry},{comment}"));
            }
            lines.push("", "  }".to_owned());
        } else {
            let entries: Vec<String> = entries.into_iter().map(|(_, entry)| entry).collect();
            let comment = lines.comment(self.comments);
            lines.push(
                "*",
                format!("  offer-{index}: {{{}}}{comment}", entries.join(", ")),
            );
        }
    }

    fn write_block(&self, index: usize, lines: &mut Lines) {
        let indent = " ".repeat(2 + self.indent);
        lines.push("", format!("  offer-{index}:"));
        for (key, value) in self.entries(index) {
            let comment = lines.comment(self.comments);
            lines.push(key, format!("{indent}{key}: {value}{comment}"));
        }
        let comment = lines.comment(self.comments);
        match self.description {
            0 => lines.push(
                "description",
                format!("{indent}description: Some words{comment}"),
            ),
            1 => {
                lines.push(
                    "description",
                    format!("{indent}description: Some{comment}").replace(&comment, ""),
                );
                lines.push("description", format!("{indent}  words{comment}"));
            }
            header => {
                let sign = ["|", ">-", "|+"][usize::from(header - 2)];
                lines.push(
                    "description",
                    format!("{indent}description: {sign}{comment}"),
                );
                lines.push("description", format!("{indent}   Some"));
                lines.push("description", format!("{indent}   words"));
                lines.push("description", String::new());
            }
        }
        if self.comments {
            let comment = lines.comment(true);
            lines.push("", format!("{indent}{}", comment.trim_start()));
        }
        self.write_tags(&indent, lines);
        let comment = lines.comment(self.comments);
        lines.push(
            "geoRestriction",
            format!("{indent}geoRestriction:{comment}"),
        );
        lines.push("geoRestriction", format!("{indent}  type: whitelist"));
        let comment = lines.comment(self.comments);
        lines.push(
            "geoRestriction",
            format!("{indent}  countries: [US, CA]{comment}"),
        );
        if self.localized {
            lines.push("localizations", format!("{indent}localizations:"));
            let comment = lines.comment(self.comments);
            lines.push(
                "localizations",
                format!("{indent}  US: {{currency: USD}}{comment}"),
            );
            lines.push("localizations", format!("{indent}  FR:"));
            lines.push("localizations", format!("{indent}    currency: EUR"));
            let comment = lines.comment(self.comments);
            lines.push("localizations", format!("{indent}    price: 9.00{comment}"));
        }
        lines.push("", String::new());
    }

    fn write_tags(&self, indent: &str, lines: &mut Lines) {
        let (one, two) = (lines.comment(self.comments), lines.comment(self.comments));
        let tags = |line: String| ("accessToTags".to_owned(), line);
        let written = match self.list {
            ListLayout::Flow => vec![
                tags(format!("{indent}accessToTags: [a, b]{one}")),
                tags(format!("{indent}{}", two.trim_start())),
            ],
            ListLayout::Lines | ListLayout::LinesAtTheKey => {
                let more = if matches!(self.list, ListLayout::Lines) {
                    "  "
                } else {
                    ""
                };
                vec![
                    tags(format!("{indent}accessToTags:")),
                    tags(format!("{indent}{more}- a{one}")),
                    tags(format!("{indent}{more}- 'b'{two}")),
                ]
            }
            ListLayout::FlowLines => vec![
                tags(format!("{indent}accessToTags: [")),
                tags(format!("{indent}  a,{one}")),
                tags(format!("{indent}  b{two}")),
                tags(format!("{indent}]")),
            ],
        };
        lines.lines.extend(written);
    }

    /// What is live, and the keys of all that drifted.
    fn drifted(&self, applied: &Content) -> (Content, Vec<&'static str>) {
        let mut live = applied.clone();
        let mut keys = Vec::new();
        let country = |code: &str| Country::new(code).unwrap();
        let price = |cents: u16| {
            Value::Amount(
                format!("{}.{:02}", 5 + cents / 100, cents % 100)
                    .parse()
                    .unwrap(),
            )
        };
        let mut set = |key: &'static str, field: Field, value: Value| {
            live.fields.set(field, value);
            keys.push(key);
        };
        if let Some(title) = &self.title {
            set("title", Field::Title, Value::text(title.as_str()));
        }
        if let Some(text) = &self.text {
            set(
                "description",
                Field::Description,
                Value::text(text.as_str()),
            );
        }
        if let Some(cents) = self.price {
            set("price", Field::Price, price(cents));
        }
        if let Some(tags) = &self.tags {
            set(
                "accessToTags",
                Field::AccessToTags,
                Value::tags(tags.iter().map(String::as_str)),
            );
        }
        if let Some(geo) = self.geo {
            let countries = ["US", "CA", "NO", "SE"]
                .into_iter()
                .take(usize::from(geo))
                .map(country);
            let restriction = offerctl_model::value::GeoRestriction {
                mode: offerctl_model::value::GeoMode::Blacklist,
                countries: countries.collect(),
            };
            let value = (geo > 0).then(|| Box::new(restriction));
            set("geoRestriction", Field::GeoRestriction, Value::Geo(value));
        }
        if let Some(rows) = &mut live.localizations {
            let (title, cents, currency) = &self.french;
            let row = rows.get_mut(&country("FR")).unwrap();
            if let Some(title) = title {
                row.fields.set(Field::Title, Value::text(title.as_str()));
            }
            if let Some(cents) = cents {
                row.fields.set(Field::Price, price(*cents));
            }
            if *currency {
                row.currency = Currency::new("GBP").unwrap();
            }
            keys.push("localizations");
        }
        (live, keys)
    }
}

fn name(index: usize) -> Name {
    format!("offer-{index}").parse().unwrap()
}

fn file(drafts: &[Draft]) -> Lines {
    let mut lines = Lines::default();
    let comment = lines.comment(true);
    lines.push("", comment.trim_start().to_owned());
    lines.push("", "version: 1".to_owned());
    lines.push("", "defaults: {price: 10.00}  # shared".to_owned());
    lines.push("", "offers:".to_owned());
    for (index, draft) in drafts.iter().enumerate() {
        draft.write(index, &mut lines);
    }
    lines
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn accepted_files_say_what_is_live_and_keep_all_else(
        drafts in drafts(),
        windows in any::<bool>(),
        other_shop in any::<bool>(),
    ) {
        let lines = file(&drafts);
        let end = if windows { "\r\n" } else { "\n" };
        let text = lines.text().replace('\n', end);
        let mut files = Files::new(&[&text]);
        if other_shop {
            files.add_shop("production");
        }
        let desired = files.desired();
        let (mut live, mut state) = (Live::new(), State::default());
        let mut accepted_keys: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (index, draft) in drafts.iter().enumerate() {
            let applied = (*desired.get(&name(index)).unwrap().content).clone();
            let (content, keys) = draft.drifted(&applied);
            accepted_keys.insert(index, keys);
            let stem = format!("P{}", 100_000_000 + index);
            for row in rows(Api::JsonRpc, &content, &stem, Show::Everything, &|_| None) {
                live.add(OfferType::Pass, true, row);
            }
            let id = if applied.is_localized() { stem } else { format!("{stem}_US") };
            state.bind(name(index), Binding {
                id: OfferId::new(&id),
                offer_type: OfferType::Pass,
                protect: false,
                needs: std::collections::BTreeSet::new(),
                applied: Some(applied),
                sent: None,
 leftovers: Vec::new(),
retiring: Vec::new(),
            });
        }
        let names: Vec<String> = (0..drafts.len()).map(|index| name(index).to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let accepted = files.accept((&live, &state), &names);
        prop_assert!(accepted.is_ok(), "{accepted:?}\n{text}");
        let accepted = accepted.unwrap();
        let new = accepted.sources.files()[0].text.clone();

        let after = Files::of(files.project.clone(), accepted.sources.clone());
        let plan = plan(&after.desired(), &live, &state);
        prop_assert!(plan.changes.is_empty() && plan.conflicts.is_empty(), "{plan:#?}\n{new}");

        if other_shop {
            prop_assert_eq!(
                after.contents("production"),
                files.contents("production"),
                "{}\n{}", text, new
            );
        }

        for comment in 1..=lines.comments {
            let words = format!("# c{comment} it's: [\"");
            prop_assert_eq!(new.matches(&words).count(), 1, "{}\n{}", words, new);
        }
        let mut rest = new.split(end);
        let mut offer = None;
        for (field, line) in &lines.lines {
            if let Some(index) = line.trim_start().strip_prefix("offer-") {
                let digits = index.split(':').next().unwrap();
                offer = digits.parse::<usize>().ok();
            }
            let keys = offer.and_then(|index| accepted_keys.get(&index));
            // One price may be written at the top, though it is that of a country.
            let may_change = field == "*" || keys.is_some_and(|keys| {
                keys.contains(&field.as_str()) || (keys.contains(&"localizations") && field == "title")
            });
            if !may_change {
                prop_assert!(rest.any(|found| found == line), "{line:?} is gone\n{text}\n{new}");
            }
        }
        prop_assert!(!windows || !new.replace("\r\n", "").contains('\n'), "{new:?}");

        let again = after.accept((&live, &state), &names).unwrap();
        prop_assert!(again.changed.is_empty(), "{again:#?}");
    }
}
