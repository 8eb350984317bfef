//! Rates per closed month, counted on the plan's own orders with whole numbers, and the breaches among them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime};

use crate::pipeline::policy::{PolicyEntry, Target};
use crate::sample::SampleError;
use crate::sample::merchant::{Holds, Way};
use crate::sample::order::{Order, Sent};
use crate::sample::truth::Truth;
use crate::sample::world::{Account, World, cancel_whole};
use crate::vocab::{Actor, OrderStatus};

/// Names of the metrics in packs.
const TRACKING_RATE: &str = "tracking_rate";
const CANCEL_RATE: &str = "cancel_rate";
const STATUS_ERROR: &str = "status_error";
/// What is planted as a wrong final status.
const WRONG_STATUS: [&str; 4] = ["ST-001", "ST-003", "ST-011", "ST-013"];

/// SL-002: cancellations by the partner in the month before the last closed one.
pub fn partner_cancellations(world: &mut World, count: usize) -> Result<Vec<String>, SampleError> {
    let month = first_of(world.merchant.as_of) - Months::new(2);
    let places = world.pick(count, |world, order| {
        order.way == Way::Invoices && order.is_plain_delivery(world.end) && first_of(order.created.date()) == month
    });
    for place in &places {
        let order = &mut world.orders[*place];
        order.stay_in_work();
        if let Some(accepted) = order.accepted {
            cancel_whole(order, accepted + Duration::hours(2), Actor::Partner);
        }
    }
    Ok(world.numbers(&places))
}

/// Writes the truth of SL-001, SL-002 and SL-003; every order is delivered before its promised day, so there is no SL-004. It is every closed month that misses a target of the account's pack.
///
/// # Errors
/// When a layout is missing.
pub fn breaches(world: &mut World) -> Result<(), SampleError> {
    let mut truth = Vec::new();
    let planted = |codes: &[&str]| -> BTreeSet<(&str, &str)> {
        let found = world.truth.iter().filter(|truth| codes.contains(&truth.code));
        found.map(|truth| (truth.account.as_str(), truth.order_no.as_str())).collect()
    };
    let statuses = Statuses { wrong: planted(&WRONG_STATUS), cancelled_by_buyer: planted(&["ST-012"]) };
    for (place, account) in world.accounts.iter().enumerate().filter(|(_, account)| account.plan.way != Way::Supplier) {
        let orders: Vec<&Order> =
            world.orders.iter().filter(|order| order.account == place && order.flaw.is_none() && !order.test).collect();
        let opened = shows_opening(world, account)?;
        for (code, metric) in [("SL-001", TRACKING_RATE), ("SL-002", CANCEL_RATE), ("SL-003", STATUS_ERROR)] {
            for (month, (numerator, denominator)) in rates(world, metric, &orders, opened, &statuses) {
                let last_day = month + Months::new(1) - chrono::Days::new(1);
                let Some(target) = target_on(account, metric, last_day) else { continue };
                if last_day <= world.merchant.as_of && !met(target, numerator, denominator) {
                    let note = format!("{numerator} of {denominator}");
                    let subject = format!("{metric}|{}", month.format("%Y-%m"));
                    truth.push(Truth::of(code, &account.plan.name, &note).subject(subject));
                }
            }
        }
    }
    world.truth.append(&mut truth);
    Ok(())
}

/// Whether the exports say that an order was open; without it nothing counts towards the cancel rate.
fn shows_opening(world: &World, account: &Account) -> Result<bool, SampleError> {
    let name = &account.plan.name;
    let source = world
        .merchant
        .sources
        .iter()
        .find(|source| source.holds == Holds::Orders && source.account.as_ref() == Some(name));
    let layout = source.and_then(|source| source.layout.rsplit_once('/')).map(|(_, layout)| layout);
    Ok(layout
        .and_then(|layout| account.pack.layouts.get(layout))
        .is_some_and(|layout| layout.columns.contains_key("opened_at")))
}

