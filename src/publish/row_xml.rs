//! The rows of a large table as the XML of a sheet, straight from its columns. The library writes everything else of the workbook
//! (see [`crate::publish::splice`]); it is also the witness: both ways give the same cells.

use std::fmt::Write as _;
use std::ops::Range;

use rust_xlsxwriter::utility::column_number_to_name;

use crate::publish::cell::{Value, value};
use crate::report::table::Table;

/// Numbers of the styles of a table's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowStyles {
    /// Currencies of rows, each with the style of every column.
    pub(super) by_currency: Vec<(String, Vec<u32>)>,
}

impl RowStyles {
    fn of(&self, currency: &str) -> usize {
        self.by_currency.iter().position(|(known, _)| known == currency).unwrap_or(0)
    }
}

/// Rows of a table, written one after the other.
pub(super) struct RowXml<'table> {
    table: &'table Table,
    styles: &'table RowStyles,
    /// Letters of each column.
    letters: Vec<String>,
    /// Ends a text that a cell cannot hold whole.
    mark: &'table str,
}

impl<'table> RowXml<'table> {
    pub(super) fn new(table: &'table Table, styles: &'table RowStyles, mark: &'table str) -> RowXml<'table> {
        let letters = (0..table.columns.len()).map(|column| column_number_to_name(column as u16)).collect();
        RowXml { table, styles, letters, mark }
    }

    /// Appends rows of the table; the first of them is row `first`, from 0, of the sheet. `height` says how high a row is, in points.
    pub(super) fn push(
        &self,
        rows: Range<usize>,
        first: u32,
        height: impl Fn(usize) -> Option<f64>,
        into: &mut String,
    ) {
        let mut number = String::new();
        for (at, row) in rows.enumerate() {
            number.clear();
            // Writing into a String cannot fail.
            let _ = write!(number, "{}", first as usize + at + 1);
            into.push_str("<row r=\"");
            into.push_str(&number);
            match height(row) {
                Some(points) => _ = write!(into, "\" ht=\"{points}\" customHeight=\"1\">"),
                None => into.push_str("\">"),
            }
            let styles = &self.styles.by_currency[self.styles.of(self.table.currency_of(row))].1;
            for (column, shown) in self.table.columns.iter().enumerate() {
                let cell = value(self.table, shown, row, self.mark);
                if cell != Value::Empty {
                    into.push_str("<c r=\"");
                    into.push_str(&self.letters[column]);
                    into.push_str(&number);
                    into.push_str("\" s=\"");
                    push_digits(u64::from(styles[column]), into);
                    push_value(&cell, into);
                }
            }
            into.push_str("</row>");
        }
    }
}

/// The rest of a cell, behind the number of its style.
fn push_value(cell: &Value<'_>, into: &mut String) {
    match cell {
        Value::Empty | Value::Editable => into.push_str("\"/>"),
        Value::Text(text) => {
            let blank = [' ', '\t', '\n'];
            let keeps_blanks = text.starts_with(blank) || text.ends_with(blank);
            into.push_str("\" t=\"inlineStr\"><is><t");
            into.push_str(if keeps_blanks { " xml:space=\"preserve\">" } else { ">" });
            push_text(text, into);
            into.push_str("</t></is></c>");
        }
        Value::Int(number) => {
            into.push_str("\"><v>");
            push_int(*number, into);
            into.push_str("</v></c>");
        }
        Value::Money(minor, decimals) => {
            into.push_str("\"><v>");
            push_money(*minor, *decimals, into);
            into.push_str("</v></c>");
        }
        Value::Rate(rate) => _ = write!(into, "\"><v>{rate}</v></c>"),
    }
}

fn push_int(number: i64, into: &mut String) {
    if number < 0 {
        into.push('-');
    }
    push_digits(number.unsigned_abs(), into);
}

/// An amount as the decimal number that it is: no float is on the way.
fn push_money(minor: i64, decimals: u32, into: &mut String) {
    let unit = 10_u64.pow(decimals);
    if minor < 0 {
        into.push('-');
    }
    let minor = minor.unsigned_abs();
    push_digits(minor / unit, into);
    if decimals > 0 {
        into.push('.');
        let _ = write!(into, "{:0width$}", minor % unit, width = decimals as usize);
    }
}

fn push_digits(number: u64, into: &mut String) {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    into.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

/// Text with what XML and spreadsheet programs escape: marks of XML, and characters that XML cannot hold as `_x000D_`.
fn push_text(text: &str, into: &mut String) {
    let is_plain =
        |byte: u8| byte >= 0x20 && !matches!(byte, b'&' | b'<' | b'>' | b'_' | 0xef) || byte == b'\t' || byte == b'\n';
    if text.bytes().all(is_plain) {
        into.push_str(text);
        return;
    }
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            // A text that looks like an escape is escaped itself.
            '_' if looks_like_escape(&text[at..]) => into.push_str("_x005F_"),
            '\t' | '\n' => into.push(letter),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => _ = write!(into, "_x{:04X}_", u32::from(letter)),
            letter => into.push(letter),
        }
    }
}

fn looks_like_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}
