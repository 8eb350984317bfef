//! Reads workbooks in other formats than XLSX: ODS row by row; XLSB cell by cell with the library; XLS, which the library can only
//! parse whole, after its size is known to be within the limits. The library tells no percent formats, so a number up to 1 is refused
//! where a percentage is expected, never guessed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{CellErrorType, Data, Range, Reader, SheetType, SheetVisible, Xls, Xlsb, XlsbError};
use chrono::NaiveDateTime;

use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::biff;
use crate::ingest::bounds;
use crate::ingest::header::Bound;
use crate::ingest::hidden_rows::{self, HiddenRows};
use crate::ingest::library::{OfLibrary, attempted};
use crate::ingest::ods::{Ods, OdsTable};
use crate::ingest::package::{Package, broken, damaged, is_encrypted};
use crate::ingest::part_read::PartRead;
use crate::ingest::plan::Plan;
use crate::ingest::record::{Form, Raw, Record};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::Rows;
use crate::ingest::serial;
use crate::ingest::sheet_reader::{self, Best, RowStream, RowTaker, SheetReader};
use crate::ingest::sheet_row::iso;
use crate::ingest::signature::{self, OLE};
use crate::pipeline::limits::Limits;
use crate::pipeline::source::XlsxFormat;

/// Columns of a sheet by the file format.
const COLUMNS: u32 = 16_384;

/// Formats of workbooks that are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BookKind {
    /// The binary form of XLSX.
    Xlsb,
    /// The binary format of 1997 to 2003.
    Xls,
    /// OpenDocument.
    Ods,
}

/// What a file is, by its bytes; `None`: an XLSX workbook, or none at all. Only a file that is named `.xls` may be one: named
/// otherwise, something has renamed it.
pub(super) fn kind_of(bytes: &[u8], path: &str) -> Option<BookKind> {
    if bytes.starts_with(OLE) {
        let is_book = ends_with(path, ".xls") && !is_encrypted(bytes) && signature::of_compound(bytes).is_none();
        return is_book.then_some(BookKind::Xls);
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let holds = |name: &str| archive.index_for_name(name).is_some();
    if holds("xl/workbook.bin") {
        return Some(BookKind::Xlsb);
    }
    // One that is encrypted as a whole holds a package in place of its content.
    (holds("mimetype") && (holds("content.xml") || holds("encrypted-package"))).then_some(BookKind::Ods)
}

/// The note that nobody runs the macros of a workbook that may have some.
pub(super) fn macros(path: &str) -> Option<Diagnostic> {
    let about = About {
        code: "XLS409",
        message: "a workbook with macros",
        found: String::new(),
        expected: String::new(),
        help: "its cells are read, its macros are ignored".into(),
    };
    ends_with(path, ".xlsm").then(|| about.at(refusal::file(path), Exit::Clean))
}

fn ends_with(path: &str, ending: &str) -> bool {
    path.to_ascii_lowercase().ends_with(ending)
}

/// Reads the sheets of a workbook that the source wants.
///
/// # Errors
/// A workbook that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &XlsxFormat,
    kind: BookKind,
    bytes: &[u8],
    path: &str,
    year: Option<i32>,
) -> Result<(Vec<PartRead>, Vec<Diagnostic>), Box<Diagnostic>> {
    let (mut book, hidden_rows) = Book::open(&plan.source.limits, kind, bytes, path)?;
    let sheets = book.sheets();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let (mut parts, mut notes, mut best) = (Vec::new(), Vec::new(), None);
    for place in sheet_reader::choose(&names, &format.sheet, &plan.source.limits, path)? {
        let name = names[place];
        match book.with_rows(path, name, Reading { plan, path, name, year })? {
            Ok((bound, rows)) => {
                parts.push(PartRead { sheet: Some(name.to_owned()), bound, rows });
                notes.extend(sheets[place].hidden.then(|| sheet_reader::hidden_note(path, name)));
            }
            Err(nearest) => best = Best::of(best, nearest),
        }
    }
    if parts.is_empty() {
        return Err(Best::not_found(best.as_ref(), plan, path));
    }
    notes.extend(sheet_reader::hidden_rows_note(hidden_rows, refusal::file(path)));
    Ok((parts, notes))
}

