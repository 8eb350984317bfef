//! Columns of a frame, read where they lie, for the logic that is clearer as a loop than as an expression. Nothing is copied: a
//! million rows of text alone would be sixteen megabytes for each reader.

use std::ops::Range;

use polars::prelude::{
    AnyValue, BooleanType, ChunkedArray, Column as Series, DataFrame, Int32Type, Int64Type, PolarsDataType,
    PolarsResult, StaticArray, StringType, UInt64Type,
};
use polars_arrow::array::Array;

use super::column::Column;

/// The values of a column; null is `None`.
pub struct Values<'f, T: PolarsDataType>(Lie<'f, T>);

/// The values of a column; null is nothing: empty text, no.
pub struct Filled<'f, T: PolarsDataType>(Values<'f, T>);

/// Text and words; null is empty.
pub type Texts<'f> = Filled<'f, StringType>;
/// Money, millionths, whole numbers, and instants as milliseconds UTC.
pub type Numbers<'f> = Values<'f, Int64Type>;
/// Civil dates as days since 1970-01-01.
pub type Days<'f> = Values<'f, Int32Type>;
/// Flags; null is no.
pub type Flags<'f> = Filled<'f, BooleanType>;
/// Row references.
pub type References<'f> = Values<'f, UInt64Type>;

/// How a column lies in memory.
enum Lie<'f, T: PolarsDataType> {
    /// The same value in so many rows.
    Same(Option<T::Physical<'f>>, usize),
    InOne(&'f T::Array),
    InPieces(&'f ChunkedArray<T>),
}

impl<'f, T: PolarsDataType> Values<'f, T> {
    /// The value of a row of the frame.
    pub fn at(&self, row: usize) -> Option<T::Physical<'f>> {
        match &self.0 {
            Lie::Same(value, _) => value.clone(),
            Lie::InOne(array) => array.get(row),
            Lie::InPieces(array) => array.get(row),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.0 {
            Lie::Same(_, rows) => *rows,
            Lie::InOne(array) => array.len(),
            Lie::InPieces(array) => array.len(),
        }
    }

    /// Whether the frame has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of all rows, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<T::Physical<'f>>> + DoubleEndedIterator + Clone + '_ {
        (0..self.len()).map(|row| self.at(row))
    }
}

impl<'f, T: PolarsDataType> Filled<'f, T>
where
    T::Physical<'f>: Default,
{
    /// The value of a row of the frame.
    pub fn at(&self, row: usize) -> T::Physical<'f> {
        self.known(row).unwrap_or_default()
    }

    /// The value of a row; `None` where it is null.
    pub fn known(&self, row: usize) -> Option<T::Physical<'f>> {
        self.0.at(row)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the frame has no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of all rows, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T::Physical<'f>> + DoubleEndedIterator + Clone + '_ {
        self.0.iter().map(Option::unwrap_or_default)
    }
}

impl<'f> Texts<'f> {
    /// Rows that stand together and have the same text, in their order.
    pub fn runs(&self) -> impl Iterator<Item = (&'f str, Range<usize>)> + '_ {
        // The same text in every row need not be compared.
        let is_same = matches!(self.0.0, Lie::Same(..));
        let same = move |a, b| is_same || self.at(a) == self.at(b);
        runs(self.len(), same).map(|run| (self.at(run.start), run))
    }
}

/// Rows of a frame of so many that stand together and are the same by `same`, in their order.
pub fn runs(rows: usize, same: impl Fn(usize, usize) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let end = (start + 1..rows).find(|row| !same(start, *row)).unwrap_or(rows);
        (start < rows).then(|| std::mem::replace(&mut start, end)..end)
    })
}

/// Text; null is empty.
///
/// # Errors
/// The frame has no such column, or it is no text: a bug of ours; so for all readers below.
pub fn texts(frame: &DataFrame, column: Column) -> PolarsResult<Texts<'_>> {
    Ok(Filled(values(
        frame.column(column.name)?,
        |value| match value {
            AnyValue::String(text) => Some(text),
            AnyValue::StringOwned(text) => Some(text.as_str()),
            _ => None,
        },
        Series::str,
    )?))
}

/// Money, millionths and whole numbers.
pub fn numbers(frame: &DataFrame, column: Column) -> PolarsResult<Numbers<'_>> {
    let same = |value: &AnyValue<'_>| if let AnyValue::Int64(number) = value { Some(*number) } else { None };
    values(frame.column(column.name)?, same, Series::i64)
}

