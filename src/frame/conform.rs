//! The check at the end of a stage: names, types, order and key of a frame are what its declaration says.

use polars::prelude::{
    Column as Series, DataFrame, IntoLazy, PolarsError, PolarsResult, SortMultipleOptions, polars_bail,
};

use super::column::{Column, Frame};

/// Selects the declared columns in their order, casts nothing, sorts by the key, and fails on anything that differs.
///
/// # Errors
/// A missing column or another type: a bug of ours, so the run ends with exit 6.
pub fn conform(frame: DataFrame, declared: &Frame) -> PolarsResult<DataFrame> {
    for column in declared.columns {
        let found = frame.column(column.name)?.dtype().clone();
        if found != column.shape.data_type() {
            polars_bail!(SchemaMismatch: "{}.{} is {found}, declared {}", declared.name, column.name, column.shape.data_type());
        }
    }
    let names: Vec<&str> = declared.columns.iter().map(|column| column.name).collect();
    frame.select(names)?.sort(
        declared.sorted_by.iter().copied(),
        SortMultipleOptions::default().with_nulls_last(false).with_maintain_order(true),
    )
}

/// An empty frame with the declared columns.
pub fn empty(declared: &Frame) -> DataFrame {
    let columns: Vec<Series> = declared
        .columns
        .iter()
        .map(|column| Series::new_empty(column.name.into(), &column.shape.data_type()))
        .collect();
    DataFrame::new(0, columns).unwrap_or_default()
}

/// Fails unless `keys` are unique in `frame`.
///
/// # Errors
/// A key that stands twice: a join would multiply rows, so the run ends with exit 6.
pub fn one_per_key(frame: &DataFrame, keys: &[Column], what: &str) -> PolarsResult<()> {
    let exprs: Vec<_> = keys.iter().map(|key| key.expr()).collect();
    let distinct = frame.clone().lazy().select(exprs).unique(None, Default::default()).collect()?;
    if distinct.height() == frame.height() {
        Ok(())
    } else {
        Err(PolarsError::Duplicate(format!("{what}: a key stands more than once").into()))
    }
}
