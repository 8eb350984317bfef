//! Looks at an unknown export: encoding, dialect, sheets, header row, what the columns hold, which known layouts fit; and writes a
//! starter for a pipeline. It decides nothing that it cannot prove: what is open stays a comment to fill in.

mod amounts;
mod book;
mod date_patterns;
mod dialect;
mod encoding;
mod evidence;
mod group;
mod head;
mod known;
mod layout_match;
mod look;
mod opened;
mod personal;
mod proposal;
mod sample;
mod starter;
mod table;
mod text_form;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::boundary::guarded;
use crate::ingest::infer::date_patterns::PatternList;
use crate::ingest::infer::layout_match::{Match, matches};
use crate::ingest::infer::proposal::{Proposal, propose};
use crate::ingest::infer::table::Table;
use crate::ingest::infer::text_form::TextForm;
use crate::ingest::refusal::{self, About};
use crate::ingest::signature;
use crate::ingest::unpack;
use crate::pipeline::limits::Limits;
use crate::vocab::Kind;

pub use group::write_starters;
pub use head::pipeline_head;
pub use known::Known;

/// Bytes of a text that are looked at.
const TEXT_BYTES: usize = 8 << 20;

/// What one file looks like.
#[derive(Debug)]
pub struct Looked {
    path: String,
    bytes: u64,
    /// `gzip` or `zip`, when the text was packed.
    compression: Option<&'static str>,
    /// The form of a text; `None` for a workbook.
    text: Option<TextForm>,
    tables: Vec<LookedTable>,
    notes: Vec<String>,
}

/// A table with what is known of it.
#[derive(Debug)]
struct LookedTable {
    table: Table,
    matches: Vec<Match>,
    proposal: Option<Proposal>,
    starter: StarterOf,
}

/// Which starter a table has.
#[derive(Debug)]
enum StarterOf {
    /// Its own, of all files of its shape.
    Own(String),
    /// That of a file of its shape: its path.
    Same(String),
}

/// Looks at a file; [`write_starters`] then writes the starters of all files. `shown` is its path as outputs quote it, with `/`; `kind` is what a person said it is.
///
/// # Errors
/// A file that cannot be read, is no table, or is beyond the bounds of a workbook.
pub fn look(file: &Path, shown: &str, known: &Known, kind: Option<Kind>) -> Result<Looked, Box<Diagnostic>> {
    guarded(shown, || {
        let (bytes, size) = opened::read(file, shown, &Limits::default(), TEXT_BYTES)?;
        look_at(bytes, size, shown, known, kind)
    })
}

fn look_at(
    bytes: Vec<u8>,
    size: u64,
    shown: &str,
    known: &Known,
    kind: Option<Kind>,
) -> Result<Looked, Box<Diagnostic>> {
    if bytes.is_empty() {
        return Err(refused(shown, "FIL102", "an empty file", "0 bytes".into(), "rows", "fetch the file again"));
    }
    let is_book = book::is_book(&bytes, shown);
    let (bytes, compression) = if is_book { (bytes, None) } else { unpacked(bytes, shown)? };
    if let Some(foreign) = signature::of_bytes(&bytes).filter(|_| !is_book) {
        return Err(foreign.refusal(shown));
    }
    let mut looked =
        Looked { path: shown.to_owned(), bytes: size, compression, text: None, tables: Vec::new(), notes: Vec::new() };
    let patterns = PatternList::new();
    let tables = if is_book {
        let (sheets, count) = book::read(&bytes, shown)?;
        if sheets.len() < count {
            looked.notes.push(format!("only the first {} of {count} sheets were looked at", sheets.len()));
        }
        if sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            return Err(empty(shown, format!("no cell with a value on {} sheets", sheets.len())));
        }
        let sheets = sheets.into_iter();
        sheets.filter_map(|sheet| Table::new(Some(sheet.name), sheet.hidden, sheet.rows, &patterns, known)).collect()
    } else {
        looked.look_at_text(&bytes, &patterns, known)?
    };
    if tables.is_empty() {
        return Err(no_table(shown, "no sheet with two columns"));
    }
    looked.take(tables, known, kind);
    Ok(looked)
}

