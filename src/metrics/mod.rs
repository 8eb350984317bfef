//! Metrics: what the marketplaces measure, per account and window, in integers, with numerator, denominator and exclusions.

mod cancel_rate;
mod measure;
pub mod metric;
mod on_time;
mod refused;
pub mod restated;
mod status_error;
pub mod target;
mod tracking_errors;
mod tracking_rate;
mod tracking_rate_scanned;
pub mod window;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::ingest::Ingested;
use crate::metrics::measure::metric_facts;
use crate::metrics::metric::{Metric, OrderSide};
use crate::metrics::refused::RefusedOwners;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;

/// All metrics of a run.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// [`crate::frame::metric_facts`]
    pub facts: DataFrame,
    /// [`crate::frame::metric_orders`]
    pub orders: DataFrame,
    /// [`crate::frame::tracking_errors`]
    pub tracking_errors: DataFrame,
    /// [`crate::frame::restated_facts`]
    pub restated: DataFrame,
    /// [`crate::frame::moved_rows`]
    pub moved: DataFrame,
}

/// All metrics, in the order of the manifest.
pub fn catalogue() -> [&'static Metric; 5] {
    [
        &tracking_rate::METRIC,
        &tracking_rate_scanned::METRIC,
        &cancel_rate::METRIC,
        &status_error::METRIC,
        &on_time::METRIC,
    ]
}

/// Measures all accounts.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours, exit 6.
pub fn measure(
    pipeline: &Pipeline,
    as_of: AsOf,
    reconciled: &Reconciled,
    ingested: &Ingested,
) -> PolarsResult<Metrics> {
    let (restated, moved) = restated::none()?;
    let orders = OrderSide::read(&reconciled.orders, pipeline, &ingested.parts)?;
    let owners = RefusedOwners::read(&reconciled.shipments, &reconciled.orders, ingested)?;
    let (facts, against) = metric_facts(&catalogue(), &orders, pipeline, as_of, (ingested, &owners))?;
    Ok(Metrics {
        facts,
        orders: against,
        tracking_errors: tracking_errors::tracking_errors(&orders, pipeline)?,
        restated,
        moved,
    })
}