/// Civil dates as day numbers.
pub fn days(frame: &DataFrame, column: Column) -> PolarsResult<Days<'_>> {
    let same = |value: &AnyValue<'_>| if let AnyValue::Date(day) = value { Some(*day) } else { None };
    values(frame.column(column.name)?, same, |column| Ok(column.date()?.physical()))
}

/// Instants as milliseconds UTC.
pub fn instants(frame: &DataFrame, column: Column) -> PolarsResult<Numbers<'_>> {
    let same = |value: &AnyValue<'_>| if let AnyValue::Datetime(millis, ..) = value { Some(*millis) } else { None };
    values(frame.column(column.name)?, same, |column| Ok(column.datetime()?.physical()))
}

/// Flags; null is no.
pub fn flags(frame: &DataFrame, column: Column) -> PolarsResult<Flags<'_>> {
    let same = |value: &AnyValue<'_>| if let AnyValue::Boolean(flag) = value { Some(*flag) } else { None };
    Ok(Filled(values(frame.column(column.name)?, same, Series::bool)?))
}

/// Row references; null is `None`.
pub fn references(frame: &DataFrame, column: Column) -> PolarsResult<References<'_>> {
    let same = |value: &AnyValue<'_>| if let AnyValue::UInt64(reference) = value { Some(*reference) } else { None };
    values(frame.column(column.name)?, same, Series::u64)
}

/// A column that holds one value for all rows is not written out for them.
fn values<'f, T: PolarsDataType>(
    column: &'f Series,
    same: impl Fn(&'f AnyValue<'static>) -> Option<T::Physical<'f>>,
    read: impl Fn(&'f Series) -> PolarsResult<&'f ChunkedArray<T>>,
) -> PolarsResult<Values<'f, T>> {
    if let Some(scalar) = column.as_scalar_column() {
        let value = scalar.scalar().value();
        let read = same(value);
        if read.is_some() || value.is_null() {
            return Ok(Values(Lie::Same(read, column.len())));
        }
    }
    let array = read(column)?;
    let mut pieces = array.downcast_iter();
    Ok(Values(match (pieces.next(), pieces.next()) {
        (Some(one), None) => Lie::InOne(one),
        _ => Lie::InPieces(array),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::column::Shape;
    use polars::prelude::{DataType, IntoColumn, NamedFrom, PlSmallStr, Scalar, Series as Plain, TimeUnit};

    fn column(name: &'static str) -> Column {
        Column { name, shape: Shape::Text, ..crate::frame::orders::order_no }
    }

    #[test]
    fn columns_in_one_piece_in_several_and_of_one_value_read_the_same() {
        let one = Plain::new("one".into(), [Some("a"), None, Some("a longer text than twelve bytes")]);
        let mut several = Plain::new("several".into(), [Some("a")]);
        several.append(&Plain::new("several".into(), [None, Some("a longer text than twelve bytes")])).unwrap();
        let same = Series::new_scalar("same".into(), Scalar::from(PlSmallStr::from("x")), 3);
        let none = Series::new_scalar("none".into(), Scalar::null(DataType::String), 3);
        let frame = DataFrame::new(3, vec![one.into_column(), several.into_column(), same, none]).unwrap();
        let read = |name| texts(&frame, column(name)).unwrap().iter().collect::<Vec<_>>();
        let expected = ["a", "", "a longer text than twelve bytes"];
        assert_eq!((read("one"), read("several")), (expected.to_vec(), expected.to_vec()));
        assert_eq!((read("same"), read("none")), (vec!["x"; 3], vec![""; 3]));
        assert!(numbers(&frame, column("same")).is_err() && texts(&frame, column("other")).is_err());
    }

    #[test]
    fn dates_instants_and_flags_of_one_value() {
        let day = Series::new_scalar("day".into(), Scalar::new(DataType::Date, AnyValue::Date(20_000)), 2);
        let instant = DataType::Datetime(TimeUnit::Milliseconds, None);
        let at = AnyValue::Datetime(1_000, TimeUnit::Milliseconds, None);
        let at = Series::new_scalar("at".into(), Scalar::new(instant, at), 2);
        let flag = Series::new_scalar("flag".into(), Scalar::new(DataType::Boolean, AnyValue::Boolean(true)), 2);
        let frame = DataFrame::new(2, vec![day, at, flag]).unwrap();
        assert_eq!(days(&frame, column("day")).unwrap().at(1), Some(20_000));
        assert_eq!(instants(&frame, column("at")).unwrap().at(1), Some(1_000));
        assert!(flags(&frame, column("flag")).unwrap().at(1));
        assert!(flags(&frame, column("day")).is_err());
    }
}
