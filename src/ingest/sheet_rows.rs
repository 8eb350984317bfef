//! The rows of a sheet, one at a time, straight from the inflating part: only the row at hand is in memory, and its cells are places
//! in its text until somebody asks for one.

use memchr::memmem::{self, Finder};

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::package::{Part, damaged};
use crate::ingest::refusal;
use crate::ingest::sheet_row::{BEYOND, COLUMNS, Cell, RowText, SheetRow};
use crate::ingest::workbook::{SharedTexts, Sheet, Styles, Workbook};
use crate::ingest::xml::{self, Malformed, Token, Tokens, attributes, end_of_tag};
use crate::pipeline::limits::Limits;

/// Rows of a sheet by the file format.
const ROWS: u32 = 1_048_576;
/// A longer row is no row.
const ROW_BYTES: usize = 64 << 20;

/// The rows of a sheet, put together as the part is inflated.
pub(super) struct SheetRows<'a, 'b> {
    part: Part<'a, 'b>,
    place: Place<'a>,
    texts: &'a SharedTexts,
    styles: &'a Styles,
    /// Inflated text; what lies before `at` is done with.
    buffer: Vec<u8>,
    at: usize,
    /// Marks with the prefix that the sheet gives its names.
    marks: Marks,
    /// Number of the last row, from 1.
    last: u32,
    cells: Vec<Cell>,
    /// Texts of cells that do not stand in the row as they are meant.
    resolved: String,
    /// Rows that the sheet hides.
    pub(super) hidden: u64,
    /// Ranges of merged cells, as written; known at the end.
    pub(super) merged: Vec<String>,
    /// A row stood behind one with a higher number.
    is_disordered: bool,
    /// The rows by number, once they are sorted, with their places in the buffer; and which of them comes next.
    sorted: Option<(Vec<RowPlace>, usize)>,
    /// Cells that wide rows may have for each that holds something.
    cells_per_value: u64,
    /// Cells of wide rows, and how many of them hold something.
    wide: (u64, u64),
}

/// Reads the rows of a sheet in the order of their numbers. They mostly stand in it; where they do not, the sheet is sorted, which needs
/// it as a whole, and read anew.
///
/// # Errors
/// A sheet that is not well formed, or beyond the bounds; and what the reader refuses.
pub(super) fn with_rows<T>(
    workbook: &mut Workbook<'_>,
    sheet: &Sheet,
    path: &str,
    limits: &Limits,
    mut read: impl FnMut(&mut SheetRows<'_, '_>) -> Result<T, Box<Diagnostic>>,
) -> Result<T, Box<Diagnostic>> {
    let mut rows = SheetRows::new(workbook.sheet(sheet)?, path, &sheet.name, limits)?;
    let found = read(&mut rows);
    if !rows.is_disordered {
        return found;
    }
    drop(rows);
    let mut rows = SheetRows::new(workbook.sheet(sheet)?, path, &sheet.name, limits)?;
    rows.sort(limits)?;
    read(&mut rows)
}

/// The number of a row, and where its text begins and ends.
type RowPlace = (u32, usize, usize);

/// A row of more cells is looked at for emptiness.
const WIDE: usize = 1_024;
/// So many cells of wide rows may be empty in any case.
const EMPTY: u64 = 1 << 20;

/// What diagnostics call the sheet.
struct Place<'a> {
    path: &'a str,
    sheet: &'a str,
}

struct Marks {
    row: String,
    end_of_row: Finder<'static>,
    end: String,
}

