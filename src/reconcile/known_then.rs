//! As-of holds for values as well (§16.16): an export that was pulled later tells of a row what came after as-of. Such dates are not known
//! yet; a status that was reached after as-of goes back to the last one before it, a cancellation to none. So a run for last week over
//! today's exports gives last week's figures, as far as the exports hold the dates of what changed.

use polars::prelude::{
    DataFrame, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, PolarsResult, StringChunked, TimeUnit,
};

use crate::base::as_of::AsOf;
use crate::base::map::{Map, Set};
use crate::base::zone::day_number;
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Shape};
use crate::frame::kind::{main_dates, promised_dates, spec_of};
use crate::frame::lineage::part_of;
use crate::frame::{order_events, order_lines, orders as o, read, shop_orders};
use crate::pipeline::Pipeline;
use crate::reconcile::visible::Split;
use crate::vocab::{Actor, Kind, OrderStatus, Word};

/// Takes out of the visible rows what was not known at the end of as-of.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn known_then(split: &mut Split, pipeline: &Pipeline, as_of: AsOf) -> PolarsResult<()> {
    let mut uncancelled = Set::default();
    for kind in Kind::ALL {
        let later = take_out(*kind, split, pipeline, as_of)?;
        match kind {
            Kind::Orders => uncancelled = statuses_then(split, &later, pipeline)?,
            Kind::OrderLines => pieces_then(split, &later, &uncancelled)?,
            Kind::ShopOrders => shop_statuses_then(split, &later)?,
            _ => {}
        }
    }
    Ok(())
}

/// Places of the rows whose value of a column was taken out.
type Later = Map<&'static str, Set<usize>>;

/// Makes every date and instant after as-of null, and counts it.
fn take_out(kind: Kind, split: &mut Split, pipeline: &Pipeline, as_of: AsOf) -> PolarsResult<Later> {
    let declared = frame_of(kind);
    let last = day_number(as_of.0);
    let ends: Map<&str, i64> =
        pipeline.accounts.iter().map(|account| (account.name.as_str(), as_of.end_millis(account.timezone))).collect();
    let earliest = ends.values().copied().min().unwrap_or(i64::MAX);
    let mut later = Later::default();
    for column in spec_of(kind).fields.iter().filter_map(|field| declared.column(field.name)) {
        // Rows are visible by their main dates.
        if promised_dates(kind).contains(&column.name) || main_dates(kind).contains(&column.name) {
            continue;
        }
        let frame = split.visible.of(kind);
        let rows: Set<usize> = match (column.shape, declared.civil_date(column.name)) {
            (Shape::Instant | Shape::Date, Some(civil)) => {
                let days = read::days(frame, civil)?;
                days.iter()
                    .enumerate()
                    .filter(|(_, day)| day.is_some_and(|day| day > last))
                    .map(|(row, _)| row)
                    .collect()
            }
            (Shape::Instant, None) => {
                let (values, accounts) = (read::instants(frame, column)?, read::texts(frame, o::account)?);
                let is_later =
                    |row: usize, at: i64| at >= earliest && ends.get(accounts.at(row)).is_some_and(|end| at >= *end);
                let rows = values.iter().enumerate().filter(|(row, at)| at.is_some_and(|at| is_later(*row, at)));
                rows.map(|(row, _)| row).collect()
            }
            _ => continue,
        };
        if rows.is_empty() {
            continue;
        }
        let references = read::references(frame, o::row)?;
        for part in rows.iter().filter_map(|row| references.at(*row)).map(part_of) {
            *split.later_values.entry(part).or_default() += 1;
        }
        let civil = declared.civil_date(column.name).filter(|date| date.name != column.name);
        let frame = split.visible.of_mut(kind);
        for column in [Some(column), civil].into_iter().flatten() {
            forget(frame, column, &rows)?;
        }
        later.insert(column.name, rows);
    }
    Ok(later)
}

/// Makes the values of some rows null.
fn forget(frame: &mut DataFrame, column: Column, rows: &Set<usize>) -> PolarsResult<()> {
    let kept = |row: usize| !rows.contains(&row);
    let name = column.name.into();
    let values = match column.shape {
        Shape::Date => {
            let days = read::days(frame, column)?;
            let days = (0..days.len()).map(|row| days.at(row).filter(|_| kept(row)));
            Int32Chunked::from_iter_options(name, days).into_date().into_column()
        }
        Shape::Instant => {
            let values = read::instants(frame, column)?;
            let values = (0..values.len()).map(|row| values.at(row).filter(|_| kept(row)));
            Int64Chunked::from_iter_options(name, values).into_datetime(TimeUnit::Milliseconds, None).into_column()
        }
        _ => {
            let numbers = read::numbers(frame, column)?;
            let numbers = (0..numbers.len()).map(|row| numbers.at(row).filter(|_| kept(row)));
            Int64Chunked::from_iter_options(name, numbers).into_column()
        }
    };
    frame.with_column(values)?;
    Ok(())
}

/// Writes another word into some rows.
fn rewrite(frame: &mut DataFrame, column: Column, words: &Map<usize, &'static str>) -> PolarsResult<()> {
    let texts = read::texts(frame, column)?;
    let texts = (0..texts.len()).map(|row| words.get(&row).copied().or(texts.known(row)));
    let texts = StringChunked::from_iter_options(column.name.into(), texts);
    frame.with_column(texts.into_column())?;
    Ok(())
}

/// Instants of the stages of an order, the last stage first, with the status that each is the beginning of.
const STAGES: [(Column, OrderStatus); 4] = [
    (o::delivered_at, OrderStatus::Delivered),
    (o::shipped_at, OrderStatus::Shipped),
    (o::confirmed_at, OrderStatus::Packing),
    (o::opened_at, OrderStatus::New),
];

