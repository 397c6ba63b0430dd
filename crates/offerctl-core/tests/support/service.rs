//! A service that does all that it is told, and a state that learns of it: [`apply`].

use std::collections::BTreeMap;

use offerctl_core::content::{Content, Fields};
use offerctl_core::country::Country;
use offerctl_core::live::Live;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::offer_type::OfferType;
use offerctl_core::plan::{Operation, Plan, Step};
use offerctl_core::state::{Entry, Gone, Retiring, State};

use super::rows::{Show, kept, rows};
use super::world::World;

/// Carries out every step of a plan; returns the world after it.
pub(crate) fn apply(world: &World, plan: &Plan, show: Show) -> World {
    let mut service = Service {
        live: world.live.clone(),
        state: world.state.clone(),
        show,
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
    made: usize,
}

impl Service {
    fn step(&mut self, step: &Step) {
        let id = match &step.operation {
            Operation::Bind { id } | Operation::Forget { id } => id.clone(),
            Operation::Create { content } => self.create(step.offer_type, content),
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
            (_, None) => return,
        };
        self.state.apply(entry);
    }

    fn create(&mut self, offer_type: OfferType, content: &Content) -> OfferId {
        self.made += 1;
        let stem = format!("{}{}", offer_type.id_letters()[0], 900_000_000 + self.made);
        let bindings = self.state.bindings.clone();
        let ids = |name: &Name| bindings.get(name).map(|binding| binding.id.clone());
        for row in rows(content, &stem, self.show, &ids) {
            self.live.add(offer_type, true, row);
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
        let view = self.live.get_mut(id).unwrap().view_mut(offer_type).unwrap();
        for row in &mut view.rows {
            let own = row.country.and_then(|country| rows.get(&country));
            for (field, value) in base.iter().chain(own.into_iter().flat_map(Fields::iter)) {
                if self.show.shows(field) {
                    row.fields.set(field, kept(value, &ids));
                }
            }
        }
    }

    fn switch(&mut self, offer_type: OfferType, id: &OfferId, active: bool) {
        let view = self.live.get_mut(id).unwrap().view_mut(offer_type).unwrap();
        assert_ne!(view.active, active, "{id} is that already");
        view.active = active;
    }
}
