//! An offer as several types at the price of one: [`Kept`].
//!
//! REST says of a single, a rental and a VOD alike that it is a `vod`, so each of them is kept as all three
//! (`row::types_of`). Those views have the same rows and differ in a few fields: while the catalogue is read, only these
//! are kept beside the first view.

use offerctl_model::field::Field;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;
use offerctl_reconcile::live::{Row, View};

use crate::fetch::weight::{weight, weight_of_value};

/// An offer as each of the types that it may be.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    first: Option<(OfferType, View)>,
    others: Box<[(OfferType, Other)]>,
}

/// What an offer is as another type.
#[derive(Debug, Clone)]
enum Other {
    /// By row, the fields that are others than in the first view.
    Fields(Box<[Differences]>),
    /// All of it: the rows are others, too.
    Whole(View),
}

/// Fields with their values; without one, the row does not have the field.
type Differences = Box<[(Field, Option<Value>)]>;

impl Kept {
    /// Keeps some views.
    pub(super) fn new(views: Vec<(OfferType, View)>) -> Self {
        let mut views = views.into_iter().map(|(offer_type, mut view)| {
            shrink(&mut view);
            (offer_type, view)
        });
        let first = views.next();
        let others = views.map(|(offer_type, view)| {
            let base = first.as_ref().map(|(_, base)| base);
            let other = match base.filter(|base| has_same_rows(base, &view)) {
                Some(base) => {
                    let pairs = rows(base).zip(rows(&view));
                    Other::Fields(pairs.map(|(base, row)| differences(base, row)).collect())
                }
                None => Other::Whole(view),
            };
            (offer_type, other)
        });
        let others = others.collect();
        Self { first, others }
    }

    /// Returns the views.
    pub(super) fn into_views(self) -> Vec<(OfferType, View)> {
        let Some((offer_type, base)) = self.first else {
            return Vec::new();
        };
        let mut views = Vec::with_capacity(1 + self.others.len());
        for (offer_type, other) in self.others {
            let view = match other {
                Other::Whole(view) => view,
                Other::Fields(differences) => {
                    let mut view = base.clone();
                    let rows = view.rows.iter_mut().chain(&mut view.dormant);
                    for (row, differences) in rows.zip(differences) {
                        change(row, differences);
                    }
                    view
                }
            };
            views.push((offer_type, view));
        }
        views.insert(0, (offer_type, base));
        views
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> u64 {
        let of_view = |view: &View| rows(view).map(weight).sum::<u64>();
        let of_difference = |(_, value): &(Field, Option<Value>)| {
            let place = size_of::<(Field, Option<Value>)>() as u64;
            place + value.as_ref().map_or(0, weight_of_value)
        };
        let others = self.others.iter().map(|(_, other)| match other {
            Other::Whole(view) => of_view(view),
            Other::Fields(rows) => {
                let all = rows.iter().flatten().map(of_difference).sum::<u64>();
                size_of_val(&**rows) as u64 + all
            }
        });
        let places = size_of_val(&*self.others) as u64;
        let first = self.first.as_ref().map_or(0, |(_, view)| of_view(view));
        places + first + others.sum::<u64>()
    }
}

fn rows(view: &View) -> impl Iterator<Item = &Row> {
    view.rows.iter().chain(&view.dormant)
}

/// Whether two views differ in nothing but fields.
fn has_same_rows(base: &View, view: &View) -> bool {
    let is_same = |(base, row): (&Row, &Row)| {
        base.id == row.id && base.country == row.country && base.currency == row.currency
    };
    base.active == view.active
        && base.home == view.home
        && base.rows.len() == view.rows.len()
        && base.dormant.len() == view.dormant.len()
        && rows(base).zip(rows(view)).all(is_same)
}

fn differences(base: &Row, row: &Row) -> Differences {
    let others = row.fields.iter();
    let others = others.filter(|(field, value)| base.fields.get(*field) != Some(*value));
    let others = others.map(|(field, value)| (field, Some(value.clone())));
    let gone = base.fields.iter().map(|(field, _)| field);
    let gone = gone.filter(|field| row.fields.get(*field).is_none());
    others.chain(gone.map(|field| (field, None))).collect()
}

fn change(row: &mut Row, differences: Differences) {
    for (field, value) in differences {
        match value {
            Some(value) => row.fields.set(field, value),
            None => row.fields.remove(field),
        };
    }
    row.fields.shrink();
}

/// Gives back the memory that came with making a view: most have one row, and room for four.
fn shrink(view: &mut View) {
    for rows in [&mut view.rows, &mut view.dormant] {
        rows.shrink_to_fit();
        for row in rows {
            row.fields.shrink();
        }
    }
}

#[cfg(test)]
mod tests {
    use cleeng_client::rest::Offer;

    use super::*;
    use crate::rest::row;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        for members in [
            "",
            r#","tags":["a","b"],"title":"A","price":{"amount":1,"currency":"USD"}"#,
            r#","entitlement":{"duration":{"periodUnit":"day","amount":2}}"#,
            r#","entitlement":{"expiresAt":1777636800}"#,
            r#","localizations":[{"countryCode":"FR","title":"B"},{"countryCode":"SE","active":false}]"#,
        ] {
            for offer_type in ["vod", "pass", "subscription", "live"] {
                let json = format!(r#"{{"id":"A1","type":"{offer_type}"{members}}}"#);
                let offer: Offer = serde_json::from_str(&json).unwrap();
                let views = row::views(&offer, row::types_of(offer_type));
                let kept = Kept::new(views.clone());
                assert!(kept.weight() > 0);
                assert_eq!(kept.into_views(), views, "{json}");
            }
        }
        assert!(Kept::new(Vec::new()).into_views().is_empty());
    }

    #[test]
    fn three_types_weigh_little_more_than_one() {
        let text = "x".repeat(10_000);
        let json = format!(r#"{{"id":"A1","type":"vod","description":"{text}","tags":["a"]}}"#);
        let offer: Offer = serde_json::from_str(&json).unwrap();
        let one = Kept::new(row::views(&offer, &[OfferType::Vod])).weight();
        let three = Kept::new(row::views(&offer, row::types_of("vod"))).weight();
        assert!(three < one + 2_000, "{three} beside {one}");
    }
}
