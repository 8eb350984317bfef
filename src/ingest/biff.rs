//! XLS workbooks, before the library sees them. The library builds the dense rectangle of each sheet and believes what a file
//! declares; so the records are surveyed within the limits, and it gets a file of those alone that hold values: formulas as the
//! values they have, and nothing that declares a size.

use std::collections::BTreeSet;

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::compound::{self, Compound, long, word};
use crate::ingest::package::{broken, protected};
use crate::ingest::refusal;
use crate::pipeline::limits::Limits;

/// Record types.
mod record {
    pub(super) const BEGIN: u16 = 0x0809;
    pub(super) const END: u16 = 0x000A;
    pub(super) const PASSWORD: u16 = 0x002F;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const STYLE: u16 = 0x00E0;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const TEXTS: u16 = 0x00FC;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const RICH_LABEL: u16 = 0x00D6;
    pub(super) const FLAG_OR_ERROR: u16 = 0x0205;
    pub(super) const SHARED: u16 = 0x00FD;
    pub(super) const SHORT_NUMBER: u16 = 0x027E;
    pub(super) const SHORT_NUMBERS: u16 = 0x00BD;
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const TEXT_OF_FORMULA: u16 = 0x0207;
}

/// So many cells may be empty, whatever the rest.
const EMPTY: u64 = 1 << 20;
/// Texts run over more records in no file of a spreadsheet program: each of them takes 8 kB.
const PIECES: usize = 16_384;
/// Bytes before the first shared text: how often texts are named, and how many there are.
const COUNTS: usize = 8;

/// A workbook that is within its limits.
#[derive(Debug)]
pub(super) struct Surveyed {
    /// The file for the library.
    pub(super) file: Vec<u8>,
    /// Rows of all sheets that hold something and are not shown.
    pub(super) hidden_rows: u64,
}

/// Surveys the records of a workbook.
///
/// # Errors
/// A workbook with a password, a damaged one, one beyond a limit.
pub(super) fn survey(bytes: &[u8], path: &str, limits: &Limits) -> Result<Surveyed, Box<Diagnostic>> {
    let damaged = |found: &'static str| broken(path, None, found);
    let stream = Compound::open(bytes).and_then(|mut file| file.stream(&["Workbook", "Book"])).map_err(damaged)?;
    let survey = match Survey::of(&stream) {
        Ok(survey) => survey,
        Err(Fault::Password) => return Err(protected(path)),
        Err(Fault::Damaged(found)) => return Err(damaged(found)),
    };
    let over = |name, found, most| Err(bounds::over(name, found, most, refusal::file(path)));
    let Survey { cells, values, texts, hidden_rows, .. } = survey;
    if cells > limits.whole_cells {
        return over("whole_cells", format!("sheets that are {cells} cells large"), limits.whole_cells);
    }
    if cells > EMPTY && cells / limits.cells_per_value > values {
        let found = format!("sheets that are {cells} cells large, of which {values} hold something");
        return over("cells_per_value", found, limits.cells_per_value);
    }
    if texts > limits.ratio_from_bytes && texts / limits.ratio > bytes.len() as u64 {
        let found = format!("{} bytes whose cells hold {texts} letters", bytes.len());
        return over("ratio", found, limits.ratio);
    }
    let file =
        compound::holding("Workbook", survey.stream).ok_or_else(|| damaged("more records than such a file holds"))?;
    Ok(Surveyed { file, hidden_rows })
}

/// Why a stream is not read.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Password,
    Damaged(&'static str),
}

/// What the records of a workbook hold.
#[derive(Debug, Default)]
struct Survey {
    /// The records that hold values; while sheets are surveyed, those of sheets alone.
    stream: Vec<u8>,
    /// Texts of formulas that are longer than a record, each in its pieces; they are shared texts behind those of the file.
    long_texts: Vec<Vec<u8>>,
    long_count: u32,
    /// Cells of all sheets, as rectangles from the first to the last, and those that hold something.
    cells: u64,
    values: u64,
    /// Letters of all cells.
    texts: u64,
    hidden_rows: u64,
}

