//! CN-001 No credit note answers a request.

use crate::frame::document_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{DocumentKind, Severity};

declare_rule! {
    /// No credit note answers a request.
    ///
    /// ## Why it matters
    /// The buyer has the money back only after the credit note (K2); it is due fourteen days after the request, that day included.
    ///
    /// ## What to do
    /// Issue it with all mandatory fields.
    ///
    /// ## Example
    /// ```text given document_facts
    /// subject    | kind        | credited | due_on     | money
    /// 4700012345 | return_doc  | no       | 2026-12-10 | 131996
    /// 4700012346 | return_doc  | no       | 2026-12-11 | 131996
    /// 4700012347 | return_doc  | yes      | 2026-12-01 | 131996
    /// 4700012348 | credit_note | no       | 2026-12-10 | 131996
    /// ```
    /// ```text finds
    /// 4700012345
    /// ```
    "CN-001" "credit-note-missing" version 1 {
        severity: |_| Severity::Critical.into(),
        subject: Document,
        remedy: IssueCreditNote,
        needs: [],
        when: |ctx| [
            "is a return document" => f::kind.is(DocumentKind::ReturnDocument),
            "no credit note names it" => f::credited.not_set(),
            "the deadline is past" => f::due_on.lt(ctx.today()),
        ],
        money: |_| Some(f::money.expr()),
        due: |_| Some(f::due_on.number()),
        evidence: [f::return_no, f::order_no, f::requested_on, f::due_on, f::money],
        rests_on: [Documents],
    }
}
