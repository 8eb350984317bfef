//! The sheets of an unknown workbook: the first rows of each.

use crate::diagnose::Diagnostic;
use crate::ingest::infer::dialect::RECORDS;
use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::package::Package;
use crate::ingest::read_book::{self, Book};
use crate::ingest::record::Record;
use crate::ingest::sheet_reader::{RowStream, RowTaker};
use crate::ingest::sheet_rows;
use crate::ingest::signature::OLE;
use crate::ingest::workbook::Workbook;
use crate::pipeline::limits::Limits;

/// One sheet.
#[derive(Debug)]
pub(super) struct SampleSheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) rows: Vec<SampleRow>,
}

/// Whether the bytes are a workbook of any kind. An archive may as well hold a text.
pub(super) fn is_book(bytes: &[u8], path: &str) -> bool {
    const ENDINGS: [&str; 5] = [".xlsx", ".xlsm", ".xltx", ".xlsb", ".ods"];
    let holds = |name: &str| memchr::memmem::find(bytes, name.as_bytes()).is_some();
    let name = path.to_ascii_lowercase();
    let is_named = ENDINGS.iter().any(|ending| name.ends_with(ending));
    bytes.starts_with(OLE)
        || read_book::kind_of(bytes, path).is_some()
        || (bytes.starts_with(b"PK\x03\x04") && (is_named || holds("[Content_Types].xml") || holds("xl/")))
}

/// So many sheets are looked at.
pub(super) const SHEETS: usize = 100;

/// The first rows of the first sheets, and how many sheets there are.
///
/// # Errors
/// A workbook that cannot be read, or is beyond the limits.
pub(super) fn read(bytes: &[u8], path: &str) -> Result<(Vec<SampleSheet>, usize), Box<Diagnostic>> {
    let limits = Limits::default();
    let mut sheets = Vec::new();
    let count = match read_book::kind_of(bytes, path) {
        Some(kind) => {
            let (mut book, _) = Book::open(&limits, kind, bytes, path)?;
            let all = book.sheets();
            let count = all.len();
            for sheet in all.into_iter().take(SHEETS) {
                let rows = book.with_rows(path, &sheet.name, FirstRows)?;
                sheets.push(SampleSheet { hidden: sheet.hidden, name: sheet.name, rows });
            }
            count
        }
        None => {
            let mut book = Workbook::open(Package::open(bytes, path, limits)?, path)?;
            let first: Vec<_> = book.sheets.iter().take(SHEETS).cloned().collect();
            for sheet in first {
                let rows = sheet_rows::with_rows(&mut book, &sheet, path, &limits, |rows| FirstRows.take(rows))?;
                sheets.push(SampleSheet { name: sheet.name.clone(), hidden: sheet.hidden, rows });
            }
            book.sheets.len()
        }
    };
    Ok((sheets, count))
}

/// Keeps the first rows that hold something.
struct FirstRows;

impl RowTaker for FirstRows {
    type Out = Vec<SampleRow>;

    fn take<S: RowStream>(self, stream: &mut S) -> Result<Vec<SampleRow>, Box<Diagnostic>> {
        let mut rows = Vec::new();
        while rows.len() < RECORDS {
            let Some((line, row)) = stream.next_row()? else { break };
            let cells = (0..row.len()).map(|place| Seen::of(row.cell(place))).collect();
            let row = SampleRow { line, cells };
            if row.filled() > 0 {
                rows.push(row);
            }
        }
        Ok(rows)
    }
}
