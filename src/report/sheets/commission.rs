//! Commission check: what the statements charged beside what the policy says, and the orders where the two differ.

use std::collections::BTreeMap;

use crate::frame::order_facts;
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::figures::add_amount;
use crate::report::sheet::{Block, Sheet};
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};

#[derive(Default)]
struct Sums {
    orders: i64,
    expected: i64,
    charged: i64,
    differing: i64,
}

/// An order with a commission line.
struct Charged {
    account: String,
    order_no: String,
    currency: String,
    expected: i64,
    charged: i64,
}

/// The sheet.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let Compared { sums, differing, without_rate } = compare(desk)?;
    let sum = |figure: fn(&Sums) -> i64| sums.values().map(move |sums| Some(figure(sums)));
    let accounts = Table::new(sums.len())
        .texts(texts.say("column.account"), sums.keys().map(|key| key.0.as_str()))
        .ints(texts.say("column.orders"), sum(|sums| sums.orders))
        .ints(texts.say("column.differing_orders"), sum(|sums| sums.differing))
        .marked(MarkWhen::NotZero, Ink::Warn)
        .currency(texts.say("column.currency"), sums.keys().map(|key| Some(key.1.as_str())).collect())
        .money(texts.say("column.commission_expected"), sum(|sums| sums.expected))
        .money(texts.say("column.commission_charged"), sum(|sums| sums.charged))
        .money(texts.say("column.difference"), sum(|sums| sums.charged.saturating_sub(sums.expected)));
    let orders = Table::new(differing.len())
        .texts(texts.say("column.account"), differing.iter().map(|order| order.account.as_str()))
        .texts(texts.say("column.order"), differing.iter().map(|order| order.order_no.as_str()))
        .texts("", differing.iter().map(|_| ""))
        .currency(texts.say("column.currency"), differing.iter().map(|order| Some(order.currency.as_str())).collect())
        .money(texts.say("column.commission_expected"), differing.iter().map(|order| Some(order.expected)))
        .money(texts.say("column.commission_charged"), differing.iter().map(|order| Some(order.charged)))
        .money(
            texts.say("column.difference"),
            differing.iter().map(|order| Some(order.charged.saturating_sub(order.expected))),
        );
    let mut notes = vec![texts.say("commission.note").to_owned()];
    notes.extend(reasons(desk, &sums, &without_rate));
    Ok(Sheet {
        name: texts.say("sheet.commission").to_owned(),
        title: texts.say("sheet.commission").to_owned(),
        notes,
        legend: Vec::new(),
        blocks: vec![
            Block::of(texts.say("commission.by_account"), accounts),
            Block::of(texts.say("commission.differing"), orders),
        ],
    })
}

type ByAccount = BTreeMap<(String, String), Sums>;

struct Compared {
    sums: ByAccount,
    differing: Vec<Charged>,
    /// Orders that were charged a commission of which no rate is known, by account.
    without_rate: BTreeMap<String, i64>,
}

/// Why an account is not among the compared ones, or not with all of its orders.
fn reasons(desk: &Desk<'_>, sums: &ByAccount, without_rate: &BTreeMap<String, i64>) -> Vec<String> {
    let texts = &desk.texts;
    let mut reasons = Vec::new();
    for figures in &desk.figures.accounts {
        let (coverage, account) = (&figures.coverage, figures.coverage.account.as_str());
        if let Some(orders) = without_rate.get(account) {
            let of = [("account", account), ("orders", &orders.to_string())];
            reasons.push(texts.fill("commission.no_rate", &of));
        } else if sums.keys().all(|(known, _)| known != account) && (coverage.orders || coverage.payouts) {
            let reason = match (coverage.orders, coverage.payouts) {
                (false, _) => "commission.no_orders",
                (_, false) => "commission.no_payouts",
                (true, true) => "commission.no_lines",
            };
            reasons.push(texts.fill(reason, &[("account", account)]));
        }
    }
    reasons
}

fn compare(desk: &Desk<'_>) -> Result<Compared, ReportError> {
    let fields = Fields(&desk.run.reconciled.orders);
    let (accounts, numbers) = (fields.text(order_facts::account)?, fields.text(order_facts::order_no)?);
    let currencies = fields.text(order_facts::currency)?;
    let (expected, charged) = (fields.int(order_facts::commission)?, fields.int(order_facts::commission_paid)?);
    let lines = fields.int(order_facts::commission_lines)?;
    let mut compared = Compared { sums: ByAccount::new(), differing: Vec::new(), without_rate: BTreeMap::new() };
    for row in (0..fields.height()).filter(|row| lines.at(*row).unwrap_or(0) > 0) {
        let Some(expected) = expected.at(row) else {
            *compared.without_rate.entry(accounts.at(row).to_owned()).or_default() += 1;
            continue;
        };
        let order = Charged {
            account: accounts.at(row).to_owned(),
            order_no: numbers.at(row).to_owned(),
            currency: currencies.at(row).to_owned(),
            expected,
            charged: charged.at(row).unwrap_or(0),
        };
        let sum = compared.sums.entry((order.account.clone(), order.currency.clone())).or_default();
        sum.orders += 1;
        add_amount(&mut sum.expected, order.expected)?;
        add_amount(&mut sum.charged, order.charged)?;
        if order.expected != order.charged {
            sum.differing += 1;
            compared.differing.push(order);
        }
    }
    Ok(compared)
}
