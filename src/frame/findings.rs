//! One row per finding.

use super::column::frame;

/// Name of the frame of findings that are gone; same columns.
pub const RESOLVED: &str = "resolved";
/// Name of the frame of findings that others suppress; same columns.
pub const SUPPRESSED: &str = "suppressed";

frame! {
    findings, sorted by [code, account, order_no, shipment, statement, subject] {
        /// Hash of code and business keys.
        finding_id: Text,
        /// The rule's code.
        code: Word,
        /// How bad ([`crate::vocab::Severity`]).
        severity: Word,
        /// The account, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The order, or empty.
        order_no: Text,
        /// The tracking number, or empty.
        shipment: Text,
        /// The statement, or empty.
        statement: Text,
        /// The subject, or empty.
        subject: Text,
        /// Money at stake, unsigned; null when there is none.
        money: Money,
        /// Currency of the money.
        currency: Word,
        /// Deadline; null when there is none.
        due: Date,
        /// The deadline is *at once*: the day of first sight, and stays (§16.15).
        due_at_once: Flag,
        /// As-of date of the first publication that had it.
        first_seen: Date,
        /// Days since.
        nights_open: Int,
        /// Beside the previous publication ([`crate::vocab::FindingState`]).
        state: Word,
        /// The rule's version and the policy it used.
        rule_version: Text,
        /// JSON array of the cells that prove it.
        evidence: Text,
        /// What to do ([`crate::vocab::Remedy`]).
        remedy: Word,
        /// JSON array of `{field, before, now}`: what the previous publication said otherwise; null unless the state is *changed*.
        change: Text,
        /// JSON object: the cell of tonight that resolved it, beside its former value; null while the finding stands.
        resolved_by: Text,
    }
}
