//! What requests say of an offer: one struct per type, for creating and for changing.
//!
//! Every field is optional and stays out of the request when it is `None`: a create needs some of
//! them (each struct says which), an update changes exactly those that are there. To clear a text
//! or a list, send it empty.

mod access;
mod content;
mod declaration;

pub(super) use self::declaration::request_data;
pub use self::{
    access::{PassOfferData, SubscriptionOfferData},
    content::{EventOfferData, RentalOfferData, SingleOfferData, VodOfferData},
};
