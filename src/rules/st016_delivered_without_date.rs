//! ST-016 Delivered is set, and no day of delivery stands beside it.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{OrderStatus, Severity};

declare_rule! {
    /// Delivered is set, and no day of delivery stands beside it.
    ///
    /// ## Why it matters
    /// The marketplace asks for `delivered_at` with Delivered (G2); without it neither billing nor lateness can be judged, and the order is
    /// settled as not computable.
    ///
    /// ## What to do
    /// Complete the day of delivery.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | delivered_on | test
    /// 1        | delivered |              | no
    /// 2        | delivered | 2026-11-09   | no
    /// 3        | shipped   |              | no
    /// 4        | delivered |              | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-016" "delivered-without-date" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: FixExport,
        needs: [BuysOnDelivery],
        when: |ctx| [
            "is delivered" => f::status.is(OrderStatus::Delivered),
            "is not a test" => f::test.not_set(),
            "no day of delivery" => f::delivered_on.expr().is_null(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::status_raw, f::delivered_at],
    }
}
