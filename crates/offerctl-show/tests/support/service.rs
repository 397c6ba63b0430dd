//! A service that does all that it is told, and a state that learns of it: [`apply`].

use std::collections::BTreeMap;

use offerctl_model::content::{Content, Fields};
use offerctl_model::country::Country;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::live::{Live, Row};
use offerctl_reconcile::plan::{Operation, Plan, Step};
use offerctl_reconcile::state::{Entry, Gone, Retiring, State};

use super::rows::{Show, as_resources, kept, rows};
use super::world::World;

/// Carries out every step of a plan; returns the world after it.
pub(crate) fn apply(world: &World, plan: &Plan, show: Show) -> World {
    let mut service = Service {
        live: world.live.clone(),
        state: world.state.clone(),
        show,
        api: plan.api,
        made: 0,
    };
    for (from, to) in &plan.moves {
        let (from, to) = (from.clone(), to.clone());
        service.state.apply(Entry::Moved { from, to });
    }
    for (name, binding) in &plan.refresh {
        service.state.apply(Entry::Bound {
            name: name.clone(),
            binding: binding.clone(),
            intent: None,
        });
    }
    for step in &plan.steps {
        service.step(step);
    }
    World {
        desired: world.desired.clone(),
        live: service.live,
        state: service.state,
    }
}

struct Service {
    live: Live,
    state: State,
    show: Show,
    api: Api,
    made: usize,
}

impl Service {
    fn step(&mut self, step: &Step) {
        let id = match &step.operation {
            Operation::Bind { id } | Operation::Forget { id } => id.clone(),
            Operation::Create { content, .. } => self.create(step.offer_type, content),
            Operation::Update { id, base, rows, .. } => {
                self.update(step.offer_type, id, (base, rows));
                id.clone()
            }
            Operation::Activate { id } => {
                self.switch(step.offer_type, id, true);
                id.clone()
            }
            Operation::Deactivate { id, .. } => {
                self.switch(step.offer_type, id, false);
                id.clone()
            }
            Operation::UpdateCountry { id, .. }
            | Operation::AddCountry { id, .. }
            | Operation::ActivateCountry { id, .. }
            | Operation::DeactivateCountry { id, .. } => {
                self.country(step, id);
                id.clone()
            }
        };
        self.learn(step, id);
    }

    fn learn(&mut self, step: &Step, id: OfferId) {
        let gone = |reason| Entry::Gone {
            name: step.name.clone(),
            id: id.clone(),
            offer_type: step.offer_type,
            reason,
        };
        let entry = match (&step.operation, &step.record) {
            (Operation::Deactivate { replaced: true, .. }, _) => Entry::Retired {
                name: step.name.clone(),
                old: Retiring {
                    id,
                    offer_type: step.offer_type,
                },
            },
            (Operation::Deactivate { .. }, _) => gone(Gone::Deactivated),
            (Operation::Forget { .. }, _) => gone(Gone::Forgotten),
            (_, Some(record)) => Entry::Bound {
                name: step.name.clone(),
                binding: record.binding(id, step.offer_type),
                intent: None,
            },
            (_, None) => {
                for values in step.leaves.clone() {
                    let name = step.name.clone();
                    self.state.apply(Entry::Sent { name, values });
                }
                return;
            }
        };
        self.state.apply(entry);
    }

    fn create(&mut self, offer_type: OfferType, content: &Content) -> OfferId {
        self.made += 1;
        let stem = format!(
            "{}{}",
            offer_type.id_letters(self.api)[0],
            900_000_000 + self.made
        );
        let bindings = self.state.bindings.clone();
        let ids = |name: &Name| bindings.get(name).map(|binding| binding.id.clone());
        let mut made = Live::new();
        for row in rows(self.api, content, &stem, self.show, &ids) {
            made.add(offer_type, true, row);
        }
        if self.api == Api::Rest {
            made = as_resources(&made);
        }
        let id = OfferId::new(&stem);
        let view = made.get(&id).unwrap().view(offer_type).unwrap().clone();
        // Every type that it may be shows it.
        let types: Vec<OfferType> = match self.api {
            Api::JsonRpc => vec![offer_type],
            Api::Rest => offer_type.kin().to_vec(),
        };
        match self.api {
            Api::JsonRpc => view
                .rows
                .into_iter()
                .for_each(|row| self.live.add(offer_type, true, row)),
            Api::Rest => {
                let views = types.into_iter().map(|of_type| (of_type, view.clone()));
                self.live.add_resource(views.collect());
            }
        }
        self.live.get(&OfferId::new(&stem)).unwrap().id.clone()
    }

