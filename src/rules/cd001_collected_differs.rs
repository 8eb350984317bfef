//! CD-001 The carrier collected another amount than the order says.

use crate::frame::cod_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The carrier collected another amount than the order says.
    ///
    /// ## Why it matters
    /// Cash on delivery belongs to the merchant, and the buyer owes what the order says (§16.7). The carrier's events decide what was collected, else
    /// the one row of its remittance. Several parcels of an order share one sum. Rounding of cash to the least coin is no difference
    /// (`cod_rounding`), and a parcel that came back owes nothing.
    ///
    /// ## What to do
    /// Claim what is missing from the carrier, with the parcel's number; give back what the buyer paid too much.
    ///
    /// ## Example
    /// ```text given cod_facts
    /// order_no | told  | difference | rounding | test
    /// 1        | 30000 | -5000      | 0        | no
    /// 2        | 99999 | 99999      | 0        | no
    /// 3        | 50000 | 0          | 0        | no
    /// 4        | 35000 | 50         | 50       | no
    /// 5        | 35000 | 51         | 50       | no
    /// 6        | 0     | -5000      | 0        | no
    /// 7        | 30000 |            | 0        | no
    /// 8        | 30000 | -5000      | 0        | yes
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// 5
    /// ```
    "CD-001" "collected-differs" version 1 {
        severity: |_| Severity::High.into(),
        subject: Cash,
        remedy: ClaimCash,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "something was collected" => f::told.gt(0),
            "it is not what was to be collected" => f::difference.number().abs().gt(f::rounding.number()),
        ],
        money: |_| Some(f::difference.expr()),
        due: |_| None,
        evidence: [f::owed, f::collected, f::remitted, f::outcome, f::to_collect],
        rests_on: [TrackingEvents, CodRemittances],
    }
}
