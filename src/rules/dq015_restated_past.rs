//! DQ-015 A closed past has changed.

use crate::frame::restated_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A figure of a closed day or month differs from what the previous publication showed.
    ///
    /// ## Why it matters
    /// Somebody has booked the former figure. Compared are day × shipping day by day, what each statement paid, and the rates of calendar months
    /// (§16.11); days and months that were not over at the as-of date of the previous publication may still change. Orders that left the export
    /// because its window of time rolled on change nothing, nor does an account of which a source was not read tonight. The money is the
    /// difference, of several amounts of a day the sum of their differences without signs.
    ///
    /// ## What to do
    /// Look at the orders or payout lines named in the proof. If the new figure is right, book the difference on the day; if the export
    /// dropped or changed rows by mistake, fetch it again. A moved order that stands in quarantine tonight is to be read first.
    ///
    /// ## Example
    /// ```text given restated_facts
    /// day        | metric        | statement_id | before                | now                   | difference
    /// 2026-11-01 |               |              | DPD goods_paid 100.00 | DPD goods_paid 60.00  | 4000
    /// 2026-11-02 |               |              | DPD goods_paid 100.00 | DPD goods_paid 100.00 | 0
    /// 2026-11-03 |               | S1           | paid 500.00           | paid 450.00           | 5000
    /// 2026-10-01 | tracking_rate |              | 9 of 10               | 8 of 10               |
    /// ```
    /// ```text finds
    /// tracking_rate|2026-10
    /// 2026-11-01
    /// 2026-11-03
    /// ```
    "DQ-015" "restated-past" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Restated,
        remedy: BookDifference unless [
            ReadRowsFirst when f::moved_quarantined.gt(0),
            Verify when f::metric.is_empty().not(),
        ],
        needs: [],
        when: |ctx| [
            "the figure differs" => f::before.expr().neq(f::now.expr()),
        ],
        money: |_| Some(f::difference.expr()),
        due: |_| None,
        evidence: [
            f::day,
            f::before,
            f::now,
            f::difference,
            f::moved,
            f::moved_keys,
            f::moved_quarantined,
            f::moved_here,
        ],
    }
}
