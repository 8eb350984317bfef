//! DQ-010 Rows have vanished.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// Rows that the previous publication used are in no file of tonight.
    ///
    /// ## Why it matters
    /// An export that loses rows hides orders and money. A key (of orders, shop orders, statements, documents, supplier orders, shipments) has
    /// vanished when the previous publication used it, no input of tonight holds it, used or in quarantine, and tonight's files of its source still
    /// look at its time: its main date lies after the first and not after the last main date of tonight's rows of the source. So a window of days
    /// that rolls on is no loss, and neither is its first day, in the middle of which it may begin. A row without a main date, and a source that was
    /// not read tonight, are not judged. Low where the account is not declared `complete`. An export that drops rows by their state (open orders
    /// only) loses rows by design: put `DQ-010` on the pipeline's list of ignored rules.
    ///
    /// The money is the sum of the control amounts (of an order goods, postage and COD fee) in the account's currency.
    ///
    /// ## What to do
    /// Fetch the export again, or ask the system why the rows are gone.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | vanished | vanished_money | vanished_keys
    /// orders    | 2        | 150000         | A1, A7
    /// payouts   | 0        |                |
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-010" "rows-vanished" version 1 {
        severity: |ctx| if ctx.is_complete { Severity::Medium } else { Severity::Low }.into(),
        subject: Source,
        remedy: RequestFile,
        needs: [],
        when: |ctx| [
            "keys have vanished" => f::vanished.gt(0),
        ],
        money: |_| Some(f::vanished_money.expr()),
        due: |_| None,
        evidence: [f::vanished, f::vanished_money, f::vanished_keys],
    }
}
