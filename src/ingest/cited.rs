//! The cells that findings cite, read again in the files: what a run keeps of a row is what was made of it. Of a large night few cells
//! are cited, so that their text costs memory only where somebody reads it. A file must be the very bytes that were read before.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use memchr::memchr2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::base::code_page::CodePage;
use crate::base::disk::{self, DiskFile};
use crate::base::map::Map;
use crate::base::text::fold;
use crate::diagnose::Diagnostic;
use crate::frame::kind::Cell;
use crate::frame::lineage::{Part, PartColumn, Parts, part_of, row_ref};
use crate::ingest::boundary::guarded;
use crate::ingest::files::hexadecimal;
use crate::ingest::package::Package;
use crate::ingest::plan::Plan;
use crate::ingest::read_book::{self, Book};
use crate::ingest::record::Record;
use crate::ingest::refusal;
use crate::ingest::refused::MASK;
use crate::ingest::sheet_reader::{RowStream, RowTaker};
use crate::ingest::sheet_rows;
use crate::ingest::text_record::{Marks, TextRecord, behind_line_end};
use crate::ingest::told::shown_again;
use crate::ingest::windows::Windows;
use crate::ingest::word_tables::table_of;
use crate::ingest::workbook::Workbook;
use crate::ingest::{decode, unpack};
use crate::pipeline::source::{Composed, CsvFormat, Format, TextEncoding};
use crate::pipeline::{OwnWord, Pipeline};

/// Windows of a text that are held at once.
const WINDOWS: usize = 4;

/// What of a row is cited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CitedField {
    /// A field of the row's kind.
    Named(&'static str),
    /// The column of this header.
    Headed(String),
    /// The whole row as quarantine tells it, with the bytes of the cell at a position.
    Whole(usize),
}

/// What is cited of each row, by its reference.
pub type Citations = BTreeMap<u64, BTreeSet<CitedField>>;

/// What stands behind a field of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FieldCells {
    /// Nothing: the file has no such column.
    #[default]
    Nothing,
    /// No cell but a line of the configuration: the value of every row, as a cell would be written.
    Declared(String),
    /// The cells that made the value.
    Cells(Vec<CitedCell>),
    /// The whole row, and where one of its cells stands.
    Row(String, Range<usize>),
}

/// A cell, as the file holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedCell {
    /// Header as written, or the position from 1.
    pub header: String,
    /// The text: of a delimited file without its quotes, of a workbook the stored value; masked where the column is personal.
    pub text: String,
    /// It holds nothing, or what stands for nothing in its source.
    pub is_empty: bool,
    /// Its text is masked.
    pub is_masked: bool,
    /// One of several amounts that are added, or subtracted where `true`.
    pub term: Option<bool>,
    /// The line of the pipeline that says what the word means, where no pack does.
    pub own_word: Option<String>,
}

/// The cells that were read again.
#[derive(Debug, Clone, Default)]
pub struct Cited(Map<(u64, CitedField), FieldCells>);

impl Cited {
    /// What stands behind a field of a row.
    pub fn get(&self, reference: u64, field: &CitedField) -> &FieldCells {
        static NOTHING: FieldCells = FieldCells::Nothing;
        self.0.get(&(reference, field.clone())).unwrap_or(&NOTHING)
    }
}

/// What was found of the rows of a file.
type FoundCells = Vec<((u64, CitedField), FieldCells)>;

