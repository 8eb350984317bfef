//! Day × shipping method, event-dated: an order counts on the day it was paid, and again on the day it was cancelled
//! (S1, rulebook §3.5); beside it what the marketplace's own overview says. An order of which no payment is known is not left out: it stands
//! in the one row of its account and currency that has no day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as o, order_lines, postage_day_facts as f, postage_overview, read};
use crate::ingest::{QuarantinedRow, StatedTotal};
use crate::reconcile::accounts::Accounts;

#[derive(Debug, Clone, Default)]
struct Day {
    orders_paid: i64,
    goods_paid: i64,
    postage_paid: i64,
    orders_cancelled: i64,
    goods_cancelled: i64,
    postage_cancelled: i64,
    overview: Option<(i64, i64)>,
    overview_row: Option<u64>,
    order_row: Option<u64>,
    order_no: String,
    /// Sums of the rows below a stated total, paid and cancelled.
    rows: Option<(i64, i64)>,
    /// What stated totals are off by.
    off: i64,
}

/// Account, day, is a month's total, method, currency. Without a day there is no method either.
type Key<'run> = (&'run str, Option<i32>, bool, &'run str, &'run str);

/// Goods of an order that were cancelled on days of their own, and the last such day.
#[derive(Debug, Clone, Default)]
struct CancelledLines {
    goods_by_day: BTreeMap<i32, i64>,
    last_on: Option<i32>,
}

/// The facts; test orders take no part.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn postage_day_facts(
    orders: &DataFrame,
    lines: &DataFrame,
    overview: &DataFrame,
    totals: &[StatedTotal],
    quarantine: &[QuarantinedRow],
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let mut days: BTreeMap<Key, Day> = BTreeMap::new();
    take_totals(&mut days, totals);
    days.extend(days_of_orders(orders, &cancelled_lines(lines)?)?);
    let covered = take_overview(&mut days, overview)?;
    let is_covered = |(account, day, is_total, _, currency): &Key| {
        *is_total || day.and_then(month_of).is_some_and(|month| covered.contains(&(*account, month, *currency)))
    };
    let difference = |key: &Key, day: &Day| {
        if day.rows.is_some() {
            return Some(day.off);
        }
        let (paid, cancelled) = day.overview.unwrap_or((0, 0));
        is_covered(key).then_some((paid - day.postage_paid).abs() + (cancelled - day.postage_cancelled).abs())
    };
    let refused = refused_postage(quarantine);
    let in_quarantine = |key: &Key, day: &Day| {
        let (account, on, is_total, _, currency) = *key;
        let refused = on.and_then(|on| refused.get(&(account, on, currency))).filter(|_| !is_total);
        refused.is_some_and(|postage| postage.zip(difference(key, day)).is_none_or(|(sum, off)| off <= sum))
    };
    let mut facts = FrameBuilder::new(&f::FRAME, days.len());
    facts
        .flags(f::orders_quarantined, days.iter().map(|(key, day)| in_quarantine(key, day)))
        .texts(f::account, days.keys().map(|(account, ..)| *account))
        .texts(f::marketplace, days.keys().map(|(account, ..)| accounts.marketplace(account)))
        .days(f::day, days.keys().map(|(_, day, ..)| *day))
        .flags(f::is_total, days.keys().map(|(_, _, is_total, ..)| *is_total))
        .texts(f::method, days.keys().map(|(_, _, _, method, _)| *method))
        .texts(f::currency, days.keys().map(|(.., currency)| *currency))
        .numbers(f::orders_paid, days.values().map(|day| Some(day.orders_paid)))
        .numbers(f::goods_paid, days.values().map(|day| Some(day.goods_paid)))
        .numbers(f::postage_paid, days.values().map(|day| Some(day.postage_paid)))
        .numbers(f::orders_cancelled, days.values().map(|day| Some(day.orders_cancelled)))
        .numbers(f::goods_cancelled, days.values().map(|day| Some(day.goods_cancelled)))
        .numbers(f::postage_cancelled, days.values().map(|day| Some(day.postage_cancelled)))
        .numbers(f::overview_paid, days.values().map(|day| day.overview.map(|(paid, _)| paid)))
        .numbers(f::overview_cancelled, days.values().map(|day| day.overview.map(|(_, cancelled)| cancelled)))
        .numbers(f::rows_paid, days.values().map(|day| day.rows.map(|(paid, _)| paid)))
        .numbers(f::rows_cancelled, days.values().map(|day| day.rows.map(|(_, cancelled)| cancelled)))
        .flags(f::covered, days.keys().map(is_covered))
        .numbers(f::postage_difference, days.iter().map(|(key, day)| difference(key, day)))
        .references(f::overview_row, days.values().map(|day| day.overview_row))
        .references(f::order_row, days.values().map(|day| day.order_row))
        .texts(f::one_order, days.values().map(|day| day.order_no.as_str()));
    facts.finish()
}

