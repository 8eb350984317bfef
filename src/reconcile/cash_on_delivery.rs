//! Cash on delivery, three sides: what the order owes, what the carrier says it collected, what its remittances hold (CD-001 to CD-004).
//!
//! A remittance's row belongs to the order that it names, else to the order of its parcel, by whichever of its numbers (§16.9). Amounts of
//! another currency than the order's are not compared (§16.3): nothing is told there. A row of 0 is the carrier's record that nothing was
//! collected.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::lineage::Parts;
use crate::frame::{cod_facts as f, cod_remittances as r, order_facts as o, read, tracking_events as t};
use crate::ingest::{Ingested, QuarantinedRow};
use crate::pipeline::Account;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::carrier_outcome::Coverage;
use crate::reconcile::keys::OrderKeys;
use crate::reconcile::parcel_numbers::ParcelNumbers;
use crate::reconcile::shipments::Parcel;
use crate::vocab::{CarrierOutcome, Kind, Payment, RemittanceKind, TrackingCode, Word};

/// What the events of one parcel say of its cash.
#[derive(Debug, Clone, Copy, Default)]
struct Collected<'run> {
    /// The last event that says an amount.
    amount: Option<CashEvent<'run>>,
    /// An event says that the cash was sent.
    sent: bool,
    /// The file of a delivery has a column of amounts.
    told: bool,
}

/// An amount of cash that an event says.
#[derive(Debug, Clone, Copy)]
struct CashEvent<'run> {
    /// Minor units.
    amount: i64,
    currency: &'run str,
    /// When, milliseconds UTC.
    at: Option<i64>,
    row: u64,
}

impl<'run> Collected<'run> {
    /// Takes an amount. A later row that says nothing, or nothing more, takes nothing back.
    fn take(&mut self, told: CashEvent<'run>) {
        let tells_more = |known: CashEvent| told.amount != 0 && (known.amount == 0 || known.at <= told.at);
        if self.amount.is_none_or(tells_more) {
            self.amount = Some(told);
        }
    }
}

/// The events of every parcel that say anything of cash, by the number that stands for it.
fn collected<'run>(
    events: &'run DataFrame,
    parcel_numbers: &'run ParcelNumbers,
    parts: &Parts,
) -> PolarsResult<Map<&'run str, Collected<'run>>> {
    let numbers = read::texts(events, t::tracking_number)?;
    let codes = read::texts(events, t::code)?;
    let amounts = read::numbers(events, t::cod_amount)?;
    let currencies = read::texts(events, t::currency)?;
    let at = read::instants(events, t::at)?;
    let rows = read::references(events, t::row)?;
    let mut found: Map<&str, Collected> = Map::default();
    for row in 0..numbers.len() {
        let Some(reference) = rows.at(row) else { continue };
        let told = codes.at(row) == TrackingCode::Delivered.text()
            && parts.locate(reference).is_some_and(|(part, _)| part.says(t::cod_amount));
        let sent = codes.at(row) == TrackingCode::CodPaid.text();
        let amount = amounts.at(row);
        if told || sent || amount.is_some() {
            let known = found.entry(parcel_numbers.parcel(numbers.at(row))).or_default();
            known.told |= told;
            known.sent |= sent;
            if let Some(amount) = amount {
                known.take(CashEvent { amount, currency: currencies.at(row), at: at.at(row), row: reference });
            }
        }
    }
    Ok(found)
}

/// The cash rows of remittances for one order, or for one parcel of nobody.
#[derive(Debug, Clone, Default)]
struct Remitted<'run> {
    /// Amount by currency.
    sums: BTreeMap<&'run str, i64>,
    rows: i64,
    first: Option<u64>,
    carrier: &'run str,
    /// A row of 0, and the outcome of the parcel that a row says.
    nothing: Option<u64>,
    outcome: Option<(CarrierOutcome, u64)>,
}

impl<'run> Remitted<'run> {
    fn take(&mut self, amount: i64, currency: &'run str, row: Option<u64>) {
        if amount == 0 {
            self.nothing = self.nothing.or(row);
            return;
        }
        *self.sums.entry(currency).or_default() += amount;
        self.rows += 1;
        self.first = self.first.or(row);
    }

