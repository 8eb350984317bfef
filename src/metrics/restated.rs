//! Figures of a closed past that tonight differs from what the previous publication showed (DQ-015, §16.11): day × shipping, what a statement
//! paid, the rates of calendar months. A day or month that was not over at the as-of date of that publication may still change.
//!
//! Exports are windows of time that roll on: a day or month that an order touched which left the window is not compared. Neither is a day
//! before the first one that was shown, nor an account of which a source was not read tonight.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use polars::prelude::{DataFrame, PolarsError, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::money;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::column::{Column, Frame};
use crate::frame::{
    metric_facts as m, moved_rows as r, order_facts as o, payout_facts as p, postage_day_facts as d, read,
    restated_facts as f, statement_facts as s,
};
use crate::ingest::Ingested;
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::vocab::{Window, Word};

/// Reads columns of a frame.
type ReadColumns<'run, E> = &'run dyn Fn(&Frame, &[Column]) -> Result<DataFrame, E>;

/// The previous publication, read frame by frame.
pub struct Shown<'run, E> {
    /// Its as-of day.
    pub as_of: NaiveDate,
    /// Reads columns of one of its frames.
    pub read: ReadColumns<'run, E>,
}

/// What tonight says.
#[derive(Clone, Copy)]
pub struct TonightFigures<'run> {
    /// The pipeline.
    pub pipeline: &'run Pipeline,
    /// What was read.
    pub ingested: &'run Ingested,
    /// The facts.
    pub reconciled: &'run Reconciled,
    /// The metrics.
    pub metrics: &'run Metrics,
}

/// Account, day, metric or empty, statement, currency. Lines without a statement stand for one without a number.
type Key = (String, i32, String, Option<String>, String);

/// A figure that differs.
#[derive(Debug, Default)]
struct Restated {
    before: Vec<String>,
    now: Vec<String>,
    difference: Option<i64>,
    moved: Vec<Moved>,
}

/// An order or a payout line that is not as it was.
#[derive(Debug, Clone)]
struct Moved {
    key: String,
    order_no: String,
    row: Option<u64>,
    /// Fields of the row that are not as they were.
    fields: String,
    is_quarantined: bool,
}

/// So many of them are named.
const NAMED: usize = 20;

/// No figure and no row, for a run without a previous publication.
///
/// # Errors
/// A bug of ours.
pub fn none() -> PolarsResult<(DataFrame, DataFrame)> {
    Ok((FrameBuilder::new(&f::FRAME, 0).finish()?, FrameBuilder::new(&r::FRAME, 0).finish()?))
}

/// The figures that differ, and the rows of tonight that moved them.
///
/// # Errors
/// The previous publication cannot be read, or a frame lacks a declared column.
pub fn restated<E: From<PolarsError>>(
    shown: &Shown<'_, E>,
    tonight: TonightFigures<'_>,
) -> Result<(DataFrame, DataFrame), E> {
    let closed = day_number(shown.as_of);
    let mut found = BTreeMap::new();
    compare_days(&mut found, &(shown.read)(&d::FRAME, &DAY_COLUMNS)?, &tonight.reconciled.postage_days, closed)?;
    let statements = [s::account, s::statement_id, s::currency, s::paid_from, s::sum];
    compare_statements(&mut found, &(shown.read)(&s::FRAME, &statements)?, &tonight.reconciled.statements, closed)?;
    let metrics = [m::account, m::metric, m::window, m::from, m::to, m::computable, m::numerator, m::denominator];
    compare_months(&mut found, &(shown.read)(&m::FRAME, &metrics)?, &tonight.metrics.facts, closed)?;
    let left_out = left_out(tonight);
    found.retain(|key, _| !left_out.contains(key.0.as_str()));
    if found.keys().any(|key| key.3.is_none()) {
        let before = (shown.read)(&o::FRAME, &ORDER_COLUMNS)?;
        name_orders(&mut found, &before, tonight)?;
    }
    if found.keys().any(|key| key.3.is_some()) {
        let lines = [p::account, p::statement_id, p::order_no, p::currency, p::kind, p::amount, p::paid_on];
        name_lines(&mut found, &(shown.read)(&p::FRAME, &lines)?, &tonight.reconciled.payouts)?;
    }
    Ok((frame(&found, tonight.pipeline)?, moved_rows(&found)?))
}

