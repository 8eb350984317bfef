//! PY-012 A payout date has passed without a statement.

use crate::frame::payout_day_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A payout date has passed without a statement.
    ///
    /// ## Why it matters
    /// Orders were to be paid that day, the grace is over, and no statement of that day or later was read. One finding for the earliest
    /// such date stands for all its orders (rulebook §15.21).
    ///
    /// ## What to do
    /// Fetch the missing statement.
    ///
    /// ## Example
    /// ```text given payout_day_facts
    /// payout_on  | first_missing | has_statements
    /// 2026-12-02 | yes           | yes
    /// 2026-12-11 | no            | yes
    /// 2026-11-21 | no            | no
    /// ```
    /// ```text finds
    /// 2026-12-02
    /// ```
    "PY-012" "statement-missing" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: PayoutDay,
        remedy: RequestFile,
        needs: [PaysByCalendar],
        when: |ctx| [
            "the account has a payout source" => f::has_statements.set(),
            "it is the earliest date without a statement" => f::first_missing.set(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::payout_on, f::orders, f::expected, f::one_order],
    }
}