    /// Cash was sent in another currency than this one: nobody can say how much of the order's it is.
    fn is_of_another(&self, currency: &str) -> bool {
        self.sums.iter().any(|(other, sum)| *other != currency && *sum != 0)
    }
}

/// Account, order number and tracking number as a remittance's row names them.
type Named<'run> = (&'run str, &'run str, &'run str);

/// Remittances by order, those of nobody, and the last day of each account and carrier.
#[derive(Debug, Default)]
struct Remittances<'run> {
    of_orders: BTreeMap<usize, Remitted<'run>>,
    of_nobody: BTreeMap<Named<'run>, Remitted<'run>>,
    last: BTreeMap<(&'run str, &'run str), i32>,
}

fn remittances<'run>(
    lines: &'run DataFrame,
    order_keys: &OrderKeys<'_>,
    parcels: &[Parcel<'run>],
    parcel_numbers: &ParcelNumbers,
) -> PolarsResult<Remittances<'run>> {
    let mut found = Remittances::default();
    let accounts = read::texts(lines, r::account)?;
    if accounts.is_empty() {
        return Ok(found);
    }
    let mut order_of_parcel: Map<&str, Option<usize>> = Map::default();
    let mut carrier_of_parcel: Map<&str, &str> = Map::default();
    for parcel in parcels.iter().filter(|parcel| parcel.order.is_some()) {
        carrier_of_parcel.insert(parcel.key, parcel.carrier);
        let known = order_of_parcel.entry(parcel.key).or_insert(parcel.order);
        // A number on two orders tells neither.
        *known = known.filter(|order| Some(*order) == parcel.order);
    }
    let carriers = read::texts(lines, r::carrier)?;
    let named_keys = read::texts(lines, r::order_key)?;
    let order_nos = read::texts(lines, r::order_no)?;
    let numbers = read::texts(lines, r::tracking_number)?;
    let currencies = read::texts(lines, r::currency)?;
    let kinds = read::texts(lines, r::kind)?;
    let amounts = read::numbers(lines, r::amount)?;
    let outcomes = read::texts(lines, r::outcome)?;
    let posted = read::days(lines, r::posted)?;
    let paid_on = read::days(lines, r::paid_on)?;
    let rows = read::references(lines, r::row)?;
    for row in 0..accounts.len() {
        let parcel = parcel_numbers.parcel(numbers.at(row));
        // A row that names no carrier is of that of its parcel.
        let carrier = Some(carriers.at(row)).filter(|carrier| !carrier.is_empty());
        let carrier = carrier.or_else(|| carrier_of_parcel.get(parcel).copied()).unwrap_or("");
        if let Some(day) = paid_on.at(row).or(posted.at(row)) {
            let last = found.last.entry((accounts.at(row), carrier)).or_insert(day);
            *last = day.max(*last);
        }
        if kinds.at(row) != RemittanceKind::Cash.text() {
            continue;
        }
        let order = order_keys.row(named_keys.at(row));
        let order = order.or_else(|| order_of_parcel.get(parcel).copied().flatten());
        let place = match order {
            Some(order) => found.of_orders.entry(order).or_default(),
            None => found.of_nobody.entry((accounts.at(row), order_nos.at(row), numbers.at(row))).or_default(),
        };
        place.take(amounts.at(row).unwrap_or(0), currencies.at(row), rows.at(row));
        place.carrier = carrier;
        let told = CarrierOutcome::of(outcomes.at(row)).filter(|outcome| *outcome != CarrierOutcome::None);
        place.outcome = told.zip(rows.at(row)).or(place.outcome);
    }
    Ok(found)
}

