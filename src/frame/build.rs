//! Builds a declared frame column by column; a column that nobody gives is filled with its empty value.

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedArray, ChunkedBuilder, Column as Series, DataFrame, Int32Type, Int64Type, IntoColumn,
    PolarsNumericType, PolarsResult, PrimitiveChunkedBuilder, StringChunkedBuilder, TimeUnit, UInt64Type, polars_bail,
};

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

    fn push(&mut self, series: Series) -> &mut Self {
        self.columns.push(series);
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

/// A column without values: no for flags, empty for words, null for the rest.
fn absent(column: Column, height: usize) -> Series {
    match column.shape {
        Shape::Flag => Series::new(column.name.into(), vec![false; height]),
        Shape::Word => Series::new(column.name.into(), vec![""; height]),
        _ => Series::full_null(column.name.into(), height, &column.shape.data_type()),
    }
}
