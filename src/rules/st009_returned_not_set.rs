//! ST-009 The parcel is back at the sender, and the order is still shipped.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// The parcel is back at the sender, and the order is still shipped.
    ///
    /// ## Why it matters
    /// Undelivered parcels must be set Returned by hand after they arrived (S2, K4). With the own delivery service the state changes by itself
    /// when the parcel is collected, so those orders are left alone.
    ///
    /// ## What to do
    /// Set Returned in the portal.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status   | carrier_outcome | carrier_returned_at | own_delivery | test
    /// 1        | shipped  | returned        | 2026-12-05 10:00:00 | no           | no
    /// 2        | shipped  | returned        | 2026-12-11 10:00:00 | no           | no
    /// 3        | shipped  | returned        | 2026-12-05 10:00:00 | yes          | no
    /// 4        | returned | returned        | 2026-12-05 10:00:00 | no           | no
    /// 5        | shipped  | returned        | 2026-12-05 10:00:00 | no           | yes
    /// 6        | shipped  | mixed           | 2026-12-05 10:00:00 | no           | no
    /// 7        | shipped  | returned        | 2026-12-10 00:00:00 | no           | no
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-009" "returned-not-set" version 1 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: SetReturned,
        needs: [HasReturnedState],
        when: |ctx| [
            "is shipped" => f::status.is(OrderStatus::Shipped),
            "is not a test" => f::test.not_set(),
            "the carrier returned it" => f::carrier_outcome.is(CarrierOutcome::Returned),
            "longer ago than allowed" => ctx.hours_passed(f::carrier_returned_at, ctx.threshold("hours")),
            "is not sent by the own delivery service" => f::own_delivery.not_set(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::status_raw, f::carrier_outcome, f::carrier_returned_at],
        rests_on: [TrackingEvents],
    }
}
