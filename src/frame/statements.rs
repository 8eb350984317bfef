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
        /// Beginning of the statement's period.
        period_from: Instant,
        /// Its civil date.
        period_from_on: Date,
        /// The beginning is a day without a time: its 00:00.
        period_from_day_only: Flag,
        /// End of the statement's period: exclusive with a time; of a day alone, its 00:00, and the day is part of the period.
        period_to: Instant,
        /// Its civil date.
        period_to_on: Date,
        /// The end is a day without a time.
        period_to_day_only: Flag,
        /// Total of the statement.
        total: Money,
        /// Where the row was read.
        row: Row,
    }
}
