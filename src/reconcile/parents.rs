//! One sale under several order numbers: payout lines and documents of the parent belong to the sum of its parts (rulebook §16.10). Each
//! part keeps its status, its parcel and its dates; what the parent was paid is shared out by what the parts are due.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::money::mul_div_half_up;
use crate::frame::{orders, read};
use crate::reconcile::paid::Paid;

/// Parents by key, each with its parts. The number of a parent may be that of one of its parts, too: an order that keeps its number when
/// others are split from it.
#[derive(Debug, Clone, Default)]
pub struct Parents {
    families: Map<String, Family>,
    of_rows: Map<usize, usize>,
}

/// The parts of a parent, rows of the orders frame: the namesake first, the others ascending. The first one says the parent's currency.
#[derive(Debug, Clone, Default)]
struct Family {
    rows: Vec<usize>,
    /// The part that bears the number of the parent.
    namesake: Option<usize>,
}

/// What a part is due, minor units of the parent's currency.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// What should be paid for it; 0 where nothing is due of it yet, or never.
    pub amount: i64,
    /// The day from which it is due is fixed: it comes first.
    pub is_eligible: bool,
    /// It is worth so much: shares go by it where nothing is due of any part.
    pub value: i64,
}

impl Parents {
    /// The parents that the orders name. An order whose own number others name as their parent is a part of it, unless it names another.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(frame: &DataFrame) -> PolarsResult<Parents> {
        let named = read::texts(frame, orders::parent_order_no)?;
        let numbers = read::texts(frame, orders::order_no)?;
        let is_part = |row: usize| !named.at(row).is_empty() && named.at(row) != numbers.at(row);
        // Most exports know no parents.
        let parts: Vec<usize> = (0..named.len()).filter(|row| is_part(*row)).collect();
        if parts.is_empty() {
            return Ok(Parents::default());
        }
        let accounts = read::texts(frame, orders::account)?;
        let own: Map<&str, usize> =
            read::texts(frame, orders::order_key)?.iter().enumerate().map(|(row, key)| (key, row)).collect();
        let mut parents = Parents::default();
        for row in parts {
            let key = format!("{}/{}", accounts.at(row), named.at(row));
            let namesake = own.get(key.as_str()).copied();
            if namesake.is_none_or(|row| !is_part(row)) {
                let entry = parents.families.entry(key);
                let place = entry.index();
                let family = entry.or_insert_with(|| Family { rows: namesake.into_iter().collect(), namesake });
                family.rows.push(row);
                parents.of_rows.extend(namesake.into_iter().chain([row]).map(|row| (row, place)));
            }
        }
        Ok(parents)
    }

    /// Keys of all parents with the rows of their parts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.families.iter().map(|(key, family)| (key.as_str(), family.rows.as_slice()))
    }

    /// The same of the parents whose number is no order's own.
    pub fn beside_orders(&self) -> impl Iterator<Item = (&str, &[usize])> {
        let without_namesake = self.families.iter().filter(|(_, family)| family.namesake.is_none());
        without_namesake.map(|(key, family)| (key.as_str(), family.rows.as_slice()))
    }

    /// The parent's key of a part.
    pub fn key_of(&self, row: usize) -> Option<&str> {
        Some(self.family_of(row)?.0.as_str())
    }

    /// The parent's key of a part, where the number of the parent is no order's own.
    pub fn key_beside_orders(&self, row: usize) -> Option<&str> {
        self.family_of(row).filter(|(_, family)| family.namesake.is_none()).map(|(key, _)| key.as_str())
    }

    fn family_of(&self, row: usize) -> Option<(&String, &Family)> {
        self.families.get_index(*self.of_rows.get(&row)?)
    }

    /// Rows of the parts of a parent; none where the key is no parent's.
    pub fn parts(&self, key: &str) -> &[usize] {
        self.families.get(key).map_or(&[], |family| family.rows.as_slice())
    }

    /// The parent's key of every part, by the keys of the orders.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn by_part(&self, frame: &DataFrame) -> PolarsResult<Map<String, String>> {
        let keys = read::texts(frame, orders::order_key)?;
        let parts = self.iter().flat_map(|(key, rows)| rows.iter().map(move |row| (*row, key)));
        Ok(parts.map(|(row, key)| (keys.at(row).to_owned(), key.to_owned())).collect())
    }

    /// What each part was paid, its own lines and its share of the parent's, by row. Parts whose parent has no line are not in it, nor are those
    /// of another currency than the parent's, which `due` leaves out (§16.3). A part that gets nothing of what it is due was not paid.
    pub fn share_out(
        &self,
        own: impl Fn(usize) -> Option<Paid>,
        of_parent: impl Fn(&str) -> Option<Paid>,
        due: impl Fn(usize) -> Option<Due>,
    ) -> Map<usize, Option<Paid>> {
        let mut shared = Map::default();
        for (key, family) in &self.families {
            let Some(whole) = of_parent(key) else { continue };
            // Lines of a number that parent and part share are the parent's.
            let own = |row: usize| own(row).filter(|_| family.namesake != Some(row));
            let parts: Vec<(usize, Option<Paid>, Due)> = family
                .rows
                .iter()
                .filter_map(|row| {
                    let (paid, due) = (own(*row), due(*row)?);
                    let left = (due.amount - paid.as_ref().map_or(0, |paid| paid.sum)).max(0);
                    Some((*row, paid, Due { amount: left, ..due }))
                })
                .collect();
            let left: Vec<Due> = parts.iter().map(|(.., due)| *due).collect();
            let namesake = parts.iter().position(|(row, ..)| family.namesake == Some(*row));
            let shares = shares(whole.sum, &left, namesake);
            let gets = |due: &Due, share: i64| share != 0 || whole.sum == 0 || (due.is_eligible && due.amount == 0);
            let first = left.iter().zip(&shares).position(|(due, share)| gets(due, *share));
            for (place, ((row, paid, due), share)) in parts.into_iter().zip(shares).enumerate() {
                let paid = match gets(&due, share) {
                    true => Some(paid.unwrap_or_default().with_share(&whole, share, first == Some(place))),
                    false => paid,
                };
                shared.insert(row, paid);
            }
        }
        shared
    }
}

