//! What Cleeng says: [`Live`], every offer of an account.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use smallvec::SmallVec;

/// Every offer of an account, active and inactive, read to completeness.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// By the stem of the id.
    offers: BTreeMap<Box<str>, LiveOffer>,
    completeness: Completeness,
    read_at: Option<Moment>,
}

/// Whether what was read is certainly all there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Completeness {
    /// The service says how many offers there are, and as many were read.
    #[default]
    Proven,
    /// The service does not say it; it showed the same twice.
    Assumed,
}

impl Completeness {
    /// Whether nothing has to be said about it.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    pub(crate) fn is_proven(&self) -> bool {
        *self == Self::Proven
    }

    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Assumed => "assumed",
        }
    }
}

/// One offer, as the lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveOffer {
    /// The id: with its country if the offer is plain, the stem if it has several rows.
    pub id: OfferId,
    /// The offer as each type lists it, sorted: one view, but for ids that two types list (docs/cleeng-api.md §2.0).
    views: SmallVec<[(OfferType, View); 1]>,
}

/// An offer as the lists of one type show it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Whether it can be bought.
    pub active: bool,
    /// One row per localization that is sold; one only for a plain offer. Never empty.
    pub rows: Vec<Row>,
    /// The country whose row is the offer itself, where the service tells that from its localizations: over REST, which
    /// has it first among the rows.
    pub home: Option<Country>,
    /// Localizations that are not sold and can be again (docs/cleeng-api.md §5.2). What is not sold over JSON-RPC is not there.
    pub dormant: Vec<Row>,
}

/// One line of a list: a plain offer, or one localization of an offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The id with its country.
    pub id: OfferId,
    /// The country, if the service says one.
    pub country: Option<Country>,
    /// The currency of the price, if the service says one.
    pub currency: Option<Currency>,
    /// The tax in the price, such as 0.19, if the service says one.
    pub tax_rate: Option<Amount>,
    /// The e-mail address of the account.
    pub publisher_email: Option<Foreign>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it was last changed.
    pub updated_at: Option<Moment>,
    /// The values that the answer carried; a field that is not here was not carried.
    pub fields: Fields,
}

impl Live {
    /// Returns an account without offers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row that the lists of a type showed; rows with the same stem are one offer.
    ///
    /// The same row may come twice, the later one counts.
    pub fn add(&mut self, offer_type: OfferType, active: bool, row: Row) {
        let stem: Box<str> = row.id.stem().into();
        let offer = self.offers.entry(stem).or_insert_with(|| LiveOffer {
            id: row.id.clone(),
            views: SmallVec::new(),
        });
        let place = offer.views.binary_search_by_key(&offer_type, |(of, _)| *of);
        let place = place.unwrap_or_else(|place| {
            // Most offers are listed as one type, with one row, and none of them needs room to spare.
            let view = View::of_rows(active, Vec::with_capacity(1));
            offer.views.insert(place, (offer_type, view));
            place
        });
        let view = &mut offer.views[place].1;
        view.active |= active;
        match view.rows.binary_search_by(|found| found.id.cmp(&row.id)) {
            Ok(index) => view.rows[index] = row,
            Err(index) => view.rows.insert(index, row),
        }
        // Once it has a second row, it is known by the stem alone.
        let has_others = offer
            .views()
            .flat_map(|view| &view.rows)
            .any(|row| row.id != offer.id);
        if has_others {
            offer.id = offer.id.to_stem();
        }
    }

    /// Adds an offer that the service shows as one resource, as each of the types that it may be.
    ///
    /// The first row of each view is the offer itself.
    pub fn add_resource(&mut self, mut views: Vec<(OfferType, View)>) {
        let first = views
            .first()
            .and_then(|(_, view)| Some((view, view.rows.first()?)));
        let Some((view, row)) = first else {
            return;
        };
        let id = if view.has_localizations() {
            row.id.to_stem()
        } else {
            row.id.clone()
        };
        views.sort_by_key(|(offer_type, _)| *offer_type);
        let offer = LiveOffer {
            id: id.clone(),
            views: views.into(),
        };
        self.offers.insert(id.stem().into(), offer);
    }

    /// Whether these are certainly all offers.
    pub fn completeness(&self) -> Completeness {
        self.completeness
    }

    /// Says whether these are certainly all offers.
    pub fn set_completeness(&mut self, completeness: Completeness) {
        self.completeness = completeness;
    }

