//! ST-012 The order is cancelled, and its parcel moves.

use crate::frame::order_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// The order is cancelled, and its parcel moves.
    ///
    /// ## Why it matters
    /// The goods are on their way to a buyer who has the money back. A registration or a cancelled label is no movement. A parcel that
    /// had ended before, at the buyer or at the sender, cannot be stopped: what was delivered first is a withdrawal, with its refund and its
    /// clawback (§16.19); where it is not known which came first nothing is claimed. A parcel that has come back since is *low*: nothing is to
    /// be stopped, the goods are to be counted in.
    ///
    /// ## What to do
    /// Recall the parcel, or have the sale restored; if it is back, check that the goods came in.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_moved | ended_before_cancel | test | goods
    /// 1        | cancelled | yes           | no                  | no   | 228800
    /// 2        | cancelled | no            | no                  | no   | 228800
    /// 3        | shipped   | yes           | no                  | no   | 228800
    /// 4        | cancelled | yes           | yes                 | no   | 228800
    /// 5        | cancelled | yes           | no                  | yes  | 228800
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-012" "cancelled-but-shipped" version 3 {
        severity: |_| Severities {
            when: vec![(f::carrier_outcome.is(CarrierOutcome::Returned), Severity::Low)],
            otherwise: Severity::Critical,
        },
        subject: Order,
        remedy: RecallParcel unless [SettleReturn when f::carrier_outcome.is(CarrierOutcome::Returned)],
        needs: [],
        when: |ctx| [
            "is cancelled" => f::status.is(OrderStatus::Cancelled),
            "is not a test" => f::test.not_set(),
            "the carrier has more than a registration" => f::carrier_moved.set(),
            "the parcel had not ended before" => f::ended_before_cancel.not_set(),
        ],
        money: |_| Some(f::goods.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::cancelled_on, f::carrier_outcome, f::carrier_outcome_on, f::goods],
        rests_on: [TrackingEvents],
    }
}