/// Accounts with a source that was not read and should have been: one that may be absent moves no figure by its absence.
fn left_out<'run>(tonight: TonightFigures<'run>) -> BTreeSet<&'run str> {
    let sources = tonight.pipeline.sources.iter().filter(|source| tonight.ingested.left_out.contains(&source.name));
    let sources = sources.filter(|source| !source.may_be_absent());
    sources.filter_map(|source| source.account.as_deref()).collect()
}

type Found = BTreeMap<Key, Restated>;

// ---- day × shipping -----------------------------------------------------------------------------------------------------------------

/// The figures of a day that are compared: counts first, then amounts.
const FIGURES: [Column; 6] =
    [d::orders_paid, d::orders_cancelled, d::goods_paid, d::postage_paid, d::goods_cancelled, d::postage_cancelled];
const COUNTS: usize = 2;

const DAY_COLUMNS: [Column; 11] = [
    d::account,
    d::day,
    d::is_total,
    d::method,
    d::currency,
    FIGURES[0],
    FIGURES[1],
    FIGURES[2],
    FIGURES[3],
    FIGURES[4],
    FIGURES[5],
];

/// Account, day, currency, method.
type DayKey<'run> = (&'run str, i32, &'run str, &'run str);

fn days_of(frame: &DataFrame) -> PolarsResult<BTreeMap<DayKey<'_>, [i64; 6]>> {
    let (accounts, days) = (read::texts(frame, d::account)?, read::days(frame, d::day)?);
    let (methods, currencies) = (read::texts(frame, d::method)?, read::texts(frame, d::currency)?);
    let totals = read::flags(frame, d::is_total)?;
    let figures: Vec<read::Numbers<'_>> =
        FIGURES.iter().map(|column| read::numbers(frame, *column)).collect::<PolarsResult<_>>()?;
    let mut found = BTreeMap::new();
    for row in 0..frame.height() {
        let Some(day) = days.at(row).filter(|_| !totals.at(row)) else { continue };
        let of_row = std::array::from_fn(|place| figures[place].at(row).unwrap_or(0));
        found.insert((accounts.at(row), day, currencies.at(row), methods.at(row)), of_row);
    }
    Ok(found)
}

fn compare_days(found: &mut Found, before: &DataFrame, now: &DataFrame, closed: i32) -> PolarsResult<()> {
    let (before, now) = (days_of(before)?, days_of(now)?);
    let mut first: Map<&str, i32> = Map::default();
    for (account, day, ..) in before.keys() {
        first.entry(account).or_insert(*day);
    }
    let keys: BTreeSet<&DayKey<'_>> = before.keys().chain(now.keys()).collect();
    for key in keys {
        let (account, day, currency, method) = *key;
        let is_compared = day <= closed && first.get(account).is_some_and(|first| *first <= day);
        let (was, is) = (before.get(key).unwrap_or(&[0; 6]), now.get(key).unwrap_or(&[0; 6]));
        if !is_compared || was == is {
            continue;
        }
        let key = (account.to_owned(), day, String::new(), None, currency.to_owned());
        let restated = found.entry(key).or_default();
        for place in (0..FIGURES.len()).filter(|place| was[*place] != is[*place]) {
            let text = |figure: i64| {
                let name = FIGURES[place].name;
                let figure = if place < COUNTS { figure.to_string() } else { money::to_decimal(figure, currency) };
                format!("{method} {name} {figure}").trim().to_owned()
            };
            restated.before.push(text(was[place]));
            restated.now.push(text(is[place]));
            let difference = if place < COUNTS { 0 } else { was[place].saturating_sub(is[place]).saturating_abs() };
            restated.difference = Some(restated.difference.unwrap_or(0).saturating_add(difference));
        }
    }
    Ok(())
}

// ---- statements ---------------------------------------------------------------------------------------------------------------------

/// Account, statement, currency; of lines without a statement their day.
type StatementKey<'run> = (&'run str, &'run str, &'run str, Option<i32>);

