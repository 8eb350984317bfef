//! Expected and actual payout per order: one sheet per account.

use std::collections::HashMap;
use std::fmt::Write as _;

use polars::prelude::{BooleanChunked, DataFrame, StringChunked};

use crate::base::zone::day_number;
use crate::frame::lineage::{Parts, row_of};
use crate::frame::{clawback_facts, order_facts, read};
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::figures::account::AccountFigures;
use crate::report::figures::standing::Standing;
use crate::report::sheet::Sheet;
use crate::report::table::{Cells, MarkWhen, Table};
use crate::report::{Desk, ReportError};

/// One sheet per account that has orders to settle.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Vec<Sheet>, ReportError> {
    let mut sheets = Vec::new();
    for account in &desk.figures.accounts {
        let orders = orders_of(&desk.run.reconciled.orders, &account.coverage.account)?;
        if orders.height() > 0 {
            sheets.push(sheet(desk, account, &orders)?);
        }
    }
    Ok(sheets)
}

/// Orders of the account that were paid, will be paid or may still be: not a test, and not cancelled without any money.
fn orders_of(facts: &DataFrame, account: &str) -> Result<DataFrame, ReportError> {
    let fields = Fields(facts);
    let (accounts, standing) = (fields.text(order_facts::account)?, Standing::read(fields)?);
    let (paid, payout_on) = (fields.int(order_facts::paid)?, fields.date(order_facts::due_on)?);
    let chosen: BooleanChunked = (0..fields.height())
        .map(|row| {
            let has_money = paid.at(row).is_some() || payout_on.at(row).is_some();
            accounts.at(row) == account && (has_money || standing.is_counted(row))
        })
        .collect();
    Ok(facts.filter(&chosen)?)
}

fn sheet(desk: &Desk<'_>, account: &AccountFigures, orders: &DataFrame) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let fields = Fields(orders);
    let as_of = day_number(desk.run.as_of);
    let rows = orders.height();
    let (cash, payout_on) = (fields.int(order_facts::cash_expected)?, fields.date(order_facts::due_on)?);
    let standing = Standing::read(fields)?;
    // Nothing is expected for an order that came back or got lost, unless its payout date was fixed before.
    let cash = |row: usize| cash.at(row).filter(|_| payout_on.at(row).is_some() || standing.may_be_paid(row));
    let paid = fields.int(order_facts::paid)?;
    let taken_back = taken_back(desk)?;
    let keys = fields.text(order_facts::order_key)?;
    let back = |row: usize, is_counted: &dyn Fn(Option<i32>) -> bool| {
        let clawbacks = taken_back.get(keys.at(row))?;
        Some(clawbacks.iter().filter(|(day, _)| is_counted(*day)).map(|(_, amount)| amount).sum::<i64>())
    };
    let ever = |row: usize| back(row, &|_| true);
    let until_as_of = |row: usize| back(row, &|day| day.is_some_and(|day| day <= as_of)).unwrap_or(0);
    let expected = |row: usize| Some(cash(row)?.saturating_add(ever(row).unwrap_or(0)));
    let due = |row: usize| {
        let first = payout_on.at(row).filter(|day| *day <= as_of).and_then(|_| cash(row))?;
        Some(first.saturating_add(until_as_of(row)))
    };
    let has_no_dates = account.settlement.values().any(|sums| sums.has_no_dates);
    let difference = |row: usize| match (due(row), paid.at(row)) {
        (None, None) => None,
        // Nothing is due yet; what is not computable is no zero.
        (None, Some(_)) if has_no_dates || cash(row).is_none() && standing.may_be_paid(row) => None,
        (due, paid) => Some(paid.unwrap_or(0).saturating_sub(due.unwrap_or(0))),
    };
    let mut table = Table::new(rows)
        .text(texts.say("column.order"), fields.text_cells(order_facts::order_no)?)
        .text(texts.say("column.status"), texts.words("status", &fields.text_cells(order_facts::status)?))
        .text(texts.say("column.shipping_method"), fields.text_cells(order_facts::shipping_method)?)
        .column(texts.say("column.delivered_on"), Cells::Date(fields.date_cells(order_facts::delivered_on)?))
        .column(texts.say("column.billing_on"), Cells::Date(fields.date_cells(order_facts::billing_on)?))
        .column(texts.say("column.payout_on"), Cells::Date(fields.date_cells(order_facts::payout_on)?))
        .currency(texts.say("column.currency"), fields.text_cells(order_facts::currency)?)
        .money(texts.say("column.expected"), (0..rows).map(expected))
        .money(texts.say("column.taken_back"), (0..rows).map(ever))
        .money(texts.say("column.expected_by_as_of"), (0..rows).map(due));
    if account.coverage.payouts {
        table = table
            .column(texts.say("column.paid"), Cells::Money(fields.int_cells(order_facts::paid)?, None))
            .summed()
            .money(texts.say("column.difference"), (0..rows).map(difference))
            .marked(MarkWhen::NotZero, Ink::Warn);
    }
    let table = table
        .text(texts.say("column.state"), texts.words("settlement", &fields.text_cells(order_facts::settlement_state)?))
        .text(texts.say("column.read_at"), places(&fields, &desk.run.ingested.parts)?);
    let mut notes = vec![texts.say("settlement.note").to_owned()];
    notes.extend(account.not_computable.iter().cloned());
    if !account.coverage.payouts {
        notes.push(texts.say("settlement.no_payouts").to_owned());
    }
    let mut sheet = Sheet::of(&account.coverage.account, notes, table)
        .with_legend(vec![(Ink::Warn, texts.say("legend.difference").to_owned())]);
    sheet.title = texts.fill("settlement.title", &[("account", &account.coverage.account)]);
    Ok(sheet)
}

/// Payout date and amount of what is taken back, by order.
type TakenBack<'run> = HashMap<&'run str, Vec<(Option<i32>, i64)>>;

/// What is taken back.
fn taken_back<'run>(desk: &Desk<'run>) -> Result<TakenBack<'run>, ReportError> {
    let clawbacks = &desk.run.reconciled.clawbacks;
    let keys = read::texts(clawbacks, clawback_facts::order_key)?;
    let days = read::days(clawbacks, clawback_facts::payout_on)?;
    let amounts = read::numbers(clawbacks, clawback_facts::amount)?;
    let mut by_order = TakenBack::new();
    for row in 0..keys.len() {
        by_order.entry(keys.at(row)).or_default().push((days.at(row), amounts.at(row).unwrap_or(0)));
    }
    Ok(by_order)
}

/// `file:row` of every order.
fn places(fields: &Fields<'_>, parts: &Parts) -> Result<StringChunked, ReportError> {
    let references = fields.row(order_facts::order_row)?;
    let heads: Vec<String> = parts
        .0
        .iter()
        .map(|part| match &part.sheet {
            Some(sheet) => format!("{}[{sheet}]:", part.path),
            None => format!("{}:", part.path),
        })
        .collect();
    let mut place = String::new();
    let mut places = polars::prelude::StringChunkedBuilder::new("".into(), fields.height());
    for row in 0..fields.height() {
        let head = references.at(row).and_then(|reference| heads.get((reference >> 32) as usize).zip(Some(reference)));
        match head {
            Some((head, reference)) => {
                place.clone_from(head);
                let _ = write!(place, "{}", row_of(reference));
                places.append_value(&place);
            }
            None => places.append_null(),
        }
    }
    Ok(places.finish())
}
