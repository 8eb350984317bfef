//! What a reader hands to the row parser: one record, its cells by position.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use crate::ingest::number_format::NumberFormat;

/// A cell as the file holds it. Only workbooks have typed cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Raw<'a> {
    /// No cell, or nothing but blanks.
    Empty,
    /// Text, trimmed.
    Text(&'a str),
    /// A native number.
    Number(f64),
    /// A native number that the sheet shows as a percentage: `0.18` is 18 %.
    Share(f64),
    /// A native date; 00:00:00 when it has no time.
    Moment(NaiveDateTime),
    /// A native boolean.
    Flag(bool),
    /// A formula whose value was not stored.
    NoValue,
    /// An error value such as `#N/A`.
    Error(&'static str),
}

impl<'a> Raw<'a> {
    /// Text, trimmed; blank text is empty.
    pub(super) fn of_text(text: &'a str) -> Raw<'a> {
        let visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        if visible(text.as_bytes().first()) && visible(text.as_bytes().last()) {
            return Raw::Text(text);
        }
        let trimmed = text.trim();
        if trimmed.is_empty() { Raw::Empty } else { Raw::Text(trimmed) }
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(self) -> bool {
        matches!(self, Raw::Empty)
    }

    /// The value that the cell stores: of a percentage the share, of a day its date.
    pub(super) fn stored(self) -> Cow<'a, str> {
        match self {
            Raw::Share(share) => Cow::Owned(share.to_string()),
            other => other.shown(),
        }
    }

    /// The cell as a person sees it.
    pub(super) fn shown(self) -> Cow<'a, str> {
        match self {
            Raw::Empty => Cow::Borrowed(""),
            Raw::Text(text) => Cow::Borrowed(text),
            Raw::Number(number) => Cow::Owned(number.to_string()),
            Raw::Share(share) => Cow::Owned(format!("{share} as a percentage")),
            Raw::Moment(moment) if moment.time() == chrono::NaiveTime::MIN => Cow::Owned(moment.date().to_string()),
            Raw::Moment(moment) => Cow::Owned(moment.format("%Y-%m-%d %H:%M:%S").to_string()),
            Raw::Flag(flag) => Cow::Borrowed(if flag { "TRUE" } else { "FALSE" }),
            Raw::NoValue => Cow::Borrowed("(formula)"),
            Raw::Error(error) => Cow::Borrowed(error),
        }
    }
}

/// How a workbook holds what a person reads as text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// Another cell, or a file without formats.
    Untold,
    Text,
    /// A number as it is, or one whose format the reader does not know.
    Number,
    /// A number that is shown by a format.
    Shown(&'a NumberFormat),
}

impl<'a> Form<'a> {
    /// What a person calls it.
    pub(super) fn name(self) -> &'a str {
        match self {
            Form::Untold => "",
            Form::Text => "text",
            Form::Number => "a number",
            Form::Shown(format) => &format.code,
        }
    }
}

/// A record of a file.
pub(super) trait Record {
    /// The cell at a position from 0; beyond the end it is empty.
    fn cell(&self, index: usize) -> Raw<'_>;
    /// How many fields the record has.
    fn len(&self) -> usize;
    /// Bytes of the text of a cell.
    fn bytes(&self, index: usize) -> usize;
    /// The text of a cell as the file holds it, blanks around it included; of a typed cell its stored value.
    fn written(&self, index: usize) -> Cow<'_, str> {
        self.cell(index).stored()
    }
    /// Whether a number with the format of a percentage comes as [`Raw::Share`].
    fn sees_formats(&self) -> bool {
        true
    }
    /// How the workbook holds a cell.
    fn form(&self, _index: usize) -> Form<'_> {
        Form::Untold
    }
    /// The cell that holds the rest of its line, where cells cannot be told apart from there on.
    fn rest(&self) -> Option<usize> {
        None
    }
    /// The moment whose serial number a plain number is, by the count of days of its workbook. Text has none.
    fn moment_of(&self, _serial: f64) -> Option<NaiveDateTime> {
        None
    }
}

/// Whether the record begins with one of `marks`.
pub(super) fn is_comment(record: &impl Record, marks: &[String]) -> bool {
    let (false, Raw::Text(first)) = (marks.is_empty(), record.cell(0)) else { return false };
    marks.iter().any(|mark| first.starts_with(mark.as_str()))
}

/// Whether all cells are empty.
pub(super) fn is_blank(record: &impl Record) -> bool {
    (0..record.len()).all(|index| record.cell(index).is_empty())
}
