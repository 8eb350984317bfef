//! ST-017 An order was delivered before it was shipped, or shipped before it was created.

use crate::frame::order_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::Severity;

declare_rule! {
    /// An order was delivered before it was shipped, or shipped before it was created.
    ///
    /// ## Why it matters
    /// One of the times is wrong, and payout dates hang on them. Days are compared, because exports may hold days only.
    ///
    /// ## What to do
    /// Find out which of the times is wrong, and have it corrected.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | created_on | shipped_on | delivered_on | test
    /// 1        | 2026-11-01 | 2026-11-05 | 2026-11-04   | no
    /// 2        | 2026-11-05 | 2026-11-04 | 2026-11-09   | no
    /// 3        | 2026-11-05 |            | 2026-11-04   | no
    /// 4        | 2026-11-05 | 2026-11-05 | 2026-11-05   | no
    /// 5        | 2026-11-05 | 2026-11-06 |              | no
    /// 6        |            | 2026-11-06 | 2026-11-07   | no
    /// 7        | 2026-11-01 | 2026-11-05 | 2026-11-04   | yes
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// 3
    /// ```
    "ST-017" "impossible-sequence" version 1 {
        severity: |_| Severity::Medium.into(),
        subject: Order,
        remedy: CorrectState,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "a later step has an earlier day" => f::delivered_on.number().lt(f::shipped_on.number()).or(f::shipped_on.number().lt(f::created_on.number())).or(f::delivered_on.number().lt(f::created_on.number())),
        ],
        money: |_| None,
        due: |_| None,
        evidence: [f::created_at, f::shipped_at, f::delivered_at],
    }
}
