//! ST-008 An order of the own delivery service left a status out.

use crate::frame::transition_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Change, Severity};

declare_rule! {
    /// An order of the own delivery service left a status out.
    ///
    /// ## Why it matters
    /// With the own delivery service an order goes from open over shipping to shipped (K7, K21): the label is asked for on the way. Other orders
    /// may leave it out, which is a low ST-004.
    ///
    /// ## What to do
    /// Set shipping before shipped; mend the connection that does not.
    ///
    /// ## Example
    /// ```text given transition_facts
    /// order_no | from_status | to_status | change | own_delivery | test
    /// 1        | new         | shipped   | skip   | yes          | no
    /// 2        | new         | shipped   | skip   | no           | no
    /// 3        | packing     | shipped   | legal  | yes          | no
    /// 4        | new         | shipped   | skip   | yes          | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-008" "skipped-shipping" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Transition,
        remedy: FixProcess,
        needs: [OwnDeliveryService],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "is sent by the own delivery service" => f::own_delivery.set(),
            "a status was left out" => f::change.is(Change::Skip),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::from_status_raw, f::from_at, f::to_status_raw, f::at, f::own_delivery],
    }
}
