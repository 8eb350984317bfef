//! TR-005 One tracking number stands on several orders.

use crate::frame::number_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// One tracking number stands on several orders.
    ///
    /// ## Why it matters
    /// One of them has no parcel of its own, and its state follows a stranger's. Carriers whose parcels may hold several orders are left
    /// out by their pack.
    ///
    /// ## What to do
    /// Correct the number of the wrong order.
    ///
    /// ## Example
    /// ```text given number_facts
    /// tracking_number | orders
    /// Z1              | 2
    /// Z2              | 1
    /// ```
    /// ```text finds
    /// Z1
    /// ```
    "TR-005" "number-used-twice" version 1 {
        severity: |_| Severity::High.into(),
        subject: Number,
        remedy: FixTracking,
        needs: [],
        when: |ctx| [
            "more than one order names it" => f::orders.gt(1),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::first_order, f::second_order, f::orders],
    }
}
