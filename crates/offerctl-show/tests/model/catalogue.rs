//! What is declared, and how the service shows offers: [`Catalogue`].

use std::collections::BTreeMap;

use offerctl_manifest::desired::Desired;
use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{Moment, Value};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Operation, plan};
use offerctl_reconcile::state::{Intent, State};

use super::world::{Case, Form, Maker, Offer};
use crate::support::desired::{self, Options};
use crate::support::rows::{Show, as_resources, rows};

pub(super) const TYPE: OfferType = OfferType::Pass;

/// The content of what was there before the first run; no name has it.
pub(super) const OTHER: u8 = 99;

/// An offer as the service shows it: its id, what it says, and the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    id: u8,
    content: u8,
    is_near: bool,
    mark: Option<u8>,
    rows: u8,
}

/// The names and contents of a case.
pub(super) struct Catalogue {
    pub(super) api: Api,
    form: Form,
    pub(super) names: Vec<Name>,
    pub(super) desired: Desired,
    /// What the intent of each name says, but for its run.
    pub(super) intents: Vec<Intent>,
    contents: BTreeMap<u8, Content>,
}

impl Catalogue {
    pub(super) fn new(case: &Case) -> Self {
        let api = match case.form {
            Form::Plain | Form::Localized => Api::JsonRpc,
            Form::Marked => Api::Rest,
        };
        let options = Options {
            markers: case.form == Form::Marked,
            ..api.into()
        };
        let desired = desired::offers_for(options, &manifest(case));
        let names: Vec<Name> = desired.offers().keys().cloned().collect();
        let intents = intents(&desired);
        let contents = case.names.iter().zip(&intents);
        let mut contents: BTreeMap<u8, Content> = contents
            .map(|(content, intent)| (*content, intent.content.clone()))
            .collect();
        let mut other = intents[0].content.clone();
        other.fields.set(Field::Title, Value::text("Other"));
        let url = Value::text("https://club.tv/other");
        other.fields.set(Field::Url, url);
        contents.insert(OTHER, other);
        Self {
            api,
            form: case.form,
            names,
            desired,
            intents,
            contents,
        }
    }

    /// The bits of all rows of an offer.
    pub(super) fn all_rows(&self) -> u8 {
        match self.form {
            Form::Plain | Form::Marked => 0b1,
            Form::Localized => 0b11,
        }
    }

    /// The marker that the offer of a name is to carry.
    pub(super) fn mark_of(&self, name: u8) -> Option<u8> {
        (self.form == Form::Marked).then_some(name)
    }

    pub(super) fn name_of(&self, name: &Name) -> u8 {
        let place = self.names.iter().position(|known| known == name);
        u8::try_from(place.expect("only what is declared has a name")).unwrap()
    }

    pub(super) fn id_of(&self, offer: u8) -> OfferId {
        match self.form {
            Form::Plain | Form::Marked => OfferId::new(&format!("{}_US", stem(offer))),
            Form::Localized => OfferId::new(&stem(offer)),
        }
    }

    /// An offer with all its rows.
    pub(super) fn whole(&self, id: u8, offer: &Offer) -> Shown {
        Shown {
            rows: self.all_rows(),
            ..shown(id, offer)
        }
    }

    /// The account if these are its offers.
    pub(super) fn live(&self, shown: &[Shown]) -> Live {
        let mut live = Live::new();
        for offer in shown {
            let content = self.content(offer);
            let stem = stem(offer.id);
            let all = rows(self.api, &content, &stem, Show::Everything, &|_| None);
            for (number, mut row) in all.into_iter().enumerate() {
                if offer.rows & (1 << number) == 0 {
                    continue;
                }
                if offer.is_near {
                    let url = Value::text("https://club.tv/by-hand");
                    row.fields.set(Field::Url, url);
                }
                live.add(TYPE, true, row);
            }
        }
        match self.api {
            Api::JsonRpc => live,
            Api::Rest => as_resources(&live),
        }
    }

    fn content(&self, offer: &Shown) -> Content {
        if let Some(name) = offer.mark {
            return self.intents[usize::from(name)].content.clone();
        }
        let mut content = self.contents[&offer.content].clone();
        content.fields.remove(Field::Marker);
        content
    }
}

fn manifest(case: &Case) -> String {
    let form = match case.form {
        Form::Plain | Form::Marked => "",
        Form::Localized => {
            ", localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD}}"
        }
    };
    let lines = case.names.iter().enumerate().map(|(name, content)| {
        let title = content % 10;
        format!("offer-{name}: {{type: pass, title: T{title}, url: 'https://club.tv/{content}', period: month{form}}}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What the intents of a first apply say, by name.
fn intents(desired: &Desired) -> Vec<Intent> {
    let first = plan(desired, &Live::new(), &State::default());
    let intents = first.steps.iter().map(|step| {
        let Operation::Create { content, .. } = &step.operation else {
            panic!("an empty account gets creates only: {step:?}");
        };
        let mut record = step.record.clone().unwrap_or_default();
        record.applied = record.applied.filter(|applied| **applied != **content);
        Intent {
            run: String::new(),
            name: step.name.clone(),
            offer_type: step.offer_type,
            content: Content::clone(content),
            record,
            uses: Vec::new(),
            since: Moment::EPOCH,
        }
    });
    let mut intents: Vec<Intent> = intents.collect();
    intents.sort_by(|left, right| left.name.cmp(&right.name));
    intents
}

/// What the lists show of offers; who made one shows in what it says only.
pub(super) fn listed(offers: &[Offer]) -> Vec<Shown> {
    let numbered = (0..).zip(offers).filter(|(_, offer)| offer.rows != 0);
    numbered.map(|(id, offer)| shown(id, offer)).collect()
}

fn shown(id: u8, offer: &Offer) -> Shown {
    Shown {
        id,
        content: offer.content,
        is_near: offer.maker == Maker::HandNear,
        mark: offer.mark,
        rows: offer.rows,
    }
}

pub(super) fn stem(offer: u8) -> String {
    format!("P{}", 100_000_000 + u32::from(offer))
}

pub(super) fn offer_of(id: &OfferId) -> u8 {
    let number: u32 = id.stem()[1..].parse().unwrap();
    u8::try_from(number - 100_000_000).unwrap()
}
