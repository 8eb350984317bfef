//! One row per statement, from an export of its own.

use super::column::frame;

frame! {
    statements, sorted by [account, statement_id] {
        /// The account's name.
        account: Word,
        /// The statement.
        statement_id: Text,
        /// Currency of the total.
        currency: Word,
        /// Day the money was sent.
        paid_on: Date,
        /// First day of the period, inclusive.
        period_from: Date,
        /// Last day of the period, inclusive.
        period_to: Date,
        /// Total of the statement.
        total: Money,
        /// Where the row was read.
        row: Row,
    }
}
