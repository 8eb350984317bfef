//! PY-007 The order was paid twice.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The order was paid twice.
    ///
    /// ## Why it matters
    /// A sale line repeats another, with the same amount and article, and more was paid than expected: one of the two will be taken back.
    /// An order paid in parts has several lines, and they add up to what is expected.
    ///
    /// ## What to do
    /// Report it; expect the refund.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | repeated_sale | paid   | expected_payout | tolerance
    /// 1        | 196516        | 393032 | 196516          | 2
    /// 2        |               | 393032 | 196516          | 2
    /// 3        | 98258         | 196516 | 196516          | 2
    /// 4        | 98258         | 196518 | 196516          | 2
    /// 5        | 196516        | 393032 |                 | 2
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-007" "paid-twice" version 2 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: ExpectClawback,
        needs: [],
        when: |ctx| [
            "a sale line repeats another" => f::repeated_sale.known(),
            "more was paid than expected" => (f::paid.number() - f::expected_payout.number()).gt(f::tolerance.number()),
        ],
        money: |_| Some(f::repeated_sale.expr()),
        due: |_| None,
        evidence: [f::first_sale, f::repeated_sale, f::sale_lines, f::paid, f::expected_payout],
    }
}
