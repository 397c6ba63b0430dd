//! Catalogues at random: [`drafts`] generates them, [`Catalogue::world`] makes desired, live and state of one.

use std::collections::BTreeSet;
use std::fmt::Write;

use offerctl_manifest::desired::Desired;
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Moment;
use offerctl_reconcile::live::{Live, Row};
use offerctl_reconcile::state::{Binding, Gone, Intent, IntentId, Retiring, Run, State};
use proptest::prelude::*;

use super::desired::{file, of_files};
use super::rows::{Show, rows};
use super::world::World;

/// What differs between two versions of an offer, bit by bit.
pub(crate) const PRICE: u8 = 1;
const TITLE: u8 = 2;
const URL: u8 = 4;
const OTHER_VALUES: u8 = 8;
const FEWER_FIELDS: u8 = 16;
const FEWER_COUNTRIES: u8 = 32;

const COUNTRIES: [(&str, &str); 4] = [("FR", "EUR"), ("GB", "GBP"), ("NO", "NOK"), ("US", "USD")];

/// A field with two values, in the API generations that have it.
struct Extra {
    name: &'static str,
    values: [&'static str; 2],
    apis: &'static [Api],
}

const fn extra(name: &'static str, values: [&'static str; 2]) -> Extra {
    let apis = &Api::ALL;
    Extra { name, values, apis }
}

const fn extra_in(api: &'static [Api], name: &'static str, values: [&'static str; 2]) -> Extra {
    Extra {
        name,
        values,
        apis: api,
    }
}

const JSON_RPC: &[Api] = &[Api::JsonRpc];
const REST: &[Api] = &[Api::Rest];

/// Fields beside those that a create needs: listed, detailed and write-only, of every kind that can differ.
const EXTRAS: &[Extra] = &[
    extra("description", ["An evening", "''"]),
    extra("tags", ["[sport, film]", "[film]"]),
    extra_in(JSON_RPC, "accessToTags", ["[sport]", "['(all)', film]"]),
    extra_in(REST, "accessToTags", ["[sport]", "[film, sport]"]),
    extra(
        "geoRestriction",
        ["{type: blacklist, countries: [SE, DK]}", "null"],
    ),
    extra_in(JSON_RPC, "freeDays", ["7", "0"]),
    extra_in(
        REST,
        "freeTrial",
        ["{type: day, duration: 7}", "{type: period, duration: 1}"],
    ),
    extra("giftable", ["true", "false"]),
    extra("videoId", ["film-1", "''"]),
    extra_in(JSON_RPC, "rentalPeriod", ["48", "0"]),
    extra("teaser", ["Soon", "Later"]),
    extra("viewerEstimate", ["2", "3"]),
    extra("associateEmail", ["a@club.tv", "b@club.tv"]),
    extra("externalProperties", ["{a: b}", "{a: c, d: e}"]),
    extra("contentExternalId", ["c-1", "''"]),
];

/// How an offer of the catalogue stands in live and state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Situation {
    /// Declared, and nowhere else.
    New,
    /// Declared, bound and applied.
    Bound,
    /// As [`Bound`](Self::Bound), but it was only ever adopted.
    NeverApplied,
    /// Bound under a name that it moves from.
    Moved,
    /// Bound, and a replaced offer is still to go.
    Replacing,
    /// Bound as another type.
    Retyped,
    /// Bound and no longer declared.
    Orphan,
    /// As [`Orphan`](Self::Orphan), and deactivated by hand.
    InactiveOrphan,
    /// Live, and nobody's name.
    Stranger,
    /// Declared and live, and not bound.
    Unbound,
    /// As [`Unbound`](Self::Unbound), and the manifest names the id.
    ById,
    /// As [`Unbound`](Self::Unbound), and the live offer carries our marker.
    Marked,
    /// We deactivated it, and it is declared again.
    Deactivated,
    /// Its binding was dropped while it was active, and it is declared again.
    Forgotten,
    /// Bound, and in no list.
    Missing,
    /// Bound, and deactivated by hand.
    Inactive,
    /// Unbound, and live twice.
    Copied,
    /// Unbound, and live but inactive.
    InactiveTwin,
    /// Bound under a name that nothing says it moves from.
    Renamed,
    /// Its create was sent and never answered.
    Pending,
}

