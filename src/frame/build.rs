//! Builds a declared frame column by column; a column that nobody gives is filled with its empty value.

use polars::prelude::{
    AnyValue, BooleanChunkedBuilder, ChunkedArray, ChunkedBuilder, Column as Series, DataFrame, DataType, IdxCa,
    Int32Type, Int64Type, IntoColumn, PolarsDataType, PolarsNumericType, PolarsResult, PrimitiveChunkedBuilder, Scalar,
    StaticArray, StringChunkedBuilder, TimeUnit, UInt64Type, polars_bail,
};
use rayon::prelude::*;

use super::column::{Column, Frame, Shape};
use super::conform::conform;
use super::read;

/// A frame in the making.
#[derive(Debug)]
pub struct FrameBuilder {
    declared: &'static Frame,
    height: usize,
    columns: Vec<Series>,
}

impl FrameBuilder {
    /// An empty builder of `height` rows.
    pub fn new(declared: &'static Frame, height: usize) -> FrameBuilder {
        FrameBuilder { declared, height, columns: Vec::with_capacity(declared.columns.len()) }
    }

    /// Text or words, never null.
    pub fn texts<T: AsRef<str>>(&mut self, column: Column, values: impl IntoIterator<Item = T>) -> &mut Self {
        self.maybe_texts(column, values.into_iter().map(Some))
    }

    /// Text that may be null.
    pub fn maybe_texts<T: AsRef<str>>(
        &mut self,
        column: Column,
        values: impl IntoIterator<Item = Option<T>>,
    ) -> &mut Self {
        let mut texts = StringChunkedBuilder::new(column.name.into(), self.height);
        values.into_iter().for_each(|text| texts.append_option(text));
        self.push(texts.finish().into_column())
    }

    /// Money, millionths or whole numbers.
    pub fn numbers(&mut self, column: Column, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        self.push(self.primitive::<Int64Type>(column, values).into_column())
    }

    /// Civil dates from day numbers.
    pub fn days(&mut self, column: Column, values: impl IntoIterator<Item = Option<i32>>) -> &mut Self {
        self.push(self.primitive::<Int32Type>(column, values).into_date().into_column())
    }

    /// Instants from milliseconds.
    pub fn instants(&mut self, column: Column, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        let millis = self.primitive::<Int64Type>(column, values);
        self.push(millis.into_datetime(TimeUnit::Milliseconds, None).into_column())
    }

    /// Flags.
    pub fn flags(&mut self, column: Column, values: impl IntoIterator<Item = bool>) -> &mut Self {
        self.maybe_flags(column, values.into_iter().map(Some))
    }

    /// Flags that may be unknown.
    pub fn maybe_flags(&mut self, column: Column, values: impl IntoIterator<Item = Option<bool>>) -> &mut Self {
        let mut flags = BooleanChunkedBuilder::new(column.name.into(), self.height);
        values.into_iter().for_each(|flag| flags.append_option(flag));
        self.push(flags.finish().into_column())
    }

    /// Row references.
    pub fn references(&mut self, column: Column, values: impl IntoIterator<Item = Option<u64>>) -> &mut Self {
        self.push(self.primitive::<UInt64Type>(column, values).into_column())
    }

    fn primitive<T: PolarsNumericType>(
        &self,
        column: Column,
        values: impl IntoIterator<Item = Option<T::Native>>,
    ) -> ChunkedArray<T> {
        let mut builder = PrimitiveChunkedBuilder::<T>::new(column.name.into(), self.height);
        values.into_iter().for_each(|value| builder.append_option(value));
        builder.finish()
    }

    /// The rows of several builders of one frame, one after the other; all have the same columns.
    ///
    /// # Errors
    /// A column that one builder has and another lacks: a bug of ours.
    pub fn joined(declared: &'static Frame, parts: Vec<FrameBuilder>) -> PolarsResult<FrameBuilder> {
        let height = parts.iter().map(|part| part.height).sum();
        let mut pieces: Vec<Vec<Series>> = Vec::new();
        for (nth, part) in parts.into_iter().enumerate() {
            if nth == 0 {
                pieces = part.columns.into_iter().map(|column| vec![column]).collect();
                continue;
            }
            if part.columns.len() != pieces.len() {
                polars_bail!(ShapeMismatch: "parts of {} have other columns", declared.name);
            }
            pieces.iter_mut().zip(part.columns).for_each(|(pieces, column)| pieces.push(column));
        }
        let columns = pieces.into_par_iter().map(one_below_the_other).collect::<PolarsResult<_>>()?;
        Ok(FrameBuilder { declared, height, columns })
    }

    /// The columns of another builder of the same frame.
    pub fn append(&mut self, mut other: FrameBuilder) -> &mut Self {
        self.columns.append(&mut other.columns);
        self
    }

    /// A column of another frame of the same height, under its name here.
    ///
    /// # Errors
    /// The other frame has no such column: a bug of ours.
    pub fn take(&mut self, column: Column, from: &DataFrame, other: Column) -> PolarsResult<&mut Self> {
        let taken = from.column(other.name)?.clone().with_name(column.name.into());
        Ok(self.push(taken))
    }

