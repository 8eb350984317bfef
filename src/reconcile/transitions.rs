//! Histories of orders against the graph of their pack (rulebook §1.2, §3.1; ST-004 to ST-008).
//!
//! A history is what `order_events` tells, in the order of time. An export may begin in the middle of one, so the first status is not
//! judged (A15: an order on delivery may start blocked or open). Events of one instant are taken in the order of the statuses: a
//! sequence that nobody wrote is not held against anyone. A status that comes again changes nothing.

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::build::FrameBuilder;
use crate::frame::conform::empty;
use crate::frame::lineage::Parts;
use crate::frame::{order_events as e, orders as o, read, transition_facts as f};
use crate::pipeline::transition::{Changed, judge};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::keys::OrderKeys;
use crate::vocab::{Actor, Change, OrderStatus, Word};

/// One event of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    at: i64,
    status: OrderStatus,
    /// Place in the frame of events.
    place: usize,
}

/// A change of status and what it is.
struct Judged {
    /// The how-manieth of its order.
    number: i64,
    from: Event,
    to: Event,
    /// The order's row in the frame of orders.
    order: Option<usize>,
    change: Change,
}

/// The columns of the events.
struct Events<'run> {
    keys: read::Texts<'run>,
    accounts: read::Texts<'run>,
    actors: read::Texts<'run>,
    days: read::Days<'run>,
}

/// The columns of the orders that the events belong to.
struct Orders<'run> {
    keys: &'run OrderKeys<'run>,
    own_delivery: read::Flags<'run>,
}

/// One row per change of an order's status, for accounts whose policy of that day has transitions.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn transition_facts(
    events: &DataFrame,
    orders: &DataFrame,
    keys: &OrderKeys<'_>,
    parts: &Parts,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    // Most nights have no histories: then nothing of a million orders need be read.
    if events.height() == 0 {
        return Ok(empty(&f::FRAME));
    }
    let told = Events {
        keys: read::texts(events, e::order_key)?,
        accounts: read::texts(events, e::account)?,
        actors: read::texts(events, e::actor)?,
        days: read::days(events, e::at_on)?,
    };
    let numbers = read::texts(events, e::order_no)?;
    let raw = read::texts(events, e::to_status_raw)?;
    let rows = read::references(events, e::row)?;
    let held = Orders { keys, own_delivery: read::flags(orders, o::own_delivery)? };
    let test = read::flags(orders, o::test)?;
    let currencies = read::texts(orders, o::currency)?;
    let order_rows = read::references(orders, o::row)?;
    let labels = read::instants(orders, o::label_requested_at)?;

    let judged = judged(&histories(events, &told.keys)?, &told, &held, accounts);
    let says_label = |row: usize| {
        let part = order_rows.at(row).and_then(|reference| parts.locate(reference));
        part.is_some_and(|(part, _)| part.says(o::label_requested_at))
    };
    let to = || judged.iter().map(|change| change.to.place);
    let currency = |change: &Judged| match change.order.map(|row| currencies.at(row)) {
        Some(currency) if !currency.is_empty() => currency,
        _ => accounts.currency(told.accounts.at(change.to.place)),
    };
    let mut facts = FrameBuilder::new(&f::FRAME, judged.len());
    facts
        .texts(f::account, to().map(|place| told.accounts.at(place)))
        .texts(f::marketplace, to().map(|place| accounts.marketplace(told.accounts.at(place))))
        .texts(f::order_key, to().map(|place| told.keys.at(place)))
        .texts(f::order_no, to().map(|place| numbers.at(place)))
        .texts(f::currency, judged.iter().map(currency))
        .numbers(f::place, judged.iter().map(|change| Some(change.number)))
        .texts(f::from_status_raw, judged.iter().map(|change| raw.at(change.from.place)))
        .texts(f::from_status, judged.iter().map(|change| change.from.status.text()))
        .instants(f::from_at, judged.iter().map(|change| Some(change.from.at)))
        .texts(f::to_status_raw, to().map(|place| raw.at(place)))
        .texts(f::to_status, judged.iter().map(|change| change.to.status.text()))
        .instants(f::at, judged.iter().map(|change| Some(change.to.at)))
        .days(f::at_on, to().map(|place| told.days.at(place)))
        .texts(f::actor, to().map(|place| told.actors.at(place)))
        .flags(f::test, judged.iter().map(|change| change.order.is_some_and(|row| test.at(row))))
        .flags(f::own_delivery, judged.iter().map(|change| change.order.is_some_and(|row| held.own_delivery.at(row))))
        .flags(f::labels_known, judged.iter().map(|change| change.order.is_some_and(says_label)))
        .instants(f::label_requested_at, judged.iter().map(|change| labels.at(change.order?)))
        .texts(f::change, judged.iter().map(|change| change.change.text()))
        .references(f::row, to().map(|place| rows.at(place)))
        .references(f::from_row, judged.iter().map(|change| rows.at(change.from.place)))
        .references(f::order_row, judged.iter().map(|change| order_rows.at(change.order?)));
    facts.finish()
}

/// Every change of every history that a policy has a graph for.
fn judged(histories: &[Vec<Event>], events: &Events, orders: &Orders, accounts: &Accounts) -> Vec<Judged> {
    let mut judged = Vec::new();
    for history in histories {
        let order = orders.keys.row(events.keys.at(history[0].place));
        for (place, pair) in history.windows(2).enumerate() {
            let [from, to] = [pair[0], pair[1]];
            let Some(account) = accounts.get(events.accounts.at(to.place)) else { continue };
            let policy = accounts.policy(account, events.days.at(to.place));
            let Some(graph) = &policy.entry.transitions else { continue };
            let changed = Changed {
                from: from.status,
                to: to.status,
                actor: Actor::of(events.actors.at(to.place)).unwrap_or(Actor::Unknown),
                own_delivery: order.is_some_and(|row| orders.own_delivery.at(row)),
                days: events.days.at(to.place).zip(events.days.at(from.place)).map_or(0, |(to, from)| to - from),
            };
            let finals = policy.entry.final_statuses.as_deref().unwrap_or_default();
            judged.push(Judged { number: place as i64 + 1, from, to, order, change: judge(graph, finals, &changed) });
        }
    }
    judged
}

/// The events of each order that change its status, in the order of time; an order with one of them has no history.
fn histories(events: &DataFrame, keys: &read::Texts<'_>) -> PolarsResult<Vec<Vec<Event>>> {
    let statuses = read::texts(events, e::to_status)?;
    let at = read::instants(events, e::at)?;
    let known = |place: usize| {
        let status = OrderStatus::of(statuses.at(place)).filter(|status| *status != OrderStatus::Unknown)?;
        Some(Event { at: at.at(place)?, status, place })
    };
    let mut histories = Vec::new();
    for (_, rows) in keys.runs() {
        let mut history: Vec<Event> = rows.filter_map(known).collect();
        history.sort_unstable();
        history.dedup_by_key(|event| event.status);
        if history.len() > 1 {
            histories.push(history);
        }
    }
    Ok(histories)
}
