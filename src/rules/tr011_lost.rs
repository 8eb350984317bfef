//! TR-011 The carrier lost or damaged the parcel.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, Severity};

declare_rule! {
    /// The carrier lost or damaged the parcel.
    ///
    /// ## Why it matters
    /// The goods are gone, and the carrier or the delivery service owes their value (S0). Claims have deadlines of their own.
    ///
    /// ## What to do
    /// Claim the value: with the own delivery service through Operations, else with the carrier.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | carrier_damaged_at  | test | goods
    /// 1        | shipped   | lost            |                     | no   | 131996
    /// 2        | shipped   | returned        |                     | no   | 131996
    /// 3        | cancelled | lost            |                     | no   | 131996
    /// 4        | delivered | delivered       | 2026-12-01 10:00:00 | no   | 131996
    /// 5        | shipped   | lost            |                     | yes  | 131996
    /// ```
    /// ```text finds
    /// 1
    /// 3
    /// 4
    /// ```
    "TR-011" "lost-parcel" version 2 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "the carrier lost or damaged it" => f::carrier_outcome.is(CarrierOutcome::Lost).or(f::carrier_damaged_at.known()),
        ],
        money: |_| Some(f::goods.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::carrier_outcome, f::carrier_outcome_on, f::carrier_damaged_at, f::goods],
        rests_on: [TrackingEvents],
    }
}
