//! ST-012 The order is cancelled, and its parcel moves.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{OrderStatus, Severity};

declare_rule! {
    /// The order is cancelled, and its parcel moves.
    ///
    /// ## Why it matters
    /// The goods are on their way to a buyer who has the money back. A registration or a cancelled label is no movement.
    ///
    /// ## What to do
    /// Recall the parcel, or have the sale restored.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_moved | goods
    /// 1        | cancelled | yes           | 228800
    /// 2        | cancelled | no            | 228800
    /// 3        | shipped   | yes           | 228800
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-012" "cancelled-but-shipped" version 1 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: RecallParcel,
        needs: [],
        when: |ctx| [
            "is cancelled" => f::status.is(OrderStatus::Cancelled),
            "is no test" => f::test.not_set(),
            "the carrier has more than a registration" => f::carrier_moved.set(),
        ],
        money: |_| Some(f::goods.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::cancelled_on, f::carrier_outcome, f::carrier_outcome_on, f::goods],
    }
}