/// Reads the rows of a sheet into the columns of a plan.
struct Reading<'a, 'p> {
    plan: &'a Plan<'p>,
    path: &'a str,
    name: &'a str,
    year: Option<i32>,
}

impl RowTaker for Reading<'_, '_> {
    type Out = Result<(Bound, Rows), Option<Best>>;

    fn take<S: RowStream>(self, stream: &mut S) -> Result<Self::Out, Box<Diagnostic>> {
        let Reading { plan, path, name, year } = self;
        SheetReader { plan, stream, path, name, year }.read()
    }
}

type Bytes<'b> = Cursor<&'b [u8]>;

/// An open workbook.
pub(super) enum Book<'b> {
    Xlsb(Xlsb<Bytes<'b>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Ods(Ods<'b>),
}

/// A worksheet of a workbook.
pub(super) struct BookSheet {
    pub(super) name: String,
    pub(super) hidden: bool,
}

impl<'b> Book<'b> {
    /// Opens a workbook that is within its limits, and counts the hidden rows of all its sheets.
    ///
    /// # Errors
    /// A damaged one, one beyond a limit.
    pub(super) fn open(
        limits: &Limits,
        kind: BookKind,
        bytes: &'b [u8],
        path: &'b str,
    ) -> Result<(Book<'b>, u64), Box<Diagnostic>> {
        let size = bytes.len() as u64;
        if kind != BookKind::Xlsb && size > limits.whole_file_bytes {
            let (found, most) = (format!("{size} bytes, of a format that is read whole"), limits.whole_file_bytes);
            return Err(bounds::over("whole_file_bytes", found, most, refusal::file(path)));
        }
        let (book, hidden_rows) = match kind {
            BookKind::Xls => {
                let surveyed = biff::survey(bytes, path, limits)?;
                let book = parsed(path, None, || Xls::new(Cursor::new(surveyed.file)))?;
                (Book::Xls(Box::new(book)), surveyed.hidden_rows)
            }
            BookKind::Xlsb => {
                let (mut rows, mut parts) = (HiddenRows::default(), BTreeSet::new());
                // The library makes room for as many bytes as a record says that it has.
                let mut is_cut = false;
                Package::open(bytes, path, *limits)?.visit_all(|part, content, is_end| {
                    if part.starts_with("xl/worksheets/") && part.ends_with(".bin") {
                        parts.extend(is_end.then(|| part.to_owned()));
                        rows.take(content);
                    } else if ["xl/workbook.bin", "xl/sharedStrings.bin", "xl/styles.bin"].contains(&part) {
                        hidden_rows::pass_records(content);
                    } else {
                        content.clear();
                    }
                    is_cut |= is_end && !content.is_empty();
                })?;
                if is_cut {
                    return Err(broken(path, None, "a record without an end"));
                }
                let book = parsed(path, None, || Xlsb::new(Cursor::new(bytes)))?;
                let book = Book::Xlsb(book);
                if book.sheets().len() > parts.len() {
                    return Err(damaged(path, "more sheets than parts that hold one"));
                }
                (book, rows.hidden)
            }
            BookKind::Ods => {
                let book = Ods::open(bytes, path, *limits)?;
                let hidden_rows = book.hidden_rows;
                (Book::Ods(book), hidden_rows)
            }
        };
        let (sheets, mut names) = (book.sheets(), BTreeSet::new());
        match sheets.iter().find(|sheet| !names.insert(&sheet.name)) {
            Some(twice) => Err(damaged(path, &format!("two sheets named `{}`", refusal::short(&twice.name)))),
            None => Ok((book, hidden_rows)),
        }
    }

    /// Its worksheets.
    pub(super) fn sheets(&self) -> Vec<BookSheet> {
        let sheets = match self {
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => {
                let sheet = |table: &OdsTable| BookSheet { name: table.name.clone(), hidden: table.hidden };
                return book.tables.iter().map(sheet).collect();
            }
        };
        let sheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let hidden = |visible| visible != SheetVisible::Visible;
        sheets.map(|sheet| BookSheet { name: sheet.name.clone(), hidden: hidden(sheet.visible) }).collect()
    }