/// One row of the facts.
#[derive(Debug, Clone, Default)]
struct Cash<'run> {
    order: Option<usize>,
    account: &'run str,
    order_no: &'run str,
    number: &'run str,
    currency: &'run str,
    carrier: &'run str,
    parcels: i64,
    delivered_on: Option<i32>,
    to_collect: Option<i64>,
    collected: Option<i64>,
    collection_told: bool,
    collected_row: Option<u64>,
    sent_by_event: bool,
    rounding: i64,
    outcome: Option<CarrierOutcome>,
    /// The row of a remittance that says the outcome, where no event does.
    outcome_row: Option<u64>,
    remitted: Option<i64>,
    remitted_otherwise: bool,
    remittances: i64,
    remitted_row: Option<u64>,
    remit_due_on: Option<i32>,
    remittances_read: bool,
    remittance_covers: bool,
}

impl Cash<'_> {
    /// What was collected, by the carrier's events, else by the one row of a remittance where something was to be collected.
    fn told(&self) -> Option<i64> {
        self.collected.or_else(|| self.remitted.filter(|_| self.remittances == 1 && self.to_collect > Some(0)))
    }

    fn difference(&self) -> Option<i64> {
        Some(self.told()? - self.to_collect?)
    }

    /// What must have been sent, less what was. Where a remittance alone tells what was collected, CD-001 says what is missing.
    fn outstanding(&self) -> Option<i64> {
        match (self.collected, self.remitted.unwrap_or(0)) {
            (Some(collected), remitted) => Some(collected - remitted),
            (None, 0) => self.to_collect,
            (None, _) => None,
        }
    }

    /// What was sent beyond what was collected: all of it where no order is known, and beyond what was to be collected where only a second
    /// row, or nothing to collect, shows that it is too much.
    fn remitted_over(&self) -> Option<i64> {
        let remitted = self.remitted?;
        match (self.order, self.collected, self.to_collect) {
            (None, ..) => Some(remitted),
            (Some(_), Some(collected), _) => Some(remitted - collected),
            (Some(_), None, Some(to_collect)) if self.remittances > 1 || to_collect == 0 => Some(remitted - to_collect),
            _ => None,
        }
    }
}

/// The facts; `orders` are the order facts, row for row those that parcels name.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn cod_facts(
    (orders, order_keys): (&DataFrame, &OrderKeys<'_>),
    (parcels, parcel_numbers): (&[Parcel], &ParcelNumbers),
    events: &DataFrame,
    lines: &DataFrame,
    coverage: &Coverage,
    ingested: &Ingested,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let payments = read::texts(orders, o::payment)?;
    let owed = read::numbers(orders, o::cod_amount)?;
    let collected = collected(events, parcel_numbers, &ingested.parts)?;
    let remittances = remittances(lines, order_keys, parcels, parcel_numbers)?;
    let is_cash = |order: usize| {
        payments.at(order) == Payment::Cod.text()
            || owed.at(order).is_some_and(|amount| amount != 0)
            || remittances.of_orders.contains_key(&order)
    };
    let mut of_order: BTreeMap<usize, Vec<&Parcel>> =
        (0..orders.height()).filter(|order| is_cash(*order)).map(|order| (order, Vec::new())).collect();
    for parcel in parcels {
        let Some(order) = parcel.order else { continue };
        let collects =
            || collected.get(parcel.key).is_some_and(|cash| cash.amount.is_some_and(|told| told.amount != 0));
        if of_order.contains_key(&order) || collects() {
            of_order.entry(order).or_default().push(parcel);
        }
    }
    let shared = shared_parcels(parcels);
    let unread = accounts_with_unread_orders(ingested, accounts);
    let refused = refused_numbers(ingested);
    let sides = Sides {
        orders,
        collected: &collected,
        remittances: &remittances,
        shared: &shared,
        unread,
        refused,
        coverage,
        accounts,
    };
    let mut found = sides.of_orders(&of_order)?;
    found.extend(sides.of_nobody());
    sides.facts(&found)
}

/// Parcels that stand on several orders: the cash of such a parcel is nobody's alone.
fn shared_parcels<'run>(parcels: &[Parcel<'run>]) -> Set<&'run str> {
    let mut first: Map<&str, Option<usize>> = Map::default();
    let owned = parcels.iter().filter(|parcel| parcel.order.is_some());
    owned
        .filter(|parcel| *first.entry(parcel.key).or_insert(parcel.order) != parcel.order)
        .map(|parcel| parcel.key)
        .collect()
}

