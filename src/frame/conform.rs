//! The check at the end of a stage: names, types, order and key of a frame are what its declaration says.

use std::cmp::Ordering;

use memchr::memchr;
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
    let is_sorted = || !(1..height).into_par_iter().any(|row| compare(row - 1, row).is_gt());
    let Some(first) = values.first().filter(|_| !is_sorted()) else { return Ok(None) };
    // The beginnings of two keys, as numbers, decide between most rows. What they tell whole need not be compared again.
    let (first, second) = (Beginnings::of(first), values.get(1).map(Beginnings::of));
    let told = match (first.told <= WIDE, second.as_ref().is_some_and(|second| second.told <= NARROW)) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    let begin = |row: usize| {
        let second = second.as_ref().map_or(0, |second| (second.of_row(row) >> (8 * (WIDE - NARROW))) as u64);
        (first.of_row(row), second, row as IdxSize)
    };
    let mut order: Vec<(u128, u64, IdxSize)> = (0..height).into_par_iter().map(begin).collect();
    let rest = &values[told..];
    order.par_sort_unstable_by(|(a, b, row), (c, d, other)| {
        let told_apart = if told == 0 { a.cmp(c) } else { a.cmp(c).then(b.cmp(d)) };
        let compare = || rest.iter().map(|key| key.compare(*row as usize, *other as usize)).find(|order| order.is_ne());
        told_apart.then_with(|| compare().unwrap_or(Ordering::Equal)).then(row.cmp(other))
    });
    Ok(Some(order.into_par_iter().map(|(.., row)| row).collect()))
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

    fn has_nulls(&self) -> bool {
        let nulls = match self {
            Key::Texts(texts) => texts.null_count(),
            Key::Longs(numbers) => numbers.null_count(),
            Key::Days(days) => days.null_count(),
            Key::Flags(flags) => flags.null_count(),
            Key::References(references) => references.null_count(),
        };
        nulls > 0
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

/// The beginnings of a key's values as numbers, behind what all its texts begin with: keys of orders begin with their account.
struct Beginnings<'k> {
    key: &'k Key,
    /// Bytes that all texts begin with.
    common: usize,
    /// Equal beginnings of so many bytes mean equal values.
    told: usize,
}

impl<'k> Beginnings<'k> {
    fn of(key: &'k Key) -> Beginnings<'k> {
        match key {
            Key::Texts(texts) => Beginnings::of_texts(key, texts),
            _ => Beginnings { key, common: 0, told: if key.has_nulls() { usize::MAX } else { 0 } },
        }
    }

    fn of_texts(key: &'k Key, texts: &Utf8ViewArray) -> Beginnings<'k> {
        let text = |row: usize| texts.get(row).unwrap_or_default().as_bytes();
        let first = if texts.is_empty() { &[] } else { text(0) };
        let begins = |other: &[u8]| first.iter().zip(other).take_while(|(a, b)| a == b).count();
        // Zero bytes fill up what is shorter, and null is like empty: these are told by their beginnings alone only where none is.
        let longest = |text: &[u8]| match memchr(0, text) {
            None if !text.is_empty() => text.len(),
            _ => usize::MAX,
        };
        let (common, longest) = (0..texts.len())
            .into_par_iter()
            .map(text)
            .fold(
                || (first.len(), 0),
                |(common, most), text| {
                    let common = if text.starts_with(&first[..common]) { common } else { begins(text) };
                    (common, longest(text).max(most))
                },
            )
            .reduce(|| (first.len(), 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        Beginnings { key, common, told: if longest == usize::MAX { longest } else { longest - common } }
    }

    /// A number that is never greater than that of a greater row, its first bytes first: those of a text, or the number itself.
    fn of_row(&self, row: usize) -> u128 {
        let number = |number: u64| u128::from(number) << 64;
        let signed = |value: Option<i64>| value.map_or(0, |value| number(value.abs_diff(i64::MIN)));
        match self.key {
            Key::Texts(texts) => {
                let text = &texts.get(row).unwrap_or_default().as_bytes()[self.common..];
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
            runs in prop::collection::vec(prop::collection::vec((0..5_i64, prop::option::of("[ab\u{0}]{0,2}|0123456789abcde[fgž]{0,3}|account/[ab]?[a-z0-9]{0,18}")), 0..9), 0..5),
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
