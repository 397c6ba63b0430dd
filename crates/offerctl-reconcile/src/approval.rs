//! What approvals of `allow:` say while offers are matched and compared, before there is a plan: [`adoption`] and [`clearing`].
//!
//! What a finished plan needs is asked by its guards.

use offerctl_manifest::desired::Desired;
use offerctl_manifest::manifest::{Approval, Approved};
use offerctl_model::field::Field;
use offerctl_model::name::Name;

use crate::state::{ApprovalId, State};

/// Returns the approval that lets a name adopt the live offer with its title and url; `None` if there is none, or if it was used.
pub fn adoption<'d>(desired: &'d Desired, state: &State, name: &Name) -> Option<&'d Approval> {
    approval_of(desired, state, name, |what| *what == Approved::Adopt)
}

/// Returns the approval that lets an offer lose the value of a field that is no longer declared; `None` if there is none, or if
/// it was used.
///
/// A guard asks its review instead, which goes by the plan.
pub fn clearing<'d>(
    desired: &'d Desired,
    state: &State,
    (field, name): (Field, &Name),
) -> Option<&'d Approval> {
    approval_of(desired, state, name, |what| clears(what, field))
}

/// Whether an approval is about clearing a field; fields of one name that differ by the type of the offer are one.
pub(crate) fn clears(what: &Approved, field: Field) -> bool {
    matches!(what, Approved::Clears { field: named } if named.name() == field.name())
}

fn approval_of<'d>(
    desired: &'d Desired,
    state: &State,
    name: &Name,
    is: impl Fn(&Approved) -> bool,
) -> Option<&'d Approval> {
    let today = desired.today?;
    let file = desired.get(name).and_then(|offer| offer.file.as_deref());
    // An offer that moved to another file by this very change is one of the file that git has it in.
    let mut all = desired.approvals.iter();
    all.find(|approval| {
        is(&approval.what)
            && approval.names(name)
            && approval.acts_in(file)
            && !approval.is_expired(today)
            && {
                let key = (ApprovalId::of(approval), name.clone(), None);
                let used = state.approvals.get(&key);
                used.is_none_or(|used| !used.stands_against(None))
            }
    })
}
