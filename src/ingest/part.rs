//! A part that takes part: its rows, and what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::IdxSize;

use crate::ingest::columns::Table;
use crate::ingest::header::Bound;
use crate::ingest::plan::Plan;
use crate::ingest::refused::{At, HeldRow};
use crate::vocab::Kind;

/// The orders of a part whose rows are lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders {
    /// Rows of each sound order, in file order.
    pub(super) sound: Vec<Vec<usize>>,
    /// One per row: postage and fee of each order, on its first row, in the money of that row; else 0.
    pub(super) amounts: Vec<i64>,
    /// First rows whose order stands in an earlier file: their lines count, their order columns are duplicates.
    pub(super) repeated: BTreeSet<usize>,
}

/// What became of an accepted row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is a row of a canonical frame.
    Used,
    /// It is identical to a row.
    Duplicate(At),
    /// Another version of its key counts.
    Superseded(At),
    /// A newer version of its key is in quarantine: it stands on this line of this part.
    Overtaken { part: usize, line: u32 },
    /// It contradicts a row, and nothing decides.
    Conflict(At),
    /// This line of its order is in quarantine.
    Incomplete(u32),
}

/// What became of the accepted rows of a part. Mostly all of them are used: then nothing is held.
#[derive(Debug, Default)]
pub(super) struct Fates(Vec<Fate>);

impl Fates {
    /// The fate of a row.
    pub(super) fn of(&self, row: usize) -> Fate {
        self.0.get(row).copied().unwrap_or(Fate::Used)
    }

    /// Whether a row is a row of a canonical frame.
    pub(super) fn is_used(&self, row: usize) -> bool {
        self.of(row) == Fate::Used
    }

    /// The rows of `rows` that are rows of a canonical frame, in row order.
    pub(super) fn used(&self, rows: IdxSize) -> Vec<IdxSize> {
        let decided = (self.0.len() as IdxSize).min(rows);
        (0..decided).filter(|row| self.is_used(*row as usize)).chain(decided..rows).collect()
    }

    /// Gives a row a fate.
    pub(super) fn set(&mut self, row: usize, fate: Fate) {
        if self.0.len() <= row {
            self.0.resize(row + 1, Fate::Used);
        }
        self.0[row] = fate;
    }

    /// The rows that are not used, in row order.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, Fate)> + Clone + '_ {
        self.0.iter().copied().enumerate().filter(|(_, fate)| *fate != Fate::Used)
    }
}

/// A part that takes part. Its place in the list of parts is its number.
#[derive(Debug)]
pub(super) struct Loaded<'a, 'p> {
    pub(super) plan: &'a Plan<'p>,
    /// Place of its file among all inputs.
    pub(super) file: usize,
    pub(super) export_date: Option<NaiveDate>,
    pub(super) bound: &'a Bound,
    pub(super) table: Table,
    /// Its refused rows. Of what is decided about them, their places are keys.
    pub(super) refused: &'a [Arc<HeldRow>],
    /// The sound row of the same key that a later file of the source has.
    pub(super) replaced: BTreeMap<usize, At>,
    /// Refused rows with which the amounts of their order count.
    pub(super) bearers: BTreeSet<usize>,
    pub(super) fates: Fates,
    /// Only for a source with several rows per order.
    pub(super) orders: Option<Orders>,
    /// The whole part repeats this one.
    pub(super) twin_of: Option<usize>,
    /// Readable control amounts of all its rows by currency, whatever became of them.
    pub(super) money: Vec<(String, i128)>,
}

impl Loaded<'_, '_> {
    /// What its rows are.
    pub(super) fn kind(&self) -> Kind {
        self.plan.source.kind
    }

    /// The refused rows that no later row has replaced, each with its control amount.
    pub(super) fn open(&self) -> impl Iterator<Item = (&Arc<HeldRow>, Option<i64>)> {
        let rows = self.refused.iter().enumerate().filter(|(place, _)| !self.replaced.contains_key(place));
        rows.map(|(place, row)| (row, self.control(place)))
    }

    /// The control amount of a refused row, with the amounts of its order when they count with it.
    pub(super) fn control(&self, place: usize) -> Option<i64> {
        let row = &self.refused[place];
        Some(row.control? + if self.bearers.contains(&place) { row.order_amount } else { 0 })
    }

    /// A row's control amount, with the amounts of its order when it is the order's first row.
    pub(super) fn amount(&self, row: usize) -> i64 {
        let own = self.table.control.get(row).copied().unwrap_or(0);
        own + self.order_amount(row)
    }

    /// The amounts of an order, on its first row; else 0.
    pub(super) fn order_amount(&self, row: usize) -> i64 {
        self.orders.as_ref().and_then(|orders| orders.amounts.get(row)).copied().unwrap_or(0)
    }

    /// The currency of a row; empty when nobody declared one.
    pub(super) fn currency(&self, row: usize) -> &str {
        match self.plan.currency_field.map(|field| self.table.columns[field].get(row)) {
            Some(crate::ingest::columns::Value::Label(label)) => &label.word,
            _ => "",
        }
    }
}