impl<'a, 'b> SheetRows<'a, 'b> {
    /// Finds the beginning of the rows.
    ///
    /// # Errors
    /// A part that is no sheet.
    pub(super) fn new(
        (part, texts, styles): (Part<'a, 'b>, &'a SharedTexts, &'a Styles),
        path: &'a str,
        sheet: &'a str,
        limits: &Limits,
    ) -> Result<SheetRows<'a, 'b>, Box<Diagnostic>> {
        let mut rows = SheetRows {
            part,
            place: Place { path, sheet },
            texts,
            styles,
            buffer: Vec::new(),
            at: 0,
            marks: Marks::new(""),
            last: 0,
            cells: Vec::new(),
            resolved: String::new(),
            hidden: 0,
            merged: Vec::new(),
            is_disordered: false,
            sorted: None,
            cells_per_value: limits.cells_per_value,
            wide: (0, 0),
        };
        let mut searched = 0;
        let tag = loop {
            if let Some(tag) = find_tag(&rows.buffer, searched, "sheetData") {
                break tag;
            }
            // Of what was searched only what may be the beginning of the tag is kept.
            rows.at = rows.buffer.len().saturating_sub(2 * PREFIX_BYTES);
            searched = (rows.buffer.len() - rows.at).saturating_sub("sheetData".len());
            if !rows.read_more()? {
                return Err(rows.broken("a sheet without data"));
            }
        };
        let end = rows.end_of_tag(tag.from)?;
        let empty = rows.buffer[end - 1] == b'/';
        rows.marks = Marks::new(&tag.prefix);
        rows.at = end + 1;
        if empty {
            rows.marks.end.clear();
        }
        Ok(rows)
    }

