//! Lists of offers: what to list ([`ListQuery`]) and one page of it ([`Page`]).

use std::{fmt, marker::PhantomData};

use reqwest::{Url, header::HeaderMap};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::link;
use super::offer::Offer;
use crate::wire::{Each, Key, MAX_ITEMS, Wire as _};

/// Which offers to list. No page documents the endpoint (docs/cleeng-api.md §5.2, §9).
///
/// `active` is what is seen in use; `offset` and `limit` are what the other lists of the same API
/// are asked with, and what the lists of JSON-RPC, which this replaces, are asked with. A service
/// may ignore any of them: whoever lists must look at what comes back.
///
/// ```
/// use cleeng_client::rest::ListQuery;
///
/// let second_page = ListQuery::new().active(false).offset(100).limit(100);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    active: Option<bool>,
    offset: Option<u64>,
    page: Option<u64>,
    limit: Option<u64>,
}

impl ListQuery {
    /// Lists offers as the service does by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists only the active offers, or only the inactive ones. Without it, which ones come is
    /// not documented.
    #[must_use]
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Skips the first offers.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Asks for a page by its number, counted from 1, as an alternative to [`ListQuery::offset`].
    #[must_use]
    pub fn page(mut self, number: u64) -> Self {
        self.page = Some(number);
        self
    }

