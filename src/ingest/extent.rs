//! What of a workbook the library does not tell, seen before the library sees it: how much it makes the library build, which builds the
//! dense rectangle of a sheet and makes room for as much as a file declares; and how many of its rows are hidden.

use std::collections::BTreeSet;

use crate::ingest::compound::{Compound, long, word};
use crate::ingest::xml::{Malformed, Token, Tokens, attributes};

/// All sheets of a workbook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// Cells that the library builds.
    pub(super) cells: u64,
    /// Rows that hold something and are not shown.
    pub(super) hidden_rows: u64,
}

impl Extent {
    fn and(self, more: Extent) -> Extent {
        Extent {
            cells: self.cells.saturating_add(more.cells),
            hidden_rows: self.hidden_rows.saturating_add(more.hidden_rows),
        }
    }
}

/// The sheets of an XLS workbook; the cells from the first to the last of each, or as many as it declares.
///
/// # Errors
/// A file that does not hold together.
pub(super) fn of_xls(bytes: &[u8]) -> Result<Extent, &'static str> {
    let file = Compound::open(bytes).ok_or("its sectors do not hold together")?;
    let streams = file.streams(&["Workbook", "Book"]).ok_or("its streams do not hold together")?;
    streams.iter().try_fold(Extent::default(), |extent, stream| Ok(extent.and(of_stream(stream)?)))
}

/// Record types of an XLS workbook.
mod record {
    pub(super) const BEGIN: u16 = 0x0809;
    pub(super) const END: u16 = 0x000A;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const DIMENSIONS: u16 = 0x0200;
    pub(super) const NUMBERS: u16 = 0x00BD;
    pub(super) const ROW: u16 = 0x0208;
    /// Those that begin with the row and the column of a cell.
    pub(super) const CELLS: [u16; 7] = [0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E];
}

fn of_stream(stream: &[u8]) -> Result<Extent, &'static str> {
    let mut sheets: Vec<usize> = Vec::new();
    walk(stream, |kind, data| {
        if kind == record::SHEET {
            sheets.extend(long(data, 0).map(|place| place as usize));
        }
    });
    if sheets.is_empty() {
        sheets.push(0);
    }
    let count = sheets.len();
    sheets.sort_unstable();
    sheets.dedup();
    if sheets.len() < count {
        return Err("two sheets at one place");
    }
    let (mut extent, mut walked) = (Extent::default(), 0);
    for place in sheets {
        let mut area = Area::default();
        walked += walk(stream.get(place..).ok_or("a sheet beyond the end")?, |kind, data| area.add(kind, data));
        if walked > 2 * stream.len() {
            return Err("sheets that overlap");
        }
        extent = extent.and(Extent { cells: area.cells(), hidden_rows: area.hidden_rows() });
    }
    Ok(extent)
}

/// Visits the records up to the end of a part of a stream, parts within it left out; returns how many bytes they are.
fn walk(stream: &[u8], mut visit: impl FnMut(u16, &[u8])) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let (Some(kind), Some(length)) = (word(stream, at), word(stream, at + 2)) {
        let from = at + 4;
        at = from + usize::from(length);
        match kind {
            record::BEGIN => depth += 1,
            record::END if depth <= 1 => break,
            record::END => depth -= 1,
            _ if depth <= 1 => visit(kind, stream.get(from..at).unwrap_or_default()),
            _ => {}
        }
    }
    at
}

/// The rectangle of a sheet.
#[derive(Default)]
struct Area {
    /// First and last row, first and last column.
    found: Option<(u64, u64, u64, u64)>,
    declared: u64,
    /// Rows that are not shown, and rows with a cell.
    hidden: BTreeSet<u64>,
    filled: BTreeSet<u64>,
}

impl Area {
    fn add(&mut self, kind: u16, data: &[u8]) {
        let cell = |at| word(data, at).map(u64::from);
        if record::CELLS.contains(&kind) {
            self.add_cell(cell(0), cell(2));
        } else if kind == record::NUMBERS {
            self.add_cell(cell(0), cell(2));
            self.add_cell(cell(0), data.len().checked_sub(2).and_then(cell));
        } else if kind == record::ROW {
            const NOT_SHOWN: u16 = 0x20;
            self.hidden.extend(cell(0).filter(|_| word(data, 12).is_some_and(|bits| bits & NOT_SHOWN != 0)));
        } else if kind == record::DIMENSIONS && data.len() >= 14 {
            let side = |from: Option<u64>, to: Option<u64>| to.unwrap_or(0).saturating_sub(from.unwrap_or(0));
            let rows = side(long(data, 0).map(u64::from), long(data, 4).map(u64::from));
            // A first column beyond the format counts as none.
            let columns = side(cell(8).filter(|first| *first <= 0xFF), cell(10));
            self.declared = self.declared.max(rows.saturating_mul(columns));
        }
    }

