//! The offers that an environment should have: [`Desired`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};

use super::marker;
use crate::manifest::{Approval, Date, Lifecycle, Part, Places};
use crate::span::{FileId, Span};

/// One offer, as an environment should have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Its type.
    pub offer_type: OfferType,
    /// What it says, variables filled in.
    pub content: Arc<Content>,
    /// The offers that must be there before it, those of `eventAssociation` among them.
    pub needs: BTreeSet<Name>,
    /// The live offer that the manifest tells to adopt.
    pub adopts: Option<OfferId>,
    /// Its name before.
    pub moved_from: Option<Name>,
    /// What may happen to it.
    pub lifecycle: Lifecycle,
    /// The file that declares it; `None` if no manifest does.
    pub file: Option<Arc<Foreign>>,
    pub(super) places: Arc<Places>,
}

impl Offer {
    /// Whether the manifest says the part, itself or in `defaults`.
    pub fn says(&self, part: Part) -> bool {
        self.places.has(part)
    }

    /// The place of a part of the manifest, or else of the offer's name.
    pub fn place(&self, part: Part) -> Span {
        self.places.of(part)
    }
}

/// All offers that an environment should have: valid, without dangling references, without cycles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desired {
    pub(super) api: Option<Api>,
    pub(super) offers: BTreeMap<Name, Offer>,
    /// The currency of the account, as far as the project says.
    pub currency: Option<Currency>,
    /// The country of the account, as far as the project says.
    pub country: Option<Country>,
    /// The project whose name our markers have.
    pub project: Option<String>,
    /// The other projects whose live offers may be taken over.
    pub take_over_from: BTreeSet<String>,
    /// What is approved in git and holds in the environment.
    pub approvals: Vec<Approval>,
    /// Today, in UTC, as far as it is known: without it, nothing that ends some day is approved while offers are matched.
    pub today: Option<Date>,
}

impl Desired {
    /// The generation of the API that the offers were checked for.
    pub fn api(&self) -> Api {
        self.api.unwrap_or(Api::JsonRpc)
    }

    /// Returns an environment without offers, to be filled by [`Desired::declare`].
    pub fn for_api(api: Api) -> Self {
        Self {
            api: Some(api),
            ..Self::default()
        }
    }

    /// Declares an offer that comes from no manifest: one of a saved plan, or one that is bound.
    pub fn declare(
        &mut self,
        name: Name,
        offer_type: OfferType,
        (content, adopts): (Content, Option<OfferId>),
    ) {
        if let Some(project) = marker::project_of(&name, &content) {
            self.project = Some(project.to_owned());
        }
        let offer = Offer {
            offer_type,
            content: Arc::new(content),
            needs: BTreeSet::new(),
            adopts,
            moved_from: None,
            lifecycle: Lifecycle::default(),
            file: None,
            places: Arc::new(Places::new(FileId(u32::MAX))),
        };
        self.offers.insert(name, offer);
    }

    /// Says what may happen to an offer that comes from no manifest.
    pub fn set_lifecycle(&mut self, name: &Name, lifecycle: &Lifecycle) {
        if let Some(offer) = self.offers.get_mut(name) {
            offer.lifecycle.clone_from(lifecycle);
        }
    }

    /// The other project that a marker on a live offer names, unless offers of that may be taken over.
    pub fn other_project<'m>(&self, marker: &'m str) -> Option<&'m str> {
        let named = marker::project_named_by(marker)?;
        let is_other = self.project.as_deref() != Some(named);
        Some(named).filter(|named| is_other && !self.take_over_from.contains(*named))
    }

    /// Declares an offer no more.
    pub fn drop_offer(&mut self, name: &Name) {
        self.offers.remove(name);
    }

    /// All offers by name.
    pub fn offers(&self) -> &BTreeMap<Name, Offer> {
        &self.offers
    }

    /// The offer of a name.
    pub fn get(&self, name: &Name) -> Option<&Offer> {
        self.offers.get(name)
    }
}
