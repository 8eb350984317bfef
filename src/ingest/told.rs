//! A record as quarantine tells it, personal fields masked.

use std::borrow::Cow;

use crate::frame::lineage::Part;
use crate::ingest::header::Bound;
use crate::ingest::record::{Raw, Record};
use crate::ingest::refused::MASK;

/// The whole row, personal fields masked, and the bytes of one of its cells.
pub(super) fn shown(
    record: &impl Record,
    bound: &Bound,
    marked: Option<usize>,
) -> (String, Option<std::ops::Range<usize>>) {
    let is_personal =
        |index: usize| bound.is_personal(index) || record.rest() == Some(index) && bound.is_personal_from(index);
    joined(record, is_personal, marked)
}

/// The same of a record that is read again.
pub(super) fn shown_again(
    record: &impl Record,
    part: &Part,
    marked: Option<usize>,
) -> (String, Option<std::ops::Range<usize>>) {
    let written = &part.places.written;
    joined(record, |index| written.iter().any(|column| column.place == index && column.is_personal), marked)
}

fn joined(
    record: &impl Record,
    is_personal: impl Fn(usize) -> bool,
    marked: Option<usize>,
) -> (String, Option<std::ops::Range<usize>>) {
    let cell = |index: usize| match record.cell(index) {
        Raw::Empty => Cow::Borrowed(""),
        _ if is_personal(index) => Cow::Borrowed(MASK),
        raw => raw.shown(),
    };
    let mut text = String::new();
    let mut place = None;
    for index in 0..record.len() {
        if index > 0 {
            text.push_str(" | ");
        }
        let start = text.len();
        text.push_str(&cell(index));
        if marked == Some(index) {
            place = Some(start..text.len());
        }
    }
    (text, place)
}
