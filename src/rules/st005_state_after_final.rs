//! ST-005 The status of an order changed after it was final.

use crate::frame::transition_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Change, Severity};

declare_rule! {
    /// The status of an order changed after it was final.
    ///
    /// ## Why it matters
    /// Delivered can never be changed; returned, cancelled and lost only by the marketplace on request (K3). A change after them is a fault of a
    /// connection, or rows of the history were read in the wrong order.
    ///
    /// ## What to do
    /// Verify first that the times of the history are right; then have the marketplace say which status holds.
    ///
    /// ## Example
    /// ```text given transition_facts
    /// order_no | from_status | to_status | change      | test
    /// 1        | delivered   | returned  | after_final | no
    /// 2        | shipped     | delivered | legal       | no
    /// 3        | new         | returned  | illegal     | no
    /// 4        | delivered   | returned  | after_final | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-005" "state-after-final" version 1 {
        severity: |_| Severity::High.into(),
        subject: Transition,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "a status follows a final one" => f::change.is(Change::AfterFinal),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::from_status_raw, f::from_at, f::to_status_raw, f::at, f::actor],
    }
}
