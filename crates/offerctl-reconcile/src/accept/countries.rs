//! Countries that came or went by hand, as far as a manifest can follow: [`Moved::writings`].
//!
//! A country of the `defaults` that is gone is `null` in the offer, and one that is `null` and came back gets a row. No other
//! country is written or removed here: a row that a manifest alone has is for a person to take out.

use offerctl_manifest::desired::{Offer, resolve};
use offerctl_manifest::manifest::{self, Manifest, Part};
use offerctl_manifest::project::Endpoint;
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::value::Value;

use super::refusal::Reason;
use super::situation::Situation;
use super::write::{Target, write};
use super::writing::Writing;
use crate::diff::{Agreement, Comparison, Undo};
use crate::drift::Drift;
use crate::live::{Row, View};
use crate::notation::{Node, notation};

/// An offer whose countries changed by hand.
#[derive(Clone, Copy)]
pub(super) struct Moved<'a> {
    pub(super) situation: Situation<'a>,
    pub(super) drift: &'a Drift,
    pub(super) applied: &'a Content,
    /// What is declared for all environments.
    pub(super) for_all: &'a Manifest,
    pub(super) offer: &'a Offer,
    pub(super) view: &'a View,
}

/// What is to be written, the countries that no manifest can follow, and those that the manifest changed as well.
#[derive(Default)]
pub(super) struct Countries {
    pub(super) writings: Vec<Writing>,
    pub(super) unsayable: Vec<Country>,
    pub(super) refused: Vec<(FieldPath, Reason)>,
}

