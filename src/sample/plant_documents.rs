//! Planted: invoices, return documents and credit notes of accounts that buy on delivery.

use std::collections::BTreeSet;

use chrono::{Days, Duration};

use crate::sample::SampleError;
use crate::sample::merchant::Way;
use crate::sample::order::Order;
use crate::sample::parcel::{Ending, journey};
use crate::sample::truth::Truth;
use crate::sample::world::World;

type Keys = Result<Vec<String>, SampleError>;

/// Delivered at least so many days before the as-of date.
fn delivered_long_ago(world: &World, order: &Order, days: u64) -> bool {
    order.way == Way::Invoices
        && order.is_plain_delivery(world.end)
        && order.delivered_set.is_some_and(|set| set.date() + Days::new(days) <= world.merchant.as_of)
}

/// SO-005: a later invoice should have billed it.
pub fn not_invoiced(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        let biller = world.account_of(order).biller.as_ref();
        let due = biller.and_then(|biller| {
            let last = biller.invoice_days().last().copied()?;
            Some(order.delivered_set?.date() + Days::new(biller.plan().period_days + 1) <= last)
        });
        delivered_long_ago(world, order, 20) && !order.cod && due == Some(true)
    });
    for place in &places {
        world.orders[*place].unbilled = true;
        world.expect("SO-005", *place, "delivered and on no invoice");
    }
    Ok(world.numbers(&places))
}

/// CN-001: the time for the credit note has run out.
pub fn no_credit_note(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| delivered_long_ago(world, order, 26));
    for place in &places {
        let mut order = world.orders[*place].clone();
        world.withdraw(&mut order, 6, true);
        if let Some(claim) = &mut order.claim {
            claim.credit = None;
            let account = &world.accounts[order.account].plan.name;
            let truth = Truth::of("CN-001", account, "no credit note for the return document");
            world.truth.push(truth.order(&order.number).subject(&claim.return_no));
        }
        world.orders[*place] = order;
    }
    Ok(world.numbers(&places))
}

/// CN-002: a credit note without quantities.
pub fn incomplete_credit_note(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| delivered_long_ago(world, order, 34));
    for place in &places {
        let mut order = world.orders[*place].clone();
        world.withdraw(&mut order, 6, true);
        if let Some(claim) = &mut order.claim {
            claim.without_qty = true;
            if let Some((credit_note, _)) = &claim.credit {
                let account = &world.accounts[order.account].plan.name;
                let truth = Truth::of("CN-002", account, "the credit note says no quantity");
                world.truth.push(truth.order(&order.number).subject(credit_note));
            }
        }
        world.orders[*place] = order;
    }
    Ok(world.numbers(&places))
}

/// CN-005: the first two digits of the return document's number change places. Return document and credit note agree, so nothing is missing.
pub fn mistyped_return_no(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| delivered_long_ago(world, order, 34));
    for place in &places {
        let mut order = world.orders[*place].clone();
        world.withdraw(&mut order, 6, true);
        if let Some(claim) = &mut order.claim {
            let (first, rest) = claim.return_no.split_at(1);
            let (second, rest) = rest.split_at(1);
            claim.return_no = [second, first, rest].concat();
            let account = &world.accounts[order.account].plan.name;
            let truth = Truth::of("CN-005", account, "the return number begins with its second digit");
            world.truth.push(truth.order(&order.number).subject(&claim.return_no));
        }
        world.orders[*place] = order;
    }
    Ok(world.numbers(&places))
}

/// CN-005: an invoice has lost a digit for some orders; all of one invoice are one finding.
pub fn mistyped_invoice_no(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| delivered_long_ago(world, order, 20));
    let mut truth = BTreeSet::new();
    for place in &places {
        let order = &mut world.orders[*place];
        let account = &world.accounts[order.account];
        let invoiced = account.biller.as_ref().zip(order.delivered_set).and_then(|(biller, set)| {
            let day = biller.invoice_after(set);
            Some(biller.mistyped_invoice(biller.invoice_days().iter().position(|issued| *issued == day)?))
        });
        if let Some(number) = invoiced {
            order.misnumbered = true;
            truth.insert(
                Truth::of("CN-005", &account.plan.name, "a digit of the invoice's number is left out").subject(number),
            );
        }
    }
    world.truth.extend(truth);
    Ok(world.numbers(&places))
}

/// CN-004: one credit note for a delivery that never was and a withdrawal of the same days.
pub fn mixed_credit_note(world: &mut World, count: usize) -> Keys {
    let mut keys = Vec::new();
    for _ in 0..count {
        let with_partner = |world: &World, order: &Order| {
            may_be_reversed(world, order)
                && world.orders.iter().any(|other| !other.taken && may_share_note(world, order, other))
        };
        let Some(first) = world.pick(1, with_partner).first().copied() else { break };
        let one = world.orders[first].clone();
        let Some(second) = world.pick(1, |world, other| may_share_note(world, &one, other)).first().copied() else {
            break;
        };
        reverse(world, first);
        let mut other = world.orders[second].clone();
        world.withdraw(&mut other, 13, true);
        world.orders[second] = other;
        keys.extend(share_note(world, first, second));
    }
    Ok(keys)
}

/// Another order of the account that was delivered on the same day or up to two days later: one credit note is in time for both, and after
/// the invoices of both.
fn may_share_note(world: &World, one: &Order, other: &Order) -> bool {
    let later = one.delivered.zip(other.delivered).map(|(one, other)| (other.date() - one.date()).num_days());
    delivered_long_ago(world, other, 40)
        && other.number != one.number
        && other.account == one.account
        && later.is_some_and(|days| (0..=2).contains(&days))
}

/// Puts the returns of two orders on the credit note of the first; the finding names the lower number of the two.
fn share_note(world: &mut World, first: usize, second: usize) -> Option<String> {
    let (note, issued) = world.orders[first].claim.as_ref()?.credit.clone()?;
    let (_, later) = world.orders[second].claim.as_ref()?.credit.clone()?;
    for place in [first, second] {
        world.orders[place].claim.as_mut()?.credit = Some((note.clone(), issued.max(later)));
    }
    let [one, other] = [first, second].map(|place| world.orders[place].number.clone());
    let account = world.account_of(&world.orders[first]).plan.name.clone();
    let truth = Truth::of("CN-004", &account, &format!("returns of {one} (fictitious) and {other} (real)"));
    world.truth.push(truth.order(one.as_str().min(&other)).subject(&note));
    Some(format!("{note} for {one} and {other}"))
}

/// No finding: the delivery never was, and a complete credit note says so (rulebook §15.23).
pub fn reversed_delivery(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, may_be_reversed);
    for place in &places {
        reverse(world, *place);
    }
    Ok(world.numbers(&places))
}

fn may_be_reversed(world: &World, order: &Order) -> bool {
    delivered_long_ago(world, order, 40)
        && order.is_carried(world.end)
        && world.can_return(order)
        && order.shipped.is_some_and(|shipped| shipped + Duration::days(20) <= world.end)
}

/// The parcel came back although it was set delivered; return document and credit note say so.
fn reverse(world: &mut World, place: usize) {
    let mut order = world.orders[place].clone();
    world.withdraw(&mut order, 15, true);
    if let Some(claim) = &mut order.claim {
        claim.fictitious = true;
    }
    if let (Some(shipped), Some(parcel)) = (order.shipped, &mut order.parcel) {
        parcel.events = journey(shipped, Ending::Returned, &world.carriers[parcel.carrier].codes, &mut world.rng);
    }
    world.orders[place] = order;
}
