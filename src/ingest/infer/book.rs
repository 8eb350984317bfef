//! The sheets of an unknown workbook: the first rows of each.

use std::io::Cursor;

use calamine::{Data, Reader, SheetVisible, open_workbook_auto_from_rs};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::diagnose::Diagnostic;
use crate::ingest::infer::dialect::RECORDS;
use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::package::Package;
use crate::ingest::record::{Record, is_blank};
use crate::ingest::refusal::{self, About};
use crate::ingest::sheet_rows::SheetRows;
use crate::ingest::workbook::Workbook;

/// The library parses these workbooks whole.
const WHOLE_BYTES: usize = 64 << 20;

/// One sheet.
#[derive(Debug)]
pub(super) struct SampleSheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) rows: Vec<SampleRow>,
}

/// Whether the bytes are a workbook of any kind.
pub(super) fn is_book(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// The first rows of all sheets.
///
/// # Errors
/// A workbook that cannot be read, or is beyond the bounds.
pub(super) fn read(bytes: &[u8], path: &str) -> Result<Vec<SampleSheet>, Box<Diagnostic>> {
    let is_package = bytes.starts_with(b"PK\x03\x04");
    if is_package && Package::open(bytes, path)?.text("xl/workbook.bin").is_ok_and(|part| part.is_none()) {
        let mimetype = Package::open(bytes, path)?.text("mimetype")?;
        if mimetype.is_none() {
            return streamed(Workbook::open(Package::open(bytes, path)?, path)?, path);
        }
    }
    if is_package {
        Package::open(bytes, path)?.check_all()?;
    }
    whole(bytes, path)
}

/// The first rows of a workbook of our own reader.
fn streamed(mut book: Workbook<'_>, path: &str) -> Result<Vec<SampleSheet>, Box<Diagnostic>> {
    let mut sheets = Vec::new();
    for sheet in book.sheets.clone() {
        let mut stream = SheetRows::new(book.sheet(&sheet)?, path, &sheet.name)?;
        let mut rows: Vec<SampleRow> = Vec::new();
        while let (Some(row), true) = (stream.next()?, rows.len() < RECORDS) {
            let cells: Vec<Seen> = (0..row.len()).map(|place| Seen::of(row.cell(place))).collect();
            if !is_blank(&row) {
                rows.push(SampleRow { line: row.number, cells });
            }
        }
        sheets.push(SampleSheet { name: sheet.name.clone(), hidden: sheet.hidden, rows });
    }
    Ok(sheets)
}

/// The first rows of a workbook that the library reads.
fn whole(bytes: &[u8], path: &str) -> Result<Vec<SampleSheet>, Box<Diagnostic>> {
    if bytes.len() > WHOLE_BYTES {
        return Err(refused(path, format!("{} bytes", bytes.len()), "look at a shorter export of the same kind"));
    }
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| refused(path, error.to_string(), "save it as .xlsx without a password"))?;
    let metadata = book.sheets_metadata().to_vec();
    let mut sheets = Vec::new();
    for sheet in metadata {
        let Ok(range) = book.worksheet_range(&sheet.name) else { continue };
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        let mut rows = Rows::default();
        for (row, column, cell) in range.used_cells() {
            if !rows.put((first_row + row as u32, first_column + column as u32), seen(cell)) {
                break;
            }
        }
        sheets.push(SampleSheet { hidden: sheet.visible != SheetVisible::Visible, name: sheet.name, rows: rows.0 });
    }
    Ok(sheets)
}

/// Rows while they are put together.
#[derive(Default)]
struct Rows(Vec<SampleRow>);

impl Rows {
    /// Takes a cell at a row and column from 0; `false` when enough rows are there.
    fn put(&mut self, (row, column): (u32, u32), cell: Seen) -> bool {
        if cell.is_empty() {
            return true;
        }
        let line = row + 1;
        if self.0.last().is_none_or(|last| last.line != line) {
            if self.0.len() == RECORDS {
                return false;
            }
            self.0.push(SampleRow { line, cells: Vec::new() });
        }
        if let Some(last) = self.0.last_mut() {
            last.cells.resize(last.cells.len().max(column as usize + 1), Seen::Empty);
            last.cells[column as usize] = cell;
        }
        true
    }
}

fn seen(cell: &Data) -> Seen {
    match cell {
        Data::Empty | Data::Error(_) => Seen::Empty,
        Data::String(text) | Data::DurationIso(text) | Data::DateTimeIso(text) => Seen::of_text(text),
        Data::Int(number) => Seen::Number(*number as f64),
        Data::Float(number) => Seen::Number(*number),
        Data::Bool(flag) => Seen::Flag(*flag),
        Data::DateTime(serial) => match serial.as_datetime() {
            Some(time) => Seen::Moment(whole_second(time)),
            None => Seen::Number(serial.as_f64()),
        },
    }
}

/// A serial number holds a time of day as a fraction, which is hardly ever exact.
fn whole_second(time: NaiveDateTime) -> NaiveDateTime {
    let up = time + TimeDelta::milliseconds(500);
    up.with_nanosecond(0).unwrap_or(time.date().and_time(NaiveTime::MIN))
}

fn refused(path: &str, found: String, help: &str) -> Box<Diagnostic> {
    About {
        code: "XLS403",
        message: "not a readable workbook",
        found,
        expected: "a workbook: .xlsx, .xlsm, .xlsb, .xls, .ods".into(),
        help: help.to_owned(),
    }
    .refuse(refusal::file(path))
}
