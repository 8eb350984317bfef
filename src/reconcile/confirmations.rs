//! Until when a merchant has to confirm or cancel an order, and until when nothing had confirmed it (ST-014, A23).
//!
//! What confirms an order is the first status beyond the opening ones: the day's work has begun, or it is cancelled. When that was is told by a
//! history that holds the opening, by the export's own time of it, or by an order that is still new; what was confirmed at a time that nothing
//! tells is not judged. An opening at 00:00 is a day without its time, and not judged either.

use chrono::Timelike;
use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::local_time;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_events as e, order_facts as f, orders as o, read};
use crate::pipeline::{Account, Pipeline};
use crate::reconcile::accounts::Accounts;
use crate::vocab::{Kind, OrderStatus, Word};

/// When something happened, and the row that says so.
type Seen = (i64, u64);

/// What the history of an order tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    /// The first *new*.
    opened: Option<Seen>,
    /// The first status beyond the opening ones.
    beyond: Option<Seen>,
    /// That status has no counterpart: it may be anything.
    is_unknown: bool,
}

/// What the order's own row says.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    /// Its status is *new*, and the export does not say that it is confirmed.
    is_new: bool,
    opened_at: Option<i64>,
    confirmed_at: Option<i64>,
    shipped_at: Option<i64>,
    cancelled_at: Option<i64>,
}

/// What is worked out for one order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Confirmation {
    told: Told,
    confirm_by: Option<i64>,
    until: Option<i64>,
}

/// The columns of the facts that are about the confirmation; empty where no account has a time for it.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub(super) fn confirmations(orders: &DataFrame, events: &DataFrame, accounts: &Accounts) -> PolarsResult<FrameBuilder> {
    let mut facts = FrameBuilder::new(&f::FRAME, orders.height());
    let asked = |account: &Account| account.policies.entries.iter().any(|entry| entry.confirm_hours.is_some());
    if !accounts.pipeline().accounts.iter().any(|account| asked(account)) {
        return Ok(facts);
    }
    let told = told(events)?;
    let keys = read::texts(orders, o::order_key)?;
    let names = read::texts(orders, o::account)?;
    let own = own(orders)?;
    let all: Vec<Confirmation> = (0..keys.len())
        .map(|row| match accounts.get(names.at(row)).filter(|account| asked(account)) {
            Some(account) => one(told.get(keys.at(row)).copied().unwrap_or_default(), own[row], account, accounts),
            None => Confirmation::default(),
        })
        .collect();
    facts
        .instants(f::opened_event_at, all.iter().map(|order| Some(order.told.opened?.0)))
        .references(f::opened_event_row, all.iter().map(|order| Some(order.told.opened?.1)))
        .instants(f::confirmed_event_at, all.iter().map(|order| Some(order.told.beyond?.0)))
        .references(f::confirmed_event_row, all.iter().map(|order| Some(order.told.beyond?.1)))
        .instants(f::confirm_by, all.iter().map(|order| order.confirm_by))
        .instants(f::unconfirmed_until, all.iter().map(|order| order.until));
    Ok(facts)
}

fn one<'run>(told: Told, own: Own, account: &'run Account, accounts: &Accounts<'run>) -> Confirmation {
    let opened = told.opened.map(|(at, _)| at).or(own.opened_at);
    let opened = opened.filter(|at| !is_a_day_alone(*at, account, accounts.pipeline()));
    let confirm_by = opened.and_then(|at| accounts.confirm_by(account, at));
    let end = accounts.as_of.end_millis(account.timezone);
    Confirmation { told, confirm_by, until: confirm_by.and_then(|_| unconfirmed_until(told, own, end)) }
}

/// Until when nothing had confirmed the order, at most the end of the as-of day; nothing where that cannot be told.
fn unconfirmed_until(told: Told, own: Own, end: i64) -> Option<i64> {
    // A history that does not hold the opening may have begun after the confirmation.
    let is_told = match told.beyond {
        Some(_) => told.opened.is_some() || own.confirmed_at.is_some(),
        None => own.is_new || own.confirmed_at.is_some(),
    };
    let beyond = told.beyond.map(|(at, _)| at);
    let first = [beyond, own.confirmed_at, own.shipped_at, own.cancelled_at].into_iter().flatten().min();
    (is_told && !told.is_unknown).then(|| first.map_or(end, |first| first.min(end)))
}

