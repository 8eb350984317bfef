//! Payout dates up to as-of: what was to be paid, and whether a statement covers it (PY-012).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as o, payout_day_facts as f, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::settlement::Statements;
use crate::vocab::Trait;

#[derive(Debug, Clone, Default)]
struct PayoutDay {
    orders: i64,
    expected: i64,
    overdue_on: Option<i32>,
    order_row: Option<u64>,
    order_no: String,
}

/// The facts: accounts that pay by calendar, and have a payout source.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn payout_day_facts(
    orders: &DataFrame,
    statements: &BTreeMap<String, Statements>,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let as_of = day_number(accounts.as_of.0);
    let names = read::texts(orders, o::account)?;
    let eligible = read::flags(orders, o::eligible)?;
    let payout_on = read::days(orders, o::payout_on)?;
    let overdue_on = read::days(orders, o::payout_overdue_on)?;
    let expected = read::numbers(orders, o::cash_expected)?;
    let rows = read::references(orders, o::order_row)?;
    let numbers = read::texts(orders, o::order_no)?;
    let mut days: BTreeMap<(&str, i32), PayoutDay> = BTreeMap::new();
    for row in 0..names.len() {
        let by_calendar = accounts.get(names[row]).is_some_and(|account| account.has(Trait::PaysByCalendar));
        let Some(on) = payout_on[row].filter(|on| eligible[row] && *on <= as_of && by_calendar) else { continue };
        let day = days.entry((names[row], on)).or_default();
        day.orders += 1;
        day.expected += expected[row].unwrap_or(0);
        day.overdue_on = earlier(day.overdue_on, overdue_on[row]);
        if day.order_row.is_none() {
            day.order_row = rows[row];
            day.order_no = numbers[row].to_owned();
        }
    }
    let covered = |account: &str, on: i32| statements.get(account).is_some_and(|statements| statements.cover(on));
    let is_missing = |(account, on): &(&str, i32), day: &PayoutDay| {
        statements.contains_key(*account) && !covered(account, *on) && day.overdue_on.is_some_and(|last| last < as_of)
    };
    let mut first_missing: BTreeMap<&str, i32> = BTreeMap::new();
    for (key, day) in &days {
        if is_missing(key, day) {
            first_missing.entry(key.0).or_insert(key.1);
        }
    }
    let mut facts = FrameBuilder::new(&f::FRAME, days.len());
    facts
        .texts(f::account, days.keys().map(|(account, _)| *account))
        .texts(f::marketplace, days.keys().map(|(account, _)| accounts.marketplace(account)))
        .days(f::payout_on, days.keys().map(|(_, on)| Some(*on)))
        .texts(f::currency, days.keys().map(|(account, _)| accounts.currency(account)))
        .numbers(f::orders, days.values().map(|day| Some(day.orders)))
        .numbers(f::expected, days.values().map(|day| Some(day.expected)))
        .flags(f::covered, days.keys().map(|(account, on)| covered(account, *on)))
        .flags(f::overdue, days.values().map(|day| day.overdue_on.is_some_and(|last| last < as_of)))
        .flags(f::first_missing, days.keys().map(|(account, on)| first_missing.get(account) == Some(on)))
        .flags(f::has_statements, days.keys().map(|(account, _)| statements.contains_key(*account)))
        .references(f::order_row, days.values().map(|day| day.order_row))
        .texts(f::one_order, days.values().map(|day| day.order_no.as_str()));
    facts.finish()
}

/// The day is overdue as soon as one of its orders is: an order with a contested cut-off may still be paid on the other date.
fn earlier(a: Option<i32>, b: Option<i32>) -> Option<i32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
}
