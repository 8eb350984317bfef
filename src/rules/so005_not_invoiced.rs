//! SO-005 A delivered order is on no invoice.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A delivered order is on no invoice.
    ///
    /// ## Why it matters
    /// A billing period passed after the delivery was known to the marketplace, it issued an invoice, and the invoice does not bill the order
    /// (K27). An invoice of before the state was set could not.
    ///
    /// ## What to do
    /// Claim it.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | billing_missed | expected_net
    /// 1        | yes            | 131996
    /// 2        | no             | 131996
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "SO-005" "not-invoiced" version 2 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: Claim,
        needs: [InvoicesByPeriod],
        when: |ctx| [
            "an invoice that should bill it does not" => f::billing_missed.set(),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| None,
        evidence: [f::status_raw, f::delivered_on, f::marked_delivered_at, f::billing_missed, f::expected_net],
        rests_on: [Documents],
    }
}
