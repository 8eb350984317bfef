//! What a row of an export holds, before a layout gives it its form.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};

/// A typed cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// Text or an identifier.
    Text(Cow<'a, str>),
    /// A word, written as the layout's label of this table.
    Word(&'static str, Cow<'a, str>),
    /// Minor units.
    Money(i64),
    /// Millionths, written in percent.
    Ppm(i64),
    /// A civil date.
    Day(NaiveDate),
    /// A local time.
    At(NaiveDateTime),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Flag(bool),
}

/// A row of an export, by canonical field.
pub trait Record {
    /// The value of a field; empty when the row has none.
    fn cell(&self, field: &str) -> Value<'_>;

    /// The row ends after so many fields.
    fn cut(&self) -> Option<usize> {
        None
    }
}

impl<'a> Value<'a> {
    /// Text.
    pub fn text(text: &'a str) -> Value<'a> {
        if text.is_empty() { Value::Empty } else { Value::Text(Cow::Borrowed(text)) }
    }

    /// Text made for this cell.
    pub fn owned(text: String) -> Value<'a> {
        Value::Text(Cow::Owned(text))
    }

    /// A word of a closed list.
    pub fn word(table: &'static str, word: &'a str) -> Value<'a> {
        Value::Word(table, Cow::Borrowed(word))
    }

    /// A time that had come by `end`.
    pub fn seen(time: Option<NaiveDateTime>, end: NaiveDateTime) -> Value<'a> {
        time.filter(|time| *time < end).map_or(Value::Empty, Value::At)
    }
}
