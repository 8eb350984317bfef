//! ST-006 The merchant set a status that the own delivery service sets.

use polars::prelude::Expr;

use crate::frame::transition_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Actor, Change, OrderStatus, Severity};

/// The merchant set a status that, with the own delivery service, only the marketplace may set.
pub(super) fn is_of_the_carrier() -> Expr {
    let by_carrier = [OrderStatus::Delivered, OrderStatus::Returned, OrderStatus::Lost];
    let by_partner = f::actor.is(Actor::Partner);
    let not_allowed = f::change.is_any(&[Change::WrongActor, Change::AfterFinal]);
    not_allowed.and(by_partner).and(f::to_status.is_any(&by_carrier))
}

declare_rule! {
    /// The merchant set a status that the own delivery service sets.
    ///
    /// ## Why it matters
    /// With the own delivery service, delivered, returned and lost come from the carrier; a merchant who sets them says what he cannot know
    /// (rulebook §1.2). A status that he sets after a final one, such as returned on a delivered order, is meant too.
    ///
    /// ## What to do
    /// Stop the automation that sets states of such orders.
    ///
    /// ## Example
    /// ```text given transition_facts
    /// order_no | from_status | to_status | actor       | change      | own_delivery | test
    /// 1        | shipped     | delivered | partner     | wrong_actor | yes          | no
    /// 2        | shipped     | delivered | partner     | wrong_actor | no           | no
    /// 3        | shipped     | delivered | marketplace | legal       | yes          | no
    /// 4        | shipped     | delivered | customer    | wrong_actor | yes          | no
    /// 5        | blocked     | new       | partner     | wrong_actor | yes          | no
    /// 6        | delivered   | returned  | partner     | after_final | yes          | no
    /// 7        | delivered   | returned  | marketplace | after_final | yes          | no
    /// 8        | shipped     | delivered | partner     | wrong_actor | yes          | yes
    /// ```
    /// ```text finds
    /// 1
    /// 6
    /// ```
    "ST-006" "own-delivery-set-by-partner" version 2 {
        severity: |_| Severity::Medium.into(),
        subject: Transition,
        remedy: FixProcess,
        needs: [OwnDeliveryService],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "is sent by the own delivery service" => f::own_delivery.set(),
            "the merchant set what the carrier sets" => is_of_the_carrier(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::to_status_raw, f::at, f::actor, f::own_delivery],
    }
}
