//! Total rows: they stay structural, and where the source says which cells hold the totals, what they state is kept beside what
//! the rows add up to.

use crate::base::money::decimals;
use crate::base::text::fold;
use crate::base::zone::date_of;
use crate::frame::lineage;
use crate::ingest::part::Loaded;
use crate::ingest::plan::Plan;
use crate::ingest::reason::Flaw;
use crate::ingest::record::{Raw, Record};
use crate::ingest::row_money::{money_of, no_currency};

/// What a file states and what its rows add up to, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedTotal {
    /// Lineage of the total row.
    pub row_ref: u64,
    /// The account.
    pub account: String,
    /// Currency of the amounts.
    pub currency: String,
    /// Year and month of the file: by the source's pattern, else of its first day.
    pub month: (i32, u32),
    /// Field, amount of the total row, sum of the rows that were read.
    pub amounts: Vec<(&'static str, i64, i64)>,
}

/// A total row as it was read.
#[derive(Debug, Clone)]
pub(super) struct TotalRow {
    pub(super) line: u32,
    /// Field and minor units; or the field that cannot be read.
    pub(super) amounts: Result<Vec<(usize, i64)>, TotalFlaw>,
}

/// Why a total cannot be read.
#[derive(Debug, Clone)]
pub(super) struct TotalFlaw {
    pub(super) field: usize,
    /// Place of the cell, from 0.
    pub(super) place: usize,
    pub(super) flaw: Flaw,
    pub(super) value: String,
    pub(super) record: String,
}

/// Whether a record is a total row: the first cell that holds something is one of `totals` (folded) as a whole, and no other cell
/// identifies a row (`identifiers`: their places). A row with an identifier is a row, whatever its first cell says.
pub(super) fn is_total(record: &impl Record, totals: &[String], identifiers: &[usize]) -> bool {
    if totals.is_empty() {
        return false;
    }
    let Some(place) = (0..record.len()).find(|index| !record.cell(*index).is_empty()) else { return false };
    let Raw::Text(first) = record.cell(place) else { return false };
    // Nearly every row begins with another letter or digit than any total does: spare the folding, which keeps those.
    let begin = first.as_bytes()[0].to_ascii_lowercase();
    if begin.is_ascii_alphanumeric() && !totals.iter().any(|total| total.as_bytes().first() == Some(&begin)) {
        return false;
    }
    is_label(totals.iter(), first) && identifiers.iter().all(|other| *other == place || record.cell(*other).is_empty())
}

/// Whether a cell is one of the labels of totals (folded) as a whole; a colon may follow it.
pub(super) fn is_label<'t>(mut totals: impl Iterator<Item = &'t String>, cell: &str) -> bool {
    let folded = fold(cell);
    let label = folded.trim_end_matches(':').trim_end();
    totals.any(|total| total.trim_end_matches(':').trim_end() == label)
}

/// Reads the total cells of a total row. An empty one states nothing.
pub(super) fn read(plan: &Plan<'_>, record: &impl Record, line: u32) -> TotalRow {
    let mut amounts = Vec::new();
    for (field, place) in &plan.total_cells {
        let raw = record.cell(*place);
        if raw.is_empty() {
            continue;
        }
        let amount = decimals(&plan.currency).ok_or_else(|| no_currency(&plan.currency));
        let amount = amount.and_then(|places| money_of(plan, raw, &plan.currency, places));
        match amount {
            Ok(amount) => amounts.push((*field, amount.minor)),
            Err(flaw) => {
                let cells: Vec<_> = (0..record.len()).map(|index| record.cell(index).shown().into_owned()).collect();
                let value = raw.shown().into_owned();
                let flaw = TotalFlaw { field: *field, place: *place, flaw, value, record: cells.join(" | ") };
                return TotalRow { line, amounts: Err(flaw) };
            }
        }
    }
    TotalRow { line, amounts: Ok(amounts) }
}

/// What a part states beside its rows; of several total rows the one that is farthest off.
pub(super) fn stated(
    part: usize,
    loaded: &Loaded<'_, '_>,
    totals: &[(u32, Vec<(usize, i64)>)],
    report_month: Option<(i32, u32)>,
) -> Option<StatedTotal> {
    let plan = loaded.plan;
    let table = &loaded.table;
    let of_currency = |row: &usize| loaded.currency(*row) == plan.currency;
    let sum = |field: usize| -> i64 {
        (0..table.len()).filter(of_currency).map(|row| table.columns[field].number(row).unwrap_or(0)).sum()
    };
    let compare = |(line, amounts): &(u32, Vec<(usize, i64)>)| {
        let compared: Vec<_> =
            amounts.iter().map(|(field, amount)| (plan.fields[*field].name, *amount, sum(*field))).collect();
        (*line, compared)
    };
    let off = |amounts: &[(&str, i64, i64)]| -> i64 { amounts.iter().map(|(_, own, rows)| (own - rows).abs()).sum() };
    let (line, amounts) = totals.iter().map(compare).max_by_key(|(_, amounts)| off(amounts))?;
    let days = plan.field("day").map(|field| &table.columns[field]);
    let first = days.and_then(|days| (0..table.len()).filter_map(|row| days.number(row)).min());
    let month = report_month.or_else(|| {
        use chrono::Datelike;
        let day = date_of(i32::try_from(first?).ok()?)?;
        Some((day.year(), day.month()))
    })?;
    Some(StatedTotal {
        row_ref: lineage::row_ref(part, line),
        account: plan.source.account.clone().unwrap_or_default(),
        currency: plan.currency.clone(),
        month,
        amounts,
    })
}
