//! Posting sheets of a carrier: the parcels that it was handed, with the order of each.

use chrono::NaiveDateTime;

use crate::sample::cell::{Record, Value};
use crate::sample::world::World;

/// One parcel that was handed over.
pub struct LabelRow<'a> {
    order: &'a str,
    number: &'a str,
    handed_over: NaiveDateTime,
}

/// The parcels of an account that a carrier had by the end of the exports. What was labelled and never handed over stands on no sheet.
pub fn label_rows(world: &World, account: usize, carrier: usize) -> impl Iterator<Item = LabelRow<'_>> {
    world.orders.iter().filter(move |order| order.account == account).filter_map(move |order| {
        let parcel = order.parcel.as_ref().filter(|parcel| parcel.carrier == carrier)?;
        let handed_over = order.shipped.filter(|shipped| *shipped < world.end)?;
        Some(LabelRow { order: &order.number, number: &parcel.number, handed_over })
    })
}

impl Record for LabelRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "tracking_number_raw" => Value::text(self.number),
            "order_no" => Value::text(self.order),
            "handed_over_at" => Value::Day(self.handed_over.date()),
            _ => Value::Empty,
        }
    }
}
