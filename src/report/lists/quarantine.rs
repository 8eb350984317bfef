//! `quarantine.csv`, and the same rows as a frame.

use std::sync::Arc;

use polars::prelude::Column;
use polars::prelude::{DataFrame, IntoColumn};

use crate::ingest::QuarantinedRow;
use crate::report::book::{List, ListFile, ListForm};
use crate::report::table::{Cells, Table};
use crate::report::{Desk, ReportError};

const NAMES: [&str; 15] = [
    "file",
    "sheet",
    "row",
    "column",
    "value",
    "reason",
    "expected",
    "config",
    "remedy",
    "source",
    "account",
    "order_no",
    "record",
    "file_sha256",
    "byte_offset",
];

/// The table, once for the list, the sheet and the frame: they share its cells.
pub fn table(rows: &[QuarantinedRow]) -> Table {
    let runs = |pick: fn(&QuarantinedRow) -> &str| rows.iter().map(pick);
    Table::new(rows.len())
        .runs(NAMES[0], runs(|row| &row.of.file))
        .runs(NAMES[1], runs(|row| row.of.sheet.as_deref().unwrap_or("")))
        .ints(NAMES[2], rows.iter().map(|row| Some(i64::from(row.line))))
        .runs(NAMES[3], runs(|row| row.column()))
        .runs(NAMES[4], runs(|row| row.value()))
        .runs(NAMES[5], runs(|row| row.reason()))
        .runs(NAMES[6], runs(|row| row.expected()))
        .runs(NAMES[7], runs(|row| row.config()))
        .runs(NAMES[8], runs(|row| row.remedy()))
        .runs(NAMES[9], runs(|row| &row.of.source))
        .runs(NAMES[10], runs(|row| &row.of.account))
        .runs(NAMES[11], runs(|row| row.order_no()))
        .runs(NAMES[12], runs(|row| row.record()))
        .runs(NAMES[13], runs(|row| &row.of.file_sha256))
        .ints(NAMES[14], rows.iter().map(|row| row.byte.and_then(|byte| i64::try_from(byte).ok())))
}

/// The list.
pub fn list(desk: &Desk<'_>) -> List {
    List {
        table: Arc::new(desk.quarantine.clone()),
        files: vec![ListFile { path: "quarantine.csv".to_owned(), form: ListForm::Csv }],
    }
}

/// The frame, with the lineage of each row.
///
/// # Errors
/// Two columns of one name: never, they are the list's.
pub fn frame(desk: &Desk<'_>) -> Result<DataFrame, ReportError> {
    let rows = &desk.run.ingested.quarantine;
    let references: Vec<u64> = rows.iter().map(|row| row.row_ref).collect();
    let mut columns = vec![Column::new("row_ref".into(), references)];
    for column in &desk.quarantine.columns {
        let name = column.title.as_str().into();
        match &column.cells {
            Cells::Text(texts) => columns.push(texts.clone().with_name(name).into_column()),
            Cells::Int(numbers) => columns.push(numbers.clone().with_name(name).into_column()),
            _ => {}
        }
    }
    Ok(DataFrame::new(rows.len(), columns)?)
}
