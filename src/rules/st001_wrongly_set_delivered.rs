//! ST-001 Delivered is set, but the carrier says otherwise.

use polars::prelude::when;

use crate::frame::order_facts as f;
use crate::rules::rule::{declare_rule, earlier};
use crate::vocab::{CarrierOutcome, MoneyStage, OrderStatus, Severity};

declare_rule! {
    /// Delivered is set, but the carrier says otherwise.
    ///
    /// ## Why it matters
    /// Delivered is final: where the marketplace buys the goods, it invoices the buyer at that moment. It cannot be undone in the portal
    /// (S2, K2, K3). Silence counts only while the carrier's dumps cover it. An order of which a parcel was delivered is not judged here.
    ///
    /// ## What to do
    /// As long as the order is not billed, have the state taken back before its billing date. Once it is billed or paid, report it, obtain the
    /// return document number, issue a credit note that carries both numbers, and expect the money to be taken back. Due is the earlier of the
    /// day by which it is billed and the deadline of the credit note, and the latter alone once it is billed (§16.12). A complete credit note resolves the finding (rulebook §15.23).
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | carrier_outcome | carrier_events | covered_silence_days | credited | parcels_delivered | expected_net | test
    /// 1        | delivered | returned        | 3              | 0                    | no       | 0                 | 131996       | no
    /// 2        | delivered | delivered       | 3              | 0                    | no       | 1                 | 131996       | no
    /// 3        | delivered | in_transit      | 2              | 14                   | no       | 0                 | 131996       | no
    /// 4        | delivered | in_transit      | 2              | 13                   | no       | 0                 | 131996       | no
    /// 5        | delivered | returned        | 3              | 0                    | yes      | 0                 | 131996       | no
    /// 6        | delivered | in_transit      | 0              | 14                   | no       | 0                 | 131996       | no
    /// 8        | delivered | in_transit      | 4              | 20                   | no       | 1                 | 131996       | no
    /// 7        | shipped   | returned        | 3              | 0                    | no       | 0                 | 131996       | no
    /// 9        | delivered | returned        | 3              | 0                    | no       | 0                 | 131996       | yes
    /// ```
    /// ```text finds
    /// 1
    /// 3
    /// ```
    "ST-001" "wrongly-set-delivered" version 2 {
        severity: |_| Severity::Critical.into(),
        subject: Order,
        remedy: CreditNote unless [TakeBackDelivered when f::money_stage.is(MoneyStage::NotBilled)],
        needs: [],
        when: |ctx| [
            "is delivered" => f::status.is(OrderStatus::Delivered),
            "is not a test" => f::test.not_set(),
            "the carrier delivered no parcel" => f::parcels_delivered.gt(0).not(),
            "the parcel came back, was lost or cancelled, or fell silent" => f::carrier_outcome
                .is_any(&[CarrierOutcome::Returned, CarrierOutcome::Lost, CarrierOutcome::Cancelled])
                .or(f::carrier_events.gt(0).and(f::carrier_outcome.is_not(CarrierOutcome::Mixed)).and(f::covered_silence_days.gt(ctx.threshold("silent_days") - 1))),
            "is not credited yet" => f::credited.not_set(),
        ],
        money: |_| Some(f::expected_net.expr()),
        due: |_| Some(
            when(f::money_stage.is_not(MoneyStage::NotBilled).and(f::credit_due_on.known()))
                .then(f::credit_due_on.number())
                .otherwise(earlier(f::billed_by.number(), f::credit_due_on.number())),
        ),
        evidence: [
            f::status_raw, f::delivered_on, f::carrier_outcome, f::carrier_outcome_on, f::expected_net, f::money_stage, f::billed_by,
            f::credit_due_on,
        ],
        rests_on: [TrackingEvents],
    }
}
