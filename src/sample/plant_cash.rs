//! Planted: cash on delivery of the carrier that remits it.

use chrono::{Days, NaiveDate};

use crate::sample::SampleError;
use crate::sample::merchant::Holds;
use crate::sample::order::{Cash, Order};
use crate::sample::remittance_rows::{collected_on, remittances, remitted_on};
use crate::sample::truth::Truth;
use crate::sample::world::World;

/// More days than a carrier may take from the collection to the remittance.
const REMIT_DAYS: u64 = 21;

type Keys = Result<Vec<String>, SampleError>;

/// Account and carrier of the transfers of remittances, places both.
fn remitter(world: &World) -> Option<(usize, usize)> {
    let source = world.merchant.sources.iter().find(|source| source.holds == Holds::Transfers)?;
    let account = world.merchant.account_index(source.account.as_deref()?)?;
    Some((account, world.merchant.carrier_index(source.carrier.as_deref()?).ok()?))
}

/// Day on which the carrier collected the cash of a plain delivery.
fn collected(world: &World, order: &Order) -> Option<NaiveDate> {
    let (_, carrier) = remitter(world).filter(|(account, _)| *account == order.account)?;
    collected_on(order, carrier).filter(|_| order.is_carried(world.end))
}

/// Day on which it is remitted, up to the as-of date.
fn remitted(world: &World, order: &Order) -> Option<NaiveDate> {
    collected(world, order).map(remitted_on).filter(|sent| *sent <= world.merchant.as_of)
}

fn with_cash(world: &mut World, places: Vec<usize>, code: &'static str, note: &str, cash: Cash) -> Keys {
    for place in &places {
        world.orders[*place].cash = cash;
        world.expect_shipment(code, *place, note);
    }
    Ok(world.numbers(&places))
}

/// CD-001
pub fn collected_less(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| collected(world, order).is_some());
    with_cash(world, places, "CD-001", "collected 5.00 too little", Cash::Short(500))
}

/// CD-002
pub fn not_collected(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| collected(world, order).is_some());
    with_cash(world, places, "CD-002", "delivered without cash", Cash::Forgotten)
}

/// CD-003: the newest cash of a later remittance, which stays honest, shows that the days of the carrier are over.
pub fn not_remitted(world: &mut World, count: usize) -> Keys {
    let days = world.orders.iter().enumerate().filter(|(_, order)| !order.taken);
    let days = days.filter_map(|(place, order)| Some((remitted(world, order)?, place)));
    let Some((newest, witness)) = days.max() else { return Ok(Vec::new()) };
    world.orders[witness].taken = true;
    let places = world
        .pick(count, |world, order| remitted(world, order).is_some_and(|sent| sent + Days::new(REMIT_DAYS) <= newest));
    with_cash(world, places, "CD-003", "collected and in no remittance", Cash::Kept)
}

/// CD-004
pub fn remitted_twice(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| remitted(world, order).is_some());
    with_cash(world, places, "CD-004", "twice in one remittance", Cash::Twice)
}

/// CD-005: the transfer is less than the parcels by 10.00. After all that changes rows.
pub fn transfer_differs(world: &mut World, count: usize) -> Keys {
    let Some((account, carrier)) = remitter(world) else { return Ok(Vec::new()) };
    let name = world.accounts[account].plan.name.clone();
    let sent: Vec<String> = remittances(world, account, carrier).into_iter().map(|sent| sent.number).collect();
    let mut keys = Vec::new();
    for number in sent.into_iter().rev().take(count) {
        let truth = Truth::of("CD-005", &name, "the transfer is short by 10.00").statement(number.clone());
        world.truth.push(truth);
        world.short_transfers.push((number.clone(), 1_000));
        keys.push(number);
    }
    Ok(keys)
}
