//! What keeps a run from sending: [`Brake`].

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use offerctl_model::offer_type::OfferType;

use crate::remote::WriteCall;

/// Why nothing more is sent, or nothing of some types made.
///
/// The run sets it, and whoever waits for the turn of a request looks at it when the turn comes: what was ready to be
/// sent a minute ago may be the wrong thing now.
#[derive(Debug, Clone, Default)]
pub(super) struct Brake {
    halted: Rc<OnceCell<String>>,
    /// Types of which nothing may be made any more, with the reason.
    frozen: Rc<RefCell<BTreeMap<OfferType, String>>>,
}

impl Brake {
    /// Lets nothing more be sent; the first reason counts.
    pub(super) fn halt(&self, reason: &str) {
        self.halted.get_or_init(|| reason.to_owned());
    }

    /// Why nothing more may be sent, if that is so.
    pub(super) fn halted(&self) -> Option<&str> {
        self.halted.get().map(String::as_str)
    }

    /// Lets nothing of some types be made any more.
    pub(super) fn freeze(&self, types: &[OfferType], reason: &str) {
        let mut frozen = self.frozen.borrow_mut();
        for offer_type in types {
            let reason = || reason.to_owned();
            frozen.entry(*offer_type).or_insert_with(reason);
        }
    }

    /// Lets what is of some types be made again.
    pub(super) fn thaw(&self, types: &[OfferType]) {
        let mut frozen = self.frozen.borrow_mut();
        frozen.retain(|offer_type, _| !types.contains(offer_type));
    }

    /// Why nothing of a type may be made, if that is so.
    pub(super) fn frozen(&self, offer_type: OfferType) -> Option<String> {
        self.frozen.borrow().get(&offer_type).cloned()
    }

    /// Whether nothing of a type may be made.
    pub(super) fn is_frozen(&self, offer_type: OfferType) -> bool {
        self.frozen.borrow().contains_key(&offer_type)
    }

    /// Whether calls may be sent.
    pub(super) fn lets(&self, calls: &[WriteCall]) -> bool {
        let is_frozen = |call: &WriteCall| match call {
            WriteCall::Create { offer_type, .. } => self.is_frozen(*offer_type),
            WriteCall::Update { .. }
            | WriteCall::Country { .. }
            | WriteCall::Activate { .. }
            | WriteCall::Deactivate { .. } => false,
        };
        self.halted().is_none() && !calls.iter().any(is_frozen)
    }
}
