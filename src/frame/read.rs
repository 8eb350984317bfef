//! Columns of a frame as plain vectors, for the logic that is clearer as a loop than as an expression.

use polars::prelude::{DataFrame, DataType, PolarsResult};

use super::column::Column;

/// Text; null is empty.
///
/// # Errors
/// The frame has no such column, or it is no text: a bug of ours.
pub fn texts(frame: &DataFrame, column: Column) -> PolarsResult<Vec<&str>> {
    let values = frame.column(column.name)?.str()?;
    Ok(values.iter().map(Option::unwrap_or_default).collect())
}

/// Money, millionths and whole numbers.
///
/// # Errors
/// The frame has no such column, or it is no whole number: a bug of ours.
pub fn numbers(frame: &DataFrame, column: Column) -> PolarsResult<Vec<Option<i64>>> {
    Ok(frame.column(column.name)?.i64()?.iter().collect())
}

/// Civil dates as day numbers.
///
/// # Errors
/// The frame has no such column, or it is no date: a bug of ours.
pub fn days(frame: &DataFrame, column: Column) -> PolarsResult<Vec<Option<i32>>> {
    Ok(frame.column(column.name)?.cast(&DataType::Int32)?.i32()?.iter().collect())
}

/// Instants as milliseconds UTC.
///
/// # Errors
/// The frame has no such column, or it is no instant: a bug of ours.
pub fn instants(frame: &DataFrame, column: Column) -> PolarsResult<Vec<Option<i64>>> {
    Ok(frame.column(column.name)?.cast(&DataType::Int64)?.i64()?.iter().collect())
}

/// Flags; null is no.
///
/// # Errors
/// The frame has no such column, or it is no flag: a bug of ours.
pub fn flags(frame: &DataFrame, column: Column) -> PolarsResult<Vec<bool>> {
    Ok(frame.column(column.name)?.bool()?.iter().map(Option::unwrap_or_default).collect())
}

/// Row references; null is `None`.
///
/// # Errors
/// The frame has no such column, or it is no reference: a bug of ours.
pub fn references(frame: &DataFrame, column: Column) -> PolarsResult<Vec<Option<u64>>> {
    Ok(frame.column(column.name)?.u64()?.iter().collect())
}
