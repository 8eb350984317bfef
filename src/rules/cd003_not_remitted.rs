//! CD-003 The carrier has not sent the cash that it collected.

use crate::frame::cod_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::Severity;

declare_rule! {
    /// The carrier has not sent the cash that it collected.
    ///
    /// ## Why it matters
    /// The parcel was delivered against cash, the days in which the carrier must send it are over (`cod_remit_days`, working days), remittances of that
    /// carrier are read, and the cash stands in none (§16.7). Where the carrier says nothing of the amount, the amount of the
    /// order counts. The finding is *high* where no remittance of the day of the delivery or later was read: then a file may be missing. Cash that
    /// was sent in another currency is not compared.
    ///
    /// ## What to do
    /// Look first whether all remittances of the carrier are read. Claim the cash from the carrier with the parcel's number and the day of the delivery.
    ///
    /// ## Example
    /// ```text given cod_facts
    /// order_no | delivered_on | to_collect | collected | collection_told | outstanding | rounding | sent_by_event | remit_due_on | remittances_read | remittance_covers | remitted_otherwise | test
    /// 1        | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// 2        | 2026-11-20   | 35000      |           | no              | 35000       | 0        | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// 3        | 2026-11-20   | 35000      | 35000     | yes             | 50          | 50       | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// 4        | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | yes           | 2026-12-01   | yes              | yes               | no                 | no
    /// 5        | 2026-12-02   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-11   | yes              | yes               | no                 | no
    /// 6        | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | no               | no                | no                 | no
    /// 7        | 2026-11-20   | 35000      |           | yes             | 35000       | 0        | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// 8        | 2026-11-20   | 0          | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// 9        | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | yes              | yes               | no                 | yes
    /// 10       | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | yes              | no                | no                 | no
    /// 11       | 2026-11-20   | 35000      | 35000     | yes             | 35000       | 50       | no            | 2026-12-01   | yes              | yes               | yes                | no
    /// 12       | 2026-11-20   | 35000      | 0         | yes             | 35000       | 0        | no            | 2026-12-01   | yes              | yes               | no                 | no
    /// ```
    /// ```text finds
    /// 1
    /// 10
    /// 2
    /// ```
    "CD-003" "not-remitted" version 2 {
        severity: |_| Severities {
            when: vec![(f::remittance_covers.not_set(), Severity::High)],
            otherwise: Severity::Critical,
        },
        subject: Cash,
        remedy: ClaimCash,
        needs: [],
        when: |ctx| [
            "is not a test" => f::test.not_set(),
            "cash was to be collected" => f::to_collect.gt(0),
            "the carrier does not say that none was" => f::collected.gt(0).or(f::collection_told.not_set()),
            "the carrier's days are over" => f::remit_due_on.lt(ctx.today()),
            "remittances of the carrier are read" => f::remittances_read.set(),
            "no remittance holds cash of it in another currency" => f::remitted_otherwise.not_set(),
            "no event says that it was sent" => f::sent_by_event.not_set(),
            "it is in no remittance" => f::outstanding.number().gt(f::rounding.number()),
        ],
        money: |_| Some(f::outstanding.expr()),
        due: |_| Some(f::remit_due_on.expr()),
        evidence: [f::owed, f::collected, f::delivered_on, f::remit_due_on, f::remitted],
        rests_on: [TrackingEvents, CodRemittances],
    }
}
