//! What a metric is: one verdict per order. Rates are two integers and are compared with their target in integers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::lineage::{Part, Parts};
use crate::frame::{metric_facts as f, metric_orders as m, order_facts as o, read};
use crate::ingest::Ingested;
use crate::metrics::refused::{Refused, RefusedOwners, RefusedRows, certainly_meets};
use crate::metrics::window::{Range, windows};
use crate::pipeline::policy::{Policy, Target};
use crate::pipeline::{Account, Pipeline, Source};
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
    fn day(&self, basis: MonthBasis) -> Option<i32> {
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

/// Numerator, denominator and exclusions of one window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Count {
    numerator: i64,
    denominator: i64,
    excluded: BTreeMap<&'static str, i64>,
}

impl Count {
    fn take(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Counts => {
                self.numerator += 1;
                self.denominator += 1;
            }
            Verdict::CountsNot => self.denominator += 1,
            Verdict::Excluded(reason) => *self.excluded.entry(reason).or_default() += 1,
            Verdict::Outside => {}
        }
    }
}

/// Whether a rate meets its target; `None` with denominator 0.
pub fn meets(target: Target, numerator: i64, denominator: i64) -> Option<bool> {
    let (reached, demanded) = (numerator * target.den, target.num * denominator);
    (denominator > 0).then_some(match (target.at_least, target.strict) {
        (true, false) => reached >= demanded,
        (true, true) => reached > demanded,
        (false, false) => reached <= demanded,
        (false, true) => reached < demanded,
    })
}

/// Orders that may still fail (0 and above), or that must be mended (below 0), for the target to hold.
///
/// A rate that must not fall: failing orders are new ones, mended ones stand in the denominator already. A rate that must not rise:
/// orders of the denominator fail or are mended.
pub fn distance(target: Target, numerator: i64, denominator: i64) -> i64 {
    let beyond = i64::from(target.strict);
    if target.at_least {
        let reached = numerator * target.den - target.num * denominator - beyond;
        if reached >= 0 { reached / target.num.max(1) } else { -((-reached + target.den - 1) / target.den) }
    } else {
        (target.num * denominator - beyond) / target.den - numerator
    }
}

/// One row of the metric facts.
struct Row<'run> {
    account: &'run Account,
    metric: &'static str,
    range: Range,
    computable: bool,
    count: Count,
    refused: Refused,
    target: Option<(Target, Option<NaiveDate>)>,
    /// Orders that count against the target.
    against: Vec<&'run OneOrder<'run>>,
}

impl Row<'_> {
    /// The target is met, or missed; `None` where the refused rows decide, or nothing does.
    fn met(&self) -> Option<bool> {
        let (target, _) = self.target.filter(|_| self.computable)?;
        certainly_meets(target, self.count.numerator, self.count.denominator, self.refused)
    }

    fn is_open(&self) -> bool {
        self.computable && self.target.is_some() && self.refused != Refused::default() && self.met().is_none()
    }
}

