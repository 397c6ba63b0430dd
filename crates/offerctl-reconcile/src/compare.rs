//! What differs between two accounts of a project: [`compare`].
//!
//! Offers are compared by name, live with live, each value in the words that both accounts share: events by name, and a value
//! that is as the manifest says it as the manifest says it, so that tax that the service took out, or an id, is no difference.
//! Of each difference it is told whether the manifests say so.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Desired;
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};

use crate::diff::{Comparison, FieldChange, Undo, difference};
use crate::drift::own_rows;
use crate::fold::AsRead;
use crate::live::{Live, LiveOffer, Row, View};
use crate::matching::match_offers;
use crate::state::State;

/// One of the two accounts, with all that gives its offers names.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What the manifests say for its environment.
    pub desired: &'a Desired,
    /// What is live.
    pub live: &'a Live,
    /// What is bound.
    pub state: &'a State,
}

/// What differs between two accounts; of every pair, the first account comes first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compared {
    /// The offers that differ, by name; then those without a name, by title.
    pub different: Vec<Different>,
    /// How many offers with a name are the same in both.
    pub alike: usize,
    /// Names of which a person has to decide first which live offer they stand for.
    pub undecided: [BTreeSet<Name>; 2],
    /// How many offers on sale belong to no name.
    pub unmanaged: [usize; 2],
}

/// An offer that is not the same in both accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Different {
    /// What it is known by.
    pub subject: Subject,
    /// Where it is.
    pub presence: [Presence; 2],
    /// The values that differ, if it is on sale in both and of one type.
    pub fields: Vec<FieldDifference>,
    /// Whether the manifests say that it is on sale in just one of the two.
    pub declared: bool,
}

/// What an offer is known by in both accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Its name.
    Name(Name),
    /// Its title, which no other unmanaged offer of its type has in either account.
    Title(Foreign),
}

/// Whether an account has an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is on sale.
    OnSale(OfferType, OfferId),
    /// It is there, but not on sale.
    Inactive(OfferType, OfferId),
    /// It is not there.
    Absent,
}

/// A value that is not the same in both accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDifference {
    /// Which one.
    pub path: FieldPath,
    /// The two values.
    pub values: [Option<Value>; 2],
    /// The currencies, if the value is a price and they are known.
    pub currencies: [Option<Currency>; 2],
    /// Whether both are as the manifests say them.
    pub declared: bool,
}

impl Presence {
    /// Whether the offer is on sale.
    pub fn is_on_sale(&self) -> bool {
        matches!(self, Self::OnSale(..))
    }

    /// The type and the id of the offer, if there is one.
    pub fn offer(&self) -> Option<(OfferType, &OfferId)> {
        match self {
            Self::OnSale(offer_type, id) | Self::Inactive(offer_type, id) => {
                Some((*offer_type, id))
            }
            Self::Absent => None,
        }
    }
}

impl Different {
    /// Whether it is on sale in both accounts.
    pub fn is_in_both(&self) -> bool {
        self.presence.iter().all(Presence::is_on_sale)
    }

    /// The types of the offer, if they are not the same.
    pub fn types(&self) -> Option<[OfferType; 2]> {
        let [first, second] = &self.presence;
        let types = [first.offer()?.0, second.offer()?.0];
        (types[0] != types[1]).then_some(types)
    }

    /// Whether the manifests say everything that differs.
    pub fn is_declared(&self) -> bool {
        if self.is_in_both() {
            self.types().is_none() && self.fields.iter().all(|field| field.declared)
        } else {
            self.declared
        }
    }
}

