//! One row per account and payout date up to as-of, and one for each gap or overlap of its statements' periods.

use super::column::{MOST, Members, Only, frame};
use super::order_facts;

/// Orders that were due on the day.
const DUE: &Members = &Members {
    frame: &order_facts::FRAME,
    on: &[("payout_on", "payout_on"), ("account", "account")],
    only: &[Only::Set("eligible")],
    beside: &["order_no", "delivered_on"],
    most: MOST,
};

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
        orders: Int as Count of DUE.order_no,
        /// Their expected amount, in the account's currency.
        expected: Money as Sum of DUE.cash_expected,
        /// Orders of which no statement paid anything: of this date; of a gap, all of its dates; of the first date without a statement, all
        /// such dates.
        unpaid_orders: Int,
        /// What was to be paid for them, in the account's currency; null where nothing was.
        unpaid: Money,
        /// The same in other currencies, each with its own.
        unpaid_others: Text,
        /// A statement paid on that day or later, or whose period holds it, was read.
        covered: Flag from statement_row.statement_id,
        /// The grace after it has passed.
        overdue: Flag,
        /// First day that no statement's period holds although one before and one after were read; this date would have paid it.
        gap_from: Date by "period_before_to + 1",
        /// First day that the periods of two statements hold.
        overlap_from: Date by "period_after_from" or "period_before_to",
        /// Last day of the period before the gap or the overlap.
        period_before_to: Date from before_row.period_to,
        /// First day of the period after it, or of the one that overlaps.
        period_after_from: Date from after_row.period_from,
        /// The earliest date of the account that is uncovered and overdue, or a gap or an overlap.
        missing: Flag,
        /// The account has a payout source.
        has_statements: Flag,
        /// A row of the statement that covers the date.
        statement_row: Row,
        /// A row of the statement before.
        before_row: Row,
        /// A row of the statement after.
        after_row: Row,
        /// One order to be paid that day.
        order_row: Row,
        /// That order.
        one_order: Text from order_row.order_no,
    }
}
