//! `revisions.csv`: every row that counts no more, beside the row that counts in its place; and the same as a frame.

use std::sync::Arc;

use polars::prelude::{Column, DataFrame, StringChunked};

use crate::frame::lineage::{Part, Parts};
use crate::ingest::Revision;
use crate::report::book::{List, ListFile, ListForm};
use crate::report::table::Table;
use crate::report::{Assessment, Desk, ReportError};
use crate::vocab::Word;

/// The list. `decision`: `duplicate` (the two rows are identical) or `superseded` (another version of the same key).
pub fn list(desk: &Desk<'_>) -> List {
    let (rows, parts) = (&desk.run.ingested.revisions, &desk.run.ingested.parts);
    let table = Table::new(rows.len())
        .text("file", of_parts(rows, parts, row, |part| Some(&part.path)))
        .text("sheet", of_parts(rows, parts, row, |part| part.sheet.as_deref()))
        .ints("row", rows.iter().map(|revision| line(parts, row(revision))))
        .text("decision", rows.iter().map(|revision| Some(decision(revision))).collect())
        .text("by_file", of_parts(rows, parts, by, |part| Some(&part.path)))
        .text("by_sheet", of_parts(rows, parts, by, |part| part.sheet.as_deref()))
        .ints("by_row", rows.iter().map(|revision| line(parts, by(revision))))
        .text("source", of_parts(rows, parts, row, |part| Some(&part.source)))
        .text("kind", of_parts(rows, parts, row, |part| Some(part.kind.text())));
    List { table: Arc::new(table), files: vec![ListFile { path: "revisions.csv".to_owned(), form: ListForm::Csv }] }
}

/// The frame: lineage of the row, lineage of the row in its place, decision.
///
/// # Errors
/// Two columns of one name: never.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let rows = &run.ingested.revisions;
    Ok(DataFrame::new(
        rows.len(),
        vec![
            Column::new("row".into(), rows.iter().map(row).collect::<Vec<_>>()),
            Column::new("by".into(), rows.iter().map(by).collect::<Vec<_>>()),
            Column::new("decision".into(), rows.iter().map(decision).collect::<Vec<_>>()),
        ],
    )?)
}

fn row(revision: &Revision) -> u64 {
    revision.row_ref
}

fn by(revision: &Revision) -> u64 {
    revision.by
}

fn decision(revision: &Revision) -> &'static str {
    if revision.superseded { "superseded" } else { "duplicate" }
}

/// A text about the part of each reference, without a string per row.
fn of_parts(
    rows: &[Revision],
    parts: &Parts,
    reference: fn(&Revision) -> u64,
    text: fn(&Part) -> Option<&str>,
) -> StringChunked {
    rows.iter().map(|revision| parts.locate(reference(revision)).and_then(|(part, _)| text(part))).collect()
}

fn line(parts: &Parts, reference: u64) -> Option<i64> {
    parts.locate(reference).map(|(_, row)| i64::from(row))
}
