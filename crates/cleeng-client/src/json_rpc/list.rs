//! Lists of offers: what to list ([`ActiveFilter`]) and one page of it ([`Page`]).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire;

/// Which offers a list has, and how the service is told so.
///
/// The documentation writes `"1"` or `true`, the SDKs a boolean or a word. That a boolean `false`
/// is understood is proven nowhere, and the author of the C# SDK found that only the word works
/// (docs/cleeng-api.md §9). So ask with [`ActiveFilter::Boolean`] and look at what comes back; where
/// active offers come for inactive ones, ask with the next form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActiveFilter {
    /// `true` or `false`, as the documentation's tables say.
    Boolean(bool),
    /// `"true"` or `"false"`.
    Word(bool),
    /// `"1"` or `"0"`.
    Digit(bool),
}

impl ActiveFilter {
    /// Returns whether active offers are asked for.
    pub fn is_active(self) -> bool {
        match self {
            Self::Boolean(active) | Self::Word(active) | Self::Digit(active) => active,
        }
    }
}

impl Serialize for ActiveFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(active) => serializer.serialize_bool(*active),
            Self::Word(active) => serializer.serialize_str(if *active { "true" } else { "false" }),
            Self::Digit(active) => serializer.serialize_str(if *active { "1" } else { "0" }),
        }
    }
}

/// One page of a list (docs/cleeng-api.md §3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The offers of this page, the youngest first.
    pub items: Vec<T>,
    /// How many offers match in all; not the size of the page. The service has always sent it
    /// (the PHP SDK refuses an answer without), so that an answer without it is an error.
    pub total_item_count: u64,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members<T> {
            items: Items<T>,
            #[serde(deserialize_with = "wire::required")]
            total_item_count: u64,
        }

        let Members {
            items: Items(items),
            total_item_count,
        } = wire::object(deserializer)?;
        Ok(Self {
            items,
            total_item_count,
        })
    }
}

/// The offers of a page; more than any page has are an error, before they need the memory.
struct Items<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::list_up_to(wire::MAX_ITEMS, deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: Option<(usize, u64)>) {
        let page: Option<Page<serde::de::IgnoredAny>> = serde_json::from_str(json).ok();
        assert_eq!(
            page.map(|page| (page.items.len(), page.total_item_count)),
            expect,
            "{json}"
        );
    }

    #[test]
    fn a_page_has_items_and_a_total() {
        check(r#"{"items":[{},{}],"totalItemCount":59}"#, Some((2, 59)));
        check(r#"{"totalItemCount":"2","items":[],"x":1}"#, Some((0, 2)));
    }

    #[test]
    fn half_a_page_is_none() {
        for json in [
            r#"{"items":[]}"#,
            r#"{"totalItemCount":0}"#,
            r#"{"items":[],"totalItemCount":null}"#,
            r#"{"items":[],"totalItemCount":-1}"#,
            r#"{"items":{},"totalItemCount":0}"#,
            "[[],0]",
            "[]",
            "null",
        ] {
            check(json, None);
        }
    }

    #[test]
    fn a_page_with_more_offers_than_any_page_has_is_none() {
        for (count, expect) in [(10_000, Some((10_000, 1))), (10_001, None)] {
            let items = vec!["{}"; count].join(",");
            let json = format!(r#"{{"items":[{items}],"totalItemCount":1}}"#);
            let page: Option<Page<serde::de::IgnoredAny>> = serde_json::from_str(&json).ok();
            let found = page.map(|page| (page.items.len(), page.total_item_count));
            assert_eq!(found, expect, "{count}");
        }
    }

    #[test]
    fn a_filter_has_three_forms() {
        let form = |filter: ActiveFilter| serde_json::to_string(&filter).unwrap();
        assert_eq!(form(ActiveFilter::Boolean(false)), "false");
        assert_eq!(form(ActiveFilter::Word(false)), r#""false""#);
        assert_eq!(form(ActiveFilter::Digit(false)), r#""0""#);
        assert_eq!(form(ActiveFilter::Digit(true)), r#""1""#);
        assert!(ActiveFilter::Word(true).is_active());
    }
}
