//! How a page of a list goes wrong: [`spoil`].

use crate::fault::action::ListFault;

/// Spoils a page and returns the total that it claims.
pub(crate) fn spoil<T: Clone>(fault: &ListFault, items: &mut Vec<T>, total: usize) -> usize {
    match fault {
        ListFault::Short(missing) => {
            items.truncate(items.len().saturating_sub(*missing));
            total
        }
        ListFault::Repeated => {
            match items.as_mut_slice() {
                [] => {}
                [only] => {
                    let again = only.clone();
                    items.push(again);
                }
                [first, .., last] => *last = first.clone(),
            }
            total
        }
        ListFault::Empty => {
            items.clear();
            0
        }
        ListFault::Total(by) => total.saturating_add_signed(*by),
        ListFault::Shifted | ListFault::Deaf(_) => total,
    }
}
