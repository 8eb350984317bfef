//! One file, or one sheet of a workbook, after it was read.

use crate::ingest::header::Bound;
use crate::ingest::row::Rows;

/// The part that it becomes.
#[derive(Debug)]
pub(super) struct PartRead {
    pub(super) sheet: Option<String>,
    pub(super) bound: Bound,
    pub(super) rows: Rows,
}
