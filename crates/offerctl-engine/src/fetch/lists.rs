//! The catalogue out of lists of one type each, as JSON-RPC has them: [`read`].
//!
//! They show active offers unless they are asked for inactive ones, and have no snapshot: an offer that is made while
//! pages are read shifts all the others. So a list counts only if its ids are unique and as many as its total, with the
//! same total on every page; and no offer may be both active and inactive.

use std::collections::{BTreeMap, HashSet};

use offerctl_core::live::Live;
use offerctl_core::name::OfferId;
use offerctl_core::offer_type::OfferType;

use super::{FetchError, READS, SIDE_BY_SIDE};
use crate::read::read_all;
use crate::remote::{ActiveForm, ListCall, ListPage, Means, RemoteError, RemoteLists, ShownRow};

/// The most rows of a page (API sheet §3).
const PAGE: u32 = 200;

/// What is listed, and with which means.
#[derive(Debug)]
pub(crate) struct Lister<'a, R> {
    pub(crate) lists: &'a R,
    pub(crate) means: Means<'a>,
}

// Derived, both would ask the same of the lists.
impl<R> Clone for Lister<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Lister<'_, R> {}

/// Reads every offer of some types.
pub(crate) async fn read<R: RemoteLists>(
    lister: Lister<'_, R>,
    types: &[OfferType],
) -> Result<Live, FetchError> {
    let mut lists: BTreeMap<OfferType, TypeLists> = BTreeMap::new();
    let mut open: Vec<(OfferType, ActiveForm)> = types
        .iter()
        .map(|of_type| (*of_type, ActiveForm::Boolean))
        .collect();
    let mut last = None;
    for attempt in 1..=READS {
        let mut again = Vec::new();
        for (offer_type, form, found) in read_types(lister, &open).await? {
            match found {
                Ok(read) => {
                    lists.insert(offer_type, read);
                }
                Err(problem) => {
                    tracing::debug!(%offer_type, attempt, reason = problem.reason, "list does not add up, reading again");
                    let next = if problem.deaf { next_form(form) } else { form };
                    again.push((offer_type, next));
                    last = Some(FetchError::Incomplete {
                        offer_type,
                        reason: problem.reason,
                    });
                }
            }
        }
        open = again;
        if open.is_empty() {
            return Ok(assemble(lists));
        }
    }
    Err(last.unwrap_or(FetchError::Incomplete {
        offer_type: OfferType::Vod,
        reason: "nothing was read".to_owned(),
    }))
}

fn next_form(form: ActiveForm) -> ActiveForm {
    match form {
        ActiveForm::Boolean => ActiveForm::Word,
        ActiveForm::Word => ActiveForm::Digit,
        ActiveForm::Digit => ActiveForm::Boolean,
    }
}

/// The active and the inactive offers of one type.
struct TypeLists {
    active: Vec<ShownRow>,
    inactive: Vec<ShownRow>,
}

/// Why a type has to be read again.
struct Problem {
    reason: String,
    /// Whether the service seems not to have heard which offers were asked for.
    deaf: bool,
}

type Reading = (OfferType, ActiveForm, Result<TypeLists, Problem>);

/// Reads the first pages of all lists in one go, and then all others side by side.
async fn read_types<R: RemoteLists>(
    lister: Lister<'_, R>,
    types: &[(OfferType, ActiveForm)],
) -> Result<Vec<Reading>, FetchError> {
    let first: Vec<ListCall> = types
        .iter()
        .flat_map(|(offer_type, form)| {
            [true, false].map(|active| ListCall {
                offer_type: *offer_type,
                active,
                form: *form,
                offset: 0,
                limit: PAGE,
            })
        })
        .collect();
    let batch = lister.means.batch;
    let mut pages = list(lister, &first, batch).await?;
    let rest: Vec<ListCall> = first
        .iter()
        .zip(&pages)
        .flat_map(|(call, (_, page))| further_pages(*call, page))
        .collect();
    // Pages are large: spread over the connections they come sooner than in full batches.
    let spread = rest.len().div_ceil(SIDE_BY_SIDE).clamp(1, batch);
    pages.extend(list(lister, &rest, spread).await?);
    let mut by_list: BTreeMap<(OfferType, bool), Vec<(ListCall, ListPage)>> = BTreeMap::new();
    for (call, page) in pages {
        by_list
            .entry((call.offer_type, call.active))
            .or_default()
            .push((call, page));
    }
    let readings = types.iter().map(|(offer_type, form)| {
        let mut take =
            |active| complete(by_list.remove(&(*offer_type, active)).unwrap_or_default());
        let (active, inactive) = (take(true), take(false));
        (*offer_type, *form, agree(active, inactive))
    });
    Ok(readings.collect())
}

