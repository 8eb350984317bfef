//! ST-013 Returned is set on an order that was delivered before.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{OrderStatus, Severity};

declare_rule! {
    /// Returned is set on an order that was delivered before.
    ///
    /// ## Why it matters
    /// A buyer who withdraws after delivery changes nothing in the state: the order stays delivered, and the money goes back by a credit note
    /// (S2).
    ///
    /// ## What to do
    /// Have Delivered restored, and issue the credit note.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | delivered_once | expected_net | test
    /// 1        | returned  | yes            | 131996       | no
    /// 2        | returned  | no             | 131996       | no
    /// 3        | delivered | yes            | 131996       | no
    /// 4        | returned  | yes            | 131996       | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-013" "withdrawal-as-returned" version 1 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: ReportWrongState,
        needs: [HasReturnedState],
        when: |ctx| [
            "is returned" => f::status.is(OrderStatus::Returned),
            "is not a test" => f::test.not_set(),
            "was delivered before" => f::delivered_once.set(),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::marked_delivered_at, f::delivered_at, f::returned_on, f::expected_net],
    }
}