/// 00:00 in the zone of the account or of one of its exports: what a day without its time is read as.
fn is_a_day_alone(at: i64, account: &Account, pipeline: &Pipeline) -> bool {
    let tells = |kind: Kind| matches!(kind, Kind::Orders | Kind::OrderEvents);
    let exports = pipeline
        .sources
        .iter()
        .filter(|source| tells(source.kind) && source.account.as_deref() == Some(account.name.as_str()));
    let zones = exports.map(|source| source.timezone).chain([account.timezone]);
    zones.into_iter().any(|zone: Tz| local_time(at, zone).is_some_and(|time| time.num_seconds_from_midnight() == 0))
}

fn own(orders: &DataFrame) -> PolarsResult<Vec<Own>> {
    let statuses = read::texts(orders, o::status)?;
    let confirmed = read::flags(orders, o::confirmed)?;
    let opened_at = read::instants(orders, o::opened_at)?;
    let confirmed_at = read::instants(orders, o::confirmed_at)?;
    let shipped_at = read::instants(orders, o::shipped_at)?;
    let cancelled_at = read::instants(orders, o::cancelled_at)?;
    let of = |row: usize| Own {
        is_new: statuses.at(row) == OrderStatus::New.text() && !confirmed.at(row),
        opened_at: opened_at.at(row),
        confirmed_at: confirmed_at.at(row),
        shipped_at: shipped_at.at(row),
        cancelled_at: cancelled_at.at(row),
    };
    Ok((0..statuses.len()).map(of).collect())
}

/// What each history tells; its events stand in the order of time.
fn told(events: &DataFrame) -> PolarsResult<Map<&str, Told>> {
    let keys = read::texts(events, e::order_key)?;
    let statuses = read::texts(events, e::to_status)?;
    let at = read::instants(events, e::at)?;
    let rows = read::references(events, e::row)?;
    let mut told: Map<&str, Told> = Map::default();
    for place in 0..keys.len() {
        let Some(seen) = at.at(place).zip(rows.at(place)) else { continue };
        let told = told.entry(keys.at(place)).or_default();
        match OrderStatus::of(statuses.at(place)) {
            Some(OrderStatus::New) => _ = told.opened.get_or_insert(seen),
            Some(OrderStatus::Blocked) => {}
            _ if told.beyond.is_some() => {}
            status => {
                told.beyond = Some(seen);
                told.is_unknown = status.is_none_or(|status| status == OrderStatus::Unknown);
            }
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: i64 = 1_000;

    fn told(opened: Option<i64>, beyond: Option<i64>) -> Told {
        Told { opened: opened.map(|at| (at, 1)), beyond: beyond.map(|at| (at, 2)), is_unknown: false }
    }

    #[test]
    fn a_history_that_holds_the_opening_tells() {
        assert_eq!(unconfirmed_until(told(Some(10), Some(50)), Own::default(), END), Some(50));
        // The row knows an earlier time, or the event is later than as-of.
        let own = Own { shipped_at: Some(40), ..Own::default() };
        assert_eq!(unconfirmed_until(told(Some(10), Some(50)), own, END), Some(40));
        assert_eq!(unconfirmed_until(told(Some(10), Some(5_000)), own, 30), Some(30));
        // It may have begun after the confirmation; its status may be anything; it ended before the confirmation.
        assert_eq!(unconfirmed_until(told(None, Some(50)), own, END), None);
        assert_eq!(unconfirmed_until(Told { is_unknown: true, ..told(Some(10), Some(50)) }, Own::default(), END), None);
        assert_eq!(unconfirmed_until(told(Some(10), None), own, END), None);
    }

    #[test]
    fn without_a_history_the_row_tells_while_it_is_new_or_has_the_time() {
        let is_new = Own { is_new: true, ..Own::default() };
        assert_eq!(unconfirmed_until(Told::default(), is_new, END), Some(END));
        assert_eq!(unconfirmed_until(told(Some(10), None), is_new, END), Some(END));
        assert_eq!(unconfirmed_until(told(None, Some(50)), is_new, END), None);
        let confirmed = Own { confirmed_at: Some(60), shipped_at: Some(90), ..Own::default() };
        assert_eq!(unconfirmed_until(Told::default(), confirmed, END), Some(60));
        let shipped = Own { shipped_at: Some(90), cancelled_at: Some(95), ..Own::default() };
        assert_eq!(unconfirmed_until(Told::default(), shipped, END), None);
    }
}
