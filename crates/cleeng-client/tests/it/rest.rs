//! The REST API: the same servers, other paths.

mod answers;
mod conditions;
mod failures;
mod requests;
mod season_groups;
mod secrecy;

use cleeng_client::{
    Decimal, OfferId,
    rest::{CreateOffer, EntitlementData, PeriodData, PriceData, Reader, Writer},
};

use crate::server::Server;

fn reader(server: &Server) -> Reader {
    Reader::new(&server.config()).unwrap()
}

fn writer(server: &Server) -> Writer {
    Writer::new(&server.config()).unwrap()
}

fn id() -> OfferId {
    OfferId::from("S123456789")
}

/// A create with nothing but what it needs.
fn pass() -> CreateOffer {
    CreateOffer::pass(
        "A day",
        PriceData::new(Decimal::new(500, 2)),
        EntitlementData::Duration(PeriodData::new(1, "day")),
    )
}
