//! PY-011 A statement pays an order that nobody knows.

use crate::frame::payout_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A statement pays an order that nobody knows.
    ///
    /// ## Why it matters
    /// The account's exports are complete, and none of them has the order; rows in quarantine do not count as missing.
    ///
    /// ## What to do
    /// Find the order, or report the line. Where one known order has the same digits but for leading zeros, it is named: a spreadsheet took
    /// them; `pad` of the source gives them back.
    ///
    /// ## Example
    /// ```text given payout_facts
    /// order_no | for_order | names_order | order_known | order_quarantined | account_complete | amount
    /// 1        | yes       | yes         | no          | no                | yes              | 100
    /// 2        | yes       | yes         | yes         | no                | yes              | 100
    /// 3        | yes       | yes         | no          | yes               | yes              | 100
    /// 4        | yes       | yes         | no          | no                | no               | 100
    /// 5        | yes       | no          | no          | no                | yes              | 100
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-011" "unknown-order" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: PayoutLine,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "the line is money for an order" => f::for_order.set().and(f::names_order.set()),
            "no export has it" => f::order_known.not_set(),
            "it is not in quarantine" => f::order_quarantined.not_set(),
            "the exports are complete" => f::account_complete.set(),
        ],
        money: |_| Some(f::amount.expr()),
        due: |_| None,
        evidence: [f::order_no, f::candidate, f::kind, f::amount],
        rests_on: [Orders],
    }
}
