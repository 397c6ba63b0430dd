//! Which approvals let a plan pass: [`Granted`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::manifest::{Approved, Date};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::Name;
use offerctl_model::value::Moment;

use crate::plan::{Operation, Plan, Step, StepId};
use crate::state::{ApprovalId, Use};

/// A change of a plan that would be refused, and the approval that lets it pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Granted {
    /// The offer.
    pub offer: Name,
    /// The place of the approval in [`Plan::approvals`].
    pub approval: usize,
    /// The country, if the change is about one.
    pub country: Option<Country>,
    /// The price that it starts from, if the change is one of a price.
    pub before: Option<Amount>,
    /// The currency of that price, if it is known.
    pub currency: Option<Currency>,
}

impl Granted {
    /// Returns what the state remembers of it.
    pub fn to_use(&self, plan: &Plan, (since, done): (Moment, bool)) -> Option<Use> {
        let approval = plan.approvals.get(self.approval)?;
        Some(Use {
            approval: ApprovalId::of(approval),
            offer: self.offer.clone(),
            country: self.country,
            before: self.before,
            currency: self.currency,
            until: approval.until,
            since,
            done,
        })
    }
}

/// Returns the approvals of a plan by the step with whose success each is used up.
pub fn by_step<'g>(plan: &Plan, granted: &'g [Granted]) -> BTreeMap<StepId, Vec<&'g Granted>> {
    let mut steps: BTreeMap<&Name, Vec<(StepId, &Step)>> = BTreeMap::new();
    for (id, step) in plan.numbered_steps() {
        steps.entry(&step.name).or_default().push((id, step));
    }
    let mut by_step: BTreeMap<StepId, Vec<&Granted>> = BTreeMap::new();
    for granted in granted {
        let own = steps.get(&granted.offer).map(Vec::as_slice);
        let what = plan.approvals.get(granted.approval);
        let (Some(own), Some(approval)) = (own, what) else {
            continue;
        };
        // A price may go with the offer itself, or in a step of its country: the step that does what was approved uses it up.
        let carries = |place: Place| {
            own.iter()
                .find(|(_, step)| carries(step, (granted.country, place), &approval.what))
        };
        let found = carries(Place::Itself).or_else(|| carries(Place::Anywhere));
        let found = found.or_else(|| own.last());
        if let Some((id, _)) = found {
            by_step.entry(*id).or_default().push(granted);
        }
    }
    by_step
}

/// Where a step has to set a value to be the one that does what was approved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the country itself, or with the offer itself if there is none.
    Itself,
    /// Also where it reaches the country: with the offer itself, or in any country.
    Anywhere,
}

/// Whether a step is the one that does what was approved.
fn carries(step: &Step, (country, place): (Option<Country>, Place), what: &Approved) -> bool {
    let operation = &step.operation;
    match what {
        Approved::PriceChange { .. } | Approved::PriceRange { .. } => sets(
            operation,
            (country, place),
            &[Field::Price, Field::PriceRules],
        ),
        Approved::RemoveCountries { .. } => {
            let closes = matches!(operation, Operation::DeactivateCountry { .. });
            closes && operation.country() == country
                || sets(operation, (None, place), &[Field::GeoRestriction])
        }
        Approved::Replacements => operation.is_create(),
        Approved::Deactivations => matches!(operation, Operation::Deactivate { .. }),
        Approved::Adopt => true,
        Approved::Clears { field } => {
            let same = |other: &Field| other.name() == field.name();
            let fields: Vec<Field> = Field::all().filter(same).collect();
            sets(operation, (None, place), &fields)
        }
    }
}

/// Whether an operation sets one of some fields at a place.
fn sets(
    operation: &Operation,
    (country, place): (Option<Country>, Place),
    fields: &[Field],
) -> bool {
    let has = |values: &offerctl_model::content::Fields| {
        fields.iter().any(|field| values.get(*field).is_some())
    };
    let anywhere = place == Place::Anywhere;
    match operation {
        Operation::Create { .. } => true,
        Operation::Update { base, rows, .. } => match country {
            Some(country) => rows.get(&country).is_some_and(has) || anywhere && has(base),
            None => has(base) || anywhere && rows.values().any(has),
        },
        Operation::UpdateCountry {
            country: of,
            fields,
            ..
        } => has(fields) && (country == Some(*of) || country.is_none() && anywhere),
        Operation::AddCountry { country: of, .. } => country == Some(*of),
        Operation::Bind { .. }
        | Operation::ActivateCountry { .. }
        | Operation::DeactivateCountry { .. }
        | Operation::Activate { .. }
        | Operation::Deactivate { .. }
        | Operation::Forget { .. } => false,
    }
}

/// Returns the places of the approvals that a plan did not use, though their last day has not passed.
pub(crate) fn unused(plan: &Plan, granted: &[Granted], today: Date) -> Vec<usize> {
    let used: BTreeSet<usize> = granted.iter().map(|granted| granted.approval).collect();
    let all = plan.approvals.iter().enumerate();
    let open = all.filter(|(_, approval)| !approval.is_expired(today));
    open.map(|(place, _)| place)
        .filter(|place| !used.contains(place))
        .collect()
}
