//! What people do in the dashboard while a catalogue is applied: [`Hands`].

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use cleeng_emulator::{Emulator, Field, FieldValue, Kind, Offer, Requests, Span, SpanUnit};

use super::api::Api;
use super::judge::marker;
use super::schedule::ByHand;
use super::shop::{KINDS, Shop, title, url};

/// A text that somebody puts into an offer for himself.
const OWN_TEXT: (&str, &str) = ("crm", "7");

/// Somebody in the dashboard, and what he has done there.
pub(super) struct Hands<'a> {
    emulator: &'a Emulator,
    shop: &'a Shop,
    done: Vec<ByHand>,
    /// The offers that he made, by stem.
    made: BTreeMap<String, Made>,
    /// The offers of ours that he changed while a plan was carried out that had not seen it: the version that he left.
    unseen: Vec<(String, u32)>,
    /// The offers of ours that have a text of his, by stem.
    texts: BTreeSet<String>,
}

/// An offer of a stranger.
struct Made {
    rows: Vec<Offer>,
    /// Whether nothing but our marker tells it from one of ours.
    is_twin: bool,
}

impl<'a> Hands<'a> {
    pub(super) fn new(emulator: &'a Emulator, shop: &'a Shop) -> Self {
        Self {
            emulator,
            shop,
            done: Vec::new(),
            made: BTreeMap::new(),
            unseen: Vec::new(),
            texts: BTreeSet::new(),
        }
    }

    /// The stems of offers that are no matter of ours.
    pub(super) fn strangers(&self) -> BTreeSet<String> {
        let stems = self.made.keys();
        stems
            .filter(|stem| !self.is_adopted(stem))
            .cloned()
            .collect()
    }

    fn rows(&self, stem: &str) -> Vec<Offer> {
        let mut rows = self.emulator.offers();
        rows.retain(|row| row.id().stem() == stem);
        rows
    }

    fn is_adopted(&self, stem: &str) -> bool {
        self.rows(stem).iter().any(|row| marker(row).is_some())
    }

    /// Does something, if there is anything to do it to.
    pub(super) fn edit(&mut self, edit: ByHand) -> anyhow::Result<()> {
        self.done.push(edit);
        match edit {
            ByHand::Stranger => {
                let title = format!("Stranger {}", self.made.len());
                self.make(stranger(&title, Kind::Single, self.made.len())?, false)
            }
            ByHand::Copy(number) => {
                let kind = match self.shop.api {
                    Api::JsonRpc => Kind::Single,
                    Api::Rest => kind(number)?,
                };
                self.make(stranger(&title(number), kind, self.made.len())?, false)
            }
            ByHand::Twin(number) => {
                let twin = twin(self.shop, number, self.made.len())?;
                self.make(twin, true)
            }
            ByHand::Deactivate(number) => {
                self.change(number, |row, _| {
                    row.set_active(false);
                })?;
                Ok(())
            }
            ByHand::Reprice(number) => {
                let price = FieldValue::Amount("10.99".parse()?);
                self.change(number, |row, _| row.set(Field::Price, price))?;
                Ok(())
            }
            ByHand::Describe(number) => {
                self.change(number, |row, _| row.set(Field::Description, "By hand"))?;
                Ok(())
            }
            ByHand::Unmark(number) => {
                let own = [(OWN_TEXT.0.to_owned(), OWN_TEXT.1.to_owned())];
                let texts = BTreeMap::from(own);
                let stem =
                    self.change(number, |row, _| row.set(Field::ExternalProperties, texts))?;
                self.texts.extend(stem);
                Ok(())
            }
            ByHand::Localize(number) => self.localize(number),
        }
    }

    fn make(&mut self, offer: Offer, is_twin: bool) -> anyhow::Result<()> {
        let stem = offer.id().stem().to_owned();
        self.emulator.seed_offers(vec![offer])?;
        let rows = self.rows(&stem);
        self.made.insert(stem, Made { rows, is_twin });
        Ok(())
    }

    /// The rows of one of our offers, the offer itself first.
    fn ours(&self, number: usize) -> Vec<Offer> {
        let title = title(number);
        let mut rows = self.emulator.offers();
        rows.retain(|row| {
            row.text(Field::Title) == Some(&title) && !self.made.contains_key(row.id().stem())
        });
        let sold = rows.iter().find(|row| row.is_active());
        let stem = sold.or(rows.first()).map(|row| row.id().stem().to_owned());
        rows.retain(|row| Some(row.id().stem()) == stem.as_deref());
        rows.sort_by_key(Offer::is_localized);
        rows
    }

    /// Changes the row that an offer itself is; returns its stem.
    fn change(
        &mut self,
        number: usize,
        change: impl FnOnce(&mut Offer, usize),
    ) -> anyhow::Result<Option<String>> {
        let Some(row) = self.ours(number).into_iter().next() else {
            return Ok(None);
        };
        let row = self.emulator.edit(row.id(), |row| change(row, number))?;
        let stem = row.id().stem().to_owned();
        self.note(&stem, row.version());
        Ok(Some(stem))
    }

    fn localize(&mut self, number: usize) -> anyhow::Result<()> {
        let rows = self.ours(number);
        let Some(base) = rows.first().filter(|row| row.is_active()) else {
            return Ok(());
        };
        let stem = base.id().stem().to_owned();
        let id = format!("{stem}_DK").parse()?;
        if self.emulator.offer(&id).is_some() {
            return Ok(());
        }
        let row = Offer::new(id, base.kind())
            .localized()
            .in_currency("DKK".parse()?)
            .with(Field::Title, title(number))
            .with(Field::Price, FieldValue::Amount("77".parse()?));
        let id = row.id().clone();
        self.emulator.seed_offers(vec![row])?;
        let row = self.emulator.offer(&id).context("it was just made")?;
        self.note(&stem, row.version());
        Ok(())
    }

