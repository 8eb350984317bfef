//! DQ-008 Orders lie outside the validity of their marketplace's rules.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A source holds orders of days on which the marketplace took none by the rules that the pack knows.
    ///
    /// ## Why it matters
    /// A marketplace closes or changes hands, and its later orders follow other rules (K40, K41, A33). They are judged by the old ones all the
    /// same, so what is said of their dates and amounts may be wrong.
    ///
    /// ## What to do
    /// Give the later orders an account of their own, with the pack of the new rules.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | outside_validity | outside_validity_on
    /// orders    | 3                | 2025-04-01
    /// payouts   | 0                |
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-008" "outside-validity" version 1 {
        severity: |_| Severity::Info.into(),
        subject: Source,
        remedy: ExtendPack,
        needs: [],
        when: |ctx| [
            "orders lie outside the validity of the pack" => f::outside_validity.gt(0),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::outside_validity, f::outside_validity_on],
    }
}
