//! One row per change of an order's status that a history (`order_events`) tells, where the pack of the account has transitions.

use super::column::frame;

frame! {
    transition_facts, sorted by [order_key, place] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number.
        order_no: Text from row.order_no,
        /// Currency of the order, or of the account.
        currency: Word,
        /// The how-manieth change of the order, from 1.
        place: Int,
        /// Status before, as written.
        from_status_raw: Word from from_row.to_status_raw,
        /// Status before.
        from_status: Word<OrderStatus>,
        /// When it was set.
        from_at: Instant from from_row.at,
        /// Status after, as written.
        to_status_raw: Word from row.to_status_raw,
        /// Status after.
        to_status: Word<OrderStatus>,
        /// When it was set.
        at: Instant from row.at,
        /// Civil date of `at` in the account's zone.
        at_on: Date,
        /// Who set it.
        actor: Word<Actor> from row.actor,
        /// Test order.
        test: Flag from order_row.test,
        /// Sent by the own delivery service.
        own_delivery: Flag from order_row.own_delivery,
        /// The order's file says when a label was asked for.
        labels_known: Flag,
        /// When the label was asked for.
        label_requested_at: Instant from order_row.label_requested_at,
        /// What the change is by the transitions of the pack.
        change: Word<Change>,
        /// The row that tells the change.
        row: Row,
        /// The row that tells the status before.
        from_row: Row,
        /// The order's row; null when no export holds the order.
        order_row: Row,
    }
}
