//! `quarantine.csv`, and the same rows as a frame.

use std::sync::Arc;

use polars::prelude::Column;
use polars::prelude::{DataFrame, IntoColumn};

use crate::report::book::{List, ListFile, ListForm};
use crate::report::sheets::quarantine;
use crate::report::table::Cells;
use crate::report::{Assessment, Desk, ReportError};

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

/// The list.
pub fn list(desk: &Desk<'_>) -> List {
    List {
        table: Arc::new(quarantine::table(&desk.run.ingested.quarantine, NAMES)),
        files: vec![ListFile { path: "quarantine.csv".to_owned(), form: ListForm::Csv }],
    }
}

/// The frame, with the lineage of each row.
///
/// # Errors
/// Two columns of one name: never, they are the list's.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let rows = &run.ingested.quarantine;
    let table = quarantine::table(rows, NAMES);
    let references: Vec<u64> = rows.iter().map(|row| row.row_ref).collect();
    let mut columns = vec![Column::new("row_ref".into(), references)];
    for column in table.columns {
        let name = column.title.as_str().into();
        match column.cells {
            Cells::Text(texts) => columns.push(texts.with_name(name).into_column()),
            Cells::Int(numbers) => columns.push(numbers.with_name(name).into_column()),
            _ => {}
        }
    }
    Ok(DataFrame::new(rows.len(), columns)?)
}
