//! SL-004 Too few orders of a month were delivered by the promised day.

use polars::prelude::lit;

use crate::frame::metric_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Severity, Window};

/// The metric that the rule watches.
const METRIC: &str = "on_time";

declare_rule! {
    /// Too few orders of a month were delivered by the promised day.
    ///
    /// ## Why it matters
    /// Orders delivered by the promised day, of all delivered ones (K17). A notification comes first, then a restriction.
    ///
    /// ## What to do
    /// Set the delivery delay of the shop and of slow products so that promises can be kept.
    ///
    /// ## Example
    /// ```text given metric_facts
    /// metric        | window            | closed | met | from
    /// on_time       | month             | yes    | no  | 2026-10-01
    /// on_time       | month             | yes    | yes | 2026-09-01
    /// on_time       | month             | no     | no  | 2026-12-01
    /// on_time       | last_closed_month | yes    | no  | 2026-10-01
    /// other         | month             | yes    | no  | 2026-10-01
    /// ```
    /// ```text finds
    /// on_time
    /// ```
    "SL-004" "on-time-breach" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Metric,
        remedy: SetDelay,
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
