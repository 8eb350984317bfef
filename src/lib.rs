//! trueup brings a merchant's marketplace orders, carrier tracking and payouts into agreement.
//!
//! The map of the house, ground floor first; a floor uses what lies below it, never what lies above or beside it:
//!
//! | floor | module | one noun in, one noun out |
//! |---|---|---|
//! | 0 | [`base`], [`vocab`], [`diagnose`] | money, dates, calendars, text; closed words; diagnostics |
//! | 1 | [`frame`] | canonical columns and frames |
//! | 2 | [`pipeline`] | TOML text → `Pipeline` |
//! | 3 | [`ingest`] | files → `Ingested` |
//! | 4 | [`reconcile`] | canonical frames → `Reconciled` |
//! | 5 | [`metrics`] | `Reconciled` → `Metrics` |
//! | 6 | [`rules`] | facts → `Findings` |
//! | 7 | [`report`], [`golden`] | `Assessment` → `ReportBook`; worked examples of packs → what fails |
//! | 8 | [`publish`] | `ReportBook` → files, atomically |
//! | 9 | [`run`], [`sample`] | all stages in order; sample data from layouts |
//! | 10 | [`cli`] | what a person typed → exit code |
//!
//! Read on in [`guide`].

pub mod base;
pub mod cli;
pub mod diagnose;
pub mod frame;
pub mod golden;
pub mod guide;
pub mod ingest;
pub mod metrics;
pub mod pipeline;
pub mod publish;
pub mod reconcile;
pub mod report;
pub mod rules;
pub mod run;
pub mod sample;
pub mod vocab;
