//! Reads workbooks: cells are streamed in file order, typed cells stay typed, and the dense range of a sheet is never built.
//! Row numbers are those a spreadsheet program shows.

use std::collections::HashSet;
use std::io::Cursor;

use calamine::{CellErrorType, DataRef, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxCellReader, XlsxError};
use chrono::{NaiveDateTime, TimeDelta, Timelike};

use crate::diagnose::{CellPlace, Diagnostic, Exit};
use crate::ingest::header::{self, Bound};
use crate::ingest::package;
use crate::ingest::plan::Plan;
use crate::ingest::record::{Raw, Record, is_blank, is_total};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::{RowReader, Rows};
use crate::pipeline::source::XlsxFormat;

/// Columns of a sheet by the file format.
const COLUMNS: u32 = 16_384;

/// What became of one sheet.
pub(super) struct SheetRead {
    pub(super) name: String,
    pub(super) bound: Bound,
    pub(super) rows: Rows,
}

/// Sheets that were read, and notes that change nothing.
pub(super) type Workbook = (Vec<SheetRead>, Vec<Diagnostic>);

/// Reads the named sheet, or every sheet with the required headers.
///
/// # Errors
/// A workbook that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &XlsxFormat,
    bytes: &[u8],
    path: &str,
    year: Option<i32>,
) -> Result<Workbook, Box<Diagnostic>> {
    package::check(bytes, path)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(path, None, &error))?;
    let names = sheets_of(&workbook, format, path)?;
    let mut read = Vec::new();
    let mut best: Option<Best> = None;
    for name in &names {
        let damaged = |error: XlsxError| broken(path, Some(name), &error);
        let shares =
            if plan.reads_percentages() { shares_of(&mut workbook, name).map_err(damaged)? } else { HashSet::new() };
        let cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
        match (SheetReader { plan, cells: SheetRows::new(cells, shares), path, name, year }).read()? {
            Ok(sheet) => read.push(sheet),
            Err(nearest) => best = best.max_by_hits(nearest),
        }
    }
    if read.is_empty() {
        let sheet = best.as_ref().map(|best| best.sheet.as_str()).or(format.sheet.as_deref());
        let place = refusal::sheet(path, sheet);
        let found = best.as_ref().map(|best| (&*best.headers, best.row));
        return Err(header::not_found(plan, found, place, "add the new header to the list of the column".into()));
    }
    let notes = hidden_notes(&workbook, &read, path);
    Ok((read, notes))
}

/// Cells with a percent format: row and column from 0. The stream that tells formulas does not tell formats, so this is a pass
/// of its own, only for sources that read percentages.
fn shares_of(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<HashSet<(u32, u32)>, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(name)?;
    let is_percent =
        |style: &Style| style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%'));
    let percent: Vec<bool> = cells.styles().iter().map(is_percent).collect();
    let mut shares = HashSet::new();
    if !percent.contains(&true) {
        return Ok(shares);
    }
    while let Some((cell, style)) = cells.next_cell_with_style_id()? {
        if percent.get(style) == Some(&true) && matches!(cell.get_value(), DataRef::Float(_) | DataRef::Int(_)) {
            shares.insert(cell.get_position());
        }
    }
    Ok(shares)
}

fn sheets_of(workbook: &Xlsx<Cursor<&[u8]>>, format: &XlsxFormat, path: &str) -> Result<Vec<String>, Box<Diagnostic>> {
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let Some(wanted) = &format.sheet else { return Ok(names) };
    let folded = crate::base::text::fold(wanted);
    match names
        .iter()
        .find(|name| *name == wanted)
        .or_else(|| names.iter().find(|name| crate::base::text::fold(name) == folded))
    {
        Some(name) => Ok(vec![name.clone()]),
        None => Err(About {
            code: "XLS401",
            message: "no such sheet",
            found: names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            expected: format!("a sheet `{wanted}`"),
            help: "correct `sheet` of the source".into(),
        }
        .refuse(refusal::file(path))),
    }
}