    /// Sets the most offers of a page. Other lists of this API take 100 at most, those of
    /// JSON-RPC 200.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Returns what stands in the address.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("active", self.active.map(|active| active.to_string())),
            ("offset", self.offset.map(|offset| offset.to_string())),
            ("page", self.page.map(|page| page.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// One page of a list.
///
/// It is read from an array, and from an object with the array in it under a name that is used for
/// that: `items`, `offers`, `data`, `results`, also one level further down.
///
/// `T` is what each offer was turned into as it was read; see
/// [`Reader::list_into`](super::Reader::list_into).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T = Offer> {
    /// The offers of this page, in the service's order.
    pub items: Vec<T>,
    /// How many offers match in all, if the answer says so: in a member such as `total`, or in
    /// the header `x-total-count`.
    pub total: Option<u64>,
    /// The next page, if the answer names it (`Link: …; rel="next"`). That there is none proves
    /// nothing: services that page by `offset` name none.
    pub next: Option<NextPage>,
    /// The address of this very page: a next page that equals it leads nowhere.
    pub here: NextPage,
    /// How long the answer is, in bytes.
    pub bytes: usize,
}

/// The address of a page, on the service that named it. It is for
/// [`Reader::list_next`](super::Reader::list_next).
///
/// It begins with the address of the API, so that the token never goes anywhere else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NextPage(Url);

impl NextPage {
    pub(super) fn new(url: Url) -> Self {
        Self(url)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

/// Says nothing of the address: what a service writes there may not be for logs.
impl fmt::Debug for NextPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextPage").finish_non_exhaustive()
    }
}

/// What turns an offer of a list into what is kept of it, or says why it cannot.
pub(super) type Take<'a, T> = &'a mut dyn FnMut(Offer) -> Result<T, String>;

/// Reads a page. `requested` is the address that was asked for, `base` that of the API.
///
/// `Err` says what is wrong. An answer that might be less than the page is one: half a list that
/// passes for a whole one makes offers seem to be gone.
pub(super) fn read<T>(
    body: &str,
    headers: &HeaderMap,
    (requested, base): (&Url, &Url),
    take: Take<'_, T>,
) -> Result<Page<T>, String> {
    let list = List::read(body, NESTING, take)?;
    let total = match (list.total, header_total(headers)?) {
        (Some(body), Some(header)) if body != header => {
            return Err(format!(
                "the total is {body} in the body and {header} in the header"
            ));
        }
        (body, header) => body.or(header),
    };
    Ok(Page {
        items: list.items,
        total,
        next: next_page(headers, requested, base)?,
        here: NextPage(requested.clone()),
        bytes: body.len(),
    })
}

/// How far down in objects the array may be: `{"data": {"items": []}}`.
const NESTING: usize = 2;

/// Names under which services wrap a list. The other lists of this API have `data`, third-party
/// code for this one looks for `items` (docs/cleeng-api.md §5.2), the JSON-RPC lists have `items`.
const LISTS: [&str; 6] = [
    "items",
    "offers",
    "data",
    "results",
    "result",
    "responseData",
];

/// Names under which services say how many there are in all: those of the JSON-RPC lists, and what
/// is customary. `count` is not among them, since it is as often the size of the page.
const TOTALS: [&str; 5] = [
    "totalItemCount",
    "totalItems",
    "totalCount",
    "total_count",
    "total",
];

/// Names of objects around the total.
const ABOUT: [&str; 4] = ["meta", "pagination", "paging", "page"];

struct List<T> {
    items: Vec<T>,
    total: Option<u64>,
}

impl<T> List<T> {
    fn read(json: &str, nesting: usize, take: Take<'_, T>) -> Result<Self, String> {
        if json.trim_start().starts_with('[') {
            let items = read_items(json, take).map_err(|error| error.to_string())?;
            return Ok(Self { items, total: None });
        }
        let members: Members<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if members.says_failure() {
            return Err("it says that something failed".to_owned());
        }
        let lists: Vec<_> = members.named(&LISTS).collect();
        let [list] = lists[..] else {
            return Err(match lists.len() {
                0 => "it has no list".to_owned(),
                _ => "it has several members that can be the list".to_owned(),
            });
        };
        if list.get().starts_with('{') && nesting == 1 || !list.get().starts_with(['[', '{']) {
            return Err("its list is no array".to_owned());
        }
        let mut inner = Self::read(list.get(), nesting - 1, take)?;
        if let Some(total) = members.total() {
            if inner.total.is_some_and(|inner| inner != total) {
                return Err("it has two totals that differ".to_owned());
            }
            inner.total = Some(total);
        }
        Ok(inner)
    }
}

/// Reads the offers one by one, so that each is turned into what is kept of it before the next needs memory.
fn read_items<T>(json: &str, take: Take<'_, T>) -> serde_json::Result<Vec<T>> {
    let mut items = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_seq(Each {
        most: MAX_ITEMS,
        take: |offer| {
            items.push(take(offer)?);
            Ok(())
        },
        item: PhantomData,
    })?;
    reader.end()?;
    Ok(items)
}

/// The members of an object that mean something here, in order, also those that are there twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn named(&self, names: &'static [&'static str]) -> impl Iterator<Item = &'a RawValue> {
        self.0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(_, value)| *value)
    }

    fn total(&self) -> Option<u64> {
        let count = |value: &RawValue| u64::read(value.get()).ok()?;
        self.named(&TOTALS).find_map(count).or_else(|| {
            self.named(&ABOUT).find_map(|about| {
                let about: Members<'_> = serde_json::from_str(about.get()).ok()?;
                about.named(&TOTALS).find_map(count)
            })
        })
    }

    /// Returns whether the object reports a failure in spite of the status, as other answers of
    /// the same vendor can (`success`, `errors`; docs/cleeng-api.md §5.7).
    fn says_failure(&self) -> bool {
        let failed = self
            .named(&["success"])
            .any(|value| bool::read(value.get()) == Ok(Some(false)));
        let has_errors = self
            .named(&["error", "errors"])
            .any(|value| !matches!(value.get(), "null" | "false" | "[]" | "{}" | "\"\""));
        failed || has_errors
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of offers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    if is_known(&key) {
                        members.push((key.into_owned(), map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Whether a member of an object around a list means something.
fn is_known(name: &str) -> bool {
    let tables: [&[&str]; 4] = [&LISTS, &TOTALS, &ABOUT, &["success", "error", "errors"]];
    tables.iter().any(|names| names.contains(&name))
}

/// Reads `x-total-count`, which the lists for customers have (docs/cleeng-api.md §5.7).
fn header_total(headers: &HeaderMap) -> Result<Option<u64>, String> {
    let Some(header) = headers.get("x-total-count") else {
        return Ok(None);
    };
    let total = header
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    match total {
        Some(total) => Ok(Some(total)),
        None => Err("the header `x-total-count` is no count".to_owned()),
    }
}

fn next_page(headers: &HeaderMap, requested: &Url, base: &Url) -> Result<Option<NextPage>, String> {
    for header in headers.get_all(reqwest::header::LINK) {
        let header = header.to_str().map_err(|_| MALFORMED_LINK.to_owned())?;
        let Some(target) = link::next(header).map_err(|link::Malformed| MALFORMED_LINK)? else {
            continue;
        };
        let mut url = requested.join(target).map_err(|_| MALFORMED_LINK)?;
        url.set_fragment(None);
        if !is_within(&url, base) {
            return Err("the next page is said to be at another address than the API".to_owned());
        }
        return Ok(Some(NextPage(url)));
    }
    Ok(None)
}

const MALFORMED_LINK: &str = "the header `Link` cannot be read";

/// Returns whether an address lies below that of the API: the same scheme, host and port, nothing
/// to log in with, and a path that begins with the API's.
pub(super) fn is_within(url: &Url, base: &Url) -> bool {
    url.origin() == base.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && url
            .path()
            .strip_prefix(base.path().trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
