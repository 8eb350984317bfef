//! One row per supplier account.

use super::column::frame;

frame! {
    supplier_account_facts, sorted by [account] {
        /// The supplier's account.
        account: Word,
        /// The supplier's pack.
        marketplace: Word,
        /// Currency.
        currency: Word,
        /// Pending orders whose reason is the wallet.
        wallet_orders: Int,
        /// Their total.
        wallet_total: Money,
        /// What the wallet cannot pay is paid otherwise.
        paypal_fallback: Flag,
        /// The first of them.
        first_order: Text from row.supplier_order_no,
        /// Its reason as written.
        first_reason: Word<PendingReason> from row.pending_reason_raw,
        /// The first of them.
        row: Row,
    }
}
