//! PO-003 The postage overview and the orders differ.

use crate::frame::postage_day_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The postage overview and the orders differ.
    ///
    /// ## Why it matters
    /// Per day, shipping method and currency the overview shows what buyers paid for postage and what was refunded (S1); the orders of that day
    /// must add up to it. Only months that an overview covers are compared.
    ///
    /// ## What to do
    /// Fetch the overview again; claim what is missing.
    ///
    /// ## Example
    /// ```text given postage_day_facts
    /// method | covered | postage_difference
    /// A      | yes     | 8900
    /// B      | yes     | 0
    /// C      | no      |
    /// ```
    /// ```text finds
    /// A
    /// ```
    "PO-003" "overview-differs" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: PostageDay,
        remedy: FixOverview,
        needs: [],
        when: |ctx| [
            "an overview covers the month" => f::covered.set(),
            "the sums differ" => f::postage_difference.gt(0),
        ],
        money: |_| Some(f::postage_difference.expr()),
        due: |_| None,
        evidence: [f::overview_paid, f::overview_cancelled, f::postage_paid, f::postage_cancelled, f::one_order],
    }
}
