//! A refused row: as it is read, and as it is held from then on.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::diagnose::CellInRow;

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

/// A refused row as it is read.
#[derive(Debug, Default)]
pub(crate) struct RowAtFault {
    /// Row as a person sees it, from 1.
    pub(crate) line: u32,
    /// First byte of the row in the file, where it can be told.
    pub(crate) byte: Option<u64>,
    /// Header as written, or the position, or empty when the whole row is at fault.
    pub(crate) column: String,
    /// The cell, masked when personal.
    pub(crate) value: String,
    /// Word of the reason.
    pub(crate) reason: &'static str,
    /// What would have been right.
    pub(crate) expected: String,
    /// Configuration line.
    pub(crate) config: String,
    /// Where it can be read, else empty.
    pub(crate) order_no: String,
    /// Civil day on which the order was created, where it can be read.
    pub(crate) created_on: Option<i32>,
    /// The key as an accepted row would have it, part by part; empty where one of them cannot be read, or for an event kind.
    pub(crate) key: Vec<String>,
    /// The version as text that sorts, where it can be read.
    pub(crate) version: Option<String>,
    /// Tracking number as carriers compare it where it can be read, else empty.
    pub(crate) tracking_number: String,
    /// Statement of a payout line where it can be read, else empty.
    pub(crate) statement_id: String,
    /// The row, personal fields masked.
    pub(crate) record: String,
    /// The cell at fault within `record`.
    pub(crate) cell: Option<CellInRow>,
    /// The row's control amount; `None` when it cannot be read or the kind has none.
    pub(crate) control: Option<i64>,
    /// Amounts of the order that the row repeats, in a source with several rows per order.
    pub(crate) order_amount: i64,
    /// Currency of the amounts.
    pub(crate) currency: String,
    /// Day on which an order was paid, where it can be read.
    pub(crate) paid_on: Option<i32>,
    /// Postage of an order, where it can be read.
    pub(crate) postage: Option<i64>,
}

/// Bytes of [`HeldRow::text`]. The limits of a record are far below what they can count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Piece {
    from: u32,
    to: u32,
}

/// What many refused rows of a part have in common.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Ground {
    reason: &'static str,
    column: String,
    /// Empty where the row has its own.
    expected: String,
    config: String,
    currency: String,
    /// Position and canonical field of the cell at fault.
    cell: Option<(usize, &'static str)>,
}

/// What few refused rows have.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rarities {
    /// The parts of a key that is more than one text.
    key: Box<[Piece]>,
    version: Option<Piece>,
}

/// A refused row as it is held: once, shared by all that look at it. It takes less than 300 bytes, all references to it included, beside
/// the record as written: texts that stand within the record are places in it, and what many rows have in common is shared.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HeldRow {
    /// The record, then those texts of the row that do not stand in it.
    text: Box<str>,
    ground: Arc<Ground>,
    rarities: Option<Box<Rarities>>,
    /// Row as a person sees it, from 1.
    pub line: u32,
    /// Length of the record.
    record: u32,
    /// First byte of the row in the file, from 0; only where it can be told exactly (text in UTF-8).
    pub byte: Option<u64>,
    value: Piece,
    cell: Piece,
    expected: Piece,
    order_no: Piece,
    key: Piece,
    tracking_number: Piece,
    statement_id: Piece,
    /// Civil day on which the order of the row was created, where it can be read; a day number.
    pub created_on: Option<i32>,
    /// Day on which an order was paid, where it can be read.
    pub paid_on: Option<i32>,
    /// Postage of an order in minor units, where it can be read.
    pub postage: Option<i64>,
    /// The row's control amount; `None` when it cannot be read or the kind has none.
    pub(super) control: Option<i64>,
    /// Amounts of the order that the row repeats, in a source with several rows per order.
    pub(super) order_amount: i64,
}

/// Where something shared stands, and its bytes.
#[cfg(test)]
pub(super) type Shared = (usize, usize);

impl HeldRow {
    /// Bytes that the row takes beside its record, with two references to it, and the place of what it shares. So many more are added for
    /// each allocation as an allocator takes for itself.
    #[cfg(test)]
    pub(super) fn bytes_beside_record(&self) -> (usize, Shared) {
        let allocated = |bytes: usize| bytes + 16;
        let texts = [&self.ground.column, &self.ground.expected, &self.ground.config, &self.ground.currency];
        let ground = allocated(2 * size_of::<usize>() + size_of::<Ground>())
            + texts.into_iter().map(|text| allocated(text.len())).sum::<usize>()
            + 2 * size_of::<Arc<Ground>>();
        let rarities = self.rarities.as_ref();
        let rarities = rarities
            .map_or(0, |more| allocated(size_of::<Rarities>()) + allocated(more.key.len() * size_of::<Piece>()));
        let own = allocated(2 * size_of::<usize>() + size_of::<HeldRow>());
        let texts = allocated(self.text.len() - self.record as usize);
        (own + texts + rarities + 2 * size_of::<Arc<HeldRow>>(), (Arc::as_ptr(&self.ground).addr(), ground))
    }

    fn piece(&self, piece: Piece) -> &str {
        self.text.get(piece.from as usize..piece.to as usize).unwrap_or_default()
    }

