//! Lists offers: [`list`].
//!
//! Next to nothing is documented of it (docs/cleeng-api.md §5.2, §9): what it shows, how it is paged and where the total stands
//! are switches. By default it is paged like the most similar list that is documented, that of subscriptions (
//! docs/cleeng-api.md §11). The order is that of JSON-RPC's lists, newest first and then by id. Parameters that nobody listens
//! to are noted and ignored.

use std::cmp::Reverse;
use std::time::Instant;

use crate::fault::endless::{MOST_ADDED, filling};
use crate::fault::list::{self as fault, Cut, Deafness, ListFault, shifted, spoil};
use crate::json::Json;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::{Quirks, RestActiveFilter, RestList, RestListDefault, RestPaging, RestTotal};
use crate::rest::answer::Answer;
use crate::rest::failure::Failure;
use crate::rest::link::{cursor, link};
use crate::rest::page::{Page, page, size_parameter};
use crate::rest::request::Request;
use crate::rest::resource::Resource;
use crate::service::Service;
use crate::store::Listed;

/// Returns the list, or a page of it.
pub(crate) fn list(
    service: &mut Service,
    request: &Request,
    faults: &[ListFault],
    unknown: &mut Vec<String>,
) -> Result<Answer, Failure> {
    note_unknown(service, request, unknown);
    let active = active(service, request, faults)?;
    let page = page(service, request)?;
    let now = Instant::now();
    if service.store.is_up_to_date(now) && service.store.order().is_none() {
        let order = offers(service, now).iter().map(listed).collect();
        service.store.keep_order(order);
    }
    let service = &*service;
    let page = match cursor(service, request, faults) {
        None => page,
        Some(cursor) => {
            let nothing = Page {
                offset: 0,
                limit: 0,
            };
            let (_, total) = slice(service, active, nothing, now);
            Page {
                offset: total.saturating_add(cursor.saturating_mul(MOST_ADDED)),
                limit: MOST_ADDED,
            }
        }
    };
    let first = Page {
        offset: shifted(faults, page.offset),
        ..page
    };
    let (mut shown, total) = slice(service, active, first, now);
    let cut = Cut {
        offset: first.offset,
        limit: page.limit,
        total,
    };
    // Made-up offers are passes: of those there are active and inactive ones whatever else there is.
    let list = (Kind::Pass, active.unwrap_or(true));
    let filling = filling(faults, list, (cut, shown.len()), service);
    let country = &service.account.country;
    let made_up = filling.made_up.iter();
    shown.extend(made_up.filter_map(|offer| Resource::of(vec![offer], country)));
    for place in &filling.again {
        let again = Page {
            offset: *place,
            limit: 1,
        };
        shown.extend(slice(service, active, again, now).0);
    }
    let offset = page.offset;
    let claimed = spoil(faults, &mut shown, Cut { offset, ..cut });
    let end = page.offset.saturating_add(page.limit);
    let is_last = end >= total && fault::rows_behind_the_end(faults).is_none();
    let link = link(service, request, (&page, is_last), faults);
    Ok(answer(&service.quirks, &shown, claimed, link))
}

/// Returns that part of the list, and how many offers the whole list has.
fn slice(
    service: &Service,
    active: Option<bool>,
    page: Page,
    now: Instant,
) -> (Vec<Resource<'_>>, usize) {
    let is_wanted = |is_active: bool| active.is_none_or(|active| active == is_active);
    match service.store.order() {
        Some(order) if service.store.is_up_to_date(now) => {
            let wanted = order.iter().filter(|listed| is_wanted(listed.is_active));
            let (part, total): (Vec<_>, _) = match active {
                None => (
                    order.iter().skip(page.offset).take(page.limit).collect(),
                    order.len(),
                ),
                Some(_) => (
                    wanted.clone().skip(page.offset).take(page.limit).collect(),
                    wanted.count(),
                ),
            };
            let offers = part.into_iter().filter_map(|listed| {
                let rows = service.store.rows(&listed.stem);
                Resource::of(rows, &service.account.country)
            });
            (offers.collect(), total)
        }
        Some(_) | None => {
            let mut offers = offers(service, now);
            offers.retain(|offer| is_wanted(offer.base.is_active()));
            let total = offers.len();
            let shown = offers.into_iter().skip(page.offset).take(page.limit);
            (shown.collect(), total)
        }
    }
}

