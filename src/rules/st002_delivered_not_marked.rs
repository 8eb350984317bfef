//! ST-002 The carrier delivered, and the marketplace does not know.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, OrderStatus, Severity};

declare_rule! {
    /// The carrier delivered, and the marketplace does not know.
    ///
    /// ## Why it matters
    /// An order that is not marked is not billed: the payout clock starts only with the mark (S1), and where the marketplace buys on
    /// delivery the claim arises only then (S2). Where the hold counts from another event than the receipt (`hold_from`), no money waits
    /// for the mark.
    ///
    /// ## What to do
    /// Set Delivered with the day of the carrier; with the marketplace's own delivery service ask Operations, own calls are rejected (K7).
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status           | carrier_outcome | carrier_delivered_until | own_delivery | test | paid_without_receipt | expected_net
    /// 1        | shipped          | delivered       | 2026-12-08 12:00:00     | no           | no   | no                   | 196516
    /// 2        | shipped          | delivered       | 2026-12-11 12:00:00     | no           | no   | no                   | 196516
    /// 3        | delivered        | delivered       | 2026-12-08 12:00:00     | no           | no   | no                   | 196516
    /// 4        | shipped          | delivered       | 2026-12-10 12:00:00     | yes          | no   | no                   | 196516
    /// 5        | ready_for_pickup | delivered       | 2026-12-10 12:00:00     | no           | no   | no                   | 196516
    /// 6        | shipped          | returned        | 2026-12-08 12:00:00     | no           | no   | no                   | 196516
    /// 7        | shipped          | delivered       | 2026-12-08 12:00:00     | no           | no   | yes                  | 196516
    /// 8        | shipped          | delivered       | 2026-12-08 12:00:00     | no           | yes  | no                   | 196516
    /// 9        | shipped          | delivered       | 2026-12-11 00:00:00     | no           | no   | no                   | 196516
    /// 10       | shipped          | delivered       | 2026-12-09 00:00:00     | yes          | no   | no                   | 196516
    /// ```
    /// ```text finds
    /// 1
    /// 5
    /// ```
    "ST-002" "delivered-not-marked" version 3 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: SetDelivered,
        needs: [],
        when: |ctx| [
            "is before delivered" => f::status.is_any(&[
                OrderStatus::New,
                OrderStatus::Accepted,
                OrderStatus::Packing,
                OrderStatus::Shipped,
                OrderStatus::ReadyForPickup,
            ]),
            "its money waits for the mark" => f::paid_without_receipt.not_set(),
            "is not a test" => f::test.not_set(),
            "the carrier delivered all parcels" => f::carrier_outcome.is(CarrierOutcome::Delivered),
            "longer ago than allowed" => f::own_delivery
                .not_set()
                .and(ctx.hours_passed(f::carrier_delivered_until, ctx.threshold("hours")))
                .or(f::own_delivery
                    .set()
                    .and(ctx.hours_passed(f::carrier_delivered_until, ctx.threshold("own_delivery_hours")))),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [
            f::status_raw,
            f::carrier_delivered,
            f::carrier_delivered_at,
            f::expected_net,
            f::payout_if_marked_in_time,
            f::payout_if_marked_today,
        ],
        rests_on: [TrackingEvents],
    }
}