use Situation as S;

/// Situations that a plan can decide by itself, as long as nothing else looks like the offer.
const CALM: [Situation; 14] = [
    S::New,
    S::New,
    S::Bound,
    S::Bound,
    S::Bound,
    S::NeverApplied,
    S::Moved,
    S::Replacing,
    S::Retyped,
    S::Orphan,
    S::InactiveOrphan,
    S::Stranger,
    S::Unbound,
    S::ById,
];

/// Situations that mostly need a person.
const ROUGH: [Situation; 9] = [
    S::Marked,
    S::Deactivated,
    S::Forgotten,
    S::Missing,
    S::Inactive,
    S::Copied,
    S::InactiveTwin,
    S::Renamed,
    S::Pending,
];

/// One offer of a catalogue; small numbers, so that failing cases shrink.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) offer_type: OfferType,
    pub(crate) situation: Situation,
    /// Which text it shares with other offers; 0 shares with none.
    title: u8,
    url: u8,
    cents: u16,
    extras: u16,
    countries: u8,
    own_prices: u8,
    /// The offers before it that it needs now, and that it needed when it was applied.
    needs: [u8; 2],
    /// How the applied one differs from the declared one, and the live one from the applied one.
    pub(crate) changes: [u8; 2],
    protect: bool,
    /// Where it stands in files and lists.
    place: u8,
}

/// A whole catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue {
    pub(crate) api: Api,
    pub(crate) show: Show,
    pub(crate) drafts: Vec<Draft>,
}

fn draft(rough: bool) -> impl Strategy<Value = Draft> {
    let situation = if rough {
        prop_oneof![
            proptest::sample::select(&CALM[..]),
            proptest::sample::select(&ROUGH[..])
        ]
        .boxed()
    } else {
        proptest::sample::select(&CALM[..]).boxed()
    };
    // What is shared makes offers look alike, which a plan cannot always decide.
    let shared = if rough { 0..3_u8 } else { 0..1_u8 };
    let change = prop_oneof![2 => Just(0_u8), 1 => 0..16_u8, 1 => any::<u8>()];
    let changes = if rough {
        [change.clone().boxed(), change.boxed()]
    } else {
        // Title and url stay, so that what is unbound is found again.
        let calm = prop_oneof![
            Just(0_u8),
            Just(PRICE),
            Just(OTHER_VALUES),
            Just(FEWER_FIELDS)
        ];
        [calm.clone().boxed(), calm.boxed()]
    };
    let texts = (shared.clone(), shared);
    let amounts = (500..5000_u16, 0..16_u8, 0..16_u8);
    let rest = (changes, any::<bool>(), any::<u8>());
    (
        proptest::sample::select(&OfferType::ALL[..]),
        situation,
        texts,
        amounts,
        (any::<u16>(), any::<u16>()),
        [any::<u8>(), any::<u8>()],
        rest,
    )
        .prop_map(
            |(offer_type, situation, (title, url), amounts, (one, other), needs, rest)| {
                let (cents, countries, own_prices) = amounts;
                let (changes, protect, place) = rest;
                Draft {
                    offer_type,
                    situation,
                    title,
                    url,
                    cents,
                    // Every other field is there: enough to differ in, not too much to read.
                    extras: one & other,
                    countries,
                    own_prices,
                    needs,
                    changes,
                    protect,
                    place,
                }
            },
        )
}

/// Catalogues that a plan can decide, unless something looks like something else by chance.
pub(crate) fn calm() -> impl Strategy<Value = Catalogue> {
    catalogue(false)
}

