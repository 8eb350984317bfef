//! Dumps of carriers: several scans a parcel.

use chrono::NaiveDateTime;

use crate::sample::cell::{Record, Value};
use crate::sample::order::Order;
use crate::sample::world::World;
use crate::vocab::{TrackingCode, Word};

/// One scan.
pub struct ScanRow<'a> {
    number: &'a str,
    at: NaiveDateTime,
    code: TrackingCode,
    order: Option<&'a Order>,
    currency: &'a str,
    day_only: bool,
    unreadable: bool,
}

/// All scans of a carrier up to the end of the exports.
pub fn scan_rows(world: &World, carrier: usize) -> impl Iterator<Item = ScanRow<'_>> {
    let day_only = world.merchant.carriers[carrier].date_only;
    let journeys = world.orders.iter().filter_map(move |order| {
        let parcel = order.parcel.as_ref().filter(|parcel| parcel.carrier == carrier)?;
        Some((order, parcel))
    });
    let scans = journeys.flat_map(move |(order, parcel)| {
        let currency = world.account_of(order).plan.currency.as_str();
        parcel.events.iter().filter(|(at, _)| *at < world.end).map(move |(at, code)| ScanRow {
            number: &parcel.number,
            at: *at,
            code: *code,
            order: Some(order),
            currency,
            // The post notes the minute of the posting, and days from there on.
            day_only: day_only && *code != TrackingCode::Accepted,
            unreadable: false,
        })
    });
    let strays = world.stray_scans.iter().filter(move |stray| stray.carrier == carrier && stray.at < world.end);
    scans.chain(strays.map(move |stray| ScanRow {
        number: &stray.number,
        at: stray.at,
        code: stray.code,
        order: None,
        currency: "",
        day_only,
        unreadable: stray.unreadable,
    }))
}

impl ScanRow<'_> {
    fn collected(&self) -> Option<i64> {
        self.order.filter(|order| order.cod && self.code == TrackingCode::Delivered).and_then(Order::collected)
    }
}

impl Record for ScanRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "tracking_number_raw" => Value::text(self.number),
            "at" if self.unreadable => Value::text("2026-13-05 10:00"),
            "at" if self.day_only => Value::Day(self.at.date()),
            "at" => Value::At(self.at),
            "code_raw" => Value::word("code", self.code.text()),
            "order_no" => self.order.map_or(Value::Empty, |order| Value::text(&order.number)),
            "cod_amount" => self.collected().map_or(Value::Empty, Value::Money),
            "currency" => self.collected().map_or(Value::Empty, |_| Value::word("currency", self.currency)),
            _ => Value::Empty,
        }
    }
}
