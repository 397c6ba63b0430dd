//! Which part of the list a request asks for: [`Page`].

use crate::quirk::{RestPageItems, RestPageMost, RestPageOver, RestPageParam, RestPaging};
use crate::rest::failure::Failure;
use crate::rest::request::Request;
use crate::service::Service;

/// Which part of the list is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// Returns the page that a request asks for.
pub(crate) fn page(service: &Service, request: &Request) -> Result<Page, Failure> {
    let quirks = &service.quirks;
    let usual = match quirks.rest_page_items {
        RestPageItems::Twenty => 20,
        RestPageItems::Fifteen => 15,
        RestPageItems::Hundred => 100,
        RestPageItems::Two => 2,
    };
    let most = match quirks.rest_page_most {
        RestPageMost::TwoHundred => 200,
        RestPageMost::Hundred => 100,
        RestPageMost::Three => 3,
    };
    let size = || match size_parameter(service) {
        Some(name) => {
            let size = number(request, name, 1, usual.min(most))?;
            if size > most && quirks.rest_page_over == RestPageOver::Refused {
                return Err(Failure::Malformed(format!("{name} must be at most {most}")));
            }
            Ok(size.min(most))
        }
        None => Ok(usual),
    };
    Ok(match quirks.rest_paging {
        RestPaging::Whole => Page {
            offset: 0,
            limit: usize::MAX,
        },
        RestPaging::First => Page {
            offset: 0,
            limit: usual,
        },
        RestPaging::Page => {
            let limit = size()?;
            let page = number(request, "page", 1, 1)?;
            Page {
                offset: (page - 1).saturating_mul(limit),
                limit,
            }
        }
        RestPaging::Offset => Page {
            offset: number(request, "offset", 0, 0)?,
            limit: size()?,
        },
    })
}

/// The name of the parameter for the number of offers of a page, if the service listens to one.
pub(crate) fn size_parameter(service: &Service) -> Option<&'static str> {
    match service.quirks.rest_page_param {
        RestPageParam::Limit => Some("limit"),
        RestPageParam::PageLimit => Some("pageLimit"),
        RestPageParam::PageSize => Some("pageSize"),
        RestPageParam::PerPage => Some("perPage"),
        RestPageParam::None => None,
    }
}

fn number(request: &Request, name: &str, least: usize, default: usize) -> Result<usize, Failure> {
    match request.parameter(name) {
        None | Some("") => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| *number >= least)
            .ok_or_else(|| {
                Failure::Malformed(format!("{name} must be a whole number from {least}"))
            }),
    }
}
