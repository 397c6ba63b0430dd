//! What has to be written where so that an offer says what is live: [`of_offer`].

use std::collections::BTreeSet;

use offerctl_manifest::desired::{Desired, Offer, names_variable};
use offerctl_manifest::manifest::{Manifest, Part};
use offerctl_manifest::project::{Endpoint, Environment};
use offerctl_manifest::span::Span;
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};

use super::countries::{Countries, Moved};
use super::refusal::{Reason, Refusal, refuse_countries, refuse_kind};
use super::situation::{Situation, part};
use super::write::Target;
use super::writing::Writing;
use crate::diff::{Comparison, Difference, FieldChange, Undo, difference};
use crate::drift::{Drift, own_rows};
use crate::live::View;
use crate::notation::{Node, notation, price_with_tax};
use crate::state::Binding;

/// What is to be done for one offer.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) writings: Vec<Writing>,
    pub(super) notes: Vec<String>,
}

/// An offer with all that is known of it.
struct Subject<'a> {
    situation: Situation<'a>,
    drift: &'a Drift,
    binding: &'a Binding,
    applied: &'a Content,
    /// What is declared for all environments, and for this one.
    for_all: &'a Manifest,
    manifest: &'a Manifest,
    offer: &'a Offer,
    view: &'a View,
}

/// Returns what has to be written for one offer, or all reasons why not.
pub(super) fn of_offer(
    situation: Situation<'_>,
    desired: &Desired,
    drift: &Drift,
) -> Result<Found, Vec<Refusal>> {
    let refusal = |(message, help): Reason, span: Option<Span>| Refusal {
        name: drift.name.clone(),
        message,
        help,
        span,
    };
    let declared = situation.manifests.iter().find(|manifest| {
        manifest.name == drift.name || manifest.moved_from.as_ref() == Some(&drift.name)
    });
    let place = declared.map(|manifest| manifest.places.of(Part::Name));
    let here = &situation.environment.name;
    let overridden = declared.and_then(|manifest| manifest.in_environment(here));
    if let Some(reason) = refuse_kind(situation, drift) {
        return Err(vec![refusal(reason, place)]);
    }
    let offer = declared.and_then(|manifest| desired.get(&manifest.name));
    let (Some(declared), Some(offer)) = (declared, offer) else {
        let message = format!("no manifest declares it for the environment `{here}`");
        let help = "declare it again, or let `offerctl apply` take it out of the shop".to_owned();
        return Err(vec![refusal((message, help), place)]);
    };
    let manifest = overridden.as_ref().unwrap_or(declared);
    let binding = situation.state.bindings.get(&drift.name);
    let view = situation
        .live
        .get(&drift.id)
        .and_then(|live| live.view(drift.offer_type));
    let applied = binding.and_then(|binding| binding.applied.as_ref());
    let (Some(binding), Some(applied), Some(view)) = (binding, applied, view) else {
        return Ok(Found::default());
    };
    if manifest.offer_type != drift.offer_type
        || offer.content.is_localized() != applied.is_localized()
    {
        let message =
            "the manifest says another kind of offer than the one that drifted".to_owned();
        let help = "apply that first, or take it back".to_owned();
        return Err(vec![refusal((message, help), place)]);
    }
    let view = own_rows(applied, (&binding.id, view));
    let subject = Subject {
        situation,
        drift,
        binding,
        applied,
        for_all: declared,
        manifest,
        offer,
        view: &view,
    };
    subject.found().map_err(|reasons| {
        let refusals = reasons.into_iter();
        refusals
            .map(|(path, reason)| refusal(reason, Some(manifest.places.of(part(path)))))
            .collect()
    })
}

