//! The cells that findings cite, read again in the files: what a run keeps of a row is what was made of it. Of a large night few cells
//! are cited, so that their text costs memory only where somebody reads it. A file must be the very bytes that were read before.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::base::code_page::CodePage;
use crate::base::disk::{self, DiskFile};
use crate::base::text::fold;
use crate::diagnose::Diagnostic;
use crate::frame::kind::Cell;
use crate::frame::lineage::{Part, PartColumn, Parts, part_of, row_of};
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

/// What is cited: references of rows and their fields, ascending, each once.
#[derive(Debug, Default)]
pub struct Citations(Vec<(u64, CitedField)>);

impl FromIterator<(u64, CitedField)> for Citations {
    fn from_iter<I: IntoIterator<Item = (u64, CitedField)>>(cited: I) -> Citations {
        let mut cited: Vec<(u64, CitedField)> = cited.into_iter().collect();
        cited.par_sort_unstable();
        cited.dedup();
        Citations(cited)
    }
}

/// What stands behind a field of a row.
#[derive(Debug, Clone, Default)]
pub enum FieldCells<'run> {
    /// Nothing: the file has no such column.
    #[default]
    Nothing,
    /// No cell but a line of the configuration: the value of every row, as a cell would be written.
    Declared(String),
    /// The cells that made the value.
    Cells(Box<[CitedCell<'run>]>),
    /// The whole row, and where one of its cells stands.
    Row(String, Range<usize>),
}

/// A cell, as the file holds it.
#[derive(Debug, Clone)]
pub struct CitedCell<'run> {
    /// Header as written, or the position from 1.
    pub header: &'run str,
    /// The text: of a delimited file without its quotes, of a workbook the stored value; masked where the column is personal.
    pub text: Box<str>,
    /// It holds nothing, or what stands for nothing in its source.
    pub is_empty: bool,
    /// Its text is masked.
    pub is_masked: bool,
    /// One of several amounts that are added, or subtracted where `true`.
    pub term: Option<bool>,
    /// What the pipeline itself says of the word, where no pack does.
    pub own_word: Option<&'run OwnWord>,
}

/// The cells that were read again: those of each citation.
#[derive(Debug, Default)]
pub struct Cited<'run>(Citations, Vec<FieldCells<'run>>);

impl<'run> Cited<'run> {
    /// What stands behind a field of a row.
    pub fn get(&self, reference: u64, field: &CitedField) -> &FieldCells<'run> {
        let Cited(Citations(wanted), cells) = self;
        let place = wanted.binary_search_by(|(row, cited)| (row, cited).cmp(&(&reference, field)));
        place.map_or(&FieldCells::Nothing, |place| &cells[place])
    }
}

/// What was found of the rows of a file, by the places of the citations.
type FoundCells<'run> = Vec<(usize, FieldCells<'run>)>;

/// Reads the cited cells; files side by side, each once.
///
/// # Errors
/// A file that is gone, cannot be read, or is not what was read before.
pub fn read_cited<'run>(
    pipeline: &'run Pipeline,
    parts: &'run Parts,
    wanted: Citations,
) -> Result<Cited<'run>, Box<Diagnostic>> {
    let mut files: BTreeMap<(&str, &str), Vec<CitedSheet<'_, 'run>>> = BTreeMap::new();
    let mut first = 0;
    for cited in wanted.0.chunk_by(|(a, _), (b, _)| part_of(*a) == part_of(*b)) {
        if let Some((part, _)) = cited.first().and_then(|(reference, _)| parts.locate(*reference)) {
            files.entry((&part.source, &part.path)).or_default().push(CitedSheet { part, cited, first });
        }
        first += cited.len();
    }
    let files: Vec<_> = files.into_iter().collect();
    let read = files.into_par_iter().with_max_len(1).map(|((source, _), sheets)| {
        let Some(source) = pipeline.source(source) else { return Ok(Vec::new()) };
        let plan = Plan::new(pipeline, source)?;
        let concerns = |own: &&OwnWord| own.account.as_ref().is_none_or(|only| Some(only) == source.account.as_ref());
        CitedFile { plan, sheets, own_words: pipeline.own_words.iter().filter(concerns).collect() }.read()
    });
    let read: Vec<FoundCells<'run>> = read.collect::<Result<_, Box<Diagnostic>>>()?;
    let mut cells = vec![FieldCells::Nothing; wanted.0.len()];
    read.into_iter().flatten().for_each(|(place, found)| cells[place] = found);
    Ok(Cited(wanted, cells))
}

/// A part of which something is cited.
struct CitedSheet<'w, 'r> {
    part: &'r Part,
    /// What is cited of it.
    cited: &'w [(u64, CitedField)],
    /// The place of the first of them among all.
    first: usize,
}

impl CitedSheet<'_, '_> {
    /// The first citation of a row from a line on.
    fn from(&self, line: u32) -> usize {
        self.cited.partition_point(|(reference, _)| row_of(*reference) < line)
    }

    /// The cited rows among some lines, and the citations of each.
    fn rows(&self, lines: Range<u32>) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let (mut place, end) = (self.from(lines.start), self.from(lines.end));
        std::iter::from_fn(move || {
            let cited = &self.cited[place..end];
            let row = row_of(cited.first()?.0);
            let next = place + cited.iter().take_while(|(reference, _)| row_of(*reference) == row).count();
            Some((row, std::mem::replace(&mut place, next)..next))
        })
    }
}