/// Catalogues with everything in them.
pub(crate) fn rough() -> impl Strategy<Value = Catalogue> {
    catalogue(true)
}

fn catalogue(rough: bool) -> impl Strategy<Value = Catalogue> {
    let api = proptest::sample::select(&Api::ALL[..]);
    let show = prop_oneof![Just(Show::Everything), Just(Show::Listed)];
    let drafts = proptest::collection::vec(draft(rough), 0..7);
    (api, show, drafts).prop_map(|(api, show, drafts)| Catalogue { api, show, drafts })
}

/// A version of all offers.
#[derive(Clone, Copy)]
pub(crate) enum Version {
    /// As git says.
    Declared,
    /// As they were last applied.
    Applied,
    /// As they are live.
    Live,
}

impl Catalogue {
    pub(crate) fn name(index: usize) -> Name {
        format!("offer-{index}").parse().unwrap()
    }

    fn old_name(index: usize) -> Name {
        format!("old-{index}").parse().unwrap()
    }

    fn stem(&self, index: usize, copy: usize) -> String {
        let letter = self.drafts[index].offer_type.id_letters(Api::JsonRpc)[0];
        format!("{letter}{}", 100_000_000 + 10 * index + copy)
    }

    /// The id of the live offer: the stem if it is localized.
    pub(crate) fn id(&self, index: usize) -> OfferId {
        let stem = self.stem(index, 0);
        let localized = self.countries(&self.drafts[index], 0).len() > 1;
        OfferId::new(&if localized {
            stem
        } else {
            format!("{stem}_US")
        })
    }

    fn countries(&self, draft: &Draft, change: u8) -> Vec<(&'static str, &'static str)> {
        if !Field::Price.is_localizable(self.api, draft.offer_type) {
            return Vec::new();
        }
        let chosen = (0..COUNTRIES.len()).filter(|bit| draft.countries & (1 << bit) != 0);
        let mut chosen: Vec<_> = chosen.map(|bit| COUNTRIES[bit]).collect();
        // A localized offer with a single row cannot be told from a plain one.
        if chosen.len() < 2 {
            chosen.clear();
        }
        if change & FEWER_COUNTRIES != 0 && chosen.len() > 2 {
            chosen.pop();
        }
        chosen
    }

    fn is_declared(draft: &Draft) -> bool {
        !matches!(draft.situation, S::Orphan | S::InactiveOrphan | S::Stranger)
    }

