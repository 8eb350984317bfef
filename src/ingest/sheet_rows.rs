//! The rows of a sheet, one at a time, straight from the inflating part: only the row at hand is in memory, and its cells are places
//! in its text until somebody asks for one.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use memchr::memmem::{self, Finder};

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::package::{Part, damaged};
use crate::ingest::record::{Form, Raw, Record};
use crate::ingest::refusal;
use crate::ingest::serial;
use crate::ingest::workbook::{SharedTexts, Style, Styles, is_true, push_string, unescape};
use crate::ingest::xml::{self, Malformed, Token, Tokens, attributes, end_of_tag, is_plain, push_text};

/// Columns and rows of a sheet by the file format.
const COLUMNS: usize = 16_384;
const ROWS: u32 = 1_048_576;
const BEYOND: &str = "a column beyond XFD";
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
}

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

/// A cell: where its value stands.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Empty,
    /// A number as written, in the row.
    Number(Span, Style),
    /// In the row.
    Text(Span),
    /// Among the resolved texts.
    Resolved(Span),
    Shared(usize),
    /// A date by ISO 8601, in the row.
    Iso(Span),
    Flag(bool),
    NoValue,
    Error(&'static str),
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: u32,
    to: u32,
}

/// One row of a sheet.
pub(super) struct SheetRow<'r> {
    /// As a spreadsheet program shows it.
    pub(super) number: u32,
    text: &'r str,
    resolved: &'r str,
    cells: &'r [Cell],
    texts: &'r SharedTexts,
    styles: &'r Styles,
}

impl Record for SheetRow<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        match self.cells.get(index).copied().unwrap_or(Cell::Empty) {
            Cell::Empty => Raw::Empty,
            Cell::Number(span, style) => self.number(span.of(self.text), style),
            Cell::Text(span) => Raw::of_text(span.of(self.text)),
            Cell::Resolved(span) => Raw::of_text(span.of(self.resolved)),
            Cell::Shared(number) => Raw::of_text(self.texts.get(number).unwrap_or_default()),
            Cell::Iso(span) => iso(span.of(self.text)),
            Cell::Flag(flag) => Raw::Flag(flag),
            Cell::NoValue => Raw::NoValue,
            Cell::Error(error) => Raw::Error(error),
        }
    }

    fn len(&self) -> usize {
        self.cells.len()
    }

    fn bytes(&self, index: usize) -> usize {
        match self.cells.get(index) {
            Some(Cell::Text(span) | Cell::Resolved(span)) => (span.to - span.from) as usize,
            Some(Cell::Shared(number)) => self.texts.get(*number).map_or(0, str::len),
            _ => 0,
        }
    }

    fn form(&self, index: usize) -> Form<'_> {
        match self.cells.get(index) {
            Some(Cell::Text(_) | Cell::Resolved(_) | Cell::Shared(_)) => Form::Text,
            Some(Cell::Number(_, style)) => self.styles.format_of(*style).map_or(Form::Number, Form::Shown),
            _ => Form::Untold,
        }
    }

    fn moment_of(&self, serial: f64) -> Option<NaiveDateTime> {
        serial::moment_of(serial, self.styles.from_1904)
    }

    fn written(&self, index: usize) -> Cow<'_, str> {
        match self.cells.get(index).copied().unwrap_or(Cell::Empty) {
            Cell::Text(span) => Cow::Borrowed(span.of(self.text)),
            Cell::Resolved(span) => Cow::Borrowed(span.of(self.resolved)),
            Cell::Shared(number) => Cow::Borrowed(self.texts.get(number).unwrap_or_default()),
            _ => self.cell(index).stored(),
        }
    }
}

impl SheetRow<'_> {
    fn number<'t>(&self, text: &'t str, style: Style) -> Raw<'t> {
        let Ok(number) = text.trim().parse::<f64>() else { return Raw::of_text(text) };
        match style {
            Style::Plain | Style::Duration | Style::Shown(_) => Raw::Number(number),
            Style::Share => Raw::Share(number),
            Style::Date => self.moment_of(number).map_or(Raw::Number(number), Raw::Moment),
        }
    }
}

impl Span {
    fn of(self, text: &str) -> &str {
        &text[self.from as usize..self.to as usize]
    }
}

