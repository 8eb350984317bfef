//! MAP-001 A carrier code is in no pack.

use crate::frame::word_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A carrier code is in no pack.
    ///
    /// ## Why it matters
    /// The row is kept and moves nothing; an outcome may hide behind it.
    ///
    /// ## What to do
    /// Extend the carrier's pack, or report the code.
    ///
    /// ## Example
    /// ```text given word_facts
    /// code_raw | count
    /// 777      | 3
    /// 778      | 0
    /// ```
    /// ```text finds
    /// 777
    /// ```
    "MAP-001" "unmapped-word" version 1 {
        severity: |_| Severity::Info.into(),
        subject: Word,
        remedy: ExtendPack,
        needs: [],
        when: |ctx| [
            "it occurs" => f::count.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::code_raw, f::vocabulary, f::count],
    }
}