    /// The manifest of one offer.
    fn line(&self, index: usize, version: Version) -> String {
        let draft = &self.drafts[index];
        let change = match version {
            Version::Declared => 0,
            Version::Applied => draft.changes[0],
            Version::Live => draft.changes[0] ^ draft.changes[1],
        };
        let text = |shared: u8, bit: u8| {
            let text = if shared == 0 {
                format!("own-{index}")
            } else {
                format!("shared-{shared}")
            };
            let other = if change & bit == 0 { "" } else { "-other" };
            format!("{text}{other}")
        };
        let cents = draft.cents + if change & PRICE == 0 { 0 } else { 250 };
        let countries = self.countries(draft, change);
        let mut line = format!(
            "{}: {{type: {}, title: {}, url: 'https://club.tv/{}', price: {}.{:02}",
            Self::name(index),
            draft.offer_type,
            text(draft.title, TITLE),
            text(draft.url, URL),
            cents / 100,
            cents % 100
        );
        line += match (draft.offer_type, self.api) {
            (OfferType::Subscription | OfferType::Pass, _) => ", period: month",
            (OfferType::Rental, _) => ", period: 48",
            (OfferType::Single | OfferType::Vod, Api::Rest) => {
                ", entitlement: {duration: {periodUnit: day, amount: 30}}"
            }
            (OfferType::Single | OfferType::Vod | OfferType::Event, _) => "",
        };
        for (bit, extra) in EXTRAS.iter().enumerate() {
            let Some(field) = Field::of_type(extra.name, draft.offer_type) else {
                continue;
            };
            let fits = if countries.is_empty() {
                field.exists_in(self.api, draft.offer_type)
            } else {
                field.fits_localized_offer(self.api, draft.offer_type)
            };
            let dropped = change & FEWER_FIELDS != 0 && bit % 3 == 0;
            if draft.extras & (1 << bit) != 0 && fits && extra.apis.contains(&self.api) && !dropped
            {
                let value = extra.values[usize::from(change & OTHER_VALUES != 0)];
                write!(line, ", {}: {value}", extra.name).unwrap();
            }
        }
        if !countries.is_empty() {
            let rows = countries
                .iter()
                .enumerate()
                .map(|(bit, (country, currency))| {
                    let own = draft.own_prices & (1 << bit) != 0;
                    let more = if change & PRICE == 0 { 0 } else { 100 };
                    let price = draft.cents + 300 + more;
                    let price = if own {
                        format!(", price: {}.{:02}", price / 100, price % 100)
                    } else {
                        String::new()
                    };
                    format!("{country}: {{currency: {currency}{price}}}")
                });
            let rows: Vec<String> = rows.collect();
            write!(line, ", localizations: {{{}}}", rows.join(", ")).unwrap();
        }
        self.references(index, version, &mut line);
        if matches!(version, Version::Declared) {
            if draft.protect {
                line += ", lifecycle: {protect: true}";
            }
            if draft.situation == S::Moved {
                write!(line, ", movedFrom: {}", Self::old_name(index)).unwrap();
            }
            if draft.situation == S::ById {
                write!(line, ", ids: {{local: {}}}", self.id(index)).unwrap();
            }
        }
        line + "}"
    }

    fn needed(&self, index: usize, version: Version) -> Vec<usize> {
        let draft = &self.drafts[index];
        let declared = matches!(version, Version::Declared);
        let needs = draft.needs[usize::from(!declared)];
        let before = (0..index).filter(|before| needs & (1 << before) != 0);
        before
            .filter(|before| !declared || Self::is_declared(&self.drafts[*before]))
            .collect()
    }

    /// What the state remembers that an offer needed; what was applied in parts may even go in circles.
    fn remembered(&self, index: usize) -> BTreeSet<Name> {
        let mask = self.drafts[index].needs[1];
        (0..self.drafts.len())
            .filter(|other| *other != index && mask & (1 << other) != 0)
            .map(Self::name)
            .collect()
    }

    fn references(&self, index: usize, version: Version, line: &mut String) {
        let can_name_events =
            Field::EventAssociation.exists_in(self.api, self.drafts[index].offer_type);
        let (events, others): (Vec<usize>, Vec<usize>) =
            self.needed(index, version).into_iter().partition(|needed| {
                can_name_events && self.drafts[*needed].offer_type == OfferType::Event
            });
        for (key, needed) in [("eventAssociation", events), ("dependsOn", others)] {
            if !needed.is_empty() {
                let names: Vec<String> = needed
                    .iter()
                    .map(|index| Self::name(*index).to_string())
                    .collect();
                write!(line, ", {key}: [{}]", names.join(", ")).unwrap();
            }
        }
    }

    /// The files of a version, in the order of places if that is asked for.
    pub(crate) fn files(&self, version: Version, order: Order) -> Vec<String> {
        let declared = |index: &usize| {
            !matches!(version, Version::Declared) || Self::is_declared(&self.drafts[*index])
        };
        let mut indices: Vec<usize> = (0..self.drafts.len()).filter(declared).collect();
        let mut files: Vec<Vec<String>> = vec![Vec::new(); 2];
        if order == Order::Shuffled {
            indices.sort_by_key(|index| self.drafts[*index].place);
        }
        for index in indices {
            let of_place = usize::from(self.drafts[index].place % 2);
            let number = if order == Order::Shuffled {
                of_place
            } else {
                0
            };
            files[number].push(self.line(index, version));
        }
        files.retain(|lines| !lines.is_empty());
        files.iter().map(|lines| file(&lines.join("\n"))).collect()
    }

