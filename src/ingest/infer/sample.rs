//! Rows of an unknown file, as many as are looked at.

use chrono::NaiveDateTime;

use crate::ingest::record::Raw;

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleRow {
    /// As a person sees it, from 1.
    pub(super) line: u32,
    pub(super) cells: Vec<Seen>,
}

/// A cell that outlives its reader.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    Empty,
    /// Trimmed.
    Text(String),
    Number(f64),
    Moment(NaiveDateTime),
    Flag(bool),
}

impl Seen {
    /// A formula without a value and an error value are looked at as empty: `check` names them.
    pub(super) fn of(raw: Raw<'_>) -> Seen {
        match raw {
            Raw::Empty | Raw::NoValue | Raw::Error(_) => Seen::Empty,
            Raw::Text(text) => Seen::Text(text.to_owned()),
            Raw::Number(number) | Raw::Share(number) => Seen::Number(number),
            Raw::Moment(moment) => Seen::Moment(moment),
            Raw::Flag(flag) => Seen::Flag(flag),
        }
    }

    pub(super) fn raw(&self) -> Raw<'_> {
        match self {
            Seen::Empty => Raw::Empty,
            Seen::Text(text) => Raw::Text(text),
            Seen::Number(number) => Raw::Number(*number),
            Seen::Moment(moment) => Raw::Moment(*moment),
            Seen::Flag(flag) => Raw::Flag(*flag),
        }
    }

    /// As a person sees it.
    pub(super) fn shown(&self) -> String {
        self.raw().shown().into_owned()
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Seen::Empty
    }
}

impl SampleRow {
    /// How many cells are headers of known layouts.
    pub(super) fn known_cells(&self, known: &dyn Fn(&str) -> bool) -> usize {
        self.cells.iter().filter(|cell| matches!(cell, Seen::Text(text) if known(text))).count()
    }

    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}
