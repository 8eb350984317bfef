//! Reads declared columns out of frames, in one contiguous piece each.

use polars::prelude::{
    BooleanChunked, DataFrame, Int32Chunked, Int64Chunked, PolarsResult, StringChunked, UInt64Chunked,
};

use crate::frame::column::Column;
use crate::report::ReportError;
use crate::vocab::Word;

/// The columns of a frame.
#[derive(Clone, Copy)]
pub struct Fields<'frame>(pub &'frame DataFrame);

impl Fields<'_> {
    /// Text and words.
    ///
    /// # Errors
    /// The frame lacks the column, or it holds something else; so for all readers below.
    pub fn text(self, column: Column) -> PolarsResult<StringChunked> {
        Ok(self.0.column(column.name)?.str()?.rechunk().into_owned())
    }

    /// Money, whole numbers and millionths.
    pub fn int(self, column: Column) -> PolarsResult<Int64Chunked> {
        Ok(self.0.column(column.name)?.i64()?.rechunk().into_owned())
    }

    /// Civil dates as days since 1970-01-01.
    pub fn date(self, column: Column) -> PolarsResult<Int32Chunked> {
        Ok(self.0.column(column.name)?.date()?.physical().rechunk().into_owned())
    }

    /// Flags.
    pub fn flag(self, column: Column) -> PolarsResult<BooleanChunked> {
        Ok(self.0.column(column.name)?.bool()?.rechunk().into_owned())
    }

    /// Words of a closed list, row by row.
    ///
    /// # Errors
    /// As all readers; and a word that the list does not have, for which there is no default.
    pub fn words<W: Word>(self, column: Column) -> Result<Vec<W>, ReportError> {
        let texts = self.text(column)?;
        let word = |row: usize| {
            let text = texts.get(row).unwrap_or("");
            W::of(text).ok_or_else(|| ReportError::Word { column: column.name, word: text.to_owned() })
        };
        (0..texts.len()).map(word).collect()
    }

    /// Lineage.
    pub fn row(self, column: Column) -> PolarsResult<UInt64Chunked> {
        Ok(self.0.column(column.name)?.u64()?.rechunk().into_owned())
    }

    /// Number of rows.
    pub fn height(self) -> usize {
        self.0.height()
    }
}

/// Whether the flag of a row is set; an absent flag is not.
pub fn is_set(flags: &BooleanChunked, row: usize) -> bool {
    flags.get(row).unwrap_or(false)
}
