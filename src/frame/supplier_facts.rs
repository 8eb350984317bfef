//! One row per supplier order with its channel order.

use super::column::{Members, frame};
use super::order_facts;

/// The order of the channel.
const CHANNEL_ORDER: &Members = &Members {
    frame: &order_facts::FRAME,
    on: &[("order_key", "order_key")],
    only: &[],
    beside: &["order_no"],
    most: 1,
};

frame! {
    supplier_facts, sorted by [account, supplier_order_no] {
        /// The supplier's account.
        account: Word,
        /// The supplier's pack.
        marketplace: Word,
        /// Number at the supplier.
        supplier_order_no: Text from row.supplier_order_no,
        /// Reference.
        internal_ref: Text from row.internal_ref,
        /// The channel order.
        order_no: Text from order_row.order_no,
        /// Its key.
        order_key: Text,
        /// Status at the supplier.
        status: Word<SupplierStatus> from row.status_raw,
        /// Automatic or manual.
        origin: Word<Origin> from row.origin,
        /// Reason.
        pending_reason: Word<PendingReason> from row.pending_reason_raw,
        /// Characters of the address line.
        addr_chars: Int from addr_row.addr_line,
        /// Total.
        total: Money from row.total,
        /// Goods plus postage of the channel order; the total when there is none.
        sale_value: Money as Sum of CHANNEL_ORDER.sale_value,
        /// Currency of the sale value.
        sale_currency: Word,
        /// Currency of the account.
        currency: Word,
        /// When.
        created_at: Instant from row.created_at,
        /// Other supplier orders with the same reference and overlapping articles.
        duplicates: Int,
        /// The later one of such orders.
        latest_of_duplicates: Flag from twin_row.internal_ref or twin_row.sku_set or row.sku_set,
        /// The earlier one of them.
        twin_no: Text from twin_row.supplier_order_no,
        /// Its row.
        twin_row: Row,
        /// The row that holds the address.
        addr_row: Row,
        /// The channel order's row.
        order_row: Row,
        /// The supplier order's row.
        row: Row,
    }
}
