//! A refused row as it was read, before its part has a number.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnose::CellInRow;
use crate::ingest::reason::Reason;

/// What stands in place of a personal value.
pub(super) const MASK: &str = "***";

/// A row of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    /// Place of the part.
    pub(super) part: usize,
    /// Row of its table, from 0.
    pub(super) row: usize,
}

/// A refused row, before its part has a number.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    /// Row as a person sees it.
    pub(super) line: u32,
    /// First byte of the row in the file, where it can be told.
    pub(super) byte: Option<u64>,
    /// Header as written, or the position, or empty when the whole row is at fault.
    pub(super) column: Arc<str>,
    /// The cell, masked when personal.
    pub(super) value: Arc<str>,
    /// Why.
    pub(super) reason: Reason,
    /// What would have been right.
    pub(super) expected: Arc<str>,
    /// Configuration line.
    pub(super) config: Arc<str>,
    /// Where it can be read, else empty.
    pub(super) order_no: Arc<str>,
    /// Civil day on which the order was created, where it can be read.
    pub(super) created_on: Option<i32>,
    /// The key as an accepted row would have it, part by part; empty where one of them cannot be read, or for an event kind.
    pub(super) key: Arc<[String]>,
    /// The version as text that sorts, where it can be read.
    pub(super) version: Option<Arc<str>>,
    /// The sound row of the same key that a later file of the source has.
    pub(super) replaced_by: Option<At>,
    /// Tracking number as written where it can be read, else empty.
    pub(super) tracking_number: Arc<str>,
    /// Statement of a payout line where it can be read, else empty.
    pub(super) statement_id: Arc<str>,
    /// The row, personal fields masked.
    pub(super) record: Arc<str>,
    /// The cell at fault within `record`.
    pub(super) cell: Option<CellInRow>,
    /// The row's control amount; `None` when it cannot be read or the kind has none.
    pub(super) control: Option<i64>,
    /// Amounts of the order that the row repeats, in a source with several rows per order.
    pub(super) order_amount: Option<i64>,
    /// Currency of the amounts.
    pub(super) currency: Arc<str>,
    /// Day on which an order was paid, where it can be read.
    pub(super) paid_on: Option<i32>,
    /// Postage of an order, where it can be read.
    pub(super) postage: Option<i64>,
}

/// Texts that many refused rows have in common, each held once.
#[derive(Debug, Default)]
pub(super) struct CommonTexts(HashSet<Arc<str>>);

impl CommonTexts {
    /// So many different texts are kept; further ones stand by themselves.
    const MOST: usize = 4096;

    /// The text, shared with all rows that have the same.
    pub(super) fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if self.0.len() < Self::MOST {
            self.0.insert(Arc::clone(&new));
        }
        new
    }
}
