//! PY-004 Less was paid than expected.

use polars::prelude::Expr;

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

/// What of the shortfall no line took back.
fn unexplained() -> Expr {
    f::expected_payout.number() - f::paid.number() - f::explained.or_zero()
}

declare_rule! {
    /// Less was paid than expected.
    ///
    /// ## Why it matters
    /// The statement's lines for the order add up to less than goods without commission plus postage (S1), beyond the tolerance of rounding.
    /// What refunds, cancellations, chargebacks and corrections of the same order took back is explained, and nothing to claim (rulebook §16.5).
    ///
    /// ## What to do
    /// Claim the shortfall.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | paid   | expected_payout | explained | tolerance
    /// 1        | yes      | 196000 | 196516          | 0         | 2
    /// 2        | yes      | 196514 | 196516          | 0         | 2
    /// 3        | no       | 100    | 196516          | 0         | 2
    /// 4        | yes      |        | 196516          | 0         | 2
    /// 5        | yes      | 0      | 196516          | 196516    | 2
    /// 6        | yes      | 0      | 196516          | 196000    | 2
    /// ```
    /// ```text finds
    /// 1
    /// 6
    /// ```
    "PY-004" "underpaid" version 2 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "something was paid" => f::paid.known(),
            "it is less than expected, and no line that took money back explains it" => unexplained().gt(f::tolerance.number()),
        ],
        money: |_| Some(unexplained()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::explained, f::commission, f::postage, f::fx_rate],
        rests_on: [PayoutLines],
    }
}
