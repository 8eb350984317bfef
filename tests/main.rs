//! One test binary: linking polars is the slow part.

#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod archive;
mod buying_marketplace;
mod cases_cod;
mod cases_declare;
mod cases_infer;
mod cases_money;
mod cases_parcels;
mod cases_proof;
mod cases_reading;
mod cases_reports;
mod cases_text;
mod circles;
mod commands;
mod confirmations;
mod data_quality;
mod determinism;
mod documents;
mod explain;
#[cfg(unix)]
mod faults;
mod fuzz;
mod goldens;
mod growth;
mod guide;
mod histories;
mod house;
mod infer;
mod layouts;
mod money;
mod nights;
mod oracle;
mod packs;
mod places;
mod reference;
mod reference_job;
mod sample_truth;
mod scenarios;
#[path = "../benches/shapes.rs"]
mod shapes;
mod text_rules;
mod tutorial;
mod workbench;
