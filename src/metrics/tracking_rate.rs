//! Tracking rate (S3, K15): sent orders with both tracking number and URL, of all sent orders.
//!
//! Wrongly entered data counts as missing (A18) and is judged as written (A19); test orders are invalid records; orders by the own
//! delivery service stay out. The month is that of the shipping (A20). Each of them is a key of the policy.

use crate::metrics::metric::{Metric, OneOrder, Verdict};
use crate::pipeline::policy::Policy;
use crate::vocab::{InvalidRecords, Kind, MonthBasis, OrderStatus, WrongData};

/// The metric.
pub static METRIC: Metric = Metric {
    name: "tracking_rate",
    defined_by: "tracking_rate",
    needs: &[Kind::Orders],
    basis: Some(MonthBasis::Shipped),
    judge: |order, policy| judge(order, policy, order.data_valid(policy)),
    is_said: |_| true,
};

/// The verdict when `valid` says whether the tracking data are good enough.
pub fn judge(order: &OneOrder, policy: &Policy, valid: bool) -> (Verdict, Option<i32>) {
    let sent = [OrderStatus::Shipped, OrderStatus::Delivered, OrderStatus::Returned];
    let statuses = policy.entry.tracking_statuses.as_deref().unwrap_or(&sent);
    let is_wrong = order.has_data() && !order.data_valid(policy);
    let verdict = if !statuses.contains(&order.status) {
        Verdict::Outside
    } else if order.test && policy.entry.tracking_invalid_records != Some(InvalidRecords::Keep) {
        Verdict::Excluded("test_order")
    } else if order.own_delivery && policy.entry.tracking_excludes_own_delivery.unwrap_or(true) {
        Verdict::Excluded("own_delivery")
    } else if valid {
        Verdict::Counts
    } else if is_wrong && policy.entry.tracking_wrong_data == Some(WrongData::Drop) {
        Verdict::Excluded("wrong_data")
    } else {
        Verdict::CountsNot
    };
    (verdict, order.shipped_on.or(order.created_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::policy::PolicyEntry;

    const URL: &str = "https://carrier.example/Z1";

    fn sent(number_raw: &'static str, url: &'static str, url_valid: bool) -> OneOrder<'static> {
        OneOrder {
            status: OrderStatus::Shipped,
            number_raw,
            number: number_raw,
            url,
            url_valid,
            shipped_on: Some(20),
            created_on: Some(10),
            ..OneOrder::unknown()
        }
    }

    fn verdict(order: &OneOrder, entry: PolicyEntry) -> Verdict {
        (METRIC.judge)(order, &Policy { entry, ..Policy::default() }).0
    }

    #[test]
    fn an_order_counts_unless_one_thing_speaks_against_it() {
        let good = || sent("Z1", URL, true);
        for (order, expected) in [
            (good(), Verdict::Counts),
            (OneOrder { status: OrderStatus::Delivered, ..good() }, Verdict::Counts),
            (OneOrder { status: OrderStatus::Returned, ..good() }, Verdict::Counts),
            (OneOrder { status: OrderStatus::Cancelled, ..good() }, Verdict::Outside),
            (OneOrder { status: OrderStatus::Packing, ..good() }, Verdict::Outside),
            (OneOrder { test: true, ..good() }, Verdict::Excluded("test_order")),
            (OneOrder { own_delivery: true, ..good() }, Verdict::Excluded("own_delivery")),
            (sent("", URL, true), Verdict::CountsNot),
            (sent("Z1", "", false), Verdict::CountsNot),
            (sent("Z1", "n/a", false), Verdict::CountsNot),
            (sent("Z 1", URL, true), Verdict::CountsNot),
        ] {
            assert_eq!(verdict(&order, PolicyEntry::default()), expected, "{order:?}");
        }
    }

    #[test]
    fn the_policy_moves_each_exclusion() {
        let entry = PolicyEntry::default;
        let test = OneOrder { test: true, ..sent("Z1", URL, true) };
        let keep = PolicyEntry { tracking_invalid_records: Some(InvalidRecords::Keep), ..entry() };
        assert_eq!(verdict(&test, keep), Verdict::Counts);
        let own = OneOrder { own_delivery: true, ..sent("Z1", URL, true) };
        assert_eq!(
            verdict(&own, PolicyEntry { tracking_excludes_own_delivery: Some(false), ..entry() }),
            Verdict::Counts
        );
        // Wrong data may be dropped; data that are not there count as missing all the same.
        let drop = || PolicyEntry { tracking_wrong_data: Some(WrongData::Drop), ..entry() };
        assert_eq!(verdict(&sent("Z 1", URL, true), drop()), Verdict::Excluded("wrong_data"));
        assert_eq!(verdict(&sent("", URL, true), drop()), Verdict::CountsNot);
        assert_eq!(verdict(&sent("Z1", URL, true), drop()), Verdict::Counts);
        let narrow = PolicyEntry { tracking_statuses: Some(vec![OrderStatus::Delivered]), ..entry() };
        assert_eq!(verdict(&sent("Z1", URL, true), narrow), Verdict::Outside);
        let normalised = OneOrder { number: "Z1", ..sent("Z 1", URL, true) };
        assert_eq!(
            verdict(&normalised, PolicyEntry { tracking_normalise_for_sla: Some(true), ..entry() }),
            Verdict::Counts
        );
    }

    #[test]
    fn the_day_is_that_of_the_shipping_else_of_the_creation() {
        let day = |order: OneOrder| (METRIC.judge)(&order, &Policy::default()).1;
        assert_eq!(day(sent("Z1", URL, true)), Some(20));
        assert_eq!(day(OneOrder { shipped_on: None, ..sent("Z1", URL, true) }), Some(10));
    }

    #[test]
    fn the_scanned_rate_asks_for_a_scan_too() {
        let judge =
            |order: &OneOrder| (crate::metrics::tracking_rate_scanned::METRIC.judge)(order, &Policy::default()).0;
        let good = sent("Z1", URL, true);
        assert_eq!(judge(&good), Verdict::CountsNot);
        assert_eq!(judge(&OneOrder { scanned: true, ..good.clone() }), Verdict::Counts);
        assert_eq!(judge(&OneOrder { scanned: true, ..sent("", URL, true) }), Verdict::CountsNot);
    }
}
