//! PY-007 The order was paid twice.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The order was paid twice.
    ///
    /// ## Why it matters
    /// Two sale lines of one sign and no reversal: one of them will be taken back.
    ///
    /// ## What to do
    /// Report it; expect the refund.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | sale_lines | reversed | smallest_sale
    /// 1        | 2          | no       | 196516
    /// 2        | 1          | no       | 196516
    /// 3        | 2          | yes      | 196516
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-007" "paid-twice" version 1 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: ExpectClawback,
        needs: [],
        when: |ctx| [
            "two sales were paid" => f::sale_lines.gt(1),
            "none was taken back" => f::reversed.not_set(),
        ],
        money: |_| Some(f::smallest_sale.expr()),
        due: |_| None,
        evidence: [f::paid, f::sale_lines, f::smallest_sale, f::expected_payout],
    }
}
