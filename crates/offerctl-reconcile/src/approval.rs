//! Whether an approval of `allow:` holds for an offer: [`objection`], which guards and matching share.

use std::collections::BTreeMap;

use offerctl_manifest::desired::Desired;
use offerctl_manifest::manifest::{Approval, Approved, Date};
use offerctl_model::country::Country;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Amount;
use offerctl_model::name::Name;

use crate::state::{ApprovalId, State, Use, UseKey};

/// An offer for which an approval is looked for.
#[derive(Clone, Copy)]
pub(crate) struct For<'a> {
    pub(crate) name: &'a Name,
    /// The name that it gives up with this very change.
    pub(crate) former: Option<&'a Name>,
    /// The file that declares it, or that declared it as far as is known.
    pub(crate) file: Option<&'a Foreign>,
    /// The country, if it is about one.
    pub(crate) country: Option<Country>,
    /// The price that it starts from, if it is about one.
    pub(crate) before: Option<Amount>,
}

/// Why an approval that names an offer does not hold for it.
pub(crate) enum Objection<'u> {
    OtherFile,
    Expired,
    Used(&'u Use),
}

/// Returns why an approval that names an offer does not hold for it on a day; `None` if it holds.
pub(crate) fn objection<'u>(
    approval: &Approval,
    of: For<'_>,
    (uses, today): (&'u BTreeMap<UseKey, Use>, Date),
) -> Option<Objection<'u>> {
    if !approval.acts_in(of.file) {
        return Some(Objection::OtherFile);
    }
    if approval.is_expired(today) {
        return Some(Objection::Expired);
    }
    let id = ApprovalId::of(approval);
    let names = [Some(of.name), of.former].into_iter().flatten();
    let mut used = names.filter_map(|name| uses.get(&(id.clone(), name.clone(), of.country)));
    used.find(|used| used.stands_against(of.before))
        .map(Objection::Used)
}

/// Returns the approval that lets a name adopt the live offer with its title and url; `None` if there is none, or if it was used.
///
/// Matching asks before there is a plan; what a finished plan needs is asked by its guards.
pub fn adoption<'d>(desired: &'d Desired, state: &State, name: &Name) -> Option<&'d Approval> {
    let today = desired.today?;
    let of = For {
        name,
        // Only what is bound changes its name, and what is bound adopts nothing.
        former: None,
        // An offer that moved to another file by this very change is one of the file that git has it in.
        file: desired.get(name).and_then(|offer| offer.file.as_deref()),
        country: None,
        before: None,
    };
    let mut all = desired.approvals.iter();
    all.find(|approval| {
        approval.what == Approved::Adopt
            && approval.names(name)
            && objection(approval, of, (&state.approvals, today)).is_none()
    })
}
