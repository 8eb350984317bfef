//! DQ-006 Records are later than as-of.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A source holds records that are later than the as-of day.
    ///
    /// ## Why it matters
    /// They are used, and take no part in tonight's facts. On an old night that is reported again it is expected; on the newest night the as-of day,
    /// the clock of the exporting system or a date form is wrong.
    ///
    /// ## What to do
    /// Check the as-of day, then the dates of the records.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | after_as_of | newest_on
    /// orders    | 3           | 2026-12-13
    /// payouts   | 0           | 2026-12-11
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-006" "newer-than-as-of" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Source,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "records are later than as-of" => f::after_as_of.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::after_as_of, f::newest_on, f::newest_place],
    }
}