/// Returns what differs between the live offers of two accounts.
pub fn compare(sides: [Side<'_>; 2]) -> Compared {
    let [first, second] = sides.map(Account::of);
    let mut compared = Compared {
        unmanaged: [first.unmanaged.len(), second.unmanaged.len()],
        undecided: [first.undecided.clone(), second.undecided.clone()],
        ..Compared::default()
    };
    let declared = sides.iter().flat_map(|side| side.desired.offers().keys());
    let names: BTreeSet<&Name> = declared
        .chain(first.offers.keys())
        .chain(second.offers.keys())
        .collect();
    for name in names {
        if first.undecided.contains(name) || second.undecided.contains(name) {
            continue;
        }
        let pair = [first.offers.get(name), second.offers.get(name)];
        let presence = pair.map(|offer| offer.map_or(Presence::Absent, Offer::presence));
        if !presence.iter().any(Presence::is_on_sale) {
            continue;
        }
        let wanted = sides.map(|side| side.desired.get(name).is_some());
        let found = Different {
            subject: Subject::Name(name.clone()),
            declared: wanted == [0, 1].map(|index| presence[index].is_on_sale()),
            fields: differences(pair),
            presence,
        };
        compared.add(found);
    }
    for (title, pair) in pairs(&first, &second) {
        let alike = compared.alike;
        compared.add(Different {
            subject: Subject::Title(title),
            presence: [pair[0].presence(), pair[1].presence()],
            fields: differences(pair.map(Some)),
            declared: false,
        });
        // Only what has a name is counted.
        compared.alike = alike;
    }
    compared
}

impl Compared {
    fn add(&mut self, found: Different) {
        if found.is_in_both() && found.fields.is_empty() && found.types().is_none() {
            self.alike += 1;
        } else {
            self.different.push(found);
        }
    }

    /// How many differences the manifests do not say.
    pub fn unexpected(&self) -> usize {
        let unexpected = self.different.iter().filter(|found| !found.is_declared());
        unexpected.count()
    }
}

/// An account by names.
struct Account<'a> {
    offers: BTreeMap<Name, Offer<'a>>,
    undecided: BTreeSet<Name>,
    /// By type and title; more than one offer may have both.
    unmanaged: Vec<Offer<'a>>,
}

/// One live offer.
struct Offer<'a> {
    kind: OfferType,
    id: OfferId,
    title: Foreign,
    view: &'a View,
    declared: Option<&'a Content>,
    /// What is not as declared.
    open: Vec<FieldChange>,
    localized: bool,
    /// The currency of plain prices that do not say it.
    currency: Option<Currency>,
    names: std::rc::Rc<BTreeMap<OfferId, Name>>,
}

impl<'a> Account<'a> {
    fn of(side: Side<'a>) -> Self {
        let Side {
            desired,
            live,
            state,
        } = side;
        let now = live.read_at();
        let matching = match_offers(desired, live, state);
        let bound = matching.orphans.iter().filter_map(|name| {
            let binding = state.bindings.get(name)?;
            Some((name.clone(), (binding.id.clone(), binding.offer_type)))
        });
        let matched = matching.matches.iter();
        let matched =
            matched.map(|(name, found)| (name.clone(), (found.id().clone(), found.offer_type)));
        let ids: BTreeMap<Name, (OfferId, OfferType)> = bound.chain(matched).collect();
        let names = ids
            .iter()
            .map(|(name, (id, _))| (id.to_stem(), name.clone()));
        let names = std::rc::Rc::new(names.collect::<BTreeMap<_, _>>());
        let currency = live.account_currency(state.account.currency);
        let offer = |name: Option<&Name>, live: &'a LiveOffer, (id, offer_type)| {
            let view = live.view(offer_type)?;
            let declared = name.and_then(|name| desired.get(name));
            let declared = declared.filter(|declared| declared.offer_type == offer_type);
            let declared = declared.map(|declared| &*declared.content);
            let binding = name.and_then(|name| state.bindings.get(name));
            let applied = binding.and_then(|binding| binding.applied.as_ref());
            let open = declared.map_or_else(Vec::new, |content| {
                let view: Cow<'_, View> = own_rows(content, (&id, view));
                let comparison = Comparison {
                    api: desired.api(),
                    offer_type,
                    desired: content,
                    view: &view,
                    applied,
                    resolve: &|name| ids.get(name).map(|(id, _)| id.clone()),
                    undo: Undo::default(),
                    now,
                };
                difference(comparison).fields
            });
            let says_localized = declared.or(applied).is_some_and(Content::is_localized);
            Some(Offer {
                kind: offer_type,
                id,
                title: live.title(),
                view,
                declared,
                open,
                localized: says_localized || view.has_localizations(),
                currency,
                names: std::rc::Rc::clone(&names),
            })
        };
        let mut offers = BTreeMap::new();
        for (name, (id, offer_type)) in &ids {
            let found = live.get(id);
            let found = found.and_then(|live| offer(Some(name), live, (id.clone(), *offer_type)));
            if let Some(found) = found {
                offers.insert(name.clone(), found);
            }
        }
        let unmanaged = matching.unmanaged.iter().filter_map(|id| {
            let live = live.get(id)?;
            offer(None, live, (live.id.clone(), live.offer_type()))
        });
        let unmanaged = unmanaged.collect();
        let undecided = matching.blocked.union(&matching.pending);
        Self {
            undecided: undecided.cloned().collect(),
            unmanaged,
            offers,
        }
    }

    /// The unmanaged offers that nothing else of their type has the title of.
    fn titles(&self) -> BTreeMap<(OfferType, AsRead), &Offer<'a>> {
        let mut titles: BTreeMap<(OfferType, AsRead), Vec<&Offer<'a>>> = BTreeMap::new();
        for offer in &self.unmanaged {
            let title = AsRead::declared(Field::Title, &offer.title);
            let found = titles.entry((offer.kind, title)).or_default();
            found.push(offer);
        }
        let unique = titles
            .into_iter()
            .filter_map(|(key, offers)| match *offers {
                [offer] if !key.1.is_empty() => Some((key, offer)),
                _ => None,
            });
        unique.collect()
    }
}

