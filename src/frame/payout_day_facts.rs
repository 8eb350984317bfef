//! One row per account and payout date up to as-of.

use super::column::frame;

frame! {
    payout_day_facts, sorted by [account, payout_on] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The payout date.
        payout_on: Date,
        /// Currency of the account.
        currency: Word,
        /// Orders to be paid that day.
        orders: Int,
        /// Their expected amount.
        expected: Money,
        /// A statement paid on that day or later, or whose period holds it, was read.
        covered: Flag,
        /// The grace after it has passed.
        overdue: Flag,
        /// The earliest uncovered and overdue one of the account.
        first_missing: Flag,
        /// The account has a payout source.
        has_statements: Flag,
        /// One order to be paid that day.
        order_row: Row,
        /// That order.
        one_order: Text from order_row.order_no,
    }
}