    /// The next row that the sheet holds; `None` at its end.
    ///
    /// # Errors
    /// A sheet that is not well formed, or beyond the bounds.
    pub(super) fn next(&mut self) -> Result<Option<SheetRow<'_>>, Box<Diagnostic>> {
        match self.next_range()? {
            Some((from, to)) => self.row_in(from, to).map(Some),
            None => {
                self.read_rest()?;
                Ok(None)
            }
        }
    }

    /// The row of a number behind the last one; `None` where the sheet does not hold it. Rows before it are passed over unread.
    ///
    /// # Errors
    /// A sheet that is not well formed, or beyond the bounds.
    pub(super) fn seek(&mut self, wanted: u32) -> Result<Option<SheetRow<'_>>, Box<Diagnostic>> {
        while let Some((from, to)) = self.next_range()? {
            let number = self.number_of(from, to)?;
            self.check_order(number)?;
            if number == wanted {
                return self.row_in(from, to).map(Some);
            }
            if number > wanted {
                match &mut self.sorted {
                    Some((_, next)) => *next -= 1,
                    None => self.at = from,
                }
                break;
            }
            self.last = number;
        }
        Ok(None)
    }

    /// The number of the row that stands there in the buffer.
    fn number_of(&self, from: usize, to: usize) -> Result<u32, Box<Diagnostic>> {
        let row = &self.buffer[from..to];
        let head = &row[..memchr::memchr(b'>', row).map_or(row.len(), |end| end + 1)];
        let head = std::str::from_utf8(head).map_err(|_| self.broken("a row that is no UTF-8"))?;
        let list = head.split_once(|letter: char| letter.is_ascii_whitespace()).map_or("", |(_, list)| list);
        match attributes(list).find(|(name, _)| *name == "r") {
            Some((_, number)) => number.parse().map_err(|_| self.broken("a row without a number")),
            None => Ok(self.last + 1),
        }
    }

    fn row_in(&mut self, from: usize, to: usize) -> Result<SheetRow<'_>, Box<Diagnostic>> {
        let place = &self.place;
        let broken = |reason: &str| place.broken(reason);
        let text = std::str::from_utf8(&self.buffer[from..to]).map_err(|_| broken("a row that is no UTF-8"))?;
        self.cells.clear();
        self.resolved.clear();
        let mut row = RowText { styles: self.styles, text, cells: &mut self.cells, resolved: &mut self.resolved };
        let (number, hidden) = row.read(self.last).map_err(|error| match error {
            Malformed(BEYOND) => self.place.too_wide(),
            error => broken(error.0),
        })?;
        if number > ROWS {
            return Err(broken("a row beyond the last one"));
        }
        if number <= self.last {
            self.is_disordered = true;
            return Err(broken("rows that are out of order"));
        }
        let lost = |cell: &&mut Cell| matches!(cell, Cell::Shared(number) if self.texts.get(*number).is_none());
        self.cells.iter_mut().filter(lost).for_each(|cell| *cell = Cell::Error("a shared string that is not there"));
        if self.cells.len() > WIDE {
            let held = self.cells.iter().filter(|cell| !matches!(cell, Cell::Empty)).count();
            let (cells, values) = &mut self.wide;
            (*cells, *values) = (*cells + self.cells.len() as u64, *values + held as u64);
            if *cells > EMPTY && *cells / self.cells_per_value > *values {
                let found = format!("rows that are {cells} cells wide, of which {values} hold something");
                let place = refusal::sheet(self.place.path, Some(self.place.sheet));
                return Err(bounds::over("cells_per_value", found, self.cells_per_value, place));
            }
        }
        self.last = number;
        self.hidden += u64::from(hidden && !self.cells.is_empty());
        Ok(SheetRow {
            number,
            text,
            resolved: &self.resolved,
            cells: &self.cells,
            texts: self.texts,
            styles: self.styles,
        })
    }

    fn check_order(&mut self, number: u32) -> Result<(), Box<Diagnostic>> {
        if number > self.last {
            return Ok(());
        }
        self.is_disordered = true;
        Err(self.broken("rows that are out of order"))
    }

    /// Reads the whole sheet, and brings its rows into the order of their numbers.
    fn sort(&mut self, limits: &Limits) -> Result<(), Box<Diagnostic>> {
        let (mut text, mut rows) = (Vec::new(), Vec::new());
        while let Some((from, to)) = self.next_range()? {
            self.last = self.number_of(from, to)?;
            rows.push((self.last, text.len(), text.len() + to - from));
            text.extend_from_slice(&self.buffer[from..to]);
            if text.len() as u64 > limits.inflated_whole_bytes {
                let (name, found) = ("inflated_whole_bytes", "a sheet whose rows are out of order".to_owned());
                let place = refusal::sheet(self.place.path, Some(self.place.sheet));
                return Err(bounds::over(name, found, limits.inflated_whole_bytes, place));
            }
        }
        self.read_rest()?;
        rows.sort_unstable();
        if rows.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(self.broken("two rows of one number"));
        }
        (self.buffer, self.at, self.last) = (text, 0, 0);
        self.sorted = Some((rows, 0));
        Ok(())
    }

    /// Where the next row stands in the buffer, with its tags.
    fn next_range(&mut self) -> Result<Option<(usize, usize)>, Box<Diagnostic>> {
        if let Some((rows, next)) = &mut self.sorted {
            let Some((number, from, to)) = rows.get(*next).copied() else { return Ok(None) };
            *next += 1;
            // A row without a number follows the one before it.
            self.last = number.saturating_sub(1);
            return Ok(Some((from, to)));
        }
        // Nothing stands behind an end that was read.
        while !self.marks.end.is_empty() {
            self.skip_blanks()?;
            while self.buffer.len() - self.at < self.marks.longest() && self.read_more()? {}
            let text = &self.buffer[self.at..];
            if text.starts_with(self.marks.end.as_bytes()) {
                return Ok(None);
            }
            if text.starts_with(b"<!--") {
                self.at += self.find(b"-->")? + 3;
                continue;
            }
            if text.starts_with(b"<?") {
                self.at += self.find(b"?>")? + 2;
                continue;
            }
            let is_row = text.starts_with(self.marks.row.as_bytes());
            let tag = self.end_of_tag(self.at)?;
            if !is_row {
                self.pass_over(tag)?;
                continue;
            }
            let end = if self.buffer[tag - 1] == b'/' { tag + 1 } else { self.find_end_of_row()? };
            let from = self.at;
            self.at = end;
            return Ok(Some((from, end)));
        }
        Ok(None)
    }

    /// Passes over an element among the rows that is not a row, such as a filter; its first tag ends at `tag`.
    fn pass_over(&mut self, tag: usize) -> Result<(), Box<Diagnostic>> {
        let text = &self.buffer[self.at..tag];
        let name = text.strip_prefix(b"<").unwrap_or_default();
        let name = &name[..name.iter().position(|byte| !is_of_a_name(*byte)).unwrap_or(name.len())];
        if name.is_empty() {
            return Err(self.broken("text or an end tag among the rows"));
        }
        let end = [b"</", name, b">"].concat();
        let is_empty = text.ends_with(b"/");
        self.at = tag + 1;
        if !is_empty {
            self.at += self.find(&end)? + end.len();
        }
        Ok(())
    }

    fn find_end_of_row(&mut self) -> Result<usize, Box<Diagnostic>> {
        let mut searched = self.at;
        loop {
            if let Some(found) = self.marks.end_of_row.find(&self.buffer[searched..]) {
                return Ok(searched + found + self.marks.end_of_row.needle().len());
            }
            let done = self.at;
            searched = self.buffer.len().saturating_sub(self.marks.end_of_row.needle().len()).max(self.at);
            if self.buffer.len() - self.at > ROW_BYTES || !self.read_more()? {
                return Err(self.broken("a row without an end"));
            }
            searched -= done - self.at;
        }
    }

    /// Inflates more; what is done with makes room first.
    fn read_more(&mut self) -> Result<bool, Box<Diagnostic>> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.part.read_more(&mut self.buffer)
    }

    fn skip_blanks(&mut self) -> Result<(), Box<Diagnostic>> {
        loop {
            match self.buffer[self.at..].iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(blanks) => {
                    self.at += blanks;
                    return Ok(());
                }
                None => self.at = self.buffer.len(),
            }
            if !self.read_more()? {
                return Err(self.broken("a sheet without an end"));
            }
        }
    }

    /// How far a mark lies behind the place at hand.
    fn find(&mut self, mark: &[u8]) -> Result<usize, Box<Diagnostic>> {
        let mut searched = 0;
        loop {
            let text = &self.buffer[self.at..];
            if let Some(found) = memmem::find(&text[searched..], mark) {
                return Ok(searched + found);
            }
            searched = text.len().saturating_sub(mark.len());
            if self.buffer.len() - self.at > ROW_BYTES || !self.read_more()? {
                return Err(self.broken("markup without an end"));
            }
        }
    }

    /// The place of the `>` of the tag that begins at `from`.
    fn end_of_tag(&mut self, from: usize) -> Result<usize, Box<Diagnostic>> {
        self.at = from;
        loop {
            let text = &self.buffer[self.at..];
            let head = &text[..text.len().min(TAG_BYTES)];
            if let Some(end) = end_of_tag(head) {
                return Ok(self.at + end);
            }
            if head.len() == TAG_BYTES || !self.read_more()? {
                return Err(self.broken("a tag without an end"));
            }
        }
    }

    /// What follows the rows: which cells are merged. The part is read to its end, where its checksum is compared.
    fn read_rest(&mut self) -> Result<(), Box<Diagnostic>> {
        if self.sorted.is_some() {
            return Ok(());
        }
        while self.read_more()? {
            if self.buffer.len() > ROW_BYTES {
                return Err(self.broken("more behind its rows than a sheet has"));
            }
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|_| self.broken("a sheet that is no UTF-8"))?;
        let mut tokens = Tokens::new(text);
        let mut merged = Vec::new();
        while let Some(token) = tokens.next().map_err(|error| self.broken(error.0))? {
            if let Token::Open { name: "mergeCell", attributes, .. } = token {
                merged.extend(xml::attribute(attributes, "ref").map_err(|error| self.broken(error.0))?);
            }
        }
        self.merged.extend(merged);
        self.at = self.buffer.len();
        self.marks.end.clear();
        Ok(())
    }

    fn broken(&self, found: &str) -> Box<Diagnostic> {
        self.place.broken(found)
    }
}

