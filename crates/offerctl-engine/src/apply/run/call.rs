//! From steps to calls: ids in the place of names.

use offerctl_model::content::{Content, Fields};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};
use offerctl_reconcile::plan::{Operation, Step};

use super::Run;
use crate::remote::{CountryChange, RemoteWrite, WriteCall};
use crate::store::StateStore;

impl<R: RemoteWrite, S: StateStore> Run<'_, '_, R, S> {
    /// The call of a step; the error says why there is none.
    pub(super) fn call(&self, step: &Step) -> Result<WriteCall, String> {
        let offer_type = step.offer_type;
        match &step.operation {
            Operation::Create { content, home } => {
                let mut content = Content::clone(content);
                self.fill_in_events(&mut content.fields)?;
                Ok(WriteCall::Create {
                    offer_type,
                    content,
                    home: *home,
                })
            }
            Operation::Update {
                id,
                localized,
                base,
                rows,
            } => {
                let mut base = base.clone();
                self.fill_in_events(&mut base)?;
                Ok(WriteCall::Update {
                    offer_type,
                    id: id.clone(),
                    localized: *localized,
                    base,
                    rows: rows.clone(),
                })
            }
            Operation::Deactivate { id, .. } => Ok(WriteCall::Deactivate {
                offer_type,
                id: id.clone(),
            }),
            Operation::Activate { id } => Ok(WriteCall::Activate {
                offer_type,
                id: id.clone(),
            }),
            Operation::UpdateCountry {
                id,
                country,
                fields,
            } => Ok(country_call(
                (offer_type, id, *country),
                CountryChange::Update(fields.clone()),
            )),
            Operation::AddCountry {
                id,
                country,
                localization,
            } => Ok(country_call(
                (offer_type, id, *country),
                CountryChange::Add(localization.clone()),
            )),
            Operation::ActivateCountry { id, country } => Ok(country_call(
                (offer_type, id, *country),
                CountryChange::Activate,
            )),
            Operation::DeactivateCountry { id, country } => Ok(country_call(
                (offer_type, id, *country),
                CountryChange::Deactivate,
            )),
            Operation::Bind { .. } | Operation::Forget { .. } => {
                Err("this step sends nothing".to_owned())
            }
        }
    }

    /// Puts the ids of events in the place of their names.
    fn fill_in_events(&self, fields: &mut Fields) -> Result<(), String> {
        let Some(Value::Events(events)) = fields.get(Field::EventAssociation) else {
            return Ok(());
        };
        let resolved: Result<Vec<EventRef>, String> = events
            .iter()
            .map(|event| match event {
                EventRef::Id(id) => Ok(EventRef::Id(id.clone())),
                EventRef::Offer(name) => self
                    .id_of(name)
                    .map(|id| EventRef::Id(id.clone()))
                    .ok_or_else(|| format!("the event `{name}` has no id yet")),
            })
            .collect();
        fields.set(Field::EventAssociation, Value::events(resolved?));
        Ok(())
    }

    /// An offer that a step needs and that no step of this plan makes: what became of it is not known.
    pub(super) fn missing<'p>(&self, step: &'p Step) -> Option<&'p Name> {
        let record = step.record.as_ref()?;
        let mut needs = record.needs.iter();
        needs.find(|name| self.id_of(name).is_none())
    }

    /// The id of an offer: of one that this run made, or of one that is bound.
    fn id_of(&self, name: &Name) -> Option<&OfferId> {
        let bound = || self.journal.state().bindings.get(name);
        let made = self.made.get(name);
        made.or_else(|| bound().map(|binding| &binding.id))
    }
}

fn country_call(
    (offer_type, id, country): (OfferType, &OfferId, Country),
    change: CountryChange,
) -> WriteCall {
    WriteCall::Country {
        offer_type,
        id: id.clone(),
        country,
        change,
    }
}
