//! PY-014 A payout line belongs to an order and names none.

use crate::frame::payout_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A payout line belongs to an order and names none.
    ///
    /// ## Why it matters
    /// A sale, commission, postage, COD fee, refund or cancellation is always of an order. Without its number the money is nobody's, and the
    /// order that it pays looks unpaid. Up to three orders of the account are named that miss exactly this amount and were due within 5
    /// working days of it (rulebook §16.4). Nothing is matched by itself.
    ///
    /// ## What to do
    /// Ask the marketplace which order the line pays; start with the candidates.
    ///
    /// ## Example
    /// ```text given payout_facts
    /// statement_id | kind | amount | unassigned
    /// S1           | sale | 40000  | yes
    /// S2           | sale | 40000  | no
    /// ```
    /// ```text finds
    /// S1
    /// ```
    "PY-014" "unassigned-money" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: PayoutLine,
        remedy: AssignLine,
        needs: [],
        when: |ctx| [
            "the line belongs to an order and names none" => f::unassigned.set(),
        ],
        money: |_| Some(f::amount.expr()),
        due: |_| None,
        evidence: [
            f::kind,
            f::amount,
            f::paid_on,
            f::candidates,
            f::candidate_order,
            f::second_candidate_order,
            f::third_candidate_order,
        ],
    }
}
