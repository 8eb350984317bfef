//! Rows whose order was not found: a bucket of their own in the control totals, and in complete accounts a finding for kinds that no other
//! rule judges (DQ-016, rulebook §16.26).

use std::collections::BTreeMap;

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::map::Set;
use crate::frame::build::FrameBuilder;
use crate::frame::canonical::CanonicalFrames;
use crate::frame::column::Column;
use crate::frame::kind::spec_of;
use crate::frame::{
    documents, order_events, order_lines, orders, payout_facts, read, shipments, shop_orders, supplier_facts,
    tracking_events, unmatched_facts as f,
};
use crate::ingest::{Counted, Ingested, PartTotals};
use crate::pipeline::{Pipeline, Source};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::control_totals::RowFacts;
use crate::reconcile::identifiers::DamagedNumbers;
use crate::reconcile::keys::OrderKeys;
use crate::reconcile::parents::Parents;
use crate::reconcile::shipments::AllParcels;
use crate::reconcile::unassigned::is_of_order;
use crate::vocab::Kind;

/// Kinds whose rows DQ-016 judges: the order keys, and the lineage.
const JUDGED: [(Kind, Column, Column); 4] = [
    (Kind::OrderLines, order_lines::order_key, order_lines::row),
    (Kind::OrderEvents, order_events::order_key, order_events::row),
    (Kind::Shipments, shipments::order_key, shipments::row),
    (Kind::Documents, documents::order_key, documents::row),
];

/// So many orders of a source have a row of facts each; more have one together.
const EACH: usize = 20;

/// Rows and control money whose order was not found, by part.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn totals(
    visible: &CanonicalFrames,
    all_orders: &DataFrame,
    known: &OrderKeys<'_>,
    parents: &Parents,
    facts: RowFacts<'_>,
    parcels: &AllParcels<'_>,
    has_lines: &[bool],
) -> PolarsResult<PartTotals> {
    let mut found: Vec<(Kind, DataFrame)> = Vec::new();
    let by_key = [(Kind::ShopOrders, shop_orders::order_key)];
    for (kind, key) in JUDGED.iter().map(|(kind, key, _)| (*kind, *key)).chain(by_key) {
        let frame = visible.of(kind);
        let keys = read::texts(frame, key)?;
        let lost = |row: usize| !keys.at(row).is_empty() && !is_known(keys.at(row), known, parents);
        found.extend(only(frame, lost)?.map(|rows| (kind, rows)));
    }
    let events = &visible.tracking_events;
    let lost = lost_events(events, parcels, all_orders)?;
    found.extend(only(events, |row| lost[row])?.map(|rows| (Kind::TrackingEvents, rows)));
    let (kinds, names_order) =
        (read::texts(facts.payouts, payout_facts::kind)?, read::flags(facts.payouts, payout_facts::names_order)?);
    let order_known = read::flags(facts.payouts, payout_facts::order_known)?;
    let lost = |row: usize| !order_known.at(row) && (names_order.at(row) || is_of_order(kinds.at(row)));
    let payouts = only(facts.payouts, lost)?;
    let linked = read::texts(facts.suppliers, supplier_facts::order_key)?;
    let suppliers = only(facts.suppliers, |row| linked.at(row).is_empty())?;
    let mut jobs: Vec<(Kind, Counted<'_>)> =
        found.iter().map(|(kind, rows)| (*kind, Counted::of_kind(*kind, rows))).collect();
    let of_facts =
        |frame, row: Column, amounts| Counted { frame, row: row.name, amounts, times: None, with_rows: true };
    if let Some(payouts) = &payouts {
        jobs.push((Kind::PayoutLines, of_facts(payouts, payout_facts::row, &[payout_facts::amount.name])));
    }
    if let Some(suppliers) = &suppliers {
        jobs.push((Kind::SupplierOrders, of_facts(suppliers, supplier_facts::row, &[supplier_facts::total.name])));
    }
    PartTotals::of(&jobs, has_lines)
}

/// The key of an order that was read, or of a parent.
fn is_known(key: &str, orders: &OrderKeys<'_>, parents: &Parents) -> bool {
    orders.is_read(key) || !parents.parts(key).is_empty()
}

/// The rows that a test picks; `None` without any, which is the rule.
fn only(frame: &DataFrame, is_picked: impl Fn(usize) -> bool) -> PolarsResult<Option<DataFrame>> {
    let picked: Vec<bool> = (0..frame.height()).map(is_picked).collect();
    if !picked.contains(&true) {
        return Ok(None);
    }
    frame.filter(&BooleanChunked::from_iter(picked)).map(Some)
}

/// Whether each event is of no order: neither its parcel belongs to one, nor is the order known that it names.
fn lost_events(events: &DataFrame, parcels: &AllParcels<'_>, all_orders: &DataFrame) -> PolarsResult<Vec<bool>> {
    let orders_named = read::texts(events, tracking_events::order_no)?;
    let mut named: Set<&str> = Set::default();
    if orders_named.iter().any(|number| !number.is_empty()) {
        named.extend(read::texts(all_orders, orders::order_no)?.iter());
    }
    let owned = parcels.owned_events(events.height());
    Ok(owned.into_iter().enumerate().map(|(row, owned)| !owned && !named.contains(orders_named.at(row))).collect())
}

/// Rows of one source, order number and currency.
#[derive(Debug, Clone, Default)]
struct LostRows {
    orders: i64,
    count: i64,
    /// `None` where the kind has no control amount.
    money: Option<i64>,
    first: Option<u64>,
}

impl LostRows {
    fn add(&mut self, other: &LostRows) {
        self.orders += other.orders;
        self.count += other.count;
        self.first = self.first.or(other.first);
        // A sum beyond 64 bits is not computable.
        self.money = match (self.money, other.money) {
            (Some(sum), Some(amount)) => sum.checked_add(amount),
            (known, None) | (None, known) => known,
        };
    }
}

/// Account, source, order number, currency.
type Key = (String, String, String, String);

/// The facts. Orders in quarantine, and those of a source that was left out, are not missing.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn unmatched_facts(
    visible: &CanonicalFrames,
    ingested: &Ingested,
    known: &OrderKeys<'_>,
    parents: &Parents,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let refused: Set<String> = ingested
        .quarantine
        .iter()
        .filter(|row| !row.order_no().is_empty())
        .map(|row| format!("{}/{}", row.of.account, row.order_no()))
        .collect();
    let damaged = DamagedNumbers::of(ingested);
    let mut found: BTreeMap<Key, LostRows> = BTreeMap::new();
    for (kind, key, lineage) in JUDGED {
        let frame = visible.of(kind);
        let keys = read::texts(frame, key)?;
        let is_missing = |key: &str| !key.is_empty() && !is_known(key, known, parents) && !refused.contains(key);
        let lost: Vec<usize> = (0..keys.len()).filter(|row| is_missing(keys.at(*row))).collect();
        // Most rows have their order, and amounts are read only for others.
        if lost.is_empty() {
            continue;
        }
        let rows = read::references(frame, lineage)?;
        let spec = spec_of(kind);
        let numbers = |name: &str| frame.column(name)?.i64().cloned();
        let control = spec.control.first().map(|name| numbers(name)).transpose()?;
        let times = if spec.control_times_qty { Some(numbers("qty")?) } else { None };
        let currencies = if control.is_some() { Some(frame.column("currency")?.str()?.clone()) } else { None };
        for row in lost {
            let (account, order_no) = keys.at(row).split_once('/').unwrap_or(("", keys.at(row)));
            if damaged.may_be(account, order_no) {
                continue;
            }
            let part = rows.at(row).and_then(|reference| ingested.parts.locate(reference));
            let Some((part, _)) = part.filter(|_| has_orders(account, ingested, accounts.pipeline())) else { continue };
            let written = currencies.as_ref().and_then(|codes| codes.get(row)).filter(|code| !code.is_empty());
            let currency = written.unwrap_or_else(|| accounts.currency(account));
            let factor = times.as_ref().map_or(1, |times| times.get(row).unwrap_or(0));
            let money = control.as_ref().and_then(|control| control.get(row)?.checked_mul(factor));
            let key = [account, &part.source, order_no, currency].map(str::to_owned);
            let sums = found.entry(key.into()).or_insert_with(|| LostRows { orders: 1, ..LostRows::default() });
            sums.add(&LostRows { orders: 0, count: 1, money, first: rows.at(row) });
        }
    }
    let found = gathered(found);
    let complete = |name: &str| accounts.get(name).is_some_and(|account| account.complete);
    let mut facts = FrameBuilder::new(&f::FRAME, found.len());
    facts
        .texts(f::account, found.keys().map(|key| &key.0))
        .texts(f::marketplace, found.keys().map(|key| accounts.marketplace(&key.0)))
        .texts(f::source, found.keys().map(|key| &key.1))
        .texts(f::key, found.keys().map(|key| &key.2))
        .numbers(f::orders, found.values().map(|rows| Some(rows.orders)))
        .numbers(f::count, found.values().map(|rows| Some(rows.count)))
        .numbers(f::money, found.values().map(|rows| rows.money))
        .texts(f::currency, found.keys().map(|key| &key.3))
        .flags(f::account_complete, found.keys().map(|key| complete(&key.0)))
        .texts(f::order_no, found.keys().map(|key| &key.2))
        .references(f::row, found.values().map(|rows| rows.first));
    facts.finish()
}

