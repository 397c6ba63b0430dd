//! The catalogue out of lists of one type each, as JSON-RPC has them: [`read`].
//!
//! They show active offers unless they are asked for inactive ones, and have no snapshot: an offer that is made while
//! pages are read shifts all the others. So a list counts only if its ids are unique and as many as its total, with the
//! same total on every page; and no offer may be both active and inactive.

mod listing;
mod stream;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::Live;

use self::listing::{Listing, Problem};
use crate::obstacle::Obstacle;
use crate::remote::{
    ActiveForm, Allowance, Answers, FetchError, GetCall, Means, Purpose, READS, RemoteError,
    RemoteLists, RemoteRead, ShownOffer, ShownRow,
};

pub(crate) use self::stream::Lister;

/// A service of which there is nothing but lists: recorded ones, or those of a test.
#[derive(Debug, Clone)]
pub struct ByLists<L>(pub L);

impl<L: RemoteLists> RemoteRead for ByLists<L> {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        let lists = &self.0;
        read(Lister { lists, means }, types).await
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let none = || Err(RemoteError::unsupported("there are only lists"));
        calls.iter().map(|_| none()).collect()
    }
}

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
        for (offer_type, form, found) in read_types(lister, &open, &lists).await? {
            match found {
                Ok(read) => {
                    lists.insert(offer_type, read);
                }
                Err(problem) => {
                    tracing::debug!(%offer_type, attempt, reason = problem.reason, "list does not add up, reading again");
                    lister
                        .means
                        .budget
                        .note_trouble(Some((problem.reason.clone(), Obstacle::Incomplete)));
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

type Reading = (OfferType, ActiveForm, Result<TypeLists, Problem>);

/// Reads the lists of some types beside those that were read before.
async fn read_types<R: RemoteLists>(
    lister: Lister<'_, R>,
    types: &[(OfferType, ActiveForm)],
    before: &BTreeMap<OfferType, TypeLists>,
) -> Result<Vec<Reading>, FetchError> {
    let listings = stream::read(lister, types, stems(before)).await?;
    let allowance = lister.means.allowance;
    let mut by_list: BTreeMap<(OfferType, bool), Listing> = listings
        .into_iter()
        .map(|listing| (listing.list(), listing))
        .collect();
    let readings = types.iter().map(|(offer_type, form)| {
        let active = by_list.remove(&(*offer_type, true));
        let inactive = by_list.remove(&(*offer_type, false));
        (*offer_type, *form, agree(active, inactive, allowance))
    });
    Ok(readings.collect())
}

/// The offers of lists that were read before.
fn stems(lists: &BTreeMap<OfferType, TypeLists>) -> HashSet<Box<str>> {
    let rows = lists
        .values()
        .flat_map(|lists| lists.active.iter().chain(&lists.inactive));
    rows.map(|shown| shown.row.id.stem().into()).collect()
}

/// Checks that both lists are complete, and that no offer is both active and inactive.
fn agree(
    active: Option<Listing>,
    inactive: Option<Listing>,
    allowance: &Allowance,
) -> Result<TypeLists, Problem> {
    let (Some(active), Some(inactive)) = (active, inactive) else {
        return Err(Problem::new("no page was read".to_owned()));
    };
    let kept = active.kept() + inactive.kept();
    let agreed = agreed(active, inactive);
    if agreed.is_err() {
        // It is read again, and not kept beside what comes then.
        allowance.release(kept);
    }
    agreed
}

fn agreed(active: Listing, inactive: Listing) -> Result<TypeLists, Problem> {
    let (active, sold) = active.complete()?;
    let (inactive, _) = inactive.complete()?;
    let deaf = |reason: String| Err(Problem { reason, deaf: true });
    for (rows, wrong, word) in [(&active, false, "active"), (&inactive, true, "inactive")] {
        if let Some(stray) = rows.iter().find(|shown| shown.active == Some(wrong)) {
            let id = &stray.row.id;
            return deaf(format!("{id} is among the {word} offers and is not"));
        }
    }
    let is_sold = |shown: &&ShownRow| sold.contains(&shown.row.id);
    if let Some(both) = inactive.iter().find(is_sold) {
        return deaf(format!("{} is both active and inactive", both.row.id));
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
