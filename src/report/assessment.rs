//! Everything that a report may say, and what it is compared with.

use chrono::NaiveDate;

use crate::ingest::Ingested;
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::rules::Findings;
use crate::rules::rule::Rule;

/// Everything that a report may say.
#[derive(Debug, Clone, Copy)]
pub struct Assessment<'run> {
    /// The pipeline.
    pub pipeline: &'run Pipeline,
    /// All rules of the run.
    pub rules: &'run [&'static Rule],
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

/// The publication that this one is compared with, as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousRun {
    /// Name of its folder, such as `2026-12-10` or `2026-12-10.2`.
    pub name: String,
    /// SHA-256 of its `run.json`, hexadecimal.
    pub manifest_sha256: String,
}

/// What the catalogue says about a rule. The report knows no rule beyond this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// Stable code, such as `PY-001`.
    pub code: String,
    /// Stable name, such as `unpaid`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Word of what to do, where the finding itself gives no other.
    pub remedy: &'static str,
}
