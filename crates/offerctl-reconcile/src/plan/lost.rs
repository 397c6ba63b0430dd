//! Where an offer is no longer sold: [`LostCountries`].

use std::collections::BTreeSet;

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::value::{GeoMode, GeoRestriction, Value};
use serde::{Deserialize, Serialize};

use crate::diff::{Difference, FieldChange};

/// Countries that an offer is no longer sold to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LostCountries {
    /// The localization whose geo restriction it is; `None` at the top of the offer, or if localizations go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Country>,
    /// The countries that were named.
    pub countries: BTreeSet<Country>,
    /// Whether all countries go that nobody names, as when a whitelist is set for the first time.
    #[serde(default)]
    pub every_other: bool,
}

impl Difference {
    /// The countries that are no longer sold to: those that go, and those that geo restrictions close.
    pub(super) fn lost_countries(&self) -> Vec<LostCountries> {
        let gone = &self.countries.removed;
        let gone = (!gone.is_empty()).then(|| LostCountries {
            row: None,
            countries: gone.clone(),
            every_other: false,
        });
        gone.into_iter()
            .chain(closed_countries(&self.fields))
            .collect()
    }
}

/// The countries that geo restrictions close.
fn closed_countries(fields: &[FieldChange]) -> Vec<LostCountries> {
    let lost = |change: &FieldChange| {
        let restriction = |value: &Option<Value>| match value {
            Some(Value::Geo(Some(restriction))) => Some(GeoRestriction::clone(restriction)),
            _ => None,
        };
        let (before, after) = (restriction(&change.before), restriction(&change.after)?);
        let (countries, every_other) = closed(before.as_ref(), &after);
        let any = every_other || !countries.is_empty();
        any.then_some(LostCountries {
            row: change.path.country,
            countries,
            every_other,
        })
    };
    fields
        .iter()
        .filter(|change| change.path.field == Field::GeoRestriction)
        .filter_map(lost)
        .collect()
}

/// The countries that were open before and are closed after; whether all that nobody names are among them.
fn closed(before: Option<&GeoRestriction>, after: &GeoRestriction) -> (BTreeSet<Country>, bool) {
    let named = |one: &BTreeSet<Country>, other: &BTreeSet<Country>| {
        one.difference(other).copied().collect()
    };
    match (
        before.map(|before| (before.mode, &before.countries)),
        after.mode,
    ) {
        (Some((GeoMode::Whitelist, open)), GeoMode::Whitelist) => {
            (named(open, &after.countries), false)
        }
        (Some((GeoMode::Whitelist, open)), GeoMode::Blacklist) => (
            open.intersection(&after.countries).copied().collect(),
            false,
        ),
        (Some((GeoMode::Blacklist, shut)), GeoMode::Blacklist) => {
            (named(&after.countries, shut), false)
        }
        (None, GeoMode::Blacklist) => (after.countries.clone(), false),
        (Some((GeoMode::Blacklist, _)) | None, GeoMode::Whitelist) => (BTreeSet::new(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restriction(mode: GeoMode, countries: &str) -> GeoRestriction {
        GeoRestriction {
            mode,
            countries: set(countries),
        }
    }

    fn set(countries: &str) -> BTreeSet<Country> {
        countries
            .split_whitespace()
            .filter_map(Country::new)
            .collect()
    }

    #[test]
    fn the_countries_that_a_new_restriction_closes() {
        use GeoMode::{Blacklist, Whitelist};
        let check = |before: Option<(GeoMode, &str)>,
                     after: (GeoMode, &str),
                     lost: &str,
                     every_other: bool| {
            let before = before.map(|(mode, countries)| restriction(mode, countries));
            let found = closed(before.as_ref(), &restriction(after.0, after.1));
            assert_eq!(found, (set(lost), every_other), "{before:?} to {after:?}");
        };
        check(
            Some((Whitelist, "US NO")),
            (Whitelist, "US CA"),
            "NO",
            false,
        );
        check(
            Some((Whitelist, "US NO")),
            (Blacklist, "NO SE"),
            "NO",
            false,
        );
        check(Some((Blacklist, "SE")), (Blacklist, "NO"), "NO", false);
        check(None, (Blacklist, "NO"), "NO", false);
        check(None, (Whitelist, "US"), "", true);
        check(Some((Blacklist, "SE")), (Whitelist, "US"), "", true);
        check(Some((Whitelist, "US")), (Whitelist, "US CA"), "", false);
    }
}
