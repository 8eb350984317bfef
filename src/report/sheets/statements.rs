//! Statement tie-out: the lines of every statement beside the total that its header states.

use std::collections::BTreeMap;

use crate::frame::{payout_facts, payout_lines, statements};
use crate::report::chart::Ink;
use crate::report::fields::{Fields, is_set};
use crate::report::figures::add_amount;
use crate::report::sheet::Sheet;
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};
use crate::vocab::PayoutKind;

#[derive(Default)]
struct Statement {
    lines: i64,
    for_orders: i64,
    other: i64,
    transferred: i64,
    head: Head,
}

#[derive(Default, Clone, Copy)]
struct Head {
    paid_on: Option<i32>,
    from: Option<i32>,
    to: Option<i32>,
    total: Option<i64>,
}

impl Statement {
    fn sum(&self) -> i64 {
        self.for_orders.saturating_add(self.other)
    }
}

/// Account, statement, currency.
type Key = (String, String, String);

/// The sheet.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let mut found = sums(desk)?;
    add_heads(desk, &mut found)?;
    let head = |pick: fn(&Head) -> Option<i32>| found.values().map(move |statement| pick(&statement.head));
    let money = |pick: fn(&Statement) -> i64| found.values().map(move |statement| Some(pick(statement)));
    let table = Table::new(found.len())
        .texts(texts.say("column.account"), found.keys().map(|key| key.0.as_str()))
        .texts(texts.say("column.statement"), found.keys().map(|key| key.1.as_str()))
        .dates(texts.say("column.paid_on"), head(|head| head.paid_on))
        .dates(texts.say("column.from"), head(|head| head.from))
        .dates(texts.say("column.to"), head(|head| head.to))
        .ints(texts.say("column.lines"), found.values().map(|statement| Some(statement.lines)))
        .summed()
        .currency(texts.say("column.currency"), found.keys().map(|key| Some(key.2.as_str())).collect())
        .money(texts.say("column.for_orders"), money(|statement| statement.for_orders))
        .money(texts.say("column.other_lines"), money(|statement| statement.other))
        .money(texts.say("column.sum_of_lines"), money(Statement::sum))
        .money(texts.say("column.statement_total"), found.values().map(|statement| statement.head.total))
        .money(
            texts.say("column.difference"),
            found.values().map(|statement| Some(statement.sum().saturating_sub(statement.head.total?))),
        )
        .marked(MarkWhen::NotZero, Ink::Bad)
        .money(texts.say("column.transferred"), money(|statement| statement.transferred));
    Ok(Sheet::of(texts.say("sheet.statements"), vec![texts.say("statements.note").to_owned()], table)
        .with_legend(vec![(Ink::Bad, texts.say("legend.difference").to_owned())]))
}

fn sums(desk: &Desk<'_>) -> Result<BTreeMap<Key, Statement>, ReportError> {
    let fields = Fields(&desk.run.reconciled.payouts);
    let (accounts, ids) = (fields.text(payout_facts::account)?, fields.text(payout_facts::statement_id)?);
    let (currencies, kinds) = (fields.text(payout_facts::currency)?, fields.words::<PayoutKind>(payout_facts::kind)?);
    let (amounts, for_order) = (fields.int(payout_facts::amount)?, fields.flag(payout_facts::for_order)?);
    let mut found: BTreeMap<Key, Statement> = BTreeMap::new();
    for (row, kind) in kinds.iter().enumerate() {
        let text = |value: Option<&str>| value.unwrap_or("").to_owned();
        let statement =
            found.entry((text(accounts.get(row)), text(ids.get(row)), text(currencies.get(row)))).or_default();
        statement.lines += 1;
        let sum = if *kind == PayoutKind::Payout {
            &mut statement.transferred
        } else if is_set(&for_order, row) {
            &mut statement.for_orders
        } else {
            &mut statement.other
        };
        add_amount(sum, amounts.get(row).unwrap_or(0))?;
    }
    Ok(found)
}

/// Headers come with the lines, or as an export of their own.
fn add_heads(desk: &Desk<'_>, found: &mut BTreeMap<Key, Statement>) -> Result<(), ReportError> {
    let frames = &desk.run.ingested.frames;
    let lines = Fields(&frames.payout_lines);
    let heads = Fields(&frames.statements);
    let sources = [
        (
            lines.text(payout_lines::account)?,
            lines.text(payout_lines::statement_id)?,
            lines.text(payout_lines::currency)?,
            lines.date(payout_lines::paid_on)?,
            lines.date(payout_lines::period_from)?,
            lines.date(payout_lines::period_to)?,
            lines.int(payout_lines::total)?,
        ),
        (
            heads.text(statements::account)?,
            heads.text(statements::statement_id)?,
            heads.text(statements::currency)?,
            heads.date(statements::paid_on)?,
            heads.date(statements::period_from)?,
            heads.date(statements::period_to)?,
            heads.int(statements::total)?,
        ),
    ];
    for (accounts, ids, currencies, paid_on, from, to, totals) in sources {
        for row in 0..accounts.len() {
            let text = |value: Option<&str>| value.unwrap_or("").to_owned();
            let key = (text(accounts.get(row)), text(ids.get(row)), text(currencies.get(row)));
            if let Some(statement) = found.get_mut(&key) {
                let head = &mut statement.head;
                head.paid_on = head.paid_on.or(paid_on.get(row));
                head.from = head.from.or(from.get(row));
                head.to = head.to.or(to.get(row));
                head.total = head.total.or(totals.get(row));
            }
        }
    }
    Ok(())
}
