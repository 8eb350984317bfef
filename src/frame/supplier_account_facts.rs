//! One row per supplier account.

use super::column::{MOST, Members, Only, frame};
use super::supplier_facts;

/// Orders that wait for the wallet.
const WAITING: &Members = &Members {
    frame: &supplier_facts::FRAME,
    on: &[("account", "account")],
    only: &[Only::Is("status", "pending_validation"), Only::Is("pending_reason", "wallet")],
    beside: &["supplier_order_no", "pending_reason"],
    most: MOST,
};

frame! {
    supplier_account_facts, sorted by [account] {
        /// The supplier's account.
        account: Word,
        /// The supplier's pack.
        marketplace: Word,
        /// Currency.
        currency: Word,
        /// Pending orders whose reason is the wallet.
        wallet_orders: Int as Count of WAITING.supplier_order_no,
        /// Their total.
        wallet_total: Money as Sum of WAITING.total,
        /// What the wallet cannot pay is paid otherwise.
        paypal_fallback: Flag set in policy,
    }
}
