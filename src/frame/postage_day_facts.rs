//! One row per account, day, method and currency; one per account and currency without a day; and one per month's total that an overview
//! states.

use super::column::{MOST, Members, Only, frame};
use super::order_facts;

/// Orders that were paid on the day, and orders that were cancelled whole on it.
const fn orders_of(on: &'static [(&'static str, &'static str)], only: &'static [Only]) -> Members {
    Members { frame: &order_facts::FRAME, on, only, beside: &["order_no"], most: MOST }
}

const PAID: &Members = &orders_of(
    &[("day", "paid_on"), ("account", "account"), ("method", "shipping_method"), ("currency", "currency")],
    &[Only::Unset("test")],
);
const CANCELLED: &Members = &orders_of(
    &[("day", "cancelled_on"), ("account", "account"), ("method", "shipping_method"), ("currency", "currency")],
    &[Only::Unset("test"), Only::Set("whole_cancelled")],
);

frame! {
    postage_day_facts, sorted by [account, day, is_total, method, currency] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The day; the first of the month for a month's total; null for what has no day.
        day: Date from overview_row.day,
        /// A month's total as an overview states it: no method, nothing of the orders.
        is_total: Flag,
        /// Shipping method; empty without a day.
        method: Word from overview_row.method,
        /// Currency.
        currency: Word,
        /// Orders paid that day.
        orders_paid: Int as Count of PAID.order_no,
        /// Their goods.
        goods_paid: Money as Sum of PAID.goods,
        /// Their postage.
        postage_paid: Money as Sum of PAID.postage,
        /// Orders cancelled that day.
        orders_cancelled: Int as Count of CANCELLED.order_no,
        /// Goods cancelled that day.
        goods_cancelled: Money,
        /// Postage of orders cancelled whole that day.
        postage_cancelled: Money as Sum of CANCELLED.postage,
        /// Paid, by the marketplace's overview; null without a row.
        overview_paid: Money from overview_row.paid,
        /// Cancelled, by the marketplace's overview.
        overview_cancelled: Money from overview_row.cancelled,
        /// What the rows of a stated total add up to, paid; null for a day.
        rows_paid: Money,
        /// The same, cancelled.
        rows_cancelled: Money,
        /// The overview covers the month.
        covered: Flag,
        /// |paid difference| + |cancelled difference|: overview and orders of a day, stated total and rows of a month.
        postage_difference: Money,
        /// Orders that were paid that day stand in quarantine, and their postage explains the difference.
        orders_quarantined: Flag,
        /// The overview's row, or its total row.
        overview_row: Row,
        /// One order of the day.
        order_row: Row,
        /// That order.
        one_order: Text from order_row.order_no,
    }
}
