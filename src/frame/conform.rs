//! The check at the end of a stage: names, types, order and key of a frame are what its declaration says.

use std::cmp::Ordering;

use polars::prelude::{
    Column as Series, DataFrame, DataType, IntoLazy, PolarsError, PolarsResult, SortMultipleOptions, polars_bail,
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
    let selected = frame.select(names)?;
    // Most frames arrive sorted, and sorting moves every column.
    if is_sorted(&selected, declared.sorted_by)? {
        return Ok(selected);
    }
    selected.sort(
        declared.sorted_by.iter().copied(),
        SortMultipleOptions::default().with_nulls_last(false).with_maintain_order(true),
    )
}

/// One key column, so that neighbours can be compared.
enum Keys<'frame> {
    Texts(Vec<Option<&'frame str>>),
    Numbers(Vec<Option<i128>>),
}

impl Keys<'_> {
    fn compare(&self, row: usize) -> Ordering {
        match self {
            Keys::Texts(keys) => keys[row].cmp(&keys[row + 1]),
            Keys::Numbers(keys) => keys[row].cmp(&keys[row + 1]),
        }
    }
}

/// Whether the rows stand in the order of the keys, nulls first.
fn is_sorted(frame: &DataFrame, sorted_by: &[&str]) -> PolarsResult<bool> {
    let mut keys = Vec::with_capacity(sorted_by.len());
    for name in sorted_by {
        let column = frame.column(name)?;
        keys.push(match column.dtype() {
            DataType::String => Keys::Texts(column.str()?.iter().collect()),
            DataType::UInt64 => Keys::Numbers(column.u64()?.iter().map(|key| key.map(i128::from)).collect()),
            _ => Keys::Numbers(column.cast(&DataType::Int64)?.i64()?.iter().map(|key| key.map(i128::from)).collect()),
        });
    }
    let follows =
        |row: usize| keys.iter().map(|key| key.compare(row)).find(|order| order.is_ne()).is_none_or(Ordering::is_lt);
    Ok((1..frame.height()).all(|row| follows(row - 1)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use crate::frame::{payout_facts, read};

    fn frame(keys: &[(&str, u64)]) -> DataFrame {
        let mut built = FrameBuilder::new(&payout_facts::FRAME, keys.len());
        built
            .texts(payout_facts::account, keys.iter().map(|(account, _)| *account))
            .references(payout_facts::row, keys.iter().map(|(_, row)| Some(*row)));
        built.finish().unwrap()
    }

    #[test]
    fn rows_leave_in_the_order_of_their_keys_however_they_came() {
        let keys = [("a", 2), ("a", 9), ("b", 1)];
        let shuffled = [("b", 1), ("a", 9), ("a", 2)];
        for came in [keys, shuffled] {
            let left = frame(&came);
            assert_eq!(read::texts(&left, payout_facts::account).unwrap(), ["a", "a", "b"]);
            assert_eq!(read::references(&left, payout_facts::row).unwrap(), [Some(2), Some(9), Some(1)]);
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        let twice = frame(&[("a", 1), ("a", 2)]);
        assert!(one_per_key(&twice, &[payout_facts::account], "test").is_err());
        assert!(one_per_key(&twice, &[payout_facts::account, payout_facts::row], "test").is_ok());
    }
}