/// Hidden sheets are read like others, and said.
fn hidden_notes(workbook: &Xlsx<Cursor<&[u8]>>, read: &[SheetRead], path: &str) -> Vec<Diagnostic> {
    let hidden = workbook.sheets_metadata().iter().filter(|sheet| sheet.visible != SheetVisible::Visible);
    hidden
        .filter(|sheet| read.iter().any(|read| read.name == sheet.name))
        .map(|sheet| {
            About {
                code: "XLS402",
                message: "a hidden sheet was read",
                found: String::new(),
                expected: String::new(),
                help: "name the sheet in `sheet` of the source if this one is not meant".into(),
            }
            .at(refusal::sheet(path, Some(&sheet.name)), Exit::Clean)
        })
        .collect()
}

fn broken(path: &str, sheet: Option<&str>, error: &XlsxError) -> Box<Diagnostic> {
    About {
        code: "XLS403",
        message: "not a readable workbook",
        found: error.to_string(),
        expected: "an XLSX workbook".into(),
        help: "open the file in a spreadsheet program and save it as .xlsx".into(),
    }
    .refuse(refusal::sheet(path, sheet))
}

/// The row that looked most like a header row.
struct Best {
    hits: usize,
    sheet: String,
    headers: Vec<String>,
    row: u32,
}

trait MaxByHits {
    fn max_by_hits(self, other: Option<Best>) -> Option<Best>;
}

impl MaxByHits for Option<Best> {
    fn max_by_hits(self, other: Option<Best>) -> Option<Best> {
        match (self, other) {
            (Some(own), Some(other)) => Some(if other.hits > own.hits { other } else { own }),
            (own, other) => own.or(other),
        }
    }
}

/// A cell while its row is put together.
enum Held<'a> {
    Data(DataRef<'a>),
    Share(f64),
    NoValue,
}

/// One row of a sheet.
#[derive(Default)]
struct SheetRow<'a> {
    /// As a spreadsheet program shows it.
    number: u32,
    cells: Vec<Held<'a>>,
}

impl Record for SheetRow<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        match self.cells.get(index) {
            None => Raw::Empty,
            Some(Held::NoValue) => Raw::NoValue,
            Some(Held::Share(share)) => Raw::Share(*share),
            Some(Held::Data(data)) => raw_of(data),
        }
    }

    fn len(&self) -> usize {
        self.cells.len()
    }
}

fn raw_of<'a>(data: &'a DataRef<'_>) -> Raw<'a> {
    match data {
        DataRef::Empty => Raw::Empty,
        DataRef::Int(number) => Raw::Number(*number as f64),
        DataRef::Float(number) => Raw::Number(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => Raw::of_text(text),
        DataRef::SharedString(text) => Raw::of_text(text),
        DataRef::Bool(flag) => Raw::Flag(*flag),
        DataRef::DateTime(serial) if serial.is_duration() => Raw::Number(serial.as_f64()),
        DataRef::DateTime(serial) => {
            serial.as_datetime().map_or(Raw::Number(serial.as_f64()), |time| Raw::Moment(settled(time)))
        }
        DataRef::DateTimeIso(text) => iso_moment(text).map_or(Raw::of_text(text), Raw::Moment),
        DataRef::Error(error) => Raw::Error(error_text(error)),
    }
}

/// A serial number holds a time of day as a fraction; a millisecond beside a whole second is its rounding.
fn settled(time: NaiveDateTime) -> NaiveDateTime {
    match time.nanosecond() / 1_000_000 {
        1 => time - TimeDelta::milliseconds(1),
        999 => time + TimeDelta::milliseconds(1),
        _ => time,
    }
}

fn iso_moment(text: &str) -> Option<NaiveDateTime> {
    let time = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok();
    time.or_else(|| text.parse::<chrono::NaiveDate>().ok().map(|day| day.and_time(chrono::NaiveTime::MIN)))
}

fn error_text(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#DATA!",
    }
}

/// Rows of a sheet, put together from the stream of its cells. Rows that the file does not hold do not appear.
struct SheetRows<'a, 'b> {
    cells: XlsxCellReader<'a, Cursor<&'b [u8]>>,
    /// The first cell of the next row.
    ahead: Option<(u32, u32, Held<'a>)>,
    row: SheetRow<'a>,
    /// Cells with a percent format.
    shares: HashSet<(u32, u32)>,
    /// The stream must not be asked beyond its end.
    ended: bool,
}

impl<'a, 'b> SheetRows<'a, 'b> {
    fn new(cells: XlsxCellReader<'a, Cursor<&'b [u8]>>, shares: HashSet<(u32, u32)>) -> SheetRows<'a, 'b> {
        SheetRows { cells, ahead: None, row: SheetRow::default(), shares, ended: false }
    }