impl Looked {
    fn look_at_text(
        &mut self,
        bytes: &[u8],
        patterns: &PatternList,
        known: &Known,
    ) -> Result<Vec<Table>, Box<Diagnostic>> {
        let mut head = &bytes[..bytes.len().min(TEXT_BYTES)];
        if head.len() < bytes.len() {
            // A cut letter would look like a wrong encoding.
            let end = head.iter().rposition(|byte| *byte == b'\n').unwrap_or(head.len() - 1);
            head = &head[..=end];
            self.notes.push(format!("only the first {} bytes were looked at", head.len()));
        }
        let is_header = |text: &str| known.is_header(text);
        let encoded = encoding::read(head, &is_header);
        if let Some(foreign) = signature::of_text(&encoded.text) {
            return Err(foreign.refusal(&self.path));
        }
        if encoded.text.trim().is_empty() {
            return Err(empty(&self.path, format!("{} blanks and line ends", encoded.text.chars().count())));
        }
        self.notes.extend(encoded.notes.iter().cloned());
        let Some((dialect, rows)) = dialect::find(&encoded.text, &is_header) else {
            return Err(no_table(&self.path, "no delimiter of ; , tab | gives two fields"));
        };
        if rows.len() == dialect::RECORDS {
            self.notes.push(format!("only the first {} records were looked at", dialect::RECORDS));
        }
        self.text = Some(TextForm::new(&encoded, dialect));
        Ok(Table::new(None, false, rows, patterns, known).into_iter().collect())
    }

    fn take(&mut self, tables: Vec<Table>, known: &Known, kind: Option<Kind>) {
        for table in tables {
            let matches = matches(&table, self.text.as_ref(), known, kind);
            let proposal = match layout_match::best(&matches) {
                [] => propose(&table, known, kind, &matches),
                _ => None,
            };
            self.tables.push(LookedTable { table, matches, proposal, starter: StarterOf::Own(String::new()) });
        }
    }

    /// The starters that are this file's own, as TOML.
    pub fn starters(&self) -> Vec<&str> {
        let own = |looked: &'_ LookedTable| matches!(looked.starter, StarterOf::Own(_));
        self.tables.iter().filter(|looked| own(looked)).map(|looked| looked.starter.text()).collect()
    }
}

impl StarterOf {
    fn text(&self) -> &str {
        match self {
            StarterOf::Own(text) => text,
            StarterOf::Same(_) => "",
        }
    }
}

/// The text of a file, and how it was packed.
fn unpacked(bytes: Vec<u8>, shown: &str) -> Result<(Vec<u8>, Option<&'static str>), Box<Diagnostic>> {
    let how = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'P', b'K', 3, 4, ..] => Some("zip"),
        _ => None,
    };
    Ok((unpack::head(bytes, shown, &Limits::default(), TEXT_BYTES as u64 + 1)?, how))
}

/// A file that has no value, though it has bytes.
fn empty(shown: &str, found: String) -> Box<Diagnostic> {
    refused(shown, "FIL116", "a file without a value", found, "rows", "fetch the file again, or leave it out")
}

fn no_table(shown: &str, found: &str) -> Box<Diagnostic> {
    refused(
        shown,
        "FIL114",
        "no table",
        found.to_owned(),
        "delimited text or a workbook",
        "if the file has one column only, describe it by hand",
    )
}

fn refused(
    shown: &str,
    code: &'static str,
    message: &str,
    found: String,
    expected: &str,
    help: &str,
) -> Box<Diagnostic> {
    let about = About { code, message, found, expected: expected.to_owned(), help: help.to_owned() };
    Box::new(about.at(refusal::file(shown), Exit::Refused))
}