    /// Hands the rows of a sheet over.
    ///
    /// # Errors
    /// A sheet that cannot be read, and what the taker refuses.
    pub(super) fn with_rows<T: RowTaker>(
        &mut self,
        path: &str,
        name: &str,
        taker: T,
    ) -> Result<T::Out, Box<Diagnostic>> {
        match self {
            Book::Xlsb(book) => taker.take(&mut xlsb_rows(book, path, name)?),
            Book::Xls(book) => {
                let from_1904 = book.has_1904_epoch();
                let range = parsed(path, Some(name), || book.worksheet_range(name))?;
                taker.take(&mut RangeRows::new(&range, from_1904))
            }
            Book::Ods(book) => {
                let table = book.tables.iter().find(|table| table.name == name).cloned();
                let table = table.ok_or_else(|| broken(path, Some(name), "no such sheet"))?;
                taker.take(&mut book.rows(&table))
            }
        }
    }
}

/// What the library makes of records.
///
/// # Errors
/// A workbook, or a sheet of it, whose records the library refuses, or at which it gives up: that may be a sound one.
fn parsed<T, E: OfLibrary>(
    path: &str,
    sheet: Option<&str>,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, Box<Diagnostic>> {
    let found = match attempted(work) {
        Some(Ok(parsed)) => return Ok(parsed),
        Some(Err(error)) => error.told(),
        None => "the reader of this format gave up at one of them".to_owned(),
    };
    let what = if sheet.is_some() { "the records of the sheet" } else { "the records about all its sheets" };
    Err(broken(path, sheet, &format!("{what} cannot be read: {found}")))
}

/// A row as the library holds it.
struct BookRow<'r> {
    /// Column of the first cell, from 0.
    first: usize,
    cells: &'r [Data],
    from_1904: bool,
}

impl Record for BookRow<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        index.checked_sub(self.first).and_then(|place| self.cells.get(place)).map_or(Raw::Empty, |cell| self.raw(cell))
    }

    fn len(&self) -> usize {
        self.first + self.cells.len()
    }

    fn bytes(&self, index: usize) -> usize {
        match index.checked_sub(self.first).and_then(|place| self.cells.get(place)) {
            Some(Data::String(text)) => text.len(),
            _ => 0,
        }
    }

    fn written(&self, index: usize) -> Cow<'_, str> {
        match index.checked_sub(self.first).and_then(|place| self.cells.get(place)) {
            Some(Data::String(text)) => Cow::Borrowed(text),
            _ => self.cell(index).stored(),
        }
    }

    fn sees_formats(&self) -> bool {
        false
    }

    fn form(&self, index: usize) -> Form<'_> {
        match self.cell(index) {
            Raw::Text(_) => Form::Text,
            Raw::Number(_) => Form::Number,
            _ => Form::Untold,
        }
    }

    fn moment_of(&self, number: f64) -> Option<NaiveDateTime> {
        serial::moment_of(number, self.from_1904)
    }
}

impl BookRow<'_> {
    fn raw<'c>(&self, cell: &'c Data) -> Raw<'c> {
        match cell {
            Data::Empty => Raw::Empty,
            Data::Int(number) => Raw::Number(*number as f64),
            Data::Float(number) => Raw::Number(*number),
            Data::String(text) | Data::DurationIso(text) => Raw::of_text(text),
            Data::Bool(flag) => Raw::Flag(*flag),
            Data::DateTime(time) if time.is_duration() => Raw::Number(time.as_f64()),
            Data::DateTime(time) => serial::moment(*time).map_or(Raw::Number(time.as_f64()), Raw::Moment),
            Data::DateTimeIso(text) => iso(text),
            Data::Error(error) => Raw::Error(error_text(error)),
        }
    }
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

/// The rows of a sheet that was parsed whole. Rows without a value do not appear.
struct RangeRows<'a> {
    range: &'a Range<Data>,
    /// Place of the next row in the range.
    at: usize,
    from_1904: bool,
}

impl<'a> RangeRows<'a> {
    fn new(range: &'a Range<Data>, from_1904: bool) -> RangeRows<'a> {
        RangeRows { range, at: 0, from_1904 }
    }
}

impl RowStream for RangeRows<'_> {
    type Row<'r>
        = BookRow<'r>
    where
        Self: 'r;

