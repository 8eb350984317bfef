//! Planted: words that no pack maps, rows that cannot be read, rows that stand twice.

use std::collections::BTreeSet;

use chrono::{Days, Duration};

use crate::sample::SampleError;
use crate::sample::merchant::{Holds, Way};
use crate::sample::order::{Flaw, Order, Shop};
use crate::sample::strays::StrayScan;
use crate::sample::truth::Truth;
use crate::sample::world::World;
use crate::vocab::{TrackingCode, Word};

type Keys = Result<Vec<String>, SampleError>;

/// The word of layouts for a label that is known and has no counterpart.
pub const NO_COUNTERPART: &str = "no_counterpart";

/// MAP-001 per code: a scan of a parcel that is delivered all the same.
pub fn unmapped_code(world: &mut World, count: usize) -> Keys {
    let mut keys = Vec::new();
    for source in world.merchant.sources.clone().into_iter().filter(|source| source.holds == Holds::Tracking) {
        let layout = world.packs.layout(&source.layout)?;
        let carrier = world.merchant.carrier_index(source.carrier.as_deref().unwrap_or_default())?;
        let label = layout.labels.get("code").and_then(|codes| codes.get(TrackingCode::Unknown.text()));
        let (Some(label), Some(vocabulary)) = (label, &layout.vocabulary) else { continue };
        let places = world.pick(count, |world, order| order.is_carried(world.end) && order.carrier == carrier);
        for place in &places {
            let order = &world.orders[*place];
            if let (Some(parcel), Some(shipped)) = (&order.parcel, order.shipped) {
                world.stray_scans.push(StrayScan {
                    carrier,
                    number: parcel.number.clone(),
                    at: shipped + Duration::hours(4),
                    code: TrackingCode::Unknown,
                    unreadable: false,
                });
            }
        }
        if !places.is_empty() {
            let subject = format!("{}|{vocabulary}|{label}", world.merchant.carriers[carrier].name);
            let note = format!("{} scans with a code that no pack maps", places.len());
            let account = source.account.as_deref().unwrap_or_default();
            world.truth.push(Truth::of("MAP-001", account, &note).subject(&subject));
            keys.push(subject);
        }
    }
    Ok(keys)
}

/// MAP-001 per order: the shop's word.
pub fn no_counterpart_shop(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        order.way == Way::Invoices && order.shop == Shop::Same && order.is_plain_delivery(world.end)
    });
    for place in &places {
        world.orders[*place].shop = Shop::Other(NO_COUNTERPART, None);
        world.expect("MAP-001", *place, "shop status without a counterpart");
    }
    Ok(world.numbers(&places))
}

/// MAP-001 per order: the marketplace's word, on an order that is promised for later.
pub fn no_counterpart_status(world: &mut World, count: usize) -> Keys {
    let as_of = world.merchant.as_of;
    let places = world.pick(count, |world, order| {
        order.way == Way::Calendar && order.is_carried(world.end) && order.expected > as_of
    });
    for place in &places {
        let order = &mut world.orders[*place];
        order.stay_in_work();
        order.word = Some(NO_COUNTERPART);
        world.expect("MAP-001", *place, "status without a counterpart");
    }
    Ok(world.numbers(&places))
}

/// DQ-001: two rows that disagree about the promised day. Its statement line raises nothing.
pub fn conflicting_rows(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| {
        old_calendar_delivery(world, order) && order.lines.len() == 1 && order_source(world, order).is_some()
    });
    for place in &places {
        world.orders[*place].flaw = Some(Flaw::Conflict);
        let order = &world.orders[*place];
        let source = order_source(world, order).unwrap_or_default();
        let subject = format!("{source}|{}", order.number);
        let account = world.account_of(order).plan.name.clone();
        world.truth.push(Truth::of("DQ-001", &account, "two rows that disagree").subject(subject));
    }
    Ok(world.numbers(&places))
}

fn order_source(world: &World, order: &Order) -> Option<String> {
    let account = &world.account_of(order).plan.name;
    let mut sources = world.merchant.sources.iter();
    let source = sources.find(|source| source.holds == Holds::Orders && source.account.as_ref() == Some(account))?;
    Some(source.name.clone())
}

/// Outside the earlier export.
fn old_calendar_delivery(world: &World, order: &Order) -> bool {
    order.way == Way::Calendar
        && order.is_carried(world.end)
        && order.created.date() + Days::new(1) < world.merchant.older_from
}

