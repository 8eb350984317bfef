//! PY-004 Less was paid than expected.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Less was paid than expected.
    ///
    /// ## Why it matters
    /// The statement's lines for the order add up to less than goods without commission plus postage (S1), beyond the tolerance of rounding.
    ///
    /// ## What to do
    /// Claim the shortfall.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | paid   | expected_payout | tolerance
    /// 1        | yes      | 196000 | 196516          | 2
    /// 2        | yes      | 196514 | 196516          | 2
    /// 3        | no       | 100    | 196516          | 2
    /// 4        | yes      |        | 196516          | 2
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-004" "underpaid" version 1 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "something was paid" => f::paid.known(),
            "it is less than expected" => (f::expected_payout.number() - f::paid.number()).gt(f::tolerance.number()),
        ],
        money: |_| Some(f::expected_payout.number() - f::paid.number()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::commission, f::postage],
    }
}
