//! How a list goes wrong: [`ListFault`], and [`spoil`] for one page.

/// How a list goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListFault {
    Short(usize),
    Shifted,
    Repeated,
    Empty,
    Deaf(Deafness),
    /// The total is wrong by this.
    Total(i64),
    /// The total is this.
    TotalIs(u64),
    /// The total is wrong by this for each page before.
    TotalMoves(i64),
    NoTotal,
    /// The list goes on behind its end.
    Endless(Rows),
    Link(Link),
}

/// To which forms of `criteria.active` a list does not listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deafness {
    Booleans,
    Always,
}

/// What shows behind the end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Offers that nobody made, each with an id of its own.
    MadeUp,
    /// Those of the list, again and again.
    Same,
}

/// Where a page says that the next one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Where this one is.
    Itself,
    /// Where the first one is, if this is the last one.
    First,
    /// Where no page was yet.
    Endless,
    /// At this address, or below this one if it has no path.
    To(String),
}

/// What a page is cut from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
    /// How many offers the whole list has.
    pub(crate) total: usize,
}

impl ListFault {
    /// Whether only lists of REST have what goes wrong.
    pub(crate) fn is_of_rest(&self) -> bool {
        matches!(self, Self::Link(_))
    }
}

/// Returns where a page begins that was asked for at that offset.
pub(crate) fn shifted(faults: &[ListFault], offset: usize) -> usize {
    if faults.contains(&ListFault::Shifted) {
        offset.saturating_sub(1)
    } else {
        offset
    }
}

/// Returns what shows behind the end of the list, if it goes on.
pub(crate) fn rows_behind_the_end(faults: &[ListFault]) -> Option<Rows> {
    faults.iter().find_map(|fault| {
        if let ListFault::Endless(rows) = fault {
            Some(*rows)
        } else {
            None
        }
    })
}

/// Returns to which forms of the question for active offers the list does not listen.
pub(crate) fn deafness(faults: &[ListFault]) -> Option<Deafness> {
    faults.iter().find_map(|fault| {
        if let ListFault::Deaf(deafness) = fault {
            Some(*deafness)
        } else {
            None
        }
    })
}

/// Returns where the page says that the next one is, if that is not where it is.
pub(crate) fn link(faults: &[ListFault]) -> Option<&Link> {
    faults.iter().find_map(|fault| {
        if let ListFault::Link(link) = fault {
            Some(link)
        } else {
            None
        }
    })
}

/// Spoils the items of a page, fault by fault, and returns the total that it claims, if any.
pub(crate) fn spoil<T: Clone>(faults: &[ListFault], items: &mut Vec<T>, cut: Cut) -> Option<u64> {
    let mut claimed = Some(cut.total as u64);
    for fault in faults {
        match fault {
            ListFault::Short(missing) => items.truncate(items.len().saturating_sub(*missing)),
            ListFault::Repeated => repeat_first(items),
            ListFault::Empty => {
                items.clear();
                claimed = Some(0);
            }
            ListFault::Total(by) => claimed = moved(claimed, *by),
            ListFault::TotalIs(total) => claimed = Some(*total),
            ListFault::TotalMoves(by) => {
                let pages = i64::try_from(cut.offset / cut.limit.max(1)).unwrap_or(i64::MAX);
                claimed = moved(claimed, by.saturating_mul(pages));
            }
            ListFault::NoTotal => claimed = None,
            ListFault::Endless(_) => {
                // One more than was shown so far, so that the next page is asked for.
                let shown = cut.offset.saturating_add(items.len()) as u64;
                claimed = claimed.map(|claimed| claimed.max(shown.saturating_add(1)));
            }
            ListFault::Shifted | ListFault::Deaf(_) | ListFault::Link(_) => {}
        }
    }
    claimed
}

fn moved(total: Option<u64>, by: i64) -> Option<u64> {
    total.map(|total| total.saturating_add_signed(by))
}

/// Shows the first item again in place of the last, or behind it if it is the only one.
fn repeat_first<T: Clone>(items: &mut Vec<T>) {
    match items.as_mut_slice() {
        [] => {}
        [only] => {
            let again = only.clone();
            items.push(again);
        }
        [first, .., last] => *last = first.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(faults: &[ListFault], offset: usize, expected: (&[u32], Option<u64>)) {
        let mut items = vec![1, 2, 3];
        let cut = Cut {
            offset,
            limit: 3,
            total: 9,
        };
        let claimed = spoil(faults, &mut items, cut);
        assert_eq!((items.as_slice(), claimed), expected, "{faults:?}");
    }

    #[test]
    fn totals_move_from_page_to_page() {
        for (offset, total) in [(0, 9), (3, 7), (6, 5), (30, 0)] {
            check(
                &[ListFault::TotalMoves(-2)],
                offset,
                (&[1, 2, 3], Some(total)),
            );
        }
    }

    #[test]
    fn total_of_an_endless_list_is_always_more_than_was_shown() {
        let endless = [ListFault::Endless(Rows::MadeUp)];
        check(&endless, 0, (&[1, 2, 3], Some(9)));
        check(&endless, 6, (&[1, 2, 3], Some(10)));
        check(&endless, 600, (&[1, 2, 3], Some(604)));
    }

    #[test]
    fn faults_are_carried_out_one_after_the_other() {
        let faults = [
            ListFault::Endless(Rows::Same),
            ListFault::Short(1),
            ListFault::TotalIs(u64::MAX),
        ];
        check(&faults, 0, (&[1, 2], Some(u64::MAX)));
        check(
            &[ListFault::NoTotal, ListFault::Total(1)],
            0,
            (&[1, 2, 3], None),
        );
    }
}