/// Account and number of orders whose final status is planted.
struct Statuses<'w> {
    wrong: BTreeSet<(&'w str, &'w str)>,
    cancelled_by_buyer: BTreeSet<(&'w str, &'w str)>,
}

fn rates(
    world: &World,
    metric: &str,
    orders: &[&Order],
    opened: bool,
    statuses: &Statuses<'_>,
) -> BTreeMap<NaiveDate, (i64, i64)> {
    let mut months: BTreeMap<NaiveDate, (i64, i64)> = BTreeMap::new();
    for order in orders {
        let counted = match metric {
            TRACKING_RATE => tracked(world, order),
            STATUS_ERROR => ended(world, order, statuses),
            _ if opened => cancelled(world, order),
            _ => None,
        };
        if let Some((month, counts)) = counted {
            let entry = months.entry(first_of(month.date())).or_default();
            entry.0 += i64::from(counts);
            entry.1 += 1;
        }
    }
    months
}

/// Month of shipping, and whether number and link are there and well formed. The own delivery service is left out.
fn tracked(world: &World, order: &Order) -> Option<(NaiveDateTime, bool)> {
    let counted = matches!(world.status(order), OrderStatus::Shipped | OrderStatus::Delivered | OrderStatus::Returned);
    if !counted || order.sent == Sent::OwnService || order.word.is_some() {
        return None;
    }
    let legal = |mark: char| mark.is_ascii_alphanumeric() || mark == '-' || mark == '_';
    let number = !order.tracking.is_empty() && order.tracking.chars().all(legal);
    let url = order.url.starts_with("http") && !order.url.contains('{');
    Some((order.shipped?, number && url))
}

/// Month of creation, and whether the partner cancelled. Who else cancelled is no fault of the partner and counts as created; the
/// plan keeps so far from the bound that leaving those orders out would change no verdict.
fn cancelled(world: &World, order: &Order) -> Option<(NaiveDateTime, bool)> {
    order.opened.filter(|opened| *opened < world.end)?;
    let is_cancelled = world.status(order) == OrderStatus::Cancelled;
    Some((order.created, is_cancelled && order.cancel_actor == Actor::Partner))
}

/// Month of the final status, and whether it is wrong by the plan. The buyer's cancellation of what was sent counts in neither.
fn ended(world: &World, order: &Order, statuses: &Statuses<'_>) -> Option<(NaiveDateTime, bool)> {
    if order.word.is_some() {
        return None;
    }
    let key = (world.account_of(order).plan.name.as_str(), order.number.as_str());
    let wrong = statuses.wrong.contains(&key);
    match world.status(order) {
        OrderStatus::Cancelled if statuses.cancelled_by_buyer.contains(&key) => None,
        OrderStatus::Cancelled => Some((order.cancelled?, false)),
        OrderStatus::Returned => Some((order.returned?, wrong)),
        OrderStatus::Delivered => {
            let taken_back = order.claim.as_ref().is_some_and(|claim| claim.fictitious);
            Some((order.delivered?, taken_back || wrong))
        }
        _ => None,
    }
}

fn target_on(account: &Account, metric: &str, day: NaiveDate) -> Option<Target> {
    let in_force =
        |entry: &&PolicyEntry| entry.from.is_none_or(|from| from <= day) && entry.to.is_none_or(|to| day <= to);
    let entries = account.pack.policies.entries.iter().filter(in_force);
    entries.filter_map(|entry| entry.target.get(metric)).next_back().copied()
}

fn met(target: Target, numerator: i64, denominator: i64) -> bool {
    let (share, bound) = (numerator * target.den, target.num * denominator);
    let is_at_bound = share == bound && !target.strict;
    is_at_bound || if target.at_least { share > bound } else { share < bound }
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_met_at_the_bound() {
        let tracking = Target { num: 90, den: 100, at_least: true, strict: false };
        assert!(met(tracking, 9, 10));
        assert!(!met(tracking, 8, 9));
        let cancel = Target { num: 15, den: 1000, at_least: false, strict: false };
        assert!(met(cancel, 3, 200));
        assert!(!met(cancel, 2, 133));
    }
}
