//! TR-001 A sent order has no tracking number or no tracking URL.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{OrderStatus, Severity};

declare_rule! {
    /// A sent order has no tracking number or no tracking URL.
    ///
    /// ## Why it matters
    /// Both are demanded on nine of ten sent orders (S3); the buyer cannot follow the parcel. Orders by the own delivery service are filled by the
    /// marketplace.
    ///
    /// ## What to do
    /// Fill both.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | tracking_number_raw | tracking_url    | own_delivery | test
    /// 1        | shipped   |                     | https://a.cz/1  | no           | no
    /// 2        | delivered | Z1                  |                 | no           | no
    /// 3        | delivered | Z1                  | https://a.cz/Z1 | no           | no
    /// 4        | shipped   |                     |                 | yes          | no
    /// 5        | shipped   |                     |                 | no           | yes
    /// 6        | packing   |                     |                 | no           | no
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// ```
    "TR-001" "missing-tracking" version 1 {
        severity: |_| Severity::High.into(),
        subject: OrderAndNumber,
        remedy: FillTracking,
        needs: [NeedsTracking],
        when: |ctx| [
            "was sent" => f::status.is_any(&[OrderStatus::Shipped, OrderStatus::Delivered, OrderStatus::Returned]),
            "is not a test" => f::test.not_set(),
            "is not sent by the own delivery service" => f::own_delivery.not_set(),
            "number or URL is empty" => f::tracking_number_raw.is_empty().or(f::tracking_url.is_empty()),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::status_raw, f::tracking_number_raw, f::tracking_url],
    }
}
