//! ST-004 The status of an order changed in a way that its marketplace does not allow.

use crate::frame::transition_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::rules::st006_own_delivery_set_by_partner::is_of_the_carrier;
use crate::vocab::{Change, Severity};

declare_rule! {
    /// The status of an order changed in a way that its marketplace does not allow.
    ///
    /// ## Why it matters
    /// The pack says which status may follow which, and who may set it (rulebook §1.2, §3.1). What happened otherwise came from a faulty
    /// connection, or from a second channel on the same order; dates and money hang on it. A status that was left out (A13) is a low finding.
    ///
    /// ## What to do
    /// Have the marketplace correct the state, and mend the connection that set it.
    ///
    /// ## Example
    /// ```text given transition_facts
    /// order_no | from_status | to_status | actor   | change      | own_delivery | test
    /// 1        | new         | returned  | partner | illegal     | no           | no
    /// 2        | blocked     | new       | partner | wrong_actor | no           | no
    /// 3        | new         | shipped   | partner | skip        | no           | no
    /// 4        | new         | shipped   | partner | skip        | yes          | no
    /// 5        | shipped     | delivered | partner | wrong_actor | yes          | no
    /// 6        | delivered   | cancelled | partner | after_final | no           | no
    /// 7        | new         | packing   | partner | legal       | no           | no
    /// 8        | blocked     | new       | partner | wrong_actor | yes          | no
    /// 9        | new         | returned  | partner | illegal     | no           | yes
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// 3
    /// 8
    /// ```
    "ST-004" "illegal-transition" version 1 {
        severity: |_| Severities { when: vec![(f::change.is(Change::Skip), Severity::Low)], otherwise: Severity::High },
        subject: Transition,
        remedy: CorrectState,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "it is not allowed, or left a status out" => f::change.is_any(&[Change::Illegal, Change::WrongActor, Change::Skip]),
            "no other rule speaks of it (ST-006, ST-008)" => f::own_delivery.not_set().or(f::change.is_not(Change::Skip).and(is_of_the_carrier().not())),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::from_status_raw, f::from_at, f::to_status_raw, f::at, f::actor],
    }
}
