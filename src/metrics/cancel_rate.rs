//! Cancel rate (K14): orders that the merchant cancelled, of the orders created in the window that passed *open*.
//!
//! An unpaid order that went from blocked to cancelled never passed open and stays out, as test orders do. Cancellations by the
//! buyer, the marketplace or its call centre stay in the denominator and are no fault of the merchant. Returned is no cancellation. An
//! order that was cancelled because a part of it was missing, and that a new order replaces, counts unless the policy says otherwise (A37).

use crate::metrics::metric::{Metric, OneOrder, Verdict};
use crate::pipeline::policy::Policy;
use crate::vocab::{Actor, Kind, OrderStatus, Word};

/// The metric.
pub static METRIC: Metric = Metric { name: "cancel_rate", defined_by: "cancel_rate", needs: &[Kind::Orders], judge };

fn judge(order: &OneOrder, policy: &Policy) -> (Verdict, Option<i32>) {
    let default = policy.entry.cancel_actor_default.unwrap_or(Actor::Partner);
    let actor = Actor::of(order.cancel_actor).filter(|actor| *actor != Actor::Unknown).unwrap_or(default);
    let verdict = if order.test {
        Verdict::Excluded("test_order")
    } else if !order.passed_open {
        Verdict::Excluded("unpaid")
    } else if order.replaced && !policy.entry.partial_shortage_counts.unwrap_or(true) {
        Verdict::Excluded("replaced")
    } else if order.status == OrderStatus::Cancelled && actor == Actor::Partner {
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
