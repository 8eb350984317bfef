//! From an assessment to a report book: tables without a file format.

use chrono::NaiveDate;

use crate::ingest::Ingested;
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::rules::Findings;

/// Everything that a report may say.
#[derive(Debug, Clone, Copy)]
pub struct Assessment<'run> {
    /// The pipeline.
    pub pipeline: &'run Pipeline,
    /// The day at whose end the report is written.
    pub as_of: NaiveDate,
    /// What was read.
    pub ingested: &'run Ingested,
    /// The facts.
    pub reconciled: &'run Reconciled,
    /// The metrics.
    pub metrics: &'run Metrics,
    /// The findings.
    pub findings: &'run Findings,
}
