//! The marketplace's overview of postage: day × shipping method, one file per month.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::sample::cell::{Record, Value};
use crate::sample::order::Sent;
use crate::sample::world::World;

/// One row.
pub struct PostageRow<'a> {
    day: NaiveDate,
    method: &'a str,
    paid: i64,
    cancelled: i64,
}

/// The rows of an account by the first day of their month. Orders whose rows are refused are left out on both sides.
pub fn postage_months(world: &World, account: usize) -> BTreeMap<NaiveDate, Vec<PostageRow<'_>>> {
    let mut sums: BTreeMap<(NaiveDate, &str), (i64, i64)> = BTreeMap::new();
    let methods = &world.accounts[account].plan.methods;
    for order in world.orders.iter().filter(|order| order.account == account && order.flaw.is_none()) {
        let Sent::Method(place) = order.sent else { continue };
        let method = methods[place].name.as_str();
        if order.paid < world.end {
            sums.entry((order.paid.date(), method)).or_default().0 += order.postage;
        }
        if let Some(cancelled) = order.cancelled.filter(|cancelled| *cancelled < world.end) {
            sums.entry((cancelled.date(), method)).or_default().1 += order.postage;
        }
    }
    for error in world.overview_errors.iter().filter(|error| error.account == account) {
        sums.entry((error.day, error.method.as_str())).or_default().0 += error.excess;
    }
    let mut months: BTreeMap<NaiveDate, Vec<PostageRow<'_>>> = BTreeMap::new();
    for ((day, method), (paid, cancelled)) in sums {
        let month = day.with_day(1).unwrap_or(day);
        months.entry(month).or_default().push(PostageRow { day, method, paid, cancelled });
    }
    months
}

impl Record for PostageRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "day" => Value::Day(self.day),
            "method" => Value::word("shipping_method", self.method),
            "paid" => Value::Money(self.paid),
            "cancelled" => Value::Money(self.cancelled),
            _ => Value::Empty,
        }
    }
}
