//! Orders that fail the tracking rate: what the marketplace offers per month.

use super::column::frame;

frame! {
    tracking_errors, sorted by [account, month, order_no] {
        /// The account's name.
        account: Word,
        /// First day of the month.
        month: Date,
        /// The order.
        order_no: Text,
        /// Its key.
        order_key: Text,
        /// Its status.
        status: Word,
        /// The carrier the order names.
        carrier: Word,
        /// Number as written.
        tracking_number_raw: Text,
        /// URL as written.
        tracking_url: Text,
        /// `missing_number`, `missing_url`, `missing_both`, `invalid_number` or `invalid_url`.
        reason: Word,
        /// The order's row.
        order_row: Row,
    }
}