    #[track_caller]
    fn desired(&self, version: Version, order: Order) -> Desired {
        of_files(self.api, &self.files(version, order)).0
    }

    pub(crate) fn world(&self) -> World {
        self.world_in(Order::Written)
    }

    /// Desired, live and state; the order of what was read may differ, what it means does not.
    pub(crate) fn world_in(&self, order: Order) -> World {
        let desired = self.desired(Version::Declared, order);
        let applied = self.desired(Version::Applied, Order::Written);
        let shown = self.desired(Version::Live, Order::Written);
        let mut state = State::default();
        let mut listed: Vec<(usize, OfferType, bool, Row)> = Vec::new();
        let mut marked = BTreeSet::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            let content =
                |version: &Desired| (*version.get(&Self::name(index)).unwrap().content).clone();
            let seen = Seen {
                catalogue: self,
                index,
                applied: content(&applied),
                live: content(&shown),
            };
            seen.remember(&mut state);
            for (offer_type, active, row) in seen.listed() {
                listed.push((index, offer_type, active, row));
            }
            if draft.situation == S::Marked && self.api == Api::Rest {
                marked.insert(index);
            }
        }
        if order == Order::Shuffled {
            listed.sort_by_key(|(index, _, _, row)| (self.drafts[*index].place, row.id.clone()));
            listed.reverse();
        }
        let mut live = Live::new();
        for (_, offer_type, active, row) in listed {
            live.add(offer_type, active, row);
        }
        if self.api == Api::Rest {
            live = super::rows::as_resources(&live);
        }
        for index in marked {
            let (id, offer_type) = (self.id(index), self.drafts[index].offer_type);
            let view = live
                .get_mut(&id)
                .and_then(|offer| offer.view_mut(offer_type));
            if let Some(row) = view.and_then(|view| view.rows.first_mut()) {
                let marker = format!("{}/{}", super::desired::PROJECT, Self::name(index));
                row.fields
                    .set(Field::Marker, offerctl_model::value::Value::text(marker));
            }
        }
        let baseline = OfferType::ALL.map(|offer_type| {
            let of_type = live
                .offers()
                .filter(|offer| offer.view(offer_type).is_some());
            (
                offer_type,
                of_type.map(|offer| offer.id.to_stem()).collect(),
            )
        });
        if !state.intents.is_empty() {
            let run = Run {
                since: Moment::from_unix(1).unwrap(),
                baseline: baseline.into(),
            };
            state.runs.insert("run".to_owned(), run);
        }
        World {
            desired,
            live,
            state,
        }
    }
}

/// The order of offers in files and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As the catalogue has them.
    Written,
    /// By their places, over several files, and the lists the other way round.
    Shuffled,
}

/// One offer with its versions, on its way into live and state.
struct Seen<'a> {
    catalogue: &'a Catalogue,
    index: usize,
    applied: Content,
    live: Content,
}

