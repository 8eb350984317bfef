//! One row per source and order number that no order has; above 20 of a source one row for all.

use super::column::frame;

frame! {
    unmatched_facts, sorted by [account, source, key, currency] {
        /// The account of the source.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The source's name.
        source: Word,
        /// The order number; empty for the row that stands for all of a source.
        key: Text,
        /// Order numbers that no order has.
        orders: Int,
        /// Rows with them.
        count: Int,
        /// Sum of the rows' control amounts; null where the kind has none.
        money: Money,
        /// Currency of the sum.
        currency: Word,
        /// The account's exports are declared complete.
        account_complete: Flag,
        /// The order number of the first row.
        order_no: Text from row.order_no,
        /// The first row.
        row: Row,
    }
}
