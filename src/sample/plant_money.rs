//! Planted: payouts and postage of accounts that pay by calendar.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::base::money;
use crate::sample::SampleError;
use crate::sample::merchant::{Holds, Way};
use crate::sample::order::{Order, Payout};
use crate::sample::payer::PayoutDay;
use crate::sample::strays::{OverviewError, StrangeLine};
use crate::sample::truth::Truth;
use crate::sample::world::{World, cancel_a_piece};
use crate::vocab::OrderStatus;

type Keys = Result<Vec<String>, SampleError>;

/// The payout of a plain delivery with postage that some payer by calendar has sent by the as-of date.
fn sent_payout(world: &World, order: &Order) -> Option<PayoutDay> {
    let payer = world.account_of(order).payer.as_ref()?;
    let received = order.delivered_set.filter(|_| order.is_carried(world.end) && order.postage > 0)?.date();
    payer.payout(received).ok().filter(|payout| payout.sent <= world.merchant.as_of)
}

/// PY-001: the grace has passed; not a billing date on the first, which two models pay on different days. Others are paid on that day:
/// without a line the statement itself would be missing.
pub fn unpaid(world: &mut World, count: usize) -> Keys {
    let mut lines: BTreeMap<(usize, NaiveDate), usize> = BTreeMap::new();
    for order in &world.orders {
        let sent = sent_payout(world, order).filter(|_| order.payout == Payout::Due);
        sent.into_iter().for_each(|payout| *lines.entry((order.account, payout.sent)).or_default() += 1);
    }
    let places = world.pick(count, |world, order| {
        let payer = world.account_of(order).payer.as_ref();
        let Some((payout, payer)) = sent_payout(world, order).zip(payer) else { return false };
        let is_alone = lines.get(&(order.account, payout.sent)).is_none_or(|lines| *lines <= count);
        let first = order.delivered_set.is_some_and(|set| payer.is_contested(set.date()));
        let has_passed = payer.grace_end(payout.sent).is_ok_and(|grace| grace < world.merchant.as_of);
        !is_alone && !first && has_passed
    });
    for place in &places {
        world.orders[*place].payout = Payout::Missing;
        world.expect("PY-001", *place, "due and on no statement");
    }
    Ok(world.numbers(&places))
}

fn off(world: &mut World, count: usize, code: &'static str, note: &str, by: fn(&World, &Order) -> Option<i64>) -> Keys {
    let places = world.pick(count, |world, order| sent_payout(world, order).is_some() && by(world, order).is_some());
    for place in &places {
        let Some(amount) = by(world, &world.orders[*place]) else { continue };
        world.orders[*place].payout = Payout::Off(amount);
        world.expect(code, *place, note);
    }
    Ok(world.numbers(&places))
}

/// PY-004: by an amount that is neither the postage nor the commission on it.
pub fn underpaid(world: &mut World, count: usize) -> Keys {
    off(world, count, "PY-004", "paid 7 % too little", |world, order| {
        let short = order.payable(world.account_of(order).plan.commission_ppm).ok()? * 7 / 100;
        let fee = postage_commission(world, order)?;
        ((short - fee).abs() > 100 && (short - order.postage).abs() > 100).then_some(-short)
    })
}

/// PY-005
pub fn overpaid(world: &mut World, count: usize) -> Keys {
    off(world, count, "PY-005", "paid 25.00 too much", |_, _| Some(2_500))
}

/// FE-001, as in X12.
pub fn commission_on_postage(world: &mut World, count: usize) -> Keys {
    off(world, count, "FE-001", "short by the commission on the postage", |world, order| {
        postage_commission(world, order).filter(|fee| *fee > 100).map(|fee| -fee)
    })
}

fn postage_commission(world: &World, order: &Order) -> Option<i64> {
    money::share_of(order.postage, world.account_of(order).plan.commission_ppm)
}

/// PO-001, as in X13.
pub fn postage_kept(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| sent_payout(world, order).is_some() && order.pieces() > 1);
    for place in &places {
        let order = &mut world.orders[*place];
        if let Some(accepted) = order.accepted {
            cancel_a_piece(order, accepted + chrono::Duration::minutes(30));
        }
        order.payout = Payout::Off(-order.postage);
        world.expect("PO-001", *place, "one piece cancelled, short by the postage");
    }
    Ok(world.numbers(&places))
}

/// PY-007: both lines on one statement.
pub fn paid_twice(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| sent_payout(world, order).is_some());
    for place in &places {
        world.orders[*place].payout = Payout::Twice;
        world.expect("PY-007", *place, "two equal lines on one statement");
    }
    Ok(world.numbers(&places))
}

/// PY-006: on the newest statement, exactly what would be due, for a parcel that is under way.
pub fn paid_unasked(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        order.way == Way::Calendar && order.flaw.is_none() && world.status(order) == OrderStatus::Shipped
    });
    for place in &places {
        let account = world.orders[*place].account;
        let Some((sent, statement)) = newest_payout(world, account)? else { continue };
        world.orders[*place].payout = Payout::Unasked(sent);
        let order = &world.orders[*place];
        let truth = Truth::of("PY-006", &world.accounts[account].plan.name, "paid, and still under way")
            .order(&order.number)
            .statement(statement);
        world.truth.push(truth);
    }
    Ok(world.numbers(&places))
}

fn newest_payout(world: &World, account: usize) -> Result<Option<(NaiveDate, String)>, SampleError> {
    let Some(payer) = &world.accounts[account].payer else { return Ok(None) };
    let payouts = payer.payouts(world.merchant.first_day, world.merchant.as_of)?;
    Ok(payouts.last().map(|payout| (payout.sent, payer.statement(payout.sent))))
}

