//! The check at the end of a stage: names, types, order and key of a frame are what its declaration says.

use std::cmp::Ordering;

use polars::prelude::{
    Column as Series, DataFrame, DataType, IdxCa, IdxSize, IntoLazy, PolarsError, PolarsResult, SortMultipleOptions,
    polars_bail,
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
    sorted(frame.select(names)?, declared.sorted_by)
}

/// So many sorted runs are merged; more are sorted.
const RUNS: usize = 64;

/// Sorts by the keys, null first, equal keys in the order they had. Frames mostly arrive in order, or as a few files of which each
/// is: then rows are not moved, or only merged.
fn sorted(frame: DataFrame, keys: &[&str]) -> PolarsResult<DataFrame> {
    let Some(values) = keys.iter().map(|key| Key::of(frame.column(key).ok()?)).collect::<Option<Vec<Key<'_>>>>() else {
        return sorted_by_polars(&frame, keys);
    };
    let compare = |a: usize, b: usize| {
        values.iter().map(|key| key.compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let falls = (1..frame.height()).filter(|row| compare(row - 1, *row).is_gt()).take(RUNS).count();
    match falls {
        0 => {
            drop(values);
            Ok(frame)
        }
        RUNS.. => sorted_by_polars(&frame, keys),
        _ => {
            let mut order: Vec<IdxSize> = (0..frame.height() as IdxSize).collect();
            order.sort_by(|a, b| compare(*a as usize, *b as usize));
            frame.take(&IdxCa::from_vec("order".into(), order))
        }
    }
}

fn sorted_by_polars(frame: &DataFrame, keys: &[&str]) -> PolarsResult<DataFrame> {
    let options = SortMultipleOptions::default().with_nulls_last(false).with_maintain_order(true);
    frame.sort(keys.iter().copied(), options)
}

/// The values of a key column.
enum Key<'f> {
    Texts(Vec<Option<&'f str>>),
    Numbers(Vec<Option<i64>>),
    References(Vec<Option<u64>>),
}

impl<'f> Key<'f> {
    /// `None` for a column of another type.
    fn of(column: &'f Series) -> Option<Key<'f>> {
        match column.dtype() {
            DataType::String => Some(Key::Texts(column.str().ok()?.iter().collect())),
            DataType::UInt64 => Some(Key::References(column.u64().ok()?.iter().collect())),
            DataType::Int64 => Some(Key::Numbers(column.i64().ok()?.iter().collect())),
            DataType::Date => {
                let days = column.date().ok()?.physical().iter();
                Some(Key::Numbers(days.map(|day| day.map(i64::from)).collect()))
            }
            DataType::Datetime(..) => Some(Key::Numbers(column.datetime().ok()?.physical().iter().collect())),
            _ => None,
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Key::Texts(texts) => texts[a].cmp(&texts[b]),
            Key::Numbers(numbers) => numbers[a].cmp(&numbers[b]),
            Key::References(references) => references[a].cmp(&references[b]),
        }
    }
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
    use polars::prelude::df;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_merged_as_polars_sorts(
            runs in prop::collection::vec(prop::collection::vec((0..5_i64, prop::option::of("[ab]{0,2}")), 0..9), 0..5),
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
