//! Clawbacks: what is cancelled after it was billed is paid all the same, and taken back on the next payout date after the
//! cancellation (rulebook §3.4, §15.14, A12). What is cancelled before its billing is simply not due.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{clawback_facts as f, order_lines, orders, read};
use crate::pipeline::Account;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::order_lines::{OrderAmounts, OrderValues, policy_rate};
use crate::vocab::{ClawbackMode, OrderStatus, Trait, Word};

/// Money of one order that is taken back on one payout date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clawback {
    /// Last day of the cancellations that it answers.
    pub cancelled_on: i32,
    /// The payout date; `None` beyond the calendar.
    pub payout_on: Option<i32>,
    /// Negative, minor units.
    pub amount: i64,
}

/// The clawbacks of an order, by row of the orders frame.
pub type Clawbacks = Map<usize, Vec<Clawback>>;

/// What was cancelled of one order, and when.
#[derive(Debug, Default)]
struct Cancelled {
    /// Pieces with a day of their own: payout that they take with them.
    lines: Vec<(i32, i64)>,
    /// Payout of the pieces that go with the whole order.
    rest: Option<i64>,
}

/// What a line itself says of its rates.
#[derive(Debug, Clone, Copy)]
struct LineRates {
    vat_ppm: Option<i64>,
    commission_ppm: Option<i64>,
}

/// The clawbacks of all orders.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn clawbacks(
    frame: &DataFrame,
    lines: &DataFrame,
    orders_read: &OrderValues,
    accounts: &Accounts,
) -> PolarsResult<Clawbacks> {
    let statuses = read::texts(frame, orders::status)?;
    let tests = read::flags(frame, orders::test)?;
    let delivered = read::days(frame, orders::delivered_on)?;
    let ended = [OrderStatus::Cancelled.text(), OrderStatus::Rejected.text()];
    let names = read::texts(frame, orders::account)?;
    let in_question: Map<usize, OrderAmounts> = (0..frame.height())
        .filter(|row| delivered.at(*row).is_some() && !tests.at(*row))
        .map(|row| (row, orders_read.amounts(row, accounts.get(names.at(row)), accounts)))
        .filter(|(row, amounts)| {
            amounts.pieces_cancelled > 0 || amounts.all_cancelled() || ended.contains(&statuses.at(*row))
        })
        .collect();
    let is_whole = |row: usize| ended.contains(&statuses.at(row)) || in_question[&row].all_cancelled();
    // Few orders are delivered and have something cancelled: the rest is read only for them.
    if in_question.is_empty() {
        return Ok(Clawbacks::default());
    }
    let keys = read::texts(frame, orders::order_key)?;
    let cancelled = read::days(frame, orders::cancelled_on)?;
    let created = read::days(frame, orders::created_on)?;
    let rates = read::numbers(frame, orders::commission_ppm)?;
    let postage = read::numbers(frame, orders::delivery_price)?;
    let by_key: Map<&str, usize> = in_question.keys().map(|row| (keys.at(*row), *row)).collect();
    let commission = |row: usize, amount: i64, line: LineRates| {
        let of_order = || rates.at(row).or_else(|| policy_rate(accounts, names.at(row), created.at(row)));
        in_question[&row].terms.commission(amount, line.vat_ppm, line.commission_ppm.or_else(of_order)?)
    };
    let mut by_order = cancelled_pieces(lines, &by_key, &commission, &is_whole)?;
    let mut clawbacks = Clawbacks::default();
    for row in by_key.into_values() {
        let Some((account, received)) = accounts.get(names.at(row)).zip(delivered.at(row)) else { continue };
        let mut pieces = by_order.swap_remove(&row).unwrap_or_default();
        if is_whole(row) {
            let last = cancelled.at(row).max(pieces.lines.iter().map(|(on, _)| *on).max());
            let goods = pieces.rest.or_else(|| in_question[&row].goods_less_commission());
            let policy = accounts.policy(account, last);
            let refunded = policy.entry.full_cancel_refunds_postage.unwrap_or(true);
            let postage = postage.at(row).filter(|_| refunded).unwrap_or(0);
            pieces.lines.extend(last.zip(goods).map(|(on, goods)| (on, goods + postage)));
        } else if !accounts.is_billable(account, statuses.at(row), Some(received)) {
            continue;
        }
        let found = of_order(account, received, &pieces.lines, accounts);
        if !found.is_empty() {
            clawbacks.insert(row, found);
        }
    }
    Ok(clawbacks)
}