/// Shares of a sum: first what eligible parts are due, of them the one that bears the parent's number before the others, then what the
/// others are due; what is beyond goes to the eligible ones, else by what is due, else by value.
fn shares(sum: i64, parts: &[Due], namesake: Option<usize>) -> Vec<i64> {
    let amounts = |wanted: &dyn Fn(usize, &Due) -> bool| -> Vec<i64> {
        parts.iter().enumerate().map(|(place, due)| if wanted(place, due) { due.amount } else { 0 }).collect()
    };
    let eligible = amounts(&|_, due| due.is_eligible);
    let tiers = [
        amounts(&|place, due| due.is_eligible && Some(place) == namesake),
        amounts(&|place, due| due.is_eligible && Some(place) != namesake),
        amounts(&|_, due| !due.is_eligible),
    ];
    let mut shares = vec![0; parts.len()];
    let mut give = |sum: i64, weights: &[i64]| {
        for (share, more) in shares.iter_mut().zip(proportional(sum, weights)) {
            *share += more;
        }
    };
    let mut left = sum;
    for tier in tiers.iter().filter(|_| sum > 0) {
        let given = left.min(tier.iter().sum());
        give(given, tier);
        left -= given;
    }
    let values: Vec<i64> = parts.iter().map(|due| due.value).collect();
    let beyond = [&eligible, &tiers[2], &values].into_iter().find(|weights| weights.iter().any(|weight| *weight > 0));
    give(left, beyond.unwrap_or(&values));
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
        Due { amount, is_eligible, value: amount }
    }

    fn shares(sum: i64, parts: &[Due]) -> Vec<i64> {
        super::shares(sum, parts, None)
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

    #[test]
    fn the_part_with_the_number_of_the_parent_comes_first_of_those_that_are_due() {
        let parts = [due(3_600, true), due(5_400, true)];
        assert_eq!(super::shares(9_000, &parts, Some(1)), [3_600, 5_400]);
        assert_eq!(super::shares(5_400, &parts, Some(1)), [0, 5_400]);
        assert_eq!(super::shares(3_600, &[due(3_600, true), due(5_400, false)], Some(1)), [3_600, 0]);
        // Nothing is due of any part: by value.
        let shipped = |value| Due { amount: 0, is_eligible: false, value };
        assert_eq!(super::shares(900, &[shipped(600), shipped(300)], None), [600, 300]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(sum in -1_000_000..1_000_000_i64, parts in prop::collection::vec((0..100_000_i64, any::<bool>()), 1..6)) {
            let parts: Vec<Due> = parts.into_iter().map(|(amount, eligible)| due(amount, eligible)).collect();
            prop_assert_eq!(shares(sum, &parts).iter().sum::<i64>(), sum);
        }
    }
}