    fn update(
        &mut self,
        offer_type: OfferType,
        id: &OfferId,
        (base, rows): (&Fields, &BTreeMap<Country, Fields>),
    ) {
        let bindings = self.state.bindings.clone();
        let ids = |name: &Name| bindings.get(name).map(|binding| binding.id.clone());
        let shown = match self.api {
            Api::JsonRpc => vec![offer_type],
            Api::Rest => self.types_of(id),
        };
        for offer_type in shown {
            self.update_view((offer_type, id), (base, rows), &ids);
        }
    }

    fn update_view(
        &mut self,
        (offer_type, id): (OfferType, &OfferId),
        (base, rows): (&Fields, &BTreeMap<Country, Fields>),
        ids: &dyn Fn(&Name) -> Option<OfferId>,
    ) {
        let (show, api) = (self.show, self.api);
        let view = self.live.get_mut(id).unwrap().view_mut(offer_type).unwrap();
        let home = view.home;
        for row in &mut view.rows {
            let own = row.country.and_then(|country| rows.get(&country));
            let is_home = home.is_none() || row.country == home;
            let base = base.iter().filter(|(field, _)| {
                is_home || api == Api::Rest && !field.is_localizable(api, offer_type)
            });
            for (field, value) in base.chain(own.into_iter().flat_map(Fields::iter)) {
                if show.shows(field) {
                    row.fields.set(field, kept(value, ids));
                }
            }
        }
    }

    /// What REST does about one country.
    fn country(&mut self, step: &Step, id: &OfferId) {
        let show = self.show;
        let country = step.operation.country().unwrap();
        for offer_type in self.types_of(id) {
            let view = self.live.get_mut(id).unwrap().view_mut(offer_type).unwrap();
            assert_ne!(view.home, Some(country), "{country} is the offer itself");
            let is_it = |row: &Row| row.country == Some(country);
            let sold = view.rows.iter().position(is_it);
            let dormant = view.dormant.iter().position(is_it);
            match &step.operation {
                Operation::AddCountry { localization, .. } => {
                    assert_eq!((sold, dormant), (None, None), "{country} is there");
                    let mut row = view.rows[0].clone();
                    row.id = OfferId::new(&format!("{}_{country}", row.id.stem()));
                    row.country = Some(country);
                    row.currency = Some(localization.currency);
                    for (field, value) in localization
                        .fields
                        .iter()
                        .filter(|(field, _)| show.shows(*field))
                    {
                        row.fields.set(field, value.clone());
                    }
                    view.rows.push(row);
                    view.rows[1..].sort_by_key(|row| row.country);
                }
                Operation::UpdateCountry { fields, .. } => {
                    let row = match (sold, dormant) {
                        (Some(index), _) => &mut view.rows[index],
                        (None, Some(index)) => &mut view.dormant[index],
                        (None, None) => panic!("{country} is not there"),
                    };
                    for (field, value) in fields.iter().filter(|(field, _)| show.shows(*field)) {
                        row.fields.set(field, value.clone());
                    }
                }
                Operation::ActivateCountry { .. } => {
                    assert!(view.active, "the offer itself is not sold");
                    let row = view.dormant.remove(dormant.expect("it rests"));
                    view.rows.push(row);
                    view.rows[1..].sort_by_key(|row| row.country);
                }
                Operation::DeactivateCountry { .. } => {
                    let row = view.rows.remove(sold.expect("it is sold"));
                    view.dormant.push(row);
                }
                Operation::Bind { .. }
                | Operation::Create { .. }
                | Operation::Update { .. }
                | Operation::Activate { .. }
                | Operation::Deactivate { .. }
                | Operation::Forget { .. } => panic!("{step:?} is about no country"),
            }
        }
        let offer = self.live.get(id).unwrap();
        let views = offer
            .types()
            .map(|of_type| (of_type, offer.view(of_type).unwrap().clone()));
        let views = views.collect();
        self.live.add_resource(views);
    }

    /// The types that show an offer.
    fn types_of(&self, id: &OfferId) -> Vec<OfferType> {
        self.live.get(id).unwrap().types().collect()
    }

    fn switch(&mut self, offer_type: OfferType, id: &OfferId, active: bool) {
        let view = self.live.get(id).unwrap().view(offer_type).unwrap();
        assert_ne!(view.active, active, "{id} is that already");
        for offer_type in self.types_of(id) {
            let view = self.live.get_mut(id).unwrap().view_mut(offer_type).unwrap();
            view.active = active;
        }
    }
}
