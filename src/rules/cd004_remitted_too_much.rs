//! CD-004 A remittance holds cash that was not collected, or holds it twice.

use crate::frame::cod_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A remittance holds cash that was not collected, or holds it twice.
    ///
    /// ## Why it matters
    /// The carrier takes back what it sent by mistake, and the cash of an order that nobody knows is missing elsewhere (§16.7). An account whose exports
    /// do not hold all orders (`complete`) knows nothing of an order that is not there.
    ///
    /// ## What to do
    /// Ask the carrier for which parcel it sent the cash, and keep it apart until then.
    ///
    /// ## Example
    /// ```text given cod_facts
    /// order_no | remitted | remitted_over | rounding | test
    /// 1        | 70000    | 35000         | 50       | no
    /// 2        | 35000    | 0             | 50       | no
    /// 3        | 35050    | 50            | 50       | no
    /// 4        |          |               | 0        | no
    /// 5        | 70000    | 35000         | 50       | yes
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "CD-004" "remitted-too-much" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Cash,
        remedy: ExplainRemittance,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "more was sent than was collected" => f::remitted_over.number().gt(f::rounding.number()),
        ],
        money: |_| Some(f::remitted_over.expr()),
        due: |_| None,
        evidence: [f::remitted, f::remittances, f::owed, f::collected, f::outcome],
        rests_on: [TrackingEvents],
    }
}
