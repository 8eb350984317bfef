//! PY-013 A payout line cannot be set against its order: another currency without a rate, or a sale below zero.

use crate::frame::payout_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A payout line cannot be set against its order: it is of another currency without a declared rate, or a sale below zero.
    ///
    /// ## Why it matters
    /// Two currencies are never added, subtracted or compared (rulebook §16.3): without a rate nobody can say whether the order was paid in
    /// full. A sale below zero of an order without another sale has the wrong sign. No other finding judges the payout of the order.
    ///
    /// ## What to do
    /// Declare the rate of the statement for the account, `fx = { EUR = { CZK = "24.31" } }` under `[[account.policy]]`, and run again:
    /// the order is then judged after conversion, within `fx_tolerance`. Ask the marketplace about a sale below zero.
    ///
    /// ## Example
    /// ```text given payout_facts
    /// order_no | kind   | amount  | no_rate        | wrong_sign | order_known | order_quarantined | order_has_claim
    /// 1        | sale   | 2430000 | yes            | no         | yes         | no                | yes
    /// 2        | sale   | 2430000 | no             | no         | yes         | no                | yes
    /// 3        | payout | 2430000 | no             | no         | yes         | no                | yes
    /// 4        | sale   | -100000 | no             | yes        | yes         | no                | yes
    /// 5        | sale   | -100000 | no             | yes        | yes         | no                | no
    /// 6        | sale   | 2430000 | yes            | no         | no          | no                | no
    /// 7        | sale   | 2430000 | yes            | no         | yes         | yes               | yes
    /// ```
    /// ```text finds
    /// 1
    /// 4
    /// ```
    "PY-013" "currency-or-sign" version 1 {
        severity: |_| Severity::High.into(),
        subject: PayoutLine,
        remedy: DeclareRate unless [Claim when f::no_rate.not_set()],
        needs: [],
        when: |ctx| [
            "the order is known" => f::order_known.set().and(f::order_quarantined.not_set()),
            "the line is of another currency without a rate, or a sale below zero of an order with a claim" =>
                f::no_rate.set().or(f::wrong_sign.set().and(f::order_has_claim.set())),
        ],
        money: |_| Some(f::amount.expr()),
        due: |_| None,
        evidence: [f::order_no, f::kind, f::amount, f::currency, f::order_currency, f::due_in_order_currency],
    }
}
