//! One row per order and payout date on which money that was due for it is taken back.

use super::column::frame;

frame! {
    clawback_facts, sorted by [order_key, payout_on] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number.
        order_no: Text from order_row.order_no,
        /// Currency of the amount.
        currency: Word,
        /// Last day on which some of the pieces were cancelled.
        cancelled_on: Date,
        /// Next payout date after it; null when the calendar ends before.
        payout_on: Date,
        /// What is taken back: negative.
        amount: Money,
        /// The order's row.
        order_row: Row,
    }
}
