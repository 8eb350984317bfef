//! One row per tracking number that orders name.

use super::column::{MOST, Members, Only, frame};
use super::order_facts;

/// Orders with the number.
const USERS: &Members = &Members {
    frame: &order_facts::FRAME,
    on: &[("tracking_number", "tracking_number")],
    only: &[Only::Unset("test")],
    beside: &["tracking_number_raw"],
    most: MOST,
};

frame! {
    number_facts, sorted by [tracking_number] {
        /// The account; empty over several accounts.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The number.
        tracking_number: Text,
        /// Orders that name it.
        orders: Int as Count of USERS.order_no,
        /// Those orders.
        order_nos: Text,
        /// Currency of the account.
        currency: Word,
        /// One order.
        first_row: Row from first_row.tracking_number_raw,
        /// Another order.
        second_row: Row,
        /// One order.
        first_order: Text from first_row.order_no,
        /// Another order.
        second_order: Text from second_row.order_no,
    }
}
