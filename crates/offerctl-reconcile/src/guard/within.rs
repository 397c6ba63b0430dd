//! How far a price may move: [`is_within`], the one arithmetic of limits and approvals.

use offerctl_model::money::Amount;
use rust_decimal::Decimal;

/// Whether the move is at most so many percent of the price before; a move from or to nothing never is.
pub(super) fn is_within(before: Amount, after: Amount, percent: Amount) -> bool {
    if before == Amount::ZERO || after == Amount::ZERO {
        return before == after;
    }
    let moved = (after.decimal() - before.decimal()).abs();
    match (
        moved.checked_mul(Decimal::ONE_HUNDRED),
        before.decimal().checked_mul(percent.decimal()),
    ) {
        (Some(moved), Some(allowed)) => moved <= allowed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn exactly_the_limit_passes_and_a_cent_more_does_not() {
        let within =
            |before: &str, after: &str| is_within(amount(before), amount(after), amount("50"));
        assert!(within("10", "15"));
        assert!(within("10", "5"));
        assert!(!within("10", "15.01"));
        assert!(!within("10", "4.99"));
        assert!(!within("0", "1"));
        assert!(!within("1", "0"));
        assert!(within("0", "0"));
        assert!(
            within("99999999999999999999", "99999999999999999998"),
            "nothing overflows"
        );
    }
}
