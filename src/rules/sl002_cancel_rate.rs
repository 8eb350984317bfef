//! SL-002 The cancel rate of a month is above its target.

use polars::prelude::lit;

use crate::frame::metric_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Severity, Window};

/// The metric that the rule watches.
const METRIC: &str = "cancel_rate";

declare_rule! {
    /// The cancel rate of a month is above its target.
    ///
    /// ## Why it matters
    /// Orders that the merchant cancelled, of those that passed open (K14). A notification comes first, then a restriction.
    ///
    /// ## What to do
    /// Keep stock and prices right.
    ///
    /// ## Example
    /// ```text given metric_facts
    /// metric        | window            | closed | met | from
    /// cancel_rate   | month             | yes    | no  | 2026-10-01
    /// cancel_rate   | month             | yes    | yes | 2026-09-01
    /// cancel_rate   | month             | no     | no  | 2026-12-01
    /// cancel_rate   | last_closed_month | yes    | no  | 2026-10-01
    /// other         | month             | yes    | no  | 2026-10-01
    /// ```
    /// ```text finds
    /// cancel_rate
    /// ```
    "SL-002" "cancel-rate-breach" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Metric,
        remedy: FixStock,
        needs: [],
        when: |ctx| [
            "is the metric" => f::metric.expr().eq(lit(METRIC)),
            "is a closed month" => f::window.is(Window::Month).and(f::closed.set()),
            "the target is missed" => f::met.expr().eq(lit(false)),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::metric, f::from, f::target_num, f::target_den, f::denominator, f::numerator],
        rests_on: [Orders],
    }
}
