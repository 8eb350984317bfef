//! Rows of tonight that moved a figure of a closed past: orders and payout lines that are not as they were.

use super::column::frame;

frame! {
    moved_rows, sorted by [account, day, metric, statement_id, currency, row] {
        /// The account's name.
        account: Word,
        /// The day, metric, statement and currency of the figure ([`crate::frame::restated_facts`]).
        day: Date,
        /// The metric, or empty.
        metric: Word,
        /// The statement, or empty.
        statement_id: Text,
        /// Currency of the figure; empty for a rate.
        currency: Word,
        /// Its order.
        order_no: Text from row.order_no,
        /// Fields of the row that are not as they were, separated by blanks.
        fields: Text,
        /// The row.
        row: Row from row.fields,
    }
}