/// Unmanaged offers of both accounts that have the same type and title.
fn pairs<'o, 'a>(
    first: &'o Account<'a>,
    second: &'o Account<'a>,
) -> Vec<(Foreign, [&'o Offer<'a>; 2])> {
    let others = second.titles();
    let pair = |(key, one): ((OfferType, AsRead), &'o Offer<'a>)| {
        let other = others.get(&key)?;
        Some((one.title.clone(), [one, *other]))
    };
    first.titles().into_iter().filter_map(pair).collect()
}

fn differences(pair: [Option<&Offer<'_>>; 2]) -> Vec<FieldDifference> {
    let [Some(first), Some(second)] = pair else {
        return Vec::new();
    };
    let offers = [first, second];
    let on_sale = offers.iter().all(|offer| offer.view.active);
    if !on_sale || first.kind != second.kind {
        return Vec::new();
    }
    if !first.localized && !second.localized {
        let rows = offers.map(|offer| offer.view.rows.first());
        return match rows {
            [Some(one), Some(other)] => row_differences(offers, None, [one, other]),
            _ => Vec::new(),
        };
    }
    localized_differences(offers)
}

fn localized_differences(offers: [&Offer<'_>; 2]) -> Vec<FieldDifference> {
    let mut found: BTreeMap<Field, Vec<FieldDifference>> = BTreeMap::new();
    let countries: BTreeSet<Country> = offers
        .iter()
        .flat_map(|offer| offer.view.countries())
        .collect();
    let mut in_both = 0;
    for country in countries {
        let rows = offers.map(|offer| offer.view.row(country));
        let differences = if let [Some(one), Some(other)] = rows {
            in_both += 1;
            row_differences(offers, Some(country), [one, other])
        } else {
            vec![country_difference(offers, country)]
        };
        for difference in differences {
            found
                .entry(difference.path.field)
                .or_default()
                .push(difference);
        }
    }
    let mut all = Vec::new();
    for (field, mut differences) in found {
        let (first, rest) = differences
            .split_first_mut()
            .expect("there is a difference");
        // What is another value in all countries alike is told once.
        let alike = rest
            .iter()
            .all(|other| other.values == first.values && other.declared == first.declared);
        if field != Field::Price && alike && rest.len() + 1 == in_both {
            first.path = FieldPath::top(field);
            differences.truncate(1);
        }
        all.append(&mut differences);
    }
    all
}

/// A country that only one of the two has.
fn country_difference(offers: [&Offer<'_>; 2], country: Country) -> FieldDifference {
    let path = FieldPath::localized(country, Field::Price);
    let is_as_declared = |offer: &&Offer<'_>| {
        offer.declared.is_some_and(|content| {
            let declared = content.localizations.as_ref();
            let declared = declared.is_some_and(|rows| rows.contains_key(&country));
            declared == offer.view.row(country).is_some()
        })
    };
    FieldDifference {
        path,
        values: offers.map(|offer| {
            let row = offer.view.row(country)?;
            offer.value((Some(country), row), Field::Price)?.0
        }),
        currencies: offers.map(|offer| offer.view.row(country).and_then(|row| row.currency)),
        declared: offers.iter().all(is_as_declared),
    }
}

fn row_differences(
    offers: [&Offer<'_>; 2],
    country: Option<Country>,
    rows: [&Row; 2],
) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    // A currency is told with the price, and a marker is nobody's choice.
    let told = |field: &Field| !matches!(field, Field::Currency | Field::Marker);
    for field in Field::all().filter(told) {
        let values = [0, 1].map(|index| offers[index].value((country, rows[index]), field));
        let [
            Some((first, first_declared)),
            Some((second, second_declared)),
        ] = values
        else {
            continue;
        };
        let currencies = [0, 1].map(|index| {
            let is_price = field == Field::Price;
            let currency = rows[index].currency.or(offers[index].currency);
            currency.filter(|_| is_price)
        });
        let other_currency = matches!(currencies, [Some(one), Some(other)] if one != other);
        let is_cleared = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_cleared);
        let equal = first == second || (is_cleared(&first) && is_cleared(&second));
        if equal && !other_currency {
            continue;
        }
        found.push(FieldDifference {
            path: FieldPath { country, field },
            values: [first, second],
            currencies,
            declared: first_declared && second_declared,
        });
    }
    found
}

impl Offer<'_> {
    fn presence(&self) -> Presence {
        let (offer_type, id) = (self.kind, self.id.clone());
        if self.view.active {
            Presence::OnSale(offer_type, id)
        } else {
            Presence::Inactive(offer_type, id)
        }
    }

    /// A live value, and whether it is as declared; `None` if nobody can know it.
    fn value(
        &self,
        (country, row): (Option<Country>, &Row),
        field: Field,
    ) -> Option<(Option<Value>, bool)> {
        let declared = self.declared.and_then(|content| content.at(country, field));
        let is_open = self.open.iter().any(|change| {
            let (here, there) = (country, change.path.country);
            change.path.field == field && (here.is_none() || there.is_none() || here == there)
        });
        // A country that is not declared has nothing of what is.
        let is_declared_row = country.is_none_or(|country| {
            let rows = self
                .declared
                .and_then(|content| content.localizations.as_ref());
            rows.is_some_and(|rows| rows.contains_key(&country))
        });
        if let Some(declared) = declared
            && is_declared_row
            && !is_open
        {
            let value = if let Value::Events(events) = declared {
                self.by_name(events)
            } else {
                declared.clone()
            };
            return Some((Some(value), true));
        }
        match (row.fields.get(field), field.visibility()) {
            (_, Visibility::WriteOnly) | (None, Visibility::Detail) => None,
            (Some(Value::Events(events)), _) => Some((Some(self.by_name(events)), false)),
            (value, Visibility::Listed | Visibility::Detail) => Some((value.cloned(), false)),
        }
    }

    /// Events by their names, which are the same in both accounts, as far as they have any.
    fn by_name(&self, events: &[EventRef]) -> Value {
        Value::events(events.iter().map(|event| match event {
            EventRef::Id(id) => match self.names.get(&id.to_stem()) {
                Some(name) => EventRef::Offer(name.clone()),
                None => event.clone(),
            },
            EventRef::Offer(_) => event.clone(),
        }))
    }
}
