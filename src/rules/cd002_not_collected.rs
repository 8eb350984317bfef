//! CD-002 The carrier delivered the parcel and collected no cash.

use crate::frame::cod_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{CarrierOutcome, Severity};

declare_rule! {
    /// The carrier delivered the parcel and collected no cash.
    ///
    /// ## Why it matters
    /// The buyer has the goods, and nobody has the money (§16.7). Only a file with a column for the cash can say so, or a row of 0 in
    /// the carrier's record of the cash.
    ///
    /// ## What to do
    /// Claim the cash from the carrier, which handed the parcel over without it.
    ///
    /// ## Example
    /// ```text given cod_facts
    /// order_no | outcome   | to_collect | collection_told | collected | remitted | remitted_otherwise | test
    /// 1        | delivered | 35000      | yes             |           |          | no                 | no
    /// 2        | delivered | 35000      | yes             | 0         |          | no                 | no
    /// 3        | delivered | 35000      | yes             | 100       |          | no                 | no
    /// 4        | delivered | 35000      | no              |           |          | no                 | no
    /// 5        | returned  | 35000      | yes             |           |          | no                 | no
    /// 6        | delivered | 0          | yes             |           |          | no                 | no
    /// 7        | delivered | 35000      | yes             |           | 35000    | no                 | no
    /// 8        | delivered | 35000      | yes             |           |          | no                 | yes
    /// 9        | delivered | 35000      | yes             |           |          | yes                | no
    /// 10       | delivered | 35000      | yes             |           | 0        | no                 | no
    /// ```
    /// ```text finds
    /// 1
    /// 10
    /// 2
    /// ```
    "CD-002" "not-collected" version 2 {
        severity: |_| Severity::High.into(),
        subject: Cash,
        remedy: ClaimCash,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "the carrier delivered it" => f::outcome.is(CarrierOutcome::Delivered),
            "cash was to be collected" => f::to_collect.gt(0),
            "the carrier's file says of deliveries what was collected" => f::collection_told.set(),
            "it says nothing was" => f::collected.gt(0).not(),
            "no remittance holds it" => f::remitted.gt(0).not().and(f::remitted_otherwise.not_set()),
        ],
        money: |_| Some(f::to_collect.expr()),
        due: |_| None,
        evidence: [f::owed, f::outcome, f::delivered_on, f::collected],
        rests_on: [TrackingEvents],
    }
}
