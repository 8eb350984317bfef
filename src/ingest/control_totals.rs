//! Control totals: of every file, rows and money read = used + duplicate + superseded + structural + quarantined. What was read
//! is counted by the reader, what is used is added up again from the finished frames; a residue is a bug and stops publication.

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::canonical::CanonicalFrames;
use crate::frame::kind::spec_of;
use crate::ingest::part::Loaded;
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

/// Rows and control money of each part, added up from the finished frames.
#[derive(Debug)]
pub(super) struct Used {
    /// Rows of each part.
    pub(super) rows: Vec<u64>,
    /// Minor units of each part, by currency.
    pub(super) money: Vec<Vec<(String, i128)>>,
}

impl Used {
    fn add_money(&mut self, part: usize, currency: &str, amount: i128) {
        let sums = &mut self.money[part];
        match sums.iter_mut().find(|(known, _)| known == currency) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((currency.to_owned(), amount)),
        }
    }
}

/// Adds up the frames.
///
/// # Errors
/// A frame without a declared column: a bug of ours.
pub(super) fn used(frames: &CanonicalFrames, parts: &[Loaded<'_, '_>]) -> PolarsResult<Used> {
    let has_lines: Vec<bool> = parts.iter().map(|part| part.orders.is_some()).collect();
    let mut used = Used { rows: vec![0; parts.len()], money: vec![Vec::new(); parts.len()] };
    for kind in Kind::ALL {
        add_frame(&mut used, *kind, frames.of(*kind), &has_lines)?;
    }
    Ok(used)
}

fn add_frame(used: &mut Used, kind: Kind, frame: &DataFrame, has_lines: &[bool]) -> PolarsResult<()> {
    let spec = spec_of(kind);
    let refs = frame.column("row")?.u64()?;
    let amounts: Vec<_> =
        spec.control.iter().map(|name| Ok((*name, frame.column(name)?.i64()?))).collect::<PolarsResult<_>>()?;
    let times = if spec.control_times_qty { Some(frame.column("qty")?.i64()?) } else { None };
    let currencies = if amounts.is_empty() { None } else { Some(frame.column("currency")?.str()?) };
    for (row, reference) in refs.iter().enumerate() {
        let part = (reference.unwrap_or(0) >> 32) as usize;
        let lines = has_lines.get(part).copied().unwrap_or(false);
        // The rows of such a part are lines; its orders only repeat them.
        if !(lines && kind == Kind::Orders) {
            used.rows[part] += 1;
        }
        let Some(currency) = currencies.and_then(|currencies| currencies.get(row)).filter(|code| !code.is_empty())
        else {
            continue;
        };
        let counted = amounts.iter().filter(|(name, _)| !(lines && *name == "goods_amount"));
        let sum: i128 = counted.map(|(_, column)| i128::from(column.get(row).unwrap_or(0))).sum();
        let factor = times.map_or(1, |times| i128::from(times.get(row).unwrap_or(0)));
        used.add_money(part, currency, sum * factor);
    }
    Ok(())
}
