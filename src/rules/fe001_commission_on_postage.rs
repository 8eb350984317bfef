//! FE-001 Commission was charged on the postage.

use polars::prelude::Expr;

use crate::frame::order_facts as f;
use crate::rules::rule::{declare_rule, within};
use crate::vocab::Severity;

/// A commission line that matches the rate on goods and postage, and not the rate on goods.
fn charged() -> Expr {
    let with_postage = f::commission.number() + f::postage_commission.number();
    let more_than_due = (f::commission_paid.number() - f::commission.number()).gt(f::tolerance.number());
    let equals = within(f::commission_paid.number(), with_postage, f::tolerance.number());
    f::commission_lines.gt(0).and(equals).and(more_than_due)
}

fn short() -> Expr {
    let shortfall = f::expected_payout.number() - f::paid.number() - f::explained.or_zero();
    f::commission_lines.lt(1).and(within(shortfall, f::postage_commission.number(), f::tolerance.number()))
}

declare_rule! {
    /// Commission was charged on the postage.
    ///
    /// ## Why it matters
    /// Postage carries no commission and is passed on in full (S1). The charge, or the shortfall where no commission line exists, equals what the
    /// rate would take from the postage.
    ///
    /// ## What to do
    /// Claim the commission on the postage. It replaces the finding that the order was underpaid.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | paid   | expected_payout | postage_commission | commission | commission_lines | commission_paid | tolerance
    /// 1        | yes      | 194914 | 196516          | 1602               | 41184      | 0                | 0               | 2
    /// 2        | yes      | 195000 | 196516          | 1602               | 41184      | 0                | 0               | 2
    /// 3        | yes      | 194914 | 196516          | 1602               | 41184      | 1                | 42786           | 2
    /// 4        | yes      | 196516 | 196516          | 1602               | 41184      | 1                | 41184           | 2
    /// 5        | yes      | 196516 | 196516          | 0                  | 41184      | 0                | 0               | 2
    /// 6        | no       | 194914 | 196516          | 1602               | 41184      | 0                | 0               | 2
    /// 7        | yes      |        | 196516          | 1602               | 41184      | 1                | 42786           | 2
    /// 8        | yes      | 194914 | 196516          | 2                  | 41184      | 1                | 41188           | 2
    /// 9        | yes      | 196516 | 196516          | 1602               | 41184      | 0                | 42786           | 2
    /// 10       | yes      | 194914 | 196516          | 1602               | 41184      | 1                | 42788           | 2
    /// 11       | yes      | 194914 | 196516          | 1602               | 41184      | 1                | 42784           | 2
    /// 12       | yes      | 194914 | 196516          | 4                  | 41184      | 1                | 41186           | 2
    /// 13       | yes      | 194914 | 196516          | 1602               | 41184      | 1                | 41184           | 2
    /// 14       | yes      | 194912 | 196516          | 1602               | 41184      | 0                | 0               | 2
    /// 15       | yes      | 194916 | 196516          | 1602               | 41184      | 0                | 0               | 2
    /// ```
    /// ```text finds
    /// 1
    /// 3
    /// 10
    /// 11
    /// 14
    /// 15
    /// ```
    "FE-001" "commission-on-postage" version 1 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [PostageWithoutCommission],
        when: |ctx| [
            "its payout date is fixed" => f::eligible.set(),
            "something was paid" => f::paid.known(),
            "commission on the postage would be money" => f::postage_commission.number().gt(f::tolerance.number()),
            "the charge or the shortfall equals it" => charged().or(short()),
        ],
        money: |_| Some(f::postage_commission.expr()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::postage, f::postage_commission, f::commission_paid],
    }
}
