//! SV-001 The expected delivery is past, and the order is not delivered.

use crate::frame::order_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::Severity;

declare_rule! {
    /// The expected delivery is past, and the order is not delivered.
    ///
    /// ## Why it matters
    /// An order that stays long before its final state after the expected day is cancelled by the marketplace; after how many days is not
    /// published (S1).
    ///
    /// ## What to do
    /// Deliver and mark it, or report the delay with its link before the unknown day.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | days_overdue | test | expected_net
    /// 1        | 1            | no   | 196516
    /// 2        |              | no   | 196516
    /// 3        | 14           | yes  | 196516
    /// 4        | 20           | no   | 196516
    /// 5        | 0            | no   | 196516
    /// ```
    /// ```text finds
    /// 1
    /// 4
    /// ```
    "SV-001" "overdue" version 1 {
        severity: |ctx| Severities {
            when: vec![
                (f::days_overdue.gt(ctx.threshold("critical") - 1), Severity::Critical),
                (f::days_overdue.gt(ctx.threshold("high") - 1), Severity::High),
            ],
            otherwise: Severity::Medium,
        },
        subject: Order,
        remedy: DeliverOrReport,
        needs: [CancelsLateOrders],
        when: |ctx| [
            "is before its final state and past the expected day" => f::days_overdue.gt(ctx.threshold("medium") - 1),
            "is not a test" => f::test.not_set(),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::expected_delivery_date, f::days_overdue, f::expected_net],
        rests_on: [TrackingEvents],
    }
}
