//! ST-019 The parcels of one order ended differently.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// The parcels of one order ended differently.
    ///
    /// ## Why it matters
    /// Some were delivered, some came back, were lost or fell silent: neither Delivered nor Returned is true (rulebook §14).
    ///
    /// ## What to do
    /// Send the missing part, or start the return document for it.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | shipments | expected_net | test
    /// 1        | delivered | mixed           | 2         | 131996       | no
    /// 2        | delivered | delivered       | 2         | 131996       | no
    /// 3        | shipped   | mixed           | 3         | 131996       | no
    /// 4        | cancelled | mixed           | 2         | 131996       | no
    /// 5        | shipped   | mixed           | 1         | 131996       | no
    /// 6        | delivered | mixed           | 2         | 131996       | yes
    /// ```
    /// ```text finds
    /// 1
    /// 3
    /// ```
    "ST-019" "parcels-differ" version 2 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: FindParcel,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "is not cancelled" => f::status.is_not(OrderStatus::Cancelled),
            "has several parcels" => f::shipments.gt(1),
            "its parcels ended differently" => f::carrier_outcome.is(CarrierOutcome::Mixed),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::carrier_outcome, f::carrier_outcome_on, f::expected_net],
        rests_on: [TrackingEvents],
    }
}
