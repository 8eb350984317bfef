//! ST-003 Delivered was set later than the carrier's delivery allows.

use polars::prelude::lit;

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// Delivered was set later than the carrier's delivery allows.
    ///
    /// ## Why it matters
    /// A late Delivered counts as a status error (K16, K17): the buyer had no invoice. Judged by elapsed time, so the nights when the clock
    /// changes count as they are (X21). The set time is the event, not the delivery date.
    ///
    /// ## What to do
    /// Mend the process that sets Delivered.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | marked_delivered_at | carrier_delivered_until | test
    /// 1        | delivered | delivered       | 2024-05-07 14:00:01 | 2024-05-06 14:00:00     | no
    /// 2        | delivered | delivered       | 2024-05-07 14:00:00 | 2024-05-06 14:00:00     | no
    /// 3        | delivered | delivered       |                     | 2024-05-06 14:00:00     | no
    /// 4        | delivered | delivered       | 2024-05-06 15:00:00 | 2024-05-06 14:00:00     | no
    /// 5        | shipped   | delivered       | 2024-05-07 14:00:01 | 2024-05-06 14:00:00     | no
    /// 6        | delivered | mixed           | 2024-05-07 14:00:01 | 2024-05-06 14:00:00     | no
    /// 7        | delivered | delivered       | 2024-05-07 14:00:01 | 2024-05-06 14:00:00     | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-003" "late-delivered" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: FixProcess,
        needs: [],
        when: |ctx| [
            "is delivered" => f::status.is(OrderStatus::Delivered),
            "is not a test" => f::test.not_set(),
            "the carrier delivered all parcels" => f::carrier_outcome.is(CarrierOutcome::Delivered),
            "was set too late" => (f::marked_delivered_at.number() - f::carrier_delivered_until.number()).gt(lit(ctx.threshold("hours") * 3_600_000)),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::marked_delivered_at, f::carrier_delivered_at],
    }
}