impl Survey {
    fn of(stream: &[u8]) -> Result<Survey, Fault> {
        let mut globals = Vec::new();
        // Where each sheet begins in the stream and where the new stream says so; `None` for one that is no worksheet.
        let mut sheets: Vec<(Option<usize>, usize)> = Vec::new();
        let mut texts: Vec<&[u8]> = Vec::new();
        let (mut last, mut has_password, mut is_old) = (0, false, false);
        walk(stream, |kind, data| {
            match kind {
                record::PASSWORD => has_password = true,
                record::BEGIN => {
                    let version = word(data, 0).unwrap_or(0);
                    is_old = matches!(version, 0x0002 | 0x0007 | 0x0200 | 0x0300 | 0x0400 | 0x0500)
                        || version == 0 && word(data, 2) == Some(0x1000);
                    put(&mut globals, kind, data);
                }
                record::SHEET => {
                    let place = long(data, 0).filter(|_| data.get(5) == Some(&0)).map(|place| place as usize);
                    sheets.push((place, globals.len() + 4));
                    put(&mut globals, kind, data);
                }
                // The texts of the format since 1997 are Unicode, whatever the code page.
                record::CODE_PAGE if !is_old => {}
                record::CODE_PAGE | record::DATE_MODE | record::FORMAT | record::STYLE => put(&mut globals, kind, data),
                record::TEXTS => texts = vec![data],
                record::CONTINUE if last == record::TEXTS => {
                    texts.push(data);
                    return;
                }
                _ => {}
            }
            last = kind;
        });
        if has_password {
            return Err(Fault::Password);
        }
        let (lengths, mut pieces) = shared(&texts)?;
        let mut survey = Survey::default();
        let places = survey.read_sheets(stream, &sheets, &lengths, is_old)?;
        pieces.extend(std::mem::take(&mut survey.long_texts));
        if pieces.len() > PIECES {
            return Err(Fault::Damaged("texts in too many pieces"));
        }
        if texts.is_empty() && !pieces.is_empty() {
            pieces.insert(0, vec![0; COUNTS]);
        }
        for (number, piece) in pieces.iter().enumerate() {
            put(&mut globals, if number == 0 { record::TEXTS } else { record::CONTINUE }, piece);
        }
        put(&mut globals, record::END, &[]);
        let begin = globals.len() as u32;
        for (place, (_, named)) in places.into_iter().zip(sheets) {
            let place = begin.checked_add(place).ok_or(Fault::Damaged("more records than such a file holds"))?;
            let named = globals.get_mut(named..named + 4).ok_or(Fault::Damaged("a sheet without a place"))?;
            named.copy_from_slice(&place.to_le_bytes());
        }
        globals.append(&mut survey.stream);
        survey.stream = globals;
        Ok(survey)
    }

    /// Surveys the sheets; where each begins among their records.
    fn read_sheets(
        &mut self,
        stream: &[u8],
        sheets: &[(Option<usize>, usize)],
        texts: &[u64],
        is_old: bool,
    ) -> Result<Vec<u32>, Fault> {
        let (mut walked, mut known, mut places) = (0, BTreeSet::new(), Vec::new());
        for (place, _) in sheets {
            places.push(
                u32::try_from(self.stream.len()).map_err(|_| Fault::Damaged("more records than such a file holds"))?,
            );
            let mut sheet = SheetSurvey { texts, is_old, ..SheetSurvey::default() };
            if let Some(place) = place {
                if !known.insert(*place) {
                    return Err(Fault::Damaged("two sheets at one place"));
                }
                let records = stream.get(*place..).ok_or(Fault::Damaged("a sheet beyond the end"))?;
                walked += walk(records, |kind, data| sheet.add(kind, data, self));
                sheet.end_text(self);
                if walked > 2 * stream.len() {
                    return Err(Fault::Damaged("sheets that overlap"));
                }
                if let Some(fault) = sheet.fault {
                    return Err(Fault::Damaged(fault));
                }
            } else {
                self.put(record::BEGIN, &[0, 6, 0x10, 0]);
            }
            self.put(record::END, &[]);
            self.cells = self.cells.saturating_add(sheet.cells());
            self.hidden_rows += sheet.filled.len() as u64;
        }
        Ok(places)
    }

    fn put(&mut self, kind: u16, data: &[u8]) {
        put(&mut self.stream, kind, data);
    }
}

fn put(stream: &mut Vec<u8>, kind: u16, data: &[u8]) {
    stream.extend(kind.to_le_bytes());
    stream.extend((data.len() as u16).to_le_bytes());
    stream.extend(data);
}