impl Subject<'_> {
    fn found(&self) -> Result<Found, Vec<(FieldPath, Reason)>> {
        let mut found = Found::default();
        let mut refused = Vec::new();
        let differs = self.difference();
        self.move_countries(&mut found, &mut refused);
        for change in &self.drift.fields {
            let path = change.path;
            let moved = &self.drift.moved_countries;
            if path.country.is_some_and(|country| moved.contains(&country)) {
                continue;
            }
            if path.field == Field::Marker {
                let message = "our marker is not what it should be".to_owned();
                let help = "`offerctl apply` puts it back".to_owned();
                refused.push((path, (message, help)));
            } else if self.declared(path).is_none() {
                found.notes.push(format!(
                    "`{path}` of {} is no longer declared, and stays as it is",
                    self.drift.name
                ));
            } else if self.is_open(path, &differs) {
                match self.writing(change) {
                    Ok(writing) => {
                        let known = found
                            .writings
                            .iter()
                            .any(|known: &Writing| known.path == writing.path);
                        if !known {
                            found.writings.push(writing);
                        }
                    }
                    Err(reason) => refused.push((path, reason)),
                }
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        if found.writings.is_empty() {
            found
                .notes
                .push(format!("{} says already what is live", self.drift.name));
        } else {
            found.notes.extend(self.shared_notes(&found.writings));
        }
        Ok(found)
    }

    /// Adds what has to be written of countries that came or went by hand, or why nothing can be.
    fn move_countries(&self, found: &mut Found, refused: &mut Vec<(FieldPath, Reason)>) {
        let moved = Moved {
            situation: self.situation,
            drift: self.drift,
            applied: self.applied,
            for_all: self.for_all,
            offer: self.offer,
            view: self.view,
        };
        let Countries {
            writings,
            unsayable,
            refused: changed_too,
        } = moved.writings();
        found.writings.extend(writings);
        refused.extend(changed_too);
        if let Some(first) = unsayable.first() {
            let path = FieldPath::localized(*first, Field::Price);
            let api = self.situation.environment.api;
            refused.push((path, refuse_countries(self.drift, api, &unsayable)));
        }
    }

    /// What an apply would change by now.
    fn difference(&self) -> Difference {
        let state = self.situation.state;
        difference(Comparison {
            api: self.situation.environment.api,
            offer_type: self.drift.offer_type,
            desired: &self.offer.content,
            view: self.view,
            applied: Some(self.applied),
            resolve: &|name| state.id_behind(name),
            undo: Undo::default(),
            now: None,
        })
    }

    /// What the manifest says by now.
    fn declared(&self, path: FieldPath) -> Option<Value> {
        effective(&self.offer.content, path)
    }

    /// Whether the manifest says something else than what is live.
    fn is_open(&self, path: FieldPath, differs: &Difference) -> bool {
        if path.country.is_some() && path.field == Field::Currency {
            let live = path
                .country
                .and_then(|country| self.view.row(country))
                .and_then(|row| row.currency);
            return live.map(Value::Currency) != self.declared(path);
        }
        differs.fields.iter().any(|change| {
            let (here, there) = (path.country, change.path.country);
            change.path.field == path.field && (here.is_none() || there.is_none() || here == there)
        })
    }

    fn writing(&self, change: &FieldChange) -> Result<Writing, Reason> {
        let path = change.path;
        let declared = self.declared(path);
        if declared != effective(self.applied, path) {
            return Err((
                format!("`{path}` was changed by hand, and in the manifest as well"),
                "write there what it is to be: the live value to keep that, or leave it and apply"
                    .to_owned(),
            ));
        }
        let after = self.wanted(change)?;
        let place = self.place(path, &after);
        if effective(&self.manifest.content, place).is_some_and(|value| names_variable(&value)) {
            return Err((
                format!("`{path}` is written with a variable"),
                "change `vars` of the environment in offerctl.yaml, or write the live value in its place"
                    .to_owned(),
            ));
        }
        if let Some(country) = place.country
            && place.field != Field::Currency
            && !place
                .field
                .is_localizable(self.situation.environment.api, self.drift.offer_type)
        {
            return Err((
                format!(
                    "`{}` is another one in {country}, and cannot differ per country",
                    place.field
                ),
                "make it the same for all countries in Cleeng's dashboard, or `offerctl apply`"
                    .to_owned(),
            ));
        }
        let currency = match place.country {
            Some(country) if place.field != Field::Currency => self.row_currency(country),
            Some(_) | None => None,
        };
        let node = self.node(place.field, &after, change.currency.or(currency))?;
        let environment = self.only_here(place)?;
        let mut keys = keys(place);
        if let Some(environment) = &environment {
            keys.splice(0..0, ["environments".to_owned(), environment.clone()]);
        }
        Ok(Writing {
            name: self.drift.name.clone(),
            path: place,
            moves_country: false,
            file: self.manifest.places.of(Part::Name).file,
            target: Target {
                name: self.manifest.name.clone(),
                offer_type: self.drift.offer_type,
                keys,
                node,
            },
            environment,
            before: declared,
            after: Some(after),
            currency: change.currency,
            span: self.manifest.places.of(part(place)),
        })
    }

    /// The live value as a manifest says it.
    fn wanted(&self, change: &FieldChange) -> Result<Value, Reason> {
        let FieldChange { path, after, .. } = change;
        let field = path.field;
        let unsayable = |why: &str| {
            (
                format!("the live value of `{path}` {why}"),
                "set a valid value in Cleeng's dashboard, or `offerctl apply` to put it back"
                    .to_owned(),
            )
        };
        match after {
            None => Value::cleared(field.kind())
                .filter(|_| !field.is_essential())
                .ok_or_else(|| unsayable("is missing, and no manifest can say that")),
            Some(Value::Amount(shown))
                if field == Field::Price && self.drift.offer_type == OfferType::Vod =>
            {
                let rate = self.view.rows.first().and_then(|row| row.tax_rate);
                match price_with_tax(*shown, rate) {
                    Some(price) => Ok(Value::Amount(price)),
                    None => Err(unsayable(
                        "is shown in a way that does not tell whether tax is in it",
                    )),
                }
            }
            // Lists show an empty own id as "0".
            Some(Value::Text(text)) if field == Field::ContentExternalId && text.raw() == "0" => {
                Ok(Value::text(""))
            }
            Some(Value::Record(_)) if Field::TRIAL_UNITS.contains(&field) => {
                Err((
                    format!("the free trial is in another unit now, and `{path}` cannot say that"),
                    "write the trial as it is live (`freeDays` or `freePeriods`) in its place, or `offerctl apply` to put it back"
                        .to_owned(),
                ))
            }
            Some(Value::Events(live)) => Ok(self.events(live)),
            Some(value) => Ok(value.clone()),
        }
    }

    /// The live events, in the words of the manifest where it has some, by name where they have one.
    fn events(&self, live: &[EventRef]) -> Value {
        let bindings = &self.situation.state.bindings;
        let id_of = |event: &EventRef| match event {
            EventRef::Id(id) => Some(id.to_stem()),
            EventRef::Offer(name) => bindings.get(name).map(|binding| binding.id.to_stem()),
        };
        let written: Vec<EventRef> = match self.offer.content.fields.get(Field::EventAssociation) {
            Some(Value::Events(events)) => events.to_vec(),
            _ => Vec::new(),
        };
        let named = |event: &EventRef| {
            let known = written.iter().find(|known| id_of(known) == id_of(event));
            let declared = self
                .situation
                .manifests
                .iter()
                .map(|manifest| &manifest.name);
            let mut bound = declared.filter(|name| {
                let of_event = bindings
                    .get(*name)
                    .filter(|binding| binding.offer_type == OfferType::Event);
                of_event.map(|binding| binding.id.to_stem()) == id_of(event)
            });
            known
                .cloned()
                .or_else(|| bound.next().cloned().map(EventRef::Offer))
                .unwrap_or_else(|| event.clone())
        };
        Value::events(live.iter().map(named))
    }

    /// Where the value is written: where it stands, unless others that did not drift have it from there.
    fn place(&self, path: FieldPath, after: &Value) -> FieldPath {
        let Some(country) = path.country else {
            return path;
        };
        if path.field == Field::Currency {
            return path;
        }
        let content = &self.offer.content;
        let own = |country: Country| {
            let rows = content.localizations.as_ref();
            let row = rows.and_then(|rows| rows.get(&country));
            row.is_some_and(|row| row.fields.get(path.field).is_some())
        };
        let same = |country: Country| {
            let row = self.view.row(country);
            row.is_some_and(|row| row.fields.get(path.field) == Some(after))
        };
        let mut heirs = content.countries().filter(|country| !own(*country));
        if !own(country) && heirs.all(same) {
            FieldPath::top(path.field)
        } else {
            path
        }
    }

    fn row_currency(&self, country: Country) -> Option<Currency> {
        let rows = self.offer.content.localizations.as_ref()?;
        rows.get(&country).map(|row| row.currency)
    }

    /// The environment, if the value is written for it alone: since it stands there, or since another shop would
    /// change with it.
    fn only_here(&self, path: FieldPath) -> Result<Option<String>, Reason> {
        let here = &self.situation.environment.name;
        let stands_here = |path| self.for_all.is_overridden(here, part(path));
        let alone = stands_here(path)
            || self
                .others(path)
                .any(|other| other.endpoint != Endpoint::Emulator);
        if !alone {
            return Ok(None);
        }
        let amount = FieldPath {
            field: Field::Price,
            ..path
        };
        if path.field == Field::PriceRules && !stands_here(amount) {
            return Err((
                format!("`{path}` is declared for other environments as well"),
                format!("write the whole `price` of `{here}` under `environments` of the offer"),
            ));
        }
        Ok(Some(here.clone()))
    }

    /// The other environments that have the value from the same lines.
    fn others(&self, path: FieldPath) -> impl Iterator<Item = &Environment> {
        let here = &self.situation.environment.name;
        let environments = self.situation.project.environments.values();
        environments.filter(move |other| {
            let only = self.for_all.only.as_ref();
            other.name != *here
                && only.is_none_or(|only| only.contains(&other.name))
                && !self.for_all.is_overridden(&other.name, part(path))
        })
    }

    /// What there is to know of other environments that have the offer.
    fn shared_notes(&self, writings: &[Writing]) -> Vec<String> {
        // The environments that share the lines of some values, and which values these are.
        let shared_by = |alone: bool| -> (Vec<&str>, Vec<String>) {
            let mut names: BTreeSet<&str> = BTreeSet::new();
            let mut paths = Vec::new();
            for writing in writings
                .iter()
                .filter(|writing| writing.environment.is_some() == alone)
            {
                let others: Vec<&str> = self
                    .others(writing.path)
                    .map(|other| other.name.as_str())
                    .collect();
                if !others.is_empty() {
                    paths.push(format!("`{}`", writing.path));
                }
                names.extend(others);
            }
            (names.into_iter().collect(), paths)
        };
        let mut notes = Vec::new();
        let (shared, paths) = shared_by(false);
        if !shared.is_empty() {
            notes.push(format!(
                "{} is declared for {} as well, with what was accepted from now on: {}",
                self.drift.name,
                shared.join(", "),
                paths.join(", ")
            ));
        }
        let (apart, paths) = shared_by(true);
        if !apart.is_empty() {
            notes.push(format!(
                "{} is declared for {} as well; written for {} only, under `environments`: {}",
                self.drift.name,
                apart.join(", "),
                self.situation.environment.name,
                paths.join(", ")
            ));
        }
        notes
    }

    fn node(
        &self,
        field: Field,
        value: &Value,
        currency: Option<Currency>,
    ) -> Result<Node, Reason> {
        let zone = self.offer.content.fields.text(Field::TimeZone);
        let zone = zone.map(Foreign::raw);
        notation(field.kind(), value, (currency, zone)).ok_or_else(|| {
            (
                format!("the live value of `{field}` is of another kind than the field"),
                format!(
                    "see what Cleeng's dashboard says of {}, or `offerctl apply` to put it back",
                    self.binding.id
                ),
            )
        })
    }
}

/// The value of a field in a country, or the currency there.
pub(super) fn effective(content: &Content, path: FieldPath) -> Option<Value> {
    match (path.country, path.field) {
        (Some(country), Field::Currency) => {
            let row = content.localizations.as_ref()?.get(&country)?;
            Some(Value::Currency(row.currency))
        }
        (Some(country), field) => content.effective(country, field).cloned(),
        (None, field) => content.fields.get(field).cloned().or_else(|| {
            // What all countries have alike may stand in each of them.
            content
                .countries()
                .find_map(|country| content.effective(country, field).cloned())
        }),
    }
}

fn keys(path: FieldPath) -> Vec<String> {
    let mut keys = Vec::new();
    if let Some(country) = path.country {
        keys.extend(["localizations".to_owned(), country.to_string()]);
    }
    keys.extend(path.field.name().split('.').map(str::to_owned));
    keys
}