    fn next_row(&mut self) -> Result<Option<(u32, BookRow<'_>)>, Box<Diagnostic>> {
        let (first_row, first) = self.range.start().unwrap_or_default();
        let rows = self.range.rows().skip(self.at);
        for (place, cells) in rows.enumerate() {
            let Some(last) = cells.iter().rposition(|cell| *cell != Data::Empty) else { continue };
            let number = first_row + (self.at + place) as u32 + 1;
            self.at += place + 1;
            let row = BookRow { first: first as usize, cells: &cells[..=last], from_1904: self.from_1904 };
            return Ok(Some((number, row)));
        }
        Ok(None)
    }
}

type XlsbCell = calamine::Cell<Data>;
type XlsbCells<'a> = Box<dyn FnMut() -> Result<Option<XlsbCell>, XlsbError> + 'a>;

/// The rows of an XLSB sheet, put together from the stream of its cells.
struct XlsbRows<'a> {
    next: XlsbCells<'a>,
    /// Cells with a formula, by row and column from 0; the stream of cells leaves out those whose value is an error.
    formulas: BTreeSet<(u32, u32)>,
    /// The first cell of the next row.
    ahead: Option<XlsbCell>,
    row: Vec<Data>,
    from_1904: bool,
    path: &'a str,
    name: &'a str,
}

/// A stream of the cells of a sheet, and which of them are formulas.
fn xlsb_rows<'a>(book: &'a mut Xlsb<Bytes<'_>>, path: &'a str, name: &'a str) -> Result<XlsbRows<'a>, Box<Diagnostic>> {
    let from_1904 = book.has_1904_epoch();
    let formulas = parsed(path, Some(name), || formulas_of(book, name))?;
    let mut cells = parsed(path, Some(name), || book.worksheet_cells_reader(name))?;
    let mut ended = false;
    let next = move || {
        // The stream must not be asked beyond its end.
        let cell = if ended { None } else { cells.next_cell()? };
        ended = cell.is_none();
        Ok(cell.map(|cell| calamine::Cell::new(cell.get_position(), Data::from(cell.get_value().clone()))))
    };
    Ok(XlsbRows { next: Box::new(next), formulas, ahead: None, row: Vec::new(), from_1904, path, name })
}

fn formulas_of(book: &mut Xlsb<Bytes<'_>>, name: &str) -> Result<BTreeSet<(u32, u32)>, XlsbError> {
    let mut formulas = BTreeSet::new();
    let mut cells = book.worksheet_cells_reader(name)?;
    while let Some(formula) = cells.next_formula()? {
        formulas.insert(formula.get_position());
    }
    Ok(formulas)
}

impl XlsbRows<'_> {
    fn next_cell(&mut self) -> Result<Option<XlsbCell>, Box<Diagnostic>> {
        match self.ahead.take() {
            Some(cell) => Ok(Some(cell)),
            None => parsed(self.path, Some(self.name), &mut self.next),
        }
    }

    fn put(&mut self, column: u32, cell: Data) -> Result<(), Box<Diagnostic>> {
        if column >= COLUMNS {
            let place = refusal::sheet(self.path, Some(self.name));
            return Err(bounds::over("columns", "a column beyond XFD".to_owned(), u64::from(COLUMNS), place));
        }
        let column = column as usize;
        if self.row.len() <= column {
            self.row.resize(column + 1, Data::Empty);
        }
        self.row[column] = cell;
        Ok(())
    }
}

impl RowStream for XlsbRows<'_> {
    type Row<'r>
        = BookRow<'r>
    where
        Self: 'r;

    fn next_row(&mut self) -> Result<Option<(u32, BookRow<'_>)>, Box<Diagnostic>> {
        self.row.clear();
        let cell = self.next_cell()?;
        let error = self.formulas.first().map(|(row, _)| *row);
        let Some(number) = cell.as_ref().map(|cell| cell.get_position().0).into_iter().chain(error).min() else {
            return Ok(None);
        };
        self.ahead = cell;
        while let Some(cell) = self.next_cell()? {
            let (row, column) = cell.get_position();
            if row != number {
                self.ahead = Some(cell);
                break;
            }
            self.formulas.remove(&(row, column));
            self.put(column, cell.get_value().clone())?;
        }
        while let Some(place) = self.formulas.first().copied().filter(|(row, _)| *row <= number) {
            self.formulas.remove(&place);
            self.put(place.1, Data::Error(CellErrorType::Value))?;
        }
        Ok(Some((number + 1, BookRow { first: 0, cells: &self.row, from_1904: self.from_1904 })))
    }
}
