//! On-time delivery (K17): delivered orders whose first attempt to deliver, else whose delivery, came by the promised day. Early is on
//! time unless the policy says otherwise (A22). The month is that of the delivery (A20); test orders, and orders of which no promised day was exported, stay out.

use crate::metrics::metric::{Metric, OneOrder, Verdict};
use crate::pipeline::policy::Policy;
use crate::vocab::{Kind, MonthBasis, OrderStatus};

/// The metric.
pub static METRIC: Metric = Metric {
    name: "on_time",
    defined_by: "on_time",
    needs: &[Kind::Orders],
    basis: Some(MonthBasis::Delivered),
    judge,
    is_said: |_| true,
};

fn judge(order: &OneOrder, policy: &Policy) -> (Verdict, Option<i32>) {
    if order.status != OrderStatus::Delivered {
        return (Verdict::Outside, None);
    }
    let came = order.first_attempt_on.or(order.delivered_on);
    let early_counts = policy.entry.early_is_on_time.unwrap_or(true);
    let verdict = match (came, order.promised_on) {
        _ if order.test => Verdict::Excluded("test_order"),
        (Some(came), Some(promised)) if came == promised || early_counts && came < promised => Verdict::Counts,
        (Some(_), Some(_)) => Verdict::CountsNot,
        _ => Verdict::Excluded("no_promised_day"),
    };
    (verdict, order.delivered_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::policy::PolicyEntry;

    #[test]
    fn by_the_promised_day_or_after_it() {
        let order = |attempt, delivered, promised| OneOrder {
            status: OrderStatus::Delivered,
            first_attempt_on: attempt,
            delivered_on: Some(delivered),
            promised_on: promised,
            ..OneOrder::unknown()
        };
        for (order, verdict) in [
            (order(None, 10, Some(10)), Verdict::Counts),
            (order(None, 9, Some(10)), Verdict::Counts),
            (order(None, 11, Some(10)), Verdict::CountsNot),
            (order(Some(10), 12, Some(10)), Verdict::Counts),
            (order(Some(11), 12, Some(10)), Verdict::CountsNot),
            (order(None, 11, None), Verdict::Excluded("no_promised_day")),
            (OneOrder { test: true, ..order(None, 11, Some(10)) }, Verdict::Excluded("test_order")),
        ] {
            assert_eq!(judge(&order, &Policy::default()), (verdict, order.delivered_on), "{order:?}");
        }
        let strict = PolicyEntry { early_is_on_time: Some(false), ..PolicyEntry::default() };
        let strict = Policy { entry: strict, ..Policy::default() };
        assert_eq!(judge(&order(None, 9, Some(10)), &strict).0, Verdict::CountsNot);
        assert_eq!(judge(&order(None, 10, Some(10)), &strict).0, Verdict::Counts);
        let shipped = OneOrder { status: OrderStatus::Shipped, ..order(None, 11, Some(10)) };
        assert_eq!(judge(&shipped, &Policy::default()).0, Verdict::Outside);
    }
}
