//! SV-002 Cancelled by nobody we know of, but the carrier delivered.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Actor, CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// Cancelled by nobody we know of, but the carrier delivered.
    ///
    /// ## Why it matters
    /// The marketplace cancels late orders by itself and refunds the buyer; the goods are with the buyer, and no money comes (S1). Who cancelled is
    /// the system, or not said.
    ///
    /// ## What to do
    /// Dispute the cancellation at once, with the proof of delivery. At stake is what the order would have paid had it stood.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | cancel_actor | carrier_outcome | net_as_ordered | test
    /// 1        | cancelled | system       | delivered       | 131996         | no
    /// 2        | cancelled | unknown      | delivered       | 131996         | no
    /// 3        | cancelled | customer     | delivered       | 131996         | no
    /// 4        | cancelled | system       | returned        | 131996         | no
    /// 5        | delivered | unknown      | delivered       | 131996         | no
    /// 6        | cancelled | system       | delivered       | 131996         | yes
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// ```
    "SV-002" "cancelled-but-delivered" version 2 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: CorrectState,
        needs: [CancelsLateOrders],
        when: |ctx| [
            "is cancelled" => f::status.is(OrderStatus::Cancelled),
            "is not a test" => f::test.not_set(),
            "the system cancelled, or nobody is named" => f::cancel_actor.is_any(&[Actor::System, Actor::Unknown]),
            "the carrier delivered all parcels" => f::carrier_outcome.is(CarrierOutcome::Delivered),
        ],
        money: |_| Some(f::net_as_ordered.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::status_raw, f::cancelled_on, f::cancel_actor, f::carrier_outcome, f::carrier_outcome_on, f::net_as_ordered],
    }
}
