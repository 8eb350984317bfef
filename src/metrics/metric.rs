//! What a metric is: one verdict per order. Rates are two integers and are compared with their target in integers.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::lineage::{Part, Parts};
use crate::frame::{order_facts as o, read};
use crate::pipeline::Pipeline;
use crate::pipeline::policy::Policy;
use crate::reconcile::shipments::{is_legal_number, is_valid_url};
use crate::vocab::{CarrierOutcome, Kind, MonthBasis, OrderStatus, Trait, Word};

/// What one order is to a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In the denominator, and in the numerator too.
    Counts,
    /// In the denominator only.
    CountsNot,
    /// In neither, for a reason that is reported.
    Excluded(&'static str),
    /// Not the metric's business.
    Outside,
}

/// A metric.
pub struct Metric {
    /// Its name, also in policies and in the manifest.
    pub name: &'static str,
    /// The metric whose target an account's policy must set for this one to be measured.
    pub defined_by: &'static str,
    /// Kinds of source without which it is not computable.
    pub needs: &'static [Kind],
    /// The day that decides a window, where it is one alone.
    pub basis: Option<MonthBasis>,
    /// The verdict on one order, and the day that decides its window.
    pub judge: fn(&OneOrder, &Policy) -> (Verdict, Option<i32>),
    /// The export says what a verdict *counts* rests on. Where it does not, the order counts by the policy's assumption, and decides nothing
    /// (§16.14).
    pub is_said: fn(&OneOrder) -> bool,
}

/// What metrics know of one order.
#[derive(Debug, Clone)]
pub struct OneOrder<'run> {
    /// Its account.
    pub account: &'run str,
    /// Its key.
    pub order_key: &'run str,
    /// Its number.
    pub order_no: &'run str,
    /// Its status as written.
    pub status_raw: &'run str,
    /// Its status.
    pub status: OrderStatus,
    /// A test order.
    pub test: bool,
    /// Sent by the own delivery service.
    pub own_delivery: bool,
    /// Was open once.
    pub passed_open: bool,
    /// Who cancelled.
    pub cancel_actor: &'run str,
    /// Its export has a column of it.
    pub actor_said: bool,
    /// It was delivered before it was cancelled.
    pub withdrawn: bool,
    /// A new order stands in its place.
    pub replaced: bool,
    /// Day numbers.
    pub created_on: Option<i32>,
    /// Day it was marked shipped.
    pub shipped_on: Option<i32>,
    /// Day it was delivered, as the marketplace holds it.
    pub delivered_on: Option<i32>,
    /// Day it was marked returned.
    pub returned_on: Option<i32>,
    /// Day the whole order was cancelled.
    pub cancelled_on: Option<i32>,
    /// Day of the delivery that the buyer was promised.
    pub promised_on: Option<i32>,
    /// Day of the first attempt to deliver.
    pub first_attempt_on: Option<i32>,
    /// When *delivered* was set; milliseconds UTC.
    pub marked_delivered_at: Option<i64>,
    /// What the carrier saw.
    pub parcels: Parcels,
    /// The carrier it names.
    pub carrier: &'run str,
    /// Number as written.
    pub number_raw: &'run str,
    /// Number as carriers compare it.
    pub number: &'run str,
    /// URL as written.
    pub url: &'run str,
    /// The URL leads somewhere; judged for accounts that are measured by it.
    pub url_valid: bool,
    /// A carrier dump has an event of it.
    pub scanned: bool,
    /// Its row.
    pub row: Option<u64>,
}

/// What the carrier saw of an order's parcels.
#[derive(Debug, Clone)]
pub struct Parcels {
    /// What all parcels amount to.
    pub outcome: CarrierOutcome,
    /// A parcel was delivered.
    pub any_delivered: bool,
    /// More than a registration or a cancellation.
    pub moved: bool,
    /// They had ended when the order was cancelled.
    pub ended_before_cancel: bool,
    /// Days of silence that the carrier's dumps cover.
    pub silent_days: Option<i64>,
    /// When all parcels were delivered, the end of the day where only the day is known; milliseconds UTC.
    pub delivered_until: Option<i64>,
}

#[cfg(test)]
impl OneOrder<'static> {
    /// An order of which nothing is known.
    pub fn unknown() -> OneOrder<'static> {
        let outcome = CarrierOutcome::None;
        OneOrder {
            account: "",
            order_key: "",
            order_no: "",
            status_raw: "",
            status: OrderStatus::Unknown,
            test: false,
            own_delivery: false,
            passed_open: false,
            cancel_actor: "",
            actor_said: true,
            withdrawn: false,
            replaced: false,
            created_on: None,
            shipped_on: None,
            delivered_on: None,
            returned_on: None,
            cancelled_on: None,
            promised_on: None,
            first_attempt_on: None,
            marked_delivered_at: None,
            parcels: Parcels {
                outcome,
                any_delivered: false,
                moved: false,
                ended_before_cancel: false,
                silent_days: None,
                delivered_until: None,
            },
            carrier: "",
            number_raw: "",
            number: "",
            url: "",
            url_valid: false,
            scanned: false,
            row: None,
        }
    }
}

