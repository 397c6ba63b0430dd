//! The REST generation of the API, Core 3.1 (docs/cleeng-api.md §5): everything that only it says.
//!
//! It works on the same store as JSON-RPC. What REST calls an offer is all rows of the store under one stem: the row that
//! the offer's own price stands in, and one row for each localization ([`resource`]). Where a generation has no word for
//! something that the other one says, it is kept: a season is no `period`, and a teaser is in no REST answer, but both
//! stay until somebody writes over them.
//!
//! # What nobody has documented
//!
//! The switches `rest-*` are for what a client has to be ready for either way. The rest was decided once, where the doc
//! comments say so; what concerns more than one place is here:
//!
//! - Requests are taken strictly: a number is no text, and members that a page does not list are refused. That is a
//!   matter of form ("Input validation failed"), whose status is a switch; a rule that looks at the type, the offer or the
//!   account is 422.
//! - Preconditions come last, as RFC 9110 §13.2.1 wants it: 401, 400 for the id, 404, 400 for the body, 422, 412, and
//!   then 204 if nothing would change.
//! - Activating an offer leaves its localizations as they are ("localizations separately, parent first", docs/cleeng-api.md §7).
//! - A message is the documented phrase where there is one, with the reason after a colon.
//! - There is no `GET` of localizations: they are part of the offer (docs/cleeng-api.md §5.2).
//! - An offer cannot name a group of seasons that does not exist: 422 ([`season`]). One that names a group which is deleted
//!   afterwards keeps its name.

mod answer;
mod body;
mod change;
mod condition;
mod content;
mod currency;
mod event;
pub(crate) mod exchange;
mod failure;
mod geo;
mod link;
mod list;
mod localization;
pub(crate) mod operation;
mod page;
mod price;
pub(crate) mod request;
mod resource;
mod rows;
mod season;
mod service;
mod substitute;
mod term;
mod trial;
mod write;
