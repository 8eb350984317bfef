//! One row per figure of a closed past that tonight differs from what the previous publication showed: a day of day × shipping in one currency,
//! what a statement paid, the rate of a closed month.

use super::column::{MOST, Members, frame};
use super::moved_rows;

const MOVED: &Members = &Members {
    frame: &moved_rows::FRAME,
    on: &[
        ("day", "day"),
        ("account", "account"),
        ("metric", "metric"),
        ("statement_id", "statement_id"),
        ("currency", "currency"),
    ],
    only: &[],
    beside: &["row"],
    most: MOST,
};

frame! {
    restated_facts, sorted by [account, day, metric, statement_id, currency] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The day of day × shipping, the day the statement was paid, the first day of the month.
        day: Date,
        /// The metric, or empty.
        metric: Word,
        /// The statement, or empty.
        statement_id: Text,
        /// Currency of the figures; empty for a rate.
        currency: Word,
        /// What differs, as the previous publication showed it.
        before: Text,
        /// The same, tonight.
        now: Text,
        /// The differences of all amounts of the row, added up without their signs; null for a rate.
        difference: Money,
        /// Orders, or payout lines, that are not as they were.
        moved: Int,
        /// Of these, orders of which a row is in quarantine tonight.
        moved_quarantined: Int,
        /// The first of them.
        moved_keys: Text,
        /// Of these, what an input of tonight still has.
        moved_here: Int as Count of MOVED.order_no,
    }
}
