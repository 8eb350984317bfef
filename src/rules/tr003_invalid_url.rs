//! TR-003 The tracking URL leads nowhere.

use crate::frame::shipment_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The tracking URL leads nowhere.
    ///
    /// ## Why it matters
    /// Not a web address, a placeholder left in it, or the number missing where the carrier's link needs it: wrongly entered data (S3).
    ///
    /// ## What to do
    /// Mend the template of the link.
    ///
    /// ## Example
    /// ```text given shipment_facts
    /// order_no | order_key | tracking_url          | url_valid | own_delivery | test
    /// 1        | a/1       | https://a.cz/{number} | no        | no           | no
    /// 2        | a/2       | https://a.cz/Z1       | yes       | no           | no
    /// 3        | a/3       |                       | no        | no           | no
    /// 4        | a/4       | n/a                   | no        | no           | yes
    /// 5        | a/5       | https://a.cz/{number} | no        | yes          | no
    /// 6        |           | https://a.cz/{number} | no        | no           | no
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "TR-003" "invalid-url" version 1 {
        severity: |_| Severity::Low.into(),
        subject: Shipment,
        remedy: FixTracking,
        needs: [NeedsTracking],
        when: |ctx| [
            "the order is not a test" => f::test.not_set(),
            "is not sent by the own delivery service" => f::own_delivery.not_set(),
            "stands on an order" => f::order_key.is_empty().not(),
            "a URL is written" => f::tracking_url.is_empty().not(),
            "it is not valid" => f::url_valid.not_set(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::tracking_number_raw, f::tracking_url],
    }
}
