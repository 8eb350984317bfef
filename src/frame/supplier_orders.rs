//! One row per order at the supplier.

use super::column::frame;

frame! {
    supplier_orders, sorted by [account, supplier_order_no] {
        /// The supplier's account.
        account: Word,
        /// Number at the supplier.
        supplier_order_no: Text,
        /// Reference of the channel order.
        internal_ref: Text,
        /// When it was created.
        created_at: Instant,
        /// Civil date of `created_at`.
        created_on: Date,
        /// Status as written.
        status_raw: Word,
        /// Canonical status ([`crate::vocab::SupplierStatus`]).
        status: Word,
        /// Automatic or manual ([`crate::vocab::Origin`]).
        origin: Word,
        /// Articles, separated by blanks, commas or plus signs.
        sku_set: Text,
        /// Currency of the total.
        currency: Word,
        /// Total, VAT included: the control amount.
        total: Money,
        /// Reason as written.
        pending_reason_raw: Word,
        /// Canonical reason ([`crate::vocab::PendingReason`]).
        pending_reason: Word,
        /// Address line.
        addr_line: Text,
        /// Tracking number as written.
        tracking_number_raw: Text,
        /// Tracking number as carriers compare it.
        tracking_number: Text,
        /// Where the row was read.
        row: Row,
    }
}
