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
