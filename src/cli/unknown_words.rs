//! Labels and codes that no pack knows, each once per file with the number of its rows and the nearest label that is known.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use crate::base::text::{fold, nearest_label};
use crate::frame::kind::{Cell, LINE_FIELDS, spec_of};
use crate::frame::{read, tracking_events};
use crate::ingest::Ingested;
use crate::ingest::word_tables::lines_to_paste;
use crate::pipeline::{Pipeline, Source};
use crate::vocab::{TrackingCode, Word};

/// A label or code that no pack knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownWord {
    /// The source.
    pub(super) source: String,
    /// The file, as outputs quote it.
    pub(super) file: String,
    /// Canonical field.
    pub(super) field: String,
    /// As written.
    pub(super) label: String,
    /// Rows that hold it.
    pub(super) rows: u64,
    /// Its rows are in quarantine; a carrier's code keeps its row.
    pub(super) refused: bool,
    /// The nearest label that is known.
    pub(super) nearest: Option<String>,
    /// Lines that teach the pipeline the word.
    pub(super) paste: Option<String>,
}

/// All of them, by source, file and field, the frequent ones first.
///
/// # Errors
/// A frame without a declared column: a bug of ours.
pub(super) fn unknown_words(pipeline: &Pipeline, ingested: &Ingested) -> PolarsResult<Vec<UnknownWord>> {
    let mut counts: BTreeMap<(String, String, String, String, bool), u64> = BTreeMap::new();
    for row in ingested.quarantine.iter().filter(|row| row.reason() == "unknown_word") {
        let field = row.cell().as_ref().map_or(row.column(), |cell| cell.field).to_owned();
        *counts
            .entry((row.of.source.to_string(), row.of.file.to_string(), field, row.value().to_string(), true))
            .or_default() += 1;
    }
    let frame = &ingested.frames.tracking_events;
    let codes = read::texts(frame, tracking_events::code)?;
    let raw = read::texts(frame, tracking_events::code_raw)?;
    let rows = read::references(frame, tracking_events::row)?;
    for ((code, raw), row) in codes.iter().zip(raw.iter()).zip(rows.iter()) {
        let part = row.and_then(|row| ingested.parts.0.get((row >> 32) as usize));
        let (true, Some(part)) = (code == TrackingCode::Unknown.text(), part) else { continue };
        let key =
            (part.source.clone(), part.path.clone(), tracking_events::code_raw.name.to_owned(), raw.to_owned(), false);
        *counts.entry(key).or_default() += 1;
    }
    let mut words: Vec<UnknownWord> = counts
        .into_iter()
        .map(|((source, file, field, label, refused), rows)| {
            let of_source = pipeline.source(&source);
            let nearest = of_source.and_then(|source| known_label(source, &field, &label));
            let paste = of_source.and_then(|source| lines_to_paste(source, &field, &label));
            UnknownWord { source, file, field, label, rows, refused, nearest, paste }
        })
        .collect();
    words.sort_by(|a, b| {
        let place = |word: &UnknownWord| (word.source.clone(), word.file.clone(), word.field.clone());
        place(a).cmp(&place(b)).then(b.rows.cmp(&a.rows)).then_with(|| a.label.cmp(&b.label))
    });
    Ok(words)
}

fn known_label(source: &Source, field: &str, label: &str) -> Option<String> {
    let line = || LINE_FIELDS.iter().copied().find(|line| line.name == field);
    let table = match spec_of(source.kind).field(field).or_else(line)?.cell {
        Cell::Word { table, .. } | Cell::Name { table } => table,
        Cell::Flag => "flag",
        Cell::Currency => "currency",
        _ => return None,
    };
    let labels = source.words.get(table)?.labels();
    nearest_label(&fold(label), labels).map(str::to_owned)
}
