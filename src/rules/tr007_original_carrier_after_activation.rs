//! TR-007 A small parcel was lodged with the original carrier after the own delivery service was activated.

use crate::frame::shipment_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::{BoxSize, Severity};

declare_rule! {
    /// A small parcel was lodged with the original carrier after the own delivery service was activated.
    ///
    /// ## Why it matters
    /// From activation on no parcel may be lodged with the original carrier (S0): states do not synchronise, the carrier invoices the
    /// merchant, claims on invoices are refused. The lodging day decides, whenever the order was created, unless
    /// the policy says `own_delivery_inflight` (A28): `created_at` lets orders of the time before pass, `flag` all but those marked as the
    /// service's own.
    ///
    /// ## What to do
    /// Stop lodging; expect a refused claim.
    ///
    /// ## Example
    /// ```text given shipment_facts
    /// order_no | order_key | box_size | is_big | seen | in_own_dump | after_activation | before_activation_order | test
    /// 1        | a/1       | smallbox | no     | yes  | yes         | yes              | no                      | no
    /// 2        | a/2       | smallbox | no     | yes  | yes         | no               | no                      | no
    /// 3        | a/3       | bigbox   | yes    | yes  | yes         | yes              | no                      | no
    /// 4        | a/4       | unknown  | no     | yes  | yes         | yes              | no                      | no
    /// 5        | a/5       | smallbox | no     | yes  | no          | yes              | no                      | no
    /// 6        | a/6       | smallbox | no     | yes  | yes         | yes              | no                      | yes
    /// ```
    /// ```text finds
    /// 1
    /// 4
    /// ```
    "TR-007" "original-carrier-after-activation" version 1 {
        severity: |_| Severities {
            when: vec![(f::before_activation_order.set().or(f::box_size.is(BoxSize::Unknown)), Severity::Medium)],
            otherwise: Severity::Critical,
        },
        subject: Shipment,
        remedy: StopLodging,
        needs: [OwnDeliveryService],
        when: |ctx| [
            "the order is not a test" => f::test.not_set(),
            "is not known to be big" => f::is_big.not_set(),
            "stands in a dump of the own carrier contract" => f::seen.set().and(f::in_own_dump.set()),
            "was lodged at or after activation" => f::after_activation.set(),
        ],
        money: |_| None,
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::box_size, f::lodged_on, f::activation_on, f::tracking_number_raw],
    }
}
