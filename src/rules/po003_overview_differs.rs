//! PO-003 The postage overview and the orders differ, or the overview's own total does.

use crate::frame::postage_day_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The postage overview and the orders differ, or the overview's own total does.
    ///
    /// ## Why it matters
    /// Per day, shipping method and currency the overview shows what buyers paid for postage and what was refunded (S1); the orders of that day
    /// must add up to it. Only months that an overview covers are compared. The month's total that the overview states is a control
    /// total: its rows must add up to it, and its subject is the month without a method, such as `2026-01||CZK`.
    ///
    /// ## What to do
    /// Fetch the overview again; claim what is missing.
    ///
    /// ## Example
    /// ```text given postage_day_facts
    /// method | covered | postage_difference | is_total | orders_quarantined
    /// A      | yes     | 8900               | no       | no
    /// B      | yes     | 0                  | no       | no
    /// C      | no      |                    | no       | no
    /// D      | yes     | 8900               | no       | yes
    /// T      | yes     | 1                  | yes      | no
    /// U      | yes     | 0                  | yes      | no
    /// V      | no      | 8900               | no       | no
    /// ```
    /// ```text finds
    /// A
    /// T
    /// ```
    "PO-003" "overview-differs" version 3 {
        severity: |_| Severity::Medium.into(),
        subject: PostageDay,
        remedy: FixOverview,
        needs: [],
        when: |ctx| [
            "an overview covers the month" => f::covered.set(),
            "the sums differ" => f::postage_difference.gt(0),
            "no orders in quarantine explain it" => f::orders_quarantined.not_set(),
        ],
        money: |_| Some(f::postage_difference.expr()),
        due: |_| None,
        evidence: [
            f::overview_paid,
            f::overview_cancelled,
            f::postage_paid,
            f::postage_cancelled,
            f::rows_paid,
            f::rows_cancelled,
            f::one_order,
        ],
        rests_on: [Orders, PostageOverview],
    }
}
