//! Builds a declared frame column by column; a column that nobody gives is filled with its empty value.

use polars::prelude::{
    Column as Series, DataFrame, DataType, IntoColumn, NamedFrom, PolarsResult, Series as PlainSeries, TimeUnit,
    polars_bail,
};

use super::column::{Column, Frame, Shape};
use super::conform::conform;

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
        let values: Vec<T> = values.into_iter().collect();
        let texts: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        self.push(Series::new(column.name.into(), texts))
    }

    /// Money, millionths or whole numbers.
    pub fn numbers(&mut self, column: Column, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        let values: Vec<Option<i64>> = values.into_iter().collect();
        self.push(Series::new(column.name.into(), values))
    }

    /// Civil dates from day numbers.
    pub fn days(&mut self, column: Column, values: impl IntoIterator<Item = Option<i32>>) -> &mut Self {
        let values: Vec<Option<i32>> = values.into_iter().collect();
        self.push_cast(PlainSeries::new(column.name.into(), values), &DataType::Date)
    }

    /// Instants from milliseconds.
    pub fn instants(&mut self, column: Column, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        let values: Vec<Option<i64>> = values.into_iter().collect();
        self.push_cast(PlainSeries::new(column.name.into(), values), &DataType::Datetime(TimeUnit::Milliseconds, None))
    }

    /// Flags.
    pub fn flags(&mut self, column: Column, values: impl IntoIterator<Item = bool>) -> &mut Self {
        let values: Vec<bool> = values.into_iter().collect();
        self.push(Series::new(column.name.into(), values))
    }

    /// Flags that may be unknown.
    pub fn maybe_flags(&mut self, column: Column, values: impl IntoIterator<Item = Option<bool>>) -> &mut Self {
        let values: Vec<Option<bool>> = values.into_iter().collect();
        self.push(Series::new(column.name.into(), values))
    }

    /// Row references.
    pub fn references(&mut self, column: Column, values: impl IntoIterator<Item = Option<u64>>) -> &mut Self {
        let values: Vec<Option<u64>> = values.into_iter().collect();
        self.push(Series::new(column.name.into(), values))
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
        let texts: Vec<&str> = taken.str()?.iter().map(Option::unwrap_or_default).collect();
        Ok(self.push(Series::new(column.name.into(), texts)))
    }

    fn push(&mut self, series: Series) -> &mut Self {
        self.columns.push(series);
        self
    }

    fn push_cast(&mut self, series: PlainSeries, to: &DataType) -> &mut Self {
        match series.cast(to) {
            Ok(cast) => self.push(cast.into_column()),
            Err(_) => self.push(series.into_column()),
        }
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