/// Accounts of which some order was not read that cannot be told: a row of a remittance may belong to it. A refused row that says its
/// number and its parcel is another order than the one that a remittance names.
fn accounts_with_unread_orders<'pipeline>(ingested: &Ingested, accounts: &Accounts<'pipeline>) -> Set<&'pipeline str> {
    let orders = accounts.pipeline().sources.iter().filter(|source| source.kind == Kind::Orders);
    let is_untold = |row: &QuarantinedRow| row.order_no().is_empty() || row.tracking_number().is_empty();
    let is_refused = |name: &String| {
        ingested.left_out.contains(name)
            || ingested.quarantine.iter().any(|row| *row.of.source == **name && is_untold(row))
    };
    orders.filter(|source| is_refused(&source.name)).filter_map(|source| source.account.as_deref()).collect()
}

/// The numbers of orders and parcels that refused rows of an account say.
fn refused_numbers(ingested: &Ingested) -> Set<(&str, &str)> {
    ingested
        .quarantine
        .iter()
        .flat_map(|row| [(&*row.of.account, row.order_no()), (&*row.of.account, row.tracking_number())])
        .filter(|(_, number)| !number.is_empty())
        .collect()
}

struct Sides<'run, 'all, 'accounts> {
    orders: &'run DataFrame,
    collected: &'all Map<&'run str, Collected<'run>>,
    remittances: &'all Remittances<'run>,
    shared: &'all Set<&'run str>,
    unread: Set<&'all str>,
    refused: Set<(&'all str, &'all str)>,
    coverage: &'all Coverage,
    accounts: &'all Accounts<'accounts>,
}

