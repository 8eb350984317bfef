//! MAP-001 A word has no counterpart among ours.

use crate::frame::word_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A word has no counterpart among ours.
    ///
    /// ## Why it matters
    /// A carrier code that no pack maps keeps its row and moves nothing; an outcome may hide behind it. An order whose status is a
    /// known word without a counterpart (a bare *accepted*, a shop's *partly done*) is judged by no rule of states.
    ///
    /// ## What to do
    /// Extend the pack, or report the word.
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
