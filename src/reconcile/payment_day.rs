//! The day under which an order is booked in day × shipping: that of its payment, else that of the event which the policy names in its
//! place.

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

use crate::base::zone::local_day;
use crate::frame::column::Shape;
use crate::frame::{order_facts as f, read};
use crate::reconcile::accounts::Accounts;
use crate::vocab::{Payment, PaymentEvent, Word};

/// The order facts with `booked_on`.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn with_booked_on(mut orders: DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let booked = booked_on(&orders, accounts)?;
    orders.with_column(booked)?;
    Ok(orders)
}

fn booked_on(orders: &DataFrame, accounts: &Accounts) -> PolarsResult<Column> {
    let names = read::texts(orders, f::account)?;
    let payments = read::texts(orders, f::payment)?;
    let (paid, created) = (read::days(orders, f::paid_on)?, read::days(orders, f::created_on)?);
    let (shipped, delivered) = (read::days(orders, f::shipped_on)?, read::days(orders, f::delivered_on)?);
    let opened = read::instants(orders, f::opened_at)?;
    let opened_event = read::instants(orders, f::opened_event_at)?;
    let event_on = |row: usize| {
        let account = accounts.get(names.at(row))?;
        let events = accounts.policy(account, created.at(row)).entry.payment_event?;
        match events.of(Payment::of(payments.at(row))?)? {
            PaymentEvent::Created => created.at(row),
            PaymentEvent::Opened => {
                opened.at(row).or(opened_event.at(row)).map(|instant| local_day(instant, account.timezone))
            }
            PaymentEvent::Shipped => shipped.at(row),
            PaymentEvent::Delivered => delivered.at(row),
        }
    };
    let days: Vec<Option<i32>> = (0..orders.height()).map(|row| paid.at(row).or_else(|| event_on(row))).collect();
    Ok(Series::new(f::booked_on.name.into(), days).cast(&Shape::Date.data_type())?.into())
}