impl OneOrder<'_> {
    /// The number is legal, as written or, where the policy says so, without blanks and hyphens (A19), and the URL leads somewhere.
    pub fn data_valid(&self, policy: &Policy) -> bool {
        let is_normalised = policy.entry.tracking_normalise_for_sla.unwrap_or(false);
        is_legal_number(if is_normalised { self.number } else { self.number_raw }) && self.url_valid
    }

    /// Both number and URL were entered.
    pub fn has_data(&self) -> bool {
        !self.number_raw.is_empty() && !self.url.is_empty()
    }

    /// The day on which the order reached the final status that it has.
    pub fn final_on(&self) -> Option<i32> {
        match self.status {
            OrderStatus::Delivered => self.delivered_on,
            OrderStatus::Returned => self.returned_on,
            OrderStatus::Cancelled => self.cancelled_on,
            _ => None,
        }
    }

    /// The day that a policy lets decide the month (A20); an order that was not marked shipped has that of its creation, and one
    /// without the day belongs to no month.
    pub(super) fn day(&self, basis: MonthBasis) -> Option<i32> {
        match basis {
            MonthBasis::Created => self.created_on,
            MonthBasis::Shipped => self.shipped_on.or(self.created_on),
            MonthBasis::Delivered => self.delivered_on,
            MonthBasis::Final => self.final_on(),
        }
    }
}

/// All orders, as metrics know them.
pub struct OrderSide<'run> {
    /// In the order of the order facts.
    pub orders: Vec<OneOrder<'run>>,
}

impl<'run> OrderSide<'run> {
    /// Reads the order facts.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(facts: &'run DataFrame, pipeline: &Pipeline, parts: &Parts) -> PolarsResult<OrderSide<'run>> {
        let says_actor = |part: &Part| part.says_field(crate::frame::orders::cancel_actor.name);
        let accounts = read::texts(facts, o::account)?;
        let keys = read::texts(facts, o::order_key)?;
        let numbers = read::texts(facts, o::order_no)?;
        let raw_statuses = read::texts(facts, o::status_raw)?;
        let statuses = read::texts(facts, o::status)?;
        let tests = read::flags(facts, o::test)?;
        let own = read::flags(facts, o::own_delivery)?;
        let open = read::flags(facts, o::passed_open)?;
        let actors = read::texts(facts, o::cancel_actor)?;
        let withdrawn = read::flags(facts, o::withdrawn)?;
        let replaced_by = read::texts(facts, o::replaced_by)?;
        let created = read::days(facts, o::created_on)?;
        let shipped = read::days(facts, o::shipped_on)?;
        let delivered = read::days(facts, o::delivered_on)?;
        let returned = read::days(facts, o::returned_on)?;
        let cancelled = read::days(facts, o::cancelled_on)?;
        let promised = read::days(facts, o::delivery_date)?;
        let attempts = read::days(facts, o::first_attempt_on)?;
        let marked = read::instants(facts, o::marked_delivered_at)?;
        let parcels = parcels(facts)?;
        let carriers = read::texts(facts, o::carrier)?;
        let raw = read::texts(facts, o::tracking_number_raw)?;
        let number = read::texts(facts, o::tracking_number)?;
        let urls = read::texts(facts, o::tracking_url)?;
        let events = read::numbers(facts, o::carrier_events)?;
        let rows = read::references(facts, o::order_row)?;
        let measured: BTreeSet<&str> = pipeline
            .accounts
            .iter()
            .filter(|account| account.has(Trait::NeedsTracking))
            .map(|account| account.name.as_str())
            .collect();
        let orders = parcels
            .into_iter()
            .enumerate()
            .map(|(row, parcels)| OneOrder {
                account: accounts.at(row),
                order_key: keys.at(row),
                order_no: numbers.at(row),
                status_raw: raw_statuses.at(row),
                status: OrderStatus::of(statuses.at(row)).unwrap_or(OrderStatus::Unknown),
                test: tests.at(row),
                own_delivery: own.at(row),
                passed_open: open.at(row),
                cancel_actor: actors.at(row),
                actor_said: rows.at(row).and_then(|row| parts.locate(row)).is_none_or(|(part, _)| says_actor(part)),
                withdrawn: withdrawn.at(row),
                replaced: !replaced_by.at(row).is_empty(),
                created_on: created.at(row),
                shipped_on: shipped.at(row),
                delivered_on: delivered.at(row),
                returned_on: returned.at(row),
                cancelled_on: cancelled.at(row),
                promised_on: promised.at(row),
                first_attempt_on: attempts.at(row),
                marked_delivered_at: marked.at(row),
                parcels,
                carrier: carriers.at(row),
                number_raw: raw.at(row),
                number: number.at(row),
                url: urls.at(row),
                url_valid: measured.contains(accounts.at(row)) && is_valid_url(urls.at(row), number.at(row), pipeline),
                scanned: events.at(row).unwrap_or(0) > 0,
                row: rows.at(row),
            })
            .collect();
        Ok(OrderSide { orders })
    }
}

/// What the carrier saw, order by order.
fn parcels(facts: &DataFrame) -> PolarsResult<Vec<Parcels>> {
    let outcomes = read::texts(facts, o::carrier_outcome)?;
    let delivered = read::numbers(facts, o::parcels_delivered)?;
    let moved = read::flags(facts, o::carrier_moved)?;
    let ended = read::flags(facts, o::ended_before_cancel)?;
    let silent = read::numbers(facts, o::covered_silence_days)?;
    let until = read::instants(facts, o::carrier_delivered_until)?;
    let parcels = outcomes.iter().enumerate().map(|(row, outcome)| Parcels {
        outcome: CarrierOutcome::of(outcome).unwrap_or(CarrierOutcome::None),
        any_delivered: delivered.at(row).unwrap_or(0) > 0,
        moved: moved.at(row),
        ended_before_cancel: ended.at(row),
        silent_days: silent.at(row),
        delivered_until: until.at(row),
    });
    Ok(parcels.collect())
}
