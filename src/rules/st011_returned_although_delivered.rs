//! ST-011 Returned is set, but the carrier delivered.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// Returned is set, but the carrier delivered.
    ///
    /// ## Why it matters
    /// A returned order is not invoiced: the goods are with the buyer and the money is nowhere (K3).
    ///
    /// ## What to do
    /// Report the wrong Returned by the form; Operations can correct it.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | expected_net | test
    /// 1        | returned  | delivered       | 131996       | no
    /// 2        | returned  | returned        | 131996       | no
    /// 3        | delivered | delivered       | 131996       | no
    /// 4        | returned  | delivered       | 131996       | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-011" "returned-although-delivered" version 1 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: ReportWrongState,
        needs: [],
        when: |ctx| [
            "is returned" => f::status.is(OrderStatus::Returned),
            "is not a test" => f::test.not_set(),
            "the carrier delivered all parcels" => f::carrier_outcome.is(CarrierOutcome::Delivered),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::carrier_outcome, f::carrier_outcome_on, f::expected_net],
        rests_on: [TrackingEvents],
    }
}
