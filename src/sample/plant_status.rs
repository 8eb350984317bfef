//! Planted: statuses that disagree with the carrier or with the shop system.

use chrono::{Days, Duration};

use crate::sample::SampleError;
use crate::sample::merchant::Way;
use crate::sample::order::{Order, Payout, Sent, Shop};
use crate::sample::parcel::{Ending, journey};
use crate::sample::plant_history::expect_if_told;
use crate::sample::world::{World, cancel_whole};
use crate::vocab::{Actor, TrackingCode};

/// Longer than any marketplace waits: the dump must go on for so many days after the last scan.
const SILENT_DAYS: u64 = 16;

type Keys = Result<Vec<String>, SampleError>;

/// A plain delivery by a carrier, shipped at least so many days before the end.
fn carried(world: &World, order: &Order, way: Way, days: i64) -> bool {
    order.way == way
        && order.is_carried(world.end)
        && order.shipped.is_some_and(|shipped| shipped + Duration::days(days) <= world.end)
}

fn rewrite_journey(world: &mut World, place: usize, ending: Ending) {
    let order = &mut world.orders[place];
    let Some(shipped) = order.shipped else { return };
    if let Some(parcel) = &mut order.parcel {
        parcel.events = journey(shipped, ending, &world.carriers[parcel.carrier].codes, &mut world.rng);
    }
}

fn forget_delivery(order: &mut Order) {
    order.delivered = None;
    order.delivered_set = None;
}

/// ST-001: every other one was not paid either, which ST-001 hides.
pub fn delivered_but_returned_calendar(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, Way::Calendar, 20) && world.can_return(order));
    for (nth, place) in places.iter().enumerate() {
        rewrite_journey(world, *place, Ending::Returned);
        if nth % 2 == 1 {
            world.orders[*place].payout = Payout::Missing;
        }
        world.expect("ST-001", *place, "set delivered, carrier: returned to the sender");
    }
    Ok(world.numbers(&places))
}

/// ST-001: the carrier falls silent for more than 14 days that its dump covers.
pub fn delivered_but_silent_calendar(world: &mut World, count: usize) -> Keys {
    silent(world, count, Way::Calendar)
}

/// ST-001 where the marketplace buys on delivery.
pub fn delivered_but_returned_buyer(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, Way::Invoices, 20) && world.can_return(order));
    for place in &places {
        rewrite_journey(world, *place, Ending::Returned);
        world.expect("ST-001", *place, "set delivered, carrier: returned to the sender");
    }
    Ok(world.numbers(&places))
}

/// ST-001 where the marketplace buys on delivery.
pub fn delivered_but_silent_buyer(world: &mut World, count: usize) -> Keys {
    silent(world, count, Way::Invoices)
}

fn silent(world: &mut World, count: usize, way: Way) -> Keys {
    let places = world.pick(count, |world, order| {
        let last_scan = order.shipped.map(|shipped| shipped.date() + Days::new(1));
        let heard_until = world.coverage[order.carrier].map(|(_, last)| last);
        carried(world, order, way, 20) && last_scan.map(|day| day + Days::new(SILENT_DAYS)) < heard_until
    });
    for place in &places {
        rewrite_journey(world, *place, Ending::Silence);
        world.expect("ST-001", *place, "set delivered, carrier: silent for more than 14 covered days");
    }
    Ok(world.numbers(&places))
}

/// ST-002 where the marketplace pays by calendar; most are overdue as well, which ST-002 hides.
pub fn not_marked_calendar(world: &mut World, count: usize) -> Keys {
    not_marked(world, count, Way::Calendar)
}

/// ST-002 where the marketplace buys on delivery.
pub fn not_marked_buyer(world: &mut World, count: usize) -> Keys {
    not_marked(world, count, Way::Invoices)
}

fn not_marked(world: &mut World, count: usize, way: Way) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, way, 12));
    for place in &places {
        forget_delivery(&mut world.orders[*place]);
        world.expect("ST-002", *place, "carrier: delivered, marketplace: shipped");
    }
    Ok(world.numbers(&places))
}

/// ST-003: late by hours.
pub fn marked_late(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        carried(world, order, Way::Invoices, 14) && !world.merchant.carriers[order.carrier].date_only
    });
    for place in &places {
        let late = Duration::minutes(25 * 60 + world.rng.i64(0..1500));
        let order = &mut world.orders[*place];
        order.delivered_set = order.delivered.map(|delivered| delivered + late);
        world.expect("ST-003", *place, "set delivered more than 24 hours after the carrier");
    }
    Ok(world.numbers(&places))
}

/// ST-009: the parcel is back for days.
pub fn returned_not_set(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, Way::Invoices, 20) && world.can_return(order));
    for place in &places {
        rewrite_journey(world, *place, Ending::Returned);
        forget_delivery(&mut world.orders[*place]);
        world.expect("ST-009", *place, "carrier: returned to the sender, marketplace: shipped");
    }
    Ok(world.numbers(&places))
}