impl<'run, 'accounts> Sides<'run, '_, 'accounts> {
    fn of_orders(&self, of_order: &BTreeMap<usize, Vec<&Parcel<'run>>>) -> PolarsResult<Vec<Cash<'run>>> {
        let names = read::texts(self.orders, o::account)?;
        let order_nos = read::texts(self.orders, o::order_no)?;
        let currencies = read::texts(self.orders, o::currency)?;
        let carriers = read::texts(self.orders, o::carrier)?;
        let payments = read::texts(self.orders, o::payment)?;
        let owed = read::numbers(self.orders, o::cod_amount)?;
        let outcomes = read::texts(self.orders, o::carrier_outcome)?;
        let by_carrier = read::days(self.orders, o::carrier_delivered_on)?;
        let by_marketplace = read::days(self.orders, o::delivered_on)?;
        let none = Remitted::default();
        let mut found = Vec::with_capacity(of_order.len());
        for (order, parcels) in of_order {
            let (order, currency) = (*order, currencies.at(*order));
            let Some(account) = self.accounts.get(names.at(order)) else { continue };
            let outcome = CarrierOutcome::of(outcomes.at(order)).unwrap_or(CarrierOutcome::None);
            let remitted = self.remittances.of_orders.get(&order).unwrap_or(&none);
            let carrier = carrier_of(parcels).unwrap_or(carriers.at(order));
            let delivered_on = match outcome {
                CarrierOutcome::None if self.coverage.of(carrier, account.name.as_str()).is_some() => None,
                CarrierOutcome::None => by_marketplace.at(order),
                _ => by_carrier.at(order),
            };
            // Where no event tells, the row of a remittance says what became of its one parcel.
            let told = remitted.outcome.filter(|_| outcome == CarrierOutcome::None && parcels.len() <= 1);
            let outcome = told.map_or(outcome, |(outcome, _)| outcome);
            let mut cash = Cash {
                order: Some(order),
                account: names.at(order),
                order_no: order_nos.at(order),
                number: if let [parcel] = parcels.as_slice() { parcel.number } else { "" },
                currency,
                carrier,
                parcels: parcels.len() as i64,
                delivered_on,
                to_collect: to_collect(Payment::of(payments.at(order)), owed.at(order), outcome),
                outcome: Some(outcome),
                outcome_row: told.map(|(_, row)| row),
                remitted: remitted.sums.get(currency).copied(),
                remitted_otherwise: remitted.is_of_another(currency),
                remittances: remitted.rows,
                remitted_row: remitted.first,
                ..Cash::default()
            };
            if !self.take_events(&mut cash, parcels) && remitted.rows == 0 && parcels.len() <= 1 {
                cash.collected = remitted.nothing.map(|_| 0);
                cash.collected_row = remitted.nothing;
                cash.collection_told |= remitted.nothing.is_some();
            }
            let days = self.accounts.policy(account, delivered_on).entry.cod_remit_days;
            let due = |(day, days)| self.accounts.working_days_after(account, date_of(day)?, days);
            cash.remit_due_on = delivered_on.zip(days).and_then(due).map(day_number);
            let last = self.remittances.last.get(&(cash.account, carrier)).filter(|_| !carrier.is_empty());
            cash.remittances_read = last.is_some();
            cash.remittance_covers = last.zip(delivered_on).is_some_and(|(last, delivered)| *last >= delivered);
            let rounded = cash.told().or(cash.remitted);
            cash.rounding = rounded.map_or(0, |amount| self.rounding(account, delivered_on, currency, amount));
            found.push(cash);
        }
        Ok(found)
    }

    /// Takes what the events of the parcels say, and whether they say an amount.
    fn take_events(&self, cash: &mut Cash<'run>, parcels: &[&Parcel<'run>]) -> bool {
        let known = || parcels.iter().filter_map(|parcel| self.collected.get(parcel.key));
        let has_shared = parcels.iter().any(|parcel| self.shared.contains(parcel.key));
        let amounts = || known().filter_map(|known| known.amount);
        let is_comparable = !has_shared && amounts().all(|told| told.currency == cash.currency);
        cash.sent_by_event = known().any(|known| known.sent);
        if is_comparable {
            cash.collection_told = known().any(|known| known.told);
            cash.collected = amounts().map(|told| told.amount).reduce(|sum, amount| sum + amount);
            cash.collected_row = amounts().map(|told| told.row).min();
        }
        amounts().next().is_some()
    }

    /// Half of the unit to which cash is rounded, where the amount is a multiple of it; 0 otherwise.
    fn rounding(&self, account: &'accounts Account, day: Option<i32>, currency: &str, amount: i64) -> i64 {
        let policy = self.accounts.policy(account, day);
        let unit = policy.entry.cod_rounding.get(currency).copied().unwrap_or(0);
        if unit > 0 && amount % unit == 0 { unit / 2 } else { 0 }
    }

    /// Rows of remittances for which no order is known. Orders that are missing in an export, or were not read, say nothing of them.
    fn of_nobody(&self) -> Vec<Cash<'run>> {
        let knows_all =
            |name: &str| !self.unread.contains(name) && self.accounts.get(name).is_some_and(|account| account.complete);
        let mut found = Vec::new();
        let is_refused = |account: &str, number: &str| self.refused.contains(&(account, number));
        for ((account, order_no, number), remitted) in &self.remittances.of_nobody {
            if is_refused(account, order_no) || is_refused(account, number) {
                continue;
            }
            for (currency, sum) in remitted.sums.iter().filter(|_| knows_all(account)) {
                found.push(Cash {
                    account,
                    order_no,
                    number,
                    currency,
                    carrier: remitted.carrier,
                    remitted: Some(*sum),
                    remittances: remitted.rows,
                    remitted_row: remitted.first,
                    ..Cash::default()
                });
            }
        }
        found
    }

    fn facts(&self, found: &[Cash<'run>]) -> PolarsResult<DataFrame> {
        let keys = read::texts(self.orders, o::order_key)?;
        let tests = read::flags(self.orders, o::test)?;
        let payments = read::texts(self.orders, o::payment)?;
        let owed = read::numbers(self.orders, o::cod_amount)?;
        let rows = read::references(self.orders, o::order_row)?;
        let outcome_rows = read::references(self.orders, o::outcome_row)?;
        let delivered_rows = read::references(self.orders, o::delivered_row)?;
        let text = |texts: &read::Texts<'run>, otherwise: &'static str| {
            found.iter().map(|cash| cash.order.map_or(otherwise, |order| texts.at(order))).collect::<Vec<&str>>()
        };
        let row =
            |rows: &read::References<'run>| found.iter().map(|cash| rows.at(cash.order?)).collect::<Vec<Option<u64>>>();
        let mut facts = FrameBuilder::new(&f::FRAME, found.len());
        facts
            .texts(f::account, found.iter().map(|cash| cash.account))
            .texts(f::marketplace, found.iter().map(|cash| self.accounts.marketplace(cash.account)))
            .texts(f::order_key, text(&keys, ""))
            .texts(f::order_no, found.iter().map(|cash| cash.order_no))
            .texts(f::tracking_number, found.iter().map(|cash| cash.number))
            .texts(f::currency, found.iter().map(|cash| cash.currency))
            .texts(f::carrier, found.iter().map(|cash| cash.carrier))
            .flags(f::test, found.iter().map(|cash| cash.order.is_some_and(|order| tests.at(order))))
            .texts(f::payment, text(&payments, Payment::Unknown.text()))
            .numbers(f::parcels, found.iter().map(|cash| Some(cash.parcels)))
            .numbers(f::owed, found.iter().map(|cash| owed.at(cash.order?)))
            .texts(f::outcome, found.iter().map(|cash| cash.outcome.unwrap_or(CarrierOutcome::None).text()))
            .days(f::delivered_on, found.iter().map(|cash| cash.delivered_on))
            .numbers(f::to_collect, found.iter().map(|cash| cash.to_collect))
            .numbers(f::collected, found.iter().map(|cash| cash.collected))
            .flags(f::collection_told, found.iter().map(|cash| cash.collection_told))
            .numbers(f::told, found.iter().map(Cash::told))
            .numbers(f::difference, found.iter().map(Cash::difference))
            .numbers(f::rounding, found.iter().map(|cash| Some(cash.rounding)))
            .numbers(f::remitted, found.iter().map(|cash| cash.remitted))
            .flags(f::remitted_otherwise, found.iter().map(|cash| cash.remitted_otherwise))
            .numbers(f::remittances, found.iter().map(|cash| Some(cash.remittances)))
            .flags(f::sent_by_event, found.iter().map(|cash| cash.sent_by_event))
            .days(f::remit_due_on, found.iter().map(|cash| cash.remit_due_on))
            .flags(f::remittances_read, found.iter().map(|cash| cash.remittances_read))
            .flags(f::remittance_covers, found.iter().map(|cash| cash.remittance_covers))
            .numbers(f::outstanding, found.iter().map(Cash::outstanding))
            .numbers(f::remitted_over, found.iter().map(Cash::remitted_over))
            .references(f::order_row, row(&rows))
            .references(
                f::outcome_row,
                found.iter().map(|cash| cash.outcome_row.or_else(|| outcome_rows.at(cash.order?))),
            )
            .references(f::delivered_row, row(&delivered_rows))
            .references(f::collected_row, found.iter().map(|cash| cash.collected_row))
            .references(f::remitted_row, found.iter().map(|cash| cash.remitted_row));
        facts.finish()
    }
}

/// Cash that should have been collected: nothing of an order that is paid before, and nothing of a parcel that came back.
fn to_collect(payment: Option<Payment>, owed: Option<i64>, outcome: CarrierOutcome) -> Option<i64> {
    use CarrierOutcome as C;
    match (payment, outcome) {
        (Some(Payment::Prepaid), _) | (_, C::Returned | C::Lost | C::Cancelled) => Some(0),
        (_, C::Mixed) => None,
        _ => owed,
    }
}

/// The carrier of all parcels of an order; `None` where they differ or none is known.
fn carrier_of<'run>(parcels: &[&Parcel<'run>]) -> Option<&'run str> {
    let first = parcels.first()?.carrier;
    (!first.is_empty() && parcels.iter().all(|parcel| parcel.carrier == first)).then_some(first)
}
