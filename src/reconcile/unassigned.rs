//! Payout lines that belong to an order and name none, and the orders whose money they may be (PY-014, rulebook §16.4). Nothing is
//! matched: a candidate is a hint.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::lineage::Parts;
use crate::frame::{order_facts as o, payout_lines, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::statements::paid_days;
use crate::vocab::{PayoutKind, Word};

/// Working days between the payout of an order and a line that may be its money.
const WINDOW: u32 = 5;

/// Kinds of lines that always belong to one order.
const OF_ORDERS: [PayoutKind; 6] = [
    PayoutKind::Sale,
    PayoutKind::Commission,
    PayoutKind::Postage,
    PayoutKind::CodFee,
    PayoutKind::Refund,
    PayoutKind::Cancel,
];

/// Whether a line of the kind always belongs to one order.
pub fn is_of_order(kind: &str) -> bool {
    OF_ORDERS.iter().any(|known| known.text() == kind)
}

/// What an order misses, and the day it was due.
#[derive(Debug, Clone, Copy)]
struct Owed {
    amount: i64,
    day: i32,
    tolerance: i64,
    /// Row of the order facts.
    place: usize,
}

/// By account and currency, sorted by amount and day.
type OwedBy<'run> = Map<(&'run str, &'run str), Vec<Owed>>;

/// Unassigned lines by their row in the frame of lines, each with the rows of its candidates in the order facts: the nearest day first.
#[derive(Debug, Clone, Default)]
pub struct Unassigned(Map<usize, Vec<usize>>);

impl Unassigned {
    /// Lines without an order number, of exports that have a column of order numbers.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn find(
        lines: &DataFrame,
        heads: &DataFrame,
        orders: &DataFrame,
        parts: &Parts,
        accounts: &Accounts,
    ) -> PolarsResult<Unassigned> {
        let keys = read::texts(lines, payout_lines::order_key)?;
        let kinds = read::texts(lines, payout_lines::kind)?;
        let rows = read::references(lines, payout_lines::row)?;
        let says_orders: Vec<bool> = parts.0.iter().map(|part| part.says(payout_lines::order_no)).collect();
        let is_bound = |row: usize| {
            let part = rows.at(row).map(crate::frame::lineage::part_of);
            part.and_then(|part| says_orders.get(part)).copied().unwrap_or(false)
        };
        let found: Vec<usize> = (0..keys.len())
            .filter(|row| keys.at(*row).is_empty() && is_of_order(kinds.at(*row)) && is_bound(*row))
            .collect();
        // Most exports number every line, and what orders miss is read only for others.
        if found.is_empty() {
            return Ok(Unassigned::default());
        }
        let owed = owed(orders)?;
        let numbers = read::texts(orders, o::order_no)?;
        let names = read::texts(lines, payout_lines::account)?;
        let currencies = read::texts(lines, payout_lines::currency)?;
        let amounts = read::numbers(lines, payout_lines::amount)?;
        let paid_on = paid_days(lines, heads)?;
        let of_line = |row: usize| {
            let group = owed.get(&(names.at(row), currencies.at(row)))?;
            let (amount, day) = amounts.at(row).zip(paid_on[row])?;
            let mut near = within(group, amount, window(names.at(row), day, accounts)?);
            near.sort_by_key(|owed| ((owed.day - day).abs(), numbers.at(owed.place)));
            Some(near.into_iter().map(|owed| owed.place).collect())
        };
        Ok(Unassigned(found.into_iter().map(|row| (row, of_line(row).unwrap_or_default())).collect()))
    }

    /// The line belongs to an order and names none.
    pub fn is_unassigned(&self, line: usize) -> bool {
        self.0.contains_key(&line)
    }

    /// Rows of the orders in the order facts that may be meant, the nearest first.
    pub fn candidates(&self, line: usize) -> &[usize] {
        self.0.get(&line).map_or(&[], Vec::as_slice)
    }

    /// The order facts with the lines that may be their money.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn mark(&self, mut orders: DataFrame, lines: &DataFrame) -> PolarsResult<DataFrame> {
        if self.0.values().all(Vec::is_empty) {
            return Ok(orders);
        }
        let amounts = read::numbers(lines, payout_lines::amount)?;
        let rows = read::references(lines, payout_lines::row)?;
        let mut of_orders: Vec<(i64, Option<usize>)> = vec![(0, None); orders.height()];
        for (line, places) in &self.0 {
            for place in places {
                let (count, first) = &mut of_orders[*place];
                *count += 1;
                first.get_or_insert(*line);
            }
        }
        let mut marked = FrameBuilder::new(&o::FRAME, orders.height());
        marked
            .numbers(o::unassigned_lines, of_orders.iter().map(|(count, _)| Some(*count)))
            .numbers(o::unassigned_amount, of_orders.iter().map(|(_, line)| amounts.at((*line)?)))
            .references(o::unassigned_row, of_orders.iter().map(|(_, line)| rows.at((*line)?)));
        for column in marked.columns() {
            orders.with_column(column)?;
        }
        Ok(orders)
    }
}

