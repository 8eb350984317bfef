//! One sale under several order numbers: payout lines and documents of the parent belong to the sum of its parts (rulebook §16.10). Each
//! part keeps its status, its parcel and its dates; what the parent was paid is shared out by what the parts are due.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::money::mul_div_half_up;
use crate::frame::{orders, read};
use crate::reconcile::paid::Paid;

/// Parents whose number is no order's own, by key, each with the rows of its parts in the orders frame.
#[derive(Debug, Clone, Default)]
pub struct Parents {
    parts: Map<String, Vec<usize>>,
    of_rows: Map<usize, usize>,
}

/// What a part is due, minor units.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// What should be paid for it.
    pub amount: i64,
    /// The day from which it is due is fixed: it comes first.
    pub is_eligible: bool,
}

impl Parents {
    /// The parents that the orders name.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(frame: &DataFrame) -> PolarsResult<Parents> {
        let numbers = read::texts(frame, orders::parent_order_no)?;
        let named: Vec<usize> = (0..numbers.len()).filter(|row| !numbers.at(*row).is_empty()).collect();
        // Most exports know no parents.
        if named.is_empty() {
            return Ok(Parents::default());
        }
        let accounts = read::texts(frame, orders::account)?;
        let own: Set<&str> = read::texts(frame, orders::order_key)?.iter().collect();
        let mut parents = Parents::default();
        for row in named {
            let key = format!("{}/{}", accounts.at(row), numbers.at(row));
            if !own.contains(key.as_str()) {
                let entry = parents.parts.entry(key);
                let place = entry.index();
                entry.or_default().push(row);
                parents.of_rows.insert(row, place);
            }
        }
        Ok(parents)
    }

    /// Keys of all parents with the rows of their parts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.parts.iter().map(|(key, rows)| (key.as_str(), rows.as_slice()))
    }

    /// The parent's key of a part.
    pub fn key_of(&self, row: usize) -> Option<&str> {
        self.parts.get_index(*self.of_rows.get(&row)?).map(|(key, _)| key.as_str())
    }

    /// Rows of the parts of a parent; none where the key is no parent's.
    pub fn parts(&self, key: &str) -> &[usize] {
        self.parts.get(key).map_or(&[], Vec::as_slice)
    }

    /// What each part was paid, its own lines and its share of the parent's, by row. Parts whose parent has no line are not in it.
    pub fn share_out(
        &self,
        own: impl Fn(usize) -> Option<Paid>,
        of_parent: impl Fn(&str) -> Option<Paid>,
        due: impl Fn(usize) -> Due,
    ) -> Map<usize, Paid> {
        let mut shared = Map::default();
        for (key, rows) in self.iter() {
            let Some(whole) = of_parent(key) else { continue };
            let paid: Vec<Option<Paid>> = rows.iter().map(|row| own(*row)).collect();
            let left: Vec<Due> = rows
                .iter()
                .zip(&paid)
                .map(|(row, paid)| {
                    let due = due(*row);
                    Due { amount: (due.amount - paid.as_ref().map_or(0, |paid| paid.sum)).max(0), ..due }
                })
                .collect();
            let shares = shares(whole.sum, &left);
            for (place, ((row, paid), share)) in rows.iter().zip(paid).zip(shares).enumerate() {
                shared.insert(*row, paid.unwrap_or_default().with_share(&whole, share, place == 0));
            }
        }
        shared
    }
}

/// Shares of a sum: first what eligible parts are due, then what the others are, and what is beyond goes to the eligible ones.
fn shares(sum: i64, parts: &[Due]) -> Vec<i64> {
    let of = |is_eligible: bool| -> Vec<i64> {
        parts.iter().map(|due| if due.is_eligible == is_eligible { due.amount } else { 0 }).collect()
    };
    let (first, later) = (of(true), of(false));
    let (first_due, later_due): (i64, i64) = (first.iter().sum(), later.iter().sum());
    let in_time = if sum < 0 { sum } else { sum.min(first_due) };
    let early = (sum - in_time).min(later_due).max(0);
    let beyond = sum - in_time - early;
    let mut shares = proportional(in_time, &first);
    for (share, more) in shares.iter_mut().zip(proportional(early, &later)) {
        *share += more;
    }
    for (share, more) in shares.iter_mut().zip(proportional(beyond, if first_due > 0 { &first } else { &later })) {
        *share += more;
    }
    shares
}

/// A sum shared out by weights, to the last minor unit; the first part has it all where none has a weight.
fn proportional(sum: i64, weights: &[i64]) -> Vec<i64> {
    let mut left_sum = sum;
    let mut left_weight: i64 = weights.iter().sum();
    if left_weight == 0 {
        return weights.iter().enumerate().map(|(place, _)| if place == 0 { sum } else { 0 }).collect();
    }
    weights
        .iter()
        .map(|weight| {
            let share = mul_div_half_up(left_sum, *weight, left_weight).unwrap_or(0);
            left_sum -= share;
            left_weight -= weight;
            share
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn due(amount: i64, is_eligible: bool) -> Due {
        Due { amount, is_eligible }
    }

    #[test]
    fn eligible_parts_come_first_and_share_what_is_missing_or_beyond() {
        let parts = [due(6_400, true), due(4_000, false)];
        assert_eq!(shares(6_400, &parts), [6_400, 0]);
        assert_eq!(shares(10_400, &parts), [6_400, 4_000]);
        assert_eq!(shares(11_000, &parts), [7_000, 4_000]);
        assert_eq!(shares(9_000, &[due(6_000, true), due(4_000, true)]), [5_400, 3_600]);
        assert_eq!(shares(-100, &[due(6_000, true), due(4_000, true)]), [-60, -40]);
        assert_eq!(shares(500, &[due(0, false), due(0, false)]), [500, 0]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(sum in -1_000_000..1_000_000_i64, parts in prop::collection::vec((0..100_000_i64, any::<bool>()), 1..6)) {
            let parts: Vec<Due> = parts.into_iter().map(|(amount, eligible)| due(amount, eligible)).collect();
            prop_assert_eq!(shares(sum, &parts).iter().sum::<i64>(), sum);
        }
    }
}
