//! Payout statements: one per payout, one line per order.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::sample::SampleError;
use crate::sample::cell::{Record, Value};
use crate::sample::order::Payout;
use crate::sample::payer::{Payer, PayoutDay};
use crate::sample::world::World;
use crate::vocab::OrderStatus;

/// One statement.
pub struct Statement {
    /// Its payout.
    pub payout: PayoutDay,
    id: String,
    window: (NaiveDate, NaiveDate),
    lines: Vec<(String, i64)>,
}

/// A line of a statement.
pub struct PayoutRow<'a> {
    statement: &'a Statement,
    line: &'a (String, i64),
}

/// The statements of an account up to the as-of date, without those that got lost.
///
/// # Errors
/// When an amount or a date leaves its range.
pub fn statements(world: &World, account: usize) -> Result<Vec<Statement>, SampleError> {
    let Some(payer) = &world.accounts[account].payer else { return Ok(Vec::new()) };
    let payouts = payer.payouts(world.merchant.first_day, world.merchant.as_of)?;
    let mut lines: BTreeMap<NaiveDate, Vec<(String, i64)>> = BTreeMap::new();
    let commission = world.accounts[account].plan.commission_ppm;
    for order in world.orders.iter().filter(|order| order.account == account) {
        let delivered = world.status(order) == OrderStatus::Delivered && order.word.is_none();
        let due = match order.delivered_set.filter(|_| delivered) {
            Some(set) => Some(payer.payout(set.date())?.sent),
            None => None,
        };
        let amount = order.payable(commission)?;
        let line = |amount| (order.number.clone(), amount);
        match (order.payout, due) {
            (Payout::Due, Some(sent)) => lines.entry(sent).or_default().push(line(amount)),
            (Payout::Off(by), Some(sent)) => lines.entry(sent).or_default().push(line(amount + by)),
            (Payout::Twice, Some(sent)) => lines.entry(sent).or_default().extend([line(amount), line(amount)]),
            (Payout::Unasked(sent), _) => lines.entry(sent).or_default().push(line(amount)),
            _ => {}
        }
    }
    for strange in world.strange_lines.iter().filter(|strange| strange.account == account) {
        lines.entry(strange.sent).or_default().push((strange.order_no.clone(), strange.amount));
    }
    let lost = world.lost_statements.iter().find(|(lost, _)| *lost == account).map(|(_, day)| *day);
    let kept = payouts.into_iter().filter(|payout| lost.is_none_or(|lost| payout.sent < lost));
    Ok(kept.filter_map(|payout| Some(statement(payer, payout, lines.remove(&payout.sent)?))).collect())
}

fn statement(payer: &Payer, payout: PayoutDay, lines: Vec<(String, i64)>) -> Statement {
    Statement { payout, id: payer.statement(payout.sent), window: payer.window(payout.nominal), lines }
}

impl Statement {
    /// Its lines.
    pub fn rows(&self) -> impl Iterator<Item = PayoutRow<'_>> {
        self.lines.iter().map(|line| PayoutRow { statement: self, line })
    }

    fn total(&self) -> i64 {
        self.lines.iter().map(|(_, amount)| amount).sum()
    }
}

impl Record for PayoutRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        let statement = self.statement;
        match field {
            "statement_id" => Value::text(&statement.id),
            "paid_on" | "posted" => Value::Day(statement.payout.sent),
            "period_from" => Value::Day(statement.window.0),
            "period_to" => Value::Day(statement.window.1),
            "order_no" => Value::text(&self.line.0),
            "kind_raw" => Value::word("payout_kind", "sale"),
            "amount" => Value::Money(self.line.1),
            "total" => Value::Money(statement.total()),
            _ => Value::Empty,
        }
    }
}