/// Visits the records up to the end of a part of a stream, its beginning included and parts within it left out; returns how many
/// bytes they are.
fn walk<'s>(stream: &'s [u8], mut visit: impl FnMut(u16, &'s [u8])) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let (Some(kind), Some(length)) = (word(stream, at), word(stream, at + 2)) {
        let from = at + 4;
        at = from + usize::from(length);
        match kind {
            record::BEGIN => {
                depth += 1;
                if depth == 1 {
                    visit(kind, stream.get(from..at).unwrap_or_default());
                }
            }
            record::END if depth <= 1 => break,
            record::END => depth -= 1,
            _ if depth <= 1 => visit(kind, stream.get(from..at).unwrap_or_default()),
            _ => {}
        }
    }
    at
}

/// One sheet while its records are seen.
#[derive(Default)]
struct SheetSurvey<'t, 's> {
    /// Letters of the shared texts.
    texts: &'t [u64],
    /// The format before 1997, whose texts have no flags.
    is_old: bool,
    /// First and last row, first and last column.
    found: Option<(u64, u64, u64, u64)>,
    /// Rows that are not shown, and those of them with a cell.
    hidden: BTreeSet<u64>,
    filled: BTreeSet<u64>,
    /// The formula whose text comes next: row, column and style.
    awaits: Option<[u8; 6]>,
    /// The same of one whose text has begun, with the pieces of it.
    text: Option<([u8; 6], Vec<&'s [u8]>)>,
    fault: Option<&'static str>,
}

impl<'s> SheetSurvey<'_, 's> {
    fn add(&mut self, kind: u16, data: &'s [u8], into: &mut Survey) {
        match &mut self.text {
            Some((_, pieces)) if kind == record::CONTINUE => return pieces.push(data),
            _ => self.end_text(into),
        }
        match kind {
            record::BEGIN => into.put(kind, data),
            record::ROW => {
                const NOT_SHOWN: u16 = 0x20;
                let is_hidden = word(data, 12).is_some_and(|bits| bits & NOT_SHOWN != 0);
                self.hidden.extend(word(data, 0).map(u64::from).filter(|_| is_hidden));
            }
            record::NUMBER | record::FLAG_OR_ERROR | record::SHORT_NUMBER => {
                self.add_cells(data, 1, into);
                into.put(kind, data);
            }
            record::SHORT_NUMBERS => {
                self.add_cells(data, data.len().saturating_sub(6) as u64 / 6, into);
                into.put(kind, data);
            }
            record::SHARED => {
                let text = long(data, 6).and_then(|number| self.texts.get(number as usize));
                match text {
                    Some(letters) => into.texts = into.texts.saturating_add(*letters),
                    None => self.fault = Some("a cell that names no shared text"),
                }
                self.add_cells(data, 1, into);
                into.put(kind, data);
            }
            record::LABEL | record::RICH_LABEL => self.add_label(kind, data, into),
            record::FORMULA => self.add_formula(data, into),
            record::TEXT_OF_FORMULA => self.text = self.awaits.take().map(|cell| (cell, vec![data])),
            _ => {}
        }
    }

    /// Adds the text of a formula once all of it was seen: as a cell with a text of its own, or with a shared one where it is too long for
    /// that. Both begin alike, and go on alike.
    fn end_text(&mut self, into: &mut Survey) {
        let Some((cell, pieces)) = self.text.take() else { return };
        if pieces.len() == 1 || self.is_old {
            return self.add_label(record::LABEL, &[&cell[..], &pieces.concat()].concat(), into);
        }
        let mut texts = Texts::of(&pieces);
        let Some(letters) = texts.read() else {
            self.fault = Some("a text that is longer than its records");
            return;
        };
        let number = self.texts.len() as u32 + into.long_count;
        into.long_texts.extend(texts.whole_letters());
        into.long_count += 1;
        into.texts = into.texts.saturating_add(letters);
        self.add_cells(&cell, 1, into);
        into.put(record::SHARED, &[&cell[..], &number.to_le_bytes()].concat());
    }

    /// A text that stands in its own record: what says how long it is must be true.
    fn add_label(&mut self, kind: u16, data: &[u8], into: &mut Survey) {
        let letters = usize::from(word(data, 6).unwrap_or(0));
        let (head, wide) =
            if self.is_old { (8, 0) } else { (9, usize::from(data.get(8).is_some_and(|bits| bits & 1 != 0))) };
        if letters > 0 && data.len() < head + (letters << wide) || data.len() > usize::from(u16::MAX) {
            self.fault = Some("a text that is longer than its record");
            return;
        }
        into.texts = into.texts.saturating_add(letters as u64);
        self.add_cells(data, 1, into);
        into.put(kind, data);
    }

