//! PY-006 Money was paid for an order that has no claim to it.

use crate::frame::payout_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Money was paid for an order that has no claim to it.
    ///
    /// ## Why it matters
    /// The order is known and is not delivered, or was cancelled: the payment is a mistake, or the state is. An order that was
    /// cancelled after the money was sent was due then; what must follow is its clawback.
    ///
    /// ## What to do
    /// Verify the order's state first.
    ///
    /// ## Example
    /// ```text given payout_facts
    /// order_no | for_order | order_known | order_has_claim | order_quarantined | amount | order_paid | cancelled_later
    /// 1        | yes       | yes         | no              | no                | 100000 | 100000     | no
    /// 2        | yes       | yes         | yes             | no                | 100000 | 100000     | no
    /// 3        | yes       | yes         | no              | yes               | 100000 | 100000     | no
    /// 4        | yes       | yes         | no              | no                | 100000 | 0          | no
    /// 5        | no        | yes         | no              | no                | 100000 | 100000     | no
    /// 6        | yes       | yes         | no              | no                | 100000 | 100000     | yes
    /// 7        | yes       | yes         | no              | no                | 0      | 100000     | no
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "PY-006" "unexpected-payout" version 1 {
        severity: |_| Severity::High.into(),
        subject: PayoutLine,
        remedy: Verify,
        needs: [],
        when: |ctx| [
            "the line is money for an order" => f::for_order.set().and(f::amount.gt(0)),
            "the order is known" => f::order_known.set().and(f::order_quarantined.not_set()),
            "the order has no claim" => f::order_has_claim.not_set(),
            "the order was not cancelled afterwards" => f::cancelled_later.not_set(),
            "the money was not taken back" => f::order_paid.gt(0),
        ],
        money: |_| Some(f::amount.expr()),
        due: |_| None,
        evidence: [f::order_no, f::kind, f::amount, f::order_status],
    }
}