/// PY-013: the sale of the order stands below zero.
pub fn wrong_sign(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| sent_payout(world, order).is_some());
    for place in &places {
        let order = &world.orders[*place];
        let account = world.account_of(order);
        let amount = order.payable(account.plan.commission_ppm)?;
        let Some((set, payer)) = order.delivered_set.zip(account.payer.as_ref()) else { continue };
        let payout = payer.payout(set.date())?;
        let truth = Truth::of("PY-013", &account.plan.name, "the sale is below zero").order(&order.number);
        let truth = truth.statement(payer.statement(payout.sent));
        world.truth.push(truth);
        world.orders[*place].payout = Payout::Off(-2 * amount);
    }
    Ok(world.numbers(&places))
}

/// PY-014: a sale without an order number.
pub fn unassigned_line(world: &mut World, count: usize) -> Keys {
    stray_lines(
        world,
        count,
        |_, _| String::new(),
        |name, _| Truth::of("PY-014", name, "a sale without an order number"),
    )
}

/// PY-011: a number of no series of the merchant.
pub fn strange_line(world: &mut World, count: usize) -> Keys {
    let number =
        |world: &mut World, nth: usize| format!("{}", 9_900_000_000_u64 + (nth as u64) * 17 + world.rng.u64(0..17));
    stray_lines(world, count, number, |name, order_no| {
        Truth::of("PY-011", name, "no order of this number").order(order_no)
    })
}

/// Lines on the newest statement of an account whose exports are complete.
fn stray_lines(
    world: &mut World,
    count: usize,
    number: fn(&mut World, usize) -> String,
    truth: fn(&str, &str) -> Truth,
) -> Keys {
    let mut keys = Vec::new();
    let complete = |account: &crate::sample::world::Account| {
        account.payer.is_some() && account.plan.complete && !account.plan.loses_statement
    };
    let Some(account) = world.accounts.iter().position(complete) else { return Ok(keys) };
    let Some((sent, statement)) = newest_payout(world, account)? else { return Ok(keys) };
    for nth in 0..count {
        let order_no = number(world, nth);
        let truth = truth(&world.accounts[account].plan.name, &order_no);
        world.truth.push(truth.statement(statement.clone()));
        keys.push(if order_no.is_empty() { statement.clone() } else { order_no.clone() });
        world.strange_lines.push(StrangeLine { account, sent, order_no, amount: 61_234 });
    }
    Ok(keys)
}

/// PO-003: a day and method of a closed month on which the overview says too much was paid.
pub fn overview_differs(world: &mut World, count: usize) -> Keys {
    let reported: BTreeSet<usize> = world
        .merchant
        .sources
        .iter()
        .filter(|source| source.holds == Holds::Postage)
        .filter_map(|source| world.merchant.account_index(source.account.as_deref()?))
        .collect();
    let months = world.merchant.as_of.with_day(1).unwrap_or(world.merchant.as_of);
    // A day whose order is in quarantine is not judged.
    let refused: BTreeSet<(usize, NaiveDate)> = world
        .orders
        .iter()
        .filter(|order| order.flaw.is_some())
        .map(|order| (order.account, order.paid.date()))
        .collect();
    let places = world.pick(count, |world, order| {
        reported.contains(&order.account)
            && order.is_carried(world.end)
            && order.postage > 0
            && order.paid.date() < months
            && !refused.contains(&(order.account, order.paid.date()))
    });
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for place in places {
        let order = &world.orders[place];
        let account = &world.accounts[order.account].plan;
        let crate::sample::order::Sent::Method(method) = order.sent else { continue };
        let method = account.methods[method].name.clone();
        let day = order.paid.date();
        if !seen.insert((day, method.clone())) {
            continue;
        }
        let subject = format!("{day}|{method}|{}", account.currency);
        world.truth.push(Truth::of("PO-003", &account.name, "one postage too many in the overview").subject(&subject));
        world.overview_errors.push(OverviewError { account: order.account, day, method, excess: order.postage });
        keys.push(subject);
    }
    Ok(keys)
}

/// PY-012: on the account that loses a statement.
pub fn lost_statement(world: &mut World, _count: usize) -> Keys {
    let mut keys = Vec::new();
    for place in 0..world.accounts.len() {
        let account = &world.accounts[place];
        let Some(payer) = account.payer.clone().filter(|_| account.plan.loses_statement) else { continue };
        let mut missing = None;
        for payout in payer.payouts(world.merchant.first_day, world.merchant.as_of)? {
            if payer.grace_end(payout.sent)? < world.merchant.as_of && is_due(world, place, payout)? {
                missing = Some(payout.sent);
            }
        }
        if let Some(sent) = missing {
            let name = world.accounts[place].plan.name.clone();
            world.truth.push(Truth::of("PY-012", &name, "the statement is missing").subject(sent.to_string()));
            world.lost_statements.push((place, sent));
            keys.push(format!("{name} {sent}"));
        }
    }
    Ok(keys)
}

/// Whether a payout has an order of the account to pay, and no other day would do for it.
fn is_due(world: &World, account: usize, payout: PayoutDay) -> Result<bool, SampleError> {
    let Some(payer) = &world.accounts[account].payer else { return Ok(false) };
    for order in world.orders.iter().filter(|order| order.account == account) {
        let delivered = world.status(order) == OrderStatus::Delivered;
        if let Some(set) = order.delivered_set.filter(|_| delivered)
            && payer.payout(set.date())? == payout
            && !payer.is_contested(set.date())
        {
            return Ok(true);
        }
    }
    Ok(false)
}