    /// When the account was read, if that is known.
    pub fn read_at(&self) -> Option<Moment> {
        self.read_at
    }

    /// Says when the account was read: what held until then is over.
    pub fn set_read_at(&mut self, moment: Option<Moment>) {
        self.read_at = moment;
    }

    /// Adds the values of a row that was read by itself to those that the lists showed.
    pub fn add_details(&mut self, offer_type: OfferType, details: &Row) {
        let view = self
            .get_mut(&details.id)
            .and_then(|offer| offer.view_mut(offer_type));
        let row = view.and_then(|view| view.rows.iter_mut().find(|row| row.id == details.id));
        if let Some(row) = row {
            for (field, value) in details.fields.iter() {
                row.fields.set(field, value.clone());
            }
            row.tax_rate = row.tax_rate.or(details.tax_rate);
            row.currency = row.currency.or(details.currency);
        }
    }

    /// The offer of an id, with or without its country.
    pub fn get(&self, id: &OfferId) -> Option<&LiveOffer> {
        self.offers.get(id.stem())
    }

    /// The offer of an id, to be changed.
    pub fn get_mut(&mut self, id: &OfferId) -> Option<&mut LiveOffer> {
        self.offers.get_mut(id.stem())
    }

    /// All offers by stem.
    pub fn offers(&self) -> impl Iterator<Item = &LiveOffer> {
        self.offers.values()
    }

    /// How many offers there are.
    pub fn len(&self) -> usize {
        self.offers.len()
    }

    /// Whether there is no offer at all.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// The e-mail addresses that offers show as their publisher.
    pub fn publisher_emails(&self) -> BTreeSet<&Foreign> {
        self.rows()
            .filter_map(|row| row.publisher_email.as_ref())
            .collect()
    }

    /// The e-mail address that offers show as their publisher, if they show just one.
    pub fn publisher_email(&self) -> Option<&Foreign> {
        let emails = self.publisher_emails();
        emails.first().copied().filter(|_| emails.len() == 1)
    }

    /// The currencies of plain offers that certainly inherit them from the account: all but events over JSON-RPC (
    /// docs/cleeng-api.md §2.5), and none over REST, where a price may have another.
    pub fn account_currencies(&self) -> BTreeSet<Currency> {
        let inherits = |(view, _): &(&View, &Row)| view.home.is_none();
        let rows = self.inheriting_rows().filter(inherits);
        rows.filter_map(|(_, row)| row.currency).collect()
    }

    /// The currency that plain offers have, if they show just one; or else the one that is remembered.
    pub fn account_currency(&self, remembered: Option<Currency>) -> Option<Currency> {
        let shown: BTreeSet<Currency> = self
            .inheriting_rows()
            .filter_map(|(_, row)| row.currency)
            .collect();
        let only = shown.first().copied().filter(|_| shown.len() == 1);
        only.or(remembered)
    }

    /// The countries of plain offers.
    pub fn account_countries(&self) -> BTreeSet<Country> {
        let rows = self.inheriting_rows();
        rows.filter_map(|(_, row)| row.country).collect()
    }

    /// The country of the account, in which every new offer is sold over REST: that of plain offers if they show just
    /// one, or else the one that is known from elsewhere, or the one that localized offers have.
    pub fn account_country(&self, known: Option<Country>) -> Option<Country> {
        let only = |countries: &BTreeSet<Country>| {
            let first = countries.first().copied();
            first.filter(|_| countries.len() == 1)
        };
        let homes = || -> BTreeSet<Country> {
            let views = self.offers.values().flat_map(LiveOffer::views);
            views.filter_map(|view| view.home).collect()
        };
        only(&self.account_countries())
            .or(known)
            .or_else(|| only(&homes()))
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.offers
            .values()
            .flat_map(LiveOffer::views)
            .flat_map(|view| &view.rows)
    }

    fn inheriting_rows(&self) -> impl Iterator<Item = (&View, &Row)> {
        self.offers.values().filter_map(|offer| {
            let (offer_type, view) = offer.views.first()?;
            let is_plain = view.rows.len() == 1 && view.dormant.is_empty();
            (is_plain && *offer_type != OfferType::Event).then(|| (view, &view.rows[0]))
        })
    }
}

impl LiveOffer {
    fn views(&self) -> impl Iterator<Item = &View> {
        self.views.iter().map(|(_, view)| view)
    }

