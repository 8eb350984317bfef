//! Status errors (K16): orders with a wrong final status, of the orders that reached a final status in the window.
//!
//! Wrong is *delivered* of a parcel that came back, was lost or fell silent (as ST-001 judges, credited or not) or that was set too
//! late (ST-003), *returned* of a delivered parcel (ST-011), and *cancelled* of one that was on its way (ST-012). An unjustified request
//! that the marketplace change a status stands in no export. Test orders stay out; of wrong orders also those whose status the own
//! delivery service sets, and those that the buyer or the marketplace cancelled: no fault of the merchant. The month is that of the
//! final status (A20).

use crate::metrics::metric::{Metric, OneOrder, Verdict};
use crate::pipeline::policy::Policy;
use crate::vocab::{Actor, CarrierOutcome, Kind, MonthBasis, OrderStatus, Word};

/// The metric.
pub static METRIC: Metric = Metric {
    name: "status_error",
    defined_by: "status_error",
    needs: &[Kind::Orders, Kind::TrackingEvents],
    basis: Some(MonthBasis::Final),
    judge,
    is_said: |_| true,
};

const HOUR: i64 = 3_600_000;

fn judge(order: &OneOrder, policy: &Policy) -> (Verdict, Option<i32>) {
    let wrong = match order.status {
        OrderStatus::Delivered => is_wrongly_delivered(order, policy) || is_late(order, policy),
        OrderStatus::Returned => order.parcels.outcome == CarrierOutcome::Delivered,
        OrderStatus::Cancelled => order.parcels.moved && !order.parcels.ended_before_cancel,
        _ => return (Verdict::Outside, None),
    };
    let by_others = order.status == OrderStatus::Cancelled
        && Actor::of(order.cancel_actor).is_some_and(|actor| !matches!(actor, Actor::Partner | Actor::Unknown));
    let verdict = if order.test {
        Verdict::Excluded("test_order")
    } else if !wrong {
        Verdict::CountsNot
    } else if order.own_delivery {
        Verdict::Excluded("own_delivery")
    } else if by_others {
        Verdict::Excluded("cancelled_by_others")
    } else {
        Verdict::Counts
    };
    (verdict, order.final_on())
}

fn is_wrongly_delivered(order: &OneOrder, policy: &Policy) -> bool {
    let parcels = &order.parcels;
    let came_back =
        matches!(parcels.outcome, CarrierOutcome::Returned | CarrierOutcome::Lost | CarrierOutcome::Cancelled);
    let silent = || {
        let days = parcels.silent_days.zip(policy.threshold("ST-001", "silent_days"));
        order.scanned && parcels.outcome != CarrierOutcome::Mixed && days.is_some_and(|(days, most)| days >= most)
    };
    !parcels.any_delivered && (came_back || silent())
}

fn is_late(order: &OneOrder, policy: &Policy) -> bool {
    let hours = policy.threshold("ST-003", "hours");
    let elapsed = order.marked_delivered_at.zip(order.parcels.delivered_until).map(|(set, until)| set - until);
    order.parcels.outcome == CarrierOutcome::Delivered
        && elapsed.zip(hours).is_some_and(|(elapsed, hours)| elapsed > hours * HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::metric::Parcels;
    use std::collections::BTreeMap;

    fn policy() -> Policy {
        let mut policy = Policy::default();
        policy.entry.thresholds = BTreeMap::from([
            ("ST-001".to_owned(), BTreeMap::from([("silent_days".to_owned(), 14)])),
            ("ST-003".to_owned(), BTreeMap::from([("hours".to_owned(), 24)])),
        ]);
        policy
    }

    fn order(status: OrderStatus, outcome: CarrierOutcome) -> OneOrder<'static> {
        let any_delivered = outcome == CarrierOutcome::Delivered;
        OneOrder {
            status,
            scanned: true,
            delivered_on: Some(1),
            returned_on: Some(2),
            cancelled_on: Some(3),
            parcels: Parcels {
                outcome,
                any_delivered,
                moved: true,
                ended_before_cancel: false,
                silent_days: Some(0),
                delivered_until: Some(0),
            },
            ..OneOrder::unknown()
        }
    }

    #[test]
    fn a_final_status_is_right_or_wrong() {
        use {CarrierOutcome as C, OrderStatus as S};
        let silent = |days| {
            let mut order = order(S::Delivered, C::InTransit);
            order.parcels.silent_days = Some(days);
            order
        };
        let unscanned = OneOrder { scanned: false, ..silent(20) };
        let part = |mut order: OneOrder<'static>| {
            order.parcels.any_delivered = true;
            order
        };
        let late = |millis| OneOrder { marked_delivered_at: Some(millis), ..order(S::Delivered, C::Delivered) };
        let cancelled = |actor| OneOrder { cancel_actor: actor, ..order(S::Cancelled, C::Returned) };
        let mut at_home = cancelled("partner");
        at_home.parcels.moved = false;
        let mut withdrawn = cancelled("partner");
        withdrawn.parcels.ended_before_cancel = true;
        for (order, verdict, day) in [
            (order(S::Delivered, C::Delivered), Verdict::CountsNot, Some(1)),
            (order(S::Delivered, C::Returned), Verdict::Counts, Some(1)),
            (part(order(S::Delivered, C::Returned)), Verdict::CountsNot, Some(1)),
            (silent(14), Verdict::Counts, Some(1)),
            (silent(13), Verdict::CountsNot, Some(1)),
            (unscanned, Verdict::CountsNot, Some(1)),
            // X21: 24 hours pass, a second more does not
            (late(24 * HOUR), Verdict::CountsNot, Some(1)),
            (late(24 * HOUR + 1_000), Verdict::Counts, Some(1)),
            (order(S::Returned, C::Delivered), Verdict::Counts, Some(2)),
            (order(S::Returned, C::Returned), Verdict::CountsNot, Some(2)),
            (cancelled("partner"), Verdict::Counts, Some(3)),
            (cancelled(""), Verdict::Counts, Some(3)),
            (cancelled("customer"), Verdict::Excluded("cancelled_by_others"), Some(3)),
            (at_home, Verdict::CountsNot, Some(3)),
            (withdrawn, Verdict::CountsNot, Some(3)),
            (OneOrder { test: true, ..order(S::Delivered, C::Returned) }, Verdict::Excluded("test_order"), Some(1)),
            (
                OneOrder { own_delivery: true, ..order(S::Delivered, C::Returned) },
                Verdict::Excluded("own_delivery"),
                Some(1),
            ),
            (OneOrder { own_delivery: true, ..order(S::Delivered, C::Delivered) }, Verdict::CountsNot, Some(1)),
            (order(S::Shipped, C::Delivered), Verdict::Outside, None),
        ] {
            assert_eq!(judge(&order, &policy()), (verdict, day), "{order:?}");
        }
    }
}