/// Pieces of the orders in question by row of the orders frame: those with a day of their own, and of whole orders the rest.
fn cancelled_pieces(
    lines: &DataFrame,
    in_question: &Map<&str, usize>,
    commission: &dyn Fn(usize, i64, LineRates) -> Option<i64>,
    is_whole: &dyn Fn(usize) -> bool,
) -> PolarsResult<Map<usize, Cancelled>> {
    let keys = read::texts(lines, order_lines::order_key)?;
    let qty = read::numbers(lines, order_lines::qty)?;
    let gone = read::numbers(lines, order_lines::qty_cancelled)?;
    let price = read::numbers(lines, order_lines::unit_price_gross)?;
    let rates = read::numbers(lines, order_lines::commission_ppm)?;
    let vat = read::numbers(lines, order_lines::vat_ppm)?;
    let days = read::days(lines, order_lines::cancelled_on)?;
    let mut by_order: Map<usize, Cancelled> = Map::default();
    for line in 0..keys.len() {
        let Some(row) = in_question.get(keys.at(line)).copied() else { continue };
        let order = by_order.entry(row).or_insert_with(|| Cancelled { rest: Some(0), ..Cancelled::default() });
        let line_rates = LineRates { vat_ppm: vat.at(line), commission_ppm: rates.at(line) };
        let price = price.at(line).unwrap_or(0);
        let payout = |pieces: i64| Some(price * pieces - commission(row, price * pieces, line_rates)?);
        let (qty, gone) = (qty.at(line).unwrap_or(0), gone.at(line).unwrap_or(0));
        // The commission is rounded per line, so what leaves a line is a difference of two payouts.
        let dated = days.at(line).filter(|_| gone > 0);
        if let Some(on) = dated {
            order.lines.extend(payout(qty).zip(payout(qty - gone)).map(|(before, after)| (on, before - after)));
        }
        if is_whole(row) {
            let left = if dated.is_some() { qty - gone } else { qty };
            order.rest = order.rest.zip(payout(left)).map(|(rest, payout)| rest + payout);
        }
    }
    Ok(by_order)
}

/// What is taken back of one order: cancellations on and after its billing date, by the payout date that follows each.
fn of_order<'acc>(
    account: &'acc Account,
    received: i32,
    cancelled: &[(i32, i64)],
    accounts: &Accounts<'acc>,
) -> Vec<Clawback> {
    let mut found: BTreeMap<Option<i32>, Clawback> = BTreeMap::new();
    for (on, amount) in cancelled.iter().filter(|(_, amount)| *amount != 0) {
        let mode = accounts.policy(account, Some(*on)).entry.clawback_mode;
        let billing = accounts.payout_dates(account, received).billing_on;
        if mode != Some(ClawbackMode::NextPayout)
            || !account.has(Trait::PaysByCalendar)
            || billing.is_none_or(|billing| *on < day_number(billing))
        {
            continue;
        }
        let payout_on = accounts.next_payout(account, *on);
        let clawback = found.entry(payout_on).or_insert(Clawback { cancelled_on: *on, payout_on, amount: 0 });
        clawback.cancelled_on = clawback.cancelled_on.max(*on);
        clawback.amount -= amount;
    }
    found.into_values().collect()
}

/// The facts.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn clawback_facts(clawbacks: &Clawbacks, frame: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let keys = read::texts(frame, orders::order_key)?;
    let numbers = read::texts(frame, orders::order_no)?;
    let names = read::texts(frame, orders::account)?;
    let currencies = read::texts(frame, orders::currency)?;
    let rows = read::references(frame, orders::row)?;
    let mut all: Vec<(usize, Clawback)> =
        clawbacks.iter().flat_map(|(row, found)| found.iter().map(move |clawback| (*row, *clawback))).collect();
    all.sort_by_key(|(row, clawback)| (*row, clawback.payout_on));
    let mut facts = FrameBuilder::new(&f::FRAME, all.len());
    facts
        .texts(f::account, all.iter().map(|(row, _)| names.at(*row)))
        .texts(f::marketplace, all.iter().map(|(row, _)| accounts.marketplace(names.at(*row))))
        .texts(f::order_key, all.iter().map(|(row, _)| keys.at(*row)))
        .texts(f::order_no, all.iter().map(|(row, _)| numbers.at(*row)))
        .texts(f::currency, all.iter().map(|(row, _)| currencies.at(*row)))
        .days(f::cancelled_on, all.iter().map(|(_, clawback)| Some(clawback.cancelled_on)))
        .days(f::payout_on, all.iter().map(|(_, clawback)| clawback.payout_on))
        .numbers(f::amount, all.iter().map(|(_, clawback)| Some(clawback.amount)))
        .references(f::order_row, all.iter().map(|(row, _)| rows.at(*row)));
    facts.finish()
}
