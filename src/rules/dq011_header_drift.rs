//! DQ-011 Headers have changed.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The headers of a source have changed since the previous publication.
    ///
    /// ## Why it matters
    /// A renamed or lost optional column empties a field without a sound; a required one refuses the file. A header is new when no file of the source
    /// had it, and gone when every file had it. Case, blanks, diacritics, the order of columns and files that the previous publication had read
    /// already are no change.
    ///
    /// ## What to do
    /// Bind the new header under `[source.columns]`, or in the pack's layout; a new column may hold something worth reading.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | header_drift
    /// orders    | new: "Total price", perhaps formerly "Price"
    /// payouts   |
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-011" "header-drift" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Source,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "headers have changed" => f::header_drift.is_empty().not(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::header_drift],
    }
}
