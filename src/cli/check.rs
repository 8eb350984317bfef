//! `trueup check PIPELINE`: everything up to and including ingest; nothing is written.

use serde_json::{Value, json};

use crate::base::as_of::AsOf;
use crate::cli::args::CheckArguments;
use crate::cli::paint;
use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::{Ingested, ingest};
use crate::pipeline::{Pipeline, load};
use crate::vocab::Word;

pub(super) fn check(arguments: &CheckArguments) -> Exit {
    let pipeline = match load(&arguments.pipeline) {
        Ok(pipeline) => pipeline,
        Err(diagnostics) => {
            if arguments.json {
                paint::line(&json!({"exit": Exit::Usage as u8, "diagnostics": as_json(&diagnostics)}).to_string());
            } else {
                paint::diagnostics(&diagnostics);
            }
            return Exit::Usage;
        }
    };
    // Without an as-of date every row counts: `check` judges readability, not nights.
    let as_of = AsOf(pipeline.as_of.unwrap_or(chrono::NaiveDate::MAX - chrono::Days::new(2)));
    let ingested = ingest(&pipeline, as_of);
    let exit = Exit::worst(ingested.exits.iter().copied());
    if arguments.json {
        paint::line(&report(&pipeline, &ingested, exit).to_string());
    } else {
        print(&pipeline, &ingested);
    }
    exit
}

fn print(pipeline: &Pipeline, ingested: &Ingested) {
    paint::diagnostics(&ingested.diagnostics);
    let rows: Vec<Vec<String>> = ingested
        .inputs
        .iter()
        .map(|input| {
            let rows = input.rows;
            let counts = [rows.read, rows.used, rows.duplicate, rows.superseded, rows.structural, rows.quarantined];
            [input.source.clone(), input.path.clone()]
                .into_iter()
                .chain(counts.map(|count| count.to_string()))
                .collect()
        })
        .collect();
    paint::table(&["source", "file", "rows", "used", "duplicate", "superseded", "structural", "quarantined"], &rows);
    for (part, headers) in ingested.parts.0.iter().zip(&ingested.headers) {
        if !headers.unbound.is_empty() {
            paint::line(&format!("{}: not read: {}", part.path, headers.unbound.join(", ")));
        }
        if !headers.missing.is_empty() {
            paint::line(&format!("{}: declared and not there: {}", part.path, headers.missing.join(", ")));
        }
    }
    let sources = pipeline.sources.len();
    let quarantined: u64 = ingested.inputs.iter().map(|input| input.rows.quarantined).sum();
    paint::line(&format!("{sources} sources, {} files, {quarantined} rows in quarantine", ingested.inputs.len()));
}

fn report(pipeline: &Pipeline, ingested: &Ingested, exit: Exit) -> Value {
    let inputs: Vec<Value> = ingested
        .inputs
        .iter()
        .map(|input| {
            let rows = input.rows;
            json!({
                "path": input.path, "source": input.source, "kind": input.kind.text(), "sha256": input.sha256,
                "rows": {
                    "read": rows.read, "used": rows.used, "duplicate": rows.duplicate, "superseded": rows.superseded,
                    "structural": rows.structural, "quarantined": rows.quarantined, "unreadable": rows.unreadable,
                },
            })
        })
        .collect();
    let parts: Vec<Value> = ingested
        .parts
        .0
        .iter()
        .zip(&ingested.headers)
        .map(|(part, headers)| {
            json!({
                "path": part.path, "sheet": part.sheet, "bound": headers.bound, "unbound": headers.unbound,
                "missing": headers.missing,
            })
        })
        .collect();
    let quarantine: Vec<Value> = ingested
        .quarantine
        .iter()
        .map(|row| {
            json!({
                "file": row.file, "sheet": row.sheet, "row": row.row, "column": row.column, "value": row.value,
                "reason": row.reason, "expected": row.expected, "config": row.config,
            })
        })
        .collect();
    json!({
        "pipeline": pipeline.name, "exit": exit as u8, "inputs": inputs, "parts": parts, "quarantine": quarantine,
        "diagnostics": as_json(&ingested.diagnostics),
    })
}

fn as_json(diagnostics: &[Diagnostic]) -> Vec<Value> {
    diagnostics
        .iter()
        .map(|diagnostic| {
            json!({
                "code": diagnostic.code, "message": diagnostic.message, "found": diagnostic.found,
                "expected": diagnostic.expected, "help": diagnostic.help, "text": diagnostic.render(),
            })
        })
        .collect()
}
