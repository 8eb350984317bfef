//! PO-001 The postage was taken back although only a part was cancelled.

use crate::frame::order_facts as f;
use crate::rules::rule::{declare_rule, within};
use crate::vocab::Severity;

declare_rule! {
    /// The postage was taken back although only a part was cancelled.
    ///
    /// ## Why it matters
    /// A buyer who cancels a part keeps paying the postage; it stays with the merchant (S1).
    ///
    /// ## What to do
    /// Claim the postage. It replaces the finding that the order was underpaid.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | partly_cancelled | paid   | expected_payout | postage | postage_refunded | tolerance
    /// 1        | yes      | yes              | 146698 | 155598          | 8900    | 0                | 2
    /// 2        | yes      | yes              | 155598 | 155598          | 8900    | 8900             | 2
    /// 3        | yes      | no               | 146698 | 155598          | 8900    | 0                | 2
    /// 4        | yes      | yes              | 155598 | 155598          | 8900    | 0                | 2
    /// 5        | yes      | yes              | 155598 | 155598          | 0       | 0                | 2
    /// 6        | no       | yes              | 146698 | 155598          | 8900    | 0                | 2
    /// 7        | yes      | yes              | 146696 | 155598          | 8900    | 0                | 2
    /// 8        | yes      | yes              | 146700 | 155598          | 8900    | 0                | 2
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// 7
    /// 8
    /// ```
    "PO-001" "postage-refunded-on-partial-cancel" version 1 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [PostageWithoutCommission],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "a part is cancelled" => f::partly_cancelled.set(),
            "there is postage" => f::postage.gt(0),
            "the statement took it back" => f::postage_refunded.gt(0).or(within(f::expected_payout.number() - f::paid.number(), f::postage.number(), f::tolerance.number())),
        ],
        money: |_| Some(f::postage.expr()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::postage, f::postage_refunded, f::goods_cancelled],
    }
}
