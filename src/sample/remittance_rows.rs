//! Remittances of cash on delivery: one file and one transfer per week, on the Wednesday after it.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::sample::cell::{Record, Value};
use crate::sample::order::{Cash, Order};
use crate::sample::world::World;
use crate::vocab::TrackingCode;

/// The number of the first remittance.
const FIRST_NUMBER: u32 = 70_010;

/// One remittance.
#[derive(Debug, Clone)]
pub struct Remittance {
    /// Day it is sent.
    pub sent: NaiveDate,
    /// Its number.
    pub number: String,
    /// Places of orders, those twice that are remitted twice, and the day of their delivery.
    lines: Vec<(usize, NaiveDate)>,
}

/// A parcel in a remittance.
pub struct RemittanceRow<'a> {
    number: &'a str,
    order: &'a Order,
    delivered: NaiveDate,
    currency: &'a str,
}

/// The transfer of a remittance.
pub struct TransferRow {
    number: String,
    sent: NaiveDate,
    total: i64,
}

/// Day on which a carrier delivered a parcel against cash; `None` for parcels of another carrier, and those that are not delivered.
pub fn collected_on(order: &Order, carrier: usize) -> Option<NaiveDate> {
    let parcel = order.parcel.as_ref().filter(|parcel| parcel.carrier == carrier && order.cod)?;
    parcel.events.iter().find(|(_, code)| *code == TrackingCode::Delivered).map(|(at, _)| at.date())
}

/// Day on which a carrier remits what it collected on a day: the Wednesday of the week after it.
pub fn remitted_on(day: NaiveDate) -> NaiveDate {
    day + Days::new(9 - u64::from(day.weekday().num_days_from_monday()))
}

/// The remittances of a carrier for an account up to the as-of date, by their day.
pub fn remittances(world: &World, account: usize, carrier: usize) -> Vec<Remittance> {
    let mut lines: BTreeMap<NaiveDate, Vec<(usize, NaiveDate)>> = BTreeMap::new();
    for (place, order) in world.orders.iter().enumerate().filter(|(_, order)| order.account == account) {
        let Some(day) = collected_on(order, carrier) else { continue };
        let sent = remitted_on(day);
        let copies = match order.cash {
            Cash::Kept | Cash::Forgotten => 0,
            Cash::Twice => 2,
            Cash::Whole | Cash::Short(_) => 1,
        };
        lines.entry(sent).or_default().extend(std::iter::repeat_n((place, day), copies));
    }
    let sent = lines.into_iter().filter(|(sent, lines)| *sent <= world.merchant.as_of && !lines.is_empty());
    let number = |sent: NaiveDate| (FIRST_NUMBER + sent.iso_week().week()).to_string();
    sent.map(|(sent, lines)| Remittance { sent, number: number(sent), lines }).collect()
}

impl Remittance {
    /// Its rows.
    pub fn rows<'a>(&'a self, world: &'a World) -> impl Iterator<Item = RemittanceRow<'a>> {
        self.lines.iter().map(move |(place, delivered)| {
            let order = &world.orders[*place];
            let currency = &world.account_of(order).plan.currency;
            RemittanceRow { number: &self.number, order, delivered: *delivered, currency }
        })
    }

    /// Its transfer.
    pub fn transfer(&self, world: &World) -> TransferRow {
        let sum: i64 = self.rows(world).filter_map(|row| row.order.collected()).sum();
        let short = world.short_transfers.iter().find(|(number, _)| *number == self.number).map_or(0, |(_, by)| *by);
        TransferRow { number: self.number.clone(), sent: self.sent, total: sum - short }
    }
}

impl Record for RemittanceRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "statement_id" => Value::text(self.number),
            "order_no" => Value::text(&self.order.number),
            "tracking_number_raw" => {
                self.order.parcel.as_ref().map_or(Value::Empty, |parcel| Value::text(&parcel.number))
            }
            "amount" => self.order.collected().map_or(Value::Empty, Value::Money),
            "currency" => Value::word("currency", self.currency),
            "posted" => Value::Day(self.delivered),
            _ => Value::Empty,
        }
    }
}

impl Record for TransferRow {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "statement_id" => Value::text(&self.number),
            "paid_on" => Value::Day(self.sent),
            "total" => Value::Money(self.total),
            _ => Value::Empty,
        }
    }
}