/// A byte of the name of an element, with its prefix.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

impl Place<'_> {
    fn too_wide(&self) -> Box<Diagnostic> {
        bounds::over("columns", BEYOND.to_owned(), COLUMNS as u64, refusal::sheet(self.path, Some(self.sheet)))
    }

    fn broken(&self, found: &str) -> Box<Diagnostic> {
        damaged(self.path, &format!("sheet `{}`: {found}", refusal::short(self.sheet)))
    }
}

/// A tag of more bytes is none that spreadsheet programs write.
const TAG_BYTES: usize = 64 << 10;

/// Where a tag begins, and the prefix of its name.
struct Tag {
    from: usize,
    prefix: String,
}

/// So many bytes of a prefix are looked at.
const PREFIX_BYTES: usize = 64;

/// The first tag of a name whose letters begin at `from` or behind it.
fn find_tag(text: &[u8], from: usize, name: &str) -> Option<Tag> {
    memmem::find_iter(&text[from..], name.as_bytes()).map(|at| from + at).find_map(|at| {
        let near = at.saturating_sub(PREFIX_BYTES);
        let from = near + memchr::memrchr(b'<', &text[near..at])?;
        let prefix = std::str::from_utf8(&text[from + 1..at]).ok()?;
        let is_prefix =
            prefix.is_empty() || prefix.strip_suffix(':').is_some_and(|p| !p.contains(['/', ' ', '!', '?']));
        is_prefix.then(|| Tag { from, prefix: prefix.to_owned() })
    })
}