/// The metric facts of all accounts whose policy defines the metric, and the orders that count against their targets.
///
/// # Errors
/// A bug of ours.
pub fn metric_facts(
    metrics: &[&Metric],
    orders: &OrderSide,
    pipeline: &Pipeline,
    as_of: AsOf,
    refused: (&Ingested, &RefusedOwners),
) -> PolarsResult<(DataFrame, DataFrame)> {
    let mut rows = Vec::new();
    for account in &pipeline.accounts {
        let own: Vec<&OneOrder> = orders.orders.iter().filter(|order| order.account == account.name).collect();
        for metric in metrics {
            rows.extend(measure(
                metric,
                account,
                &own,
                as_of,
                is_computable(metric, account, pipeline, refused.0),
                refused,
            ));
        }
    }
    let mut facts = FrameBuilder::new(&f::FRAME, rows.len());
    facts
        .texts(f::account, rows.iter().map(|row| &row.account.name))
        .texts(f::marketplace, rows.iter().map(|row| &row.account.marketplace))
        .texts(f::metric, rows.iter().map(|row| row.metric))
        .texts(f::window, rows.iter().map(|row| row.range.window.text()))
        .days(f::from, rows.iter().map(|row| Some(day_number(row.range.from))))
        .days(f::to, rows.iter().map(|row| Some(day_number(row.range.to))))
        .flags(f::computable, rows.iter().map(|row| row.computable))
        .numbers(f::numerator, rows.iter().map(|row| Some(row.count.numerator)))
        .numbers(f::denominator, rows.iter().map(|row| Some(row.count.denominator)))
        .texts(f::excluded, rows.iter().map(|row| serde_json::to_string(&row.count.excluded).unwrap_or_default()))
        .numbers(f::target_num, rows.iter().map(|row| row.target.map(|(target, _)| target.num)))
        .numbers(f::target_den, rows.iter().map(|row| row.target.map(|(target, _)| target.den)))
        .flags(f::at_least, rows.iter().map(|row| row.target.is_some_and(|(target, _)| target.at_least)))
        .flags(f::strict, rows.iter().map(|row| row.target.is_some_and(|(target, _)| target.strict)))
        .days(f::target_from, rows.iter().map(|row| row.target.and_then(|(_, from)| from).map(day_number)))
        .maybe_flags(f::met, rows.iter().map(Row::met))
        .flags(f::open, rows.iter().map(Row::is_open))
        .numbers(f::quarantined, rows.iter().map(|row| Some(row.refused.orders + row.refused.scans)))
        .numbers(
            f::distance,
            rows.iter()
                .map(|row| row.target.map(|(target, _)| distance(target, row.count.numerator, row.count.denominator))),
        )
        .numbers(f::against, rows.iter().map(|row| i64::try_from(row.against.len()).ok()))
        .flags(f::closed, rows.iter().map(|row| row.range.is_closed(as_of.0)));
    Ok((facts.finish()?, orders_against(&rows)?))
}

