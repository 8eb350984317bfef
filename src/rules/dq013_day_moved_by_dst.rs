//! DQ-013 A DST policy changed the day.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A change to or from summer time moved records to another day.
    ///
    /// ## Why it matters
    /// A local time in the skipped hour, or in the repeated one, is read by the source's policy `dst`. Near midnight that decides the civil day, and
    /// with it deadlines and payout dates.
    ///
    /// ## What to do
    /// Have the export write times with their offset, or check the records of that night.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | dst_moved_days
    /// orders    | 1
    /// payouts   | 0
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-013" "day-moved-by-dst" version 1 {
        severity: |_| Severity::Low.into(),
        subject: Source,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "the day of a record was moved" => f::dst_moved_days.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::dst_moved_days],
    }
}