impl Marks {
    fn new(prefix: &str) -> Marks {
        Marks {
            row: format!("<{prefix}row"),
            end_of_row: Finder::new(format!("</{prefix}row>").as_bytes()).into_owned(),
            end: format!("</{prefix}sheetData"),
        }
    }

    fn longest(&self) -> usize {
        self.end.len().max(self.row.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{DataRef, Reader as _, Xlsx};
    use proptest::prelude::*;
    use rust_xlsxwriter::{Format, Formula, Workbook as Book};

    use super::*;
    use crate::ingest::package::Package;
    use crate::ingest::record::{Raw, Record};
    use crate::ingest::serial;
    use crate::ingest::sheet_row::iso;
    use crate::ingest::tests::packages::zip;
    use crate::ingest::tests::workbooks::replaced;
    use crate::ingest::workbook::Workbook;
    use crate::pipeline::limits::Limits;

    /// Cells of a sheet as a person sees them, by row and column from 1.
    fn cells(bytes: &[u8]) -> Result<Vec<(u32, usize, String)>, String> {
        let said = |diagnostic: Box<Diagnostic>| diagnostic.found;
        let package = Package::open(bytes, "a.xlsx", Limits::default()).map_err(said)?;
        let mut workbook = Workbook::open(package, "a.xlsx").map_err(said)?;
        let sheet = workbook.sheets[0].clone();
        let read = |rows: &mut SheetRows<'_, '_>| {
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                for index in 0..row.len() {
                    let cell = row.cell(index);
                    if !cell.is_empty() {
                        found.push((row.number, index + 1, cell.shown().into_owned()));
                    }
                }
            }
            Ok(found)
        };
        with_rows(&mut workbook, &sheet, "a.xlsx", &Limits::default(), read).map_err(said)
    }

    /// A workbook of one sheet with this XML.
    fn package_of(sheet: &str) -> Vec<u8> {
        let relation = "<Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>";
        zip(&[
            ("xl/workbook.xml", "<workbook><sheets><sheet name=\"A\" r:id=\"rId1\"/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", &format!("<Relationships>{relation}</Relationships>")),
            ("xl/worksheets/sheet1.xml", sheet),
        ])
    }

    fn sheet(data: &str) -> Result<Vec<(u32, usize, String)>, String> {
        cells(&package_of(&format!("<worksheet><dimension ref=\"A1\"/><sheetData>{data}</sheetData><x/></worksheet>")))
    }

    #[test]
    fn rows_and_cells_may_leave_out_where_they_stand() {
        let found = sheet(
            "<row><c><v>1</v></c><c/><c t=\"str\"><v>a &amp; b</v></c></row> <!-- </none> --> <row r=\"7\" hidden=\"1\"/><row><c r=\"B8\" t=\"b\"><v>1</v></c></row>",
        );
        let expected = [(1, 1, "1".to_owned()), (1, 3, "a & b".to_owned()), (8, 2, "TRUE".to_owned())];
        assert_eq!(found.unwrap(), expected);
    }

    /// Spreadsheet programs sort what they read; a row without a number follows the one before it in the file.
    #[test]
    fn rows_and_cells_may_stand_in_any_order() {
        let cell = |place: &str, value: u32| format!("<c r=\"{place}\"><v>{value}</v></c>");
        let rows = [
            format!("<row r=\"5\">{}{}</row>", cell("b5", 2), cell("A5", 1)),
            format!("<row><c><v>3</v></c><c s=\"\"><v>4</v></c>{}</row>", cell("d6", 5)),
            format!("<row r=\"2\">{}</row>", cell("C2", 6)),
            "<row r=\"4\"/>".to_owned(),
        ];
        let expected = [(2, 3, "6"), (5, 1, "1"), (5, 2, "2"), (6, 1, "3"), (6, 2, "4"), (6, 4, "5")];
        let expected: Vec<_> = expected.map(|(row, column, shown)| (row, column, shown.to_owned())).into();
        assert_eq!(sheet(&rows.concat()).unwrap(), expected);
        // a cited row is found, whatever stands before it
        let bytes = package_of(&format!("<worksheet><sheetData>{}</sheetData></worksheet>", rows.concat()));
        let package =
            Package::open(&bytes, "a.xlsx", Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let mut workbook = Workbook::open(package, "a.xlsx").unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let of = workbook.sheets[0].clone();
        let found = with_rows(&mut workbook, &of, "a.xlsx", &Limits::default(), |rows| {
            let mut found = Vec::new();
            for wanted in [2, 3, 6, 7] {
                found.push(rows.seek(wanted)?.map(|row| row.number));
            }
            Ok(found)
        });
        assert_eq!(found.unwrap(), [Some(2), None, Some(6), None]);
    }

    /// Libraries write an empty text so; the cells behind it stand where they say.
    #[test]
    fn values_without_a_letter_are_empty_cells() {
        for empty in [
            "<c r=\"A1\"><v></v></c>",
            "<c r=\"A1\"><v/></c>",
            "<c r=\"A1\" t=\"str\"><v></v></c>",
            "<c r=\"A1\" t=\"s\"><v></v></c>",
            "<c r=\"A1\" t=\"inlineStr\"><is><t></t></is></c>",
            "<c r=\"A1\" t=\"inlineStr\"><is></is></c>",
        ] {
            let found =
                sheet(&format!("<row r=\"1\">{empty}<c r=\"B1\"><v>5</v></c></row><row r=\"2\"><c><v>6</v></c></row>"));
            assert_eq!(found.unwrap(), [(1, 2, "5".to_owned()), (2, 1, "6".to_owned())], "{empty}");
        }
    }

    /// The name of the tag as text, ever again, before the tag itself.
    #[test]
    fn a_name_that_stands_in_texts_is_no_tag() {
        let words = "sheetData".repeat(200_000);
        let sheet = format!("<worksheet><x>{words}</x><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>");
        assert_eq!(cells(&package_of(&sheet)).unwrap(), [(1, 1, "1".to_owned())]);
    }

    #[test]
    fn styled_empty_cells_and_a_false_dimension_cost_nothing() {
        let styled: String =
            (1..=20_000).map(|row| format!("<row r=\"{row}\" s=\"3\"><c r=\"A{row}\" s=\"3\"/></row>")).collect();
        let sheet = format!(
            "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{styled}<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>"
        );
        assert_eq!(cells(&package_of(&sheet)).unwrap(), [(1_048_576, 16_384, "1".to_owned())]);
    }

    #[test]
    fn names_may_have_a_prefix() {
        let sheet = "<x:worksheet><x:sheetData><x:row r=\"2\"><x:c r=\"A2\" t=\"inlineStr\"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>";
        assert_eq!(cells(&package_of(sheet)).unwrap(), [(2, 1, "a".to_owned())]);
        assert_eq!(cells(&package_of("<worksheet><sheetData/></worksheet>")).unwrap(), []);
    }

    #[test]
    fn formulas_count_by_their_stored_value() {
        let found = sheet(
            "<row r=\"1\"><c r=\"A1\"><f>1+1</f><v>2</v></c><c r=\"B1\"><f>1&lt;2</f></c><c r=\"C1\" t=\"e\"><f/><v>#N/A</v></c><c r=\"D1\" t=\"str\"><f>\"\"</f><v></v></c></row>",
        );
        let expected =
            [(1, 1, "2".to_owned()), (1, 2, "(formula)".into()), (1, 3, "#N/A".into()), (1, 4, "(formula)".into())];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn rows_that_are_wide_and_empty_are_beyond_a_limit() {
        let row = |row: usize| format!("<row r=\"{row}\"><c r=\"XFD{row}\"><v>1</v></c></row>");
        let far = |rows: usize| sheet(&(1..=rows).map(row).collect::<String>());
        assert_eq!(far(60).unwrap().len(), 60);
        assert!(far(70).is_err());
    }

    #[test]
    fn instructions_and_comments_among_the_rows_are_passed_over() {
        let found = sheet(
            "<?pi <row> ?><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><!-- <row> --><?pi?><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>",
        );
        assert_eq!(found.unwrap(), [(1, 1, "1".to_owned()), (2, 1, "2".to_owned())]);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for data in [
            "<row r=\"2\"/><row r=\"2\"/>",
            "<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>",
            "<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"z\"><v>0</v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v>1<b/></v></c></row>",
            "<row r=\"1\"><c r=\"A1\"><v>1</v>",
            "<row r=\"1\"><c r=\"A1\"><v>1</v></row>",
            "<rows/>",
            "text",
        ] {
            assert!(sheet(data).is_err(), "{data}");
        }
        assert!(cells(&package_of("<worksheet><cols/></worksheet>")).is_err());
    }

    #[test]
    fn iso_cells() {
        assert!(matches!(iso("2026-11-09T14:00:00"), Raw::Moment(_)) && matches!(iso("2026-11-09"), Raw::Moment(_)));
        assert_eq!(iso("tomorrow"), Raw::Text("tomorrow"));
    }

    /// What the library reads of the same bytes.
    fn by_the_library(bytes: &[u8]) -> Vec<(u32, usize, String)> {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let name = book.sheet_names()[0].clone();
        let mut reader = book.worksheet_cells_reader(&name).unwrap();
        let mut found = Vec::new();
        while let Some(record) = reader.next_cell_with_formula_metadata().unwrap() {
            let shown = match &record.value {
                DataRef::Empty if record.formula.is_some() => "(formula)".to_owned(),
                DataRef::Empty => continue,
                DataRef::Int(number) => number.to_string(),
                DataRef::Float(number) => number.to_string(),
                DataRef::String(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
                DataRef::SharedString(text) => text.trim().to_owned(),
                DataRef::Bool(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
                DataRef::DateTime(day) => Raw::Moment(serial::settled(day.as_datetime().unwrap())).shown().into_owned(),
                DataRef::DateTimeIso(text) => text.clone(),
                DataRef::Error(error) => error.to_string(),
            };
            if !shown.is_empty() {
                found.push((record.pos.0 + 1, record.pos.1 as usize + 1, shown));
            }
        }
        found
    }

    #[derive(Debug, Clone)]
    enum Written {
        Number(f64),
        Date(f64),
        Text(String),
        Flag(bool),
        Formula(String),
        Blank,
    }

    fn written() -> impl Strategy<Value = Written> {
        prop_oneof![
            prop_oneof![any::<i32>().prop_map(f64::from), -1e9..1e9_f64, Just(0.1 + 0.2)].prop_map(Written::Number),
            (33_000..73_000_i32, 0..86_400_i32)
                .prop_map(|(day, second)| Written::Date(f64::from(day) + f64::from(second) / 86_400.0)),
            "[a-zěščřžýáíé&<>\"' \u{a0}€0-9]{0,12}".prop_map(Written::Text),
            any::<bool>().prop_map(Written::Flag),
            "[a-z<&0-9]{1,6}".prop_map(Written::Formula),
            Just(Written::Blank),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn cells_are_those_that_the_library_reads(
            cells in proptest::collection::btree_map((0_u32..40, 0_u16..30), written(), 0..60),
            inline in any::<bool>(),
            from_1904 in any::<bool>(),
        ) {
            let mut book = Book::new();
            let date = Format::new().set_num_format("d. m. yyyy hh:mm:ss");
            let sheet = if inline { book.add_worksheet_with_constant_memory() } else { Ok(book.add_worksheet()) };
            let sheet = sheet.unwrap();
            for ((row, column), cell) in &cells {
                let (row, column) = (*row, *column);
                match cell {
                    Written::Number(number) => sheet.write_number(row, column, *number),
                    Written::Date(serial) => sheet.write_number_with_format(row, column, *serial, &date),
                    Written::Text(text) => sheet.write_string(row, column, text),
                    Written::Flag(flag) => sheet.write_boolean(row, column, *flag),
                    Written::Formula(value) => sheet.write_formula(row, column, Formula::new("=A1").set_result(value)),
                    Written::Blank => sheet.write_blank(row, column, &date),
                }
                .unwrap();
            }
            let mut bytes = book.save_to_buffer().unwrap();
            if from_1904 {
                bytes = replaced(&bytes, "<workbookPr ", "<workbookPr date1904=\"1\" ");
            }
            prop_assert_eq!(super::tests::cells(&bytes).unwrap(), by_the_library(&bytes));
        }
    }
}
