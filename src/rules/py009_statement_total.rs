//! PY-009 The lines of a statement do not add up to its total, or to its transfer.

use crate::frame::statement_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The lines of a statement do not add up to its total, or to its transfer.
    ///
    /// ## Why it matters
    /// Either a line is missing from the export, or the money sent is not what was settled. What is concluded from the lines of this
    /// statement rests on them alone. A statement that holds its transfer as a line is compared with that line as well. One total beside lines
    /// of several currencies is comparable with none (rulebook §16.3).
    ///
    /// ## What to do
    /// Fetch the statement again; if the difference stays, claim it with both figures.
    ///
    /// ## Example
    /// ```text given statement_facts
    /// statement_id | difference | tolerance
    /// S1           | -5000      | 2
    /// S2           | 0          | 2
    /// S3           |            | 2
    /// S4           | 2          | 2
    /// S5           | 3          | 2
    /// ```
    /// ```text finds
    /// S1
    /// S5
    /// ```
    "PY-009" "statement-total" version 3 {
        severity: |_| Severity::High.into(),
        subject: Statement,
        remedy: RequestFile,
        needs: [],
        when: |ctx| [
            "its lines add up to another total than it states, or than its transfer" => f::difference.number().abs().gt(f::tolerance.number()),
        ],
        money: |_| Some(f::difference.expr()),
        due: |_| None,
        evidence: [f::statement_id, f::lines, f::sum, f::total, f::transferred, f::difference],
        rests_on: [PayoutLines],
    }
}
