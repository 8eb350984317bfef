//! Why no sample was written.

use std::path::PathBuf;

use crate::base::business_calendar::BeyondCalendar;

/// Why no sample was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// Too few orders to show every kind of source.
    #[error("a sample needs at least {least} orders, {asked} were asked for")]
    TooFew {
        /// Asked for.
        asked: u32,
        /// Needed.
        least: u32,
    },
    /// The embedded merchant is wrong.
    #[error("the sample's plan: {0}")]
    Plan(String),
    /// A pack or a layout is wrong or missing.
    #[error("the sample's packs: {0}")]
    Pack(String),
    /// An amount left the range of money.
    #[error("an amount of the sample is beyond the range of money")]
    Money,
    /// More rows than a worksheet holds.
    #[error("{path} would have more than {most} rows; ask for fewer orders")]
    TooManyRows {
        /// The workbook.
        path: PathBuf,
        /// Rows that fit.
        most: u32,
    },
    /// A date lies beyond a calendar.
    #[error(transparent)]
    Calendar(#[from] BeyondCalendar),
    /// A workbook could not be written.
    #[error(transparent)]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A text could not be written.
    #[error(transparent)]
    Text(#[from] csv::Error),
    /// A file could not be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}
