//! Planted: tracking numbers, links and carriers. All on accounts that need tracking data; faults that lower the tracking rate fall
//! into the last closed month first, so that this month breaches and others do not.

use chrono::{Datelike, Days, Duration, NaiveDate};

use crate::sample::SampleError;
use crate::sample::merchant::{Holds, Way};
use crate::sample::order::{Order, Sent};
use crate::sample::parcel::{Ending, printed};
use crate::sample::truth::Truth;
use crate::sample::world::World;

/// The dump goes on for more days after shipping than any carrier takes to its first scan.
const COVER_DAYS: u64 = 5;

type Keys = Result<Vec<String>, SampleError>;

fn carried(world: &World, order: &Order) -> bool {
    order.way == Way::Invoices && order.is_carried(world.end)
}

fn shipped_in(order: &Order, month: NaiveDate) -> bool {
    order.shipped.is_some_and(|shipped| (shipped.year(), shipped.month()) == (month.year(), month.month()))
}

/// Orders shipped in the last closed month first, others if they do not suffice.
fn pick_in_last_month(world: &mut World, count: usize) -> Vec<usize> {
    let last_month =
        world.merchant.as_of.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(world.merchant.as_of);
    let mut places = world.pick(count, |world, order| carried(world, order) && shipped_in(order, last_month));
    let rest = count - places.len();
    places.extend(world.pick(rest, carried));
    places
}

/// TR-001: neither number nor link, and no parcel that would name the order.
pub fn no_tracking(world: &mut World, count: usize) -> Keys {
    let places = pick_in_last_month(world, count);
    for place in &places {
        let order = &mut world.orders[*place];
        order.tracking.clear();
        order.url.clear();
        order.parcel = None;
        world.expect("TR-001", *place, "neither number nor link");
    }
    Ok(world.numbers(&places))
}

/// TR-001 with a number.
pub fn no_url(world: &mut World, count: usize) -> Keys {
    let places = pick_in_last_month(world, count);
    for place in &places {
        world.orders[*place].url.clear();
        world.expect_shipment("TR-001", *place, "number without a link");
    }
    Ok(world.numbers(&places))
}

/// TR-001 without a number, and no parcel that would name the order.
pub fn no_number(world: &mut World, count: usize) -> Keys {
    let places = pick_in_last_month(world, count);
    for place in &places {
        let order = &mut world.orders[*place];
        order.tracking.clear();
        order.parcel = None;
        world.expect("TR-001", *place, "link without a number");
    }
    Ok(world.numbers(&places))
}

/// TR-002: the parcel is found all the same.
pub fn printed_number(world: &mut World, count: usize) -> Keys {
    let places = pick_in_last_month(world, count);
    for place in &places {
        let order = &mut world.orders[*place];
        order.tracking = printed(&order.tracking);
        world.expect_shipment("TR-002", *place, "number with blanks");
    }
    Ok(world.numbers(&places))
}

/// TR-003: the template was never filled.
pub fn placeholder(world: &mut World, count: usize) -> Keys {
    let places = pick_in_last_month(world, count);
    for place in &places {
        let order = &mut world.orders[*place];
        order.url = world.merchant.carriers[order.carrier].url.replace("{number}", "{tracking_number}");
        world.expect_shipment("TR-003", *place, "placeholder in the link");
    }
    Ok(world.numbers(&places))
}

/// TR-003: in the first month, where one alone breaches nothing.
pub fn no_scheme(world: &mut World, count: usize) -> Keys {
    let first_month = world.merchant.first_day;
    let places = world.pick(count, |world, order| carried(world, order) && shipped_in(order, first_month));
    for place in &places {
        let order = &mut world.orders[*place];
        order.url = order.url.trim_start_matches("https://").to_owned();
        world.expect_shipment("TR-003", *place, "link without http");
    }
    Ok(world.numbers(&places))
}

/// TR-004: the number was never handed over; the dump covers the days after shipping.
pub fn unknown_number(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        let shipped = order.shipped.map(|shipped| shipped.date());
        let covered = shipped
            .zip(world.coverage[order.carrier])
            .is_some_and(|(shipped, (first, last))| first <= shipped && shipped + Days::new(COVER_DAYS) <= last);
        carried(world, order) && covered
    });
    for place in &places {
        let order = &mut world.orders[*place];
        let plan = &world.merchant.carriers[order.carrier];
        order.tracking = world.carriers[order.carrier].number(plan, &mut world.rng);
        order.url = plan.url.replace("{number}", &order.tracking);
        order.parcel = None;
        world.expect_shipment("TR-004", *place, "no dump knows the number");
    }
    Ok(world.numbers(&places))
}

