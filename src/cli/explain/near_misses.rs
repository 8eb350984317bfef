//! Rules that nearly fired on an order: all conditions but one hold.

use std::cell::RefCell;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::frame::column::Column;
use crate::frame::{
    cod_facts, document_facts, order_facts, payout_facts, read, shipment_facts, supplier_facts, transition_facts,
    word_facts,
};
use crate::pipeline::Account;
use crate::publish::archive::Archive;
use crate::rules::context::Context;
use crate::rules::evidence::text_of;
use crate::rules::rule::Rule;
use crate::rules::verdict::verdicts;
use crate::vocab::Subject;

/// A rule that nearly fired.
#[derive(PartialEq, Eq)]
pub(super) struct NearMiss {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    /// The first condition that failed.
    pub(super) failed: &'static str,
    /// The facts that it looked at, and their values.
    pub(super) facts: Vec<(Column, String)>,
}

/// What a rule makes of one row.
enum Judged {
    Fires,
    Nearly(NearMiss),
    Apart,
}

/// The rules that nearly fired on an order, in the order of the catalogue. A rule that fired on one of the order's rows did not nearly fire
/// on another: of ten changes of a status nine are always allowed.
pub(super) fn near_misses(
    archive: &Archive,
    accounts: &[Account],
    as_of: AsOf,
    key: &str,
    order_no: &str,
) -> PolarsResult<Vec<NearMiss>> {
    let mut found = Vec::new();
    for rule in archive.rules()? {
        let Some(column) = column_of(rule.subject) else { continue };
        let value = if column.name == order_facts::order_key.name { key } else { order_no };
        let rows = archive.rows_with(rule.subject.frame(), column, &[value])?;
        found.extend(of_rows(rule, &rows, accounts, as_of)?);
    }
    Ok(found)
}

/// What differs in nothing that the rule looked at is told once.
fn of_rows(rule: &'static Rule, rows: &DataFrame, accounts: &[Account], as_of: AsOf) -> PolarsResult<Vec<NearMiss>> {
    let mut found = Vec::new();
    for row in 0..rows.height() {
        match of_row(rule, &rows.slice(row as i64, 1), accounts, as_of)? {
            Judged::Fires => return Ok(Vec::new()),
            Judged::Nearly(near) if !found.contains(&near) => found.push(near),
            Judged::Nearly(_) | Judged::Apart => {}
        }
    }
    Ok(found)
}

/// The column that says which order a subject belongs to; `None` for subjects without an order.
fn column_of(subject: Subject) -> Option<Column> {
    match subject {
        Subject::Order | Subject::OrderAndNumber => Some(order_facts::order_key),
        Subject::Shipment => Some(shipment_facts::order_key),
        Subject::Transition => Some(transition_facts::order_key),
        Subject::PayoutLine => Some(payout_facts::order_key),
        Subject::Supplier | Subject::SupplierSale => Some(supplier_facts::order_key),
        Subject::Document => Some(document_facts::order_no),
        Subject::Word => Some(word_facts::order_no),
        Subject::Cash => Some(cod_facts::order_key),
        _ => None,
    }
}

fn of_row(rule: &'static Rule, row: &DataFrame, accounts: &[Account], as_of: AsOf) -> PolarsResult<Judged> {
    let name = read::texts(row, order_facts::account)?.at(0);
    let Some(account) = accounts.iter().find(|account| account.name == name) else { return Ok(Judged::Apart) };
    if !rule.concerns(Some(account)) {
        return Ok(Judged::Apart);
    }
    let missing = RefCell::new(Vec::new());
    let context = Context::new(rule.code, Some(account), account.policy(as_of.0).into(), as_of, &missing);
    let verdicts = verdicts(rule, &context, row)?;
    let mut failed = verdicts.iter().filter(|verdict| !verdict.holds[0]);
    let Some(first) = failed.next() else { return Ok(Judged::Fires) };
    // Of two conditions one always holds or nothing is near: that the order is not a test brings no rule near.
    if failed.next().is_some() || verdicts.len() < 3 {
        return Ok(Judged::Apart);
    }
    let value = |column: &Column| Ok((*column, text_of(row, 0, *column, &account.currency, account.timezone)?));
    Ok(Judged::Nearly(NearMiss {
        code: rule.code,
        title: rule.title(),
        failed: first.condition,
        facts: first.facts.iter().map(value).collect::<PolarsResult<_>>()?,
    }))
}
