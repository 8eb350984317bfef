//! DQ-003 Rows of a source are in quarantine.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Rows of a source could not be read and are in quarantine.
    ///
    /// ## Why it matters
    /// What a refused row says is in no figure: its order, its payment or its scan is missing from every sum of tonight. One finding per source,
    /// with the number of rows and how many for which reason.
    ///
    /// ## What to do
    /// Open the sheet *Quarantine*, or `quarantine.csv`: each row has the cell, what was expected and what to do. `trueup rules` with a reason,
    /// such as `not_a_date`, prints the page of that reason.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | quarantined | quarantine_reasons
    /// orders    | 2           | not_a_date 1, empty 1
    /// payouts   | 0           |
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-003" "rows-in-quarantine" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Source,
        remedy: FixExport,
        needs: [],
        when: |ctx| [
            "rows are in quarantine" => f::quarantined.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::quarantined, f::quarantine_reasons, f::first_quarantined],
    }
}