/// First day and sum of each statement.
fn statements_of(frame: &DataFrame) -> PolarsResult<BTreeMap<StatementKey<'_>, (i32, i64)>> {
    let (accounts, ids) = (read::texts(frame, s::account)?, read::texts(frame, s::statement_id)?);
    let (currencies, days) = (read::texts(frame, s::currency)?, read::days(frame, s::paid_from)?);
    let sums = read::numbers(frame, s::sum)?;
    let row = |row: usize| {
        let (id, day) = (ids.at(row), days.at(row)?);
        let key = (accounts.at(row), id, currencies.at(row), Some(day).filter(|_| id.is_empty()));
        Some((key, (day, sums.at(row).unwrap_or(0))))
    };
    Ok((0..frame.height()).filter_map(row).collect())
}

/// A statement that is gone tonight is compared where an older one of its account was read: exports let go of the oldest first.
fn compare_statements(found: &mut Found, before: &DataFrame, now: &DataFrame, closed: i32) -> PolarsResult<()> {
    let now = statements_of(now)?;
    let mut oldest: Map<&str, i32> = Map::default();
    for ((account, ..), (day, _)) in &now {
        let known = oldest.entry(account).or_insert(*day);
        *known = (*known).min(*day);
    }
    for (key, (day, was)) in statements_of(before)? {
        let (account, id, currency, _) = key;
        let is = now.get(&key).map(|(_, sum)| *sum);
        let is_compared = is.is_some() || oldest.get(account).is_some_and(|oldest| *oldest < day);
        if !is_compared || is == Some(was) || day > closed {
            continue;
        }
        let text = |sum: i64| vec![format!("paid {}", money::to_decimal(sum, currency))];
        found.insert(
            (account.to_owned(), day, String::new(), Some(id.to_owned()), currency.to_owned()),
            Restated {
                before: text(was),
                now: is.map_or_else(|| vec!["not read".to_owned()], text),
                difference: Some(was.saturating_sub(is.unwrap_or(0)).saturating_abs()),
                moved: Vec::new(),
            },
        );
    }
    Ok(())
}

fn name_lines(found: &mut Found, before: &DataFrame, now: &DataFrame) -> PolarsResult<()> {
    let (before, now) = (lines_of(before)?, lines_of(now)?);
    let rows = |lines: &Lines<'_>, key: &LineKey<'_>| lines.get(key).cloned().unwrap_or_default();
    for ((account, day, _, id, currency), restated) in found {
        let Some(id) = id.as_deref() else { continue };
        let of_statement = |key: &&LineKey<'_>| {
            (key.0, key.1, key.2) == (account.as_str(), id, currency.as_str())
                && (!id.is_empty() || key.3 == Some(*day))
        };
        let keys: BTreeSet<&LineKey<'_>> = before.keys().chain(now.keys()).filter(of_statement).collect();
        for key in keys {
            let (was, is) = (rows(&before, key), rows(&now, key));
            let (_, _, currency, _, order_no, kind, amount) = key;
            let text = format!("{order_no} {kind} {}", money::to_decimal(*amount, currency)).trim().to_owned();
            // Of equal lines the last ones are those that came or went.
            for place in is.len().min(was.len())..is.len().max(was.len()) {
                let row = is.get(place).copied().flatten();
                let order_no = (*order_no).to_owned();
                let fields = p::amount.name.to_owned();
                restated.moved.push(Moved { key: text.clone(), order_no, row, fields, is_quarantined: false });
            }
        }
    }
    Ok(())
}

/// Account, statement, currency, day, order, kind, amount.
type LineKey<'run> = (&'run str, &'run str, &'run str, Option<i32>, &'run str, &'run str, i64);
type Lines<'run> = BTreeMap<LineKey<'run>, Vec<Option<u64>>>;

fn lines_of(frame: &DataFrame) -> PolarsResult<Lines<'_>> {
    let (accounts, ids) = (read::texts(frame, p::account)?, read::texts(frame, p::statement_id)?);
    let (orders, kinds) = (read::texts(frame, p::order_no)?, read::texts(frame, p::kind)?);
    let (currencies, days) = (read::texts(frame, p::currency)?, read::days(frame, p::paid_on)?);
    let amounts = read::numbers(frame, p::amount)?;
    let rows = read::references(frame, p::row).ok();
    let mut lines = Lines::new();
    for row in 0..frame.height() {
        let key = (
            accounts.at(row),
            ids.at(row),
            currencies.at(row),
            days.at(row).filter(|_| ids.at(row).is_empty()),
            orders.at(row),
            kinds.at(row),
            amounts.at(row).unwrap_or(0),
        );
        lines.entry(key).or_default().push(rows.as_ref().and_then(|rows| rows.at(row)));
    }
    Ok(lines)
}

