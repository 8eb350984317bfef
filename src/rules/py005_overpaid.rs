//! PY-005 More was paid than expected.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// More was paid than expected.
    ///
    /// ## Why it matters
    /// The surplus will be taken back one day.
    ///
    /// ## What to do
    /// Expect the clawback; do not count on the money.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | paid   | expected_payout | tolerance
    /// 1        | yes      | 197000 | 196516          | 2
    /// 2        | yes      | 196518 | 196516          | 2
    /// 3        | yes      |        | 196516          | 2
    /// 4        | no       | 197000 | 196516          | 2
    /// 5        | yes      |        | -484            | 2
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-005" "overpaid" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: ExpectClawback,
        needs: [],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "something was paid" => f::paid.known(),
            "it is more than expected" => (f::paid.or_zero() - f::expected_payout.number()).gt(f::tolerance.number()),
        ],
        money: |_| Some(f::paid.number() - f::expected_payout.number()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::commission, f::postage, f::fx_rate],
        rests_on: [PayoutLines],
    }
}
