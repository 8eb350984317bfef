//! Payout dates up to as-of: what was to be paid, and whether a statement covers it (PY-012); and the payout date of each statement
//! whose period does not join the one before.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::money;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts as o, payout_day_facts as f, read};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::statements::{Break, Statements};
use crate::vocab::Trait;

#[derive(Debug, Clone, Default)]
struct PayoutDay {
    due: Sums,
    /// Orders of which no statement paid anything.
    unpaid: Sums,
    overdue_on: Option<i32>,
    order_row: Option<u64>,
    order_no: String,
}

/// Numbers of orders and their money by currency.
#[derive(Debug, Clone, Default)]
struct Sums(BTreeMap<String, (i64, i64)>);

impl Sums {
    fn take(&mut self, currency: &str, orders: i64, money: i64) {
        let (known, sum) = self.0.entry(currency.to_owned()).or_default();
        *known += orders;
        *sum = sum.saturating_add(money);
    }

    fn add(&mut self, other: &Sums, concerns: impl Fn(&str) -> bool) {
        for (currency, (orders, money)) in other.0.iter().filter(|(currency, _)| concerns(currency)) {
            self.take(currency, *orders, *money);
        }
    }

    fn orders(&self) -> i64 {
        self.0.values().map(|(orders, _)| orders).sum()
    }

    fn money(&self, currency: &str) -> Option<i64> {
        self.0.get(currency).map(|(_, money)| *money)
    }

    /// Sums of currencies other than the row's, such as `12.00 EUR, 300.00 PLN`.
    fn others(&self, own: &str) -> String {
        let others = self.0.iter().filter(|(currency, _)| *currency != own);
        let texts: Vec<String> = others
            .map(|(currency, (_, amount))| format!("{} {currency}", money::to_decimal(*amount, currency)))
            .collect();
        texts.join(", ")
    }
}

/// By account and payout date.
type Days<'run> = BTreeMap<(&'run str, i32), PayoutDay>;

