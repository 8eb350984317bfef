//! One row per marketplace order as the merchant's shop system sees it.

use super::column::frame;

frame! {
    shop_orders, sorted by [order_key] {
        /// The marketplace account.
        account: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number of the marketplace.
        order_no: Text,
        /// Status as written; empty when the export has none.
        shop_status_raw: Word,
        /// Status in the marketplace's words ([`crate::vocab::OrderStatus`]).
        shop_status: Word,
        /// Delivery day in the shop system.
        shop_delivered_on: Date,
        /// Reference that links a supplier order.
        internal_ref: Text,
        /// Address line.
        addr_line: Text,
        /// Where the row was read.
        row: Row,
    }
}
