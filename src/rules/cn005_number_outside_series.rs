//! CN-005 A number is not of the series of its kind of document.

use crate::frame::document_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A number is not of the series of its kind of document.
    ///
    /// ## Why it matters
    /// A number outside its series is a slip of the pen, or another paper than it is taken for: a return that nobody can find, an invoice that is
    /// none (K3, K11, K27, K29). The pack says the series (`number_series`). Each number is judged once; of return documents the return number, of a
    /// credit note also the return number that it names and no return document has. Where a series is that of self-billing, only documents count
    /// that an export says to be self-billed (`self_billed`): the merchant's own are numbered as he likes.
    ///
    /// ## What to do
    /// Look the number up in the portal, and correct it where it was mistyped.
    ///
    /// ## Example
    /// ```text given document_facts
    /// subject    | kind        | doc_no_series       | return_no  | return_no_series
    /// 470001234  | return_doc  |                     | 470001234  | ^47[0-9]{8}$
    /// 4700012346 | return_doc  |                     | 4700012346 |
    /// 3000800001 | credit_note | ^[0-9]{4}9[0-9]{5}$ | 4700012346 |
    /// 3000900001 | credit_note |                     | 4600012346 | ^47[0-9]{8}$
    /// 3000900002 | credit_note |                     | 4700012346 |
    /// ```
    /// ```text finds
    /// 3000800001
    /// 3000900001
    /// 470001234
    /// ```
    "CN-005" "number-outside-series" version 1 {
        severity: |_| Severity::Low.into(),
        subject: Document,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "its number or its return number is not of its series" => f::doc_no_series.is_empty().not().or(f::return_no_series.is_empty().not()),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::doc_no, f::doc_no_series, f::return_no, f::return_no_series],
    }
}
