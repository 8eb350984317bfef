//! The sheets of an unknown workbook: the first rows of each.

use std::io::Cursor;

use calamine::{Data, Reader, SheetType, SheetVisible, Xlsx, XlsxError, open_workbook_auto_from_rs};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::diagnose::Diagnostic;
use crate::ingest::infer::dialect::RECORDS;
use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::package;
use crate::ingest::refusal::{self, About};

/// The library parses these workbooks whole.
const WHOLE_BYTES: usize = 64 << 20;

/// Columns of a sheet by the file format.
const COLUMNS: u32 = 16_384;

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
    if is_package {
        package::check(bytes, path)?;
    }
    if let Some(book) = is_package.then(|| Xlsx::new(Cursor::new(bytes)).ok()).flatten() {
        return streamed(book, path);
    }
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
        let cells = range.used_cells().map(|(row, column, cell)| {
            let place = (first_row + row as u32, first_column + column as u32);
            (place, seen(cell))
        });
        let mut rows = Rows::default();
        // `put` says whether more is wanted.
        let _ = cells.into_iter().all(|(place, cell)| rows.put(place, cell));
        sheets.push(SampleSheet { hidden: sheet.visible != SheetVisible::Visible, name: sheet.name, rows: rows.0 });
    }
    Ok(sheets)
}

/// A dense range of a sheet is never built: a hostile one has two cells, in its first and in its last corner.
fn streamed(mut book: Xlsx<Cursor<&[u8]>>, path: &str) -> Result<Vec<SampleSheet>, Box<Diagnostic>> {
    let failed =
        |error: XlsxError| refused(path, error.to_string(), "open it in a spreadsheet program and save it as .xlsx");
    let metadata = book.sheets_metadata().to_vec();
    let mut sheets = Vec::new();
    for sheet in metadata.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet) {
        let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(failed)?;
        let mut rows = Rows::default();
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            let (row, column) = cell.get_position();
            if column >= COLUMNS || !rows.put((row, column), seen(&Data::from(cell.get_value().clone()))) {
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
