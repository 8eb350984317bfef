//! CD-005 The parcels of a remittance do not add up to what was sent.

use polars::prelude::lit;

use crate::frame::remittance_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// The parcels of a remittance do not add up to what was sent.
    ///
    /// ## Why it matters
    /// One transfer holds the cash of many parcels, less the carrier's fees where it keeps them (§16.7). Its total is that of the transfer, else the one that
    /// the file states; rows of two currencies are not added.
    ///
    /// ## What to do
    /// Ask the carrier for the list of the transfer, and claim the difference with both sums.
    ///
    /// ## Example
    /// ```text given remittance_facts
    /// statement_id | sum   | total | difference
    /// 7001         | 55300 | 50000 | 5300
    /// 7002         | 50000 | 50000 | 0
    /// 7003         | 50000 |       |
    /// 7004         | 49999 | 50000 | -1
    /// ```
    /// ```text finds
    /// 7001
    /// 7004
    /// ```
    "CD-005" "remittance-total" version 1 {
        severity: |_| Severity::High.into(),
        subject: Remittance,
        remedy: ExplainRemittance,
        needs: [],
        when: |ctx| [
            "its total is another than the sum of its rows" => f::difference.number().neq(lit(0i64)),
        ],
        money: |_| Some(f::difference.expr()),
        due: |_| None,
        evidence: [f::statement_id, f::rows, f::cash, f::other, f::total, f::difference],
        rests_on: [CodRemittances],
    }
}
