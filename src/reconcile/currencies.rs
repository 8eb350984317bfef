//! Whether accounts have one currency alone: only where they do not, rows are compared with their orders one by one.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::frame::column::Column;
use crate::frame::{order_lines, orders, read};

/// A frame with its columns of account and currency.
pub type Currencied<'run> = (&'run DataFrame, Column, Column);

/// Every account has one currency in all of the frames.
///
/// # Errors
/// A frame lacks one of the columns: a bug of ours.
pub fn one_each(frames: &[Currencied<'_>]) -> PolarsResult<bool> {
    let mut known: Map<&str, &str> = Map::default();
    for (frame, account, currency) in frames {
        let (names, codes) = (read::texts(frame, *account)?, read::texts(frame, *currency)?);
        let same = |a: usize, b: usize| names.at(a) == names.at(b) && codes.at(a) == codes.at(b);
        for run in read::runs(names.len(), same) {
            let code = codes.at(run.start);
            if *known.entry(names.at(run.start)).or_insert(code) != code {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Keys of orders that have lines of another currency: what they are worth is not computable (rulebook §16.3).
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn orders_of_mixed_lines<'run>(frame: &'run DataFrame, lines: &'run DataFrame) -> PolarsResult<Set<&'run str>> {
    let frames = [(frame, orders::account, orders::currency), (lines, order_lines::account, order_lines::currency)];
    if lines.height() == 0 || one_each(&frames)? {
        return Ok(Set::default());
    }
    let codes = read::texts(frame, orders::currency)?;
    let of_orders: Map<&str, &str> = read::texts(frame, orders::order_key)?.iter().zip(codes.iter()).collect();
    let keys = read::texts(lines, order_lines::order_key)?;
    let codes = read::texts(lines, order_lines::currency)?;
    let is_foreign = |row: &usize| of_orders.get(keys.at(*row)).is_some_and(|code| *code != codes.at(*row));
    Ok((0..keys.len()).filter(is_foreign).map(|row| keys.at(row)).collect())
}
