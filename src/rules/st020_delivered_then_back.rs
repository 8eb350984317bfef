//! ST-020 The carrier delivered the parcel, then brought it back, and nobody settled the return.

use polars::prelude::lit;

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// The carrier delivered the parcel, then brought it back, and nobody settled the return.
    ///
    /// ## Why it matters
    /// The buyer sent the goods back, by the number of the parcel or by a parcel of its own. The marketplace will take the money back once it
    /// hears of it; until then the goods are here and the sale stands. Neither a return document, a credit note, a cancellation, a refund
    /// nor the status *returned* came within the working days that the pack allows (§16.20).
    ///
    /// ## What to do
    /// Check the goods and find the withdrawal or the complaint; ask the marketplace for the return document, then credit or refund the buyer.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | carrier_back_at     | carrier_back_until | return_no  | credited | whole_cancelled | partly_cancelled | refunded | test | expected_net
    /// 1        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | 0        | no   | 131996
    /// 2        | delivered | delivered       | 2026-12-04 10:00:00 | 2026-12-11         |            | no       | no              | no               | 0        | no   | 131996
    /// 3        | returned  | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | 0        | no   | 131996
    /// 4        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         | 4700012345 | no       | no              | no               | 0        | no   | 131996
    /// 5        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | yes      | no              | no               | 0        | no   | 131996
    /// 6        | cancelled | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | yes             | no               | 0        | no   | 131996
    /// 7        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | yes              | 0        | no   | 131996
    /// 8        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | -131996  | no   | 131996
    /// 9        | delivered | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | 0        | yes  | 131996
    /// 10       | delivered | delivered       |                     |                    |            | no       | no              | no               | 0        | no   | 131996
    /// 11       | delivered | returned        | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | 0        | no   | 131996
    /// 12       | shipped   | delivered       | 2026-12-01 10:00:00 | 2026-12-08         |            | no       | no              | no               | 0        | no   | 131996
    /// 13       | delivered | delivered       |                     | 2026-12-08         |            | no       | no              | no               | 0        | no   | 131996
    /// ```
    /// ```text finds
    /// 1
    /// 12
    /// ```
    "ST-020" "delivered-then-back" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: SettleReturn,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "is not returned" => f::status.is_not(OrderStatus::Returned),
            "is not cancelled, in whole or in part" => f::whole_cancelled.not_set().and(f::partly_cancelled.not_set()),
            "the carrier delivered all parcels" => f::carrier_outcome.is(CarrierOutcome::Delivered),
            "one of them came back afterwards" => f::carrier_back_at.known(),
            "no return document or credit note is known" => f::return_no.is_empty().and(f::credited.not_set()),
            "no refund is known" => f::refunded.or_zero().eq(lit(0i64)).and(f::reversed.not_set()),
            "longer ago than allowed" => f::carrier_back_until.lt(ctx.today()),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::carrier_delivered, f::carrier_delivered_at, f::carrier_back, f::carrier_back_at, f::carrier_back_until, f::expected_net],
        rests_on: [TrackingEvents],
    }
}
