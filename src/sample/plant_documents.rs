//! Planted: invoices, return documents and credit notes of accounts that buy on delivery.

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

/// No finding: the delivery never was, and a complete credit note says so (rulebook §15.23).
pub fn reversed_delivery(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        delivered_long_ago(world, order, 40)
            && order.is_carried(world.end)
            && world.can_return(order)
            && order.shipped.is_some_and(|shipped| shipped + Duration::days(20) <= world.end)
    });
    for place in &places {
        let mut order = world.orders[*place].clone();
        world.withdraw(&mut order, 15, true);
        if let Some(claim) = &mut order.claim {
            claim.fictitious = true;
        }
        if let (Some(shipped), Some(parcel)) = (order.shipped, &mut order.parcel) {
            parcel.events = journey(shipped, Ending::Returned, &world.carriers[parcel.carrier].codes, &mut world.rng);
        }
        world.orders[*place] = order;
    }
    Ok(world.numbers(&places))
}
