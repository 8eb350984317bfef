//! From files to canonical frames: one pass from bytes to typed columns. Accepted and refused rows leave the same pass, so
//! rows read = used + duplicate + superseded + structural + quarantined holds by construction, and is checked again later.

mod biff;
mod boundary;
mod bounds;
mod cells;
mod chunks;
pub mod cited;
mod columns;
mod compound;
mod control_codes;
pub mod control_totals;
mod counted;
mod date_time;
pub mod dates;
mod decode;
mod discover;
mod files;
mod frames;
mod header;
mod hidden_rows;
pub mod infer;
mod library;
mod line_ends;
mod lines;
mod number_format;
mod ods;
mod package;
mod part;
mod part_read;
mod plan;
pub mod previous;
mod quarantine;
mod read_book;
mod read_csv;
mod read_sheet;
mod reason;
mod record;
mod refusal;
mod refused;
mod revisions;
mod row;
mod row_money;
mod serial;
mod settle;
mod sheet_reader;
mod sheet_row;
mod sheet_rows;
mod signature;
mod text_record;
mod told;
mod totals;
mod unpack;
mod versions;
mod windows;
pub mod word_tables;
pub mod words;
mod workbook;
mod xml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use control_totals::{Counted, PartTotals, Residue, residues};
pub use quarantine::{PartAtFault, QuarantinedRow};
pub use reason::{reason_page, reason_words};
pub use refused::HeldRow;
#[cfg(test)]
pub(crate) use refused::RowAtFault;
pub use settle::ingest;
pub use totals::StatedTotal;

use crate::diagnose::{Diagnostic, Exit};
use crate::frame::canonical::CanonicalFrames;
use crate::frame::lineage::Parts;
use crate::vocab::Kind;

/// Everything that ingest hands on.
#[derive(Debug, Clone, Default)]
pub struct Ingested {
    /// The canonical frames, sorted by their keys.
    pub frames: CanonicalFrames,
    /// Files and sheets, in the order (source, SHA-256, sheet).
    pub parts: Parts,
    /// One entry per file, in the same order.
    pub inputs: Vec<Input>,
    /// Refused rows, in file and row order.
    pub quarantine: Vec<QuarantinedRow>,
    /// Rows that count no more, each with the row that counts in its place.
    pub revisions: Vec<Revision>,
    /// What each part binds and leaves unbound, in the order of [`Ingested::parts`].
    pub headers: Vec<Headers>,
    /// Keys that stand twice, differently, where nothing decides (DQ-001). Both rows are in quarantine.
    pub conflicts: Vec<Conflict>,
    /// What total rows state beside what their files' rows add up to, in the order of [`Ingested::parts`].
    pub totals: Vec<StatedTotal>,
    /// What could not be read as meant.
    pub diagnostics: Vec<Diagnostic>,
    /// Exit codes that ingest alone leads to: `Quarantine`, `Refused`, `Missing`, `Limit`.
    pub exits: Vec<Exit>,
    /// Sources left out: refused with `publish_without`, or absent with `warn` or `ignore`.
    pub left_out: Vec<String>,
}

/// One input file and what became of its rows and money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Path as outputs quote it.
    pub path: String,
    /// The source.
    pub source: String,
    /// What it holds.
    pub kind: Kind,
    /// The account, when the source has one.
    pub account: Option<String>,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
    /// Where its rows went.
    pub rows: RowCounts,
    /// Where its money went, by currency, in minor units.
    pub money: BTreeMap<String, MoneyBuckets>,
    /// Used rows dated after the as-of day.
    pub after_as_of: u64,
    /// Cells whose excess decimals were booked half up (DQ-012).
    pub booked_excess_decimals: u64,
    /// What those cells say beyond what was booked, by currency, in [`crate::base::money::PARTS`] of a minor unit.
    pub residues: BTreeMap<String, i128>,
    /// Accepted rows with a local time that a clock change leaves out or repeats, where the reading decides the civil day (DQ-013).
    pub dst_moved_days: u64,
    /// The encoding of its text; workbooks have none.
    pub encoding: Option<String>,
    /// The export date that the source's pattern reads in the file name.
    pub export_date: Option<chrono::NaiveDate>,
}

/// Rows of a file, by bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// All rows: the sum of the five buckets.
    pub read: u64,
    /// Rows of a canonical frame.
    pub used: u64,
    /// Identical to another row.
    pub duplicate: u64,
    /// Replaced by another version.
    pub superseded: u64,
    /// Header, banner, total, blank.
    pub structural: u64,
    /// Refused, with a reason.
    pub quarantined: u64,
    /// Of the quarantined ones, those whose control cell cannot be read.
    pub unreadable: u64,
}

/// Control money of a file in one currency, by bucket; minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MoneyBuckets {
    /// All readable control amounts, added by the reader.
    pub read: i128,
    /// Of rows in frames, added from the frames after reconcile's input was built.
    pub used: i128,
    /// Of duplicate rows.
    pub duplicate: i128,
    /// Of superseded rows.
    pub superseded: i128,
    /// Of structural rows: always 0 (rulebook §15.5).
    pub structural: i128,
    /// Of quarantined rows.
    pub quarantined: i128,
}

/// A row that counts no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The row.
    pub row_ref: u64,
    /// The row that counts in its place.
    pub by: u64,
    /// Another version of the same key, not an identical row.
    pub superseded: bool,
}

/// The headers of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Canonical field → header as written, or the position.
    pub bound: BTreeMap<String, String>,
    /// All headers as written; empty without a header row.
    pub written: Vec<String>,
    /// Headers that no field binds, as written.
    pub unbound: Vec<String>,
    /// Declared fields whose header is not there.
    pub missing: Vec<String>,
}

/// A key that stands twice, differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The source.
    pub source: String,
    /// The account, or empty.
    pub account: String,
    /// The key as written.
    pub key: String,
    /// One row.
    pub row_ref: u64,
    /// The other row.
    pub other_row_ref: u64,
    /// The fields in which they differ.
    pub fields: Vec<&'static str>,
}
