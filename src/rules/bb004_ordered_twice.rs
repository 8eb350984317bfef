//! BB-004 One channel order was ordered twice at the supplier.

use crate::frame::supplier_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// One channel order was ordered twice at the supplier.
    ///
    /// ## Why it matters
    /// An order placed by hand while the automatic one runs is a duplicate (S4). Several orders with one reference are legal when they share
    /// no article: one per warehouse.
    ///
    /// ## What to do
    /// Cancel one of them at once.
    ///
    /// ## Example
    /// ```text given supplier_facts
    /// supplier_order_no | latest_of_duplicates | total
    /// 1                 | yes                  | 4500
    /// 2                 | no                   | 4500
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "BB-004" "ordered-twice" version 1 {
        severity: |_| Severity::Critical.into(),
        subject: Supplier,
        remedy: CancelDuplicate,
        needs: [Supplier],
        when: |ctx| [
            "an earlier order holds the same articles" => f::latest_of_duplicates.set(),
        ],
        money: |_| Some(f::total.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::supplier_order_no, f::internal_ref, f::twin_no, f::latest_of_duplicates, f::total],
    }
}
