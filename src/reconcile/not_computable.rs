//! Why billing dates or payouts of an account are not computable: told in `check`, on the first sheet and in `run.json`, where the figures
//! are null and never zero.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::lineage::Parts;
use crate::frame::{orders, read};
use crate::pipeline::{Account, Pipeline};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::order_lines::OrderValues;
use crate::reconcile::payment_day::EventDays;
use crate::reconcile::statements::without_orders;
use crate::vocab::{Kind, OrderStatus, Word};

/// Reasons by account; accounts without one are not in it.
pub type Reasons = BTreeMap<String, Vec<String>>;

/// No hold and no invoices by period: nothing says when an order is billed.
pub const NO_POLICY: &str = "billing not computable: no policy";

/// The hold counts from the receipt, and the export of orders has no day of it.
const NO_RECEIPT: &str = "billing not computable: the hold counts from the receipt, and no order has a `delivered_at` (bind it, or say `hold_from`)";

#[derive(Debug, Default)]
struct Lacking {
    orders: usize,
    rate: usize,
    vat: usize,
    mixed: usize,
    /// Orders that have arrived by their status, and those of them without a day of their receipt.
    arrived: usize,
    undated: usize,
    /// Orders whose export lacks a column that `hold_from` needs, and those columns.
    all: usize,
    unsaid: usize,
    unsaid_fields: BTreeSet<&'static str>,
}

/// The reasons of all accounts that have an export of orders.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn reasons(
    (orders_frame, payout_lines): (&DataFrame, &DataFrame),
    amounts: &OrderValues,
    parts: &Parts,
    accounts: &Accounts,
) -> PolarsResult<Reasons> {
    let mut lacking: BTreeMap<&str, Lacking> = BTreeMap::new();
    let names = read::texts(orders_frame, orders::account)?;
    let statuses = read::texts(orders_frame, orders::status)?;
    let delivered = read::days(orders_frame, orders::delivered_on)?;
    let (events, references) = (EventDays::read(orders_frame)?, read::references(orders_frame, orders::row)?);
    for (name, rows) in names.runs() {
        let known = lacking.entry(name).or_default();
        let account = accounts.get(name);
        let hold_from = account.and_then(|account| accounts.policy(account, None).entry.hold_from);
        for row in rows.clone() {
            known.all += 1;
            let part = references.at(row).and_then(|row| parts.locate(row)).map(|(part, _)| part);
            if let Some(field) = hold_from.and_then(|hold_from| events.unsaid(row, hold_from, part)) {
                known.unsaid += 1;
                known.unsaid_fields.insert(field);
            }
        }
        for row in rows.clone().filter(|row| statuses.at(*row) == OrderStatus::Delivered.text()) {
            known.arrived += 1;
            known.undated += usize::from(delivered.at(row).is_none());
        }
        let amounts = rows.map(|row| amounts.amounts(row, account, accounts));
        for amounts in amounts.filter(|amounts| amounts.goods.is_some() || amounts.is_mixed) {
            known.orders += 1;
            if amounts.is_mixed {
                known.mixed += 1;
                continue;
            }
            known.rate += usize::from(amounts.commission_ppm.is_none());
            known.vat += usize::from(amounts.commission_ppm.is_some() && amounts.commission.is_none());
        }
    }
    let without_orders = without_orders(payout_lines, parts)?;
    let mut reasons = Reasons::new();
    for account in accounts.pipeline().accounts.iter().filter(|account| sells(account, accounts.pipeline())) {
        let mut found = Vec::new();
        let known = lacking.get(account.name.as_str());
        let policy = accounts.policy(account, None);
        if !accounts.says_when(account) {
            found.push(NO_POLICY.to_owned());
        } else {
            let of_hold = if policy.entry.hold_from.is_some() { of_event } else { of_receipt };
            found.extend(known.and_then(of_hold));
            if account.calendar.is_none() && policy.entry.payout_days.is_some() {
                found.push("payout date not computable: no calendar".to_owned());
            }
        }
        if let Some(known) = known {
            found.extend(of_payout(known.rate, known.orders, "no commission rate"));
            found.extend(of_payout(known.vat, known.orders, "no VAT rate"));
            found.extend(of_payout(known.mixed, known.orders, "lines in another currency"));
        }
        if without_orders.contains(account.name.as_str()) {
            found
                .push("orders not judged by what was paid: no payout line names an order (bind `order_no`)".to_owned());
        }
        if !found.is_empty() {
            reasons.insert(account.name.clone(), found);
        }
    }
    Ok(reasons)
}

fn of_receipt(known: &Lacking) -> Option<String> {
    match (known.undated, known.arrived) {
        (0, _) => None,
        (all, arrived) if all == arrived => Some(NO_RECEIPT.to_owned()),
        (some, arrived) => {
            Some(format!("billing not computable for {some} of {arrived} delivered orders: no day of receipt"))
        }
    }
}

fn of_event(known: &Lacking) -> Option<String> {
    let fields: Vec<String> = known.unsaid_fields.iter().map(|field| format!("`{field}`")).collect();
    let scope = match (known.unsaid, known.all) {
        (0, _) => return None,
        (all, orders) if all == orders => String::new(),
        (some, orders) => format!(" for {some} of {orders} orders"),
    };
    Some(format!(
        "billing not computable{scope}: `hold_from` needs {}; bind it, or name another event",
        fields.join(" and ")
    ))
}

/// Whether a reason is why an account has no figure at all: one that concerns some of its orders says how many.
pub fn is_of_all(reason: &str) -> bool {
    reason.contains(" not computable:")
}

fn of_payout(lacking: usize, orders: usize, why: &str) -> Option<String> {
    match lacking {
        0 => None,
        all if all == orders => Some(format!("payout not computable: {why}")),
        some => Some(format!("payout not computable for {some} of {orders} orders: {why}")),
    }
}

/// The account has an export of orders: a supplier has none.
fn sells(account: &Account, pipeline: &Pipeline) -> bool {
    let mut sources = pipeline.sources.iter();
    sources.any(|source| source.kind == Kind::Orders && source.account.as_ref() == Some(&account.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_orders_and_all_orders() {
        assert_eq!(of_payout(0, 3, "no commission rate"), None);
        assert_eq!(of_payout(3, 3, "no commission rate").unwrap(), "payout not computable: no commission rate");
        let some = of_payout(1, 3, "no commission rate").unwrap();
        assert_eq!(some, "payout not computable for 1 of 3 orders: no commission rate");
    }
}