    /// The offer as the lists of a type show it.
    pub fn view(&self, offer_type: OfferType) -> Option<&View> {
        let mut views = self.views.iter();
        views
            .find(|(of, _)| *of == offer_type)
            .map(|(_, view)| view)
    }

    /// The offer as the lists of a type show it, to be changed.
    pub fn view_mut(&mut self, offer_type: OfferType) -> Option<&mut View> {
        let mut views = self.views.iter_mut();
        views
            .find(|(of, _)| *of == offer_type)
            .map(|(_, view)| view)
    }

    /// The type of an offer that no binding tells the type of: an id that two types list belongs to VOD.
    pub fn offer_type(&self) -> OfferType {
        if self.view(OfferType::Vod).is_some() {
            return OfferType::Vod;
        }
        self.types().next().unwrap_or(OfferType::Vod)
    }

    /// The types whose lists show the offer.
    pub fn types(&self) -> impl Iterator<Item = OfferType> {
        self.views.iter().map(|(offer_type, _)| *offer_type)
    }

    /// Whether any type lists it as active.
    pub fn is_active(&self) -> bool {
        self.views().any(|view| view.active)
    }

    /// The marker on the offer, if it has one: who made it, and under which name.
    pub fn marker(&self) -> Option<&str> {
        let rows = self.views().filter_map(|view| view.rows.first());
        let mut markers = rows.filter_map(|row| row.fields.text(Field::Marker));
        markers.next().map(Foreign::raw)
    }

    /// The title that people know the offer by: that of its first row.
    pub fn title(&self) -> Foreign {
        let first = self.views().next();
        first
            .and_then(|view| view.rows.first())
            .and_then(|row| row.fields.text(Field::Title))
            .cloned()
            .unwrap_or_default()
    }
}

impl View {
    /// A view of rows of which none is known to be the offer itself.
    pub fn of_rows(active: bool, rows: Vec<Row>) -> Self {
        Self {
            active,
            rows,
            home: None,
            dormant: Vec::new(),
        }
    }

    /// The row of a country that is not sold to, and can be again.
    pub fn dormant_row(&self, country: Country) -> Option<&Row> {
        let mut rows = self.dormant.iter();
        rows.find(|row| row.country == Some(country))
    }

    /// Whether the offer has more than one row, so that it certainly is localized.
    pub fn has_localizations(&self) -> bool {
        self.rows.len() > 1
    }

    /// The row of a country.
    pub fn row(&self, country: Country) -> Option<&Row> {
        self.rows.iter().find(|row| row.country == Some(country))
    }

    /// The countries of the rows.
    pub fn countries(&self) -> BTreeSet<Country> {
        self.rows.iter().filter_map(|row| row.country).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> Row {
        let id = OfferId::new(id);
        Row {
            country: id.country().and_then(Country::new),
            id,
            currency: None,
            tax_rate: None,
            publisher_email: None,
            created_at: None,
            updated_at: None,
            fields: Fields::new(),
        }
    }

    #[test]
    fn rows_of_one_stem_are_one_offer() {
        let mut live = Live::new();
        live.add(OfferType::Subscription, true, row("S740060915_US"));
        assert_eq!(
            live.get(&OfferId::new("S740060915")).unwrap().id.raw(),
            "S740060915_US"
        );
        live.add(OfferType::Subscription, true, row("S740060915_FR"));
        live.add(OfferType::Subscription, true, row("S740060915_FR"));
        assert_eq!(live.len(), 1);
        let offer = live.get(&OfferId::new("S740060915_XX")).unwrap();
        assert_eq!(offer.id.raw(), "S740060915");
        assert_eq!(offer.view(OfferType::Subscription).unwrap().rows.len(), 2);
    }

    #[test]
    fn an_id_that_two_types_list_belongs_to_vod() {
        let mut live = Live::new();
        live.add(OfferType::Single, true, row("A123456789_US"));
        live.add(OfferType::Vod, true, row("A123456789_US"));
        let offer = live.get(&OfferId::new("A123456789")).unwrap();
        assert_eq!(offer.offer_type(), OfferType::Vod);
        assert_eq!(
            offer.types().collect::<Vec<_>>(),
            [OfferType::Single, OfferType::Vod]
        );
        assert_eq!(offer.id.raw(), "A123456789_US");
    }
}