    /// A formula becomes a cell with its value.
    fn add_formula(&mut self, data: &[u8], into: &mut Survey) {
        self.awaits = None;
        let (Some(cell), Some(value)) = (data.first_chunk::<6>(), data.get(6..14)) else {
            self.fault = Some("a formula that is cut short");
            return;
        };
        match (value[0], &value[6..]) {
            (0, [0xFF, 0xFF]) => self.awaits = Some(*cell),
            (kind @ (1 | 2), [0xFF, 0xFF]) => {
                self.add_cells(data, 1, into);
                into.put(record::FLAG_OR_ERROR, &[&cell[..], &[value[2], kind - 1]].concat());
            }
            // an empty text
            (_, [0xFF, 0xFF]) => {}
            _ => {
                self.add_cells(data, 1, into);
                into.put(record::NUMBER, &[&cell[..], value].concat());
            }
        }
    }

    /// Cells of one row, side by side; the record of the row stands before those of its cells.
    fn add_cells(&mut self, data: &[u8], count: u64, into: &mut Survey) {
        let (Some(row), Some(column)) = (word(data, 0).map(u64::from), word(data, 2).map(u64::from)) else {
            self.fault = Some("a cell that stands nowhere");
            return;
        };
        if self.hidden.contains(&row) {
            self.filled.insert(row);
        }
        into.values += count;
        let end = column + count.max(1) - 1;
        let (top, bottom, left, right) = self.found.unwrap_or((row, row, column, end));
        self.found = Some((top.min(row), bottom.max(row), left.min(column), right.max(end)));
    }

    fn cells(&self) -> u64 {
        self.found.map_or(0, |(top, bottom, left, right)| (bottom - top + 1) * (right - left + 1))
    }
}

/// The letters of each shared text, whose records follow one another, and these records as the library reads them.
fn shared(pieces: &[&[u8]]) -> Result<(Vec<u64>, Vec<Vec<u8>>), Fault> {
    if pieces.len() > PIECES {
        return Err(Fault::Damaged("texts in too many pieces"));
    }
    let mut texts = Texts::of(pieces);
    texts.data = texts.data.get(COUNTS..).unwrap_or_default();
    let mut lengths = Vec::new();
    while !texts.data.is_empty() || texts.go_on() {
        lengths.push(texts.read().ok_or(Fault::Damaged("shared texts that are cut short"))?);
    }
    Ok((lengths, texts.whole_letters()))
}

/// Texts in records, one after the other.
struct Texts<'a> {
    pieces: &'a [&'a [u8]],
    /// What is left of a piece, and the number of the next one.
    data: &'a [u8],
    next: usize,
    /// Pieces that end within a letter of two units.
    cut: Vec<usize>,
}

