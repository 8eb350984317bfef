//! Lineage: every canonical row carries one number that says where it was read. The upper 32 bits are the *part* (a file, or
//! one sheet of a workbook), the lower 32 bits the row as a person sees it, counted from 1.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::frame::column::Column;
use crate::vocab::Kind;

/// A file, or one sheet of a workbook, that a source read.
#[derive(Debug, Clone)]
pub struct Part {
    /// The source's name.
    pub source: String,
    /// What the source holds.
    pub kind: Kind,
    /// Path as outputs quote it: relative to the pipeline's folder, with `/`.
    pub path: String,
    /// Where it lies.
    pub file: PathBuf,
    /// The sheet, for a workbook.
    pub sheet: Option<String>,
    /// Headers as written, by canonical column.
    pub headers: BTreeMap<String, String>,
    /// Canonical columns that the source fills with a constant; empty in a part that was read back from a publication.
    pub constants: BTreeSet<String>,
    /// What its cells are found again by; empty in a part that was read back from a publication.
    pub places: CellPlaces,
}

/// What the cells of a part are found again by.
#[derive(Debug, Clone, Default)]
pub struct CellPlaces {
    /// The columns that make the value of a field, in their order.
    pub columns: BTreeMap<String, Vec<PartColumn>>,
    /// All columns, with or without a field.
    pub written: Vec<PartColumn>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// A column of a part, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartColumn {
    /// Its position, from 0.
    pub place: usize,
    /// Its header as written, or its position from 1.
    pub header: String,
    /// Outputs mask what it holds.
    pub is_personal: bool,
    /// Of amounts that several columns make up, one that is subtracted.
    pub is_subtracted: bool,
}

impl Part {
    /// Whether its rows say something of a canonical column: one that is declared may be missing in a file.
    pub fn says(&self, column: Column) -> bool {
        self.says_field(column.name)
    }

    /// The same by the column's name.
    pub fn says_field(&self, name: &str) -> bool {
        self.headers.contains_key(name) || self.constants.contains(name)
    }
}

/// All parts of a run; a row reference names one by its place.
#[derive(Debug, Clone, Default)]
pub struct Parts(pub Vec<Part>);

/// The reference to `row` (from 1) of the part at `part`.
pub fn row_ref(part: usize, row: u32) -> u64 {
    ((part as u64) << 32) | u64::from(row)
}

/// The place of a reference's part.
pub fn part_of(reference: u64) -> usize {
    (reference >> 32) as usize
}

/// The row of a reference.
pub fn row_of(reference: u64) -> u32 {
    (reference & 0xffff_ffff) as u32
}

impl Parts {
    /// The part and the row of a reference.
    pub fn locate(&self, reference: u64) -> Option<(&Part, u32)> {
        Some((self.0.get(part_of(reference))?, row_of(reference)))
    }

    /// `file`, `sheet` and row as one text: `slevomat/orders.csv:12`, `mall/orders.xlsx[Orders]:7`.
    pub fn text(&self, reference: u64) -> String {
        match self.locate(reference) {
            Some((Part { path, sheet: Some(sheet), .. }, row)) => format!("{path}[{sheet}]:{row}"),
            Some((Part { path, .. }, row)) => format!("{path}:{row}"),
            None => String::new(),
        }
    }
}
