//! From facts to findings: one file per rule.

use polars::prelude::DataFrame;

/// All findings of a run.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// [`crate::frame::findings`], compared with the previous publication.
    pub found: DataFrame,
    /// Findings of the previous publication that are gone; same columns.
    pub resolved: DataFrame,
    /// Suppressed findings: the same columns, `remedy` holds the code that suppressed them.
    pub suppressed: DataFrame,
}