/// Reads the cited cells; files side by side, each once.
///
/// # Errors
/// A file that is gone, cannot be read, or is not what was read before.
pub fn read_cited(pipeline: &Pipeline, parts: &Parts, wanted: &Citations) -> Result<Cited, Box<Diagnostic>> {
    let mut files: BTreeMap<(&str, &str), BTreeMap<usize, CitedRows<'_>>> = BTreeMap::new();
    for (reference, fields) in wanted {
        let Some((part, row)) = parts.locate(*reference) else { continue };
        let rows = files.entry((&part.source, &part.path)).or_default().entry(part_of(*reference)).or_default();
        rows.insert(row, fields);
    }
    let files: Vec<_> = files.into_iter().collect();
    let read = files.par_iter().with_max_len(1).map(|((source, _), rows)| {
        let Some(source) = pipeline.source(source) else { return Ok(Vec::new()) };
        let sheets =
            rows.iter().map(|(part, rows)| CitedSheet { number: *part, part: &parts.0[*part], rows }).collect();
        let plan = Plan::new(pipeline, source)?;
        let concerns = |own: &&OwnWord| own.account.as_ref().is_none_or(|only| Some(only) == source.account.as_ref());
        CitedFile { plan, sheets, own_words: pipeline.own_words.iter().filter(concerns).collect() }.read()
    });
    let read: Vec<FoundCells> = read.collect::<Result<_, Box<Diagnostic>>>()?;
    Ok(Cited(read.into_iter().flatten().collect()))
}

/// The cited rows of a part, and what is cited of each.
type CitedRows<'w> = BTreeMap<u32, &'w BTreeSet<CitedField>>;

/// A part of which something is cited.
struct CitedSheet<'r> {
    /// Its place among the parts.
    number: usize,
    part: &'r Part,
    rows: &'r CitedRows<'r>,
}

/// A file of which something is cited.
struct CitedFile<'r> {
    plan: Plan<'r>,
    /// At least one.
    sheets: Vec<CitedSheet<'r>>,
    /// The words that the pipeline adds.
    own_words: Vec<&'r OwnWord>,
}

