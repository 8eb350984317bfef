//! The check at the end of a stage: names, types, order and key of a frame are what its declaration says.

use std::cmp::Ordering;

use polars::prelude::{
    ChunkedArray, Column as Series, DataFrame, DataType, IdxCa, IdxSize, IntoLazy, PolarsDataType, PolarsError,
    PolarsResult, StaticArray, polars_bail,
};
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use rayon::prelude::*;

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
    sorted(frame.select(names)?, declared.sorted_by)
}

/// Sorts by the keys. Frames mostly arrive in order: then rows are not moved.
fn sorted(frame: DataFrame, keys: &[&str]) -> PolarsResult<DataFrame> {
    let values: PolarsResult<Vec<&Series>> = keys.iter().map(|key| frame.column(key)).collect();
    match order(&values?)? {
        Some(order) => frame.take(&IdxCa::from_vec("order".into(), order)),
        None => Ok(frame),
    }
}

/// The order of rows by some keys, null first, equal keys in the order they had; `None` where they are in order already.
///
/// # Errors
/// A column of a type that is no key: a bug of ours.
pub fn order(keys: &[&Series]) -> PolarsResult<Option<Vec<IdxSize>>> {
    let Some(height) = keys.first().map(|key| key.len()) else { return Ok(None) };
    // What is the same in every row decides nothing.
    let keys = keys.iter().filter(|key| key.as_scalar_column().is_none());
    let values: Vec<Key> = keys.map(|key| Key::of(key)).collect::<PolarsResult<_>>()?;
    let compare = |a: usize, b: usize| {
        values.iter().map(|key| key.compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let Some(first) = values.first().filter(|_| (1..height).any(|row| compare(row - 1, row).is_gt())) else {
        return Ok(None);
    };
    // The beginnings of two keys, as numbers, decide between most rows. What they tell whole need not be compared again.
    let second = values.get(1);
    let told = match (first.is_told(WIDE), second.is_some_and(|key| key.is_told(NARROW))) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    let mut order: Vec<(u128, u64, IdxSize)> = (0..height)
        .map(|row| {
            let second = second.map_or(0, |key| (key.beginning(row) >> (8 * (WIDE - NARROW))) as u64);
            (first.beginning(row), second, row as IdxSize)
        })
        .collect();
    let rest = &values[told..];
    order.par_sort_unstable_by(|(a, b, row), (c, d, other)| {
        let told_apart = if told == 0 { a.cmp(c) } else { a.cmp(c).then(b.cmp(d)) };
        let compare = || rest.iter().map(|key| key.compare(*row as usize, *other as usize)).find(|order| order.is_ne());
        told_apart.then_with(|| compare().unwrap_or(Ordering::Equal)).then(row.cmp(other))
    });
    Ok(Some(order.into_iter().map(|(.., row)| row).collect()))
}

/// Bytes of the first and of the second key that are compared as numbers.
const WIDE: usize = 16;
const NARROW: usize = 8;

/// The values of a key column, as they lie in it.
enum Key {
    Texts(Utf8ViewArray),
    Longs(PrimitiveArray<i64>),
    Days(PrimitiveArray<i32>),
    Flags(BooleanArray),
    References(PrimitiveArray<u64>),
}

impl Key {
    fn of(column: &Series) -> PolarsResult<Key> {
        Ok(match column.dtype() {
            DataType::String => Key::Texts(whole(column.str()?)),
            DataType::UInt64 => Key::References(whole(column.u64()?)),
            DataType::Int64 => Key::Longs(whole(column.i64()?)),
            DataType::Date => Key::Days(whole(column.date()?.physical())),
            DataType::Boolean => Key::Flags(whole(column.bool()?)),
            DataType::Datetime(..) => Key::Longs(whole(column.datetime()?.physical())),
            other => polars_bail!(SchemaMismatch: "{} is {other} and no key to sort by", column.name()),
        })
    }

    /// A number that is never greater than that of a greater row, its first bytes first: those of a text, or the number itself.
    fn beginning(&self, row: usize) -> u128 {
        let number = |number: u64| u128::from(number) << 64;
        let signed = |value: Option<i64>| value.map_or(0, |value| number(value.abs_diff(i64::MIN)));
        match self {
            Key::Texts(texts) => {
                let text = texts.get(row).unwrap_or_default().as_bytes();
                let mut bytes = [0; WIDE];
                let length = text.len().min(bytes.len());
                bytes[..length].copy_from_slice(&text[..length]);
                u128::from_be_bytes(bytes)
            }
            Key::Longs(numbers) => signed(numbers.get(row)),
            Key::Days(days) => signed(days.get(row).map(i64::from)),
            Key::Flags(flags) => signed(flags.get(row).map(i64::from)),
            Key::References(references) => references.get(row).map_or(0, number),
        }
    }

    /// Whether equal beginnings of so many bytes mean equal values.
    fn is_told(&self, bytes: usize) -> bool {
        match self {
            // Zero bytes fill up what is shorter, and null is like empty.
            Key::Texts(texts) => {
                let is_told = |text: &str| !text.is_empty() && text.len() <= bytes && !text.contains('\0');
                texts.iter().all(|text| text.is_some_and(is_told))
            }
            Key::Longs(numbers) => numbers.null_count() == 0,
            Key::Days(days) => days.null_count() == 0,
            Key::Flags(flags) => flags.null_count() == 0,
            Key::References(references) => references.null_count() == 0,
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Key::Texts(texts) => texts.get(a).cmp(&texts.get(b)),
            Key::Longs(numbers) => numbers.get(a).cmp(&numbers.get(b)),
            Key::Days(days) => days.get(a).cmp(&days.get(b)),
            Key::Flags(flags) => flags.get(a).cmp(&flags.get(b)),
            Key::References(references) => references.get(a).cmp(&references.get(b)),
        }
    }
}

/// A column as one array.
fn whole<T: PolarsDataType>(column: &ChunkedArray<T>) -> T::Array {
    column.rechunk().downcast_as_array().clone()
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
    use polars::prelude::{SortMultipleOptions, df};
    use proptest::prelude::*;

    fn sorted_by_polars(frame: &DataFrame, keys: &[&str]) -> PolarsResult<DataFrame> {
        let options = SortMultipleOptions::default().with_nulls_last(false).with_maintain_order(true);
        frame.sort(keys.iter().copied(), options)
    }

    proptest! {
        #[test]
        fn rows_are_sorted_as_polars_sorts(
            runs in prop::collection::vec(prop::collection::vec((0..5_i64, prop::option::of("[ab\u{0}]{0,2}|0123456789abcde[fgž]{0,3}")), 0..9), 0..5),
            sort_runs: bool,
        ) {
            let mut rows: Vec<(Option<String>, Option<i64>)> = Vec::new();
            for mut run in runs {
                if sort_runs {
                    run.sort_by(|(n, text), (m, other)| (text, n).cmp(&(other, m)));
                }
                rows.extend(run.into_iter().map(|(number, text)| (text, Some(number).filter(|number| *number > 0))));
            }
            let texts: Vec<Option<&str>> = rows.iter().map(|(text, _)| text.as_deref()).collect();
            let numbers: Vec<Option<i64>> = rows.iter().map(|(_, number)| *number).collect();
            let places: Vec<u64> = (0..rows.len() as u64).collect();
            let frame = df!["text" => texts, "number" => numbers, "place" => places].unwrap();
            let merged = sorted(frame.clone(), &["text", "number"]).unwrap();
            prop_assert!(merged.equals_missing(&sorted_by_polars(&frame, &["text", "number"]).unwrap()));
            let by_number = sorted(frame.clone(), &["number", "text"]).unwrap();
            prop_assert!(by_number.equals_missing(&sorted_by_polars(&frame, &["number", "text"]).unwrap()));
        }
    }

    #[test]
    fn many_runs_are_sorted_too() {
        let numbers: Vec<i64> = (0..1_000).map(|number| number * 617 % 1_000).collect();
        let frame = df!["number" => numbers].unwrap();
        let sorted = sorted(frame, &["number"]).unwrap();
        assert!(sorted.equals(&df!["number" => (0..1_000).collect::<Vec<i64>>()].unwrap()));
    }
}