/// One row per order that counts against a target.
fn orders_against(rows: &[Row<'_>]) -> PolarsResult<DataFrame> {
    let all = || rows.iter().flat_map(|row| row.against.iter().map(move |order| (row, *order)));
    let mut built = FrameBuilder::new(&m::FRAME, all().count());
    built
        .texts(m::account, all().map(|(row, _)| &row.account.name))
        .texts(m::metric, all().map(|(row, _)| row.metric))
        .texts(m::window, all().map(|(row, _)| row.range.window.text()))
        .days(m::from, all().map(|(row, _)| Some(day_number(row.range.from))))
        .texts(m::order_no, all().map(|(_, order)| order.order_no))
        .texts(m::status_raw, all().map(|(_, order)| order.status_raw))
        .references(m::order_row, all().map(|(_, order)| order.row));
    built.finish()
}

/// Every kind that the metric needs has a source for the account, and none of them was left out.
fn is_computable(metric: &Metric, account: &Account, pipeline: &Pipeline, ingested: &Ingested) -> bool {
    metric.needs.iter().all(|kind| {
        let serves = |source: &&std::sync::Arc<Source>| {
            source.kind == *kind && source.account.as_ref().is_none_or(|name| *name == account.name)
        };
        let mut sources = pipeline.sources.iter().filter(serves).peekable();
        sources.peek().is_some() && sources.all(|source| !ingested.left_out.contains(&source.name))
    })
}

fn measure<'run>(
    metric: &Metric,
    account: &'run Account,
    orders: &[&'run OneOrder<'run>],
    as_of: AsOf,
    computable: bool,
    refused: (&Ingested, &RefusedOwners),
) -> Vec<Row<'run>> {
    let today = account.policy(as_of.0);
    if !today.entry.target.contains_key(metric.defined_by) {
        return Vec::new();
    }
    let basis = today.entry.month_basis.get(metric.name).copied().or(metric.basis);
    let refused = RefusedRows::of(metric, basis, account, orders, refused);
    let judged: Vec<(&OneOrder, Verdict, NaiveDate)> = orders
        .iter()
        .filter_map(|order| {
            let (verdict, day) = (metric.judge)(order, &today);
            let basis = today.entry.month_basis.get(metric.name);
            Some((*order, verdict, date_of(basis.map_or(day, |basis| order.day(*basis))?)?))
        })
        .filter(|(_, verdict, _)| *verdict != Verdict::Outside)
        .collect();
    let lag = today.entry.week_window_lag_days.unwrap_or(0);
    windows(judged.iter().map(|(.., day)| *day), as_of.0, lag)
        .into_iter()
        .map(|range| {
            let mut count = Count::default();
            let within = || judged.iter().filter(|(.., day)| range.holds(*day));
            for (_, verdict, _) in within() {
                count.take(*verdict);
            }
            let policy = account.policy(range.to.min(as_of.0));
            let target = policy
                .entry
                .target
                .get(metric.name)
                .map(|target| (*target, policy.target_from.get(metric.name).copied()));
            let against = match target {
                Some((target, _)) if target.at_least => Some(Verdict::CountsNot),
                Some(_) => Some(Verdict::Counts),
                None => None,
            };
            let against = within().filter(|(_, verdict, _)| Some(*verdict) == against).map(|(order, ..)| *order);
            let against = against.collect();
            let unsaid = |(order, verdict, _): &&(&OneOrder, Verdict, NaiveDate)| {
                *verdict == Verdict::Counts && !(metric.is_said)(order)
            };
            let unsaid = within().filter(unsaid).count() as i64;
            let refused = Refused { unsaid, ..refused.within(&range) };
            Row { account, metric: metric.name, range, computable, count, refused, target, against }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_LEAST: Target = Target { num: 9, den: 10, at_least: true, strict: false };
    const AT_MOST: Target = Target { num: 15, den: 1000, at_least: false, strict: false };
    const MORE_THAN: Target = Target { strict: true, ..AT_LEAST };
    const LESS_THAN: Target = Target { num: 1, den: 100, at_least: false, strict: true };

    #[test]
    fn exact_at_the_limit() {
        assert_eq!(meets(AT_LEAST, 9, 10), Some(true));
        assert_eq!(meets(AT_LEAST, 899, 1000), Some(false));
        assert_eq!(meets(AT_MOST, 3, 200), Some(true));
        assert_eq!(meets(AT_MOST, 4, 200), Some(false));
        assert_eq!(meets(AT_MOST, 0, 0), None);
        // X20: at most 5 of 1000
        let status_error = Target { num: 5, ..AT_MOST };
        assert_eq!((meets(status_error, 1, 200), meets(status_error, 2, 399)), (Some(true), Some(false)));
    }

    #[test]
    fn distance_equals_brute_force() {
        for denominator in 1..120 {
            for numerator in 0..=denominator {
                for target in [AT_LEAST, MORE_THAN] {
                    let holds = |failed: i64| meets(target, numerator, denominator + failed) == Some(true);
                    let mended = |fixed: i64| meets(target, numerator + fixed, denominator) == Some(true);
                    check(distance(target, numerator, denominator), holds, mended);
                }
                for target in [AT_MOST, LESS_THAN] {
                    let holds = |failed: i64| meets(target, numerator + failed, denominator) == Some(true);
                    let mended = |fixed: i64| meets(target, numerator - fixed, denominator) == Some(true);
                    check(distance(target, numerator, denominator), holds, mended);
                }
            }
        }
        assert_eq!(distance(LESS_THAN, 0, 0), 0);
    }

    #[test]
    fn a_strict_target_is_missed_at_its_bound() {
        assert_eq!((meets(LESS_THAN, 1, 100), meets(LESS_THAN, 1, 101)), (Some(false), Some(true)));
        assert_eq!((meets(MORE_THAN, 9, 10), meets(MORE_THAN, 10, 11)), (Some(false), Some(true)));
        assert_eq!(meets(LESS_THAN, 0, 0), None);
    }

    fn check(found: i64, holds: impl Fn(i64) -> bool, mended: impl Fn(i64) -> bool) {
        if found >= 0 {
            assert!(holds(found) && !holds(found + 1), "{found}");
        } else {
            assert!(mended(-found) && !mended(-found - 1), "{found}");
        }
    }
}
