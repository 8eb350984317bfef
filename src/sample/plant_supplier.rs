//! Planted: orders that a supplier sends, or would send.

use chrono::Duration;

use crate::sample::SampleError;
use crate::sample::order::{Order, Sent};
use crate::sample::truth::Truth;
use crate::sample::world::{World, padded};

type Keys = Result<Vec<String>, SampleError>;

fn supplied(_: &World, order: &Order) -> bool {
    order.sent == Sent::Supplier && order.supplier.len() == 1
}

fn supplier_of(world: &World, order: &Order) -> String {
    world.account_of(order).plan.dropship.as_ref().map_or_else(String::new, |dropship| dropship.account.clone())
}

/// The order waits at the supplier, and so at the channel.
fn park(order: &mut Order, reason: &'static str) {
    order.stay_in_work();
    for supplier_order in &mut order.supplier {
        supplier_order.status = Some("pending_validation");
        supplier_order.reason = Some(reason);
    }
}

fn expect_supplier_order(world: &mut World, code: &'static str, place: usize, note: &str) {
    let order = &world.orders[place];
    let Some(last) = order.supplier.last() else { return };
    let truth = Truth::of(code, &supplier_of(world, order), note).order(&order.number).subject(last.number.to_string());
    world.truth.push(truth);
}

/// BB-001
pub fn pending(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, supplied);
    for place in &places {
        park(&mut world.orders[*place], "other");
        expect_supplier_order(world, "BB-001", *place, "waits at the supplier");
    }
    Ok(world.numbers(&places))
}

/// BB-002, which hides BB-001.
pub fn address_too_long(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, supplied);
    for place in &places {
        let limit = world.account_of(&world.orders[*place]).plan.dropship.as_ref().map_or(0, |way| way.address_limit);
        let more = 1 + world.rng.usize(0..9);
        let order = &mut world.orders[*place];
        park(order, "address");
        order.address = padded(&order.address, limit + more);
        expect_supplier_order(world, "BB-002", *place, &format!("address of {} characters", limit + more));
    }
    Ok(world.numbers(&places))
}

/// BB-003: one finding for the supplier's account; it hides BB-001 of all these orders.
pub fn wallet_empty(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, supplied);
    for place in &places {
        park(&mut world.orders[*place], "wallet");
    }
    if let Some(place) = places.first() {
        let account = supplier_of(world, &world.orders[*place]);
        let note = format!("{} orders wait for money in the wallet", places.len());
        world.truth.push(Truth::of("BB-003", &account, &note));
    }
    Ok(world.numbers(&places))
}

/// BB-004: the later order is the one to cancel.
pub fn ordered_twice(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        supplied(world, order) && order.delivered_set.is_some_and(|set| set + Duration::days(2) < world.end)
    });
    for place in &places {
        let first = world.orders[*place].supplier[0].clone();
        let second = world.supplier_order(first.created + Duration::hours(5), "manual", first.lines);
        world.orders[*place].supplier.push(second);
        expect_supplier_order(world, "BB-004", *place, "the same articles for the same channel order");
    }
    Ok(world.numbers(&places))
}
