//! PY-012 A statement is missing: a payout date has passed without one, or the periods of two do not join.

use crate::frame::payout_day_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A statement is missing: a payout date has passed without one, or the periods of two do not join.
    ///
    /// ## Why it matters
    /// Orders were to be paid that day, the grace is over, and no statement of that day or later was read. Or the periods of the
    /// statements leave time out, or hold it twice: what was paid for it cannot be judged. One finding for the earliest uncovered payout
    /// date stands for all orders (rulebook §9.4, §15.21); each gap and each overlap has its own (§16.8). Its money is what was to be paid
    /// for the orders concerned, which raise no finding of their own (§16.18). Periods are instants where the export has times: the end is
    /// exclusive then, and a day without a time is part of its period. Of statements without periods, a payout date on which nothing
    /// at all was sent, until the next one, lacks its statement where earlier and later ones were read. Several of one period are no overlap,
    /// and a gap in which nothing was due of a complete account needs no statement.
    ///
    /// ## What to do
    /// Fetch the missing statement; of two that overlap, find out which one counts.
    ///
    /// ## Example
    /// ```text given payout_day_facts
    /// payout_on  | missing | has_statements | gap_from   | overlap_from
    /// 2026-12-02 | yes     | yes            |            |
    /// 2026-12-11 | no      | yes            |            |
    /// 2026-11-21 | no      | no             |            |
    /// 2026-10-12 | yes     | yes            | 2026-10-02 |
    /// 2026-10-21 | yes     | yes            |            | 2026-10-11
    /// 2026-10-22 | no      | yes            | 2026-10-02 |
    /// 2026-10-23 | yes     | no             |            |
    /// ```
    /// ```text finds
    /// 2026-10-12
    /// 2026-10-21
    /// 2026-12-02
    /// ```
    "PY-012" "statement-missing" version 3 {
        severity: |_| Severity::Medium.into(),
        subject: PayoutDay,
        remedy: RequestFile,
        needs: [],
        when: |ctx| [
            "the account has a payout source" => f::has_statements.set(),
            "it is the earliest date without a statement, or of periods that do not join" => f::missing.set(),
        ],
        money: |_| Some(f::unpaid.expr()),
        due: |_| None,
        evidence: [
            f::payout_on,
            f::orders,
            f::expected,
            f::unpaid_orders,
            f::unpaid,
            f::unpaid_others,
            f::one_order,
            f::covered,
            f::gap_from,
            f::overlap_from,
            f::period_before_to,
            f::period_after_from,
        ],
        rests_on: [PayoutLines, Statements],
    }
}
