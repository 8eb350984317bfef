//! DQ-005 An identifier is damaged.

use crate::frame::identifier_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// An identifier was damaged by a spreadsheet program.
    ///
    /// ## Why it matters
    /// A number such as `8,59E+12`, or fifteen digits followed by zeros, is not the identifier any more, and is never used as a key: its row is in
    /// quarantine. Where exactly one identifier of the same account in the other sources rounds to it, the finding names it as the candidate;
    /// it is a hint for a person and joins nothing.
    ///
    /// ## What to do
    /// Export again, and do not open and save the file with a spreadsheet program.
    ///
    /// ## Example
    /// ```text given identifier_facts
    /// key      | source | count | candidate
    /// 8,59E+12 | orders | 1     | 8590000000001
    ///          | orders | 0     |
    /// ```
    /// ```text finds
    /// 8,59E+12
    /// ```
    "DQ-005" "damaged-identifier" version 1 {
        severity: |_| Severity::High.into(),
        subject: Identifier,
        remedy: FixExport,
        needs: [],
        when: |ctx| [
            "an identifier is damaged" => f::key.is_empty().not(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::key, f::header, f::count, f::place, f::candidate, f::candidates],
    }
}
