//! What an offer can say: every [`Field`] of every type, in both generations of the API.
//!
//! One table, [`TABLE`](table), says of each field what it holds, which types have it in which generation, whether
//! it can differ per country, and whether it can be read back. Reading manifests, capabilities, difference,
//! schema and documentation all go by it.

mod kind;
mod list;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use self::kind::{Kind, Member, Removal, Visibility};
pub use self::list::Field;
use self::table::row;
use crate::offer_type::{Api, OfferType};

/// The fields of each name: manifests ask for one with every key.
static BY_NAME: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let mut by_name: BTreeMap<&'static str, Vec<Field>> = BTreeMap::new();
    for row in table::TABLE {
        by_name.entry(row.name).or_default().push(row.field);
    }
    by_name
});

impl Field {
    /// Every field, in the order of the declaration.
    pub fn all() -> impl Iterator<Item = Self> {
        table::TABLE.iter().map(|row| row.field)
    }

    /// The vendor's name of the field, as manifests write it.
    pub fn name(self) -> &'static str {
        row(self).name
    }

    /// What the field is for, for people who write manifests.
    pub fn doc(self) -> &'static str {
        row(self).doc
    }

    /// What the field holds.
    pub fn kind(self) -> Kind {
        row(self).kind
    }

    /// Returns the field that a type of offer calls by this name, in either generation.
    pub fn of_type(name: &str, offer_type: OfferType) -> Option<Self> {
        let fields = BY_NAME.get(name)?.iter().copied();
        let mut found =
            fields.filter(|field| Api::ALL.iter().any(|api| field.exists_in(*api, offer_type)));
        found.next()
    }

    /// Returns the types of offer that have a field of this name, in either generation.
    pub fn types_with(name: &str) -> Vec<OfferType> {
        OfferType::ALL
            .into_iter()
            .filter(|offer_type| Self::of_type(name, *offer_type).is_some())
            .collect()
    }

    /// Whether offers of this type have the field in that generation of the API.
    pub fn exists_in(self, api: Api, offer_type: OfferType) -> bool {
        row(self).types(api).contains(offer_type)
    }

    /// Whether the field can have a value of its own for each country: then a value that is declared at the top of an
    /// offer with localizations is sent with each of them, else once (docs/cleeng-api.md §4).
    pub fn is_localizable(self, api: Api, offer_type: OfferType) -> bool {
        row(self).localizable(api).contains(offer_type)
    }

    /// Whether the field can be declared at the top of an offer that has localizations.
    ///
    /// Over JSON-RPC such an offer is made of `offerData`, which takes fewer fields than a plain offer, and of
    /// `localizedData`, which takes the localizable ones (docs/cleeng-api.md §4).
    pub fn fits_localized_offer(self, api: Api, offer_type: OfferType) -> bool {
        match api {
            Api::JsonRpc => {
                row(self).localized_base.contains(offer_type)
                    || self.is_localizable(api, offer_type)
            }
            Api::Rest => self.exists_in(api, offer_type),
        }
    }

    /// Whether the field can be declared at the top of an offer, with localizations or without.
    pub fn fits_top(self, api: Api, offer_type: OfferType, is_localized: bool) -> bool {
        if is_localized {
            self.fits_localized_offer(api, offer_type)
        } else {
            self.exists_in(api, offer_type)
        }
    }

    /// Whether `offerData` beside `localizedData` takes the field (docs/cleeng-api.md §4).
    pub fn is_offer_data_of_localized(self, offer_type: OfferType) -> bool {
        row(self).localized_base.contains(offer_type)
    }

    /// Whether and how the value can be read back (docs/cleeng-api.md §2).
    pub fn visibility(self) -> Visibility {
        row(self).visibility
    }

    /// What becomes of a value that an apply sent once the field is no longer declared.
    pub fn removal(self) -> Removal {
        row(self).removal
    }

    /// Fields that say the same in other words: an offer has one of each group at a time.
    pub const GROUPS: [&[Self]; 3] = [
        &[
            Self::Period,
            Self::ExpiresAt,
            Self::BillingCycle,
            Self::Entitlement,
        ],
        &[Self::RentalHours, Self::RentalPeriod, Self::Entitlement],
        &[Self::FreeDays, Self::FreePeriods, Self::FreeTrial],
    ];

    /// The other fields that say the same in other words.
    pub fn alternatives(self) -> impl Iterator<Item = Self> {
        let groups = Self::GROUPS
            .into_iter()
            .filter(move |group| group.contains(&self));
        groups
            .flatten()
            .copied()
            .filter(move |field| *field != self)
    }

    /// The fields that say how long a free trial is, each in a unit of its own: an offer has one trial.
    pub const TRIAL_UNITS: [Self; 2] = [Self::FreeDays, Self::FreePeriods];

    /// The most characters of a text, or of each entry of a list (docs/cleeng-api.md §2.8, §5.4).
    pub fn max_length(self, api: Api, offer_type: OfferType) -> Option<usize> {
        match (self, api) {
            (Self::Title, _) => Some(70),
            (Self::Description, Api::JsonRpc) => (offer_type != OfferType::Event).then_some(110),
            (Self::Description | Self::ImageUrl, Api::Rest) => Some(255),
            (Self::Teaser, _) => Some(150),
            (Self::Url, Api::Rest) => Some(200),
            (Self::ContentExternalId, _) => Some(50),
            (Self::ContentExternalData, _) => Some(4096),
            (Self::Tags | Self::AccessToTags, Api::Rest) => Some(64),
            _ => None,
        }
    }

    /// The values of `period`, as the create pages list them (docs/cleeng-api.md §2.7).
    ///
    /// A day is documented only for passes with localizations.
    pub fn periods(offer_type: OfferType, localized: bool) -> &'static [&'static str] {
        match (offer_type, localized) {
            (OfferType::Pass, true) => &[
                "day", "week", "2weeks", "month", "3months", "6months", "year",
            ],
            (OfferType::Pass, false) => &["week", "2weeks", "month", "3months", "6months", "year"],
            _ => &["week", "month", "3months", "6months", "year"],
        }
    }

    /// Whether the value is a text that must not be empty, because no offer can be made without it.
    pub fn is_essential(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::Url
                | Self::Price
                | Self::Currency
                | Self::Period
                | Self::RentalHours
                | Self::BillingCycle
                | Self::ExpiresAt
                | Self::Entitlement
                | Self::StartTime
                | Self::EndTime
                | Self::TimeZone
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// In documents a field is its name; `period` of a rental is told apart by the type that stands beside it.
impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = if *self == Self::RentalHours {
            "periodHours"
        } else {
            self.name()
        };
        serializer.serialize_str(name)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "periodHours" {
            return Ok(Self::RentalHours);
        }
        let found = table::TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.field);
        found.ok_or_else(|| serde::de::Error::custom(format!("there is no field `{name}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_one_row_per_field_in_the_order_of_the_enum() {
        for (index, row) in table::TABLE.iter().enumerate() {
            assert_eq!(row.field as usize, index, "{}", row.name);
        }
        assert_eq!(table::TABLE.len(), Field::Marker as usize + 1);
    }

    #[test]
    fn a_name_is_one_field_per_type() {
        assert_eq!(
            Field::of_type("period", OfferType::Pass),
            Some(Field::Period)
        );
        assert_eq!(
            Field::of_type("period", OfferType::Rental),
            Some(Field::RentalHours)
        );
        assert_eq!(Field::of_type("period", OfferType::Event), None);
        for offer_type in OfferType::ALL {
            let mut names: Vec<_> = table::TABLE
                .iter()
                .filter(|row| {
                    Api::ALL
                        .iter()
                        .any(|api| row.types(*api).contains(offer_type))
                })
                .map(|row| row.name)
                .collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{offer_type}");
        }
    }

    #[test]
    fn fields_survive_their_names() {
        for field in Field::all() {
            let text = serde_json::to_string(&field).unwrap();
            assert_eq!(serde_json::from_str::<Field>(&text).unwrap(), field);
        }
        assert!(serde_json::from_str::<Field>("\"prise\"").is_err());
    }

    #[test]
    fn what_is_localizable_exists_and_fits() {
        for (field, api, offer_type) in Field::all()
            .flat_map(|field| Api::ALL.map(|api| (field, api)))
            .flat_map(|(field, api)| OfferType::ALL.map(|offer_type| (field, api, offer_type)))
        {
            if field.fits_localized_offer(api, offer_type) && field != Field::GeoRestriction {
                assert!(
                    field.exists_in(api, offer_type),
                    "{field} {api} {offer_type}"
                );
            }
            if field.is_localizable(api, offer_type) {
                assert!(
                    field.fits_localized_offer(api, offer_type),
                    "{field} {api} {offer_type}"
                );
            }
        }
    }
}
