//! DQ-001 One key stands twice, differently, and nothing decides.

use crate::frame::conflict_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// One key stands twice, differently, and nothing decides.
    ///
    /// ## Why it matters
    /// In one file without a version column, or in two files without an export date, either row may be the truth: both are in quarantine.
    ///
    /// ## What to do
    /// Mend the export, or declare which row is the later version.
    ///
    /// ## Example
    /// ```text given conflict_facts
    /// key | source
    /// 1   | orders
    ///     | orders
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "DQ-001" "conflicting-rows" version 1 {
        severity: |_| Severity::High.into(),
        subject: Conflict,
        remedy: FixExport,
        needs: [],
        when: |ctx| [
            "a key stands twice" => f::key.is_empty().not(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::row],
    }
}
