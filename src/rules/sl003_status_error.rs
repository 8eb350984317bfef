//! SL-003 Too many orders of a month have a wrong final status.

use polars::prelude::lit;

use crate::frame::metric_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Severity, Window};

/// The metric that the rule watches.
const METRIC: &str = "status_error";

declare_rule! {
    /// Too many orders of a month have a wrong final status.
    ///
    /// ## Why it matters
    /// Orders with a wrong final status, of all that reached one (K16): set delivered wrongly or late, set returned or cancelled although
    /// the parcel says otherwise. A notification comes first, then a restriction.
    ///
    /// ## What to do
    /// Mend the process that sets final states; ST-001, ST-003, ST-011 and ST-012 name the orders.
    ///
    /// ## Example
    /// ```text given metric_facts
    /// metric        | window            | closed | met | from
    /// status_error  | month             | yes    | no  | 2026-10-01
    /// status_error  | month             | yes    | yes | 2026-09-01
    /// status_error  | month             | no     | no  | 2026-12-01
    /// status_error  | last_closed_month | yes    | no  | 2026-10-01
    /// other         | month             | yes    | no  | 2026-10-01
    /// ```
    /// ```text finds
    /// status_error
    /// ```
    "SL-003" "status-error-breach" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Metric,
        remedy: FixProcess,
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