    /// Puts the next row together; `false` at the end.
    fn next(&mut self) -> Result<bool, XlsxError> {
        self.row.cells.clear();
        let first = match self.ahead.take() {
            Some(cell) => Some(cell),
            None => self.next_cell()?,
        };
        let Some((number, column, cell)) = first else { return Ok(false) };
        self.row.number = number + 1;
        self.put(column, cell);
        while let Some((row, column, cell)) = self.next_cell()? {
            if row != number {
                self.ahead = Some((row, column, cell));
                break;
            }
            self.put(column, cell);
        }
        Ok(true)
    }

    fn next_cell(&mut self) -> Result<Option<(u32, u32, Held<'a>)>, XlsxError> {
        if self.ended {
            return Ok(None);
        }
        let Some(record) = self.cells.next_cell_with_formula_metadata()? else {
            self.ended = true;
            return Ok(None);
        };
        if record.pos.1 >= COLUMNS {
            return Err(XlsxError::Unexpected("a column beyond XFD"));
        }
        let held = match record.value {
            DataRef::Empty if record.formula.is_some() => Held::NoValue,
            DataRef::Float(share) if self.shares.contains(&record.pos) => Held::Share(share),
            value => Held::Data(value),
        };
        Ok(Some((record.pos.0, record.pos.1, held)))
    }

    /// Trailing empty cells are styled ones and make the row no longer.
    fn put(&mut self, column: u32, cell: Held<'a>) {
        if matches!(cell, Held::Data(DataRef::Empty)) {
            return;
        }
        let column = column as usize;
        while self.row.cells.len() < column {
            self.row.cells.push(Held::Data(DataRef::Empty));
        }
        if self.row.cells.len() == column { self.row.cells.push(cell) } else { self.row.cells[column] = cell }
    }
}

struct SheetReader<'a, 'b, 'p> {
    plan: &'a Plan<'p>,
    cells: SheetRows<'a, 'b>,
    path: &'a str,
    name: &'a str,
    year: Option<i32>,
}

impl SheetReader<'_, '_, '_> {
    /// The sheet, or its row that looks most like a header row.
    fn read(mut self) -> Result<Result<SheetRead, Option<Best>>, Box<Diagnostic>> {
        let mut structural = 0;
        let mut best: Option<Best> = None;
        for _ in 0..header::SEARCHED {
            if !self.next()? {
                break;
            }
            structural += 1;
            let row = &self.cells.row;
            if header::is_header(self.plan, row) {
                let place = CellPlace { row: Some(row.number), ..refusal::sheet(self.path, Some(self.name)) };
                let bound = header::bind(self.plan, row, &place)?;
                let rows = self.read_rows(&bound, structural)?;
                return Ok(Ok(SheetRead { name: self.name.to_owned(), bound, rows }));
            }
            let hits = header::hits(self.plan, row);
            let headers = header::written(row);
            best = best.max_by_hits(Some(Best { hits, sheet: self.name.to_owned(), headers, row: row.number }));
        }
        Ok(Err(best))
    }

    fn read_rows(&mut self, bound: &Bound, structural: u64) -> Result<Rows, Box<Diagnostic>> {
        let mut reader = RowReader::new(self.plan, bound, self.year);
        reader.count_structural(structural);
        while self.next()? {
            let row = &self.cells.row;
            if is_blank(row) || is_total(row, &self.plan.totals) {
                reader.count_structural(1);
            } else {
                reader.read(row, row.number, None);
            }
        }
        Ok(reader.finish())
    }

    fn next(&mut self) -> Result<bool, Box<Diagnostic>> {
        self.cells.next().map_err(|error| broken(self.path, Some(self.name), &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_loses_its_rounding() {
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap();
        assert_eq!(settled(time("2026-11-09 13:59:59.999")), time("2026-11-09 14:00:00"));
        assert_eq!(settled(time("2026-11-09 14:00:00.250")), time("2026-11-09 14:00:00.250"));
    }

    #[test]
    fn iso_cells() {
        assert!(iso_moment("2026-11-09T14:00:00").is_some());
        assert!(iso_moment("2026-11-09").is_some());
        assert!(iso_moment("tomorrow").is_none());
    }
}