// ---- rates --------------------------------------------------------------------------------------------------------------------------

type Months<'run> = BTreeMap<(&'run str, &'run str, i32, i32), (i64, i64)>;

fn months_of(frame: &DataFrame) -> PolarsResult<Months<'_>> {
    let (accounts, metrics) = (read::texts(frame, m::account)?, read::texts(frame, m::metric)?);
    let (windows, computable) = (read::texts(frame, m::window)?, read::flags(frame, m::computable)?);
    let (from, to) = (read::days(frame, m::from)?, read::days(frame, m::to)?);
    let (numerators, denominators) = (read::numbers(frame, m::numerator)?, read::numbers(frame, m::denominator)?);
    let month = |row: usize| {
        let is_month = windows.at(row) == Window::Month.text() && computable.at(row);
        let key = (accounts.at(row), metrics.at(row), from.at(row)?, to.at(row)?);
        is_month.then_some((key, (numerators.at(row)?, denominators.at(row)?)))
    };
    Ok((0..frame.height()).filter_map(month).collect())
}

fn compare_months(found: &mut Found, before: &DataFrame, now: &DataFrame, closed: i32) -> PolarsResult<()> {
    let now = months_of(now)?;
    for (key, was) in months_of(before)? {
        let (account, metric, from, to) = key;
        let Some(is) = now.get(&key).copied().filter(|is| *is != was && to <= closed) else { continue };
        let text = |(numerator, denominator): (i64, i64)| vec![format!("{numerator} of {denominator}")];
        found.insert(
            (account.to_owned(), from, metric.to_owned(), None, String::new()),
            Restated { before: text(was), now: text(is), ..Restated::default() },
        );
    }
    Ok(())
}

// ---- orders that moved --------------------------------------------------------------------------------------------------------------

/// What of an order is compared: texts, days, amounts and flags.
const TEXTS: [Column; 6] =
    [o::currency, o::shipping_method, o::status, o::tracking_number, o::tracking_url, o::cancel_actor];
const DAYS: [Column; 5] = [o::created_on, o::booked_on, o::shipped_on, o::delivered_on, o::cancelled_on];
const AMOUNTS: [Column; 3] = [o::goods, o::goods_cancelled, o::postage];

/// Fields of an export that make them.
const TEXT_FIELDS: [&str; 6] =
    ["currency", "shipping_method", "status_raw", "tracking_number_raw", "tracking_url", "cancel_actor"];
const DAY_FIELDS: [&str; 5] = ["created_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at"];
const AMOUNT_FIELDS: [&str; 3] = ["goods_amount unit_price_gross qty", "qty_cancelled", "delivery_price"];

const ORDER_COLUMNS: [Column; 18] = [
    o::account,
    o::order_no,
    TEXTS[0],
    TEXTS[1],
    TEXTS[2],
    TEXTS[3],
    TEXTS[4],
    TEXTS[5],
    o::created_at,
    DAYS[0],
    DAYS[1],
    DAYS[2],
    DAYS[3],
    DAYS[4],
    AMOUNTS[0],
    AMOUNTS[1],
    AMOUNTS[2],
    o::whole_cancelled,
];

/// An order as one night has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order<'run> {
    texts: [&'run str; 6],
    created_at: Option<i64>,
    days: [Option<i32>; 5],
    amounts: [Option<i64>; 3],
    whole_cancelled: bool,
}

