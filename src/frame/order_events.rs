//! One row per change of an order's status.

use super::column::frame;

frame! {
    order_events, sorted by [order_key, at, row] {
        /// The account's name.
        account: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// When it happened.
        at: Instant,
        /// Civil date of `at` in the account's zone.
        at_on: Date,
        /// New status as written.
        to_status_raw: Word,
        /// New status, canonical.
        to_status: Word,
        /// Who did it ([`crate::vocab::Actor`]).
        actor: Word,
        /// Where the row was read.
        row: Row,
    }
}
