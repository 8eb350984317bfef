//! DQ-012 Excess decimals were booked.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Amounts with more decimals than their currency has were booked, rounded half up.
    ///
    /// ## Why it matters
    /// The source says `excess_decimals = "book"`, so its amounts are rounded cell by cell, and sums may differ from those of its system by small
    /// amounts.
    ///
    /// ## What to do
    /// Have the export write amounts with the decimals of the currency.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | booked_excess_decimals
    /// orders    | 4
    /// payouts   | 0
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-012" "excess-decimals-booked" version 1 {
        severity: |_| Severity::Low.into(),
        subject: Source,
        remedy: FixExport,
        needs: [],
        when: |ctx| [
            "amounts were booked" => f::booked_excess_decimals.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::booked_excess_decimals, f::booked_residue],
    }
}