    /// Like [`FrameBuilder::take`], null text made empty.
    ///
    /// # Errors
    /// The other frame has no such column, or it is no text: a bug of ours.
    pub fn take_text(&mut self, column: Column, from: &DataFrame, other: Column) -> PolarsResult<&mut Self> {
        let taken = from.column(other.name)?;
        if taken.null_count() == 0 {
            return self.take(column, from, other);
        }
        Ok(self.texts(column, read::texts(from, other)?.iter()))
    }

    /// A column of another frame in some of its rows; where none is named, null, and for text and flags what stands for nothing.
    ///
    /// # Errors
    /// The other frame has no such column, or none of that shape: a bug of ours.
    pub fn gather(
        &mut self,
        column: Column,
        from: &DataFrame,
        other: Column,
        rows: &IdxCa,
        nothing: &str,
    ) -> PolarsResult<&mut Self> {
        let found = from.column(other.name)?.take(rows)?.with_name(column.name.into());
        if found.null_count() == 0 {
            return Ok(self.push(found));
        }
        Ok(match column.shape {
            Shape::Text | Shape::Word => self.texts(column, found.str()?.iter().map(|text| text.unwrap_or(nothing))),
            Shape::Flag => self.flags(column, found.bool()?.iter().map(|flag| flag.unwrap_or(false))),
            _ => self.push(found),
        })
    }

    /// A value that stands in every row is held once: half of the facts of a night are about what it does not have.
    fn push(&mut self, series: Series) -> &mut Self {
        self.columns.push(one_value(series));
        self
    }

    /// The columns given so far.
    pub fn columns(&mut self) -> Vec<Series> {
        std::mem::take(&mut self.columns)
    }

    /// The finished frame, conformed and sorted.
    ///
    /// # Errors
    /// A column of another height, name or type than declared: a bug of ours.
    pub fn finish(&mut self) -> PolarsResult<DataFrame> {
        let mut columns = std::mem::take(&mut self.columns);
        if let Some(wrong) = columns.iter().find(|column| column.len() != self.height) {
            polars_bail!(ShapeMismatch: "{}.{} has {} rows of {}", self.declared.name, wrong.name(), wrong.len(), self.height);
        }
        for declared in self.declared.columns {
            if !columns.iter().any(|column| column.name() == declared.name) {
                columns.push(absent(*declared, self.height));
            }
        }
        conform(DataFrame::new(self.height, columns)?, self.declared)
    }
}

/// The column with its one value held once; the column itself where rows differ, or where there are none.
fn one_value(column: Series) -> Series {
    let Some(series) = column.as_series() else { return column };
    let name = column.name().clone();
    let is_same = match column.dtype() {
        DataType::String => series.str().is_ok_and(is_same),
        DataType::Int64 => series.i64().is_ok_and(is_same),
        DataType::UInt64 => series.u64().is_ok_and(is_same),
        DataType::Boolean => series.bool().is_ok_and(is_same),
        DataType::Date => series.date().is_ok_and(|days| is_same(days.physical())),
        DataType::Datetime(..) => series.datetime().is_ok_and(|instants| is_same(instants.physical())),
        _ => false,
    };
    match series.get(0) {
        Ok(value) if is_same => {
            Series::new_scalar(name, Scalar::new(column.dtype().clone(), value.into_static()), column.len())
        }
        _ => column,
    }
}

fn is_same<T: PolarsDataType>(values: &ChunkedArray<T>) -> bool
where
    for<'a> T::Physical<'a>: PartialEq,
{
    let mut values = values.downcast_iter().flat_map(StaticArray::iter);
    let Some(first) = values.next() else { return false };
    values.all(|value| value == first)
}

/// Pieces of a column as one, in one chunk.
fn one_below_the_other(pieces: Vec<Series>) -> PolarsResult<Series> {
    let mut pieces = pieces.into_iter();
    let Some(mut whole) = pieces.next() else { polars_bail!(ShapeMismatch: "a column without a piece") };
    for piece in pieces {
        if piece.name() != whole.name() {
            polars_bail!(ShapeMismatch: "{} stands below {}", piece.name(), whole.name());
        }
        let value = |column: &Series| column.as_scalar_column().map(|scalar| scalar.scalar().clone());
        match (value(&whole), value(&piece)) {
            (Some(one), Some(other)) if one == other => {
                whole = Series::new_scalar(whole.name().clone(), one, whole.len() + piece.len());
            }
            _ => _ = whole.append(&piece)?,
        }
    }
    Ok(whole.rechunk())
}

/// A column without values: no for flags, empty for words, null for the rest.
fn absent(column: Column, height: usize) -> Series {
    let value = match column.shape {
        Shape::Flag => AnyValue::Boolean(false),
        Shape::Word => AnyValue::StringOwned("".into()),
        _ => AnyValue::Null,
    };
    Series::new_scalar(column.name.into(), Scalar::new(column.shape.data_type(), value), height)
}
