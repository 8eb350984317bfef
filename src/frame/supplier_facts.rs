//! One row per supplier order with its channel order.

use super::column::frame;

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
        sale_value: Money,
        /// Currency of the sale value.
        sale_currency: Word,
        /// Currency of the account.
        currency: Word,
        /// When.
        created_at: Instant from row.created_at,
        /// Other supplier orders with the same reference and overlapping articles.
        duplicates: Int,
        /// The later one of such orders.
        latest_of_duplicates: Flag,
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