/// What each order misses: what should have been paid for it less what was.
fn owed(orders: &DataFrame) -> PolarsResult<OwedBy<'_>> {
    let names = read::texts(orders, o::account)?;
    let currencies = read::texts(orders, o::currency)?;
    let expected = read::numbers(orders, o::expected_payout)?;
    let paid = read::numbers(orders, o::paid)?;
    let tolerances = read::numbers(orders, o::tolerance)?;
    let payout_on = read::days(orders, o::payout_on)?;
    let billing_on = read::days(orders, o::billing_on)?;
    let mut owed = OwedBy::default();
    for place in 0..names.len() {
        let Some((expected, day)) = expected.at(place).zip(payout_on.at(place).or(billing_on.at(place))) else {
            continue;
        };
        let tolerance = tolerances.at(place).unwrap_or(0);
        let amount = expected - paid.at(place).unwrap_or(0);
        if amount.abs() > tolerance {
            let group = owed.entry((names.at(place), currencies.at(place))).or_default();
            group.push(Owed { amount, day, tolerance, place });
        }
    }
    owed.values_mut().for_each(|group| group.sort_unstable_by_key(|owed| (owed.amount, owed.day, owed.place)));
    Ok(owed)
}

/// Of a group sorted by amount and day, those within their tolerance of the amount and within the days, both included.
fn within(group: &[Owed], amount: i64, (first, last): (i32, i32)) -> Vec<Owed> {
    let widest = group.iter().map(|owed| owed.tolerance).max().unwrap_or(0);
    let mut found = Vec::new();
    let mut rest = &group[group.partition_point(|owed| owed.amount < amount - widest)..];
    while let Some(next) = rest.first().filter(|owed| owed.amount <= amount + widest) {
        let (same, others) = rest.split_at(rest.partition_point(|owed| owed.amount == next.amount));
        let from = same.partition_point(|owed| owed.day < first);
        let near = same[from..].iter().take_while(|owed| owed.day <= last);
        found.extend(near.filter(|owed| (owed.amount - amount).abs() <= owed.tolerance));
        rest = others;
    }
    found
}

/// The days from [`WINDOW`] working days before a day to as many after it.
fn window(account: &str, day: i32, accounts: &Accounts) -> Option<(i32, i32)> {
    let calendar = accounts.get(account).and_then(|account| account.calendar.as_ref());
    let is_working = |day: NaiveDate| {
        let by_calendar = calendar.and_then(|calendar| calendar.is_working_day(day).ok());
        by_calendar.unwrap_or(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
    };
    let walk = |step: fn(NaiveDate) -> Option<NaiveDate>| {
        let mut date = date_of(day)?;
        let mut left = WINDOW;
        while left > 0 {
            date = step(date)?;
            left -= u32::from(is_working(date));
        }
        Some(day_number(date))
    };
    Some((walk(|day| day.checked_sub_days(Days::new(1)))?, walk(|day| day.checked_add_days(Days::new(1)))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_days_within_their_bounds() {
        let owed = |place, amount, day| Owed { amount, day, tolerance: 2, place };
        let group = [owed(0, 398, 10), owed(1, 400, 3), owed(2, 400, 10), owed(3, 400, 18), owed(4, 403, 10)];
        let places: Vec<usize> = within(&group, 400, (3, 17)).iter().map(|owed| owed.place).collect();
        // 18 is a day too late, 403 an amount too far
        assert_eq!(places, [0, 1, 2]);
        assert!(within(&group, 406, (3, 17)).is_empty());
    }
}
