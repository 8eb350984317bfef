//! Cancel rate (K14): orders that the merchant cancelled, of the orders created in the window that passed *open*.
//!
//! An unpaid order that went from blocked to cancelled never passed open and stays out, as test orders do, and as do cancellations on the
//! customer's wish (§16.1): the policy names the actors who cancel so. Other cancellations by the marketplace or its system stay in the
//! denominator and are no fault of the merchant. Returned is not a cancellation, nor is a withdrawal after the delivery. An order that was
//! cancelled because a part of it was missing, and that a new order replaces, counts unless the policy says otherwise (A37).

use crate::metrics::metric::{Metric, OneOrder, Verdict};
use crate::pipeline::policy::Policy;
use crate::vocab::{Actor, Kind, MonthBasis, OrderStatus, Word};

/// The metric.
pub static METRIC: Metric = Metric {
    name: "cancel_rate",
    defined_by: "cancel_rate",
    needs: &[Kind::Orders],
    basis: Some(MonthBasis::Created),
    judge,
    is_said: |order| order.actor_said,
};

fn judge(order: &OneOrder, policy: &Policy) -> (Verdict, Option<i32>) {
    let default = policy.entry.cancel_actor_default.unwrap_or(Actor::Partner);
    let actor = Actor::of(order.cancel_actor).filter(|actor| *actor != Actor::Unknown).unwrap_or(default);
    let is_cancelled = order.status == OrderStatus::Cancelled && !order.withdrawn;
    let on_request = policy.entry.customer_request_actors.as_ref().is_some_and(|actors| actors.contains(&actor));
    let verdict = if order.test {
        Verdict::Excluded("test_order")
    } else if !order.passed_open {
        Verdict::Excluded("unpaid")
    } else if is_cancelled && on_request {
        Verdict::Excluded("customer_request")
    } else if order.replaced && !policy.entry.partial_shortage_counts.unwrap_or(true) {
        Verdict::Excluded("replaced")
    } else if is_cancelled && actor == Actor::Partner {
        Verdict::Counts
    } else {
        Verdict::CountsNot
    };
    (verdict, order.created_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::policy::PolicyEntry;

    #[test]
    fn a_cancellation_on_the_customers_wish_is_out_and_a_withdrawal_is_none() {
        let entry = PolicyEntry {
            customer_request_actors: Some(vec![Actor::Customer, Actor::Marketplace]),
            ..PolicyEntry::default()
        };
        let policy = Policy { entry, ..Policy::default() };
        let by = |cancel_actor| OneOrder {
            status: OrderStatus::Cancelled,
            passed_open: true,
            cancel_actor,
            ..OneOrder::unknown()
        };
        let withdrawn = |cancel_actor| OneOrder { withdrawn: true, ..by(cancel_actor) };
        for (order, verdict) in [
            (by("partner"), Verdict::Counts),
            (by("unknown"), Verdict::Counts),
            (by("system"), Verdict::CountsNot),
            (by("customer"), Verdict::Excluded("customer_request")),
            (by("marketplace"), Verdict::Excluded("customer_request")),
            (withdrawn("customer"), Verdict::CountsNot),
            (withdrawn("partner"), Verdict::CountsNot),
            (OneOrder { passed_open: false, ..by("customer") }, Verdict::Excluded("unpaid")),
            (OneOrder { status: OrderStatus::Shipped, ..by("customer") }, Verdict::CountsNot),
        ] {
            assert_eq!(judge(&order, &policy).0, verdict, "{order:?}");
        }
        assert_eq!(judge(&by("customer"), &Policy::default()).0, Verdict::CountsNot);
    }

    #[test]
    fn a_replaced_order_counts_unless_the_policy_says_otherwise() {
        let entry = |counts| PolicyEntry { partial_shortage_counts: counts, ..PolicyEntry::default() };
        let cancelled = OneOrder { status: OrderStatus::Cancelled, passed_open: true, ..OneOrder::unknown() };
        let replaced = OneOrder { replaced: true, ..cancelled.clone() };
        for (order, counts, verdict) in [
            (&replaced, None, Verdict::Counts),
            (&replaced, Some(true), Verdict::Counts),
            (&replaced, Some(false), Verdict::Excluded("replaced")),
            (&cancelled, Some(false), Verdict::Counts),
        ] {
            assert_eq!(judge(order, &Policy { entry: entry(counts), ..Policy::default() }).0, verdict);
        }
    }
}