impl Moved<'_> {
    /// Returns what has to be written so that the countries are those that are live.
    pub(super) fn writings(self) -> Countries {
        let mut found = Countries::default();
        for country in &self.drift.moved_countries {
            let country = *country;
            let row = |content: &Content| {
                let rows = content.localizations.as_ref();
                rows.and_then(|rows| rows.get(&country)).cloned()
            };
            let writing = match (row(&self.offer.content), self.view.row(country)) {
                // The manifest says so already.
                (None, None) | (Some(_), Some(_)) => continue,
                (declared @ Some(_), None) if row(self.applied) != declared => {
                    let path = FieldPath::localized(country, Field::Price);
                    found.refused.push((path, changed_too(country)));
                    continue;
                }
                (Some(_), None) => self.taken_out(country),
                (None, Some(live)) => self.put_back(country, live),
            };
            match writing {
                Some(writing) => found.writings.push(writing),
                None => found.unsayable.push(country),
            }
        }
        found
    }

    /// `null` for a country that is gone, if that says it.
    fn taken_out(self, country: Country) -> Option<Writing> {
        let target = self.target(country, Node::Null);
        let said = self.said(&target)?;
        let is_out = said.is_localized() && said.countries().all(|other| other != country);
        is_out.then(|| self.writing((country, target), None))
    }

    /// A row in the place of `null`, with what the live one has for itself.
    fn put_back(self, country: Country, live: &Row) -> Option<Writing> {
        let here = &self.situation.environment.name;
        let there = self.for_all.in_environment(here);
        let places = &there.as_ref().unwrap_or(self.for_all).places;
        if !places.is_null(Part::Localization(country)) {
            return None;
        }
        let price = live.fields.get(Field::Price)?;
        let price_node = node(live, Field::Price, price)?;
        let mut entries = vec![("price".to_owned(), price_node)];
        let target = self.target(country, Node::Mapping(entries.clone()));
        let said = self.said(&target)?;
        let currency = said.localizations.as_ref()?.get(&country)?.currency;
        if let Some(live) = live.currency.filter(|live| *live != currency) {
            let word = Node::Word(live.to_string());
            entries.insert(0, ("currency".to_owned(), word));
        }
        for (field, value) in self.differing(&said, country, live)? {
            entries.push((field.name().to_owned(), node(live, field, value)?));
        }
        let target = self.target(country, Node::Mapping(entries));
        Some(self.writing((country, target), Some((price, live))))
    }

    /// What the live row has for itself, beside its price; `None` if the row of a manifest cannot say it.
    fn differing<'r>(
        self,
        said: &Content,
        country: Country,
        live: &'r Row,
    ) -> Option<Vec<(Field, &'r Value)>> {
        let api = self.situation.environment.api;
        let comparison = Comparison {
            api,
            offer_type: self.drift.offer_type,
            desired: said,
            view: self.view,
            applied: None,
            resolve: &|name| self.situation.state.id_behind(name),
            undo: Undo::default(),
            now: None,
        };
        let mut differing = Vec::new();
        for field in said.row_fields(country) {
            let value = said.effective(country, field)?;
            let is_own = field.is_localizable(api, self.drift.offer_type);
            if !is_own || comparison.agreement(live, field, value) != Agreement::Differs {
                continue;
            }
            if matches!(field, Field::Price | Field::PriceRules) {
                return None;
            }
            differing.push((field, live.fields.get(field)?));
        }
        Some(differing)
    }

    fn target(self, country: Country, node: Node) -> Target {
        let mut keys = Vec::new();
        if let Some(environment) = self.only_here(country) {
            keys.extend(["environments".to_owned(), environment]);
        }
        keys.extend(["localizations".to_owned(), country.to_string()]);
        Target {
            name: self.for_all.name.clone(),
            offer_type: self.drift.offer_type,
            keys,
            node,
        }
    }

    /// The environment, if the country is written for it alone: since it stands there, or since another shop would change
    /// with it.
    fn only_here(self, country: Country) -> Option<String> {
        let here = &self.situation.environment.name;
        let part = Part::Localization(country);
        let mut others = self
            .situation
            .project
            .environments
            .values()
            .filter(|other| {
                let only = self.for_all.only.as_ref();
                other.name != *here
                    && only.is_none_or(|only| only.contains(&other.name))
                    && other.endpoint != Endpoint::Emulator
                    && !self.for_all.is_overridden(&other.name, part)
            });
        let alone = self.for_all.is_overridden(here, part) || others.next().is_some();
        alone.then(|| here.clone())
    }

    /// What the offer says once that is written; `None` if it cannot be, or is a mistake.
    fn said(self, target: &Target) -> Option<Content> {
        let Situation {
            sources,
            project,
            environment,
            ..
        } = self.situation;
        let source = sources.file(self.for_all.places.of(Part::Name).file)?;
        let read = manifest::read(&write(source, target).ok()?);
        if read.diagnostics.has_errors() {
            return None;
        }
        let mut manifests = read.manifests;
        manifests.retain(|manifest| manifest.name == target.name);
        let (desired, _) = resolve(&manifests, project, environment);
        let offer = desired.get(&target.name)?;
        Some((*offer.content).clone())
    }

    fn writing(
        self,
        (country, target): (Country, Target),
        live: Option<(&Value, &Row)>,
    ) -> Writing {
        let path = FieldPath::localized(country, Field::Price);
        let rows = self.offer.content.localizations.as_ref();
        let declared = rows.and_then(|rows| rows.get(&country));
        let before = declared.and_then(|_| self.offer.content.effective(country, Field::Price));
        let currency = match live {
            Some((_, row)) => row.currency,
            None => declared.map(|row| row.currency),
        };
        Writing {
            name: self.drift.name.clone(),
            path,
            moves_country: true,
            environment: self.only_here(country),
            file: self.for_all.places.of(Part::Name).file,
            target,
            before: before.cloned(),
            after: live.map(|(price, _)| price.clone()),
            currency,
            span: self.offer.place(Part::Localization(country)),
        }
    }
}

fn node(live: &Row, field: Field, value: &Value) -> Option<Node> {
    notation(field.kind(), value, (live.currency, None))
}

fn changed_too(country: Country) -> Reason {
    (
        format!("`{country}` went by hand, and was changed in the manifest as well"),
        "take the country out of the manifest to keep that, or leave it and apply".to_owned(),
    )
}
