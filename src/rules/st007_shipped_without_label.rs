//! ST-007 An order of the own delivery service was marked shipped without a label.

use crate::frame::transition_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{OrderStatus, Severity};

declare_rule! {
    /// An order of the own delivery service was marked shipped without a label.
    ///
    /// ## Why it matters
    /// The own delivery service collects what has its label (K6); without one the parcel is somewhere else, or still in the warehouse.
    /// Orders of a file that does not say when a label was asked for are left alone.
    ///
    /// ## What to do
    /// Ask for the label, or find out how the parcel was sent.
    ///
    /// ## Example
    /// ```text given transition_facts
    /// order_no | to_status | own_delivery | labels_known | label_requested_at  | test
    /// 1        | shipped   | yes          | yes          |                     | no
    /// 2        | shipped   | yes          | yes          | 2026-12-01 08:00:00 | no
    /// 3        | shipped   | yes          | no           |                     | no
    /// 4        | shipped   | no           | yes          |                     | no
    /// 5        | delivered | yes          | yes          |                     | no
    /// 6        | shipped   | yes          | yes          |                     | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-007" "shipped-without-label" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Transition,
        remedy: FixProcess,
        needs: [OwnDeliveryService],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "is sent by the own delivery service" => f::own_delivery.set(),
            "was marked shipped" => f::to_status.is(OrderStatus::Shipped),
            "orders say when a label was asked for" => f::labels_known.set(),
            "no label was asked for" => f::label_requested_at.missing(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::to_status_raw, f::at, f::label_requested_at, f::own_delivery],
    }
}
