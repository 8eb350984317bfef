//! BB-001 A supplier order waits for validation.

use crate::frame::supplier_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{PendingReason, Severity, SupplierStatus};

declare_rule! {
    /// A supplier order waits for validation.
    ///
    /// ## Why it matters
    /// While it waits the goods may sell out or change their price (S4). Orders that wait for the wallet are one finding of their account (BB-003).
    ///
    /// ## What to do
    /// Mend the data, save, resubmit.
    ///
    /// ## Example
    /// ```text given supplier_facts
    /// supplier_order_no | status             | pending_reason | sale_value
    /// 1                 | pending_validation | other          | 5000
    /// 2                 | processing         | none           | 5000
    /// 3                 | pending_validation | wallet         | 5000
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "BB-001" "pending-validation" version 1 {
        severity: |_| Severity::High.into(),
        subject: SupplierSale,
        remedy: Resubmit,
        needs: [Supplier],
        when: |ctx| [
            "is pending" => f::status.is(SupplierStatus::PendingValidation),
            "does not wait for the wallet" => f::pending_reason.is_not(PendingReason::Wallet),
        ],
        money: |_| Some(f::sale_value.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::supplier_order_no, f::status, f::pending_reason, f::sale_value],
    }
}