async fn list<R: RemoteLists>(
    lister: Lister<'_, R>,
    calls: &[ListCall],
    batch: usize,
) -> Result<Vec<(ListCall, ListPage)>, FetchError> {
    let Lister { lists, means } = lister;
    let answers = read_all(means.budget, calls, batch, async |calls| {
        lists.list(calls).await
    })
    .await;
    let page = |(call, answer): (&ListCall, Result<ListPage, RemoteError>)| match answer {
        Ok(page) => Ok((*call, page)),
        Err(source) => Err(FetchError::Refused {
            offer_type: call.offer_type,
            source,
        }),
    };
    calls.iter().zip(answers).map(page).collect()
}

/// The pages after the first. A service that gives fewer rows than asked for has a smaller page.
fn further_pages(first: ListCall, page: &ListPage) -> Vec<ListCall> {
    let got = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    let total = u32::try_from(page.total).unwrap_or(u32::MAX);
    if got == 0 || got >= total {
        return Vec::new();
    }
    let step = got.min(PAGE);
    let pages = 1..total.div_ceil(step);
    pages
        .map(|number| ListCall {
            offset: number * step,
            limit: step,
            ..first
        })
        .collect()
}

/// Puts the pages of a list together, if they add up.
fn complete(pages: Vec<(ListCall, ListPage)>) -> Result<Vec<ShownRow>, Problem> {
    let problem = |reason: String| {
        Err(Problem {
            reason,
            deaf: false,
        })
    };
    let Some(total) = pages.first().map(|(_, page)| page.total) else {
        return problem("no page was read".to_owned());
    };
    if let Some((_, other)) = pages.iter().find(|(_, page)| page.total != total) {
        return problem(format!(
            "it had {total} offers on one page and {} on another",
            other.total
        ));
    }
    let rows: Vec<ShownRow> = pages.into_iter().flat_map(|(_, page)| page.rows).collect();
    let mut ids: HashSet<&OfferId> = HashSet::new();
    if let Some(twice) = rows.iter().find(|shown| !ids.insert(&shown.row.id)) {
        return problem(format!("{} is on it twice", twice.row.id));
    }
    if rows.len() as u64 != total {
        return problem(format!(
            "it has {} offers and says that it has {total}",
            rows.len()
        ));
    }
    Ok(rows)
}

/// Checks that no offer is both active and inactive.
fn agree(
    active: Result<Vec<ShownRow>, Problem>,
    inactive: Result<Vec<ShownRow>, Problem>,
) -> Result<TypeLists, Problem> {
    let (active, inactive) = (active?, inactive?);
    let problem = |reason: String| Err(Problem { reason, deaf: true });
    for (rows, wrong, word) in [(&active, false, "active"), (&inactive, true, "inactive")] {
        if let Some(stray) = rows.iter().find(|shown| shown.active == Some(wrong)) {
            return problem(format!(
                "{} is among the {word} offers and is not",
                stray.row.id
            ));
        }
    }
    let ids: HashSet<&OfferId> = active.iter().map(|shown| &shown.row.id).collect();
    if let Some(both) = inactive.iter().find(|shown| ids.contains(&shown.row.id)) {
        return problem(format!("{} is both active and inactive", both.row.id));
    }
    Ok(TypeLists { active, inactive })
}

fn assemble(lists: BTreeMap<OfferType, TypeLists>) -> Live {
    let mut live = Live::new();
    for (offer_type, TypeLists { active, inactive }) in lists {
        // A country that was taken out of an offer that is sold elsewhere is a country that is not there.
        let sold: HashSet<&str> = active.iter().map(|shown| shown.row.id.stem()).collect();
        let inactive: Vec<ShownRow> = inactive
            .into_iter()
            .filter(|shown| !sold.contains(shown.row.id.stem()))
            .collect();
        for (is_active, rows) in [(true, active), (false, inactive)] {
            for shown in rows {
                live.add(offer_type, is_active, shown.row);
            }
        }
    }
    live
}
