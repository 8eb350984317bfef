//! CN-004 Real and fictitious returns stand on one credit note.

use crate::frame::document_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{DocumentKind, Severity};

declare_rule! {
    /// Real and fictitious returns stand on one credit note.
    ///
    /// ## Why it matters
    /// Goods that came back and deliveries that never were are booked apart; a credit note that holds both is not accepted, and the buyers of all
    /// its orders wait for their money (K11). The pack says which kinds are kept apart (`returns_apart`). A return is of the kind that its return
    /// document says, else of the one that the credit note says; a return of which no export says either is held against nobody.
    ///
    /// ## What to do
    /// Split it: one credit note for the real returns, one for the fictitious ones.
    ///
    /// ## Example
    /// ```text given document_facts
    /// subject | kind        | mixed | note_money
    /// 9001    | credit_note | yes   | 263992
    /// 9002    | credit_note | no    | 263992
    /// 9003    | return_doc  | yes   | 263992
    /// ```
    /// ```text finds
    /// 9001
    /// ```
    "CN-004" "real-and-fictitious-mixed" version 1 {
        severity: |_| Severity::High.into(),
        subject: Document,
        remedy: ReissueCreditNote,
        needs: [],
        when: |ctx| [
            "is a credit note" => f::kind.is(DocumentKind::CreditNote),
            "returns stand on it that must be kept apart" => f::mixed.set(),
        ],
        money: |_| Some(f::note_money.expr()),
        due: |_| Some(f::due_on.number()),
        evidence: [f::doc_no, f::real_return_no, f::real_said, f::fictitious_return_no, f::fictitious_said, f::note_money],
    }
}
