//! Days of the events that a policy names by how the buyer pays: the event that stands for the payment dates an order in day × shipping,
//! another may begin the hold of its money.

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

use crate::base::zone::local_day;
use crate::frame::column::Shape;
use crate::frame::lineage::Part;
use crate::frame::{order_facts as f, orders, read};
use crate::pipeline::Account;
use crate::pipeline::policy::PaymentEvents;
use crate::reconcile::accounts::Accounts;
use crate::vocab::{Payment, PaymentEvent, Word};

/// The days of an order's events, of the frame of orders or of their facts.
pub struct EventDays<'run> {
    payments: read::Texts<'run>,
    created: read::Days<'run>,
    shipped: read::Days<'run>,
    delivered: read::Days<'run>,
    opened: read::Numbers<'run>,
}

impl<'run> EventDays<'run> {
    /// Reads the columns, which both frames name alike.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(orders: &'run DataFrame) -> PolarsResult<EventDays<'run>> {
        Ok(EventDays {
            payments: read::texts(orders, f::payment)?,
            created: read::days(orders, f::created_on)?,
            shipped: read::days(orders, f::shipped_on)?,
            delivered: read::days(orders, f::delivered_on)?,
            opened: read::instants(orders, f::opened_at)?,
        })
    }

    /// The event that is named for an order's way of paying; `None` where none is.
    pub fn event(&self, row: usize, events: PaymentEvents) -> Option<PaymentEvent> {
        events.of(Payment::of(self.payments.at(row))?)
    }

    /// The column that the export of an order lacks and that decides its event: how the buyer pays, or the event itself.
    pub fn unsaid(&self, row: usize, events: PaymentEvents, part: Option<&Part>) -> Option<&'static str> {
        let column = match self.event(row, events) {
            None => orders::payment,
            Some(PaymentEvent::Created) => orders::created_at,
            Some(PaymentEvent::Shipped) => orders::shipped_at,
            Some(PaymentEvent::Delivered) => orders::delivered_at,
            // A history may tell it as well.
            Some(PaymentEvent::Opened) => return None,
        };
        part.filter(|part| !part.says(column)).map(|_| column.name)
    }

    /// Civil day of an event, in the zone of the account. `opened_later` is the instant at which a history says that the order was
    /// opened, in milliseconds UTC.
    pub fn day(&self, row: usize, event: PaymentEvent, opened_later: Option<i64>, account: &Account) -> Option<i32> {
        match event {
            PaymentEvent::Created => self.created.at(row),
            PaymentEvent::Opened => {
                self.opened.at(row).or(opened_later).map(|instant| local_day(instant, account.timezone))
            }
            PaymentEvent::Shipped => self.shipped.at(row),
            PaymentEvent::Delivered => self.delivered.at(row),
        }
    }
}

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
    let (paid, created) = (read::days(orders, f::paid_on)?, read::days(orders, f::created_on)?);
    let opened_event = read::instants(orders, f::opened_event_at)?;
    let days = EventDays::read(orders)?;
    let event_on = |row: usize| {
        let account = accounts.get(names.at(row))?;
        let events = accounts.policy(account, created.at(row)).entry.payment_event?;
        days.day(row, days.event(row, events)?, opened_event.at(row), account)
    };
    let days: Vec<Option<i32>> = (0..orders.height()).map(|row| paid.at(row).or_else(|| event_on(row))).collect();
    Ok(Series::new(f::booked_on.name.into(), days).cast(&Shape::Date.data_type())?.into())
}
