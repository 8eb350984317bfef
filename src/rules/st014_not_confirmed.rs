//! ST-014 An order was not confirmed in time.

use polars::prelude::lit;

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// An order was neither confirmed nor cancelled in time.
    ///
    /// ## Why it matters
    /// The merchant has so many hours from the opening to confirm or to cancel (K8); exactly so many pass. The pack says how many
    /// (`confirm_hours`) and by which clock (`confirm_clock`, A23): by `business` only the hours of working days count, from 00:00 to 24:00, so
    /// what opens on Friday at 16:00 has until Monday 16:00, and what opens on Saturday until Monday 24:00. What confirms is the first status
    /// beyond *new*, a cancellation included. An order is judged where its opening is known with its time, and where it is known that nothing
    /// confirmed it earlier: a history that holds the opening, a time of the confirmation in the export (`confirmed_at`), or an order that is
    /// still new. Of an order that has gone on and whose confirmation left no time nothing is said, nor of one that the export calls confirmed
    /// (`confirmed`) while it is new.
    ///
    /// ## What to do
    /// Confirm or cancel what is still open, and mend the process that leaves orders lying.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | test | confirm_by          | unconfirmed_until
    /// 1        | no   | 2026-12-09 10:00:00 | 2026-12-09 10:00:01
    /// 2        | no   | 2026-12-09 10:00:00 | 2026-12-09 10:00:00
    /// 3        | yes  | 2026-12-09 10:00:00 | 2026-12-12 00:00:00
    /// 4        | no   | 2026-12-09 10:00:00 |
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "ST-014" "not-confirmed" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: FixProcess,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "the time to confirm it had passed before anything confirmed it" => (f::unconfirmed_until.number() - f::confirm_by.number()).gt(lit(0i64)),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [
            f::opened_at, f::opened_event_at, f::confirm_by, f::unconfirmed_until, f::confirmed_at, f::confirmed_event_at, f::shipped_at,
            f::cancelled_at, f::status_raw,
        ],
    }
}