impl<'a> Texts<'a> {
    fn of(pieces: &'a [&'a [u8]]) -> Texts<'a> {
        Texts { pieces, data: pieces.first().copied().unwrap_or_default(), next: 1, cut: Vec::new() }
    }

    fn go_on(&mut self) -> bool {
        let next = self.pieces.get(self.next);
        self.next += usize::from(next.is_some());
        next.map(|next| self.data = next).is_some()
    }

    /// The pieces that were read. The library makes letters of each on its own, so the first half of a letter moves to the piece of its
    /// second half.
    fn whole_letters(&self) -> Vec<Vec<u8>> {
        let mut pieces: Vec<Vec<u8>> = self.pieces.iter().take(self.next).map(|piece| piece.to_vec()).collect();
        if let Some(last) = pieces.last_mut() {
            last.truncate(last.len() - self.data.len());
        }
        for place in &self.cut {
            let end = pieces[*place].len() - 2;
            let half = pieces[*place].split_off(end);
            drop(pieces[place + 1].splice(1..1, half));
        }
        pieces
    }

    /// Passes over a text; its letters.
    fn read(&mut self) -> Option<u64> {
        if self.data.is_empty() {
            return Some(0);
        }
        let (letters, flags) = (usize::from(word(self.data, 0)?), *self.data.get(2)?);
        let (mut at, mut behind) = (3, 0_usize);
        if flags & 8 != 0 {
            behind += 4 * usize::from(word(self.data, at)?);
            at += 2;
        }
        if flags & 4 != 0 {
            behind = behind.saturating_add(long(self.data, at)? as usize);
            at += 4;
        }
        self.data = self.data.get(at..)?;
        let (mut left, mut wide) = (letters, usize::from(flags & 1));
        loop {
            let here = left.min(self.data.len() >> wide);
            let (letters, rest) = self.data.split_at(here << wide);
            self.data = rest;
            left -= here;
            if left == 0 {
                break;
            }
            // The rest of a text begins with its flags.
            let is_half = wide == 1 && rest.is_empty() && matches!(letters, [.., 0xD8..=0xDB]);
            self.go_on().then_some(())?;
            wide = usize::from(self.data.first()? & 1);
            self.data = &self.data[1..];
            if is_half && wide == 1 && self.data.len() < usize::from(u16::MAX) - 2 {
                self.cut.push(self.next - 2);
            }
        }
        while behind > 0 {
            if self.data.is_empty() {
                self.go_on().then_some(())?;
            }
            let here = behind.min(self.data.len());
            self.data = &self.data[here..];
            behind -= here;
        }
        Some(letters as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Exit;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn cell(row: u16, column: u16) -> Vec<u8> {
        record(record::NUMBER, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat())
    }

    /// A stream of globals and sheets; each place is known once the globals have their length.
    fn stream(more: &[u8], sheets: &[Vec<u8>]) -> Vec<u8> {
        let globals = |places: &[u32]| {
            let sheets = places.iter().enumerate().flat_map(|(number, place)| {
                record(record::SHEET, &[&place.to_le_bytes()[..], &[0, 0, 1, 0, b'A' + number as u8]].concat())
            });
            [record(record::BEGIN, &[0, 6, 5, 0]), more.to_vec(), sheets.collect(), record(record::END, &[])].concat()
        };
        let mut place = globals(&vec![0; sheets.len()]).len() as u32;
        let mut places = Vec::new();
        for sheet in sheets {
            places.push(place);
            place += sheet.len() as u32;
        }
        [globals(&places), sheets.concat()].concat()
    }

    fn sheet(records: &[Vec<u8>]) -> Vec<u8> {
        [record(record::BEGIN, &[0, 6, 0x10, 0]), records.concat(), record(record::END, &[])].concat()
    }

    fn of(sheets: &[Vec<u8>]) -> Result<(u64, u64), Fault> {
        Survey::of(&stream(&[], sheets)).map(|survey| (survey.cells, survey.values))
    }

    #[test]
    fn rectangles_and_values() {
        let far = sheet(&[cell(0, 0), cell(65_535, 255)]);
        assert_eq!(of(std::slice::from_ref(&far)), Ok((65_536 * 256, 2)));
        assert_eq!(of(&[far, sheet(&[cell(7, 7)])]), Ok((65_536 * 256 + 1, 3)));
        assert_eq!(of(&[sheet(&[])]), Ok((0, 0)));
        // a chart within a sheet is no part of it
        let chart = sheet(&[cell(65_535, 255)]);
        assert_eq!(of(&[sheet(&[cell(1, 1), chart, cell(2, 2)])]), Ok((4, 2)));
        let numbers = record(record::SHORT_NUMBERS, &[&[3, 0, 2, 0][..], &[0; 48], &[9, 0]].concat());
        assert_eq!(of(&[sheet(&[numbers])]), Ok((8, 8)));
    }

    #[test]
    fn sheets_at_one_place_are_refused() {
        let mut twice = stream(&[], &[sheet(&[cell(1, 1)]), sheet(&[cell(1, 1)])]);
        // the place of the first sheet stands behind a beginning of 8 bytes and 4 bytes of its own, that of the second 13 behind it
        let first = twice[12..16].to_vec();
        twice[25..29].copy_from_slice(&first);
        assert_eq!(Survey::of(&twice).unwrap_err(), Fault::Damaged("two sheets at one place"));
    }

    #[test]
    fn rows_that_are_hidden_and_hold_something() {
        let row =
            |row: u16, bits: u8| record(record::ROW, &[&row.to_le_bytes()[..], &[0; 10], &[bits, 0, 0, 0]].concat());
        let rows =
            [row(1, 0), row(2, 0x20), row(3, 0x20), row(4, 0x60), cell(1, 1), cell(2, 1), cell(2, 2), cell(4, 0)];
        assert_eq!(Survey::of(&stream(&[], &[sheet(&rows)])).unwrap().hidden_rows, 2);
    }

    /// Texts over several records: the lengths are those that the library reads.
    #[test]
    fn lengths_of_shared_texts() {
        let first = [&[0; 8][..], &[3, 0, 0], b"abc", &[5, 0, 1], &[b'a', 0, b'b', 0]].concat();
        let second = [&[0][..], b"cde", &[2, 0, 8 | 4, 1, 0, 3, 0, 0, 0], b"xy", &[0; 5]].concat();
        let third = [&[0; 2][..], &[0, 0, 0]].concat();
        let pieces = [&first[..], &second, &third];
        assert_eq!(shared(&pieces), Ok((vec![3, 5, 2, 0], pieces.map(<[u8]>::to_vec).to_vec())));
        assert!(shared(&[&first]).is_err());
        assert!(shared(&vec![&b"\0"[..]; PIECES + 2]).is_err());
    }

    #[test]
    fn what_the_records_say_of_texts_must_be_true() {
        let shared = |number: u32| record(record::SHARED, &[&[0; 6][..], &number.to_le_bytes()].concat());
        let texts = record(record::TEXTS, &[&[0; 8][..], &[3, 0, 0], b"abc"].concat());
        let survey = |cell| Survey::of(&stream(&texts, &[sheet(&[cell])])).map(|survey| survey.texts);
        assert_eq!(survey(shared(0)), Ok(3));
        assert_eq!(survey(shared(1)), Err(Fault::Damaged("a cell that names no shared text")));
        let label = |letters: u16, text: &[u8]| {
            record(record::LABEL, &[&[0; 6][..], &letters.to_le_bytes(), &[0], text].concat())
        };
        assert_eq!(survey(label(4, b"abcd")), Ok(4));
        assert_eq!(survey(label(0xFFFF, b"abcd")), Err(Fault::Damaged("a text that is longer than its record")));
    }

    #[test]
    fn an_encrypted_workbook_is_told_apart() {
        let password = record(record::PASSWORD, &[1, 0, 1, 0, 1, 0]);
        assert_eq!(Survey::of(&stream(&password, &[sheet(&[cell(1, 1)])])).unwrap_err(), Fault::Password);
        let older = record(record::PASSWORD, &[0, 0, 0x12, 0x34]);
        assert_eq!(Survey::of(&stream(&older, &[])).unwrap_err(), Fault::Password);
    }

    #[test]
    fn a_file_of_a_writer_is_measured_and_a_spoiled_one_is_refused() {
        let bytes = include_bytes!("tests/books/far-apart.xls");
        let exit = |bytes: &[u8], limits: Limits| {
            survey(bytes, "a.xls", &limits).map_or_else(|refusal| refusal.exit, |_| Exit::Clean)
        };
        let usual = Limits::default();
        // of sixteen million cells two hold something
        assert_eq!(exit(bytes, usual), Exit::Limit);
        assert_eq!(exit(bytes, Limits { cells_per_value: 65_536 * 128, ..usual }), Exit::Clean);
        for cut in [10, 600, 2_000] {
            assert_eq!(exit(&bytes[..cut], usual), Exit::Refused, "{cut}");
        }
        let mut round = bytes.to_vec();
        // the table of sectors says that each sector follows itself
        let table = 512 * (1 + long(bytes, 76).unwrap() as usize);
        for sector in 0..128_u32 {
            round[table + 4 * sector as usize..][..4].copy_from_slice(&sector.to_le_bytes());
        }
        assert_eq!(exit(&round, usual), Exit::Refused);
    }

    /// The texts of the cells of the only sheet, as the library reads the file that it gets.
    fn read(stream: &[u8]) -> Result<Vec<String>, Fault> {
        let survey = Survey::of(stream)?;
        let file = compound::holding("Workbook", survey.stream).unwrap();
        let mut book: calamine::Xls<_> = calamine::Reader::new(std::io::Cursor::new(file)).unwrap();
        let range = calamine::Reader::worksheet_range(&mut book, "A").unwrap();
        let texts: Vec<String> = range.used_cells().map(|(_, _, cell)| cell.to_string()).collect();
        assert_eq!(survey.texts, texts.iter().map(|text| text.encode_utf16().count() as u64).sum::<u64>());
        assert_eq!(survey.values, texts.len() as u64);
        Ok(texts)
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// A formula in a row, whose value is a text in these pieces.
    fn formula(row: u8, letters: u16, pieces: &[(u8, &[u8])]) -> Vec<u8> {
        let head =
            record(record::FORMULA, &[&[row, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF][..], &[0; 8]].concat());
        let texts = pieces.iter().enumerate().map(|(number, (flags, text))| match number {
            0 => record(record::TEXT_OF_FORMULA, &[&letters.to_le_bytes()[..], &[*flags], text].concat()),
            _ => record(record::CONTINUE, &[&[*flags][..], text].concat()),
        });
        [head].into_iter().chain(texts).collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_text_of_a_formula_runs_over_records() {
        let shared = |row: u8| record(record::SHARED, &[row, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let long = "ž😀".repeat(10_000);
        let [first, second] = [&long[..6 * 4_000], &long[6 * 4_000..]].map(wide);
        let rows = [
            formula(1, 5, &[(0, b"short")]),
            formula(2, 6, &[(0, b"abc"), (0, b"def")]),
            formula(3, 9, &[(0, b"a\xe9"), (1, &wide("čž")), (0, b"bc"), (0, b""), (1, &wide("ř€d"))]),
            formula(4, 30_000, &[(1, &first), (1, &second)]),
            shared(5),
            formula(6, 0, &[(0, b"")]),
            formula(7, 3, &[(0, b"end"), (0, b"more than there are letters")]),
        ];
        let expected = ["short", "abcdef", "aéčžbcř€d", &long, "of the file", "", "end"];
        let file = record(record::TEXTS, &[&[0; 8][..], &[11, 0, 0], b"of the file"].concat());
        assert_eq!(read(&stream(&file, &[sheet(&rows)])).unwrap(), expected);
        // without any shared text, and at the end of the sheet
        assert_eq!(read(&stream(&[], &[sheet(&rows[..4])])).unwrap(), expected[..4]);
        let too_short = formula(1, 7, &[(0, b"abc"), (0, b"def")]);
        assert_eq!(
            read(&stream(&[], &[sheet(&[too_short])])),
            Err(Fault::Damaged("a text that is longer than its records"))
        );
        let without_flags = [formula(1, 4, &[(0, b"abc")]), record(record::CONTINUE, &[])].concat();
        assert!(read(&stream(&[], &[sheet(&[without_flags])])).is_err());
    }

    /// `=REPT("a",9000)` as LibreOffice writes it.
    #[test]
    fn a_long_formula_of_a_writer() {
        let file = include_bytes!("tests/books/long-formula.xls");
        let stream = Compound::open(file).and_then(|mut file| file.stream(&["Workbook"])).unwrap();
        let survey = Survey::of(&stream).unwrap();
        assert!(survey.texts >= 9_000 && survey.long_texts.is_empty());
        let file = super::survey(file, "a.xls", &Limits::default()).unwrap().file;
        let mut book: calamine::Xls<_> = calamine::Reader::new(std::io::Cursor::new(file)).unwrap();
        let sheet = &calamine::Reader::sheet_names(&book)[0];
        let range = calamine::Reader::worksheet_range(&mut book, sheet).unwrap();
        assert!(range.used_cells().any(|(_, _, cell)| cell.to_string() == "a".repeat(9_000)));
    }

    /// A record may end between the two halves of a letter.
    #[test]
    fn letters_are_whole_wherever_a_record_ends() {
        let text = wide("😀a😀");
        for cut in (2..text.len()).step_by(2) {
            let rest = record(record::CONTINUE, &[&[1][..], &text[cut..]].concat());
            let texts = [record(record::TEXTS, &[&[0; 8][..], &[5, 0, 1], &text[..cut]].concat()), rest].concat();
            let rows = [record(record::SHARED, &[0; 10]), formula(1, 5, &[(1, &text[..cut]), (1, &text[cut..])])];
            assert_eq!(read(&stream(&texts, &[sheet(&rows)])).unwrap(), ["😀a😀"; 2], "{cut}");
        }
    }

    /// The code page is of no account for texts of Unicode.
    #[test]
    fn a_code_page_that_nobody_knows() {
        let rows = [formula(1, 1, &[(1, &wide("ž"))])];
        let page = record(record::CODE_PAGE, &8_001_u16.to_le_bytes());
        assert_eq!(read(&stream(&page, &[sheet(&rows)])).unwrap(), ["ž"]);
    }
}
