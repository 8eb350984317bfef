//! One row per statement of which a line was read, lines without a statement by the day they were paid: what its lines add up to, beside the total that it states.

use super::column::{MOST, Members, Only, frame};
use super::payout_lines;

const fn lines_of(only: &'static [Only]) -> Members {
    let on = &[("statement_id", "statement_id"), ("account", "account"), ("currency", "currency")];
    Members { frame: &payout_lines::FRAME, on, only, beside: &[], most: MOST }
}

const LINES: &Members = &lines_of(&[]);
const SETTLED: &Members = &lines_of(&[Only::Not("kind", "payout")]);
const TRANSFERS: &Members = &lines_of(&[Only::Is("kind", "payout")]);

frame! {
    statement_facts, sorted by [account, statement_id, currency] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The statement.
        statement_id: Text from row.statement_id,
        /// Currency of the lines.
        currency: Word,
        /// Day the money was sent.
        paid_on: Date from row.paid_on,
        /// The same, else the first day on which a line was paid.
        paid_from: Date,
        /// The last day on which a line was paid, where it is later.
        paid_until: Date,
        /// First day of the period, inclusive.
        period_from: Date from row.period_from,
        /// Last day of the period, inclusive.
        period_to: Date from row.period_to,
        /// Number of lines.
        lines: Int as Count of LINES.amount,
        /// Sum of the lines that are money for orders.
        for_orders: Money,
        /// Sum of fees, taxes and whatever else is no transfer.
        other: Money,
        /// Sum of both.
        sum: Money as Sum of SETTLED.amount,
        /// Sum of the lines that are the transfer itself.
        transferred: Money as Sum of TRANSFERS.amount,
        /// Number of those lines.
        transfers: Int as Count of TRANSFERS.amount,
        /// What the statement states; null when it states nothing.
        total: Money from row.total,
        /// `sum` less `total`; without a total, what `sum` and the transfer differ by; null without either.
        difference: Money by "sum - total" or "sum + transferred" or "sum - transferred",
        /// Difference that roundings explain.
        tolerance: Money,
        /// Row that states the total, else the first line.
        row: Row,
    }
}
