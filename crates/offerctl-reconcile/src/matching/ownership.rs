//! Live offers that another project manages: no rule adopts them, and none that is bound is fought for.

use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};

use super::advice::{distinct_line, list, take_over};
use super::matcher::Matcher;
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;
use crate::state::Binding;

/// How a name came to a live offer of another project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The state binds it.
    Bound,
    /// The manifest names its id.
    Ids,
    /// It had that name before we deactivated it.
    Tombstone,
}

impl Matcher<'_, '_> {
    /// The other project that manages a live offer, by its marker, unless that may be taken over.
    pub(super) fn other_project<'o>(&self, offer: &'o LiveOffer) -> Option<&'o str> {
        self.desired.other_project(offer.marker()?)
    }

    /// The other project that marked an offer which is bound. A marker that we set ourselves, before the project got
    /// the name that it has now, is not of another.
    pub(super) fn taken_over_by<'o>(
        &self,
        binding: &Binding,
        offer: &'o LiveOffer,
    ) -> Option<&'o str> {
        let other = self.other_project(offer)?;
        let applied = binding.applied.as_ref();
        let set =
            applied.and_then(|content| content.fields.text(offerctl_model::field::Field::Marker));
        let is_ours = set.is_some_and(|set| Some(set.raw()) == offer.marker());
        (!is_ours).then_some(other)
    }

    /// Notes that a name may not have a live offer of another project.
    pub(super) fn refuse_other_project(
        &mut self,
        name: &Name,
        (id, project): (&OfferId, &str),
        claim: Claim,
    ) {
        let shown = Foreign::from(project);
        let (message, leave) = match claim {
            Claim::Bound => (
                format!(
                    "`{name}` is bound to {id}, but the project `{shown}` has marked that as its own"
                ),
                format!(
                    "run `offerctl state forget {name}` and remove `{name}` from the manifests"
                ),
            ),
            Claim::Ids => (
                format!(
                    "`ids` of `{name}` names {id}, which the project `{shown}` has marked as its own"
                ),
                format!("take it out of the `ids` of `{name}`"),
            ),
            Claim::Tombstone => (
                format!(
                    "`{name}` was {id} before, and the project `{shown}` has marked that as its own since"
                ),
                format!(
                    "run `offerctl state adopt` for another offer, or remove `{name}` from the manifests"
                ),
            ),
        };
        let help = format!(
            "to leave it to `{shown}`, {leave}; to take it over, remove it from `{shown}`, then run `offerctl apply {}`",
            take_over(project)
        );
        self.conflict(name, ConflictCode::OtherProject, (message, help), &[id]);
    }

    /// Notes that a new offer would stand beside one like it that another project manages; `first` is what has to be done
    /// before anything else.
    pub(super) fn refuse_beside_other_project(
        &mut self,
        name: &Name,
        (offers, project): (&[&LiveOffer], &str),
        (like, first): (&str, &str),
    ) {
        let Some(declared) = self.desired.get(name) else {
            return;
        };
        let shown = Foreign::from(project);
        let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id.clone()).collect();
        let message = format!(
            "{like}, and belongs to the project `{shown}`, whose marker it carries: {}",
            list(&ids)
        );
        let help = format!(
            "{first}if it is another offer, write {} into `{name}`; to take it over, remove it from `{shown}`, then run \
             `offerctl apply {}`",
            distinct_line(declared, offers),
            take_over(project)
        );
        let ids: Vec<&OfferId> = ids.iter().collect();
        self.conflict(name, ConflictCode::OtherProject, (message, help), &ids);
    }
}