/// Postage of orders in quarantine by account, day of the payment and currency; `None` where one of them cannot be read.
fn refused_postage(quarantine: &[QuarantinedRow]) -> Map<(&str, i32, &str), Option<i64>> {
    let mut refused: Map<(&str, i32, &str), Option<i64>> = Map::default();
    for row in quarantine {
        if let Some(day) = row.paid_on {
            let sum = refused.entry((&row.of.account, day, row.currency())).or_insert(Some(0));
            *sum = sum.zip(row.postage).map(|(sum, postage)| sum + postage);
        }
    }
    refused
}

fn month_of(day: i32) -> Option<(i32, u32)> {
    use chrono::Datelike;
    date_of(day).map(|date| (date.year(), date.month()))
}

fn cancelled_lines(lines: &DataFrame) -> PolarsResult<Map<&str, CancelledLines>> {
    let keys = read::texts(lines, order_lines::order_key)?;
    let cancelled_on = read::days(lines, order_lines::cancelled_on)?;
    let qty = read::numbers(lines, order_lines::qty_cancelled)?;
    let price = read::numbers(lines, order_lines::unit_price_gross)?;
    let mut cancelled: Map<&str, CancelledLines> = Map::default();
    for row in 0..keys.len() {
        let Some(on) = cancelled_on.at(row) else { continue };
        let order = cancelled.entry(keys.at(row)).or_default();
        *order.goods_by_day.entry(on).or_default() += qty.at(row).unwrap_or(0) * price.at(row).unwrap_or(0);
        order.last_on = order.last_on.max(Some(on));
    }
    Ok(cancelled)
}

fn days_of_orders<'run>(
    orders: &'run DataFrame,
    cancelled_lines: &Map<&str, CancelledLines>,
) -> PolarsResult<Map<Key<'run>, Day>> {
    let mut days: Map<Key<'run>, Day> = Map::default();
    let account = read::texts(orders, o::account)?;
    let keys = read::texts(orders, o::order_key)?;
    let method = read::texts(orders, o::shipping_method)?;
    let currency = read::texts(orders, o::currency)?;
    let test = read::flags(orders, o::test)?;
    let booked_on = read::days(orders, o::booked_on)?;
    let cancelled_on = read::days(orders, o::cancelled_on)?;
    let whole = read::flags(orders, o::whole_cancelled)?;
    let goods = read::numbers(orders, o::goods)?;
    let postage = read::numbers(orders, o::postage)?;
    let rows = read::references(orders, o::order_row)?;
    let numbers = read::texts(orders, o::order_no)?;
    let none = CancelledLines::default();
    for row in 0..account.len() {
        if test.at(row) {
            continue;
        }
        let paid = booked_on.at(row);
        let (goods, postage) = (goods.at(row).unwrap_or(0), postage.at(row).unwrap_or(0));
        let mut book = |on: Option<i32>, change: &dyn Fn(&mut Day)| {
            // What was never booked on a day is not taken back on one.
            let on = on.filter(|_| paid.is_some());
            let method = on.map_or("", |_| method.at(row));
            let day = days.entry((account.at(row), on, false, method, currency.at(row))).or_default();
            day.remember(rows.at(row), numbers.at(row));
            change(day);
        };
        book(paid, &|day| {
            day.orders_paid += 1;
            day.goods_paid += goods;
            day.postage_paid += postage;
        });
        // Goods go back on the day of their own cancellation; what has none goes back with the order (rulebook §15.13).
        let lines = cancelled_lines.get(keys.at(row)).unwrap_or(&none);
        for (on, goods) in &lines.goods_by_day {
            book(Some(*on), &|day| day.goods_cancelled += goods);
        }
        if whole.at(row) {
            let cancelled = cancelled_on.at(row).max(lines.last_on);
            let undated = goods - lines.goods_by_day.values().sum::<i64>();
            book(cancelled, &|day| {
                day.orders_cancelled += 1;
                day.goods_cancelled += undated;
                day.postage_cancelled += postage;
            });
        }
    }
    Ok(days)
}