impl CitedFile<'_> {
    fn read(&self) -> Result<FoundCells, Box<Diagnostic>> {
        guarded(self.path(), || match &self.plan.source.format {
            Format::Csv(format) => self.read_text(format),
            Format::Xlsx(_) => self.read_workbook(),
        })
    }

    fn first(&self) -> &CitedSheet<'_> {
        &self.sheets[0]
    }

    fn path(&self) -> &str {
        &self.first().part.path
    }

    fn failed(&self, error: &std::io::Error) -> Box<Diagnostic> {
        refusal::unreadable(self.path(), error)
    }

    fn check_digest(&self, digest: &[u8]) -> Result<(), Box<Diagnostic>> {
        if hexadecimal(digest) == self.first().part.places.sha256 {
            return Ok(());
        }
        let expected = "the bytes that the run began with";
        Err(refusal::again(
            self.path(),
            "FIL105",
            "a file that changed while the run cited it",
            "other bytes",
            expected,
        ))
    }

    fn whole(&self) -> Result<Vec<u8>, Box<Diagnostic>> {
        let bytes = disk::read(&self.first().part.file).map_err(|error| self.failed(&error))?;
        self.check_digest(&Sha256::digest(&bytes))?;
        Ok(bytes)
    }

    // ---- delimited text ---------------------------------------------------------------------------------------------------------

    fn read_text(&self, format: &CsvFormat) -> Result<FoundCells, Box<Diagnostic>> {
        let is_utf8 = matches!(&format.encoding, TextEncoding::Declared(pages) if **pages == [CodePage::UTF_8]);
        let in_windows = if is_utf8 { self.read_windows(format)? } else { None };
        if let Some(found) = in_windows {
            return Ok(found);
        }
        let bytes = unpack::unpack(self.whole()?, self.path(), &self.plan.source.limits)?;
        let text = decode::decode(bytes, &format.encoding);
        let text =
            text.map_err(|_| refusal::again(self.path(), "FIL105", "a file that changed", "", "its encoding"))?;
        let mut found = Vec::new();
        self.take_lines(format, (text.text(), None), 1, u32::MAX, &mut found);
        Ok(found)
    }

    /// Window after window; `None` where only the whole file tells what its text is.
    fn read_windows(&self, format: &CsvFormat) -> Result<Option<FoundCells>, Box<Diagnostic>> {
        let failed = |error| self.failed(&error);
        let file = DiskFile::open(&self.first().part.file).map_err(failed)?;
        let mut windows = Windows::new(file, Marks::of(format, &self.plan.source.limits));
        let mut found = Vec::new();
        loop {
            let taken = windows.take(WINDOWS).map_err(failed)?;
            if taken.first().is_some_and(|first| first.is_first() && first.is_in_disguise()) {
                return Ok(None);
            }
            for (place, window) in taken.iter().enumerate() {
                let next = taken.get(place + 1).map_or(windows.line(), |next| next.line);
                if window.follows.is_none() || self.first().rows.range(window.line..next).next().is_some() {
                    let end = if window.follows.is_none() { u32::MAX } else { next };
                    self.take_lines(format, (window.decoded().text(), window.follows), window.line, end, &mut found);
                }
            }
            if taken.is_empty() {
                break;
            }
            windows.put_back(taken);
        }
        let (_, digest) = windows.finish().map_err(failed)?;
        self.check_digest(digest.as_ref())?;
        Ok(Some(found))
    }

    /// The cited records of a text that begins on `line`; those from `end` on stand elsewhere.
    fn take_lines(
        &self,
        format: &CsvFormat,
        (text, follows): (&str, Option<u32>),
        mut line: u32,
        end: u32,
        found: &mut FoundCells,
    ) {
        let bytes = text.as_bytes();
        let mut record = TextRecord::new(text, Marks::of(format, &self.plan.source.limits));
        let mut at = 0;
        for (row, fields) in self.first().rows.range(line..end) {
            while line < *row {
                let Some(next) = memchr2(b'\n', b'\r', &bytes[at..]) else { return };
                at = behind_line_end(bytes, at + next);
                line += 1;
            }
            if at < bytes.len() && record.read(at, bytes.len(), follows).is_ok() {
                self.take(self.first(), *row, fields, &record, found);
            }
        }
    }

    // ---- workbooks --------------------------------------------------------------------------------------------------------------

    fn read_workbook(&self) -> Result<FoundCells, Box<Diagnostic>> {
        let (bytes, path) = (self.whole()?, self.path());
        let limits = &self.plan.source.limits;
        let mut found = Vec::new();
        if let Some(kind) = read_book::kind_of(&bytes, path) {
            let (mut book, _) = Book::open(limits, kind, &bytes, path)?;
            for sheet in &self.sheets {
                let name = sheet.part.sheet.as_deref().unwrap_or_default();
                book.with_rows(path, name, Citing { file: self, sheet, found: &mut found })?;
            }
            return Ok(found);
        }
        let mut workbook = Workbook::open(Package::open(&bytes, path, *limits)?, path)?;
        let sheets = workbook.sheets.clone();
        for cited in &self.sheets {
            let name = cited.part.sheet.as_deref().unwrap_or_default();
            let Some(sheet) = sheets.iter().find(|sheet| sheet.name == name) else { continue };
            let before = found.len();
            sheet_rows::with_rows(&mut workbook, sheet, path, limits, |rows| {
                found.truncate(before);
                for (row, fields) in cited.rows {
                    if let Some(record) = rows.seek(*row)? {
                        self.take(cited, *row, fields, &record, &mut found);
                    }
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    // ---- one row ----------------------------------------------------------------------------------------------------------------

    fn take(
        &self,
        sheet: &CitedSheet<'_>,
        row: u32,
        fields: &BTreeSet<CitedField>,
        record: &impl Record,
        found: &mut FoundCells,
    ) {
        let reference = row_ref(sheet.number, row);
        let cells = fields.iter().map(|field| ((reference, field.clone()), self.behind(sheet.part, field, record)));
        found.extend(cells);
    }

    fn behind(&self, part: &Part, field: &CitedField, record: &impl Record) -> FieldCells {
        let places = &part.places;
        match field {
            CitedField::Named(name) => match places.columns.get(*name) {
                Some(columns) => {
                    let mut cells = self.of_field(name, columns, record);
                    cells.iter_mut().for_each(|cell| cell.own_word = self.own_word(name, cell));
                    FieldCells::Cells(cells)
                }
                None => self.plan.constant(name).map_or(FieldCells::Nothing, FieldCells::Declared),
            },
            CitedField::Headed(header) => match places.written.iter().find(|column| column.header == *header) {
                Some(column) => FieldCells::Cells(vec![self.cell(column, record)]),
                None => FieldCells::Nothing,
            },
            CitedField::Whole(position) => {
                let (text, place) = shown_again(record, part, Some(*position));
                FieldCells::Row(text, place.unwrap_or_default())
            }
        }
    }

    /// Of several columns, those that made the value.
    fn of_field(&self, name: &str, columns: &[PartColumn], record: &impl Record) -> Vec<CitedCell> {
        let cell = |column| self.cell(column, record);
        let spec = self.plan.fields.iter().find(|spec| spec.binding.is_some_and(|binding| binding.field == name));
        let composed = spec.and_then(|spec| spec.binding?.composed.as_ref());
        match (spec, composed) {
            (_, Some(Composed::Sum(_))) if columns.len() > 1 => {
                columns.iter().map(|column| CitedCell { term: Some(column.is_subtracted), ..cell(column) }).collect()
            }
            (Some(spec), Some(Composed::First { .. })) => {
                let holds =
                    |column: &&PartColumn| !spec.part_of(self.plan.filled(record.cell(column.place))).is_empty();
                columns.iter().find(holds).or(columns.first()).map(cell).into_iter().collect()
            }
            _ => columns.iter().map(cell).collect(),
        }
    }

    fn cell(&self, column: &PartColumn, record: &impl Record) -> CitedCell {
        let is_empty = self.plan.filled(record.cell(column.place)).is_empty();
        let is_masked = column.is_personal && !is_empty;
        let text = if is_masked { MASK.to_owned() } else { record.written(column.place).into_owned() };
        CitedCell { header: column.header.clone(), text, is_empty, is_masked, term: None, own_word: None }
    }

    /// Where the pipeline says what the word or the code of a cell means.
    fn own_word(&self, field: &str, cell: &CitedCell) -> Option<String> {
        let table = match self.plan.spec.field(field).filter(|_| !self.own_words.is_empty())?.cell {
            Cell::CarrierCode => {
                let source = self.plan.source;
                format!("{}/{}", source.carrier.as_deref()?, source.vocabulary.as_deref()?)
            }
            cell => table_of(cell)?.to_owned(),
        };
        let text = fold(&cell.text);
        let is_meant = |own: &&&OwnWord| {
            own.table == table
                && match own.label.strip_suffix('*') {
                    Some(family) if table.contains('/') => text.starts_with(&fold(family)),
                    _ => fold(&own.label) == text,
                }
        };
        self.own_words.iter().find(is_meant).map(|own| own.place.to_string())
    }
}

/// Takes the cited rows of a sheet that the library reads.
struct Citing<'a, 'r> {
    file: &'a CitedFile<'r>,
    sheet: &'a CitedSheet<'a>,
    found: &'a mut FoundCells,
}

impl RowTaker for Citing<'_, '_> {
    type Out = ();

    fn take<S: RowStream>(self, rows: &mut S) -> Result<(), Box<Diagnostic>> {
        let last = self.sheet.rows.last_key_value().map_or(0, |(row, _)| *row);
        while let Some((row, record)) = rows.next_row()? {
            if let Some(fields) = self.sheet.rows.get(&row) {
                self.file.take(self.sheet, row, fields, &record, self.found);
            }
            if row >= last {
                break;
            }
        }
        Ok(())
    }
}
