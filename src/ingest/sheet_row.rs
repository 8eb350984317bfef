//! One row of an XLSX sheet: its cells are places in its text until somebody asks for one.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use crate::ingest::record::{Form, Raw, Record};
use crate::ingest::serial;
use crate::ingest::workbook::{SharedTexts, Style, Styles, is_true, push_string, unescape};
use crate::ingest::xml::{Malformed, Token, Tokens, attributes, is_plain, push_text};

/// Columns of a sheet by the file format.
pub(super) const COLUMNS: usize = 16_384;
/// Why a row is too wide.
pub(super) const BEYOND: &str = "a column beyond XFD";

/// A cell: where its value stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
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

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    from: u32,
    to: u32,
}

/// One row of a sheet.
pub(super) struct SheetRow<'r> {
    /// As a spreadsheet program shows it.
    pub(super) number: u32,
    pub(super) text: &'r str,
    pub(super) resolved: &'r str,
    pub(super) cells: &'r [Cell],
    pub(super) texts: &'r SharedTexts,
    pub(super) styles: &'r Styles,
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

/// The text of one row while its cells are found.
pub(super) struct RowText<'r> {
    pub(super) styles: &'r Styles,
    pub(super) text: &'r str,
    pub(super) cells: &'r mut Vec<Cell>,
    pub(super) resolved: &'r mut String,
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
    pub(super) fn read(&mut self, last: u32) -> Result<(u32, bool), Malformed> {
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
        if let Some(known) = self.cells.get_mut(column) {
            // Cells may stand in any order, each once.
            return match (&known, cell) {
                (_, Cell::Empty) => Ok(()),
                (Cell::Empty, cell) => {
                    *known = cell;
                    Ok(())
                }
                _ => Err(Malformed("two cells at one place")),
            };
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
pub(super) fn pass_over(tokens: &mut Tokens<'_>, element: &str) -> Result<(), Malformed> {
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
                "s" if value.is_empty() => {}
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
    let letters = bytes.iter().position(|byte| !byte.is_ascii_alphabetic())?;
    if letters == 0 || letters > 3 || reference[letters..].parse::<u32>().ok()? != row {
        return None;
    }
    let number =
        bytes[..letters].iter().fold(0, |number, byte| number * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1);
    Some(number - 1)
}

/// An error value by its text.
pub(super) fn error_text(text: &str) -> &'static str {
    const ERRORS: &[&str] = &["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"];
    ERRORS.iter().find(|known| **known == text).copied().unwrap_or("#ERROR")
}