/// The totals of a month's files are added up: an overview is one file per promotion.
fn take_totals<'run>(days: &mut BTreeMap<Key<'run>, Day>, totals: &'run [StatedTotal]) {
    for total in totals {
        let (year, month) = total.month;
        let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { continue };
        let key = (total.account.as_str(), Some(day_number(first)), true, "", total.currency.as_str());
        let day = days.entry(key).or_default();
        let of = |name: &str| total.amounts.iter().find(|(field, ..)| *field == name);
        let stated = |name: &str| of(name).map_or(0, |(_, stated, _)| *stated);
        let rows = |name: &str| of(name).map_or(0, |(.., rows)| *rows);
        let (paid, cancelled) = (postage_overview::paid.name, postage_overview::cancelled.name);
        let known = day.overview.unwrap_or((0, 0));
        day.overview = Some((known.0 + stated(paid), known.1 + stated(cancelled)));
        let known = day.rows.unwrap_or((0, 0));
        day.rows = Some((known.0 + rows(paid), known.1 + rows(cancelled)));
        let off = (stated(paid) - rows(paid)).abs() + (stated(cancelled) - rows(cancelled)).abs();
        if day.overview_row.is_none() || off > 0 && day.off == 0 {
            day.overview_row = Some(total.row_ref);
        }
        day.off += off;
    }
}

type Months<'run> = BTreeSet<(&'run str, (i32, u32), &'run str)>;

fn take_overview<'run>(days: &mut BTreeMap<Key<'run>, Day>, overview: &'run DataFrame) -> PolarsResult<Months<'run>> {
    let account = read::texts(overview, postage_overview::account)?;
    let day = read::days(overview, postage_overview::day)?;
    let method = read::texts(overview, postage_overview::method)?;
    let currency = read::texts(overview, postage_overview::currency)?;
    let paid = read::numbers(overview, postage_overview::paid)?;
    let cancelled = read::numbers(overview, postage_overview::cancelled)?;
    let rows = read::references(overview, postage_overview::row)?;
    let mut covered = Months::new();
    for row in 0..account.len() {
        let Some(on) = day.at(row) else { continue };
        if let Some(month) = month_of(on) {
            covered.insert((account.at(row), month, currency.at(row)));
        }
        let entry = days.entry((account.at(row), Some(on), false, method.at(row), currency.at(row))).or_default();
        let (known_paid, known_cancelled) = entry.overview.unwrap_or((0, 0));
        entry.overview =
            Some((known_paid + paid.at(row).unwrap_or(0), known_cancelled + cancelled.at(row).unwrap_or(0)));
        entry.overview_row = entry.overview_row.or(rows.at(row));
    }
    Ok(covered)
}

impl Day {
    fn remember(&mut self, row: Option<u64>, order_no: &str) {
        if self.order_row.is_none() {
            self.order_row = row;
            self.order_no = order_no.to_owned();
        }
    }
}
