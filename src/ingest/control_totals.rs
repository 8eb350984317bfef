//! Control totals: of every file, rows and money read = used + duplicate + superseded + structural + quarantined. What was read
//! is counted by the reader, what is used is added up again from the finished frames; a residue is a bug and stops publication.

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::frame::canonical::CanonicalFrames;
use crate::frame::kind::spec_of;
use crate::ingest::{Ingested, Input};
use crate::vocab::{Kind, Word};

/// What is left over when the buckets of a file are taken from what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residue {
    /// The file, as outputs quote it.
    pub input: String,
    /// `None`: rows.
    pub currency: Option<String>,
    /// What was read, less the buckets; rows, or minor units of the currency.
    pub residue: i128,
}

/// All residues that are not zero; each is a bug, and the run ends with exit 6.
pub fn residues(ingested: &Ingested) -> Vec<Residue> {
    let mut residues = Vec::new();
    for input in &ingested.inputs {
        let rows = &input.rows;
        let buckets = rows.used + rows.duplicate + rows.superseded + rows.structural + rows.quarantined;
        push(&mut residues, input, None, i128::from(rows.read) - i128::from(buckets));
        for (currency, money) in &input.money {
            let buckets = money.used + money.duplicate + money.superseded + money.structural + money.quarantined;
            push(&mut residues, input, Some(currency.clone()), money.read - buckets);
        }
    }
    residues
}

fn push(residues: &mut Vec<Residue>, input: &Input, currency: Option<String>, residue: i128) {
    if residue != 0 {
        residues.push(Residue { input: input.path.clone(), currency, residue });
    }
}

/// Rows and control money of each part, added up from frames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartTotals {
    /// Rows of each part.
    pub rows: Vec<u64>,
    /// Minor units of each part, by currency.
    pub money: Vec<Vec<(String, i128)>>,
}

/// A frame whose rows are counted: lineage, the money fields that are added up, what they are multiplied with, currency.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'f> {
    /// The frame.
    pub frame: &'f DataFrame,
    /// Its lineage column.
    pub row: &'f str,
    /// Its money columns.
    pub amounts: &'f [&'f str],
    /// The amounts count so many times.
    pub times: Option<&'f str>,
    /// The rows themselves are counted too, and not their money only.
    pub with_rows: bool,
}

impl<'f> Counted<'f> {
    /// The canonical frame of a kind.
    pub fn of_kind(kind: Kind, frame: &'f DataFrame) -> Counted<'f> {
        let spec = spec_of(kind);
        let times = spec.control_times_qty.then_some("qty");
        Counted { frame, row: "row", amounts: spec.control, times, with_rows: true }
    }
}

impl PartTotals {
    /// No row and no money of so many parts.
    pub fn new(parts: usize) -> PartTotals {
        PartTotals { rows: vec![0; parts], money: vec![Vec::new(); parts] }
    }

    /// Rows and control money of the canonical frames.
    ///
    /// # Errors
    /// A frame without a declared column: a bug of ours.
    pub fn of_frames(frames: &CanonicalFrames, has_lines: &[bool]) -> PolarsResult<PartTotals> {
        let jobs: Vec<_> = Kind::ALL.iter().map(|kind| (*kind, Counted::of_kind(*kind, frames.of(*kind)))).collect();
        PartTotals::of(&jobs, has_lines)
    }

    /// Rows and control money of some frames, each with the kind of its rows.
    ///
    /// # Errors
    /// A frame without one of the named columns: a bug of ours.
    pub fn of(jobs: &[(Kind, Counted<'_>)], has_lines: &[bool]) -> PolarsResult<PartTotals> {
        let counted: PolarsResult<Vec<PartTotals>> = jobs
            .par_iter()
            .map(|(kind, counted)| {
                let mut totals = PartTotals::new(has_lines.len());
                totals.add(*kind, *counted, has_lines)?;
                Ok(totals)
            })
            .collect();
        let mut sum = PartTotals::new(has_lines.len());
        for totals in counted? {
            for (part, rows) in totals.rows.into_iter().enumerate() {
                sum.rows[part] += rows;
            }
            for (part, money) in totals.money.into_iter().enumerate() {
                money.iter().for_each(|(currency, amount)| sum.add_money(part, currency, *amount));
            }
        }
        Ok(sum)
    }

    /// Adds the rows of a frame; `kind` says what they are. The rows of a part that has several rows per order are its order lines; its
    /// orders only repeat them, with the amounts that stand once per order.
    ///
    /// # Errors
    /// A frame without one of the named columns: a bug of ours.
    pub fn add(&mut self, kind: Kind, counted: Counted<'_>, has_lines: &[bool]) -> PolarsResult<()> {
        let frame = counted.frame;
        let refs = frame.column(counted.row)?.u64()?;
        let amounts: Vec<_> = counted
            .amounts
            .iter()
            .map(|name| Ok((is_goods(name), frame.column(name)?.i64()?)))
            .collect::<PolarsResult<_>>()?;
        let times = counted.times.map(|name| frame.column(name)?.i64()).transpose()?;
        // Shares of one row stand side by side and are one row.
        let mut last = None;
        let currencies = if amounts.is_empty() { None } else { Some(frame.column("currency")?.str()?) };
        for (row, reference) in refs.iter().enumerate() {
            let part = (reference.unwrap_or(0) >> 32) as usize;
            let only_repeats = kind == Kind::Orders && has_lines.get(part).copied().unwrap_or(false);
            if part >= self.rows.len() {
                continue;
            }
            let is_new = reference.is_none() || last != reference;
            last = reference;
            self.rows[part] += u64::from(counted.with_rows && !only_repeats && is_new);
            let Some(currency) = currencies.and_then(|currencies| currencies.get(row)).filter(|code| !code.is_empty())
            else {
                continue;
            };
            let of_row = amounts.iter().filter(|(is_goods, _)| !(only_repeats && *is_goods));
            let sum: i128 = of_row.map(|(_, column)| i128::from(column.get(row).unwrap_or(0))).sum();
            let factor = times.map_or(1, |times| i128::from(times.get(row).unwrap_or(0)));
            self.add_money(part, currency, sum * factor);
        }
        Ok(())
    }

    /// Takes off what another count holds of these rows.
    pub fn take_off(&mut self, other: &PartTotals) {
        for (rows, less) in self.rows.iter_mut().zip(&other.rows) {
            *rows = rows.saturating_sub(*less);
        }
        for (part, money) in other.money.iter().enumerate() {
            money.iter().for_each(|(currency, amount)| self.add_money(part, currency, -amount));
        }
    }

    fn add_money(&mut self, part: usize, currency: &str, amount: i128) {
        add_by_currency(&mut self.money[part], currency, amount);
    }
}

/// Adds to the sum of a currency. A file holds few of them: they are searched, not hashed.
pub(super) fn add_by_currency(sums: &mut Vec<(String, i128)>, currency: &str, amount: i128) {
    match sums.iter_mut().find(|(known, _)| known == currency) {
        Some((_, sum)) => *sum += amount,
        None => sums.push((currency.to_owned(), amount)),
    }
}

/// The value of an order's goods, under its name in canonical frames and in facts.
fn is_goods(column: &str) -> bool {
    matches!(column, "goods_amount" | "goods")
}
