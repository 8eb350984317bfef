//! What the rows of each remittance of cash on delivery add up to, beside the total that it or its transfer states (CD-005).

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::frame::build::FrameBuilder;
use crate::frame::{cod_remittances as r, payout_lines, read, remittance_facts as f, statements};
use crate::reconcile::accounts::Accounts;
use crate::vocab::{RemittanceKind, Word};

/// Account and number of a statement.
type Id<'run> = (&'run str, &'run str);

/// The heads of statements, those of payouts apart from those of remittances: a head belongs to a remittance when rows of a remittance have
/// its number and no payout line has.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn split_heads(
    heads: &DataFrame,
    remittances: &DataFrame,
    lines: &DataFrame,
) -> PolarsResult<(DataFrame, DataFrame)> {
    if remittances.height() == 0 {
        return Ok((heads.clone(), heads.head(Some(0))));
    }
    let ids = |frame, account, id| -> PolarsResult<BTreeSet<(String, String)>> {
        let (accounts, ids) = (read::texts(frame, account)?, read::texts(frame, id)?);
        let owned = |(account, id): (&str, &str)| (account.to_owned(), id.to_owned());
        Ok(accounts.iter().zip(ids.iter()).filter(|(_, id)| !id.is_empty()).map(owned).collect())
    };
    let remitted = ids(remittances, r::account, r::statement_id)?;
    let paid = ids(lines, payout_lines::account, payout_lines::statement_id)?;
    let (accounts, numbers) = (read::texts(heads, statements::account)?, read::texts(heads, statements::statement_id)?);
    let of_remittance = |(account, id): (&str, &str)| {
        let id = (account.to_owned(), id.to_owned());
        remitted.contains(&id) && !paid.contains(&id)
    };
    let mask = BooleanChunked::from_iter(accounts.iter().zip(numbers.iter()).map(of_remittance));
    Ok((heads.filter(&!&mask)?, heads.filter(&mask)?))
}

#[derive(Debug, Default)]
struct Sums<'run> {
    carrier: &'run str,
    paid_on: Option<i32>,
    rows: i64,
    cash: i64,
    other: i64,
    total: Option<(i64, Option<u64>)>,
    row: Option<u64>,
}

/// The facts, from the rows of remittances and the heads of their transfers.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn remittance_facts(lines: &DataFrame, heads: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let mut found = sums(lines)?;
    take_heads(&mut found, heads)?;
    let mut currencies: BTreeMap<Id, usize> = BTreeMap::new();
    for (account, id, _) in found.keys() {
        *currencies.entry((account, id)).or_default() += 1;
    }
    let is_comparable = |key: &(&str, &str, &str)| currencies.get(&(key.0, key.1)) == Some(&1);
    let rows = || found.iter();
    let mut facts = FrameBuilder::new(&f::FRAME, found.len());
    facts
        .texts(f::account, rows().map(|(key, _)| key.0))
        .texts(f::marketplace, rows().map(|(key, _)| accounts.marketplace(key.0)))
        .texts(f::statement_id, rows().map(|(key, _)| key.1))
        .texts(f::currency, rows().map(|(key, _)| key.2))
        .texts(f::carrier, found.values().map(|sums| sums.carrier))
        .days(f::paid_on, found.values().map(|sums| sums.paid_on))
        .numbers(f::rows, found.values().map(|sums| Some(sums.rows)))
        .numbers(f::cash, found.values().map(|sums| Some(sums.cash)))
        .numbers(f::other, found.values().map(|sums| Some(sums.other)))
        .numbers(f::sum, found.values().map(|sums| Some(sums.cash + sums.other)))
        .numbers(f::total, found.values().map(|sums| Some(sums.total?.0)))
        .numbers(
            f::difference,
            rows().map(|(key, sums)| Some(sums.cash + sums.other - sums.total?.0).filter(|_| is_comparable(key))),
        )
        .references(f::row, found.values().map(|sums| sums.row))
        .references(f::total_row, found.values().map(|sums| sums.total?.1));
    facts.finish()
}

fn sums(lines: &DataFrame) -> PolarsResult<BTreeMap<(&str, &str, &str), Sums<'_>>> {
    let accounts = read::texts(lines, r::account)?;
    let ids = read::texts(lines, r::statement_id)?;
    let currencies = read::texts(lines, r::currency)?;
    let carriers = read::texts(lines, r::carrier)?;
    let kinds = read::texts(lines, r::kind)?;
    let amounts = read::numbers(lines, r::amount)?;
    let totals = read::numbers(lines, r::total)?;
    let posted = read::days(lines, r::posted)?;
    let paid_on = read::days(lines, r::paid_on)?;
    let rows = read::references(lines, r::row)?;
    let mut found: BTreeMap<(&str, &str, &str), Sums> = BTreeMap::new();
    // Rows without the number of a remittance belong to none, and have no total.
    for row in (0..accounts.len()).filter(|row| !ids.at(*row).is_empty()) {
        let sums = found.entry((accounts.at(row), ids.at(row), currencies.at(row))).or_default();
        sums.carrier = carriers.at(row);
        sums.paid_on = sums.paid_on.max(paid_on.at(row).or(posted.at(row)));
        sums.row = sums.row.or(rows.at(row));
        if let Some(total) = totals.at(row) {
            sums.total.get_or_insert((total, rows.at(row)));
        }
        let amount = amounts.at(row).unwrap_or(0);
        match RemittanceKind::of(kinds.at(row)) {
            Some(RemittanceKind::Cash) => sums.cash += amount,
            Some(RemittanceKind::Transfer) => {
                sums.total.get_or_insert((amount.abs(), rows.at(row)));
                continue;
            }
            _ => sums.other += amount,
        }
        sums.rows += 1;
    }
    Ok(found)
}

fn take_heads<'run>(
    found: &mut BTreeMap<(&'run str, &'run str, &'run str), Sums<'run>>,
    heads: &'run DataFrame,
) -> PolarsResult<()> {
    let accounts = read::texts(heads, statements::account)?;
    let ids = read::texts(heads, statements::statement_id)?;
    let currencies = read::texts(heads, statements::currency)?;
    let paid_on = read::days(heads, statements::paid_on)?;
    let totals = read::numbers(heads, statements::total)?;
    let rows = read::references(heads, statements::row)?;
    for row in 0..accounts.len() {
        let Some(sums) = found.get_mut(&(accounts.at(row), ids.at(row), currencies.at(row))) else { continue };
        sums.paid_on = paid_on.at(row).or(sums.paid_on);
        // The transfer is what came: it wins over what the file says of itself.
        sums.total = totals.at(row).map(|total| (total, rows.at(row))).or(sums.total);
    }
    Ok(())
}
