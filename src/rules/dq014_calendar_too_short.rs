//! DQ-014 A calendar is too short.

use crate::frame::source_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// A calendar ends before a date that orders of the source need.
    ///
    /// ## Why it matters
    /// Payout dates and working days beyond the calendar are not computable: the orders concerned are in no forecast, and are never said to be
    /// unpaid. There is no silent fallback to weekdays.
    ///
    /// ## What to do
    /// Extend the calendar pack, or name another `payout_calendar` of the account.
    ///
    /// ## Example
    /// ```text given source_facts
    /// source    | short_calendar | beyond_calendar_on
    /// orders    | calendars/cz   | 2036-01-02
    /// payouts   |                |
    /// ```
    /// ```text finds
    /// orders
    /// ```
    "DQ-014" "calendar-too-short" version 1 {
        severity: |_| Severity::High.into(),
        subject: Source,
        remedy: ExtendPack,
        needs: [],
        when: |ctx| [
            "a calendar is too short" => f::short_calendar.is_empty().not(),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::short_calendar, f::beyond_calendar_on],
    }
}