impl Order<'_> {
    /// Its days in day × shipping.
    fn booked(&self) -> [Option<i32>; 2] {
        [self.days[1], self.days[4]]
    }

    /// The fields that make what differs, separated by blanks.
    fn differing(&self, other: &Order) -> String {
        let of = |differs: bool, fields: &'static str| if differs { fields } else { "" };
        let amounts = (0..AMOUNTS.len()).map(|at| of(self.amounts[at] != other.amounts[at], AMOUNT_FIELDS[at]));
        let days = (0..DAYS.len()).map(|at| of(self.days[at] != other.days[at], DAY_FIELDS[at]));
        let texts = (0..TEXTS.len()).map(|at| of(self.texts[at] != other.texts[at], TEXT_FIELDS[at]));
        amounts.chain(days).chain(texts).filter(|fields| !fields.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The same order, as far as a rate looks at it, or as far as day × shipping does.
    fn is(&self, other: &Order, of_rate: bool) -> bool {
        let booked = |order: &Order<'_>| {
            (
                order.texts[0] == self.texts[0],
                order.texts[1] == self.texts[1],
                order.booked(),
                order.amounts,
                order.whole_cancelled,
            )
        };
        if of_rate { self == other } else { booked(self) == booked(other) }
    }
}

/// By account and number, with tonight's row.
type Orders<'run> = Map<(&'run str, &'run str), (Order<'run>, Option<u64>)>;

fn orders_of<'run>(frame: &'run DataFrame, accounts: &BTreeSet<String>) -> PolarsResult<Orders<'run>> {
    let (names, numbers) = (read::texts(frame, o::account)?, read::texts(frame, o::order_no)?);
    let texts = TEXTS.iter().map(|column| read::texts(frame, *column)).collect::<PolarsResult<Vec<_>>>()?;
    let days = DAYS.iter().map(|column| read::days(frame, *column)).collect::<PolarsResult<Vec<_>>>()?;
    let amounts = AMOUNTS.iter().map(|column| read::numbers(frame, *column)).collect::<PolarsResult<Vec<_>>>()?;
    let (whole, created) = (read::flags(frame, o::whole_cancelled)?, read::instants(frame, o::created_at)?);
    let rows = read::references(frame, o::order_row).ok();
    let order = |row: usize| Order {
        texts: std::array::from_fn(|place| texts[place].at(row)),
        created_at: created.at(row),
        days: std::array::from_fn(|place| days[place].at(row)),
        amounts: std::array::from_fn(|place| amounts[place].at(row)),
        whole_cancelled: whole.at(row),
    };
    let of_accounts = (0..frame.height()).filter(|row| accounts.contains(names.at(*row)));
    let row = |row: usize| rows.as_ref().and_then(|rows| rows.at(row));
    Ok(of_accounts.map(|place| ((names.at(place), numbers.at(place)), (order(place), row(place)))).collect())
}

/// Names the orders that moved, and drops what orders touched that left the window of the export.
fn name_orders(found: &mut Found, before: &DataFrame, tonight: TonightFigures<'_>) -> PolarsResult<()> {
    let accounts: BTreeSet<String> = found.keys().map(|key| key.0.clone()).collect();
    let (before, now) = (orders_of(before, &accounts)?, orders_of(&tonight.reconciled.orders, &accounts)?);
    let refused: Set<(&str, &str)> =
        tonight.ingested.quarantine.iter().map(|row| (&*row.of.account, row.order_no())).collect();
    let mut opens: Map<&str, i64> = Map::default();
    for ((account, _), (order, _)) in &now {
        if let Some(at) = order.created_at {
            let open = opens.entry(account).or_insert(at);
            *open = (*open).min(at);
        }
    }
    let has_left = |key: &(&str, &str), order: &Order| {
        !now.contains_key(key)
            && !refused.contains(key)
            && opens.get(key.0).is_none_or(|first| order.created_at.is_none_or(|at| at < *first))
    };
    let left: Vec<(&str, &Order)> = before
        .iter()
        .filter(|(key, (order, _))| has_left(key, order))
        .map(|(key, (order, _))| (key.0, order))
        .collect();
    found.retain(|key, _| {
        key.3.is_some() || !left.iter().any(|(account, order)| *account == key.0 && touches(key, order))
    });
    let keys: BTreeSet<&(&str, &str)> = before.keys().chain(now.keys()).collect();
    for key in keys {
        let (was, is) = (before.get(key), now.get(key));
        let stands = |of_rate: bool| matches!((was, is), (Some((was, _)), Some((is, _))) if was.is(is, of_rate));
        let (stands_in_rates, stands_in_days) = (stands(true), stands(false));
        if stands_in_rates {
            continue;
        }
        let nights: Vec<&Order> = was.into_iter().chain(is).map(|(order, _)| order).collect();
        for (of, restated) in found.iter_mut().filter(|(of, _)| of.0 == key.0 && of.3.is_none()) {
            if !(of.2.is_empty() && stands_in_days) && nights.iter().any(|order| touches(of, order)) {
                let row = is.and_then(|(_, row)| *row);
                let (number, is_quarantined) = (key.1.to_owned(), refused.contains(key));
                let fields = was.zip(is).map(|((was, _), (is, _))| is.differing(was)).unwrap_or_default();
                restated.moved.push(Moved { key: number.clone(), order_no: number, row, fields, is_quarantined });
            }
        }
    }
    Ok(())
}

