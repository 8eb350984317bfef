//! What a cell of a table is on a sheet, whoever writes it: the limits of the format are kept here and nowhere else.

use std::borrow::Cow;

use crate::base::{money, zone};
use crate::report::table::{Cells, Table, TableColumn};

/// Characters (UTF-16 units) that a cell holds.
pub(super) const CELL_UNITS: usize = 32_767;
/// Digits that a number cell keeps.
const DIGITS: i64 = 1_000_000_000_000_000;
/// Days from 1899-12-30, day 0 of spreadsheets, to 1970-01-01.
pub(super) const EPOCH: i32 = 25_569;
/// Before this day number spreadsheets disagree about the calendar (29 February 1900).
const FIRST_DAY: i32 = 61;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'table> {
    /// Nothing.
    Empty,
    /// Nothing yet: a person fills it.
    Editable,
    /// Text, never a formula.
    Text(Cow<'table, str>),
    /// A civil date as a serial day, or a whole number; both below 15 digits.
    Int(i64),
    /// An amount in minor units, below 15 digits, and the decimals of its currency.
    Money(i64, u32),
    /// A share.
    Rate(f64),
}

/// The cell of a column in a row; `mark` ends a text that a cell cannot hold whole.
pub(super) fn value<'table>(
    table: &'table Table,
    column: &'table TableColumn,
    row: usize,
    mark: &str,
) -> Value<'table> {
    match &column.cells {
        Cells::Text(texts) | Cells::Json(texts) => match texts.get(row) {
            Some(text) if !text.is_empty() => Value::Text(cut(text, mark)),
            _ => Value::Empty,
        },
        Cells::Date(days) => match days.get(row) {
            Some(day) if day >= FIRST_DAY - EPOCH => Value::Int(i64::from(day + EPOCH)),
            Some(day) => text(zone::date_of(day).map(|date| date.to_string()).unwrap_or_default()),
            None => Value::Empty,
        },
        Cells::Int(numbers) => match numbers.get(row) {
            Some(number) if number.abs() < DIGITS => Value::Int(number),
            Some(number) => text(number.to_string()),
            None => Value::Empty,
        },
        Cells::Money(amounts, currency) => match amounts.get(row) {
            Some(minor) => {
                let currency = currency.as_deref().unwrap_or_else(|| table.currency_of(row));
                if minor.abs() < DIGITS {
                    Value::Money(minor, money::decimals(currency).unwrap_or(2))
                } else {
                    text(money::to_decimal(minor, currency))
                }
            }
            None => Value::Empty,
        },
        Cells::Rate(parts, wholes) => match (parts.get(row), wholes.get(row)) {
            (Some(part), Some(whole)) if whole != 0 => Value::Rate(part as f64 / whole as f64),
            _ => Value::Empty,
        },
        Cells::Editable => Value::Editable,
    }
}

fn text<'table>(text: String) -> Value<'table> {
    if text.is_empty() { Value::Empty } else { Value::Text(Cow::Owned(text)) }
}

/// Text that a cell holds whole, or its start with a mark.
pub(super) fn cut<'text>(text: &'text str, mark: &str) -> Cow<'text, str> {
    // A text of so many bytes has at most as many UTF-16 units.
    if text.len() <= CELL_UNITS || text.encode_utf16().count() <= CELL_UNITS {
        return text.into();
    }
    let mut room = CELL_UNITS - mark.encode_utf16().count();
    let mut start: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    start.push_str(mark);
    start.into()
}
