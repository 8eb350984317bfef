//! PY-004 Less was paid than expected.

use polars::prelude::{Expr, lit, when};

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

/// What of the shortfall no line took back; of an order without a payout date, what was taken back beyond what was paid.
fn short() -> Expr {
    f::expected_payout.number() - f::paid.or_zero() - f::explained.or_zero()
}

/// The shortfall of an order whose payout date is fixed, or what was taken back beyond what was paid: the greater.
fn at_stake() -> Expr {
    let overdrawn = f::overdrawn.or_zero();
    when(f::eligible.set().and(short().gt(overdrawn.clone()))).then(short()).otherwise(overdrawn)
}

declare_rule! {
    /// Less was paid than expected.
    ///
    /// ## Why it matters
    /// The statement's lines for the order add up to less than goods without commission plus postage (S1), beyond the tolerance of rounding.
    /// What refunds, cancellations, chargebacks and corrections of the same order took back, and its fees, are explained, and nothing to claim
    /// (rulebook §16.5). Money that was taken back beyond what was paid is explained by nothing, whatever became of the order.
    ///
    /// ## What to do
    /// Claim the shortfall.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | eligible | due_on     | paid   | expected_payout | explained | overdrawn | tolerance
    /// 1        | yes      | 2026-12-02 | 196000 | 196516          | 0         | 0         | 2
    /// 2        | yes      | 2026-12-02 | 196514 | 196516          | 0         | 0         | 2
    /// 3        | no       | 2026-12-02 | 100    | 196516          | 0         | 0         | 2
    /// 4        | yes      | 2026-12-02 |        | 196516          | 0         | 0         | 2
    /// 5        | yes      | 2026-12-02 | 0      | 196516          | 196516    | 0         | 2
    /// 6        | yes      | 2026-12-02 | 0      | 196516          | 196000    | 0         | 2
    /// 7        | no       |            | -4040  | 0               | 4040      | 4040      | 2
    /// 8        | no       |            | -2     | 0               | 4040      | 2         | 2
    /// 9        | yes      | 2030-01-02 | 100000 | 196516          | 0         | 0         | 2
    /// 10       | yes      | 2026-12-11 | 196000 | 196516          | 0         | 0         | 2
    /// ```
    /// ```text finds
    /// 1
    /// 6
    /// 7
    /// 10
    /// ```
    "PY-004" "underpaid" version 3 {
        severity: |_| Severity::High.into(),
        subject: Order,
        remedy: Claim,
        needs: [],
        when: |ctx| [
            "something was paid" => f::paid.known(),
            "the day from which it is due has come" => f::due_on.expr().gt(lit(ctx.today())).fill_null(lit(false)).not(),
            "it is less than expected, and no line that took money back explains it" => f::eligible
                .set()
                .and(short().gt(f::tolerance.number()))
                .or(f::overdrawn.number().gt(f::tolerance.number())),
        ],
        money: |_| Some(at_stake()),
        due: |_| None,
        evidence: [f::paid, f::expected_payout, f::explained, f::overdrawn, f::commission, f::postage, f::fx_rate],
        rests_on: [PayoutLines],
    }
}