/// The order was never sent, so it exists in its refused row only.
fn flawed(world: &mut World, count: usize, flaw: Flaw) -> Keys {
    let places = world.pick(count, |world, order| old_calendar_delivery(world, order) && order.lines.len() == 1);
    for place in &places {
        let order = &mut world.orders[*place];
        order.stay_in_work();
        order.flaw = Some(flaw);
    }
    Ok(world.numbers(&places))
}

/// Quarantine: a day that does not exist.
pub fn bad_date(world: &mut World, count: usize) -> Keys {
    flawed(world, count, Flaw::BadDate)
}

/// Quarantine: a price that is no number.
pub fn bad_money(world: &mut World, count: usize) -> Keys {
    flawed(world, count, Flaw::BadMoney)
}

/// Quarantine: empty postage.
pub fn no_postage(world: &mut World, count: usize) -> Keys {
    flawed(world, count, Flaw::NoPostage)
}

/// Quarantine: a status that no pack knows.
pub fn unknown_word(world: &mut World, count: usize) -> Keys {
    flawed(world, count, Flaw::UnknownWord)
}

/// Quarantine: a row that ends early.
pub fn short_row(world: &mut World, count: usize) -> Keys {
    flawed(world, count, Flaw::ShortRow)
}

/// DQ-005: an order number as a spreadsheet rounds it; numbers that become the same one are one finding.
pub fn rounded_number(world: &mut World, count: usize) -> Keys {
    let numbers = flawed(world, count, Flaw::RoundedNumber)?;
    let mut truth = BTreeSet::new();
    for order in world.orders.iter().filter(|order| order.flaw == Some(Flaw::RoundedNumber)) {
        let subject = format!("{}|{}", order_source(world, order).unwrap_or_default(), order.rounded_number());
        let account = &world.account_of(order).plan.name;
        truth.insert(Truth::of("DQ-005", account, "order number rounded by a spreadsheet").subject(subject));
    }
    world.truth.extend(truth);
    Ok(numbers)
}

/// DQ-003: one per source in which a row was planted that cannot be read.
pub fn quarantined_sources(world: &mut World) {
    let mut truth = Vec::new();
    for source in &world.merchant.sources {
        let account = source.account.as_deref().unwrap_or_default();
        let is_own = |order: &&Order| world.account_of(order).plan.name == account;
        let rows = match source.holds {
            Holds::Orders => world.orders.iter().filter(is_own).filter(|order| order.flaw.is_some()).count(),
            Holds::Shop => world.orders.iter().filter(is_own).filter(|order| order.shop == Shop::Unreadable).count(),
            Holds::Tracking => {
                let carrier = source.carrier.as_deref().unwrap_or_default();
                let of_carrier = |scan: &&StrayScan| world.merchant.carriers[scan.carrier].name == carrier;
                world
                    .stray_scans
                    .iter()
                    .filter(of_carrier)
                    .filter(|scan| scan.unreadable && scan.at < world.end)
                    .count()
            }
            _ => 0,
        };
        if rows > 0 {
            truth.push(Truth::of("DQ-003", account, "rows that cannot be read").subject(&source.name));
        }
    }
    world.truth.append(&mut truth);
}

/// Quarantine: a scan more, whose time cannot be read.
pub fn unreadable_scan(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| order.way == Way::Calendar && order.is_carried(world.end));
    for place in &places {
        let order = &world.orders[*place];
        if let (Some(parcel), Some(shipped)) = (&order.parcel, order.shipped) {
            world.stray_scans.push(StrayScan {
                carrier: parcel.carrier,
                number: parcel.number.clone(),
                at: shipped,
                code: TrackingCode::Accepted,
                unreadable: true,
            });
        }
    }
    Ok(world.numbers(&places))
}

/// Quarantine: a shop status that no pack knows; the shop is silent about the order then.
pub fn unreadable_shop_row(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| order.shop == Shop::Same && order.is_plain_delivery(world.end));
    for place in &places {
        world.orders[*place].shop = Shop::Unreadable;
    }
    Ok(world.numbers(&places))
}

/// Duplicate: the same row twice.
pub fn shop_row_twice(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, |world, order| order.shop == Shop::Same && order.is_plain_delivery(world.end));
    for place in &places {
        world.orders[*place].shop_twice = true;
    }
    Ok(world.numbers(&places))
}