    /// Header as written, or the position; empty where the row as a whole is at fault.
    pub fn column(&self) -> &str {
        &self.ground.column
    }

    /// The cell as written; masked when personal.
    pub fn value(&self) -> &str {
        self.piece(self.value)
    }

    /// Reason code, such as `not_a_date`.
    pub fn reason(&self) -> &'static str {
        self.ground.reason
    }

    /// What was expected.
    pub fn expected(&self) -> &str {
        if self.ground.expected.is_empty() { self.piece(self.expected) } else { &self.ground.expected }
    }

    /// Configuration line that expected it.
    pub fn config(&self) -> &str {
        &self.ground.config
    }

    /// Order number of the row where it can be read, else empty.
    pub fn order_no(&self) -> &str {
        self.piece(self.order_no)
    }

    /// Key of the row as written where it can be read, its parts separated by ` | `; empty for an event kind. No output shows it.
    pub fn key(&self) -> &str {
        self.piece(self.key)
    }

    /// The parts of the key; none where one of them cannot be read.
    pub(super) fn key_parts(&self) -> impl Iterator<Item = &str> + Clone {
        let parts = match &self.rarities {
            Some(rarities) if !rarities.key.is_empty() => &rarities.key[..],
            _ if self.key().is_empty() => &[],
            _ => std::slice::from_ref(&self.key),
        };
        parts.iter().map(|part| self.piece(*part))
    }

    /// The version as text that sorts, where it can be read.
    pub(super) fn version(&self) -> Option<&str> {
        Some(self.piece(self.rarities.as_ref()?.version?))
    }

    /// Tracking number as carriers compare it, where it can be read, else empty.
    pub fn tracking_number(&self) -> &str {
        self.piece(self.tracking_number)
    }

    /// Statement of a payout line where it can be read, else empty.
    pub fn statement_id(&self) -> &str {
        self.piece(self.statement_id)
    }

    /// Currency of the amounts.
    pub fn currency(&self) -> &str {
        &self.ground.currency
    }

    /// The whole row, fields separated by ` | `; personal fields masked.
    pub fn record(&self) -> &str {
        self.piece(Piece { from: 0, to: self.record })
    }

    /// The cell at fault within the record; `None`: the row as a whole.
    pub fn cell(&self) -> Option<CellInRow> {
        let (position, field) = self.ground.cell?;
        Some(CellInRow { position, bytes: self.cell.from as usize..self.cell.to as usize, field })
    }
}

/// The parts of a key that are there, separated by ` | `.
pub(super) fn key_text(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
}

/// What refused rows have in common, each held once.
#[derive(Debug, Default)]
pub(super) struct Grounds(HashSet<Arc<Ground>, FixedState>);

impl Grounds {
    /// From so many on, a row for which something else is expected holds that itself.
    const MOST: usize = 1024;

    /// The row as it is held.
    pub(super) fn hold(&mut self, row: RowAtFault) -> Arc<HeldRow> {
        let mut ground = Ground {
            reason: row.reason,
            column: row.column,
            expected: row.expected,
            config: row.config,
            currency: row.currency,
            cell: row.cell.as_ref().map(|cell| (cell.position, cell.field)),
        };
        let mut texts = Texts(row.record);
        let record = texts.end();
        let mut expected = Piece::default();
        if self.0.len() >= Self::MOST && !self.0.contains(&ground) {
            expected = texts.place(&std::mem::take(&mut ground.expected));
        }
        let order_no = texts.place(&row.order_no);
        let is_simple = matches!(&row.key[..], [only] if !only.is_empty()) || row.key.is_empty();
        let parts = if is_simple { Vec::new() } else { row.key.iter().map(|part| texts.place(part)).collect() };
        let version = row.version.map(|version| texts.place(&version));
        let is_rare = !parts.is_empty() || version.is_some();
        let bytes = row.cell.map(|cell| cell.bytes).unwrap_or_default();
        Arc::new(HeldRow {
            rarities: is_rare.then(|| Box::new(Rarities { key: parts.into(), version })),
            line: row.line,
            record,
            byte: row.byte,
            value: texts.place(&row.value),
            cell: Piece { from: counted(bytes.start), to: counted(bytes.end) },
            expected,
            order_no,
            key: texts.place(&key_text(row.key)),
            tracking_number: texts.place(&row.tracking_number),
            statement_id: texts.place(&row.statement_id),
            created_on: row.created_on,
            paid_on: row.paid_on,
            postage: row.postage,
            control: row.control,
            order_amount: row.order_amount,
            text: texts.0.into(),
            ground: self.share(ground),
        })
    }

    /// The ground, shared with all rows that have the same.
    fn share(&mut self, ground: Ground) -> Arc<Ground> {
        if let Some(known) = self.0.get(&ground) {
            return Arc::clone(known);
        }
        let new = Arc::new(ground);
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// The texts of a row, one behind the other.
struct Texts(String);

impl Texts {
    fn end(&self) -> u32 {
        counted(self.0.len())
    }

    /// Where a text stands; one that stands nowhere yet is added.
    fn place(&mut self, text: &str) -> Piece {
        let from = self.0.find(text).map(counted).unwrap_or_else(|| {
            let end = self.end();
            self.0.push_str(text);
            end
        });
        Piece { from, to: from.saturating_add(counted(text.len())) }
    }
}

fn counted(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
