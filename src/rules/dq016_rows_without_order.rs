//! DQ-016 Rows belong to no order.

use crate::frame::unmatched_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Rows belong to no order.
    ///
    /// ## Why it matters
    /// Order lines, parcels, history rows or documents name an order that no export has, although the exports of the account are complete:
    /// their money and their days are in no figure. Orders in quarantine do not count as missing. Above 20 orders of one source there is
    /// one finding with the count (rulebook §16.26).
    ///
    /// ## What to do
    /// Fetch the orders: extend the period of the order export, or find out where the rows come from.
    ///
    /// ## Example
    /// ```text given unmatched_facts
    /// source | key | count | money | account_complete
    /// lines  | A2  | 1     | 90000 | yes
    /// lines  | A3  | 1     | 90000 | no
    /// ```
    /// ```text finds
    /// lines|A2
    /// ```
    "DQ-016" "rows-without-order" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Unmatched,
        remedy: FindOrders,
        needs: [],
        when: |ctx| [
            "the exports are complete" => f::account_complete.set(),
        ],
        money: |_| Some(f::money.expr()),
        due: |_| None,
        evidence: [f::order_no, f::source, f::orders, f::count, f::money],
        rests_on: [Orders],
    }
}