/// Returns the answer with these offers, and with the total and the link where the switches want them.
fn answer(
    quirks: &Quirks,
    shown: &[Resource<'_>],
    total: Option<u64>,
    link: Option<String>,
) -> Answer {
    let items = shown.iter().map(|offer| {
        let mut json = offer.show(quirks);
        if let Json::Object(members) = &mut json {
            members.retain(|(name, _)| !quirks.omits_in_lists(name));
        }
        json
    });
    let items = Json::List(items.collect());
    let (in_header, in_body) = match quirks.rest_total {
        RestTotal::None => (None, None),
        RestTotal::Header => (total, None),
        RestTotal::Body => (None, total),
        RestTotal::Both => (total, total),
    };
    let in_body = in_body.map(|total| ("totalItemCount", Json::count(total)));
    let body = match quirks.rest_list {
        RestList::Array => items,
        RestList::Items => Json::object([("items", items)].into_iter().chain(in_body)),
        RestList::Data => {
            let subscriptions_have = [
                ("success", Json::Bool(true)),
                ("data", items),
                ("message", Json::text("")),
            ];
            Json::object(subscriptions_have.into_iter().chain(in_body))
        }
    };
    let total = in_header.map(|total| ("x-total-count", total.to_string()));
    let link = link.map(|link| ("link", link));
    Answer {
        status: 200,
        headers: total.into_iter().chain(link).collect(),
        body: Some(body),
    }
}

/// Returns all offers as lists show them, newest first and then by id.
fn offers(service: &Service, now: Instant) -> Vec<Resource<'_>> {
    let rows: Vec<&Offer> = service.store.rows_listed(now).collect();
    let mut offers: Vec<_> = rows
        .chunk_by(|left, right| left.id().stem() == right.id().stem())
        .filter_map(|rows| Resource::of(rows.to_vec(), &service.account.country))
        .collect();
    offers.sort_by_key(|offer| Reverse(offer.base.created_at()));
    offers
}

fn listed(offer: &Resource<'_>) -> Listed {
    Listed {
        stem: offer.base.id().stem().to_owned(),
        is_active: offer.base.is_active(),
    }
}

/// Returns whether active or inactive offers are asked for, if not all.
fn active(
    service: &Service,
    request: &Request,
    faults: &[ListFault],
) -> Result<Option<bool>, Failure> {
    let default = match service.quirks.rest_list_default {
        RestListDefault::All => None,
        RestListDefault::Active => Some(true),
    };
    let asked = request.parameter("active").unwrap_or_default();
    let is_deaf = match fault::deafness(faults) {
        Some(Deafness::Always) => true,
        Some(Deafness::Booleans) => ["true", "false"].contains(&asked),
        None => service.quirks.rest_active_filter == RestActiveFilter::Ignored,
    };
    match asked {
        _ if is_deaf => Ok(default),
        "" => Ok(default),
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        _ => Err(Failure::Malformed("active must be a boolean".to_owned())),
    }
}

fn note_unknown(service: &Service, request: &Request, unknown: &mut Vec<String>) {
    let place = match service.quirks.rest_paging {
        RestPaging::Page => Some("page"),
        RestPaging::Offset => Some("offset"),
        RestPaging::Whole | RestPaging::First => None,
    };
    let size = place.and_then(|_| size_parameter(service));
    let filter = match service.quirks.rest_active_filter {
        RestActiveFilter::Honoured => Some("active"),
        RestActiveFilter::Ignored => None,
    };
    let known = [place, size, filter];
    for (name, _) in &request.query {
        if !known.contains(&Some(name.as_str())) {
            unknown.push(format!("query.{name}"));
        }
    }
}
