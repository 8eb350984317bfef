//! CN-002 A credit note lacks a mandatory field.

use crate::frame::document_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{DocumentKind, Severity};

declare_rule! {
    /// A credit note lacks a mandatory field.
    ///
    /// ## Why it matters
    /// The pack says what a credit note must say (`credit_note_fields`): order number, return number, item, quantity, and transport and COD fee
    /// when the whole order is credited (K11, S2). Without them the credit note is not accepted.
    ///
    /// ## What to do
    /// Issue it again, complete.
    ///
    /// ## Example
    /// ```text given document_facts
    /// subject | kind        | missing   | money
    /// 9001    | credit_note | return_no | 131996
    /// 9002    | credit_note |           | 131996
    /// 9003    | return_doc  | return_no | 131996
    /// ```
    /// ```text finds
    /// 9001
    /// ```
    "CN-002" "credit-note-incomplete" version 1 {
        severity: |_| Severity::High.into(),
        subject: Document,
        remedy: ReissueCreditNote,
        needs: [],
        when: |ctx| [
            "is a credit note" => f::kind.is(DocumentKind::CreditNote),
            "a field is missing" => f::missing.is_empty().not(),
        ],
        money: |_| Some(f::money.expr()),
        due: |_| Some(f::due_on.number()),
        evidence: [f::order_no, f::return_no, f::missing, f::money],
    }
}
