//! Payout dates up to as-of: what was to be paid, and whether a statement covers it (PY-012); and the payout date of the first
//! statement whose period does not join the one before.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as o, payout_day_facts as f, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::settlement::{Break, Statements};
use crate::vocab::Trait;

#[derive(Debug, Clone, Default)]
struct PayoutDay {
    orders: i64,
    expected: i64,
    overdue_on: Option<i32>,
    order_row: Option<u64>,
    order_no: String,
    broken: Option<Break>,
}

/// By account and payout date.
type Days<'run> = BTreeMap<(&'run str, i32), PayoutDay>;

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
    let mut days = Days::new();
    for row in 0..names.len() {
        let by_calendar = accounts.get(names.at(row)).is_some_and(|account| account.has(Trait::PaysByCalendar));
        let Some(on) = payout_on.at(row).filter(|on| eligible.at(row) && *on <= as_of && by_calendar) else { continue };
        let day = days.entry((names.at(row), on)).or_default();
        day.orders += 1;
        day.expected += expected.at(row).unwrap_or(0);
        day.overdue_on = earlier(day.overdue_on, overdue_on.at(row));
        if day.order_row.is_none() {
            day.order_row = rows.at(row);
            day.order_no = numbers.at(row).to_owned();
        }
    }
    for (account, found) in statements {
        let broken =
            found.breaks().into_iter().find_map(|found| Some((payout_of(account, &found, &days, accounts)?, found)));
        if let Some((on, found)) = broken {
            days.entry((account, on)).or_default().broken = Some(found);
        }
    }
    let covered = |account: &str, on: i32| statements.get(account).is_some_and(|statements| statements.cover(on));
    let is_missing = |(account, on): &(&str, i32), day: &PayoutDay| {
        statements.contains_key(*account) && !covered(account, *on) && day.overdue_on.is_some_and(|last| last < as_of)
    };
    let mut first_missing: BTreeMap<&str, i32> = BTreeMap::new();
    for (key, day) in &days {
        if is_missing(key, day) || day.broken.is_some() {
            first_missing.entry(key.0).or_insert(key.1);
        }
    }
    let broken = |pick: &dyn Fn(&Break) -> Option<i32>| -> Vec<Option<i32>> {
        days.values().map(|day| day.broken.as_ref().and_then(pick)).collect()
    };
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
        .days(f::gap_from, broken(&|found| (!found.is_overlap).then_some(found.day)))
        .days(f::overlap_from, broken(&|found| found.is_overlap.then_some(found.day)))
        .days(f::period_before_to, broken(&|found| Some(found.before_to)))
        .days(f::period_after_from, broken(&|found| Some(found.after_from)))
        .references(f::statement_row, days.keys().map(|(account, on)| statements.get(*account)?.covering_row(*on)))
        .references(f::before_row, days.values().map(|day| day.broken.and_then(|found| found.before)))
        .references(f::after_row, days.values().map(|day| day.broken.and_then(|found| found.after.row)))
        .references(f::order_row, days.values().map(|day| day.order_row))
        .texts(f::one_order, days.values().map(|day| day.order_no.as_str()));
    facts.finish()
}

/// The payout date of the statement that is missing, or of the one that overlaps.
///
/// For a gap it is the payout that bills its first day; where the account's orders are complete, the first one of the gap at which
/// something was due, and none when nothing was: a payout without money has no statement. Without a payout calendar it is the day.
fn payout_of(account: &str, found: &Break, days: &Days, accounts: &Accounts) -> Option<i32> {
    let known = accounts.get(account)?;
    let payout_of_billing = |day| accounts.payout_of_billing(known, day);
    if found.is_overlap {
        return found.after.paid_on.or_else(|| payout_of_billing(found.day)).or(Some(found.day));
    }
    match payout_of_billing(found.day).zip(payout_of_billing(found.after_from - 1)) {
        Some((first, last)) if known.complete => {
            days.range((account, first)..=(account, last)).find(|(_, day)| day.orders > 0).map(|((_, on), _)| *on)
        }
        Some((first, _)) => Some(first),
        None => Some(found.day),
    }
}

/// The day is overdue as soon as one of its orders is: an order with a contested cut-off may still be paid on the other date.
fn earlier(a: Option<i32>, b: Option<i32>) -> Option<i32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
}