/// TR-005: the second order has the first one's number, and with it its days.
pub fn shared_number(world: &mut World, count: usize) -> Keys {
    let mut keys = Vec::new();
    for _ in 0..count {
        let with_partner = |world: &World, order: &Order| {
            carried(world, order) && world.orders.iter().any(|other| !other.taken && may_share(world, order, other))
        };
        let Some(first) = world.pick(1, with_partner).first().copied() else { break };
        let one = world.orders[first].clone();
        let partners = world.pick(1, |world, order| may_share(world, &one, order));
        let Some(second) = partners.first() else { break };
        let order = &mut world.orders[*second];
        order.shipped = one.shipped;
        order.labelled = one.labelled;
        order.delivered = one.delivered;
        order.delivered_set = one.delivered_set;
        order.tracking.clone_from(&one.tracking);
        order.url.clone_from(&one.url);
        order.parcel = None;
        let note = format!("orders {} and {}", one.number, order.number);
        let account = world.accounts[one.account].plan.name.clone();
        keys.push(format!("{} on {} and {}", one.tracking, one.number, world.orders[*second].number));
        world.truth.push(Truth::of("TR-005", &account, &note).shipment(&one.tracking));
    }
    Ok(keys)
}

/// Another order of the account that could have gone into the same parcel, and whose box the carrier could still take that day.
fn may_share(world: &World, one: &Order, other: &Order) -> bool {
    let activation = world.account_of(other).plan.own_delivery_activation_date;
    let still_taken = one.shipped.zip(activation).is_none_or(|(shipped, day)| shipped.date() < day);
    carried(world, other)
        && other.number != one.number
        && other.account == one.account
        && other.sent == one.sent
        && (!other.small || still_taken)
        && other.accepted < one.shipped
        && other.created + Duration::days(9) > one.created
}

/// TR-007, critical.
pub fn lodged_after(world: &mut World, count: usize) -> Keys {
    let places =
        world.pick(count, |world, order| taken_over(world, order).is_some_and(|day| order.created.date() >= day));
    lodge_with_old_carrier(world, &places, "created and lodged after the activation")
}

/// TR-007, medium. Where no order was under way at the activation, one of the first weeks was created on the day before it.
pub fn lodged_late(world: &mut World, count: usize) -> Keys {
    let mut places =
        world.pick(count, |world, order| taken_over(world, order).is_some_and(|day| order.created.date() < day));
    let first_weeks = |world: &World, order: &Order| {
        taken_over(world, order).is_some_and(|day| order.created.date() < day + Days::new(20))
    };
    for place in world.pick(count - places.len(), first_weeks) {
        if let Some(day) = taken_over(world, &world.orders[place]) {
            create_earlier(&mut world.orders[place], day - Days::new(1));
        }
        places.push(place);
    }
    lodge_with_old_carrier(world, &places, "created before the activation, lodged after it")
}

/// Activation of the own delivery service that delivered the order, where the account has a carrier of its own as well.
fn taken_over(world: &World, order: &Order) -> Option<NaiveDate> {
    let delivers = order.sent == Sent::OwnService && order.is_plain_delivery(world.end);
    own_method(world, order).filter(|_| delivers)?;
    world.account_of(order).plan.own_delivery_activation_date
}

/// Moves everything before shipping to another day; the promise stays.
fn create_earlier(order: &mut Order, day: NaiveDate) {
    let earlier = order.created.date() - day;
    order.created -= earlier;
    order.paid -= earlier;
    order.opened = order.opened.map(|opened| opened - earlier);
    order.accepted = order.accepted.map(|accepted| accepted - earlier);
}

/// The parcel goes to the carrier whose dump belongs to the account.
fn lodge_with_old_carrier(world: &mut World, places: &[usize], note: &str) -> Keys {
    for place in places {
        let mut order = world.orders[*place].clone();
        if let (Some(method), Some(shipped), Some(delivered)) =
            (own_method(world, &order), order.shipped, order.delivered)
        {
            let plan = &world.accounts[order.account].plan.methods[method];
            order.postage = plan.price;
            order.carrier = world.merchant.carrier_index(&plan.carrier)?;
            order.sent = Sent::Method(method);
            world.send(&mut order, shipped, Ending::Delivered(delivered, None));
            world.orders[*place] = order;
            world.expect_shipment("TR-007", *place, note);
        }
    }
    Ok(world.numbers(places))
}

fn own_method(world: &World, order: &Order) -> Option<usize> {
    let account = &world.account_of(order).plan;
    account.methods.iter().position(|method| {
        world.merchant.sources.iter().any(|source| {
            source.holds == Holds::Tracking
                && source.carrier.as_deref() == Some(&method.carrier)
                && source.account.as_deref() == Some(&account.name)
        })
    })
}
