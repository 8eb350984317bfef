//! The columns of a frame, as readers and as tables want them.

use polars::prelude::{DataFrame, Int32Chunked, Int64Chunked, PolarsResult, StringChunked};

use crate::frame::column::Column;
use crate::frame::read;
use crate::report::ReportError;
use crate::vocab::Word;

/// The columns of a frame.
#[derive(Clone, Copy)]
pub struct Fields<'frame>(pub &'frame DataFrame);

impl<'frame> Fields<'frame> {
    /// Text and words.
    ///
    /// # Errors
    /// The frame lacks the column, or it holds something else; so for all readers below.
    pub fn text(self, column: Column) -> PolarsResult<read::Texts<'frame>> {
        read::texts(self.0, column)
    }

    /// Money, whole numbers and millionths.
    pub fn int(self, column: Column) -> PolarsResult<read::Numbers<'frame>> {
        read::numbers(self.0, column)
    }

    /// Civil dates as days since 1970-01-01.
    pub fn date(self, column: Column) -> PolarsResult<read::Days<'frame>> {
        read::days(self.0, column)
    }

    /// Flags.
    pub fn flag(self, column: Column) -> PolarsResult<read::Flags<'frame>> {
        read::flags(self.0, column)
    }

    /// Lineage.
    pub fn row(self, column: Column) -> PolarsResult<read::References<'frame>> {
        read::references(self.0, column)
    }

    /// Text and words as cells of a table.
    pub fn text_cells(self, column: Column) -> PolarsResult<StringChunked> {
        Ok(self.0.column(column.name)?.str()?.rechunk().into_owned())
    }

    /// Money, whole numbers and millionths as cells of a table.
    pub fn int_cells(self, column: Column) -> PolarsResult<Int64Chunked> {
        Ok(self.0.column(column.name)?.i64()?.rechunk().into_owned())
    }

    /// Civil dates as cells of a table.
    pub fn date_cells(self, column: Column) -> PolarsResult<Int32Chunked> {
        Ok(self.0.column(column.name)?.date()?.physical().rechunk().into_owned())
    }

    /// Words of a closed list, row by row.
    ///
    /// # Errors
    /// As all readers; and a word that the list does not have, for which there is no default.
    pub fn words<W: Word>(self, column: Column) -> Result<Vec<W>, ReportError> {
        let word =
            |text: &str| W::of(text).ok_or_else(|| ReportError::Word { column: column.name, word: text.to_owned() });
        self.text(column)?.iter().map(word).collect()
    }

    /// Number of rows.
    pub fn height(self) -> usize {
        self.0.height()
    }
}
