//! Planted: histories that go other ways than the pack allows. The orders themselves, and so their money, stay as they were.

use chrono::{Duration, NaiveDateTime};

use crate::sample::SampleError;
use crate::sample::history_rows::is_told;
use crate::sample::merchant::Way;
use crate::sample::order::{Order, Sent, Slip};
use crate::sample::strays::StrayHistory;
use crate::sample::truth::Truth;
use crate::sample::world::World;

type Keys = Result<Vec<String>, SampleError>;

/// A plain delivery whose history is told from its beginning to some hours after its end.
fn told_whole(world: &World, order: &Order) -> bool {
    let afterwards = order.delivered_set.map(|set| set + Duration::hours(3));
    order.way == Way::Invoices
        && order.is_plain_delivery(world.end)
        && is_told(world, order, Some(order.created))
        && is_told(world, order, afterwards)
}

fn by_own_service(world: &World, order: &Order) -> bool {
    order.sent == Sent::OwnService && told_whole(world, order)
}

/// The work began so late that there is time for it before shipping.
fn waits_a_day(world: &World, order: &Order) -> bool {
    let packed = order.opened.map(|opened| opened + Duration::hours(27));
    told_whole(world, order) && packed < order.shipped
}

/// Rows without an order up to which each is a finding of its own (DQ-016).
const EACH: usize = 20;

/// DQ-016: a number of no series of the merchant; opened, and never in the export of orders.
pub fn stray_row(world: &mut World, count: usize) -> Keys {
    let told = |account: &crate::sample::world::Account| account.plan.complete && account.plan.history_days.is_some();
    let Some(account) = world.accounts.iter().position(told) else { return Ok(Vec::new()) };
    let mut keys = Vec::new();
    let name = world.accounts[account].plan.name.clone();
    let holds = crate::sample::merchant::Holds::History;
    let mut sources = world.merchant.sources.iter();
    let source = sources.find(|source| source.holds == holds && source.account.as_ref() == Some(&name));
    let Some(source) = source.map(|source| source.name.clone()) else { return Ok(keys) };
    for nth in 0..count {
        let order_no = format!("{}", 9_800_000_000_u64 + (nth as u64) * 17 + world.rng.u64(0..17));
        world.stray_history.push(StrayHistory {
            account,
            order_no: order_no.clone(),
            at: world.end - Duration::hours(30),
        });
        keys.push(order_no);
    }
    // More of them than a person looks through are one finding of their source.
    let subjects: Vec<String> =
        if keys.len() > EACH { vec![source] } else { keys.iter().map(|key| format!("{source}|{key}")).collect() };
    let told = |subject| Truth::of("DQ-016", &name, "a history row of no order").subject(subject);
    world.truth.extend(subjects.into_iter().map(told));
    Ok(keys)
}

/// Writes down a finding about a change of an order's status.
fn expect(world: &mut World, code: &'static str, place: usize, change: &str, note: &str) {
    let order = &world.orders[place];
    let truth = Truth::of(code, &world.account_of(order).plan.name, note).order(&order.number).subject(change);
    world.truth.push(truth);
}

/// What is planted elsewhere shows in the history as well, if it happened in its days.
pub fn expect_if_told(
    world: &mut World,
    code: &'static str,
    place: usize,
    (change, from, to): (&str, Option<NaiveDateTime>, Option<NaiveDateTime>),
) {
    let order = &world.orders[place];
    if is_told(world, order, from) && is_told(world, order, to) {
        expect(world, code, place, change, "the history tells it");
    }
}

fn slip(
    world: &mut World,
    places: &[usize],
    slip: Slip,
    (code, change, note): (&'static str, &str, &str),
) -> Vec<String> {
    for place in places {
        world.orders[*place].slip = Some(slip);
        expect(world, code, *place, change, note);
    }
    world.numbers(places)
}

/// ST-006: the merchant says what the carrier of the marketplace has to say.
pub fn delivered_by_partner(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, by_own_service);
    let note = "delivered by the own service, set by the merchant";
    Ok(slip(world, &places, Slip::DeliveredByPartner, ("ST-006", "shipped|delivered", note)))
}

/// ST-008: the buyer's money came so late that shipping confirms the order in time all the same.
pub fn work_left_out(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, by_own_service);
    for place in &places {
        let order = &mut world.orders[*place];
        let opened = order.opened.max(order.shipped.map(|shipped| shipped - Duration::hours(20)));
        order.paid = opened.unwrap_or(order.paid);
        order.opened = opened;
        order.accepted = opened.map(|opened| opened + Duration::hours(1));
    }
    Ok(slip(world, &places, Slip::WorkLeftOut, ("ST-008", "new|shipped", "shipping left out")))
}

/// ST-014: some minutes to two hours more than a day.
pub fn confirmed_late(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, waits_a_day);
    for place in &places {
        let late = Duration::minutes(24 * 60 + world.rng.i64(1..120));
        let order = &mut world.orders[*place];
        order.accepted = order.opened.map(|opened| opened + late);
        world.expect("ST-014", *place, "in work more than 24 hours after the opening");
    }
    Ok(world.numbers(&places))
}

/// ST-004: a blocked order is the marketplace's.
pub fn opened_by_partner(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, told_whole);
    Ok(slip(world, &places, Slip::OpenedByPartner, ("ST-004", "blocked|new", "opened by the merchant while blocked")))
}

/// ST-004: nothing leads from shipped back to work; the way forth again is allowed.
pub fn set_back(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, told_whole);
    Ok(slip(world, &places, Slip::SetBack, ("ST-004", "shipped|packing", "set back into work after shipping")))
}

/// ST-005: delivered is final; the way there again is allowed.
pub fn shipped_again(world: &mut World, count: usize) -> Keys {
    let places = world.pick(count, told_whole);
    Ok(slip(
        world,
        &places,
        Slip::ShippedAgain,
        ("ST-005", "delivered|shipped", "shipped again after it was delivered"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::merchant::merchant;

    /// Orders of older plants seldom lie in the days of the history, so no small sample is sure to show it.
    #[test]
    fn what_is_planted_elsewhere_shows_where_the_history_tells_both_its_sides() {
        let mut world = World::honest(merchant().unwrap(), 400, 1).unwrap();
        let place = world.orders.iter().position(|order| told_whole(&world, order)).unwrap();
        let (number, shipped) = (world.orders[place].number.clone(), world.orders[place].shipped);
        let before = shipped.map(|shipped| shipped - Duration::days(40));
        expect_if_told(&mut world, "ST-004", place, ("shipped|cancelled", before, shipped));
        assert!(world.truth.is_empty());
        expect_if_told(&mut world, "ST-004", place, ("shipped|cancelled", shipped, shipped));
        let found = world.truth.iter().map(|truth| (truth.code, truth.order_no.as_str(), truth.subject.as_str()));
        assert_eq!(found.collect::<Vec<_>>(), [("ST-004", number.as_str(), "shipped|cancelled")]);
    }
}