/// ST-011: never set delivered, so that ST-013 does not hide it.
pub fn returned_but_delivered(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, Way::Invoices, 20));
    for place in &places {
        let order = &mut world.orders[*place];
        order.returned = order.delivered_set.map(|set| set + Duration::days(2));
        forget_delivery(order);
        world.expect("ST-011", *place, "set returned, carrier: delivered");
    }
    Ok(world.numbers(&places))
}

/// ST-013: it was invoiced as delivered; ST-011 is hidden.
pub fn withdrawal_as_return(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, Way::Invoices, 26));
    for place in &places {
        let order = &mut world.orders[*place];
        order.returned = order.delivered_set.map(|set| set + Duration::days(9));
        let told = ("delivered|returned", order.delivered_set, order.returned);
        world.expect("ST-013", *place, "returned after it was delivered");
        expect_if_told(world, "ST-005", *place, told);
    }
    Ok(world.numbers(&places))
}

/// Days from the delivery to the return, and from the return to the day on which it must have been settled: five working days, a
/// weekend, two holidays.
const BACK_DAYS: i64 = 6;
const SETTLED_DAYS: i64 = 10;

/// ST-020: the buyer sends the goods back by the number of the parcel.
pub fn delivered_then_back(world: &mut World, count: usize) -> Keys {
    let wait = Duration::days(BACK_DAYS + SETTLED_DAYS);
    let places = world.pick(count, |world, order| {
        let is_old = order.delivered.is_some_and(|delivered| delivered + wait <= world.end);
        carried(world, order, Way::Calendar, 0) && world.can_return(order) && is_old
    });
    for place in &places {
        let order = &mut world.orders[*place];
        if let (Some(delivered), Some(parcel)) = (order.delivered, &mut order.parcel) {
            parcel.events.push((delivered + Duration::days(BACK_DAYS), TrackingCode::Returned));
        }
        world.expect("ST-020", *place, "carrier: delivered, then returned to the sender");
    }
    Ok(world.numbers(&places))
}

/// ST-012 where the marketplace pays by calendar.
pub fn cancelled_but_shipped_calendar(world: &mut World, count: usize) -> Keys {
    cancelled_but_shipped(world, count, Way::Calendar)
}

/// ST-012 where the marketplace buys on delivery.
pub fn cancelled_but_shipped_buyer(world: &mut World, count: usize) -> Keys {
    cancelled_but_shipped(world, count, Way::Invoices)
}

/// The buyer cancels, so that no cancel rate moves; the parcel comes back.
fn cancelled_but_shipped(world: &mut World, count: usize, way: Way) -> Keys {
    let places = world.pick(count, |world, order| carried(world, order, way, 20) && world.can_return(order));
    for place in &places {
        rewrite_journey(world, *place, Ending::Returned);
        let order = &mut world.orders[*place];
        forget_delivery(order);
        if let Some(shipped) = order.shipped {
            cancel_whole(order, shipped + Duration::hours(26), Actor::Customer);
        }
        let told = ("shipped|cancelled", order.shipped, order.cancelled);
        world.expect("ST-012", *place, "cancelled, and the parcel went out");
        expect_if_told(world, "ST-004", *place, told);
    }
    Ok(world.numbers(&places))
}

/// ST-018, high: no carrier of ours has the parcel, so nothing else is known.
pub fn shop_ahead(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, by_own_service);
    for place in &places {
        let order = &mut world.orders[*place];
        order.shop = Shop::Other("delivered", order.delivered.map(|delivered| delivered.date()));
        forget_delivery(order);
        world.expect("ST-018", *place, "shop: delivered, marketplace: shipped");
    }
    Ok(world.numbers(&places))
}

/// ST-018, low.
pub fn shop_behind(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, by_own_service);
    for place in &places {
        let order = &mut world.orders[*place];
        forget_delivery(order);
        order.shop = Shop::Other("packing", None);
        world.expect("ST-018", *place, "shop: in work, marketplace: shipped");
    }
    Ok(world.numbers(&places))
}

fn by_own_service(world: &World, order: &Order) -> bool {
    order.sent == Sent::OwnService && order.is_plain_delivery(world.end)
}

/// SV-001, medium.
pub fn overdue_some_days(world: &mut World, count: usize) -> Keys {
    overdue(world, count, 1, 6)
}

/// SV-001, high.
pub fn overdue_a_week(world: &mut World, count: usize) -> Keys {
    overdue(world, count, 7, 13)
}

/// SV-001, critical.
pub fn overdue_long(world: &mut World, count: usize) -> Keys {
    overdue(world, count, 14, 60)
}

fn overdue(world: &mut World, count: usize, least: u64, most: u64) -> Keys {
    let as_of = world.merchant.as_of;
    let places = world.pick(count, |world, order| {
        let days = (as_of - order.expected).num_days();
        order.way == Way::Calendar
            && order.is_carried(world.end)
            && days >= least.cast_signed()
            && days <= most.cast_signed()
    });
    for place in &places {
        let order = &mut world.orders[*place];
        order.stay_in_work();
        let note = format!("in work, promised for {}", order.expected);
        world.expect("SV-001", *place, &note);
    }
    Ok(world.numbers(&places))
}
