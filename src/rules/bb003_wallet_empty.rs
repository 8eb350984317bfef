//! BB-003 The wallet at the supplier is empty.

use crate::frame::supplier_account_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::Severity;

declare_rule! {
    /// The wallet at the supplier is empty.
    ///
    /// ## Why it matters
    /// Every synchronised order parks until it is topped up and resubmitted one by one (S4). Where PayPal pays what the wallet cannot
    /// (`paypal_fallback`, A38), an order that waits all the same is less urgent.
    ///
    /// ## What to do
    /// Top up, then resubmit each order.
    ///
    /// ## Example
    /// ```text given supplier_account_facts
    /// account | wallet_orders | wallet_total
    /// a       | 2             | 9000
    /// b       | 0             | 0
    /// ```
    /// ```text finds
    /// a
    /// ```
    "BB-003" "wallet-empty" version 1 {
        severity: |_| Severities {
            when: vec![(f::paypal_fallback.set(), Severity::Medium)],
            otherwise: Severity::Critical,
        },
        subject: SupplierAccount,
        remedy: TopUpWallet,
        needs: [Supplier],
        when: |ctx| [
            "orders wait for it" => f::wallet_orders.gt(0),
        ],
        money: |_| Some(f::wallet_total.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::paypal_fallback, f::wallet_orders, f::wallet_total],
    }
}