/// The status that each order had at the end of as-of: by its history, else by the dates that were known then.
/// Gives the keys of those that were not cancelled yet.
fn statuses_then(split: &mut Split, later: &Later, pipeline: &Pipeline) -> PolarsResult<Set<String>> {
    let stages = [
        o::opened_at,
        o::confirmed_at,
        o::shipped_at,
        o::delivered_at,
        o::delivered_set_at,
        o::returned_at,
        o::cancelled_at,
    ];
    let mut moved: Set<usize> = stages.iter().filter_map(|column| later.get(column.name)).flatten().copied().collect();
    let keys = read::texts(&split.visible.orders, o::order_key)?;
    let told_later = &split.later.order_events;
    if told_later.height() > 0 {
        let keys_later = read::texts(told_later, order_events::order_key)?;
        let told: Set<&str> = keys_later.iter().collect();
        moved.extend((0..keys.len()).filter(|row| told.contains(keys.at(*row))));
    }
    if moved.is_empty() {
        return Ok(Set::default());
    }
    // Delivered was not known before it was set, whatever day it names.
    let unset: Set<usize> = later.get(o::delivered_set_at.name).cloned().unwrap_or_default();
    let told = last_told(&split.visible.order_events)?;
    let orders = &split.visible.orders;
    let accounts = read::texts(orders, o::account)?;
    let statuses = read::texts(orders, o::status)?;
    let known: Vec<(read::Numbers, OrderStatus)> = STAGES
        .iter()
        .map(|(column, status)| Ok((read::instants(orders, *column)?, *status)))
        .collect::<PolarsResult<_>>()?;
    let blocked = read::instants(orders, o::blocked_at)?;
    let reached = |row: usize| {
        let stage = known
            .iter()
            .find(|(at, status)| at.at(row).is_some() && !(*status == OrderStatus::Delivered && unset.contains(&row)));
        match stage {
            Some((_, OrderStatus::Packing)) => in_work(pipeline, accounts.at(row)),
            Some((_, status)) => *status,
            None if blocked.at(row).is_some() => OrderStatus::Blocked,
            None => OrderStatus::New,
        }
    };
    let then: Map<usize, &'static str> = moved
        .iter()
        .map(|row| (*row, told.get(keys.at(*row)).copied().unwrap_or_else(|| reached(*row)).text()))
        .filter(|(row, status)| *status != statuses.at(*row))
        .collect();
    let is_cancelled =
        |word: &str| [OrderStatus::Cancelled, OrderStatus::Rejected].iter().any(|status| status.text() == word);
    let rows: Vec<usize> = then.keys().copied().filter(|row| is_cancelled(statuses.at(*row))).collect();
    let uncancelled: Set<String> = rows.iter().map(|row| keys.at(*row).to_owned()).collect();
    let by_nobody: Map<usize, &'static str> = rows.into_iter().map(|row| (row, Actor::Unknown.text())).collect();
    let orders = &mut split.visible.orders;
    forget(orders, o::delivered_at, &unset)?;
    forget(orders, o::delivered_on, &unset)?;
    rewrite(orders, o::status, &then)?;
    rewrite(orders, o::cancel_actor, &by_nobody)?;
    Ok(uncancelled)
}

/// The word of an account's pack for an order that the merchant works on.
fn in_work(pipeline: &Pipeline, account: &str) -> OrderStatus {
    let words = pipeline.account(account).and_then(|account| account.pack.words.get("order_status"));
    let says = |status: OrderStatus| words.is_some_and(|words| words.says(status.text()));
    if says(OrderStatus::Accepted) || !says(OrderStatus::Packing) {
        OrderStatus::Accepted
    } else {
        OrderStatus::Packing
    }
}

/// The last status that the history of each order tells.
fn last_told(events: &DataFrame) -> PolarsResult<Map<&str, OrderStatus>> {
    let keys = read::texts(events, order_events::order_key)?;
    let words = read::texts(events, order_events::to_status)?;
    Ok((0..keys.len()).filter_map(|row| Some((keys.at(row), OrderStatus::of(words.at(row))?))).collect())
}

/// Pieces that were cancelled after as-of, by their own date or by that of their order, are not cancelled yet.
fn pieces_then(split: &mut Split, later: &Later, uncancelled: &Set<String>) -> PolarsResult<()> {
    let mut rows = later.get(order_lines::cancelled_at.name).cloned().unwrap_or_default();
    if !uncancelled.is_empty() {
        let keys = read::texts(&split.visible.order_lines, order_lines::order_key)?;
        let days = read::days(&split.visible.order_lines, order_lines::cancelled_on)?;
        rows.extend((0..keys.len()).filter(|row| days.at(*row).is_none() && uncancelled.contains(keys.at(*row))));
    }
    match rows.is_empty() {
        true => Ok(()),
        false => forget(&mut split.visible.order_lines, order_lines::qty_cancelled, &rows),
    }
}

/// A delivery that the shop system dates after as-of was on its way.
fn shop_statuses_then(split: &mut Split, later: &Later) -> PolarsResult<()> {
    let Some(rows) = later.get(shop_orders::shop_delivered_on.name) else { return Ok(()) };
    let statuses = read::texts(&split.visible.shop_orders, shop_orders::shop_status)?;
    let delivered = rows.iter().filter(|row| statuses.at(**row) == OrderStatus::Delivered.text());
    let then: Map<usize, &'static str> = delivered.map(|row| (*row, OrderStatus::Shipped.text())).collect();
    rewrite(&mut split.visible.shop_orders, shop_orders::shop_status, &then)
}