/// A day of day × shipping, or a day of the month of a rate.
fn touches((_, day, metric, _, currency): &Key, order: &Order) -> bool {
    if metric.is_empty() {
        return order.texts[0] == currency && order.booked().contains(&Some(*day));
    }
    let month = |day: i32| date_of(day).map(|date| (date.year(), date.month()));
    order.days.iter().flatten().any(|other| month(*other) == month(*day))
}

// ---- the frame ----------------------------------------------------------------------------------------------------------------------

fn frame(found: &Found, pipeline: &Pipeline) -> PolarsResult<DataFrame> {
    let count = |restated: &Restated, is_counted: fn(&Moved) -> bool| {
        i64::try_from(restated.moved.iter().filter(|moved| is_counted(moved)).count()).ok()
    };
    let marketplace = |name: &str| pipeline.account(name).map_or("", |account| account.marketplace.as_str());
    let mut facts = FrameBuilder::new(&f::FRAME, found.len());
    facts
        .texts(f::account, found.keys().map(|key| &key.0))
        .texts(f::marketplace, found.keys().map(|key| marketplace(&key.0)))
        .days(f::day, found.keys().map(|key| Some(key.1)))
        .texts(f::metric, found.keys().map(|key| &key.2))
        .texts(f::statement_id, found.keys().map(|key| key.3.as_deref().unwrap_or_default()))
        .texts(f::currency, found.keys().map(|key| &key.4))
        .texts(f::before, found.values().map(|restated| restated.before.join("; ")))
        .texts(f::now, found.values().map(|restated| restated.now.join("; ")))
        .numbers(f::difference, found.values().map(|restated| restated.difference))
        .numbers(f::moved, found.values().map(|restated| count(restated, |_| true)))
        .numbers(f::moved_quarantined, found.values().map(|restated| count(restated, |moved| moved.is_quarantined)))
        .numbers(f::moved_here, found.values().map(|restated| count(restated, |moved| moved.row.is_some())))
        .texts(f::moved_keys, found.values().map(keys_of));
    facts.finish()
}

fn moved_rows(found: &Found) -> PolarsResult<DataFrame> {
    let mut rows: Vec<(&Key, &Moved)> = Vec::new();
    for (key, restated) in found {
        rows.extend(restated.moved.iter().filter(|moved| moved.row.is_some()).map(|moved| (key, moved)));
    }
    rows.sort_by(|a, b| (a.0, a.1.row).cmp(&(b.0, b.1.row)));
    let mut facts = FrameBuilder::new(&r::FRAME, rows.len());
    facts
        .texts(r::account, rows.iter().map(|(key, _)| &key.0))
        .days(r::day, rows.iter().map(|(key, _)| Some(key.1)))
        .texts(r::metric, rows.iter().map(|(key, _)| &key.2))
        .texts(r::statement_id, rows.iter().map(|(key, _)| key.3.as_deref().unwrap_or_default()))
        .texts(r::currency, rows.iter().map(|(key, _)| &key.4))
        .texts(r::order_no, rows.iter().map(|(_, moved)| &moved.order_no))
        .texts(r::fields, rows.iter().map(|(_, moved)| &moved.fields))
        .references(r::row, rows.iter().map(|(_, moved)| moved.row));
    facts.finish()
}

/// The first that moved, and how many more there are.
fn keys_of(restated: &Restated) -> String {
    let named: Vec<&str> = restated.moved.iter().take(NAMED).map(|moved| moved.key.as_str()).collect();
    let more = restated.moved.len() - named.len();
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", named.join(", "))
}
