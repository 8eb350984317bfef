//! Numbers of one parcel (§16.9): a marketplace or a second carrier may give a parcel another number. Rows of orders and shipments that
//! name both make them one.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::text;
use crate::frame::{orders, read, shipments};

/// The numbers of parcels that have several.
#[derive(Debug, Clone, Default)]
pub struct ParcelNumbers {
    /// Each such number, and one of its parcel that is less; the least of a parcel stands for itself.
    lesser: Map<String, usize>,
    /// The only number of an order, or of a shipment, that stands in the column of aliases, by the place of the row.
    alone_of_orders: BTreeMap<usize, String>,
    alone_of_shipments: BTreeMap<usize, String>,
}

impl ParcelNumbers {
    /// Reads the pairs of orders and shipments.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn read(orders_frame: &DataFrame, shipments_frame: &DataFrame) -> PolarsResult<ParcelNumbers> {
        let mut numbers = ParcelNumbers::default();
        let mut alone = [BTreeMap::new(), BTreeMap::new()];
        let frames = [
            (orders_frame, orders::tracking_number, orders::tracking_number_alias),
            (shipments_frame, shipments::tracking_number, shipments::tracking_number_alias),
        ];
        for ((frame, number, alias), alone) in frames.into_iter().zip(&mut alone) {
            // Most exports have no second number: then no row need be read.
            if frame.column(alias.name)?.null_count() == frame.height() {
                continue;
            }
            let (of, aliases) = (read::texts(frame, number)?, read::texts(frame, alias)?);
            for row in 0..of.len() {
                let alias = text::tracking_number(aliases.at(row));
                match of.at(row) {
                    "" if alias.is_empty() => {}
                    "" => _ = alone.insert(row, alias),
                    number => numbers.join(number, &alias),
                }
            }
        }
        for place in 0..numbers.lesser.len() {
            numbers.shorten(place);
        }
        [numbers.alone_of_orders, numbers.alone_of_shipments] = alone;
        Ok(numbers)
    }

    /// The number of an order: its own, else the one in its column of aliases.
    pub fn of_order<'a>(&'a self, place: usize, own: &'a str) -> &'a str {
        if own.is_empty() { self.alone_of_orders.get(&place).map_or("", String::as_str) } else { own }
    }

    /// The same of a shipment.
    pub fn of_shipment<'a>(&'a self, row: usize, own: &'a str) -> &'a str {
        if own.is_empty() { self.alone_of_shipments.get(&row).map_or("", String::as_str) } else { own }
    }

    /// Makes two numbers one parcel; an empty one is none.
    fn join(&mut self, number: &str, alias: &str) {
        if number.is_empty() || alias.is_empty() || number == alias {
            return;
        }
        let [one, other] = [number, alias].map(|number| {
            let place = self.lesser.len();
            self.lesser.entry(number.to_owned()).or_insert(place);
            self.shorten(self.lesser.get_index_of(number).unwrap_or(place))
        });
        let number_at = |place: usize| self.lesser.get_index(place).map(|(number, _)| number);
        let (least, more) = if number_at(one) <= number_at(other) { (one, other) } else { (other, one) };
        self.lesser[more] = least;
    }

    /// The place of the least number of the parcel of a number; all numbers on the way there are put beside it.
    fn shorten(&mut self, place: usize) -> usize {
        let least = self.least(place);
        let mut at = place;
        while at != least {
            at = std::mem::replace(&mut self.lesser[at], least);
        }
        least
    }

    fn least(&self, mut place: usize) -> usize {
        while self.lesser[place] != place {
            place = self.lesser[place];
        }
        place
    }

    /// The number that stands for the parcel of a number: the least of its numbers.
    pub fn parcel<'a>(&'a self, number: &'a str) -> &'a str {
        let least = self.lesser.get(number).map(|place| self.least(*place));
        least.and_then(|least| self.lesser.get_index(least)).map_or(number, |(number, _)| number)
    }

    /// Whether the parcel of a number has several.
    pub fn has_several(&self, number: &str) -> bool {
        self.lesser.contains_key(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_meet_are_one_parcel() {
        let mut numbers = ParcelNumbers::default();
        for (number, alias) in [("Z1", "A1"), ("B1", "C1"), ("", "D1"), ("E1", "E1")] {
            numbers.join(number, alias);
        }
        assert_eq!((numbers.parcel("Z1"), numbers.parcel("C1"), numbers.parcel("D1")), ("A1", "B1", "D1"));
        assert!(!numbers.has_several("E1") && !numbers.has_several("D1"));
        numbers.join("C1", "Z1");
        assert!(["Z1", "A1", "B1", "C1"].iter().all(|number| numbers.parcel(number) == "A1"));
    }
}
