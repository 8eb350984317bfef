//! One row per account, day, method and currency.

use super::column::frame;

frame! {
    postage_day_facts, sorted by [account, day, method, currency] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The day.
        day: Date from overview_row.day,
        /// Shipping method.
        method: Word from overview_row.method,
        /// Currency.
        currency: Word,
        /// Orders paid that day.
        orders_paid: Int,
        /// Their goods.
        goods_paid: Money,
        /// Their postage.
        postage_paid: Money,
        /// Orders cancelled that day.
        orders_cancelled: Int,
        /// Goods cancelled that day.
        goods_cancelled: Money,
        /// Postage of orders cancelled whole that day.
        postage_cancelled: Money,
        /// Paid, by the marketplace's overview; null without a row.
        overview_paid: Money from overview_row.paid,
        /// Cancelled, by the marketplace's overview.
        overview_cancelled: Money from overview_row.cancelled,
        /// The overview covers the month.
        covered: Flag,
        /// |paid difference| + |cancelled difference|.
        postage_difference: Money,
        /// The overview's row.
        overview_row: Row,
        /// One order of the day.
        order_row: Row,
        /// That order.
        one_order: Text from order_row.order_no,
    }
}
