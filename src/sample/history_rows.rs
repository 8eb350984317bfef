//! Histories of orders: each change of a status, when it came and who made it.

use chrono::{Duration, NaiveDateTime};

use crate::sample::cell::{Record, Value};
use crate::sample::order::{Order, Sent, Slip};
use crate::sample::world::World;
use crate::vocab::{Actor, OrderStatus, Word};

/// One change of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRow<'a> {
    order: &'a str,
    at: NaiveDateTime,
    status: OrderStatus,
    actor: Actor,
}

/// The changes of an account's orders in the last days before the exports.
pub fn history_rows(world: &World, account: usize) -> impl Iterator<Item = HistoryRow<'_>> {
    let orders = world.orders.iter().filter(move |order| order.account == account);
    let told =
        orders.flat_map(|order| changes(world, order).into_iter().filter(|row| is_told(world, order, Some(row.at))));
    let strays = world.stray_history.iter().filter(move |stray| stray.account == account);
    told.chain(strays.map(|stray| HistoryRow {
        order: &stray.order_no,
        at: stray.at,
        status: OrderStatus::New,
        actor: Actor::Marketplace,
    }))
}

/// Whether the history of an order's account holds what happened then.
pub fn is_told(world: &World, order: &Order, at: Option<NaiveDateTime>) -> bool {
    let days = world.account_of(order).plan.history_days;
    let first = days.map(|days| world.end - Duration::days(i64::from(days)));
    at.zip(first).is_some_and(|(at, first)| first <= at && at < world.end)
}

/// All changes of an order, in the order of time.
fn changes<'a>(world: &World, order: &'a Order) -> Vec<HistoryRow<'a>> {
    let in_work = world.account_of(order).plan.in_work;
    // With the marketplace's own service it is the carrier who closes the order.
    let closes = if order.sent == Sent::OwnService { Actor::Marketplace } else { Actor::Partner };
    let opens = if order.slip == Some(Slip::OpenedByPartner) { Actor::Partner } else { Actor::Marketplace };
    let delivers = if order.slip == Some(Slip::DeliveredByPartner) { Actor::Partner } else { closes };
    let accepted = order.accepted.filter(|_| order.slip != Some(Slip::WorkLeftOut));
    let own = [
        (Some(order.created), OrderStatus::Blocked, Actor::Marketplace),
        (order.opened, OrderStatus::New, opens),
        (accepted, in_work, Actor::Partner),
        (order.shipped, OrderStatus::Shipped, Actor::Partner),
        (order.delivered_set, OrderStatus::Delivered, delivers),
        (order.returned, OrderStatus::Returned, closes),
        (order.cancelled, OrderStatus::Cancelled, order.cancel_actor),
    ];
    let mut rows: Vec<HistoryRow<'_>> = own
        .into_iter()
        .chain(there_and_back(order, in_work, closes))
        .filter_map(|(at, status, actor)| Some(HistoryRow { order: &order.number, at: at?, status, actor }))
        .collect();
    rows.sort_by_key(|row| row.at);
    rows
}

/// The changes of a slip that was put right within the hour.
fn there_and_back(
    order: &Order,
    in_work: OrderStatus,
    closes: Actor,
) -> [(Option<NaiveDateTime>, OrderStatus, Actor); 2] {
    let after = |at: Option<NaiveDateTime>, minutes| at.map(|at| at + Duration::minutes(minutes));
    let (from, there, back, actor) = match order.slip {
        Some(Slip::SetBack) => (order.shipped, in_work, OrderStatus::Shipped, Actor::Partner),
        Some(Slip::ShippedAgain) => (order.delivered_set, OrderStatus::Shipped, OrderStatus::Delivered, closes),
        _ => (None, in_work, in_work, Actor::Unknown),
    };
    [(after(from, 20), there, Actor::Partner), (after(from, 45), back, actor)]
}

impl Record for HistoryRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "order_no" => Value::text(self.order),
            "at" => Value::At(self.at),
            "to_status_raw" => Value::word("order_status", self.status.text()),
            "actor" => Value::word("actor", self.actor.text()),
            _ => Value::Empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sample::merchant::merchant;
    use crate::sample::plan;

    /// Whatever is planted, the last change leads to the status that the order's own row says.
    #[test]
    fn histories_end_in_the_status_of_the_order() {
        let mut world = World::honest(merchant().unwrap(), 4_000, 5).unwrap();
        plan::plant(&mut world).unwrap();
        let with_history = world.accounts.iter().position(|account| account.plan.history_days.is_some()).unwrap();
        let last: BTreeMap<&str, OrderStatus> =
            history_rows(&world, with_history).map(|row| (row.order, row.status)).collect();
        assert!(last.len() > 200, "{} histories", last.len());
        for order in world.orders.iter().filter(|order| order.account == with_history) {
            if let Some(status) = last.get(order.number.as_str()) {
                assert_eq!(*status, world.status(order), "{}", order.number);
            }
        }
    }

    #[test]
    fn histories_hold_the_last_days_alone() {
        let world = World::honest(merchant().unwrap(), 4_000, 5).unwrap();
        for account in 0..world.accounts.len() {
            let days = world.accounts[account].plan.history_days;
            let first = days.map(|days| world.end - Duration::days(i64::from(days)));
            assert!(history_rows(&world, account).all(|row| Some(row.at) >= first && row.at < world.end));
            assert_eq!(history_rows(&world, account).next().is_some(), days.is_some());
        }
    }
}
