//! TR-002 The tracking number has characters that the marketplace refuses.

use crate::frame::shipment_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The tracking number has characters that the marketplace refuses.
    ///
    /// ## Why it matters
    /// Letters, digits, hyphen and underscore are legal (K23); numbers printed with blanks fail, and count as wrongly entered (S3).
    ///
    /// ## What to do
    /// Strip the blanks.
    ///
    /// ## Example
    /// ```text given shipment_facts
    /// order_no | order_key | tracking_number_raw | number_valid | own_delivery | test
    /// 1        | a/1       | Z 450 716           | no           | no           | no
    /// 2        | a/2       | Z450716             | yes          | no           | no
    /// 3        | a/3       | Z 450 716           | no           | yes          | no
    /// 4        |           | Z 450 716           | no           | no           | no
    /// 5        | a/5       | Z 450 716           | no           | no           | yes
    /// 6        | a/6       |                     | no           | no           | no
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "TR-002" "invalid-number" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Shipment,
        remedy: FixTracking,
        needs: [NeedsTracking],
        when: |ctx| [
            "the order is not a test" => f::test.not_set(),
            "is not sent by the own delivery service" => f::own_delivery.not_set(),
            "stands on an order" => f::order_key.is_empty().not(),
            "a number is written" => f::tracking_number_raw.is_empty().not(),
            "it has illegal characters" => f::number_valid.not_set(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::tracking_number_raw],
    }
}