/// A file of which something is cited.
struct CitedFile<'w, 'r> {
    plan: Plan<'r>,
    /// At least one.
    sheets: Vec<CitedSheet<'w, 'r>>,
    /// The words that the pipeline adds.
    own_words: Vec<&'r OwnWord>,
}

impl<'w, 'r> CitedFile<'w, 'r> {
    fn read(&self) -> Result<FoundCells<'r>, Box<Diagnostic>> {
        guarded(self.path(), || match &self.plan.source.format {
            Format::Csv(format) => self.read_text(format),
            Format::Xlsx(_) => self.read_workbook(),
        })
    }

    fn first(&self) -> &CitedSheet<'w, 'r> {
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

    fn read_text(&self, format: &CsvFormat) -> Result<FoundCells<'r>, Box<Diagnostic>> {
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
    fn read_windows(&self, format: &CsvFormat) -> Result<Option<FoundCells<'r>>, Box<Diagnostic>> {
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
                if window.follows.is_none() || self.first().rows(window.line..next).next().is_some() {
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
        found: &mut FoundCells<'r>,
    ) {
        let bytes = text.as_bytes();
        let mut record = TextRecord::new(text, Marks::of(format, &self.plan.source.limits));
        let mut at = 0;
        for (row, cited) in self.first().rows(line..end) {
            while line < row {
                let Some(next) = memchr2(b'\n', b'\r', &bytes[at..]) else { return };
                at = behind_line_end(bytes, at + next);
                line += 1;
            }
            if at < bytes.len() && record.read(at, bytes.len(), follows).is_ok() {
                self.take(self.first(), cited, &record, found);
            }
        }
    }

    // ---- workbooks --------------------------------------------------------------------------------------------------------------

    fn read_workbook(&self) -> Result<FoundCells<'r>, Box<Diagnostic>> {
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
                for (row, citations) in cited.rows(0..u32::MAX) {
                    if let Some(record) = rows.seek(row)? {
                        self.take(cited, citations, &record, &mut found);
                    }
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    // ---- one row ----------------------------------------------------------------------------------------------------------------

    fn take(&self, sheet: &CitedSheet<'w, 'r>, cited: Range<usize>, record: &impl Record, found: &mut FoundCells<'r>) {
        let behind = |place: usize| self.behind(sheet.part, &sheet.cited[place].1, record);
        found.extend(cited.map(|place| (sheet.first + place, behind(place))));
    }

    fn behind(&self, part: &'r Part, field: &CitedField, record: &impl Record) -> FieldCells<'r> {
        let places = &part.places;
        match field {
            CitedField::Named(name) => match places.columns.get(*name) {
                Some(columns) => {
                    let mut cells = self.of_field(name, columns, record);
                    cells.iter_mut().for_each(|cell| cell.own_word = self.own_word(name, cell));
                    FieldCells::Cells(cells.into())
                }
                None => self.plan.constant(name).map_or(FieldCells::Nothing, FieldCells::Declared),
            },
            CitedField::Headed(header) => match places.written.iter().find(|column| column.header == *header) {
                Some(column) => FieldCells::Cells([self.cell(column, record)].into()),
                None => FieldCells::Nothing,
            },
            CitedField::Whole(position) => {
                let (text, place) = shown_again(record, part, Some(*position));
                FieldCells::Row(text, place.unwrap_or_default())
            }
        }
    }

    /// Of several columns, those that made the value.
    fn of_field(&self, name: &str, columns: &'r [PartColumn], record: &impl Record) -> Vec<CitedCell<'r>> {
        let cell = |column: &'r PartColumn| self.cell(column, record);
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

    fn cell(&self, column: &'r PartColumn, record: &impl Record) -> CitedCell<'r> {
        let is_empty = self.plan.filled(record.cell(column.place)).is_empty();
        let is_masked = column.is_personal && !is_empty;
        let text = if is_masked { MASK.into() } else { record.written(column.place).into() };
        CitedCell { header: &column.header, text, is_empty, is_masked, term: None, own_word: None }
    }

    /// Where the pipeline says what the word or the code of a cell means.
    fn own_word(&self, field: &str, cell: &CitedCell<'_>) -> Option<&'r OwnWord> {
        let table = match self.plan.spec.field(field).filter(|_| !self.own_words.is_empty())?.cell {
            Cell::CarrierCode => {
                let source = self.plan.source;
                format!("{}/{}", source.carrier.as_deref()?, source.vocabulary.as_deref()?)
            }
            cell => table_of(cell)?.to_owned(),
        };
        let text = fold(&cell.text);
        let is_meant = |own: &&OwnWord| {
            own.table == table
                && match own.label.strip_suffix('*') {
                    Some(family) if table.contains('/') => text.starts_with(&fold(family)),
                    _ => fold(&own.label) == text,
                }
        };
        self.own_words.iter().copied().find(is_meant)
    }
}

/// Takes the cited rows of a sheet that the library reads.
struct Citing<'a, 'w, 'r> {
    file: &'a CitedFile<'w, 'r>,
    sheet: &'a CitedSheet<'w, 'r>,
    found: &'a mut FoundCells<'r>,
}

impl RowTaker for Citing<'_, '_, '_> {
    type Out = ();

    fn take<S: RowStream>(self, rows: &mut S) -> Result<(), Box<Diagnostic>> {
        let last = self.sheet.cited.last().map_or(0, |(reference, _)| row_of(*reference));
        while let Some((row, record)) = rows.next_row()? {
            for (_, cited) in self.sheet.rows(row..row.saturating_add(1)) {
                self.file.take(self.sheet, cited, &record, self.found);
            }
            if row >= last {
                break;
            }
        }
        Ok(())
    }
}
