//! Payout lines that belong to an order and name none, and the orders whose money they may be (PY-014, rulebook §16.4). Nothing is
//! matched: a candidate is a hint.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::money;
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
type OwedBy<'run> = BTreeMap<(&'run str, &'run str), Vec<Owed>>;

/// The orders that lines may name.
struct Named<'run> {
    places: Map<&'run str, usize>,
    /// What stands between the orders of a line, by the part of its row.
    separators: Vec<Option<String>>,
    rows: read::References<'run>,
}

impl<'run> Named<'run> {
    fn read(
        orders: &'run DataFrame,
        lines: &'run DataFrame,
        parts: &Parts,
        accounts: &Accounts<'_>,
    ) -> PolarsResult<Named<'run>> {
        let keys = read::texts(orders, o::order_key)?;
        let numbers = read::texts(lines, payout_lines::order_no)?;
        let separator =
            |source: &str| accounts.pipeline().source(source).and_then(|source| source.order_separator.clone());
        let separators: Vec<Option<String>> = parts.0.iter().map(|part| separator(&part.source)).collect();
        // Most exports name one order in every line, and nobody asks for the orders.
        let is_asked = separators.iter().any(Option::is_some)
            || numbers.iter().any(|number| !number.is_empty() && names_nothing(number));
        let places = keys.iter().enumerate().filter(|_| is_asked).map(|(place, key)| (key, place)).collect();
        Ok(Named { places, separators, rows: read::references(lines, payout_lines::row)? })
    }

    fn is_order(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    fn separator(&self, line: usize) -> Option<&str> {
        self.separators.get(crate::frame::lineage::part_of(self.rows.at(line)?))?.as_deref()
    }

    /// The line names several orders, and is none's.
    fn is_list(&self, line: usize, number: &str, key: &str) -> bool {
        self.separator(line).is_some_and(|separator| number.contains(separator)) && !self.is_order(key)
    }

    /// The known orders of a list, in its order.
    fn listed(&self, line: usize, account: &str, number: &str) -> Vec<usize> {
        let separator = self.separator(line).filter(|separator| number.contains(separator));
        let numbers = separator.into_iter().flat_map(|separator| number.split(separator));
        numbers.filter_map(|number| self.places.get(format!("{account}/{}", number.trim()).as_str()).copied()).collect()
    }
}

/// A text in the place of an order number that is not one: signs, zeros, and words for nothing.
fn names_nothing(number: &str) -> bool {
    const WORDS: [&str; 6] = ["na", "none", "null", "nan", "nil", "undefined"];
    if number.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return false;
    }
    let letters: String = number.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    letters.chars().all(|c| c == '0') || WORDS.contains(&letters.as_str())
}

/// Unassigned lines by their row in the frame of lines, each with the rows of its candidates in the order facts: the nearest day first.
#[derive(Debug, Clone, Default)]
pub struct Unassigned(Map<usize, Vec<usize>>);

impl Unassigned {
    /// Lines without an order number that is one, of exports that have a column of order numbers; and lines that name several orders and
    /// could not be shared out: the orders that they name are their candidates.
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
        let numbers = read::texts(lines, payout_lines::order_no)?;
        let named = Named::read(orders, lines, parts, accounts)?;
        let is_nobodys =
            |row: usize| keys.at(row).is_empty() || names_nothing(numbers.at(row)) && !named.is_order(keys.at(row));
        let found: Vec<usize> = (0..keys.len())
            .filter(|row| is_nobodys(*row) || named.is_list(*row, numbers.at(*row), keys.at(*row)))
            .filter(|row| is_of_order(kinds.at(*row)) && is_bound(*row))
            .collect();
        // Most exports number every line, and what orders miss is read only for others.
        if found.is_empty() {
            return Ok(Unassigned::default());
        }
        let owed = owed(orders)?;
        let order_numbers = read::texts(orders, o::order_no)?;
        let names = read::texts(lines, payout_lines::account)?;
        let currencies = read::texts(lines, payout_lines::currency)?;
        let amounts = read::numbers(lines, payout_lines::amount)?;
        let paid_on = paid_days(lines, heads)?;
        let of_line = |row: usize| {
            let listed = named.listed(row, names.at(row), numbers.at(row));
            if !listed.is_empty() {
                return Some(listed);
            }
            let (amount, day) = amounts.at(row).zip(paid_on[row])?;
            let days = window(names.at(row), day, accounts)?;
            let account = accounts.get(names.at(row))?;
            let policy = accounts.policy(account, paid_on[row]);
            let mut near = Vec::new();
            for ((_, currency), group) in
                owed.range((names.at(row), "")..).take_while(|((name, _), _)| *name == names.at(row))
            {
                let (amount, loss) = match *currency == currencies.at(row) {
                    true => (amount, 0),
                    false => match policy.entry.convert(amount, currencies.at(row), currency) {
                        Some((amount, _)) => {
                            let share = policy.entry.fx_tolerance;
                            (amount, share.and_then(|share| money::share_of(amount.abs(), share.ppm())).unwrap_or(0))
                        }
                        None => continue,
                    },
                };
                near.extend(within(group, amount, loss, days));
            }
            near.sort_by_key(|owed: &Owed| ((owed.day - day).abs(), order_numbers.at(owed.place)));
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

/// Of a group sorted by amount and day, those within their tolerance of the amount, or within what a conversion may lose, and within the
/// days, both included.
fn within(group: &[Owed], amount: i64, loss: i64, (first, last): (i32, i32)) -> Vec<Owed> {
    let widest = group.iter().map(|owed| owed.tolerance.max(loss)).max().unwrap_or(0);
    let mut found = Vec::new();
    let mut rest = &group[group.partition_point(|owed| owed.amount < amount - widest)..];
    while let Some(next) = rest.first().filter(|owed| owed.amount <= amount + widest) {
        let (same, others) = rest.split_at(rest.partition_point(|owed| owed.amount == next.amount));
        let from = same.partition_point(|owed| owed.day < first);
        let near = same[from..].iter().take_while(|owed| owed.day <= last);
        found.extend(near.filter(|owed| (owed.amount - amount).abs() <= owed.tolerance.max(loss)));
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
        let places: Vec<usize> = within(&group, 400, 0, (3, 17)).iter().map(|owed| owed.place).collect();
        // 18 is a day too late, 403 an amount too far
        assert_eq!(places, [0, 1, 2]);
        assert!(within(&group, 406, 0, (3, 17)).is_empty());
    }

    #[test]
    fn signs_zeros_and_words_for_nothing_name_no_order() {
        for nothing in ["", "-", "--", "n/a", "N/A", "0", "000", "none", "NULL", "#", "nan"] {
            assert!(names_nothing(nothing), "{nothing}");
        }
        for number in ["1", "A", "10", "null-1", "NaN7", "R-0001"] {
            assert!(!names_nothing(number), "{number}");
        }
    }
}