    fn add_cell(&mut self, row: Option<u64>, column: Option<u64>) {
        let (Some(row), Some(column)) = (row, column) else { return };
        if self.hidden.contains(&row) {
            self.filled.insert(row);
        }
        let (top, bottom, left, right) = self.found.unwrap_or((row, row, column, column));
        self.found = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    /// The record of a row stands before those of its cells.
    fn hidden_rows(&self) -> u64 {
        self.filled.len() as u64
    }

    fn cells(&self) -> u64 {
        let found = self.found.map_or(0, |(top, bottom, left, right)| (bottom - top + 1) * (right - left + 1));
        found.max(self.declared)
    }
}

/// A longer text counts as several cells.
const CELL_BYTES: u64 = 40;

/// The sheets of an ODS workbook, from its `content.xml`; cells are rows up to the last that holds something, times the widest. What
/// is repeated is built as often as it says.
///
/// # Errors
/// What is not well formed.
pub(super) fn of_ods(content: &str) -> Result<Extent, Malformed> {
    let mut tokens = Tokens::new(content);
    let (mut cells, mut hidden_rows, mut depth) = (0_u64, 0_u64, 0_usize);
    // Rows of the table so far, its last row that holds something, and its width; the row at hand: its columns, and the last one.
    let (mut rows, mut last, mut width) = (0_u64, 0_u64, 0_u64);
    let (mut column, mut end) = (0_u64, 0_u64);
    let (mut down, mut across, mut text) = (1_u64, 1_u64, 0_u64);
    let mut is_hidden = false;
    while let Some(token) = tokens.next()? {
        match token {
            Token::Open { name: "table", empty: false, .. } => {
                if depth == 0 {
                    (rows, last, width) = (0, 0, 0);
                }
                depth += 1;
            }
            Token::Open { name: "table-row", attributes, .. } => {
                (column, end) = (0, 0);
                down = times(attributes, "number-rows-repeated");
                rows = rows.saturating_add(down);
                is_hidden = self::attributes(attributes).any(|(name, how)| name == "visibility" && how != "visible");
            }
            Token::Open { name: "table-cell" | "covered-table-cell", attributes: tag, empty } => {
                across = times(tag, "number-columns-repeated");
                text = tag.len() as u64;
                column = column.saturating_add(across);
                if !empty || attributes(tag).any(|(name, _)| matches!(name, "value-type" | "formula")) {
                    end = column;
                }
            }
            Token::Open { name: "s", attributes, .. } => text = text.saturating_add(times(attributes, "c")),
            Token::Text(piece) | Token::Literal(piece) => text = text.saturating_add(piece.len() as u64),
            Token::Close("table-cell" | "covered-table-cell") => {
                let more = text / CELL_BYTES;
                cells = cells.saturating_add(more.saturating_mul(across).saturating_mul(down));
            }
            Token::Close("table-row") if end > 0 => {
                (last, width) = (rows, width.max(end));
                hidden_rows = hidden_rows.saturating_add(if is_hidden { down } else { 0 });
            }
            Token::Close("table") => {
                cells = cells.saturating_add(last.saturating_mul(width));
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    Ok(Extent { cells, hidden_rows })
}

/// Hidden rows of the sheets of an XLSB workbook, seen while its parts are inflated.
#[derive(Debug, Default)]
pub(super) struct HiddenRows {
    /// The row at hand is not shown, and has no cell yet.
    awaits_cell: bool,
    pub(super) hidden: u64,
}

impl HiddenRows {
    const ROW: u32 = 0;
    /// Cells with a value or a formula: 1 is a blank one.
    const CELLS: std::ops::RangeInclusive<u32> = 2..=11;
    const NOT_SHOWN: u8 = 0x10;

    /// Takes whole records away from the beginning of a sheet's bytes.
    pub(super) fn take(&mut self, bytes: &mut Vec<u8>) {
        let mut at = 0;
        while let Some((kind, data, next)) = record_at(bytes, at) {
            if kind == HiddenRows::ROW {
                self.awaits_cell = data.get(11).is_some_and(|bits| bits & HiddenRows::NOT_SHOWN != 0);
            } else if HiddenRows::CELLS.contains(&kind) && std::mem::take(&mut self.awaits_cell) {
                self.hidden += 1;
            }
            at = next;
        }
        bytes.drain(..at);
    }
}

/// Kind and data of a record of an XLSB part, and where the next one begins; `None` where it is not all there.
fn record_at(bytes: &[u8], at: usize) -> Option<(u32, &[u8], usize)> {
    let (kind, at) = number_at(bytes, at, 2)?;
    let (length, at) = number_at(bytes, at, 4)?;
    let end = at + length as usize;
    Some((kind, bytes.get(at..end)?, end))
}

/// A number in groups of seven bits, the lowest first, of at most so many bytes.
fn number_at(bytes: &[u8], at: usize, most: usize) -> Option<(u32, usize)> {
    let mut number = 0;
    for place in 0..most {
        let byte = *bytes.get(at + place)?;
        number |= u32::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 || place + 1 == most {
            return Some((number, at + place + 1));
        }
    }
    None
}

fn times(text: &str, name: &str) -> u64 {
    attributes(text).find(|(known, _)| *known == name).and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn cell(row: u16, column: u16) -> Vec<u8> {
        record(0x0203, &[row.to_le_bytes(), column.to_le_bytes(), [0; 2], [0; 2], [0; 2], [0; 2], [0; 2]].concat())
    }

    fn dimensions(rows: u32, columns: u16) -> Vec<u8> {
        record(
            0x0200,
            &[&0_u32.to_le_bytes()[..], &rows.to_le_bytes(), &[0; 2], &columns.to_le_bytes(), &[0; 2]].concat(),
        )
    }

    /// A stream of globals and sheets; each place is known once the globals have their length.
    fn stream(sheets: &[Vec<u8>]) -> Vec<u8> {
        let globals = |places: &[u32]| {
            let sheets = places
                .iter()
                .flat_map(|place| record(record::SHEET, &[&place.to_le_bytes()[..], b"\0\0\x01S"].concat()));
            [record(record::BEGIN, &[0; 16]), sheets.collect(), record(record::END, &[])].concat()
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
        [record(record::BEGIN, &[0; 16]), records.concat(), record(record::END, &[])].concat()
    }

    #[test]
    fn rectangles_and_declarations_of_xls_sheets() {
        let far = sheet(&[cell(0, 0), cell(65_535, 255)]);
        let cells = |stream: &[u8]| of_stream(stream).map(|extent| extent.cells);
        assert_eq!(cells(&stream(std::slice::from_ref(&far))), Ok(65_536 * 256));
        assert_eq!(cells(&stream(&[far.clone(), sheet(&[cell(7, 7)])])), Ok(65_536 * 256 + 1));
        assert_eq!(cells(&stream(&[sheet(&[dimensions(4_000_000_000, 256)])])), Ok(4_000_000_000 * 256));
        assert_eq!(cells(&stream(&[sheet(&[])])), Ok(0));
        // a chart within a sheet is no part of it
        let chart = sheet(&[cell(65_535, 255)]);
        assert_eq!(cells(&stream(&[sheet(&[cell(1, 1), chart, cell(2, 2)])])), Ok(4));
        let numbers = record(record::NUMBERS, &[&[3, 0, 2, 0][..], &[0; 12], &[9, 0]].concat());
        assert_eq!(cells(&stream(&[sheet(&[numbers])])), Ok(8));
    }

    #[test]
    fn sheets_at_one_place_are_refused() {
        let mut twice = stream(&[sheet(&[cell(1, 1)]), sheet(&[cell(1, 1)])]);
        let first = twice[24..28].to_vec();
        twice[24 + 12..28 + 12].copy_from_slice(&first);
        assert_eq!(of_stream(&twice), Err("two sheets at one place"));
    }

    #[test]
    fn a_file_of_a_writer_is_measured_and_a_spoiled_one_is_refused() {
        let bytes = include_bytes!("tests/books/far-apart.xls");
        assert_eq!(of_xls(bytes), Ok(Extent { cells: 65_536 * 256, hidden_rows: 0 }));
        for cut in [10, 600, 2_000] {
            assert!(of_xls(&bytes[..cut]).is_err(), "{cut}");
        }
        let mut round = bytes.to_vec();
        // the table of sectors says that each sector follows itself
        let table = 512 * (1 + long(bytes, 76).unwrap() as usize);
        for sector in 0..128_u32 {
            round[table + 4 * sector as usize..][..4].copy_from_slice(&sector.to_le_bytes());
        }
        assert!(of_xls(&round).is_err());
    }

    #[test]
    fn rectangles_of_ods_tables() {
        let extent = |rows: &str| of_ods(&format!("<o:body><table:table t:name='a'>{rows}</table:table></o:body>"));
        let of = |rows: &str| extent(rows).map(|extent| extent.cells);
        let full = "<table:table-cell o:value-type='float' o:value='1'/>";
        assert_eq!(of(&format!("<table:table-row>{full}{full}</table:table-row>")), Ok(2));
        let far = format!(
            "<table:table-row t:number-rows-repeated='9'><table:table-cell/></table:table-row>\
             <table:table-row><table:table-cell t:number-columns-repeated='4'/>{full}</table:table-row>\
             <table:table-row t:number-rows-repeated='1000000'><table:table-cell t:number-columns-repeated='1024'/></table:table-row>"
        );
        assert_eq!(of(&far), Ok(50));
        let many = "<table:table-row t:number-rows-repeated='1000000'>\
                    <table:table-cell t:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell></table:table-row>";
        assert_eq!(of(many), Ok(1_000_000 * 16_384));
        // ten thousand letters in each of a thousand cells
        let long =
            format!("<table:table-cell t:number-columns-repeated='1000'>{}</table:table-cell>", "x".repeat(10_000));
        let cells = of(&format!("<table:table-row>{long}</table:table-row>")).unwrap();
        assert!((251_000..252_000).contains(&cells), "{cells}");
        let blanks = "<table:table-row><table:table-cell><text:p><text:s text:c='4000000000'/></text:p></table:table-cell></table:table-row>";
        assert_eq!(of(blanks), Ok(4_000_000_000 / 40 + 1));
        let within = format!("<table:table-row>{full}</table:table-row><table:table></table:table>");
        assert_eq!(of(&within), Ok(2));
        let hidden = format!(
            "<table:table-row table:visibility='filter' t:number-rows-repeated='3'>{full}</table:table-row>\
             <table:table-row table:visibility='collapse'><table:table-cell/></table:table-row>\
             <table:table-row table:visibility='visible'>{full}</table:table-row>"
        );
        assert_eq!(extent(&hidden).map(|extent| extent.hidden_rows), Ok(3));
    }

    #[test]
    fn hidden_rows_of_an_xls_sheet_that_hold_something() {
        let row =
            |row: u16, bits: u8| record(record::ROW, &[&row.to_le_bytes()[..], &[0; 10], &[bits, 0, 0, 0]].concat());
        let rows =
            [row(1, 0), row(2, 0x20), row(3, 0x20), row(4, 0x60), cell(1, 1), cell(2, 1), cell(2, 2), cell(4, 0)];
        assert_eq!(of_stream(&stream(&[sheet(&rows)])).map(|extent| extent.hidden_rows), Ok(2));
    }

    #[test]
    fn hidden_rows_of_an_xlsb_sheet_in_pieces() {
        let record = |kind: u8, data: &[u8]| [&[kind, data.len() as u8][..], data].concat();
        let row = |bits: u8| record(0, &[&[0; 11][..], &[bits], &[0; 5]].concat());
        let cell = |kind: u8| record(kind, &[0; 12]);
        let whole = [row(0x10), cell(5), cell(5), row(0x10), cell(1), row(0), cell(5), row(0x18), cell(6)].concat();
        for piece in 1..whole.len() {
            let (mut rows, mut bytes) = (HiddenRows::default(), Vec::new());
            for part in whole.chunks(piece) {
                bytes.extend(part);
                rows.take(&mut bytes);
            }
            assert!(bytes.is_empty());
            assert_eq!(rows.hidden, 2);
        }
    }
}