/// A row of the facts: a payout date, or a break of the periods on it.
struct DateRow<'run> {
    account: &'run str,
    /// That of the account, or of the statements that do not join.
    currency: String,
    on: i32,
    day: PayoutDay,
    /// The account's first date without a statement, or a break.
    missing: bool,
    broken: Option<Break>,
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
    let days = days_of(orders, as_of, accounts)?;
    let covered = |account: &str, on: i32| statements.get(account).is_some_and(|statements| statements.cover(on));
    let is_overdue = |day: &PayoutDay| day.overdue_on.is_some_and(|last| last < as_of);
    let is_missing = |(account, on): &(&str, i32), day: &PayoutDay| {
        let names_orders = statements.get(*account).is_some_and(Statements::name_orders);
        names_orders && !covered(account, *on) && is_overdue(day)
    };
    let mut first_missing: BTreeMap<&str, (i32, Sums)> = BTreeMap::new();
    for (key, day) in days.iter().filter(|(key, day)| is_missing(key, day)) {
        first_missing.entry(key.0).or_insert_with(|| (key.1, Sums::default())).1.add(&day.unpaid, |_| true);
    }
    let mut rows: Vec<DateRow<'_>> = Vec::with_capacity(days.len());
    for ((account, on), day) in &days {
        let missing = first_missing.get(account).filter(|(first, _)| first == on).map(|(_, unpaid)| unpaid);
        let mut day = day.clone();
        // The first date stands for all of the account.
        if let Some(unpaid) = missing {
            day.unpaid = unpaid.clone();
        }
        let currency = accounts.currency(account).to_owned();
        let is_silent = |currency: &str| {
            let is_silent = |found: &Statements| found.name_orders() && found.is_silent(*on, currency);
            is_overdue(&day) && statements.get(*account).is_some_and(is_silent)
        };
        let silent: Vec<String> = day.unpaid.0.keys().filter(|unpaid| is_silent(unpaid)).cloned().collect();
        let is_missing = missing.is_some() || silent.contains(&currency);
        // Statements of another currency than the account's are a series of their own.
        for other in silent.iter().filter(|other| **other != currency && missing.is_none()) {
            let mut day = PayoutDay { unpaid: Sums::default(), ..day.clone() };
            day.unpaid.add(&days[&(*account, *on)].unpaid, |unpaid| unpaid == other);
            rows.push(DateRow { account, currency: other.clone(), on: *on, missing: true, day, broken: None });
        }
        rows.push(DateRow { account, currency, on: *on, missing: is_missing, day, broken: None });
    }
    for (account, found) in statements {
        for broken in found.breaks() {
            let Some(on) = payout_of(account, &broken, &days, accounts) else { continue };
            let mut day = days.get(&(account.as_str(), on)).cloned().unwrap_or_default();
            day.unpaid = Sums::default();
            let payouts = accounts.get(account).and_then(|known| broken.payouts(known, accounts));
            if let Some((first, last)) = payouts {
                let lost = days.range((account.as_str(), first)..=(account.as_str(), last));
                lost.for_each(|(_, lost)| {
                    day.unpaid.add(&lost.unpaid, |currency| found.concerns(&broken.currency, currency));
                });
            }
            // The break takes the place of the plain row of its date.
            rows.retain(|row| row.missing || row.broken.is_some() || (row.account, row.on) != (account, on));
            let own = accounts.currency(account);
            let currency = if found.are_one(&broken.currency, own) { own } else { &broken.currency }.to_owned();
            rows.push(DateRow { account, currency, on, missing: true, day, broken: Some(broken) });
        }
    }
    rows.sort_by_key(|row| (row.account, row.on, row.broken.as_ref().map(|found| (found.day, found.is_overlap))));
    let broken = |pick: &dyn Fn(&Break) -> Option<i32>| -> Vec<Option<i32>> {
        rows.iter().map(|row| row.broken.as_ref().and_then(pick)).collect()
    };
    let mut facts = FrameBuilder::new(&f::FRAME, rows.len());
    facts
        .texts(f::account, rows.iter().map(|row| row.account))
        .texts(f::marketplace, rows.iter().map(|row| accounts.marketplace(row.account)))
        .days(f::payout_on, rows.iter().map(|row| Some(row.on)))
        .texts(f::currency, rows.iter().map(|row| row.currency.as_str()))
        .numbers(f::orders, rows.iter().map(|row| Some(row.day.due.orders())))
        .numbers(f::expected, rows.iter().map(|row| Some(row.day.due.money(&row.currency).unwrap_or(0))))
        .numbers(f::unpaid_orders, rows.iter().map(|row| Some(row.day.unpaid.orders())))
        .numbers(f::unpaid, rows.iter().map(|row| row.day.unpaid.money(&row.currency)))
        .texts(f::unpaid_others, rows.iter().map(|row| row.day.unpaid.others(&row.currency)))
        .flags(f::covered, rows.iter().map(|row| covered(row.account, row.on)))
        .flags(f::overdue, rows.iter().map(|row| is_overdue(&row.day)))
        .flags(f::missing, rows.iter().map(|row| row.missing))
        .flags(f::has_statements, rows.iter().map(|row| statements.contains_key(row.account)))
        .days(f::gap_from, broken(&|found| (!found.is_overlap).then_some(found.day)))
        .days(f::overlap_from, broken(&|found| found.is_overlap.then_some(found.day)))
        .days(f::period_before_to, broken(&|found| Some(found.before.last)))
        .days(f::period_after_from, broken(&|found| Some(found.after.first)))
        .references(
            f::statement_row,
            rows.iter().map(|row| statements.get(row.account)?.covering_row(row.on, None, &row.currency)),
        )
        .references(f::before_row, rows.iter().map(|row| row.broken.as_ref().and_then(|found| found.before.row)))
        .references(f::after_row, rows.iter().map(|row| row.broken.as_ref().and_then(|found| found.after.row)))
        .references(f::order_row, rows.iter().map(|row| row.day.order_row))
        .texts(f::one_order, rows.iter().map(|row| row.day.order_no.as_str()));
    facts.finish()
}

/// Days up to as-of on which money was due, with their orders: payout dates, and releases of what is paid on demand.
fn days_of<'run>(orders: &'run DataFrame, as_of: i32, accounts: &Accounts) -> PolarsResult<Days<'run>> {
    let names = read::texts(orders, o::account)?;
    let eligible = read::flags(orders, o::eligible)?;
    let due_on = read::days(orders, o::due_on)?;
    let overdue_on = read::days(orders, o::payout_overdue_on)?;
    let expected = read::numbers(orders, o::cash_expected)?;
    let currencies = read::texts(orders, o::currency)?;
    let paid = read::numbers(orders, o::paid)?;
    let rows = read::references(orders, o::order_row)?;
    let numbers = read::texts(orders, o::order_no)?;
    let mut days = Days::new();
    for row in 0..names.len() {
        let by_calendar = accounts.get(names.at(row)).is_some_and(|account| account.has(Trait::PaysByCalendar));
        let Some(on) = due_on.at(row).filter(|on| eligible.at(row) && *on <= as_of && by_calendar) else { continue };
        let day = days.entry((names.at(row), on)).or_default();
        let amount = expected.at(row).unwrap_or(0);
        day.due.take(currencies.at(row), 1, amount);
        if paid.at(row).is_none() {
            day.unpaid.take(currencies.at(row), 1, amount);
        }
        day.overdue_on = earlier(day.overdue_on, overdue_on.at(row));
        if day.order_row.is_none() {
            day.order_row = rows.at(row);
            day.order_no = numbers.at(row).to_owned();
        }
    }
    Ok(days)
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
    match found.payouts(known, accounts).filter(|_| payout_of_billing(found.day).is_some()) {
        Some((first, last)) if known.complete => {
            days.range((account, first)..=(account, last)).find(|(_, day)| day.due.orders() > 0).map(|((_, on), _)| *on)
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
