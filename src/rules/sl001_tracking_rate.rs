//! SL-001 The tracking rate of a month is below its target.

use polars::prelude::lit;

use crate::frame::metric_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Severity, Window};

/// The metric that the rule watches.
const METRIC: &str = "tracking_rate";

declare_rule! {
    /// The tracking rate of a month is below its target.
    ///
    /// ## Why it matters
    /// At least nine of ten sent orders must have number and URL; the last closed month decides the account's status (S3).
    ///
    /// ## What to do
    /// Fill number and URL of the orders on the tracking error list.
    ///
    /// ## Example
    /// ```text given metric_facts
    /// metric        | window            | closed | met | from
    /// tracking_rate | month             | yes    | no  | 2026-10-01
    /// tracking_rate | month             | yes    | yes | 2026-09-01
    /// tracking_rate | month             | no     | no  | 2026-12-01
    /// tracking_rate | last_closed_month | yes    | no  | 2026-10-01
    /// other         | month             | yes    | no  | 2026-10-01
    /// ```
    /// ```text finds
    /// tracking_rate
    /// ```
    "SL-001" "tracking-rate-breach" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Metric,
        remedy: FillTracking,
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
