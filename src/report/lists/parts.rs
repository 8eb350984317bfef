//! The parts that lineage numbers name: file, sheet and headers, so that `explain` and `verify` can walk back offline.

use polars::prelude::{Column, DataFrame};

use crate::report::{Assessment, ReportError};
use crate::vocab::Word;

/// One row per part; `part` is the upper half of a lineage number.
///
/// # Errors
/// Two columns of one name: never.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let parts = &run.ingested.parts.0;
    let headers: Vec<String> = parts.iter().map(|part| serde_json::json!(part.headers).to_string()).collect();
    Ok(DataFrame::new(
        parts.len(),
        vec![
            Column::new("part".into(), (0..parts.len() as u64).collect::<Vec<_>>()),
            Column::new("source".into(), parts.iter().map(|part| part.source.clone()).collect::<Vec<_>>()),
            Column::new("kind".into(), parts.iter().map(|part| part.kind.text()).collect::<Vec<_>>()),
            Column::new("path".into(), parts.iter().map(|part| part.path.clone()).collect::<Vec<_>>()),
            Column::new("sheet".into(), parts.iter().map(|part| part.sheet.clone()).collect::<Vec<_>>()),
            Column::new("headers".into(), headers),
        ],
    )?)
}