/// A date by ISO 8601, or the text that it is otherwise.
pub(super) fn iso(text: &str) -> Raw<'_> {
    let time = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok();
    let time = time.or_else(|| text.parse::<chrono::NaiveDate>().ok().map(|day| day.and_time(chrono::NaiveTime::MIN)));
    time.map_or(Raw::of_text(text), Raw::Moment)
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
        };
        let mut searched = 0;
        let tag = loop {
            if let Some(tag) = find_tag(&rows.buffer, searched, "sheetData") {
                break tag;
            }
            searched = rows.buffer.len().saturating_sub("sheetData".len());
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
            if number == wanted {
                return self.row_in(from, to).map(Some);
            }
            if number > wanted {
                self.at = from;
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
        if number <= self.last || number > ROWS {
            return Err(broken("rows that are out of order"));
        }
        if self.cells.iter().any(|cell| matches!(cell, Cell::Shared(number) if self.texts.get(*number).is_none())) {
            return Err(broken("a cell that names no shared string"));
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

    /// Where the next row stands in the buffer, with its tags.
    fn next_range(&mut self) -> Result<Option<(usize, usize)>, Box<Diagnostic>> {
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
            if !text.starts_with(self.marks.row.as_bytes()) {
                return Err(self.broken("something else than rows among the rows"));
            }
            let tag = self.end_of_tag(self.at)?;
            let end = if self.buffer[tag - 1] == b'/' { tag + 1 } else { self.find_end_of_row()? };
            let from = self.at;
            self.at = end;
            return Ok(Some((from, end)));
        }
        Ok(None)
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
        loop {
            if let Some(found) = memmem::find(&self.buffer[self.at..], mark) {
                return Ok(found);
            }
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
        while self.read_more()? {}
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

impl Place<'_> {
    fn too_wide(&self) -> Box<Diagnostic> {
        bounds::over("columns", BEYOND.to_owned(), COLUMNS as u64, refusal::sheet(self.path, Some(self.sheet)))
    }

    fn broken(&self, found: &str) -> Box<Diagnostic> {
        damaged(self.path, &format!("sheet `{}`: {found}", self.sheet))
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

/// The text of one row while its cells are found.
struct RowText<'r> {
    styles: &'r Styles,
    text: &'r str,
    cells: &'r mut Vec<Cell>,
    resolved: &'r mut String,
}

/// What the tag of a cell says.
#[derive(Default)]
struct CellTag<'r> {
    column: Option<usize>,
    style: usize,
    kind: &'r str,
}

impl<'r> RowText<'r> {
    /// The row's number, and whether it is hidden. A row without a number follows the last one.
    fn read(&mut self, last: u32) -> Result<(u32, bool), Malformed> {
        let mut tokens = Tokens::new(self.text);
        let Some(Token::Open { name: "row", attributes: row, empty }) = tokens.next()? else {
            return Err(Malformed("something else than rows among the rows"));
        };
        let (mut number, mut hidden) = (last + 1, false);
        for (name, value) in attributes(row) {
            match name {
                "r" => number = value.parse().map_err(|_| Malformed("a row without a number"))?,
                "hidden" => hidden = is_true(value),
                _ => {}
            }
        }
        if !empty {
            self.read_cells(&mut tokens, number)?;
        }
        Ok((number, hidden))
    }

    fn read_cells(&mut self, tokens: &mut Tokens<'r>, row: u32) -> Result<(), Malformed> {
        let mut next = 0;
        loop {
            let (tag, empty) = match CellTag::usual(tokens, row) {
                Some(tag) => (tag, false),
                None => match tokens.next()?.ok_or(Malformed("a row without an end"))? {
                    Token::Open { name: "c", attributes, empty } => (CellTag::read(attributes, row)?, empty),
                    Token::Open { name, empty: false, .. } => {
                        pass_over(tokens, name)?;
                        continue;
                    }
                    Token::Close("row") => return Ok(()),
                    _ => continue,
                },
            };
            let column = tag.column.unwrap_or(next);
            if column >= COLUMNS {
                return Err(Malformed(BEYOND));
            }
            let cell = if empty { Cell::Empty } else { self.cell(tokens, &tag)? };
            self.put(column, cell)?;
            next = column + 1;
        }
    }

    fn put(&mut self, column: usize, cell: Cell) -> Result<(), Malformed> {
        if column < self.cells.len() {
            return Err(Malformed("cells that are out of order"));
        }
        // Trailing empty cells are styled ones and make the row no longer.
        if !matches!(cell, Cell::Empty) {
            self.cells.resize(column, Cell::Empty);
            self.cells.push(cell);
        }
        Ok(())
    }

    fn cell(&mut self, tokens: &mut Tokens<'r>, tag: &CellTag<'_>) -> Result<Cell, Malformed> {
        // What nearly every cell is: a plain value and nothing else.
        let usual = match tag.kind {
            "inlineStr" => tokens.text_between("<is><t>", "</t></is></c>"),
            _ => tokens.text_between("<v>", "</v></c>"),
        };
        match usual {
            Some("") => return Ok(Cell::Empty),
            Some(text) => return self.typed(Written::InRow(self.place_of(text)), tag),
            None => {}
        }
        let (mut value, mut formula) = (None, false);
        loop {
            match tokens.next()?.ok_or(Malformed("a cell without an end"))? {
                Token::Open { name: "v", empty: false, .. } => {
                    let written = self.value(tokens)?;
                    // What stands beside a text of its own only repeats it.
                    value = value.or(written.filter(|_| tag.kind != "inlineStr"));
                }
                Token::Open { name: "is", empty: false, .. } => {
                    let from = self.resolved.len();
                    push_string(tokens, "is", self.resolved)?;
                    value = Some(Written::Resolved(self.since(from)));
                }
                Token::Open { name: "f", empty, .. } => {
                    formula = true;
                    if !empty {
                        pass_over(tokens, "f")?;
                    }
                }
                Token::Open { name, empty: false, .. } => pass_over(tokens, name)?,
                Token::Close("c") => break,
                _ => {}
            }
        }
        match value {
            Some(value) => self.typed(value, tag),
            None if formula => Ok(Cell::NoValue),
            None => Ok(Cell::Empty),
        }
    }

    /// The text of a value up to the end of its element: its place in the row where it stands there as it is meant.
    fn value(&mut self, tokens: &mut Tokens<'r>) -> Result<Option<Written>, Malformed> {
        let from = self.resolved.len();
        let mut plain = None;
        loop {
            match tokens.next()?.ok_or(Malformed("a value without an end"))? {
                Token::Text(text) if plain.is_none() && self.resolved.len() == from && is_plain(text) => {
                    plain = Some(text);
                }
                Token::Text(text) => {
                    self.resolved.push_str(plain.take().unwrap_or_default());
                    push_text(text, self.resolved)?;
                }
                Token::Literal(text) => {
                    self.resolved.push_str(plain.take().unwrap_or_default());
                    self.resolved.push_str(text);
                }
                Token::Close("v") => break,
                Token::Open { .. } | Token::Close(_) => return Err(Malformed("markup in a value")),
            }
        }
        Ok(match plain {
            Some(text) => Some(Written::InRow(self.place_of(text))),
            None if self.resolved.len() == from => None,
            None => {
                unescape(self.resolved, from);
                Some(Written::Resolved(self.since(from)))
            }
        })
    }

    fn typed(&mut self, value: Written, tag: &CellTag<'_>) -> Result<Cell, Malformed> {
        let text = match value {
            Written::InRow(span) => span.of(self.text),
            Written::Resolved(span) => span.of(self.resolved),
        };
        Ok(match (tag.kind, value) {
            ("" | "n", Written::InRow(span)) => Cell::Number(span, self.styles.of(tag.style)),
            ("s", _) => Cell::Shared(text.trim().parse().map_err(|_| Malformed("a shared string without a number"))?),
            ("b", _) => Cell::Flag(is_true(text.trim())),
            ("e", _) => Cell::Error(error_text(text)),
            ("d", Written::InRow(span)) => Cell::Iso(span),
            ("inlineStr" | "str", Written::InRow(span)) => Cell::Text(span),
            ("inlineStr" | "str" | "" | "n" | "d", Written::Resolved(span)) => Cell::Resolved(span),
            _ => return Err(Malformed("a cell of an unknown type")),
        })
    }

    /// Where a piece of the row stands in it.
    fn place_of(&self, piece: &str) -> Span {
        let from = piece.as_ptr() as usize - self.text.as_ptr() as usize;
        Span { from: from as u32, to: (from + piece.len()) as u32 }
    }

    fn since(&self, from: usize) -> Span {
        Span { from: from as u32, to: self.resolved.len() as u32 }
    }
}

/// Where the text of a value stands.
#[derive(Clone, Copy)]
enum Written {
    InRow(Span),
    Resolved(Span),
}

/// Passes over everything up to the end of an element.
fn pass_over(tokens: &mut Tokens<'_>, element: &str) -> Result<(), Malformed> {
    let mut depth = 1;
    while depth > 0 {
        match tokens.next()?.ok_or(Malformed("an element without an end"))? {
            Token::Open { name, empty: false, .. } if name == element => depth += 1,
            Token::Close(name) if name == element => depth -= 1,
            _ => {}
        }
    }
    Ok(())
}

impl<'r> CellTag<'r> {
    /// The tag as nearly every program writes it: `<c r="A1" s="2" t="s">`, style and type or not. Any other is left where it is.
    fn usual(tokens: &mut Tokens<'r>, row: u32) -> Option<CellTag<'r>> {
        let rest = tokens.rest().strip_prefix("<c r=\"")?;
        let (reference, mut rest) = rest.split_at(rest.bytes().take(12).position(|byte| byte == b'"')?);
        let mut tag = CellTag { column: Some(column_of(reference, row)?), ..CellTag::default() };
        if let Some(style) = rest.strip_prefix("\" s=\"") {
            let (number, more) = style.split_at(style.bytes().take(6).position(|byte| byte == b'"')?);
            (tag.style, rest) = (number.parse().ok()?, more);
        }
        if let Some(kind) = rest.strip_prefix("\" t=\"") {
            (tag.kind, rest) = kind.split_at(kind.bytes().take(10).position(|byte| byte == b'"')?);
        }
        tokens.go_to(rest.strip_prefix("\">")?);
        Some(tag)
    }

    fn read(text: &'r str, row: u32) -> Result<CellTag<'r>, Malformed> {
        let mut tag = CellTag::default();
        for (name, value) in attributes(text) {
            match name {
                "r" => tag.column = Some(column_of(value, row).ok_or(Malformed("a cell that stands nowhere"))?),
                "s" => tag.style = value.parse().map_err(|_| Malformed("a style without a number"))?,
                "t" => tag.kind = value,
                _ => {}
            }
        }
        Ok(tag)
    }
}

/// The column, from 0, of a reference such as `AB12`; `None` when it is none or names another row.
fn column_of(reference: &str, row: u32) -> Option<usize> {
    let bytes = reference.as_bytes();
    let letters = bytes.iter().position(|byte| !byte.is_ascii_uppercase())?;
    if letters == 0 || letters > 3 || reference[letters..].parse::<u32>().ok()? != row {
        return None;
    }
    let number = bytes[..letters].iter().fold(0, |number, byte| number * 26 + usize::from(byte - b'A') + 1);
    Some(number - 1)
}

fn error_text(text: &str) -> &'static str {
    const ERRORS: &[&str] = &["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"];
    ERRORS.iter().find(|known| **known == text).copied().unwrap_or("#ERROR")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{DataRef, Reader as _, Xlsx};
    use proptest::prelude::*;
    use rust_xlsxwriter::{Format, Formula, Workbook as Book};

    use super::*;
    use crate::ingest::package::Package;
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
        let mut rows = SheetRows::new(workbook.sheet(&sheet).map_err(said)?, "a.xlsx", &sheet.name).map_err(said)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(said)? {
            for index in 0..row.len() {
                let cell = row.cell(index);
                if !cell.is_empty() {
                    found.push((row.number, index + 1, cell.shown().into_owned()));
                }
            }
        }
        Ok(found)
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
    fn what_is_not_well_formed_is_refused() {
        for data in [
            "<row r=\"2\"/><row r=\"1\"/>",
            "<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>",
            "<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>",
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>",
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
