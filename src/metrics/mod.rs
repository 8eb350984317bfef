//! Metrics: what the marketplaces measure, in integers, with numerator, denominator and exclusions.

use polars::prelude::DataFrame;

/// All metrics of a run.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// [`crate::frame::metric_facts`]
    pub facts: DataFrame,
    /// [`crate::frame::tracking_errors`]
    pub tracking_errors: DataFrame,
}
