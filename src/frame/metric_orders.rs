//! Orders that count against the target of a metric: one row per account, metric, window and order.

use super::column::frame;

frame! {
    metric_orders, sorted by [account, metric, window, from, order_no] {
        /// The account.
        account: Word,
        /// The metric.
        metric: Word,
        /// The window.
        window: Word<Window>,
        /// Its first day.
        from: Date,
        /// The order.
        order_no: Text from order_row.order_no,
        /// Its status as written.
        status_raw: Word from order_row.status_raw,
        /// The order's row.
        order_row: Row,
    }
}