    /// A plan whose writes have begun has not seen this, whatever it reads from now on.
    fn note(&mut self, stem: &str, version: u32) {
        if self.emulator.requests().write_calls() > 0 {
            self.unseen.push((stem.to_owned(), version));
        }
    }

    /// What was written over by the run whose requests these are, though its plan had not seen it.
    pub(super) fn overwritten(&self, requests: &Requests) -> Vec<String> {
        let mut found = Vec::new();
        for call in requests.calls().filter(|call| call.is_write()) {
            let expects = expected_version(&call.params);
            for (stem, version) in &self.unseen {
                let writes = |id: &String| id.split('_').next() == Some(stem);
                if expects.is_some_and(|expects| expects >= *version)
                    && call.written.iter().any(writes)
                {
                    found.push(format!(
                        "{} of {stem} over version {version}, which no plan saw",
                        call.method
                    ));
                }
            }
        }
        found
    }

    /// What is wrong in the end with what is theirs.
    pub(super) fn disturbed(&self, is_done: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (stem, made) in &self.made {
            let adopted = made.is_twin && self.is_adopted(stem);
            if !adopted && self.rows(stem) != made.rows {
                found.push(format!("{stem} of a stranger is not as he left it"));
            }
        }
        for stem in self.texts.iter().filter(|_| is_done) {
            let rows = self.rows(stem);
            let has_text = |row: &Offer| match row.get(Field::ExternalProperties) {
                Some(FieldValue::Map(texts)) => {
                    texts.get(OWN_TEXT.0).map(String::as_str) == Some(OWN_TEXT.1)
                }
                _ => false,
            };
            if !rows.iter().any(has_text) {
                found.push(format!("{stem} lost a text that is not ours"));
            }
        }
        found
    }

    /// Whether what people did explains that an apply was refused for this reason.
    pub(super) fn explains(&self, code: &str, name: &str) -> bool {
        self.done.iter().any(|edit| match edit {
            // Who has no offer yet must not get one beside a copy; who has one is not asked.
            ByHand::Copy(number) | ByHand::Twin(number) => {
                ["near-match", "adopt-changes"].contains(&code)
                    && is_name(*number, name)
                    && !self.is_marked(name)
            }
            ByHand::Reprice(number) => code == "price-change" && is_name(*number, name),
            ByHand::Localize(number) => {
                ["localizations-undeclared", "country-lost"].contains(&code)
                    && is_name(*number, name)
            }
            ByHand::Deactivate(_) | ByHand::Stranger | ByHand::Describe(_) | ByHand::Unmark(_) => {
                false
            }
        })
    }

    fn is_marked(&self, name: &str) -> bool {
        let wanted = format!("torture/{name}");
        let offers = self.emulator.offers();
        offers.iter().any(|row| marker(row) == Some(&wanted))
    }
}

/// Writes to offers that are there and that do not say which version they are meant for.
pub(super) fn unconditional(requests: &Requests) -> Vec<String> {
    let calls = requests.calls().filter(|call| {
        call.is_write()
            && call.took_effect
            && call.method != "createOffer"
            && expected_version(&call.params).is_none()
    });
    calls
        .map(|call| format!("{} of {:?} whatever its version", call.method, call.written))
        .collect()
}

/// The version that a write was meant for.
fn expected_version(params: &serde_json::Value) -> Option<u32> {
    let tag = params["ifMatch"].as_str()?;
    let digits: String = tag.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn is_name(number: usize, name: &str) -> bool {
    name == format!("offer-{number}")
}

/// The type of one of our offers in the store of REST.
fn kind(number: usize) -> anyhow::Result<Kind> {
    let name = match KINDS[number % KINDS.len()] {
        "single" | "rental" => "vod",
        name => name,
    };
    Kind::from_name(name).context("a type")
}

fn stranger(title: &str, kind: Kind, place: usize) -> anyhow::Result<Offer> {
    let letter = kind.letter(false);
    let id = format!("{letter}99{place:07}_US").parse();
    let offer = Offer::new(id.context("an id")?, kind)
        .with(Field::Title, title)
        .with(Field::Url, "https://club.example/by-hand");
    Ok(offer.with(Field::Price, FieldValue::Amount("77".parse()?)))
}

/// What nothing but our marker tells from one of ours, unless ours has several countries.
fn twin(shop: &Shop, number: usize, place: usize) -> anyhow::Result<Offer> {
    let kind = kind(number)?;
    let mut twin = stranger(&title(number), kind, place)?.with(Field::Url, url(number));
    let wanted = shop.expected.get(&title(number));
    if let Some((_, price, _)) = wanted.and_then(|wanted| wanted.rows.last()) {
        twin.set(Field::Price, FieldValue::Amount(price.parse()?));
    }
    match KINDS[number % KINDS.len()] {
        "subscription" | "pass" => {
            twin.set(Field::Period, "month");
            twin.set(Field::AccessToTags, ["sport"]);
        }
        "rental" => twin.set(Field::RentalPeriod, 48),
        "event" => {
            twin.set(Field::StartTime, 1_938_196_800);
            twin.set(Field::EndTime, 1_938_204_000);
            twin.set(Field::TimeZone, "Europe/Oslo");
        }
        _ => twin.set(Field::Duration, Span::new(1, SpanUnit::Month)),
    }
    Ok(twin)
}
