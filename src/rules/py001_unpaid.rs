//! PY-001 The payout date and its grace are past, and nothing was paid.

use polars::prelude::lit;

use crate::frame::order_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::Severity;

declare_rule! {
    /// The payout date and its grace are past, and nothing was paid.
    ///
    /// ## Why it matters
    /// The order was delivered and billed, a statement that must hold it was read, and it does not (S1). A payout line without an order
    /// number that may be its money is named; with exactly one the finding is *high* (rulebook §16.4).
    ///
    /// ## What to do
    /// Claim it. Where a line without an order number is named, ask first which order it pays.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | payout_overdue_on | sale_lines | statement_covers | statement_lacks | expected_payout
    /// 1        | yes      | 2026-12-07        | 0          | yes              | no              | 196516
    /// 2        | yes      | 2026-12-11        | 0          | yes              | no              | 196516
    /// 3        | yes      | 2026-12-07        | 1          | yes              | no              | 196516
    /// 4        | yes      | 2026-12-07        | 0          | no               | no              | 196516
    /// 5        | no       | 2026-12-07        | 0          | yes              | no              | 196516
    /// 6        | yes      | 2026-12-07        | 0          | yes              | yes             | 196516
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-001" "unpaid" version 2 {
        severity: |_| Severities {
            when: vec![(f::unassigned_lines.number().eq(lit(1)), Severity::High)],
            otherwise: Severity::Critical,
        },
        subject: Order,
        remedy: Claim,
        needs: [PaysByCalendar],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "the grace is past" => f::payout_overdue_on.lt(ctx.today()),
            "no sale was paid" => f::sale_lines.lt(1),
            "a statement that must hold it was read" => f::statement_covers.set(),
            "its payout date lies in no gap of the statements" => f::statement_lacks.not_set(),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [
            f::status_raw,
            f::delivered_on,
            f::billing_on,
            f::payout_on,
            f::statement_covers,
            f::expected_payout,
            f::paid,
            f::unassigned_lines,
            f::unassigned_amount,
        ],
        rests_on: [PayoutLines],
    }
}