impl Seen<'_> {
    fn draft(&self) -> &Draft {
        &self.catalogue.drafts[self.index]
    }

    /// The type that the offer had before it was declared with another one.
    fn former_type(&self) -> OfferType {
        if self.draft().offer_type == OfferType::Pass {
            OfferType::Subscription
        } else {
            OfferType::Pass
        }
    }

    fn former_id(&self) -> OfferId {
        OfferId::new(&format!("{}_US", self.former_stem()))
    }

    fn former_stem(&self) -> String {
        let letter = self.former_type().id_letters(Api::JsonRpc)[0];
        format!("{letter}{}", 500_000_000 + self.index)
    }

    fn binding(&self) -> Binding {
        let draft = self.draft();
        let mut binding = Binding {
            id: self.catalogue.id(self.index),
            offer_type: draft.offer_type,
            protect: draft.protect,
            needs: self.catalogue.remembered(self.index),
            applied: Some(self.applied.clone()),
            sent: None,
            leftovers: Vec::new(),
            retiring: Vec::new(),
        };
        if draft.situation == S::NeverApplied {
            binding.applied = None;
        }
        if draft.situation == S::Retyped {
            binding.id = self.former_id();
            binding.offer_type = self.former_type();
            binding.applied = None;
        }
        if draft.situation == S::Replacing {
            binding.retiring.push(Retiring {
                id: self.former_id(),
                offer_type: self.former_type(),
            });
        }
        binding
    }

    fn remember(&self, state: &mut State) {
        let (name, draft) = (Catalogue::name(self.index), self.draft());
        let id = self.catalogue.id(self.index);
        match draft.situation {
            S::New
            | S::Stranger
            | S::Unbound
            | S::ById
            | S::Marked
            | S::Copied
            | S::InactiveTwin => {}
            S::Moved | S::Renamed => state.bind(Catalogue::old_name(self.index), self.binding()),
            S::Bound
            | S::NeverApplied
            | S::Replacing
            | S::Retyped
            | S::Orphan
            | S::InactiveOrphan
            | S::Missing
            | S::Inactive => state.bind(name, self.binding()),
            S::Deactivated => state.bury(&name, &id, draft.offer_type, Gone::Deactivated),
            S::Forgotten => state.bury(&name, &id, draft.offer_type, Gone::Forgotten),
            S::Pending => {
                let intent = Intent {
                    record: offerctl_reconcile::state::Record::default(),
                    run: "run".to_owned(),
                    name,
                    offer_type: draft.offer_type,
                    content: self.applied.clone(),
                    uses: Vec::new(),
                    since: Moment::from_unix(1).unwrap(),
                };
                state
                    .intents
                    .insert(IntentId(format!("run-{}", self.index)), intent);
            }
        }
    }

    /// The rows that lists show of the offer, with their type and whether they are active.
    fn listed(&self) -> Vec<(OfferType, bool, Row)> {
        let draft = self.draft();
        let own = |copy: usize, active: bool| {
            let stem = self.catalogue.stem(self.index, copy);
            self.rows((draft.offer_type, &stem), active)
        };
        let former = || self.rows((self.former_type(), &self.former_stem()), true);
        match draft.situation {
            S::New | S::Missing | S::Pending => Vec::new(),
            S::Retyped => former(),
            S::Replacing => [own(0, true), former()].concat(),
            S::Copied => [own(0, true), own(1, true)].concat(),
            S::InactiveOrphan | S::Deactivated | S::Inactive | S::InactiveTwin => own(0, false),
            S::Bound
            | S::NeverApplied
            | S::Moved
            | S::Orphan
            | S::Stranger
            | S::Unbound
            | S::ById
            | S::Marked
            | S::Forgotten
            | S::Renamed => own(0, true),
        }
    }

    fn rows(
        &self,
        (offer_type, stem): (OfferType, &str),
        active: bool,
    ) -> Vec<(OfferType, bool, Row)> {
        let mut content = self.live.clone();
        if offer_type != self.draft().offer_type {
            // What it was before it changed its type: only what all types have.
            let common = [Field::Title, Field::Url, Field::Price];
            content.localizations = None;
            content.fields = common
                .into_iter()
                .filter_map(|field| Some((field, content.fields.get(field)?.clone())))
                .collect();
        }
        let ids = |name: &Name| {
            let index = name.as_str().rsplit_once('-')?.1.parse().ok()?;
            Some(self.catalogue.id(index))
        };
        let rows = rows(
            self.catalogue.api,
            &content,
            stem,
            self.catalogue.show,
            &ids,
        );
        rows.into_iter()
            .map(|row| (offer_type, active, row))
            .collect()
    }
}

/// The countries of localizations, for generators of their own.
pub(crate) fn country(code: &str) -> Country {
    Country::new(code).unwrap()
}
