//! Limits where they are met: a file beyond one is refused, and the limit says its name.

use crate::diagnose::{CellPlace, Diagnostic, Exit};
use crate::ingest::record::Record;
use crate::ingest::refusal::About;
use crate::pipeline::limits::Limits;

/// The refusal of a file beyond the limit `name`.
pub(super) fn over(name: &str, found: String, most: u64, place: CellPlace) -> Box<Diagnostic> {
    let about = About {
        code: "LIM701",
        message: "a file beyond a limit",
        found,
        expected: format!("at most {most}, the limit `{name}`"),
        help: format!(
            "split the export; if the file is meant, raise `{name}` under [pipeline.limits] or [source.limits]"
        ),
    };
    Box::new(about.at(place, Exit::Limit))
}

/// Refuses a file with too many rows.
pub(super) fn check_rows(limits: &Limits, rows: u64, place: impl Fn() -> CellPlace) -> Result<(), Box<Diagnostic>> {
    if rows <= limits.rows {
        return Ok(());
    }
    Err(over("rows", format!("{} rows or more", limits.rows.saturating_add(1)), limits.rows, place()))
}

/// Refuses a file with a record of too many columns.
pub(super) fn check_columns(
    limits: &Limits,
    columns: usize,
    place: impl Fn() -> CellPlace,
) -> Result<(), Box<Diagnostic>> {
    if columns as u64 <= limits.columns {
        return Ok(());
    }
    Err(over("columns", format!("{columns} columns"), limits.columns, place()))
}

/// Refuses a file with a cell that is too long.
pub(super) fn check_cells(
    limits: &Limits,
    record: &impl Record,
    place: impl Fn() -> CellPlace,
) -> Result<(), Box<Diagnostic>> {
    match (0..record.len()).find(|column| record.bytes(*column) as u64 > limits.cell_bytes) {
        None => Ok(()),
        Some(column) => {
            let place = CellPlace { column: Some((column + 1).to_string()), ..place() };
            let found = format!("a cell of {} bytes", record.bytes(column));
            Err(over("cell_bytes", found, limits.cell_bytes, place))
        }
    }
}
