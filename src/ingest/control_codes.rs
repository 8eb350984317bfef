//! Control codes in a text: its rows are used, and a note says so. The exact text stays in the frames.

use crate::diagnose::{CellPlace, Diagnostic, Exit};
use crate::ingest::line_ends::{count, line_ends};
use crate::ingest::refusal::{self, About};

/// How many there are, and the row of the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ControlCodes {
    count: usize,
    row: u32,
}

impl ControlCodes {
    /// Those of a text that begins on a line.
    pub(super) fn of(text: &str, line: u32) -> ControlCodes {
        let is_code = |byte: u8| ((byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')) | (byte == 0x7f);
        let bytes = text.as_bytes();
        let count = count(bytes, is_code);
        let first = if count > 0 { bytes.iter().position(|byte| is_code(*byte)) } else { None };
        ControlCodes { count, row: first.map_or(0, |first| line + line_ends(&bytes[..first])) }
    }

    /// Counts those of a later text.
    pub(super) fn add(&mut self, later: &ControlCodes) {
        self.row = if self.count == 0 { later.row } else { self.row };
        self.count += later.count;
    }

    /// The note, when there are any.
    pub(super) fn note(&self, path: &str) -> Option<Diagnostic> {
        let about = About {
            code: "TXT502",
            message: "control codes in the text",
            found: format!("{} control codes", self.count),
            expected: "text without control codes".into(),
            help: "the rows are used; reports show the codes escaped".into(),
        };
        let place = CellPlace { row: Some(self.row), ..refusal::file(path) };
        (self.count > 0).then(|| about.at(place, Exit::Clean))
    }
}
