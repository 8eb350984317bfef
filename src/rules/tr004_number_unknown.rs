//! TR-004 The carrier does not know the tracking number.

use polars::prelude::lit;

use crate::frame::shipment_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The carrier does not know the tracking number.
    ///
    /// ## Why it matters
    /// A wrong number, or a parcel that was never handed over. Judged only where the carrier's dumps cover the days after shipping.
    ///
    /// ## What to do
    /// Find the parcel; correct the number.
    ///
    /// ## Example
    /// ```text given shipment_facts
    /// order_no | order_key | tracking_number | seen | shipped_on | covered_from | covered_until | own_delivery | test
    /// 1        | a/1       | Z1              | no   | 2026-12-01 | 2026-11-01   | 2026-12-03    | no           | no
    /// 2        | a/2       | Z2              | no   | 2026-12-02 | 2026-11-01   | 2026-12-03    | no           | no
    /// 3        | a/3       | Z3              | yes  | 2026-12-01 | 2026-11-01   | 2026-12-03    | no           | no
    /// 4        | a/4       | Z4              | no   | 2026-10-31 | 2026-11-01   | 2026-12-03    | no           | no
    /// 5        | a/5       | Z5              | no   | 2026-12-01 | 2026-11-01   | 2026-12-03    | yes          | no
    /// 6        | a/6       | Z6              | no   | 2026-11-01 | 2026-11-01   | 2026-12-03    | no           | no
    /// 7        | a/7       | Z7              | no   | 2026-12-01 | 2026-11-01   | 2026-12-03    | no           | yes
    /// 8        |           | Z8              | no   | 2026-12-01 | 2026-11-01   | 2026-12-03    | no           | no
    /// ```
    /// ```text finds
    /// 1
    /// 6
    /// ```
    "TR-004" "number-unknown" version 1 {
        severity: |_| Severity::High.into(),
        subject: Shipment,
        remedy: FindParcel,
        needs: [],
        when: |ctx| [
            "the order is not a test" => f::test.not_set(),
            "is not sent by the own delivery service" => f::own_delivery.not_set(),
            "stands on an order" => f::order_key.is_empty().not(),
            "no dump holds it" => f::seen.not_set(),
            "the dumps begin in time" => f::covered_from.number().lt_eq(f::shipped_on.number()),
            "and go on long enough" => (f::shipped_on.number() + lit(ctx.threshold("cover_days"))).lt_eq(f::covered_until.number()),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::tracking_number_raw, f::number_check, f::shipped_on, f::carrier, f::covered_from, f::covered_until],
        rests_on: [TrackingEvents],
    }
}