/// Whether the account has an export of orders, and all of them were read.
fn has_orders(account: &str, ingested: &Ingested, pipeline: &Pipeline) -> bool {
    let of_account = |source: &&Source| source.kind == Kind::Orders && source.account.as_deref() == Some(account);
    let mut sources = pipeline.sources.iter().map(AsRef::as_ref).filter(of_account).peekable();
    sources.peek().is_some() && sources.all(|source| !ingested.left_out.contains(&source.name))
}

/// Above [`EACH`] orders of a source one row for all, by currency.
fn gathered(found: BTreeMap<Key, LostRows>) -> BTreeMap<Key, LostRows> {
    let mut orders: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (account, source, ..) in found.keys() {
        *orders.entry((account, source)).or_default() += 1;
    }
    let mut rows: BTreeMap<Key, LostRows> = BTreeMap::new();
    for (key, sums) in &found {
        let (account, source, order_no, currency) = key;
        let stands_alone = orders[&(account.as_str(), source.as_str())] <= EACH;
        let order_no = if stands_alone { order_no.clone() } else { String::new() };
        rows.entry((account.clone(), source.clone(), order_no, currency.clone())).or_default().add(sums);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(orders: usize) -> BTreeMap<Key, LostRows> {
        let key = |nth: usize| ("m".into(), "lines".into(), format!("A{nth:02}"), "EUR".into());
        let rows = |nth: usize| LostRows { orders: 1, count: 2, money: Some(100), first: Some(nth as u64) };
        (0..orders).map(|nth| (key(nth), rows(nth))).collect()
    }

    #[test]
    fn above_twenty_orders_of_a_source_there_is_one_row() {
        assert_eq!(gathered(found(20)).len(), 20);
        let many = gathered(found(21));
        let all = many.values().next().unwrap();
        assert_eq!((many.len(), all.orders, all.count, all.money, all.first), (1, 21, 42, Some(2_100), Some(0)));
        assert_eq!(many.keys().next().unwrap().2, "");
    }
}
